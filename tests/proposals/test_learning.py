"""From choices to coefficients: what is read, what is swapped in, what can be put back, and what pages say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.matching import calibration, learning
from consortium.matching.vocabulary import FAMILIES, WEIGHTS
from consortium.positions.models import Position
from consortium.proposals import queries, service, snapshot, tasks
from consortium.proposals.models import Run, Scoring
from consortium.proposals.wording import FAMILY_WORDS
from consortium.shared.access import Role
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden
from consortium.students.models import Consent, Student
from tests import builders
from tests.proposals.conftest import Market

MAJORS = ("460301", "460302", "460303", "460304", "460305", "460306", "460101", "460102", "460103", "460104", "460105", "460106")


def act(student: Student, position: Position, *whats: str, reason: str = "", by: Any = None) -> None:
    for what in whats:
        service.note_choice(student.id, position.id, what, by=by or builders.a_student_member(student).actor(), reason=reason)
    db.session.commit()


def trained(by: Any = None) -> Scoring:
    scoring = service.start_training(by=by)
    db.session.commit()
    number = scoring.id
    tasks.train_here(number)
    return db.session.get_one(Scoring, number)


def rows(evidence: learning.Evidence) -> list[tuple[int, int]]:
    return [(int(place), int(grade)) for place, grade in zip(evidence.place, evidence.grade, strict=True)]


def test_what_was_shown_and_passed_over_stands_beside_what_was_chosen(market: Market) -> None:
    market.run()
    act(market.students[0], market.certified, "saved", "applied")
    told = snapshot.lessons()
    assert rows(told.evidence) == [(1, 2), (2, 0)]
    assert set(told.evidence.kin) == {"major 460301"}
    assert told.since == told.until is not None


def test_the_features_are_the_shown_parts_divided_by_their_weights(market: Market) -> None:
    market.run()
    student = market.students[1]
    act(student, market.open_to_all, "applied")
    x = snapshot.lessons().evidence.cosines[0]
    points = queries.match_of(student, market.open_to_all).points  # type: ignore[union-attr]
    weights = np.array([WEIGHTS[family] for family in FAMILIES])
    assert int(np.rint(x @ weights * 1e6)) == points
    assert x[FAMILIES.index("skills")] > 0


def test_a_firms_invitation_belongs_to_the_posts_list_and_its_refusal_for_skills_speaks_of_skills_alone(market: Market) -> None:
    market.run()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.open_to_all.tenant).actor()
    order = [m.student_id for m in queries.matches_of_position(market.open_to_all)]
    student = db.session.get_one(Student, order[2])
    act(student, market.open_to_all, "invited", by=head)
    act(student, market.open_to_all, "declined", by=head, reason="skills")
    told = snapshot.lessons().evidence
    assert set(told.kin) == {f"firm {market.open_to_all.tenant_id}"}
    assert sorted(rows(told)) == sorted([(3, 2), (3, -1), *[(place, 0) for place in range(1, 9) if place != 3]])
    down = told.teaches[told.grade == -1][0]
    assert {f for f, yes in zip(FAMILIES, down, strict=True) if yes} == {"skills", "text", "text_related"}


def test_the_list_is_the_one_that_stood_at_the_time_of_the_act(market: Market) -> None:
    market.run()
    student = market.students[0]
    act(student, market.open_to_all, "applied")
    builders.has_skill(student, market.skill)
    market.run()
    assert next(m.position_id for m in queries.matches_of_student(student)) == market.open_to_all.id
    assert rows(snapshot.lessons().evidence) == [(1, 0), (2, 2)]


def test_a_new_posts_place_among_the_older_ones_is_its_place(market: Market) -> None:
    market.run()
    student = market.students[0]
    newer = builders.a_position(must=(market.certificate,), nice=())
    db.session.commit()
    small = service.start("position", newer.id, by=None)
    db.session.commit()
    tasks.work_here(small.id)
    place = [m.position_id for m in queries.matches_of_student(student)].index(newer.id) + 1
    act(student, newer, "applied")
    told = snapshot.lessons().evidence
    assert (place, 2) in rows(told)
    assert len(told) == 3


def test_who_withdrew_consent_teaches_nothing(market: Market) -> None:
    market.run()
    act(market.students[0], market.certified, "applied")
    db.session.execute(sa.update(Consent).where(Consent.student_id == market.students[0].id).values(withdrawn_at=sa.func.now()))
    db.session.commit()
    assert len(snapshot.lessons().evidence) == 0


def test_choices_before_the_first_run_and_posts_found_by_oneself_are_no_list(market: Market) -> None:
    act(market.students[2], market.open_to_all, "saved")
    market.run()
    act(market.students[3], market.certified, "applied")  # lacks the certificate: found among all posts
    assert rows(snapshot.lessons().evidence) == [(0, 2)]


def test_answered_offers_are_those_accepted_declined_or_given_back_for_another(market: Market) -> None:
    market.run()
    one, two, three, four = market.students[:4]
    act(one, market.certified, "applied", "offered", "accepted")
    act(two, market.open_to_all, "applied", "offered")
    act(three, market.open_to_all, "applied", "offered")
    service.note_choice(three.id, market.open_to_all.id, "withdrawn", by=None, reason="accepted-elsewhere")
    act(four, market.open_to_all, "applied", "declined", reason="other")
    cosines, accepted, kin = snapshot.lessons().offers
    assert accepted.tolist() == [True, False]
    assert len(cosines) == len(kin) == 2


@pytest.fixture
def taught(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forty-eight students of a dozen majors who all apply for posts in the zone, whatever the skills say; little is enough to learn from."""
    monkeypatch.setattr(learning, "LEAST_ACTS", 40)
    monkeypatch.setattr(learning, "LEAST_LISTS", 20)
    monkeypatch.setattr(calibration, "LEAST_OFFERS", 40)
    monkeypatch.setattr(calibration, "LEAST_IN_BAND", 8)

    def fill() -> None:
        college, skills = builders.a_college(), [builders.a_skill() for _ in range(3)]
        people = [builders.a_student(college, major_code=MAJORS[n % len(MAJORS)], wish="", about="", courses="") for n in range(48)]
        for person in people:
            for skill in skills:
                builders.has_skill(person, skill)
        away = [builders.a_position(nice=tuple(skills[: 1 + n % 3]), majors=(), place_code="440106", title=f"甲{n}", duties="乙", tasks=[]) for n in range(5)]
        near = [builders.a_position(nice=(skills[n % 3], builders.a_skill()), majors=(), title=f"丙{n}", duties="丁", tasks=[]) for n in range(3)]
        db.session.commit()
        run = service.start(by=None, seed=7)
        db.session.commit()
        tasks.work_here(run.id)
        for n, person in enumerate(people):
            actor = builders.a_student_member(person).actor()
            service.note_choice(person.id, near[n % 3].id, "applied", by=actor)
            service.note_choice(person.id, near[n % 3].id, "offered", by=actor)
            service.note_choice(person.id, near[n % 3].id, "accepted" if n % 4 else "declined", by=actor, reason="" if n % 4 else "pay")
            db.session.commit()
        assert max(queries.matches_of_student(people[0]), key=lambda m: m.points).position_id in {p.id for p in away}

    return fill


def test_what_everybody_wants_is_learnt_swapped_in_and_scores_the_next_run(taught: Callable[[], None]) -> None:
    taught()
    scoring = trained()
    assert (scoring.state, scoring.standing, scoring.changed, scoring.figures["verdict"]) == ("done", "serving", "weights", "better")
    assert scoring.weights["place"] > 3 * WEIGHTS["place"]
    assert abs(sum(scoring.weights.values()) - 1) < 1e-4
    assert (scoring.figures["n_acts"], scoring.figures["n_lists"], scoring.figures["n_offers"]) == (48, 48, 48)
    assert scoring.figures["held_out"]["ndcg_gain"][1] > 0
    assert scoring.until is not None
    assert db.session.scalars(sa.select(AuditLine.act).where(AuditLine.subject_kind == "scorings").order_by(AuditLine.id)).all() == ["start-training", "adopt-scoring"]
    run = service.start(by=None, seed=7)
    db.session.commit()
    number = run.id
    tasks.work_here(number)
    run = db.session.get_one(Run, number)
    assert (run.versions["scoring"], run.weights) == (str(scoring.no), scoring.weights)
    assert set(run.report["bands"]) == {"high", "middle", "low"}
    student = db.session.scalars(sa.select(Student).order_by(Student.id)).first()
    assert student is not None
    match = queries.matches_of_student(student)[0]
    post = db.session.get_one(Position, match.position_id)
    assert post.title.startswith("丙")
    view = service.explained(student, post, match)
    assert sum(part.points for part in view.parts) == view.points == match.points
    small = service.start("student", student.id, by=None)
    assert (small.versions["scoring"], small.weights) == (run.versions["scoring"], run.weights)


def test_the_same_choices_teach_the_same_and_what_serves_is_not_swapped_for_itself(taught: Callable[[], None]) -> None:
    taught()
    first, again = trained(), trained()
    assert again.against == first.no
    assert (again.standing, again.changed) in {("refused", ""), ("serving", "weights")}
    assert queries.serving() is not None
    assert db.session.scalar(sa.select(sa.func.count()).where(Scoring.standing == "serving")) == 1


def test_bands_state_the_share_of_accepted_offers_once_there_are_enough(market: Market, monkeypatch: pytest.MonkeyPatch, signed_in_as: Any) -> None:
    monkeypatch.setattr(calibration, "LEAST_OFFERS", 6)
    monkeypatch.setattr(calibration, "LEAST_IN_BAND", 1)
    for n, student in enumerate(market.students):
        if n > 4:
            builders.has_skill(student, market.skill, 3)
        if n > 2:
            student.wish = "设备维修 点检"
    db.session.commit()
    market.run()
    for n, student in enumerate(sorted(market.students, key=lambda s: queries.match_of(s, market.open_to_all).points)):  # type: ignore[union-attr]
        act(student, market.open_to_all, "applied", "offered", "accepted" if n > 4 or n == 3 else "declined")
    scoring = trained()
    assert (scoring.standing, scoring.changed, scoring.figures["verdict"]) == ("serving", "bands", "too-few")
    assert scoring.weights == service.weights_of(None)
    run = market.run()
    bands = service.bands_of(run)
    assert bands.shares is not None
    assert bands.shares["high"].share > bands.shares["low"].share
    student = market.students[6]
    view = service.explained(student, market.open_to_all, queries.match_of(student, market.open_to_all))
    assert view.share == bands.shares[view.band]
    page = signed_in_as(db.session.scalars(sa.select(builders.Membership).where(builders.Membership.person_id == student.person_id)).one()).get("/matches").get_data(as_text=True)
    assert "answered offers with such a score" in page
    report = signed_in_as(Role.ZONE_OFFICER).get(f"/runs/{run.public_id}").get_data(as_text=True)
    assert "95% interval" in report
    assert trained().standing == "refused"  # what the bands say still holds


def test_without_offers_the_bands_say_that_they_are_not_calibrated(market: Market, signed_in_as: Any) -> None:
    run = market.run()
    assert "Not calibrated yet" in signed_in_as(builders.a_student_member(market.students[0])).get("/matches").get_data(as_text=True)
    page = signed_in_as(Role.ZONE_HEAD).get(f"/runs/{run.public_id}").get_data(as_text=True)
    assert "Not calibrated yet" in page
    assert "As delivered" in page
    listed = run.report["bands"]
    assert sum(listed.values()) == sum(len(queries.matches_of_student(s)) for s in market.students)


def test_too_few_acts_leave_everything_as_it_was_and_say_so(market: Market, signed_in_as: Any) -> None:
    market.run()
    act(market.students[0], market.certified, "applied")
    scoring = trained()
    assert (scoring.standing, scoring.figures["verdict"], scoring.weights) == ("refused", "too-few", dict(WEIGHTS))
    assert queries.serving() is None
    page = signed_in_as(Role.ZONE_OFFICER).get(f"/scorings/{scoring.public_id}").get_data(as_text=True)
    assert "Too few acts to learn from" in page


def version(no: int, standing: str, **given: Any) -> Scoring:
    row: Scoring = builders.saved(Scoring(no=no, standing=standing, state="done", weights={**WEIGHTS, "skills": 0.1, "place": 0.14}, **given))
    db.session.commit()
    return row


def test_the_head_puts_an_older_version_back_and_goes_back_to_the_delivered_weights(app: Flask, signed_in_as: Any) -> None:
    older, newer = version(1, "retired"), version(2, "serving")
    browser = signed_in_as(Role.ZONE_HEAD)
    assert browser.post(f"/scorings/{older.public_id}/serving").status_code == 303
    db.session.expire_all()
    assert (older.standing, newer.standing) == ("serving", "retired")
    assert older.served_by_id is not None
    assert service.start(by=None).weights == older.weights
    db.session.rollback()
    assert browser.post(f"/scorings/{older.public_id}/retirement").status_code == 303
    db.session.expire_all()
    assert queries.serving() is None
    acts = db.session.scalars(sa.select(AuditLine.act).where(AuditLine.subject_kind == "scorings").order_by(AuditLine.id)).all()
    assert acts == ["serve-scoring", "retire-scoring"]


def test_only_the_head_decides_and_only_what_once_served_comes_back(app: Flask, signed_in_as: Any) -> None:
    kept_out, retired = version(1, "refused"), version(2, "retired")
    officer, head = (builders.a_membership(role).actor() for role in (Role.ZONE_OFFICER, Role.ZONE_HEAD))
    with pytest.raises(Forbidden):
        service.serve(retired, by=officer)
    with pytest.raises(Conflict):
        service.serve(kept_out, by=head)
    page = signed_in_as(Role.ZONE_OFFICER).get("/scorings").get_data(as_text=True)
    assert "Put back" not in page
    assert "Learn now" not in page
    assert "Put back" in signed_in_as(Role.ZONE_HEAD).get("/scorings").get_data(as_text=True)


def test_two_versions_never_serve_at_once(app: Flask) -> None:
    version(1, "serving")
    with pytest.raises(sa.exc.IntegrityError):
        version(2, "serving")
    db.session.rollback()


def test_a_version_of_another_release_does_not_serve(app: Flask) -> None:
    row = version(1, "serving")
    row.weights = {"skills": 1.0}
    db.session.commit()
    assert queries.serving() is None
    assert service.start(by=None).versions["scoring"] == "0"


def test_a_training_overtaken_by_a_decision_changes_nothing(taught: Callable[[], None]) -> None:
    taught()
    scoring = service.start_training(by=None)
    older = version(9, "serving")
    tasks.train_here(scoring.id)
    assert (scoring.standing, scoring.figures["verdict"], queries.serving()) == ("refused", "overtaken", older)


def test_one_training_at_a_time_asked_for_once_by_a_double_click(app: Flask, signed_in_as: Any) -> None:
    browser = signed_in_as(Role.ZONE_HEAD)
    key = {"form_key": "6f1c2a52-0a53-4a53-9a0e-0c4b1c1f7a12"}
    first = browser.post("/scorings", key)
    assert first.location == browser.post("/scorings", key).location
    assert browser.post("/scorings").status_code == 409
    assert "The worker learns this version now" in browser.get(first.location).get_data(as_text=True)
    assert browser.send_json("POST", "/api/v1/scorings").status_code == 409


def test_the_page_of_a_version_shows_weights_held_out_figures_and_reliability(app: Flask, signed_in_as: Any) -> None:
    draw = np.random.default_rng(1)
    points, kin = draw.integers(50_000, 750_000, 400), np.array([f"k{n % 40}" for n in range(400)], dtype=object)
    bands = calibration.calibrate(points, draw.random(400) < points / 1e6, kin)
    gain = [0.1, 0.05, 0.15]
    held = {"n_lists": 70, "ndcg_serving": 0.5, "ndcg_candidate": 0.6, "ndcg_gain": gain, "log_loss_serving": 0.7, "log_loss_candidate": 0.6, "log_loss_gain": gain}
    figures = {"verdict": "better", "eta": 1.0, "n_lists": 200, "n_acts": 300, "n_offers": 400, "held_out": held, "serving_weights": dict(WEIGHTS)}
    row = version(4, "serving", calibration=bands.told(), figures=figures, changed="weights", against=2)
    page = signed_in_as(Role.ZONE_HEAD).get(f"/scorings/{row.public_id}").get_data(as_text=True)
    for told in ("chart-reliability", "0.500", "0.600", "+0.050 … +0.150", "Better on held-out lists", "Version 2", "20%", "10.0%", "Back to the weights as delivered"):
        assert told in page, told


def test_versions_by_api(app: Flask, signed_in_as: Any) -> None:
    row = version(3, "retired", figures={"verdict": "better"})
    browser = signed_in_as(Role.ZONE_HEAD)
    assert [one["no"] for one in browser.send_json("GET", "/api/v1/scorings").get_json()] == [3]
    assert browser.send_json("POST", f"/api/v1/scorings/{row.public_id}/serving").get_json()["standing"] == "serving"
    assert browser.send_json("POST", f"/api/v1/scorings/{row.public_id}/serving").status_code == 409
    assert browser.send_json("GET", f"/api/v1/scorings/{row.public_id}").get_json()["weights"]["place"] == 0.14
    assert browser.send_json("POST", f"/api/v1/scorings/{row.public_id}/retirement").get_json()["standing"] == "retired"


def test_before_anything_was_learnt_the_page_says_when_it_begins(app: Flask, signed_in_as: Any) -> None:
    page = signed_in_as(Role.ZONE_OFFICER).get("/scorings").get_data(as_text=True)
    assert "Nothing learnt yet" in page
    assert f"{learning.LEAST_ACTS} pairs in {learning.LEAST_LISTS} lists" in page


def test_the_past_takes_part_in_a_whole_run_by_major_and_small_runs_follow_it(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.run()
    for student in market.students[:5]:
        act(student, market.open_to_all, "applied")
    assert snapshot.past() == ()
    assert market.run().weights["history"] == 0
    monkeypatch.setattr("consortium.proposals.snapshot.acts.LEAST_PAST", 5)
    assert snapshot.past() == [("460301", str(market.open_to_all.public_id), 1.0)] * 5
    run = market.run()
    assert run.weights["history"] > 0
    assert abs(sum(run.weights.values()) - 1) < 1e-9
    student = market.students[7]
    match = queries.match_of(student, market.open_to_all)
    view = service.explained(student, market.open_to_all, match)
    assert str(FAMILY_WORDS["history"]) in [part.family for part in view.parts]
    assert sum(part.points for part in view.parts) == match.points  # type: ignore[union-attr]
    small = service.start("student", student.id, by=None)
    db.session.commit()
    tasks.work_here(small.id)
    assert queries.match_of(student, market.open_to_all).points == match.points  # type: ignore[union-attr]
    monkeypatch.setattr("consortium.proposals.snapshot.acts.LEAST_ALIKE", 6)
    assert snapshot.past() == []


def test_learning_is_asked_for_on_sundays_once_there_is_enough(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    from consortium.shared import clock

    market.run()
    act(market.students[0], market.certified, "applied")
    sunday = datetime(2026, 11, 28, 19, 30, tzinfo=UTC)  # Sunday, 03:30 in Shanghai
    monkeypatch.setattr(clock, "now", lambda: sunday)
    service.start_weekly()
    assert queries.training_under_way() is None  # too little
    monkeypatch.setattr(learning, "LEAST_ACTS", 1)
    service.start_weekly()
    assert queries.training_under_way() is None  # this period was taken
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 5, 19, 30, tzinfo=UTC))
    service.start_weekly()
    service.start_weekly()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Scoring)) == 1
