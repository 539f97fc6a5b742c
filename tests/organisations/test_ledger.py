"""The dated ledger of intern places: exact at the edge, on a day, over all colleges, and under a crowd."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import date, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from consortium.organisations import queries, service
from consortium.organisations.models import QuotaHold
from consortium.organisations.rules import cap, next_window, peak, visit_problem
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from tests import builders

DAY = date(2027, 3, 1)


@given(st.integers(0, 1_000_000), st.sampled_from([(0.1, Fraction(1, 10)), (0.2, Fraction(1, 5))]))
def test_the_cap_is_the_exact_floor(staff: int, share: tuple[float, Fraction]) -> None:
    assert cap(staff, share[0]) == staff * share[1] // 1
    assert cap(None, share[0]) is None


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10), st.integers(1, 5)), max_size=12), st.integers(0, 30), st.integers(0, 20))
def test_the_peak_is_the_fullest_day(holds: list[tuple[int, int, int]], first: int, length: int) -> None:
    dated = [(DAY + timedelta(a), DAY + timedelta(a + n), heads) for a, n, heads in holds]
    days = [DAY + timedelta(first + n) for n in range(length + 1)]
    assert peak(dated, days[0], days[-1]) == max(sum(h for a, b, h in dated if a <= day <= b) for day in days)


def test_the_last_place_is_given_and_one_more_is_not(app: Flask) -> None:
    firm = builders.an_enterprise(staff=100)
    family = builders.a_family(firm, staff=20)
    held = {"from_on": DAY, "to_on": DAY + timedelta(9), "by": None}
    first = uuid.uuid4()
    service.reserve_quota(firm.tenant_id, family.id, holder=first, heads=4, **held)
    with pytest.raises(Conflict) as refused:
        service.reserve_quota(firm.tenant_id, family.id, holder=uuid.uuid4(), heads=1, **held)
    assert refused.value.facts["rule"] == "R11"
    assert refused.value.facts["over"] == 1
    service.reserve_quota(firm.tenant_id, family.id, holder=uuid.uuid4(), heads=4, from_on=DAY + timedelta(10), to_on=DAY + timedelta(20), by=None)
    service.reserve_quota(firm.tenant_id, family.id, holder=first, heads=3, **held)  # the same holder is replaced, not added
    assert queries.quota_room(firm.tenant_id, family.id, DAY, DAY).family_room == 1


def test_an_unknown_head_count_allows_nothing(app: Flask) -> None:
    firm = builders.an_enterprise(staff=None)
    with pytest.raises(Conflict):
        service.reserve_quota(firm.tenant_id, None, holder=uuid.uuid4(), heads=1, from_on=DAY, to_on=DAY, by=None)


def test_two_hundred_at_once_never_pass_the_cap(app: Flask) -> None:
    firm = builders.an_enterprise(staff=70)
    family = builders.a_family(firm, staff=25)
    tenant_id, family_id = firm.tenant_id, family.id
    db.session.commit()
    turn = iter(range(200))
    lock = threading.Lock()

    def crowd() -> None:
        with app.app_context():
            while True:
                with lock:
                    if next(turn, None) is None:
                        return
                try:
                    service.reserve_quota(tenant_id, family_id, holder=uuid.uuid4(), heads=1, from_on=DAY, to_on=DAY, by=None)
                    db.session.commit()
                except Conflict:
                    db.session.rollback()

    people = [threading.Thread(target=crowd) for _ in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    assert db.session.scalar(sa.select(sa.func.sum(QuotaHold.heads))) == 5


@pytest.mark.parametrize(
    ("days", "problem"),
    [((0, None, None), None), ((0, 0, 0), None), ((-3, -2, -1), None), ((1, None, None), ("visited_on", "future")), ((-1, -2, None), ("decided_on", "before-visit")),
     ((-3, 1, None), ("decided_on", "future")), ((-3, None, -1), ("published_on", "undecided")), ((-3, -1, -2), ("published_on", "before-decision"))],
)  # fmt: skip
def test_a_visit_a_decision_and_its_publication_come_in_that_order(days: tuple[int | None, ...], problem: tuple[str, str] | None) -> None:
    visited, decided, published = (None if n is None else DAY + timedelta(n) for n in days)
    assert visited is not None
    assert visit_problem(visited, decided, published, DAY) == problem


def test_the_next_days_with_room_are_the_first_ones() -> None:
    """Against trying every day: random ledgers, two shares."""
    dice = random.Random(7)
    for _ in range(300):
        holds = []
        for _n in range(dice.randint(0, 6)):
            first = dice.randint(-10, 40)
            holds.append((DAY + timedelta(first), DAY + timedelta(first + dice.randint(0, 20)), dice.randint(1, 4)))
        own = [one for one in holds if dice.random() < 0.5]
        shares, heads, length = ((6, holds), (dice.randint(2, 5), own)), dice.randint(1, 5), timedelta(dice.randint(0, 15))
        fits = [
            day for day in (DAY + timedelta(n) for n in range(100))
            if all(peak(taken, day, day + length) + heads <= limit for limit, taken in shares)
        ]  # fmt: skip
        assert next_window(shares, heads, DAY, DAY + length) == (fits[0] if fits else None)


def test_more_than_the_cap_never_fits_and_without_a_head_count_nothing_is_known() -> None:
    assert next_window([(3, [])], 4, DAY, DAY) is None
    assert next_window([(None, [])], 1, DAY, DAY) is None
