"""Invented students: classes and advisers, courses, skills with source and date, certificates, wishes in several hands."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from consortium.demonstration.colleges import SECONDARY, Campus
from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.people import member, person_name
from consortium.demonstration.works import WORKS, Work
from consortium.demonstration.writing import about, wish
from consortium.reference import identity, majors
from consortium.reference.majors import Major
from consortium.reference.places import ZONE
from consortium.shared import sealed
from consortium.shared.access import Role
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill
from consortium.students.rules import CONSENT_VERSION, MATCHING, age_on

CLASS_SIZE = 42
CONSENT, WITH_ACCOUNT = 0.9, 0.55
COURSES: dict[str, str] = {
    "06": "机械制图 电工技术 机械基础 液压与气动 PLC应用 传感器技术 金工实习 数控编程 工业机器人基础 公差与测量",
    "03": "材料科学基础 金属热处理 材料力学性能 挤压与轧制 高分子物理 塑料成型工艺 分析化学 物理检测",
    "04": "建筑识图与构造 工程测量 建筑材料 工程造价 BIM应用 施工组织 建筑电气",
    "07": "无机及分析化学 有机化学 仪器分析 化工单元操作 微生物学 生物化学 发酵技术",
    "09": "药物化学 药剂学 药物分析 GMP实务 食品微生物 食品理化检验 食品工艺",
    "10": "汽车构造 汽车电器 新能源汽车技术 汽车故障诊断 城轨机电设备",
    "11": "电路基础 模拟电子技术 数字电子技术 C语言程序设计 数据库应用 计算机网络 单片机原理 Web前端 Java程序设计",
    "12": "人体解剖 基础护理 内科护理 健康评估", "13": "基础会计 财务会计 税法 经济法 电商运营 市场营销 仓储与配送 供应链管理 ERP",
    "14": "旅游概论 酒店前厅 餐饮服务 服务礼仪", "15": "设计素描 Photoshop 版式设计 包装设计", "17": "商务英语 英语听说 外贸函电 跨文化交际",
    "19": "人力资源管理 秘书实务 劳动法 公文写作", "02": "环境监测 水处理工程 安全评价 职业卫生",
}  # fmt: skip
GENERAL_COURSES = "大学英语 高等数学 信息技术基础"
OWN_WORDS = ("excel", "teamwork", "english", "office")
PLACES = ("清远高新区", "清远市区", "清城", "广州", "佛山", "离家近的地方")


@dataclass
class Side:
    """What the works of the zone say to one major class: kinds of work, their skills and certificates."""

    works: list[Work] = field(default_factory=list)

    @property
    def skills(self) -> list[str]:
        return list(dict.fromkeys(code for work in self.works for code in work.skills.split()[:4]))

    @property
    def certificates(self) -> list[str]:
        return list(dict.fromkeys(code for work in self.works for code in work.certificates.split()))


def write_students(book: Book, campuses: list[Campus], count: int, skill_ids: dict[str, tuple[int, str]], id_key: str) -> None:
    """All students with their accounts; the first is the door to enter by and has much to show."""
    dice = Dice(book.seed, "students")
    sides: dict[str, Side] = defaultdict(Side)
    for work in WORKS:
        for class_key in work.classes.split():
            sides[class_key].works.append(work)
    shares = {campus.tenant_id: campus.share for campus in campuses}
    by_tenant = {campus.tenant_id: campus for campus in campuses}
    numbers: dict[tuple[int, int], int] = defaultdict(int)
    classes: dict[tuple[int, str, int], list[int]] = defaultdict(list)
    for turn in range(count):
        door = turn == 0
        campus = campuses[0] if door else by_tenant[dice.weighted(shares)]
        major = majors.all_majors()["460301" if door else dice.weighted(campus.majors)]
        grade = 3 if door else dice.weighted({1: 12, 2: 36, 3: 52})
        began = book.on.year - grade + (1 if book.on.month >= 9 else 0)
        numbers[campus.tenant_id, began] += 1
        student_no = f"{began}{campus.code[-4:]}{numbers[campus.tenant_id, began]:05d}"
        _write(book, dice, campus, major, grade, began, student_no, sides[major.class_key], classes, skill_ids, id_key, door)


def _write(
    book: Book, dice: Dice, campus: Campus, major: Major, grade: int, began: int, student_no: str, side: Side,
    classes: dict[tuple[int, str, int], list[int]], skill_ids: dict[str, tuple[int, str]], id_key: str, door: bool,
) -> None:  # fmt: skip
    female = dice.chance(_share_of_women(major)) and not door
    name = person_name(dice, female)
    old = 15 if campus.level == SECONDARY else 18
    birth_on = date(began - old - (0 if dice.chance(0.8) else 1), 9, 1) - timedelta(days=dice.randint(0, 364) if not door else 200)
    minor = age_on(birth_on, book.on) < 18
    number = book.fresh(lambda: identity.invented_identity(birth_on, dice, female))
    known = door or dice.chance(0.96)
    courses = dice.some(COURSES.get(major.category_key, GENERAL_COURSES).split(), 3, 6) if door or dice.chance(0.93) else []
    held = _skills(dice, side, grade, door)
    wants = _wants(dice, grade, door)
    works = side.works or list(WORKS[-6:])
    titles = [title for work in works for title in work.titles.split()]
    names = [skill_ids[code][1] for code in held if not code.startswith("cert_")]
    tasks = [task for work in works[:4] for task in work.tasks.split()]
    account = door or dice.chance(WITH_ACCOUNT)
    person_id = member(book, dice, campus.tenant_id, Role.STUDENT, f"{campus.code}-{student_no}".lower(), name=name)[0] if account else None
    guardian = minor or dice.chance(0.25)
    student = book.add(
        Student, version=1, tenant_id=campus.tenant_id, person_id=person_id, class_id=_class(book, campus, major, began, classes), student_no=student_no, name=name,
        sex=("F" if female else "M") if dice.chance(0.95) else "", birth_on=birth_on if door or dice.chance(0.985) else None,
        identity_sealed=sealed.seal(number, id_key) if known else None, identity_hash=sealed.keyed_hash(number, id_key) if known else None,
        identity_tail=sealed.masked(number) if known else "", phone=identity.invented_phone(dice) if door or dice.chance(0.95) else "", email="", level=campus.level,
        major_code=major.code, enrolled_on=date(began, 9, 1), graduates_on=date(began + 3, 6, 30),
        state="enrolled" if door else dice.weighted({"enrolled": 975, "on_leave": 20, "moved": 5}),
        guardian_name=person_name(dice, dice.chance(0.5)) if guardian else "", guardian_phone=identity.invented_phone(dice) if guardian else "",
        courses=dice.choice((" ", "、", "，")).join(courses), wish="设备维修技术员，想进自动化产线" if door else wish(dice, titles, [w.family for w in works], dice.choice(PLACES)),
        about=about(dice, names, courses, tasks, major.name) if not door else "学过电工技术和PLC应用，实训课做过控制柜配线与故障排查，会看电气图纸，参加过校级技能竞赛。",
        wants_zone=True if door else dice.choice((True, True, True, True, False, None)), shift_ok=True if door else dice.weighted({True: 4, False: 4, None: 2}),
        available_from=None if door or dice.chance(0.35) else book.on + timedelta(days=dice.choice((7, 20, 30, 60, 90))), available_until=None,
        least_pay_fen=dice.choice((250000, 280000, 300000, 350000)) if dice.chance(0.5) else None,
        places=dice.weighted({(): 6, (ZONE,): 3, ("4418",): 2}), own_edits=[], row_hash="", **wants,
    )  # fmt: skip
    book.of(Student)[student - 1]["places"] = list(book.of(Student)[student - 1]["places"])
    for code in held:
        since = book.on - timedelta(days=dice.randint(40, 300 * grade))
        source = "college" if code.startswith("cert_") or dice.chance(0.6) else "student"
        level = dice.weighted({1: 3, 2: 5, 3: 2}) if not door else 3
        book.add(StudentSkill, student_id=student, skill_id=skill_ids[code][0], level=level, source=source, since_on=since if dice.chance(0.85) else None)
    if door or dice.chance(CONSENT):
        by = "guardian" if minor and dice.chance(0.7) else "student"
        given = book.at(-dice.randint(1, 30))
        book.add(
            Consent, student_id=student, purpose=MATCHING, version=CONSENT_VERSION, given_by=by, given_at=given, withdrawn_at=None,
            evidence="家长签名扫描件" if by == "guardian" else "", created_at=given,
        )  # fmt: skip


def _class(book: Book, campus: Campus, major: Major, began: int, classes: dict[tuple[int, str, int], list[int]]) -> int:
    """Fill one class after the other: 24机电一体化1班, 24机电一体化2班 …"""
    key = (campus.tenant_id, major.code, began)
    seats = classes[key]
    if len(seats) % CLASS_SIZE == 0:
        turn = len(seats) // CLASS_SIZE + 1
        adviser = campus.advisers[len(book.of(SchoolClass)) % len(campus.advisers)]
        short = major.name.removesuffix("技术").removesuffix("应用")
        number = book.add(SchoolClass, tenant_id=campus.tenant_id, name=f"{began % 100}{short}{turn}班", major_code=major.code, adviser_id=adviser, cohort=began)
    else:
        number = seats[-1]
    seats.append(number)
    return number


def _skills(dice: Dice, side: Side, grade: int, door: bool) -> list[str]:
    if door:
        return ["equipment_maintenance", "electric_drawing", "plc", "motor_control", "electric_wiring", "cad", "cert_electrician_lv", "cert_english_a"]
    found = dice.some(side.skills, 0 if grade == 1 else 1, 1 + grade * 2) if not dice.chance(0.06) else []
    found += [code for code in OWN_WORDS if dice.chance(0.12)]
    if grade > 1:
        found += dice.some(side.certificates, 0, 2 if dice.chance(0.4) else 0)
        found += [code for code, share in (("cert_computer1", 0.18), ("cert_english_a", 0.15), ("cert_driving", 0.1), ("cert_cet4", 0.04)) if dice.chance(share)]
    return list(dict.fromkeys(found))


def _wants(dice: Dice, grade: int, door: bool) -> dict[str, bool | None]:
    if door:
        return {"wants_internship": True, "wants_job": True}
    if grade == 3:
        return {"wants_internship": dice.weighted({True: 90, False: 6, None: 4}), "wants_job": dice.weighted({True: 60, False: 25, None: 15})}
    return {"wants_internship": dice.weighted({True: 84, False: 6, None: 10}), "wants_job": dice.weighted({True: 2, False: 88, None: 10})}


def _share_of_women(major: Major) -> float:
    return {"06": 0.12, "10": 0.15, "03": 0.3, "04": 0.3, "11": 0.3, "07": 0.5, "09": 0.6, "12": 0.88, "13": 0.7, "14": 0.7, "15": 0.6, "17": 0.8, "19": 0.7}.get(
        major.category_key, 0.5
    )
