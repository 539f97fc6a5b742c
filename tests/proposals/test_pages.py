"""Pages of matches, candidates, supply and runs."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa

from consortium.matching import pipeline
from consortium.proposals import queries, service
from consortium.proposals.models import Choice, Run
from consortium.reference import law
from consortium.shared.access import Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from tests import builders
from tests.proposals.conftest import Market


def test_a_student_sees_matches_with_reasons_and_the_strongest_against(market: Market, signed_in_as) -> None:
    market.run()
    page = signed_in_as(builders.a_student_member(market.students[1])).get("/matches").get_data(as_text=True)
    assert market.open_to_all.title in page
    assert "Skill: 电气识图" in page or "Skill: Skill" in page
    assert market.certified.title not in page


def test_the_page_of_a_post_says_why_not_and_what_is_missing(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(builders.a_student_member(market.students[3]))
    page = browser.get(f"/matches/{market.certified.public_id}").get_data(as_text=True)
    assert "Does not fit" in page
    assert "(needed)" in page
    assert f'href="/me?back=/matches/{market.certified.public_id}#skills"' in page, "filling in leads back to the post"
    assert "/applications/new" not in page


def test_a_post_that_fits_offers_to_apply(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(builders.a_student_member(market.students[0]))
    page = browser.get(f"/matches/{market.certified.public_id}").get_data(as_text=True)
    assert f'href="/applications/new?position={market.certified.public_id}"' in page
    assert "Number 1 among your matches" in page


def test_a_post_that_others_are_shown_says_so_and_may_be_applied_for(market: Market, signed_in_as, monkeypatch: pytest.MonkeyPatch) -> None:
    builders.a_position(builders.an_enterprise(staff=200), title="仓储", duties="盘点", tasks=[], places=9)
    monkeypatch.setattr(pipeline, "recommend", partial(pipeline.recommend, a_place=1.0, least=1))
    market.run()
    post = market.open_to_all
    left = next(s for s in market.students if queries.match_of(s, post) is None and queries.matches_of_student(s))
    browser = signed_in_as(builders.a_student_member(left))
    page = browser.get(f"/matches/{post.public_id}").get_data(as_text=True)
    assert "already shown to as many students as its places allow" in page
    assert "/applications/new" in page
    assert "of it what the student wishes for" in page
    told = browser.get(f"/api/v1/matches/{post.public_id}").get_json()
    assert (told["shown_to_enough"], told["lawful"]) == (True, True)
    assert 0 <= told["wished"] <= told["points"]
    assert "Posts that suit both sides come first" in browser.get("/matches").get_data(as_text=True)


def test_a_post_against_the_students_own_wishes_may_be_applied_for_all_the_same(market: Market, signed_in_as) -> None:
    market.run()
    student = market.students[0]
    student.wants_internship = False
    db.session.commit()
    page = signed_in_as(builders.a_student_member(student)).get(f"/matches/{market.certified.public_id}").get_data(as_text=True)
    assert "Apply all the same" in page or ">Apply<" in page


def test_a_student_without_consent_is_asked_first(market: Market, signed_in_as) -> None:
    market.run()
    stranger = builders.a_student(consented=False)
    page = signed_in_as(builders.a_student_member(stranger)).get("/matches").get_data(as_text=True)
    assert "You are in no matching yet." in page
    assert "/me#matching" in page


def test_hiding_a_post_takes_it_from_the_list_and_notes_the_reason(market: Market, signed_in_as) -> None:
    market.run()
    student = market.students[0]
    browser = signed_in_as(builders.a_student_member(student))
    answer = browser.post(f"/matches/{market.certified.public_id}/choices", {"what": "hidden", "reason": "too-far"})
    assert answer.status_code == 303
    page = browser.get("/matches")
    assert f"/matches/{market.certified.public_id}" not in page.get_data(as_text=True)
    choice = db.session.scalars(sa.select(Choice)).one()
    assert (choice.student_id, choice.position_id, choice.what, choice.reason) == (student.id, market.certified.id, "hidden", "too-far")


def test_an_unknown_choice_is_refused(market: Market, signed_in_as) -> None:
    browser = signed_in_as(builders.a_student_member(market.students[0]))
    assert browser.post(f"/matches/{market.certified.public_id}/choices", {"what": "assigned"}).status_code == 400


def test_all_posts_show_what_stands_in_the_way(market: Market, signed_in_as) -> None:
    market.run()
    page = signed_in_as(builders.a_student_member(market.students[3])).get("/posts").get_data(as_text=True)
    assert market.certified.title in page
    assert "H01" in page or "certificate" in page.lower()


def test_candidates_are_ranked_without_any_name_number_or_contact(market: Market, signed_in_as) -> None:
    market.run()
    for student in market.students:
        student.phone, student.email = "19900001111", "someone@example.org"
    db.session.commit()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.open_to_all.tenant)
    page = signed_in_as(head).get(f"/positions/{market.open_to_all.public_id}/candidates").get_data(as_text=True)
    assert queries.alias(market.students[0].public_id, market.open_to_all.public_id) in page
    for student in market.students:
        for secret in (student.name, student.student_no, str(student.public_id), "19900001111", "someone@example.org"):
            assert secret not in page
    seen = db.session.scalars(sa.select(Look.student_id).where(Look.what == "candidate without a name")).all()
    assert set(seen) == {s.id for s in market.students}


def test_another_firms_candidates_are_not_found(market: Market, signed_in_as) -> None:
    market.run()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.open_to_all.tenant)
    assert signed_in_as(head).get(f"/positions/{market.certified.public_id}/candidates").status_code == 404


def test_supply_is_a_fragment_that_hides_small_numbers(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(Role.ENTERPRISE_MEMBER)
    many = browser.get("/supply?majors=C:0603&kind=internship&start_on=2030-09-01").get_data(as_text=True)
    assert ">8<" in many.replace("\n", "")
    few = browser.get(f"/supply?majors=C:0603&kind=internship&must={market.certificate.code}").get_data(as_text=True)
    assert "fewer than 5" in few
    assert "7 more" in few


def test_nonsense_in_a_half_filled_form_is_no_error(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(Role.ENTERPRISE_MEMBER)
    assert browser.get("/supply?majors=X:1,,,&start_on=soon&labour_level=9&must=%22%3E").status_code == 200


def test_the_zone_starts_a_run_watches_it_and_reads_its_report(market: Market, signed_in_as) -> None:
    browser = signed_in_as(Role.ZONE_HEAD)
    answer = browser.post("/runs")
    assert answer.status_code == 303
    waiting = browser.get(answer.location).get_data(as_text=True)
    assert "data-poll" in waiting
    assert browser.get(answer.location + "/progress").get_json()["url"] is None
    assert browser.post("/runs").status_code == 409
    from consortium.proposals import tasks

    tasks.work_here(db.session.scalars(sa.select(Run.id)).one())
    report = browser.get(answer.location).get_data(as_text=True)
    assert "Blocking pairs" in report
    assert "A post is shown to at most 10 students for each of its places." in report
    assert "Unevenness between posts" in report
    assert db.session.scalars(sa.select(Run.digest)).one() in report
    assert browser.get(answer.location + "/progress").get_json()["url"] == answer.location


def test_a_run_sent_twice_by_a_double_click_is_one_run(market: Market, signed_in_as) -> None:
    browser = signed_in_as(Role.ZONE_HEAD)
    key = {"form_key": "6f1c2a52-0a53-4a53-9a0e-0c4b1c1f7a11"}
    assert browser.post("/runs", key).location == browser.post("/runs", key).location
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Run)) == 1


def test_a_quarantined_run_says_what_to_do(market: Market, signed_in_as) -> None:
    run = service.start(by=None)
    run.state = "quarantined"
    db.session.commit()
    page = signed_in_as(Role.ZONE_HEAD).get(f"/runs/{run.public_id}").get_data(as_text=True)
    assert "stopped after three tries" in page


def test_the_number_of_queries_does_not_grow_with_the_number_of_matches(market: Market, signed_in_as) -> None:
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.open_to_all.tenant)
    browser = signed_in_as(head)

    def count() -> int:
        market.run()
        url = f"/positions/{market.open_to_all.public_id}/candidates"
        browser.get(url)
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listener)
        browser.get(url)
        sa.event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    few = count()
    for _ in range(10):
        builders.a_student()
    db.session.commit()
    assert count() == few


def test_the_report_of_a_run_tells_choices_groups_places_left_and_the_price_of_stability(market: Market, signed_in_as) -> None:
    run = market.run()
    page = signed_in_as(Role.ZONE_OFFICER).get(f"/runs/{run.public_id}").get_data(as_text=True)
    for words in ("Which choice", "fewer than 5", "What stability costs", "By group", "Higher vocational (diploma)", "Enterprises with all places filled: 1 of 2"):
        assert words in page, words
    assert "Requests that cannot be met" not in page
    run.report = dict(run.report) | {
        "unmet": [["fixed", "R11", 6], ["fixed", "post", 1]], "unfilled_by_reason": {"quota": 3, "reserved": 1, "nobody-listed": 2},
        "groups": {"major_class": [{"group": "", "students": 7, "placed": 0, "first": 0, "mean_place": None}], "level": []},
    }  # fmt: skip
    db.session.commit()
    page = signed_in_as(Role.ZONE_HEAD).get(f"/runs/{run.public_id}").get_data(as_text=True)
    for words in ("Requests that cannot be met", "Placement to be kept", "The places of the post are not enough.", "not filled in", "the cap of the kind of post"):
        assert words in page, words
    assert law.rule("R11").words("en") in page


def test_a_run_of_an_earlier_release_still_shows_its_report(market: Market, signed_in_as) -> None:
    run = market.run()
    run.report = {"placed": 3, "seats": 3, "acceptable_pairs": 9, "blocking_pairs": 0, "choice_profile": {"1": 3}, "unfilled_by_reason": {"gone": 2}}
    db.session.commit()
    page = signed_in_as(Role.ZONE_OFFICER).get(f"/runs/{run.public_id}").get_data(as_text=True)
    assert "Which choice" in page
    assert "By group" not in page
