"""Decisions about rounds on values alone: the calendar, who belongs to the cohort, when lists are open, what a scenario changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from consortium.matching.scenarios import Scenario
from consortium.matching.vocabulary import WEIGHTS
from consortium.rounds import lifecycle

ANSWER_HOURS = 48
LEAST_HOURS, MOST_HOURS = 24, 240
MOST_RANKED, USUAL_RANKED = 30, 10
MOST_CODES = 8
PRIORITY, RESERVED = "priority", "seats"
FEW = 5
"""A figure about fewer students than this is told to nobody but their own college."""

LEAVE_REASONS = ("order-lost", "capacity", "safety", "post-changed", "other")
REFUSE_REASONS = ("skills", "certificate", "dates", "safety")
"""Why a candidate may be marked as not acceptable: what the work asks for, never who somebody is."""

DECLARED, NO_PRIORITIES, NO_RESERVED, PLAIN, SKILLS, MAJOR = "declared", "no-priorities", "no-reserved", "plain", "skills", "major"
SCENARIOS = (DECLARED, NO_PRIORITIES, NO_RESERVED, PLAIN, SKILLS, MAJOR)
HEAVIER: Mapping[str, tuple[str, ...]] = {SKILLS: ("skills", "certificates"), MAJOR: ("major",)}


def scenario(code: str) -> Scenario:
    """What a scenario changes beside the round as it was declared; raises KeyError for a code that there is not."""
    if code not in SCENARIOS:
        raise KeyError(code)
    return Scenario(
        code, weights=heavier(HEAVIER[code]) if code in HEAVIER else None, priorities=code not in (NO_PRIORITIES, PLAIN), reserved=code not in (NO_RESERVED, PLAIN)
    )


def heavier(families: Collection[str]) -> dict[str, float]:
    """The usual weights with some families counted twice, again summing to what they did."""
    told = {family: weight * (2 if family in families else 1) for family, weight in WEIGHTS.items()}
    shrink = sum(WEIGHTS.values()) / sum(told.values())
    return {family: weight * shrink for family, weight in told.items()}


def usual_scenarios(kinds: Collection[str]) -> tuple[str, ...]:
    """The three that are compared unless others are asked for, by the kinds of codes that the round declares."""
    told = [DECLARED]
    told += [NO_PRIORITIES] if PRIORITY in kinds else []
    told += [NO_RESERVED] if RESERVED in kinds else []
    return tuple(dict.fromkeys([*told, SKILLS, MAJOR]))[:3]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The instants of a round."""

    opens_at: datetime
    lists_close_at: datetime
    orders_close_at: datetime
    publish_at: datetime


def calendar_faults(told: Calendar, now: datetime) -> dict[str, str]:
    """Field → code of what is wrong with it; nothing where the calendar can stand."""
    wrong: dict[str, str] = {}
    if told.lists_close_at <= max(told.opens_at, now):
        wrong["lists_close_at"] = "before-opening"
    if told.orders_close_at < told.lists_close_at:
        wrong["orders_close_at"] = "before-lists"
    if told.publish_at <= told.orders_close_at:
        wrong["publish_at"] = "before-orders"
    return wrong


def takes_lists(state: str, opens_at: datetime, lists_close_at: datetime, now: datetime) -> bool:
    """Whether students may hand in, change and take back their lists."""
    return state == lifecycle.ANNOUNCED and opens_at <= now < lists_close_at


def takes_posts(state: str, lists_close_at: datetime, now: datetime) -> bool:
    """Whether enterprises may add posts: as long as students may still rank them."""
    return state == lifecycle.ANNOUNCED and now < lists_close_at


def takes_orders(state: str, orders_close_at: datetime, now: datetime) -> bool:
    """Whether enterprises may put candidates in order."""
    return state == lifecycle.ANNOUNCED and now < orders_close_at


def is_out(state: str, publish_at: datetime, now: datetime) -> bool:
    """Whether results may be seen: at the set instant, by all at once, whatever a worker is doing just then."""
    return state in (lifecycle.PUBLISHED, lifecycle.ENDED) or (state == lifecycle.APPROVED and publish_at <= now)


def answer_until(publish_at: datetime, hours: int = ANSWER_HOURS) -> datetime:
    """The instant until which everybody may answer."""
    return publish_at + timedelta(hours=hours)


def phase(state: str, told: Calendar, answer_by: datetime, now: datetime) -> str:
    """Where a round stands, in more detail than its state."""
    if state == lifecycle.ANNOUNCED:
        if now < told.opens_at:
            return "before-lists"
        return "lists" if now < told.lists_close_at else "orders" if now < told.orders_close_at else "freezing"
    if is_out(state, told.publish_at, now) and state != lifecycle.ENDED:
        return "answers" if now < answer_by else "answered"
    return state


def in_cohort(majors: Collection[str], years: tuple[int | None, int | None], major: Mapping[str, str], enrolled: int | None) -> bool:
    """Whether a student belongs: by major, class or category of majors (`M:460301`, `C:4603`, `G:46`; none named: any) and year of enrolment."""
    if majors and not {f"M:{major.get('major', '')}", f"C:{major.get('class', '')}", f"G:{major.get('category', '')}"} & set(majors):
        return False
    first, last = years
    if first is None and last is None:
        return True
    return enrolled is not None and (first is None or enrolled >= first) and (last is None or enrolled <= last)


def ranking(keys: list[Any], step: str = "", key: Any = None) -> list[Any]:
    """A list after a button beside it: up, down, first or out, for one entry; unknown steps and entries change nothing."""
    told = list(dict.fromkeys(keys))
    if key not in told:
        return told
    at = told.index(key)
    if step == "out":
        told.pop(at)
    elif step in ("up", "down", "first"):
        to = {"up": max(at - 1, 0), "down": min(at + 1, len(told) - 1), "first": 0}[step]
        told.insert(to, told.pop(at))
    return told


def told(count: int) -> int | None:
    """A count that may be shown to whoever reads the report; None: fewer than five."""
    return None if 0 < count < FEW else count

