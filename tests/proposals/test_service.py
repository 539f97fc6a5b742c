"""Runs from snapshot to lists: what is kept, what is left out, what a small run changes."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.matching import pipeline
from consortium.matching.problem import Problem
from consortium.organisations.models import Enterprise
from consortium.positions import queries as position_queries
from consortium.positions import service as positions
from consortium.proposals import queries, service, snapshot, tasks
from consortium.proposals.models import (
    Choice,
    PositionMatches,
    Proposal,
    Run,
    RunChunk,
    RunPart,
    RunSnapshot,
    StudentMatches,
)
from consortium.proposals.snapshot.kept import KEPT_FILES, box_of, crowds_of, posts_of, students_of, whole_of
from consortium.reference import law
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from consortium.shared.tasks import claim
from consortium.students import queries as student_queries
from consortium.students import service as students
from consortium.students.events import students_changed
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
    monkeypatch.setattr(service.runs, "MOST_CHUNK", 3)
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
    positions.close(market.certified, "filled", by=head.actor())
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
    service.follow("student", [market.students[0].id])
    service.follow("student", [market.students[0].id])
    assert len(pending()) == 1


def test_before_the_first_whole_run_nothing_is_followed(market: Market, pending) -> None:
    service.follow("student", [market.students[0].id])
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
    assert found.fit == 1
    assert [(change.which, more) for change, more in found.more if change.what == "certificate"] == [(market.certificate.code, 7)]
    assert snapshot.supply({"majors": "C:1303", "kind": "internship"}).fit == 0  # type: ignore[union-attr]


def test_supply_before_the_first_run_is_unknown(market: Market) -> None:
    assert snapshot.supply({"majors": "C:0603"}) is None


def lists_of(run: Run) -> dict[tuple[str, int], tuple[list[int], list[int]]]:
    found = {}
    for side, table in (("student", StudentMatches), ("position", PositionMatches)):
        owner = getattr(table, f"{side}_id")
        for row_id, ids, points in db.session.execute(sa.select(owner, table.ids, table.points).where(table.run_id == run.id)):
            found[side, row_id] = (queries._numbers(ids), queries._numbers(points))
    return found


def read_anew(run: Run) -> dict[tuple[str, int], tuple[list[int], list[int]]]:
    """The lists of a small run with everybody read from the database and scored at once."""
    scope, subject = run.scope, run.subject_id
    db.session.expire_all()
    left = student_queries.for_matching([subject] if scope == "student" else None)
    right = position_queries.open_positions([subject] if scope == "position" else None)
    base = db.session.get_one(Run, run.base_id)
    problem = Problem.of(student_queries.as_rows(left), position_queries.as_rows(right), clock.today(), base.seed)
    limits = law.thresholds(clock.today())
    prepared = pipeline.prepare(problem, vocabulary=snapshot.prepared_of(base).vocabulary, thresholds=limits, k=run.top, k_positions=run.top_positions)
    found = pipeline.score_chunk(prepared, 0, len(problem.students))
    ids_of = ({str(one.public_id): one.id for one in left}, {str(one.public_id): one.id for one in right})
    ids = [[ids_of[side][str(key)] for key in (problem.students, problem.positions)[side].key] for side in (0, 1)]
    lists = {}
    for side, own, other, idx, points in (("student", 0, 1, found.idx, found.points), ("position", 1, 0, found.position_idx, found.position_points)):
        for row, owner in enumerate(ids[own]):
            kept = idx[row] >= 0
            if kept.any() or side == scope:
                lists[side, owner] = ([ids[other][j] for j in idx[row][kept]], points[row][kept].tolist())
    return lists


def test_small_runs_over_kept_rows_give_what_reading_everybody_would(market: Market, pending) -> None:
    college = builders.a_college()
    others = [builders.a_student(college, wish=wish, about=f"{wish}与{n}") for n, wish in enumerate(["电工", "数控车床", "质检", "设备维修"] * 5)]
    posts = [builders.a_position(builders.an_enterprise(), title=title, duties=f"{title}，负责日常工作") for title in ("电工", "数控车工", "质检员")]
    market.run()
    me = builders.a_student_member(others[1]).actor()
    db.session.commit()

    def both_ways() -> None:
        db.session.execute(sa.update(Run).where(Run.state == "queued").values(state="done"))  # what the changes asked for: the two below tell more
        for scope, subject in (("position", posts[0].id), ("position", market.open_to_all.id), ("student", others[2].id), ("student", others[1].id)):
            run = run_here(service.start(scope, subject, by=None))
            assert run.state == "done"
            found, wanted = lists_of(run), read_anew(run)
            told = found if scope == "position" else wanted  # a new post is shown to so many students a place; its own list is whole
            assert found == {owner: lists for owner, lists in wanted.items() if owner in told or owner[0] == scope}

    both_ways()  # nothing changed
    students.save_profile(others[1], {"wish": "电工", "wants_zone": False}, [market.certificate.code], by=me)
    students.withdraw(others[2], "matching", by=builders.a_student_member(others[2]).actor())
    builders.a_student(college, wish="电工与维修")  # new, with a consent of today
    db.session.commit()
    both_ways()
    head = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=posts[1].tenant).actor()
    positions.edit(posts[1], {"duties": "负责电工班组", "level_least": "高职专科"}, by=head)
    positions.take_seat(market.open_to_all.id)
    db.session.execute(sa.update(Enterprise).where(Enterprise.tenant_id == posts[2].tenant_id).values(verified_at=None))
    builders.a_position(builders.an_enterprise(), title="电工学徒")
    positions.close(posts[0], "filled", by=builders.a_membership(Role.ENTERPRISE_HEAD, tenant=posts[0].tenant).actor())
    others[3].state = "on_leave"
    db.session.commit()
    both_ways()


def test_a_run_takes_over_vocabulary_and_rows_until_too_much_is_new(market: Market) -> None:
    college = builders.a_college()
    for n in range(30):
        builders.a_student(college, wish=f"设备维修{n}")
    first = market.run()
    assert first.base_id is None
    market.students[3].wish = "数控编程"
    db.session.commit()
    second = market.run()
    assert second.base_id == first.id
    kept, anew = snapshot.prepared_of(second), snapshot.prepared_of(first).vocabulary
    assert (kept.student_rows != anew.transform(kept.problem.students)).nnz == 0
    assert second.digest != first.digest
    for n in range(4):  # with the next, more than a tenth of all
        builders.a_student(college, wish=f"钳工{n}")
    assert market.run().base_id is None


def test_a_new_class_of_majors_lets_the_vocabulary_be_learnt_anew(market: Market) -> None:
    for _ in range(20):
        builders.a_student()
    market.run()
    builders.a_student(major_code="530302", wish="会计")
    assert market.run().base_id is None


def test_many_changes_ask_for_one_whole_run(market: Market, pending, monkeypatch: pytest.MonkeyPatch) -> None:
    market.run()
    monkeypatch.setattr(service.runs, "MANY", 3)
    ids = [student.id for student in market.students]
    service.follow("student", ids[:2])
    assert len(pending()) == 2
    students_changed.announce(student_ids=ids[2:])
    students_changed.announce(student_ids=ids)
    assert len(pending()) == 2
    assert [run.state for run in db.session.query(Run).filter(Run.scope == "all").order_by(Run.id)] == ["done", "queued"]


def test_what_changes_much_under_a_whole_run_lets_another_one_follow(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    market.run()
    run = service.start(by=None)
    db.session.commit()
    run_id = run.id
    tasks.run_matching.run(run_id)  # it has read everything
    monkeypatch.setattr(service.runs, "MANY", 3)
    service.follow("student", [student.id for student in market.students])
    db.session.commit()
    tasks.work_here(run_id)
    assert [run.state for run in db.session.query(Run).filter(Run.scope == "all").order_by(Run.id)] == ["done", "done", "queued"]


def test_an_import_that_changes_many_announces_once(market: Market) -> None:
    told: list[list[int]] = []
    student = market.students[0]
    college = student.tenant_id
    values = [(n, {"student_no": s.student_no, "name": s.name, "class_name": "机电1班", "major": "460301", "wish": f"焊接{n}"}) for n, s in enumerate(market.students)]
    monkey = students_changed.listen(lambda student_ids: told.append(student_ids))
    try:
        students.apply(college, values, None)
    finally:
        students_changed.listeners.remove(monkey)
    assert told == [[s.id for s in market.students]]


def test_a_machine_that_lost_its_files_makes_them_again(market: Market, app: Flask) -> None:
    run = market.run()
    before = snapshot.prepared_of(run).student_rows.toarray()
    shutil.rmtree(Path(app.config["DATA_DIR"]) / "runs")
    for kept in (whole_of, posts_of, students_of, box_of, crowds_of):
        kept.cache_clear()
    assert (snapshot.prepared_of(run).student_rows.toarray() == before).all()
    folder = Path(app.config["DATA_DIR"]) / "runs"
    assert all(path.stat().st_mode & 0o077 == 0 for path in [folder, *folder.iterdir()])


def test_only_the_last_runs_keep_their_rows_on_disk_and_in_the_database(market: Market, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = [market.run(seed).id for seed in range(5)]
    assert len({path.name[:36] for path in (Path(app.config["DATA_DIR"]) / "runs").iterdir()}) <= KEPT_FILES
    service.forget_old()
    assert len(db.session.scalars(sa.select(RunSnapshot.run_id)).all()) == 5, "small ones teach on"
    monkeypatch.setattr(service.runs, "KEPT_BYTES", 1)
    service.forget_old()
    service.forget_old()
    for table in (RunPart, RunSnapshot):
        assert set(db.session.scalars(sa.select(table.run_id))) == set(runs[-2:])
    assert queries.matches_of_student(market.students[0])


def test_what_is_kept_no_longer_is_told_as_unknown(market: Market, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.runs, "KEPT_BYTES", 1)
    first, _, last = (market.run(seed) for seed in range(3))
    service.forget_old()
    shutil.rmtree(Path(app.config["DATA_DIR"]) / "runs")
    for kept in (whole_of, posts_of, students_of, box_of):
        kept.cache_clear()
    keys = str(market.students[0].public_id), str(market.certified.public_id)
    assert snapshot.pair(first, *keys) is None
    assert snapshot.pair(last, *keys) is not None


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
    assert [m.student_id for m in queries.ordered(found, [1, 2])] == [3, 1, 2, 4]
    assert [m.student_id for m in queries.ordered(found, [])] == [2, 3, 1, 4]


def test_the_two_parts_of_a_score_sum_to_it(market: Market) -> None:
    market.students[1].wish = str(market.open_to_all.title)
    market.run()
    view = service.explained(market.students[1], market.open_to_all, queries.match_of(market.students[1], market.open_to_all))
    assert view.points is not None
    assert 0 < view.wished <= view.points
