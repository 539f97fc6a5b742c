"""Which steps lead where, and who may take them."""

import pytest

from consortium.applications import lifecycle
from consortium.applications.lifecycle import APPLICATION
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.errors import Conflict, Forbidden

STUDENT = Actor(1, 1, 1, TenantKind.COLLEGE, Role.STUDENT)
FIRM = Actor(2, 2, 2, TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD)
MENTOR = Actor(3, 3, 2, TenantKind.ENTERPRISE, Role.MENTOR)
COLLEGE = Actor(4, 4, 1, TenantKind.COLLEGE, Role.COLLEGE_HEAD)


@pytest.mark.parametrize(
    ("step", "source", "actor", "target"),
    [
        ("apply", "", STUDENT, "applied"),
        ("invite", "", FIRM, "invited"),
        ("offer", "", FIRM, "offered"),
        ("invite", "applied", FIRM, "invited"),
        ("agree", "invited", STUDENT, "agreed"),
        ("offer", "agreed", FIRM, "offered"),
        ("accept", "offered", STUDENT, "accepted"),
        ("decline", "offered", STUDENT, "declined"),
        ("turn_down", "applied", FIRM, "declined"),
        ("withdraw", "applied", STUDENT, "withdrawn"),
        ("apply", "withdrawn", STUDENT, "applied"),
        ("offer", "expired", FIRM, "offered"),
        ("expire", "offered", None, "expired"),
        ("close", "invited", None, "closed"),
        ("set_aside", "offered", None, "withdrawn"),
        ("wait", "", STUDENT, "waitlisted"),
        ("keep_waiting", "offered", None, "waitlisted"),
        ("apply", "waitlisted", STUDENT, "applied"),
        ("offer", "waitlisted", FIRM, "offered"),
        ("withdraw", "waitlisted", STUDENT, "withdrawn"),
        ("take_back", "accepted", STUDENT, "withdrawn"),
        ("set_aside", "waitlisted", None, "withdrawn"),
    ],
)
def test_a_step_leads_from_its_source_to_its_target(step, source, actor, target):
    assert APPLICATION.take(step, source, actor) == target


@pytest.mark.parametrize(
    ("step", "source", "actor"),
    [("accept", "offered", FIRM), ("offer", "applied", STUDENT), ("offer", "applied", MENTOR), ("agree", "invited", COLLEGE), ("expire", "offered", STUDENT)],
)
def test_who_is_not_named_by_a_step_may_not_take_it(step, source, actor):
    with pytest.raises(Forbidden):
        APPLICATION.take(step, source, actor)


@pytest.mark.parametrize("state", lifecycle.ENDED)
def test_what_has_ended_cannot_be_accepted(state):
    with pytest.raises(Conflict):
        APPLICATION.take("accept", state, STUDENT)


def test_an_enterprise_cannot_take_back_an_offer_that_still_stands():
    assert APPLICATION.open_to("offered", Role.ENTERPRISE_HEAD) == []


def test_a_declined_application_is_not_begun_again_by_either_side():
    assert APPLICATION.open_to("declined", Role.STUDENT) == []
    assert APPLICATION.open_to("declined", Role.ENTERPRISE_MEMBER) == ["reopen", "reopen_agreed"], "but a refusal of one's own can be taken back"


def test_an_accepted_offer_may_only_be_taken_back_and_only_by_the_student():
    for role in Role:
        assert APPLICATION.open_to("accepted", role) == (["take_back"] if role is Role.STUDENT else [])
