"""Where an agreement begins."""

from consortium.agreements.lifecycle import AGREEMENT, DRAFTED
from consortium.shared.access import Role


def test_an_agreement_begins_as_a_draft_and_nobody_steps_further_from_here():
    assert AGREEMENT.start == DRAFTED
    assert all(AGREEMENT.open_to(DRAFTED, role) == [] for role in Role)
