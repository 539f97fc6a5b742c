"""Invented: the zone's list, firms that wait for their check, a quarter's question half answered, and rows of the three lists."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta

from consortium.accounts.models import JoinRequest, Membership, Person
from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.enterprises import FIRST, SECOND, TRADES, Firm
from consortium.demonstration.people import person_name
from consortium.organisations.models import (
    Check,
    CheckNote,
    Enterprise,
    IntentAnswer,
    IntentAsk,
    IntentRound,
    IntentWish,
    Licence,
    ListedEnterprise,
    ListItem,
)
from consortium.organisations.rules.intents import quarter_of
from consortium.reference import identity
from consortium.shared.access import Role
from consortium.shared.sealed import seal_bytes

UNREGISTERED = 24
CLASSES = {"新材料": ("0305", "0304", "0601"), "装备制造": ("0603", "0602", "0601"), "电子信息": ("1101", "1102", "1104"), "生物制药": ("0902", "0701", "1203"), "": ("1308", "1303", "1307")}
WHY_NOT = {"no-mentor": 5, "low-capacity": 4, "R26": 4, "R10": 2, "past-trainees": 2, "not-known-how": 3, "no-orders": 3}
PRODUCTS = {"新材料": ("高强铝合金型材", "稀土功能材料", "特种陶瓷基板"), "装备制造": ("桁架上下料机器人", "新能源汽车铝压铸件", "智能配电柜"), "电子信息": ("多层印制电路板", "车规级传感器模组", "5G小基站天线"), "生物制药": ("中药配方颗粒", "体外诊断试剂", "医用敷料"), "": ("冷链仓配服务", "预制菜")}
NEEDS = ("表面缺陷在线视觉检测", "熔铸能耗降低", "老旧产线数据采集与上云", "粉尘与废气治理", "高导热材料配方", "刀具寿命预测")
TALENTS = ("设备维修技术员", "数控编程员", "质量检验员", "工艺技术员", "电气调试员", "生产班组长储备")


def write_door(book: Book, firms: list[Firm], zone_tenant_id: int, key: str) -> None:
    """All of it; the first firm has answered and keeps its lists, so that the door to enter by shows them."""
    _zone_list(book, firms, zone_tenant_id)
    _checks(book, firms, key)
    _join(book, firms[0])
    _question(book, firms, zone_tenant_id)
    _lists(book, firms)


def _zone_list(book: Book, firms: list[Firm], zone: int) -> None:
    dice = Dice(book.seed, "zone list")
    rows = {row["tenant_id"]: row for row in book.of(Enterprise)}
    for firm in firms:
        row = rows[firm.tenant_id]
        if firm.verified:
            book.add(ListedEnterprise, version=1, tenant_id=zone, credit_code=row["credit_code"], name=firm.name, address=row["address"], industry_code=row["industry_code"], phone="")
    free = [b + a for a in FIRST for b in SECOND]  # turned round: no firm that is here bears it
    dice.shuffle(free)
    for turn in range(UNREGISTERED):
        code, trade, _english, _weight = dice.choice(TRADES)
        book.add(
            ListedEnterprise, version=1, tenant_id=zone, credit_code=book.fresh(lambda: identity.invented_credit(dice)), name=f"清远{free[turn]}{trade}有限公司",
            address=f"建设三路{dice.randint(1, 98)}号", industry_code=code, phone="",
        )  # fmt: skip


def _checks(book: Book, firms: list[Firm], key: str) -> None:
    """Firms that are not verified: most wait, one was asked for more."""
    heads = {row["tenant_id"]: row["person_id"] for row in book.of(Membership) if row["role"] == Role.ENTERPRISE_HEAD.value}
    picture = mock_licence()
    for turn, firm in enumerate(one for one in firms if not one.verified):
        state = "asked" if turn == 1 else "waiting"
        queued = book.at(-2 + turn / 12)
        number = book.add(Check, version=1, tenant_id=firm.tenant_id, state=state, queued_at=queued, decided_at=None)
        book.add(
            Licence, tenant_id=firm.tenant_id, check_id=number, kind="png", size=len(picture), sha256="0" * 64, sealed_content=seal_bytes(picture, key), created_at=queued
        )
        book.add(CheckNote, tenant_id=firm.tenant_id, check_id=number, person_id=heads[firm.tenant_id], side="firm", step="hand-in", text="", created_at=queued)
        if state == "asked":
            book.add(
                CheckNote, tenant_id=firm.tenant_id, check_id=number, person_id=1, side="zone", step="ask", text="执照照片右下角看不清，请补拍一张。", created_at=book.at(-1)
            )


def _join(book: Book, firm: Firm) -> None:
    dice = Dice(book.seed, "joins")
    person = book.add(
        Person, version=1, login="asks-to-join", name=person_name(dice, True), email="asks-to-join@example.com", phone=identity.invented_phone(dice), password_hash=None, language="zh", state="active"
    )
    book.add(JoinRequest, tenant_id=firm.tenant_id, person_id=person, state="asked", decided_at=None, created_at=book.at(-1))


def _question(book: Book, firms: list[Firm], zone: int) -> None:
    dice = Dice(book.seed, "intents")
    year, quarter = quarter_of(book.on)
    found = book.add(IntentRound, tenant_id=zone, year=year, quarter=quarter, closes_on=book.on + timedelta(days=18), closed_at=None, created_at=book.at(-3))
    for turn, firm in enumerate(firms):
        book.add(IntentAsk, round_id=found, tenant_id=firm.tenant_id, n_sent=1, last_sent_at=book.at(-1))
        if turn and not dice.chance(0.46):
            continue
        said = "yes" if turn == 0 else dice.weighted({"yes": 5, "perhaps": 3, "no": 3})
        reasons = [] if said != "no" else sorted({dice.weighted(WHY_NOT), dice.weighted(WHY_NOT)})
        answer = book.add(
            IntentAnswer, round_id=found, tenant_id=firm.tenant_id, answer=said, reasons=reasons, remark="", person_id=None, superseded_at=None,
            created_at=book.at(-dice.uniform(0.2, 2.8)),
        )  # fmt: skip
        if said != "no":
            for class_key in dice.some(CLASSES[firm.leading], 1, 2):
                book.add(IntentWish, tenant_id=firm.tenant_id, answer_id=answer, class_key=class_key, heads=max(1, firm.staff // dice.randint(60, 140)), kind="internship")


def _lists(book: Book, firms: list[Firm]) -> None:
    dice = Dice(book.seed, "three lists")
    nothing = {"standing": "", "cooperation": "", "budget_fen": None, "class_key": "", "level": "", "heads": None, "until_on": None}
    for turn, firm in enumerate(firms[:60]):
        common = {"version": 1, "tenant_id": firm.tenant_id, "state": "open", "published_at": book.at(-dice.randint(5, 60)), "about": ""}
        if turn < 3 or dice.chance(0.6):
            book.add(ListItem, **nothing | common | {"kind": "product", "title": dice.choice(PRODUCTS[firm.leading]), "standing": dice.choice(("省内主要供应商之一", "配套本地整车企业", "出口占三成", ""))})
        if turn == 0 or dice.chance(0.3):
            told = {"kind": "technology", "title": dice.choice(NEEDS), "cooperation": dice.choice(("joint", "commission", "advice", "testing"))}
            book.add(ListItem, **nothing | common | told | {"budget_fen": dice.choice((None, 5_000_000, 10_000_000, 30_000_000)), "until_on": book.on + timedelta(days=180)})
        if turn == 0 or dice.chance(0.5):
            told = {"kind": "talent", "title": dice.choice(TALENTS), "class_key": CLASSES[firm.leading][0], "level": dice.choice(("高职专科", "中职", ""))}
            book.add(ListItem, **nothing | common | told | {"heads": dice.randint(1, 12), "until_on": book.on + timedelta(days=120)})


def mock_licence(wide: int = 420, high: int = 300) -> bytes:
    """A picture that looks like a paper with lines and a seal, and says nothing: PNG, grey."""
    rows = []
    for y in range(high):
        row = bytearray(b"\xf6" * wide)
        if y in range(6, 10) or y in range(high - 10, high - 6):
            row[6 : wide - 6] = b"\x78" * (wide - 12)
        for x in (*range(6, 10), *range(wide - 10, wide - 6)):
            if 6 <= y < high - 6:
                row[x] = 0x78
        if 36 <= y < 52:
            row[150:270] = b"\x50" * 120
        if 90 <= y < 230 and (y - 90) % 28 < 8:
            row[50 : 330 - (y % 5) * 12] = b"\xa0" * (280 - (y % 5) * 12)
        for x in range(wide):
            if 26**2 <= (x - 340) ** 2 + (y - 228) ** 2 <= 32**2:
                row[x] = 0x60
        rows.append(b"\x00" + bytes(row))

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"".join(rows), 9)) + part(b"IEND", b"")
