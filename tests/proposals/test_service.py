"""Runs from snapshot to lists: what is kept, what is left out, what a small run changes."""

from __future__ import annotations

from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.matching import pipeline
from consortium.positions import service as positions
from consortium.proposals import queries, service, snapshot, tasks
from consortium.proposals.models import Choice, Proposal, Run, RunChunk, StudentMatches
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.tasks import claim
from consortium.students import service as students
from tests import builders
from tests.proposals.conftest import Market, run_here


def test_a_run_leaves_lists_a_report_and_a_digest(market: Market) -> None:
    run = market.run()
    assert (run.state, run.phase, run.n_students, run.n_positions) == ("done", "done", 8, 2)
    assert len(run.digest) == 64
    assert run.report["blocking_pairs"] == 0
    assert [m.position_id for m in queries.matches_of_student(market.students[0])] == [market.certified.id, market.open_to_all.id]
    assert [m.student_id for m in queries.matches_of_position(market.certified)] == [market.students[0].id]
    assert queries.n_lawful(market.open_to_all) == 8


def test_the_figures_by_class_and_sector_count_each_student_once(market: Market) -> None:
    rows = market.run().report["class_pairs"]
    assert [(major_class, pairs, students) for major_class, _sector, pairs, students in rows] == [("0603", 9, 8)]


def test_nobody_is_proposed_beyond_the_places(market: Market) -> None:
    run = market.run()
    taken = db.session.execute(sa.select(Proposal.position_id, sa.func.count()).where(Proposal.run_id == run.id).group_by(Proposal.position_id))
    assert dict(map(tuple, taken)) == {market.open_to_all.id: 2, market.certified.id: 1}


def test_the_same_snapshot_gives_the_same_digest_whatever_the_cut(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    first = market.run()
    monkeypatch.setattr(service, "CHUNK_STUDENTS", 3)
    second = market.run()
    assert second.n_chunks == 3
    assert (first.snapshot_hash, first.digest) == (second.snapshot_hash, second.digest)


def test_another_seed_is_another_lottery_and_another_digest(market: Market) -> None:
    assert market.run(seed=1).digest != market.run(seed=2).digest


def test_without_consent_a_student_is_in_no_run(market: Market) -> None:
    stranger = builders.a_student(consented=False)
    run = market.run()
    assert run.n_students == 8
    assert queries.matches_of_student(stranger) == []


def test_consent_withdrawn_while_a_run_works_keeps_the_student_out_of_its_result(market: Market) -> None:
    run = service.start(by=None, seed=7)
    db.session.commit()
    run_id, leaver = run.id, market.students[0]
    tasks.run_matching.run(run_id)
    students.withdraw(leaver, "matching", by=builders.a_student_member(leaver).actor())
    db.session.commit()
    for chunk in queries.chunks_of(run_id):
        db.session.rollback()
        tasks.score_chunk.run(chunk.id)
    tasks.run_matching.run(run_id)
    assert db.session.get_one(Run, run_id).state == "done"
    kept = set(db.session.scalars(sa.select(StudentMatches.student_id).where(StudentMatches.run_id == run_id)))
    assert leaver.id not in kept
    assert queries.matches_of_position(market.certified) == []


def test_a_withdrawn_consent_empties_the_lists_at_once(market: Market) -> None:
    market.run()
    leaver = market.students[0]
    students.withdraw(leaver, "matching", by=builders.a_student_member(leaver).actor())
    assert queries.matches_of_student(leaver) == []
    assert leaver.id not in {m.student_id for m in queries.matches_of_position(market.open_to_all)}


def test_a_closed_post_is_nobodys_match(market: Market) -> None:
    market.run()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.certified.tenant)
    positions.close(market.certified, by=head.actor())
    assert [m.position_id for m in queries.matches_of_student(market.students[0])] == [market.open_to_all.id]


def test_only_one_whole_run_at_a_time(market: Market) -> None:
    service.start(by=None)
    with pytest.raises(Conflict):
        service.start(by=None)


def test_a_new_post_meets_all_students_within_its_own_small_run(market: Market, pending) -> None:
    market.run()
    firm = builders.an_enterprise()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant).actor()
    post = builders.a_position(firm, state="draft", places=1)
    positions.publish(post, by=head)
    (run,) = pending()
    assert (run.scope, run.subject_id) == ("position", post.id)
    run_here(run)
    assert len(queries.matches_of_position(post)) == 8
    assert post.id in {m.position_id for m in queries.matches_of_student(market.students[3])}
    view = service.explained(market.students[3], post, queries.match_of(market.students[3], post))
    assert view.lawful
    assert view.points == sum(part.points for part in view.parts)


def test_a_student_who_gains_the_certificate_is_found_by_the_post_and_one_who_changes_leaves_old_lists(market: Market, pending) -> None:
    market.run()
    student = market.students[2]
    me = builders.a_student_member(student).actor()
    students.save_profile(student, {"wish": "数控车床操作"}, [market.certificate.code], by=me)
    (run,) = pending()
    run_here(run)
    assert student.id in {m.student_id for m in queries.matches_of_position(market.certified)}
    students.save_profile(student, {"wants_internship": False}, None, by=me)
    (run,) = pending()
    run_here(run)
    assert queries.matches_of_student(student) == []
    assert student.id not in {m.student_id for m in queries.matches_of_position(market.certified)}


def test_small_runs_that_wait_are_not_doubled(market: Market, pending) -> None:
    market.run()
    service.follow("student", market.students[0].id)
    service.follow("student", market.students[0].id)
    assert len(pending()) == 1


def test_before_the_first_whole_run_nothing_is_followed(market: Market, pending) -> None:
    service.follow("student", market.students[0].id)
    assert pending() == []


def test_a_post_that_asks_for_nothing_gets_no_score(market: Market) -> None:
    bare = builders.a_position(duties="", tasks=[], title="岗位", warnings_accepted={"R13": "试"})
    market.run()
    assert queries.matches_of_position(bare) == []
    view = service.explained(market.students[0], bare)
    assert (view.points, view.band) == (None, "none")


def test_why_not_names_the_missing_certificate_and_the_rule_stops_the_pair(market: Market) -> None:
    market.run()
    view = service.explained(market.students[4], market.certified)
    assert not view.lawful
    assert view.blocked_by == ("H01",)
    assert view.against is not None
    assert "低压电工作业证" in view.against.text
    assert view.against.state == "not-met"


def test_the_parts_shown_sum_to_the_points_shown(market: Market) -> None:
    market.run()
    for student in market.students:
        for match in queries.matches_of_student(student):
            post = market.certified if match.position_id == market.certified.id else market.open_to_all
            view = service.explained(student, post, match)
            assert view.points == match.points == sum(part.points for part in view.parts)


def test_the_page_of_pairs_explains_as_the_single_pair_does(market: Market) -> None:
    market.run()
    student = market.students[0]
    pairs = [(student, market.certified, queries.match_of(student, market.certified))]
    assert service.explained_all(pairs) == [service.explained(*pairs[0])]  # type: ignore[arg-type]


def test_protected_attributes_change_no_score(market: Market) -> None:
    first = market.run()
    points = {s.id: [(m.position_id, m.points) for m in queries.matches_of_student(s)] for s in market.students}
    for number, student in enumerate(market.students):
        student.sex = "FM"[number % 2]
    second = market.run()
    assert {s.id: [(m.position_id, m.points) for m in queries.matches_of_student(s)] for s in market.students} == points
    assert first.id != second.id


def test_an_alias_finds_its_student_for_one_post_only(market: Market) -> None:
    market.run()
    student = market.students[0]
    name = queries.alias(student.public_id, market.certified.public_id)
    assert name != queries.alias(student.public_id, market.open_to_all.public_id)
    assert queries.by_alias(market.certified)[name].id == student.id
    assert name not in queries.by_alias(market.open_to_all)


def test_two_who_are_called_alike_are_confused_with_nobody(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.run()
    monkeypatch.setattr(queries, "alias", lambda *_ids: "A-000000")
    assert queries.by_alias(market.open_to_all) == {}
    assert set(queries.by_alias(market.certified)) == {"A-000000"}


def test_a_choice_taken_back_is_no_choice(market: Market) -> None:
    me = builders.a_student_member(market.students[0]).actor()
    for what in ("saved", "unsaved", "hidden"):
        service.note_choice(market.students[0].id, market.certified.id, what, by=me)
    assert queries.choices_of_student(market.students[0].id) == {market.certified.id: {"hidden"}}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Choice)) == 3


def test_a_chunk_that_fails_three_times_ends_its_run(market: Market) -> None:
    run = service.start(by=None)
    db.session.commit()
    tasks.run_matching.run(run.id)
    chunk_id = queries.chunks_of(run.id)[0].id
    service.give_up(chunk_id)
    db.session.commit()
    assert db.session.get_one(Run, run.id).state == "quarantined"


def test_a_second_bell_for_a_finished_chunk_does_nothing(market: Market) -> None:
    run = market.run()
    chunk = queries.chunks_of(run.id)[0]
    before = (chunk.fence, chunk.attempts)
    db.session.rollback()
    tasks.score_chunk.run(chunk.id)
    tasks.run_matching.run(run.id)
    again = db.session.get_one(RunChunk, chunk.id)
    assert (again.fence, again.attempts) == before


def test_a_runner_whose_lease_was_taken_over_commits_nothing(market: Market, app: Flask) -> None:
    run = service.start(by=None)
    db.session.commit()
    held = claim(Run, run.id)
    assert held is not None
    db.session.execute(sa.update(Run).where(Run.id == run.id).values(fence=Run.fence + 1))
    db.session.commit()
    from consortium.shared.tasks import LeaseLost

    with pytest.raises(LeaseLost):
        service.advance(held)
    db.session.rollback()
    assert queries.chunks_of(run.id) == []


def test_live_supply_counts_with_the_matchers_rules(market: Market) -> None:
    market.run()
    asked = {"majors": "C:0603", "must": market.certificate.code, "kind": "internship", "start_on": "2030-09-01"}
    found = snapshot.supply(asked)
    assert found is not None
    assert (found.fit, found.dropped) == (1, ((market.certificate.code, 7),))
    assert snapshot.supply({"majors": "C:1303", "kind": "internship"}).fit == 0  # type: ignore[union-attr]


def test_supply_before_the_first_run_is_unknown(market: Market) -> None:
    assert snapshot.supply({"majors": "C:0603"}) is None


def test_a_post_is_shown_to_few_for_its_places_and_the_page_of_the_others_says_so(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    builders.a_position(builders.an_enterprise(staff=200), title="仓储管理员", places=9)
    monkeypatch.setattr(pipeline, "recommend", partial(pipeline.recommend, a_place=1.0, least=1))
    run = market.run()
    told = run.report["exposure"]
    shown = [student for student in market.students if queries.match_of(student, market.open_to_all) is not None]
    assert len(shown) < 8
    assert told["left_out"] > 0
    left = [student for student in market.students if student not in shown and queries.shown_to_enough(market.open_to_all, 10**6, queries.matches_of_student(student))]
    assert left, "who has other matches hears why this one is none"
    assert queries.students_a_place() == 1.0
    assert len(queries.matches_of_position(market.open_to_all)) == 8, "the firm's own list is not cut"


def test_what_came_after_a_run_stands_where_its_points_belong() -> None:
    found = {n: queries.Match(n, n, points, 1) for n, points in ((1, 50), (2, 70), (3, 60), (4, 10))}
    assert [m.student_id for m in queries._ordered(found, [1, 2])] == [3, 1, 2, 4]
    assert [m.student_id for m in queries._ordered(found, [])] == [2, 3, 1, 4]


def test_the_two_parts_of_a_score_sum_to_it(market: Market) -> None:
    market.students[1].wish = str(market.open_to_all.title)
    market.run()
    view = service.explained(market.students[1], market.open_to_all, queries.match_of(market.students[1], market.open_to_all))
    assert view.points is not None
    assert 0 < view.wished <= view.points
