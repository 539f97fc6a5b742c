"""Invented enterprises of the zone: no such firm exists; industries, sizes and districts are in believable proportion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from consortium.accounts.models import Tenant
from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.people import member
from consortium.demonstration.works import WORKS, Work
from consortium.organisations.models import Enterprise, PostFamily
from consortium.reference import identity, industries
from consortium.reference.places import ZONE
from consortium.shared.access import Role, TenantKind

COUNT = 120
# Rare characters joined: names that sound like a firm's and, as far as we know, are nobody's.
FIRST, SECOND = "澹峤翊湉堃砚汀铄岑珩昀棠", "钧沅禾珂峦桐霁笙柘岫"
PINYIN = {
    "澹": "Dan", "峤": "Qiao", "翊": "Yi", "湉": "Tian", "堃": "Kun", "砚": "Yan", "汀": "Ting", "铄": "Shuo", "岑": "Cen", "珩": "Heng", "昀": "Yun", "棠": "Tang",
    "钧": "jun", "沅": "yuan", "禾": "he", "珂": "ke", "峦": "luan", "桐": "tong", "霁": "ji", "笙": "sheng", "柘": "zhe", "岫": "xiu",
}  # fmt: skip

# GB/T 4754-2017 code, word in the Chinese name, in the English name, weight.
TRADES: tuple[tuple[str, str, str, int], ...] = (
    ("3252", "铝业", "Aluminium", 7), ("3240", "合金材料", "Alloys", 4), ("3254", "稀有金属", "Rare Metals", 2), ("2651", "新材料", "New Materials", 6),
    ("2929", "塑胶科技", "Plastics", 5), ("3073", "特种陶瓷", "Advanced Ceramics", 3), ("3041", "玻璃", "Glass", 2), ("2641", "涂料", "Coatings", 3),
    ("3311", "金属结构", "Metal Structures", 3), ("3360", "表面技术", "Surface Technology", 2),
    ("3421", "数控机床", "Machine Tools", 3), ("3459", "传动机械", "Drives", 3), ("3562", "智能装备", "Smart Equipment", 4), ("3670", "汽车零部件", "Auto Parts", 6),
    ("3821", "电气", "Electric", 4), ("3831", "线缆", "Cables", 3), ("3841", "新能源电池", "Batteries", 3), ("4011", "自动化设备", "Automation", 4),
    ("3989", "电子科技", "Electronics", 6), ("3982", "电路", "Circuits", 5), ("3985", "电子材料", "Electronic Materials", 3), ("3912", "精密电子", "Precision Electronics", 3),
    ("3921", "通信设备", "Communications", 2), ("6513", "软件", "Software", 4), ("6531", "信息技术", "Information Technology", 3),
    ("2720", "制药", "Pharmaceuticals", 4), ("2740", "中药", "Chinese Medicines", 3), ("2761", "生物科技", "Biotech", 4), ("2770", "医用材料", "Medical Materials", 2),
    ("5920", "仓储物流", "Logistics", 3), ("1411", "食品", "Foods", 2), ("7241", "财税服务", "Accounting Services", 2), ("6110", "酒店", "Hotel", 2),
    ("4620", "环保", "Environment", 2), ("8522", "康养服务", "Care Services", 1),
)  # fmt: skip
AGENTS: tuple[tuple[str, str, str, str], ...] = (
    ("7263", "劳务派遣", "Labour Dispatch", "labour_dispatch"), ("7263", "人力资源", "Staffing", "labour_dispatch"), ("7262", "职业介绍", "Job Agency", "intermediary"),
)  # fmt: skip
TOWNS = {ZONE: 62, "441802103": 8, "441802105": 8, "441802106": 7, "441802009": 4, "441803102": 5, "441803104": 3, "441821102": 3}
SITES = ("创兴大道", "建设三路", "银英公路", "嘉福工业园", "百嘉工业园", "雄兴工业城", "德龙大道", "广清产业园A区")


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise in the book, with its kinds of posts: (family, head-count, work)."""

    tenant_id: int
    name: str
    leading: str
    host_type: str
    place_code: str
    staff: int
    verified: bool
    families: tuple[tuple[int, int, Work], ...]


def write_enterprises(book: Book) -> list[Firm]:
    """Tenants, enterprises, kinds of posts and staff. The first is a large equipment maker: the door to enter by."""
    dice = Dice(book.seed, "enterprises")
    names = [a + b for a in FIRST for b in SECOND]
    dice.shuffle(names)
    picks: list[tuple[str, str, str, str]] = [("4011", "自动化设备", "Automation", "enterprise")]
    picks += [(c, z, e, "enterprise") for c, z, e, _ in dice.choices(TRADES, [t[3] for t in TRADES], k=COUNT - 1 - len(AGENTS))]
    picks[40:40] = AGENTS
    firms = []
    for turn, (code, trade, trade_en, host_type) in enumerate(picks, 1):
        word = names[turn - 1]
        name = f"清远{word}{trade}有限公司"
        staff = 860 if turn == 1 else _size(dice)
        verified = host_type == "enterprise" and (turn <= 3 or dice.chance(0.93))
        place = ZONE if turn == 1 else dice.weighted(TOWNS)
        leading = industries.leading(code)
        tenant_id = book.add(
            Tenant, kind=TenantKind.ENTERPRISE.value, name_zh=name, name_en=f"Qingyuan {PINYIN[word[0]]}{PINYIN[word[1]]} {trade_en} Co., Ltd.", state="active"
        )
        book.add(
            Enterprise, version=1, tenant_id=tenant_id, credit_code=book.fresh(lambda: identity.invented_credit(dice)), industry_code=code, host_type=host_type, place_code=place,
            address=f"{dice.choice(SITES)}{dice.randint(1, 98)}号", about=_about(dice, trade, staff, book.on.year), staff=staff,
            staff_as_of=book.on - timedelta(days=dice.randint(5, 200)), verified_at=book.at(-dice.randint(40, 300)) if verified else None,
            credit_checked_on=book.on - timedelta(days=dice.randint(10, 200)) if verified else None, ledger_turn=0,
        )  # fmt: skip
        firms.append(Firm(tenant_id, name, leading, host_type, place, staff, verified, _families(book, dice, tenant_id, leading, staff, turn == 1)))
        member(book, dice, tenant_id, Role.ENTERPRISE_HEAD, f"boss{turn:03d}")
        if turn > 1 and staff < 60:
            continue
        member(book, dice, tenant_id, Role.ENTERPRISE_MEMBER, f"hr{turn:03d}")
        member(book, dice, tenant_id, Role.MENTOR, f"mentor{turn:03d}")
        if turn == 5:  # somebody who acts for two firms, to show the switch
            member(book, dice, tenant_id, Role.ENTERPRISE_MEMBER, "", person_id=_first_recruiter(book))
    return firms


def _first_recruiter(book: Book) -> int:
    from consortium.accounts.models import Membership

    return int(next(m["person_id"] for m in book.of(Membership) if m["role"] == Role.ENTERPRISE_MEMBER.value))


def _size(dice: Dice) -> int:
    """Many middling, some small, a few large: 8 to 3,000."""
    middle = dice.weighted({16: 12, 60: 24, 160: 34, 420: 20, 1100: 8, 2400: 2})
    return max(8, min(3000, int(middle * dice.uniform(0.55, 1.5))))


def _families(book: Book, dice: Dice, tenant_id: int, leading: str, staff: int, door: bool) -> tuple[tuple[int, int, Work], ...]:
    """Kinds of posts with head-counts: together well below the whole."""
    fitting = [w for w in WORKS if leading in w.leading]
    count = 6 if door else max(1, min(6, 1 + staff // 110))
    if door:
        wanted = ("设备维修", "电气维护", "机器人运维", "机械装配", "产品检验", "仓储物流")
        works = [w for w in WORKS if w.family in wanted]
    else:
        works = []
        while len(works) < min(count, len(fitting)):
            work = dice.choices(fitting, [w.weight for w in fitting])[0]
            if work not in works:
                works.append(work)
    rest, found = staff * 0.85, []
    for turn, work in enumerate(works):
        heads = max(2, int(rest * (dice.uniform(0.3, 0.55) if turn + 1 < len(works) else 0.8)))
        rest = max(rest - heads, 4)
        known = door or not dice.chance(0.02)  # some firms have not told the head-count: their cap is not known
        number = book.add(
            PostFamily, version=1, tenant_id=tenant_id, name=work.family, staff=heads if known else None, staff_as_of=book.on - timedelta(days=dice.randint(5, 120))
        )
        found.append((number, heads if known else 0, work))
    return tuple(found)


def _about(dice: Dice, trade: str, staff: int, year: int) -> str:
    if dice.chance(0.15):
        return ""
    since = dice.randint(2003, 2021)
    return dice.choice(
        (
            f"公司成立于{since}年，主营{trade}，现有员工{staff}余人，产品销往珠三角。",
            f"专注{trade}领域{year - since}年，设有实训车间，长期与本地职业院校合作。",
            f"{since}年落户清远高新区。主要产品：{trade}相关。厂区有宿舍、食堂、篮球场。",
            f"{trade}生产企业，通过ISO9001体系认证，员工{staff}人左右，两班制车间与行政班并存。",
        )
    )
