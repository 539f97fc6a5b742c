"""Who sees which application."""

import pytest

from consortium.accounts.models import Tenant
from consortium.applications import queries, service
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from tests import builders


def of(case, role):
    tenant = {"college": case.college.tenant_id, "firm": case.firm.tenant_id}
    where = "firm" if role in (Role.ENTERPRISE_MEMBER, Role.MENTOR) else "college"
    return builders.a_membership(role, tenant=db.session.get_one(Tenant, tenant[where]))


def test_the_student_her_enterprise_and_her_college_see_an_application(case):
    application = case.applied()
    for who in (case.learner, case.firm, of(case, Role.ENTERPRISE_MEMBER), of(case, Role.COLLEGE_OFFICER), of(case, Role.COLLEGE_HEAD)):
        assert queries.reachable(who.actor(), application.public_id).id == application.id
        assert queries.listing(who.actor(), 1).total == 1


@pytest.mark.parametrize("role", list(Role))
def test_nobody_of_another_organisation_sees_it(case, role):
    application = case.applied()
    with pytest.raises(NotFound):
        queries.reachable(builders.a_membership(role).actor(), application.public_id)


def test_a_mentor_and_a_fellow_student_do_not_see_it(case):
    application = case.applied()
    _fellow, she = case.another_student()
    for actor in (of(case, Role.MENTOR).actor(), she):
        with pytest.raises(NotFound):
            queries.reachable(actor, application.public_id)


def test_a_class_adviser_sees_only_her_own_classes(case):
    adviser = of(case, Role.CLASS_ADVISER)
    application = case.applied()
    with pytest.raises(NotFound):
        queries.reachable(adviser.actor(), application.public_id)
    case.student.class_id = builders.a_class(case.college, adviser_id=adviser.id).id
    db.session.flush()
    assert queries.reachable(adviser.actor(), application.public_id).id == application.id


def test_the_count_in_the_menu_is_of_those_that_wait_for_the_reader(case):
    case.applied()
    assert (queries.waiting_for(case.me), queries.waiting_for(case.boss)) == (0, 1)
    case.offered()
    assert (queries.waiting_for(case.me), queries.waiting_for(case.boss)) == (1, 0)


def test_the_read_receipt_is_the_first_look_of_that_enterprise_at_the_page(case):
    application = case.applied()
    assert queries.seen_at(application) is None
    from consortium.shared import audit

    service.opened(application, by=case.boss, page=False)
    audit.write_looks()
    assert queries.seen_at(application) is None
    service.opened(application, by=case.boss)
    audit.write_looks()
    assert queries.seen_at(application) is not None
    assert queries.seen([application]) == {application.id: queries.seen_at(application)}
