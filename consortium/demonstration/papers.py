"""Invented filings, a school's overrides, and mentors with enough room for the open internships of their firm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from consortium.accounts.models import Membership, Person
from consortium.compliance.models import Filing, Mentor, MentorHold, Override
from consortium.demonstration.colleges import Campus
from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.enterprises import Firm
from consortium.demonstration.people import person_name
from consortium.positions.models import Position, Seats
from consortium.shared.access import Role

USUAL_LOAD = 5
AUTHORITY = "清远市教育局（演示）"


def write_papers(book: Book, firms: list[Firm], campuses: list[Campus], needed: dict[int, set[str]]) -> None:
    """`needed`: firm → rules that its posts want a filing for."""
    dice = Dice(book.seed, "papers")
    _filings(book, dice, firms, needed)
    _overrides(book, firms, campuses)
    _mentors(book, dice, firms)


def _filings(book: Book, dice: Dice, firms: list[Firm], needed: dict[int, set[str]]) -> None:
    for turn, firm in enumerate(firms, 1):
        codes = sorted(needed.get(firm.tenant_id, ()))
        if codes:
            _file(book, firm, codes, f"清教备〔{book.on.year}〕{turn:03d}号", dice.randint(360, 420), verified=True)
    _file(book, firms[0], ["R26"], f"清教备〔{book.on.year}〕901号", 300, verified=False)  # waits for the zone
    _file(book, firms[0], ["R25"], f"清教备〔{book.on.year}〕902号", 21, verified=True)  # ends soon


def _file(book: Book, firm: Firm, codes: list[str], number: str, days: int, *, verified: bool) -> None:
    book.add(
        Filing, version=1, tenant_id=firm.tenant_id, rules=codes, number=number, authority=AUTHORITY, filed_on=book.on - timedelta(days=45),
        valid_from=book.on - timedelta(days=30), valid_until=book.on + timedelta(days=days), covers_holidays=verified and days > 30, families=[], posts=[],
        majors=[], colleges=[], note="", file_name="", file_kind="", file_sha256="", file=None, entered_by_id=None, entered_tenant_id=firm.tenant_id,
        verified_at=book.at(-20) if verified else None, verified_by_id=None, refusal="", withdrawn_at=None, warned_on=None,
    )  # fmt: skip


def _overrides(book: Book, firms: list[Firm], campuses: list[Campus]) -> None:
    told = (
        (0, 0, "R13", "本专业人才培养方案规定岗位实习为七个月，已经专业建设委员会论证。"),
        (0, 1, "R07", "学生辅修电气自动化，已取得低压电工作业证，企业安排专人带教。"),
    )
    for college, firm, rule, reason in told:
        book.add(
            Override, college_tenant_id=campuses[college].tenant_id, enterprise_tenant_id=firms[firm].tenant_id, rule=rule, reason=reason,
            families=[], posts=[], majors=[], valid_from=book.on, valid_until=book.on + timedelta(days=240), recorded_by_id=None, withdrawn_at=None,
            withdrawn_by_id=None, withdrawal="",
        )  # fmt: skip


def _mentors(book: Book, dice: Dice, firms: list[Firm]) -> None:
    seats = {row["position_id"]: row["places"] for row in book.of(Seats)}
    posts: dict[int, list[dict[str, Any]]] = {}
    for row in book.of(Position):
        if row["kind"] == "internship" and row["state"] in ("open", "paused"):
            posts.setdefault(row["tenant_id"], []).append(row)
    people = {row["id"]: row["name"] for row in book.of(Person)}
    accounts = {row["tenant_id"]: row for row in book.of(Membership) if row["role"] == Role.MENTOR.value}
    for firm in firms:
        if firm.host_type != "enterprise":
            continue
        mine = posts.get(firm.tenant_id, [])
        heads = sum(seats[row["id"]] for row in mine)
        account = accounts.get(firm.tenant_id)
        names: list[str] = [people[account["person_id"]]] if account else []
        while USUAL_LOAD * len(names) < heads + USUAL_LOAD:
            name = person_name(dice, dice.chance(0.3))
            if name not in names:
                names.append(name)
        rooms: list[list[int]] = []
        for turn, name in enumerate(names):
            number = book.add(
                Mentor, version=1, tenant_id=firm.tenant_id, membership_id=account["id"] if account and turn == 0 else None, name=name, load_limit=USUAL_LOAD,
                trained_on=book.on - timedelta(days=dice.randint(20, 300)) if dice.chance(0.8) else None, families=[], ended_at=None,
            )  # fmt: skip
            rooms.append([number, USUAL_LOAD])
        for row in mine:
            _bind(book, row, seats[row["id"]], rooms)


def _bind(book: Book, post: dict[str, Any], heads: int, rooms: list[list[int]]) -> None:
    for room in rooms:
        taken = min(room[1], heads)
        if taken:
            room[1] -= taken
            heads -= taken
            book.add(
                MentorHold, mentor_id=room[0], holder=post["public_id"], label=post["title"], heads=taken, from_on=post["start_on"], to_on=post["end_on"]
            )
