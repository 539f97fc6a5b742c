"""What the law says of a post as it is being typed, before anything of it is saved: shares, every rule, and what stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from consortium.matching.eligibility import MINORS_BANNED, WOMEN_BANNED
from consortium.organisations import queries as organisations
from consortium.positions import queries, wording
from consortium.positions.models import CapOverride, Position
from consortium.positions.service.filling import storable, write
from consortium.positions.service.lawful import Wrong, stops
from consortium.positions.service.writing import blank
from consortium.shared import clock
from consortium.shared.access import Actor
from consortium.shared.db import db

FOR_EACH_STUDENT = ("R07", "R17", "R18", "R19", "R20")
FOR_EACH_APPLICANT = ("J01", "J02", "J03")


@dataclass(frozen=True, slots=True)
class Share:
    """One share of interns: its cap, what others hold in these days, what this post asks, and how many too many."""

    code: str
    name: str
    staff: int | None
    as_of: date | None
    cap: int | None
    used: int
    asked: int

    @property
    def left(self) -> int:
        """What this post may have."""
        return max((self.cap or 0) - self.used, 0)

    @property
    def over(self) -> int:
        """How many too many."""
        return max(self.used + self.asked - (self.cap or 0), 0)


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule says: 1 met, 0 not met, -1 not known; from which data; whether it stops the post."""

    code: str
    state: int
    blocks: bool
    source: Any
    note: Any = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything a firm needs to see before it publishes."""

    shares: list[Share]
    window: date | None
    dated: bool
    override: CapOverride | None
    lines: list[Line]
    stops: Wrong

    @property
    def over(self) -> bool:
        """Whether a share is overstepped and nobody let it pass."""
        return self.override is None and any(one.cap is not None and one.over for one in self.shares)


def judged(values: dict[str, Any], position: Position | None, unreadable: Wrong, *, by: Actor) -> Judgement:
    """Judge what is typed; `unreadable`: what no post can hold, found before. Nothing is written."""
    with db.session.no_autoflush:
        post = blank(by, values)
        if position is not None:
            post.public_id, post.state = position.public_id, position.state
            post.id = position.id
            post.seats.taken = position.seats.taken
        good, wrong = storable(post, values)
        write(post, good)
        found = stops(post, opening=position is None or position.state != "open")
        for name, said in {**wrong, **unreadable}.items():
            found[name] = [*said, *found.get(name, [])]
        return _judgement(post, found)


def judged_as_saved(position: Position) -> Judgement:
    """The same of a post as it is saved."""
    return _judgement(position, stops(position, opening=position.state != "open"))


def _judgement(post: Position, found: Wrong) -> Judgement:
    is_internship = post.kind == "internship"
    dated = post.start_on is not None and post.end_on is not None
    shares = _shares(post) if is_internship else []
    override = queries.override_for(post, post.seats.places) if is_internship else None
    window = None
    if dated and any(one.over for one in shares if one.cap is not None) and override is None:
        assert post.start_on is not None
        assert post.end_on is not None
        window = organisations.next_window(
            post.tenant_id, post.family_id, max(post.seats.places, 1), max(post.start_on, clock.today()), post.end_on, but=post.public_id
        )
    return Judgement(shares, window, dated, override, _lines(post), found)


def _shares(post: Position) -> list[Share]:
    """Both shares; without dates the use of the coming year is told, which is never less than that of a part of it."""
    firm = organisations.enterprise_of(post.tenant_id)
    family = next((one for one in organisations.families_of(post.tenant_id) if one.id == post.family_id), None)
    today = clock.today()
    first, last = post.start_on or today, post.end_on or (post.start_on or today).replace(day=1)
    if post.end_on is None:
        last = date((post.start_on or today).year + 1, (post.start_on or today).month, 1)
    room = organisations.quota_room(post.tenant_id, post.family_id, first, max(first, last), but=post.public_id)
    asked = post.seats.places
    found = [Share("R10", "", firm.staff, firm.staff_as_of, room.firm_cap, room.firm_used, asked)]
    if family is not None:
        found.append(Share("R11", family.name, family.staff, family.staff_as_of, room.family_cap, room.family_used, asked))
    return found


def _lines(post: Position) -> list[Line]:
    lines = [Line(v.code, v.state, v.blocks, wording.SOURCES.get(v.code, "")) for v in queries.judge(post)]
    codes = FOR_EACH_STUDENT if post.kind == "internship" else FOR_EACH_APPLICANT
    return sorted([*lines, *(_pair_line(code, post) for code in codes)], key=lambda one: one.code)


def _pair_line(code: str, post: Position) -> Line:
    """A rule about each student: what the post itself says to it."""
    banned = set(post.hazards) | ({"heavy_labour"} if (post.labour_level or 0) >= 4 else set())
    known = bool(post.hazards) or post.labour_level is not None
    state: int
    if code == "R07":
        state, note = (1, wording.PAIRS["named"]) if post.majors else (-1, wording.PAIRS["any-major"])
    elif code in ("R19", "J02"):
        state, note = _list(banned & MINORS_BANNED, known, "minors")
    elif code in ("R20", "J03"):
        state, note = _list(banned & WOMEN_BANNED, known, "women")
    else:
        state, note = (1, wording.PAIRS["each"]) if post.start_on else (-1, wording.PAIRS["no-day"])
    return Line(code, state, False, wording.SOURCES[code], note)


def _list(banned: set[str], known: bool, whom: str) -> tuple[int, Any]:
    if banned:
        return 1, wording.PAIRS[whom]
    return (1, wording.PAIRS["none-banned"]) if known else (-1, wording.PAIRS["no-hazards"])


