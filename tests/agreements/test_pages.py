"""The paper and the list."""

import re
import uuid

import pytest
import sqlalchemy as sa

from consortium.shared.access import Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from tests import builders


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


def test_the_paper_shows_terms_what_is_missing_and_who_is_next(case, draft, signed_in_as):
    page = text_of(signed_in_as(case.learner).get(f"/agreements/{draft.public_id}"))
    assert "Internship agreement" in page
    assert "3,500 yuan" in page
    assert "to be filled in" in page
    assert "Version 1" in page
    assert "Student 李小明 → next to sign" in page
    assert "Every internship that the school arranges needs the signed informed consent" in page


def test_from_an_accepted_application_it_is_one_click(case, draft, signed_in_as):
    browser = signed_in_as(case.learner)
    url = f"/applications/{draft.application.public_id}"
    assert f"{url}/agreement" in browser.get(url).get_data(as_text=True)
    answer = browser.get(f"{url}/agreement")
    assert (answer.status_code, answer.location) == (303, f"/agreements/{draft.public_id}")


def test_the_list_names_the_next_party(case, draft, signed_in_as):
    page = text_of(signed_in_as(case.firm).get("/agreements"))
    assert case.position.title in page
    assert case.student.name in page
    assert text_of(signed_in_as(case.learner).get("/agreements")).count(case.position.title) == 1


def test_looking_at_it_is_written_down(case, draft, signed_in_as):
    signed_in_as(case.firm).get(f"/agreements/{draft.public_id}")
    signed_in_as(case.learner).get(f"/agreements/{draft.public_id}")
    looks = list(db.session.scalars(sa.select(Look)))
    assert [(look.what, look.tenant_id, look.student_id) for look in looks] == [("agreement", case.firm.tenant_id, case.student.id)]


def test_in_chinese_the_paper_is_whole_too(case, draft, signed_in_as):
    answer = signed_in_as(case.firm, lang="zh").get(f"/agreements/{draft.public_id}")
    assert answer.status_code == 200
    assert case.student.name in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", [Role.ZONE_HEAD, Role.MENTOR, Role.BUREAU_OBSERVER])
def test_other_roles_are_refused(draft, signed_in_as, role):
    assert signed_in_as(role).get("/agreements").status_code == 403


def test_unknown_and_foreign_answer_alike(case, draft, signed_in_as):
    stranger = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD))
    assert stranger.get(f"/agreements/{draft.public_id}").status_code == 404
    assert stranger.get(f"/agreements/{uuid.uuid4()}").status_code == 404


def test_an_empty_list_says_when_one_is_drafted(case, signed_in_as):
    assert "It is drafted when you accept an offer." in text_of(signed_in_as(case.learner).get("/agreements"))
