"""Who reads an agreement."""

import pytest

from consortium.accounts.models import Tenant
from consortium.agreements import queries
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from tests import builders


def test_the_parties_read_it(case, draft):
    office = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, case.college.tenant_id))
    for who in (case.me, case.boss, office.actor()):
        assert queries.reachable(who, draft.public_id).id == draft.id
        assert queries.of_application(who, draft.application.public_id).id == draft.id
        assert queries.listing(who, 1).total == 1


@pytest.mark.parametrize("role", list(Role))
def test_nobody_of_another_organisation_reads_it(draft, role):
    actor = builders.a_membership(role).actor()
    with pytest.raises(NotFound):
        queries.reachable(actor, draft.public_id)
    with pytest.raises(NotFound):
        queries.of_application(actor, draft.application.public_id)


def test_a_fellow_student_and_an_adviser_of_other_classes_do_not(case, draft):
    _fellow, she = case.another_student()
    adviser = builders.a_membership(Role.CLASS_ADVISER, tenant=db.session.get_one(Tenant, case.college.tenant_id)).actor()
    for actor in (she, adviser):
        with pytest.raises(NotFound):
            queries.reachable(actor, draft.public_id)
