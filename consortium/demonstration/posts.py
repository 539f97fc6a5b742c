"""Invented posts: internships and jobs, mostly lawful and open; some drafts that a rule stops, some near their caps, some closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.enterprises import Firm
from consortium.demonstration.works import Work
from consortium.demonstration.writing import Told, posting
from consortium.organisations.models import QuotaHold
from consortium.organisations.rules import cap
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.reference import law, majors, places

COUNT, INTERNSHIPS = 400, 300
LOWEST_GRADE = 2200  # yuan: the firm's lowest pay grade, an invented middle


@dataclass
class Room:
    """What the law's shares leave to a firm; every internship here is counted as if all were there at once."""

    firm: int
    families: dict[int, int]


def write_posts(book: Book, firms: list[Firm], skill_ids: dict[str, tuple[int, str]]) -> dict[int, set[str]]:
    """All posts with majors, skills, seats and holds of the quota; `skill_ids`: code → (id, name). Firm → rules it needs a filing for."""
    needed: dict[int, set[str]] = {}
    dice = Dice(book.seed, "posts")
    limits = law.thresholds(book.on)
    rooms = {
        f.tenant_id: Room(cap(f.staff, limits["firm_share"]) or 0, {n: cap(heads, limits["family_share"]) or 0 for n, heads, _ in f.families}) for f in firms
    }
    hosts = [f for f in firms if f.host_type == "enterprise"]
    weights = [max(1.0, f.staff) ** 0.45 for f in hosts]
    for number in range(COUNT):
        kind = "internship" if number < INTERNSHIPS else "job"
        firm = firms[0] if number < 8 or INTERNSHIPS <= number < INTERNSHIPS + 2 else dice.choices(hosts, weights)[0]
        if number in (60, 61, 62):  # what agents try to post stays a draft (R22)
            firm = [f for f in firms if f.host_type != "enterprise"][number - 60]
        family, _heads, work = firm.families[number % len(firm.families)] if number < 8 else dice.choice(firm.families)
        for _ in range(12 if number > 62 and kind == "internship" and number % 20 else 0):  # most firms know when their share is used up
            if firm.verified and min(rooms[firm.tenant_id].firm, rooms[firm.tenant_id].families.get(family, 0)) > 0:
                break
            firm = dice.choices(hosts, weights)[0]
            family, _heads, work = dice.choice(firm.families)
        _write(book, dice, firm, family, work, kind, rooms[firm.tenant_id], skill_ids, needed, sound=number < 8)
    return needed


def _write(
    book: Book, dice: Dice, firm: Firm, family: int, work: Work, kind: str, room: Room, skill_ids: dict[str, tuple[int, str]],
    to_file: dict[int, set[str]], sound: bool,
) -> None:
    intern = kind == "internship"
    facts = _facts(book, dice, firm, work, kind)
    places_wanted = dice.weighted({1: 18, 2: 26, 3: 20, 4: 10, 5: 8, 6: 6, 8: 6, 10: 4, 15: 2}) + (2 if sound else 0)
    free = min(room.firm, room.families.get(family, 0))
    state = "open"
    if intern and free < 1:
        state = "draft"  # the law's share is used up
    elif intern:
        places_wanted = min(places_wanted, free) if sound or dice.chance(0.93) else free
    if not firm.verified or firm.host_type != "enterprise":
        state = "draft"
    if state == "open" and not sound:
        state = dice.weighted({"open": 0.87, "unlawful": 0.06, "draft": 0.02, "closed": 0.035, "paused": 0.015})
    if state == "unlawful":
        _spoil(dice, facts, kind)
        state = "draft"
    else:
        to_file.setdefault(firm.tenant_id, set()).update(facts["filings"])
    facts["filings"] = []
    if state == "closed":
        facts["start_on"] -= timedelta(days=220)
        if facts["end_on"]:
            facts["end_on"] -= timedelta(days=220)
    must, nice, certificates = _asked(dice, work, sound)
    codes = _majors(dice, work)
    title = facts.pop("title", None) or dice.choice(work.titles.split())
    told = Told(
        firm.name, work, title, kind, facts["pay_fen"] // 100, bool(facts["board"]), bool(facts["lodging"]), bool(facts["night"] or facts["rest_days"]),
        tuple(skill_ids[c][1] for c in must + nice), tuple(skill_ids[c][1] for c in certificates), _major_words(codes), places.name(firm.place_code),
    )  # fmt: skip
    words = posting(dice, told) + str(facts.pop("extra", ""))
    published = book.at(-dice.randint(2, 25)) if state != "draft" else None
    number = book.add(
        Position, version=1, tenant_id=firm.tenant_id, family_id=family, kind=kind, state=state, title=title, duties=words,
        occupation_code=work.occupation, place_code=firm.place_code, place_note="", closes_on=None, published_at=published,
        created_at=book.at(-dice.randint(26, 40)), closed_at=book.at(-1) if state == "closed" else None, closed_reason="expired" if state == "closed" else "", closed_note="",
        **facts,
    )  # fmt: skip
    book.add(Seats, position_id=number, places=places_wanted, taken=0)
    for depth, code in codes:
        book.add(PositionMajor, position_id=number, depth=depth, code=code)
    for code in dict.fromkeys((*must, *nice, *certificates)):
        needed = code in must or (code in certificates and dice.chance(0.25) and not sound)
        book.add(PositionSkill, position_id=number, skill_id=skill_ids[code][0], must=needed, level=dice.choice((1, 2, 2, 3)))
    if intern and state in ("open", "paused"):
        room.firm -= places_wanted
        room.families[family] -= places_wanted
        holder = book.of(Position)[number - 1]["public_id"]
        book.add(
            QuotaHold, tenant_id=firm.tenant_id, family_id=family, holder=holder, kind="reserved", heads=places_wanted,
            from_on=facts["start_on"], to_on=facts["end_on"], override_reason="",
        )  # fmt: skip


def _facts(book: Book, dice: Dice, firm: Firm, work: Work, kind: str) -> dict[str, Any]:
    """Lawful facts of a post."""
    intern = kind == "internship"
    low, high = work.pay
    factor = 1.0 + (0.08 if firm.staff > 800 else 0.0)
    pay = round(dice.uniform(low, low + (high - low) * 0.55) * factor if intern else dice.uniform(high * 0.95, high * 1.6) * factor, -2)
    same = round(pay / dice.uniform(0.8, 0.98), -2) if intern else pay
    warned: dict[str, str] = {}
    if intern and dice.chance(0.03):  # below both floors: allowed only with the firm's recorded reason
        pay, same = 1800.0, 4200.0
        warned = {"R27a": "前两个月以学习为主，不独立顶岗，另提供免费食宿。"}
    start = _weekday(book.on + timedelta(days=dice.choice((30, 45, 60, 75, 97, 110)) if intern else dice.randint(20, 230)))
    months = dice.choice((3, 4, 6, 6, 6, 5)) if intern else 0
    filings, night, rest = [], False, False
    if work.shifts and firm.staff > 150 and dice.chance(0.45 if not intern else 0.22):
        night = dice.chance(0.7)
        rest = not night or dice.chance(0.4)
        filings = [code for code, on in (("R25", rest), ("R26", night)) if on] if intern else []
    hazards = [tag for tag in work.hazards.split() if dice.chance(0.6)]
    if intern and {"toxic", "explosive_burn", "height"} & set(hazards):
        filings.append("R24")
    contract = 0 if intern else dice.choice((12, 24, 36, 36))
    return {
        "start_on": start, "end_on": _later(start, months) - timedelta(days=1) if intern else None,
        "level_least": dice.weighted({"": 7, "中职": 2, "高职专科": 2 if work.venue in ("office", "laboratory") else 0}),
        "tasks": dice.some(work.tasks.split(), 2, 4), "pay_fen": int(pay) * 100, "same_post_pay_fen": int(same) * 100, "lowest_grade_fen": LOWEST_GRADE * 100,
        "pay_to_student": True, "pay_in_kind": False, "pay_period_days": 30, "board": dice.choice((True, True, False)), "lodging": dice.choice((True, True, False)),
        "fees": False, "hours_per_day": 8.0, "hours_per_week": dice.choice((40.0, 40.0, 44.0)), "night": night, "rest_days": rest,
        "overtime": not intern and dice.chance(0.2), "hazards": hazards, "labour_level": 2 if work.venue in ("factory", "warehouse", "site") else 1,
        "shifts": ["20:00-04:00"] if night else ["08:00-12:00", "13:30-17:30"], "contract_kind": "fixed" if contract else "",
        "venue": work.venue, "filings": sorted(filings), "contract_months": contract or None,
        "probation_months": (dice.choice((1, 2, 2)) if contract < 36 else 3) if contract else None, "warnings_accepted": warned,
    }  # fmt: skip


def _spoil(dice: Dice, facts: dict[str, Any], kind: str) -> None:
    """Something that the law stops: such a post stays a draft, and its form says why."""
    if kind == "job":
        facts.update(fees=True, extra="\n入职需交服装费300元。")
        return
    which = dice.choice(("fees", "night", "level", "venue", "long day", "through others", "words", "unknown", "risk"))
    changes: dict[str, dict[str, Any]] = {
        "fees": {"fees": True, "extra": "\n需交押金500元，离职退还。"},
        "night": {"night": True, "filings": []},
        "level": {"labour_level": 3},
        "venue": {"venue": "ktv", "title": "前台服务实习生"},
        "long day": {"hours_per_day": 11.0, "hours_per_week": 66.0, "overtime": True, "filings": []},
        "through others": {"pay_to_student": False},
        "words": {"extra": "\n限男生，五官端正。"},
        "unknown": {"night": None, "hours_per_day": None, "pay_to_student": None},
        "risk": {"hazards": ["height"], "filings": []},
    }
    facts.update(changes[which])


def _asked(dice: Dice, work: Work, sound: bool) -> tuple[list[str], list[str], list[str]]:
    skills, certificates = work.skills.split(), work.certificates.split()
    must = skills[:1] if sound or dice.chance(0.75) else []
    must += dice.some(skills[1:3], 0, 1)
    nice = dice.some([s for s in skills if s not in must], 1, 3)
    return must, nice, dice.some(certificates, 0, 1 if dice.chance(0.6) else 0)


def _majors(dice: Dice, work: Work) -> list[tuple[str, str]]:
    """Most ask by class, some by category, some name one major, a few take anybody."""
    classes = work.classes.split()
    how = dice.weighted({"classes": 66, "category": 20, "major": 6, "any": 8})
    if how == "any":
        return []
    if how == "category":
        return sorted({("category", majors.classes()[c][1]) for c in classes[:2]})
    if how == "major":
        own = sorted(m.code for m in majors.all_majors().values() if m.class_key == classes[0] and m.level == "高职专科")
        return [("major", code) for code in dice.some(own, 2, 4)]
    return [("class", code) for code in classes[: dice.randint(1, len(classes))]]


def _major_words(codes: list[tuple[str, str]]) -> str:
    letter = {"major": "M:", "class": "C:", "category": "G:"}
    return "、".join(majors.accepted_label(letter[depth] + code) for depth, code in codes[:3])


def _weekday(day: date) -> date:
    return day + timedelta(days=(7 - day.weekday()) % 7) if day.weekday() > 4 else day


def _later(day: date, months: int) -> date:
    turn = day.month - 1 + months
    year, month = day.year + turn // 12, turn % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError(day)
