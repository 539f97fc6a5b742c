"""The table of what is shown: made by the rule that the pages ask, and kept by what the pages really show."""

from __future__ import annotations

import re

import pytest

from consortium.applications import queries, rules, service, wording
from consortium.shared.db import db
from consortium.shared.i18n import in_language
from tests import builders

WORDS = {"name": "李小明", "phone": "13800000001", "email": "li@example.org", "skills": "钳工手艺", "courses": "coursecanary", "wish": "wishcanary", "about": "aboutcanary"}


def bring(case, step):
    """The application of the case at one step of the table; None where there is none."""
    if step == "matched":
        return None
    if step in ("applied", "invited-applicant", "offered-applicant", "withdrawn", "waitlisted"):
        found = case.applied()
    elif step in ("invited", "agreed", "offered-named", "declined", "closed"):
        found = service.invite(case.student, case.position, by=case.boss)
    else:
        found = case.offered()
    if step in ("agreed", "offered-named", "declined", "closed"):
        service.agree_to_invitation(found, by=case.me)
    if step == "invited-applicant":
        service.invite(case.student, case.position, by=case.boss)
    elif step in ("offered-applicant", "offered-named"):
        case.offered()
    elif step == "accepted":
        service.accept(found, by=case.me)
    elif step == "declined":
        service.decline(found, by=case.boss, reason="skills")
    elif step == "waitlisted":
        found.state = "waitlisted"
        found.spoken = False
    elif step == "withdrawn":
        service.withdraw(found, by=case.me)
    elif step == "closed":
        service.close_for_position(case.position.id)
    return found


@pytest.mark.parametrize("step", list(rules.STAGES))
def test_each_step_shows_what_the_table_says_and_no_more(case, step, signed_in_as):
    case.student.courses, case.student.wish, case.student.about = WORDS["courses"], WORDS["wish"], WORDS["about"]
    builders.has_skill(case.student, builders.a_skill(WORDS["skills"]))
    found = bring(case, step)
    shown = dict(rules.table())[step]
    db.session.commit()
    if found is None:
        assert shown == rules.Reveals(False, False, False)
        return
    assert queries.revealed(found) == shown, "the table speaks of the state that is really reached"
    browser = signed_in_as(case.firm, lang="zh")
    page = browser.get(f"/applications/{found.public_id}").get_data(as_text=True)
    told = browser.client.get(f"/api/v1/applications/{found.public_id}").get_json()
    for part, fields in rules.PARTS.items():
        for name in fields:
            if name in WORDS:
                assert (WORDS[name] in page) is getattr(shown, part), f"{step}: {name}"
    assert (told["called"] == case.student.name) is shown.name
    assert (told["phone"] == case.student.phone) is shown.contact


def test_the_page_and_the_resource_tell_the_same_table_to_both_sides(case, signed_in_as):
    db.session.commit()
    for member in (case.firm, case.learner):
        browser = signed_in_as(member)
        page = browser.get("/what-is-shown").get_data(as_text=True)
        rows = re.findall(r'<th scope="row".*?</tr>', page, re.S)
        told = browser.client.get("/api/v1/what-is-shown").get_json()
        assert len(rows) == len(rules.STAGES) == len(told)
        for row, one, (name, shown) in zip(rows, told, rules.table(), strict=True):
            with in_language("en"):
                assert str(wording.STAGES[name]) in row
            assert row.count("✓") == sum((shown.profile, shown.name, shown.contact))
            assert (one["profile"], one["name"], one["contact"]) == (shown.profile, shown.name, shown.contact)


def test_the_table_is_linked_where_it_is_needed(case, signed_in_as):
    application = case.applied()
    db.session.commit()
    firm, student = signed_in_as(case.firm), signed_in_as(case.learner)
    other = builders.a_position(venue="factory")
    for browser, url in (
        (firm, "/applications"), (firm, "/applications/board"), (firm, f"/applications/{application.public_id}"), (student, f"/applications/{application.public_id}"),
        (student, f"/applications/new?position={other.public_id}"),
    ):  # fmt: skip
        assert 'href="/what-is-shown"' in browser.get(url).get_data(as_text=True), url


def test_every_step_and_field_has_its_words():
    assert set(wording.STAGES) == set(rules.STAGES)
    assert set(wording.FIELDS) == {name for fields in rules.PARTS.values() for name in fields}
    assert {state for state, _, _ in rules.STAGES.values()} | {"expired"} == set(rules.SHOWN)
