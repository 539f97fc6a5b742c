"""The real colleges of the city with the majors they may be thought to run, and the students' and teachers' side of each."""

from __future__ import annotations

from dataclasses import dataclass

from consortium.accounts.models import Tenant
from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.people import member
from consortium.organisations.models import College, CollegeMajor
from consortium.reference import colleges, majors
from consortium.shared.access import Role, TenantKind

HIGHER, SECONDARY = "高职专科", "中职"

# Share of the students here, and majors with their weight; the proportions are a guess from what the colleges are known for,
# not enrolment figures. An ordinary university (广东金融学院) is left out: the regulation on internships covers vocational students.
RUNS: dict[str, tuple[float, str]] = {
    "清远职业技术学院": (20, "机电一体化技术 14 电气自动化技术 9 工业机器人技术 6 数控技术 7 模具设计与制造 5 汽车检测与维修技术 4 应用电子技术 6 计算机应用技术 6 "
                            "软件技术 5 药品生产技术 7 食品检验检测技术 4 护理 7 电子商务 5 大数据与会计 6 现代物流管理 4 高分子材料智能制造技术 3"),
    "广东工程职业技术学院": (12, "电气自动化技术 7 机械制造及自动化 8 材料成型及控制技术 6 材料工程技术 6 金属材料检测技术 5 分析检验技术 5 环境监测技术 4 物联网应用技术 5 工程造价 5 大数据与会计 4"),
    "广东交通职业技术学院": (11, "汽车检测与维修技术 8 新能源汽车技术 8 机电一体化技术 8 现代物流管理 7 计算机网络技术 6 城市轨道交通机电技术 6 现代通信技术 4 软件技术 4"),
    "广东科贸职业学院": (10, "食品检验检测技术 7 食品智能加工技术 5 电子商务 7 大数据与会计 6 计算机应用技术 6 物联网应用技术 5 药品生物技术 6 市场营销 5"),
    "广东建设职业技术学院": (9, "建筑工程技术 9 工程造价 8 建筑电气工程技术 6 机电一体化技术 7 建筑材料工程技术 5 建筑室内设计 5 工业机器人技术 4 安全技术与管理 3"),
    "广东岭南职业技术学院": (9, "药品生产技术 8 药品质量与安全 7 药品生物技术 5 护理 6 软件技术 7 电子信息工程技术 7 机电一体化技术 5 视觉传达设计 4"),
    "广东南华工商职业学院": (8, "大数据与会计 9 工商企业管理 7 电子商务 8 人力资源管理 5 商务英语 5 计算机网络技术 6 国际经济与贸易 4 视觉传达设计 4"),
    "广东财贸职业学院": (7, "大数据与会计 10 国际经济与贸易 6 市场营销 6 现代物流管理 6 电子商务 7 大数据技术 4 酒店管理与数字化运营 3"),
    "广东碧桂园职业学院": (4, "工程造价 6 建筑工程技术 7 建筑室内设计 4 酒店管理与数字化运营 5 工业机器人技术 5"),
    "清远市技师学院": (6, "机电技术应用 8 数控技术应用 8 焊接技术应用 5 电气设备运行与控制 7 工业机器人技术应用 6 汽车运用与维修 5 电子技术应用 5 模具制造技术 4"),
    "清新区职业技术学校": (3, "机电技术应用 6 计算机应用 6 会计事务 5 电子商务 5 汽车运用与维修 4"),
    "连山壮族瑶族自治县职业技术学校": (1, "计算机应用 5 电子商务 4 旅游服务与管理 4 中餐烹饪 3"),
}  # fmt: skip
ADVISERS_PER_COLLEGE = 4


@dataclass(frozen=True, slots=True)
class Campus:
    """A college in the book: its tenant, level, share, majors with weights, and the memberships of its advisers."""

    tenant_id: int
    name: str
    code: str
    level: str
    share: float
    majors: dict[str, float]
    advisers: tuple[int, ...]
    officer_id: int


def write_colleges(book: Book) -> list[Campus]:
    """Tenants, colleges, majors and staff; the best known first, so that its people are the doors to enter by."""
    dice = Dice(book.seed, "colleges")
    known = {campus.name: campus for campus in colleges.in_qingyuan()}
    found = []
    for turn, (name, (share, told)) in enumerate(RUNS.items(), 1):
        campus = known[name]
        level = HIGHER if campus.level == HIGHER else SECONDARY
        code = campus.moe_code or f"44180000{turn:02d}"  # no ministry code is published for these schools: an invented one
        tenant_id = book.add(Tenant, kind=TenantKind.COLLEGE.value, name_zh=name, name_en=campus.name_en, state="active")
        book.add(College, version=1, tenant_id=tenant_id, moe_code=code, level=level)
        words = told.split()
        runs: dict[str, float] = {}
        for major_name, weight in zip(words[::2], words[1::2], strict=True):
            major = majors.named(major_name, level)[0]
            runs[major.code] = float(weight)
            book.add(CollegeMajor, tenant_id=tenant_id, major_code=major.code, first_cohort=book.on.year - 6, last_cohort=None)
        advisers = [member(book, dice, tenant_id, Role.CLASS_ADVISER, f"adviser{turn:02d}-{n}") for n in range(1, ADVISERS_PER_COLLEGE + 1)]
        _, officer = member(book, dice, tenant_id, Role.COLLEGE_OFFICER, f"officer{turn:02d}")
        member(book, dice, tenant_id, Role.COLLEGE_HEAD, f"dean{turn:02d}")
        found.append(Campus(tenant_id, name, code, level, share, runs, tuple(m for _, m in advisers), officer))
    return found
