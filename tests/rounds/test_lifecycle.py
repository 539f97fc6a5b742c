"""Every state, step and role of rounds, lists and posts."""

from __future__ import annotations

import pytest

from consortium.rounds.lifecycle import LIST, POST, ROUND
from consortium.shared.access import ENTERPRISE_OFFICE, STUDENT, ZONE, Role
from consortium.shared.lifecycle import Lifecycle

ROUND_STEPS = {
    ("draft", "announced"): "announce", ("announced", "frozen"): "freeze", ("frozen", "approved"): "approve", ("approved", "frozen"): "reconsider",
    ("published", "ended"): "end", ("draft", "cancelled"): "cancel", ("announced", "cancelled"): "cancel", ("frozen", "cancelled"): "cancel",
    ("approved", "cancelled"): "cancel", ("approved", "published"): "publish",
}  # fmt: skip
LIST_STEPS = {
    ("", "begun"): "begin", ("begun", "begun"): "begin", ("taken_back", "begun"): "begin", ("dropped", "begun"): "begin", ("", "handed_in"): "hand_in",
    ("begun", "handed_in"): "hand_in", ("handed_in", "handed_in"): "hand_in", ("taken_back", "handed_in"): "hand_in", ("dropped", "handed_in"): "hand_in",
    ("handed_in", "taken_back"): "take_back", ("handed_in", "dropped"): "drop",
}  # fmt: skip
POST_STEPS = {("", "takes_part"): "take_part", ("takes_part", "takes_part"): "take_part", ("left", "takes_part"): "take_part", ("takes_part", "left"): "leave"}


@pytest.mark.parametrize(("cycle", "table"), [(ROUND, ROUND_STEPS), (LIST, LIST_STEPS), (POST, POST_STEPS)])
def test_the_steps_are_those_of_the_table_and_no_others(cycle: Lifecycle, table: dict[tuple[str, str], str]) -> None:
    assert {(source, one.target): one.name for one in cycle.steps.values() for source in one.sources} == table


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_each_side_takes_its_own_steps_and_publication_belongs_to_the_clock(role: Role) -> None:
    mine = {name for cycle in (ROUND, LIST, POST) for name, one in cycle.steps.items() if role in one.by}
    wanted: set[str] = set()
    wanted |= {"announce", "freeze", "approve", "reconsider", "end", "cancel"} if role in ZONE else set()
    wanted |= {"begin", "hand_in", "take_back"} if role in STUDENT else set()
    wanted |= {"take_part", "leave"} if role in ENTERPRISE_OFFICE else set()
    assert mine == wanted


def test_nothing_leads_out_of_an_end() -> None:
    assert not any({"ended", "cancelled"} & one.sources for one in ROUND.steps.values())
    assert "published" not in ROUND.steps["cancel"].sources
