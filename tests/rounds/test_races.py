"""Two at once: whoever is first wins, the other is told, and nothing happens twice (F14, F15, as far as rounds go)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.applications import service as applications
from consortium.applications.models import Application
from consortium.rounds import queries, service, tasks
from consortium.rounds.models import Round, RoundChoice, RoundList, RoundResult, RoundTrial
from consortium.shared import clock
from consortium.shared.db import db
from consortium.shared.errors import Conflict
from tests.rounds.play import Play, actor, at


@pytest.fixture
def play(app: Flask) -> Play:
    return Play()


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """All acts in threads of their own that start together; each answers what it did or the refusal it met."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        with app.app_context():
            gate.wait()
            try:
                answers[n] = act()
                db.session.commit()
            except (Conflict, sa.exc.IntegrityError, sa.orm.exc.StaleDataError) as refused:
                db.session.rollback()
                answers[n] = refused
            finally:
                db.session.remove()

    db.session.commit()
    db.session.remove()
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def refused(answers: list[Any]) -> int:
    return sum(isinstance(one, Exception) for one in answers)


def test_one_student_in_many_tabs_has_one_list(play: Play, app: Flask) -> None:
    number = play.round().id
    student, me, posts = play.students[0].id, actor(play.members[0]), [post.id for post in play.posts]

    def act() -> None:
        found = db.session.get_one(Round, number)
        service.hand_in(found, service.students.by_ids([student])[student], posts, fill=False, by=me)

    at_once(app, [act] * 8)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoundList)) == 1
    assert [choice.place for choice in db.session.scalars(sa.select(RoundChoice).order_by(RoundChoice.place))] == [1, 2, 3]


def test_two_officers_freeze_once_and_the_clock_not_again(play: Play, app: Flask) -> None:
    found = play.round()
    play.all_hand_in(found)
    number, by = found.id, play.by_zone
    later = found.orders_close_at

    def officer() -> None:
        service.freeze(db.session.get_one(Round, number), by=by)

    with at(later):
        answers = at_once(app, [officer, officer, service.freeze_due, service.freeze_due])
    assert 2 - refused(answers[:2]) + sum(answers[2:]) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoundTrial)) == 1


def test_a_list_is_handed_in_before_the_freeze_or_not_at_all(play: Play, app: Flask) -> None:
    found = play.round()
    play.hand_in(found, 1, 0)
    number, student, me, post = found.id, play.students[0].id, actor(play.members[0]), play.posts[0].id
    by, close = play.by_zone, found.orders_close_at

    def hand_in() -> None:
        service.hand_in(db.session.get_one(Round, number), service.students.by_ids([student])[student], [post], fill=False, by=me)

    def freeze() -> None:
        with at(close):
            service.freeze(db.session.get_one(Round, number), by=by)

    answers = at_once(app, [hand_in, freeze])
    frozen_at = db.session.get_one(Round, number).frozen_at
    row = db.session.scalar(sa.select(RoundList).where(RoundList.student_id == student))
    assert frozen_at is not None or isinstance(answers[1], Exception)
    assert (row is None) == isinstance(answers[0], Exception)


def test_several_workers_send_each_result_once(play: Play, app: Flask) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = queries.runs_of(play.frozen(found))[0]
    service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    db.session.commit()
    with at(found.publish_at):
        assert service.publish_due() == 1
        assert service.publish_due() == 0
        answers = at_once(app, [service.send_results] * 4)
        assert sum(n for n in answers if isinstance(n, int)) == 6
        tasks.work_here()
    results = list(db.session.scalars(sa.select(RoundResult)))
    assert all(one.told_at for one in results)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == sum(one.position_id is not None for one in results)
    steps = db.session.execute(sa.text("SELECT count(*) FROM application_steps WHERE step = 'offer_by_round'")).scalar_one()
    assert steps == 5


def test_the_last_seat_goes_to_one_whether_offered_by_the_round_or_outside(app: Flask) -> None:
    play = Play(4, (1,))
    found = play.round()
    for n in range(4):
        play.hand_in(found, n, 0)
    play.published(found)
    winner = db.session.scalars(sa.select(RoundResult.student_id).where(RoundResult.position_id.is_not(None))).one()
    others = [n for n, student in enumerate(play.students) if student.id != winner]
    for n in others:
        applications.offer(play.students[n], play.posts[0], by=actor(play.bosses[0]))
    db.session.commit()
    numbers = {one.student_id: one.id for one in db.session.scalars(sa.select(Application))}
    members = {student.id: actor(member) for student, member in zip(play.students, play.members, strict=True)}

    def accepts(student: int) -> Callable[[], Any]:
        return lambda: applications.accept(db.session.get_one(Application, numbers[student]), by=members[student])

    with at(clock.now() + timedelta(minutes=1)):
        answers = at_once(app, [accepts(student) for student in numbers])
    assert refused(answers) == len(numbers) - 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application).where(Application.state == "accepted")) == 1


def test_the_same_form_sent_twice_has_one_effect(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    browser = signed_in_as(play.zone)
    token = browser.csrf()
    sent = {
        "csrf_token": token, "form_key": "7f2c2f0e-6f7a-4a7b-9a53-0d0f3a1d2b11", "name_zh": "一次", "start_on": "2031-01-01", "end_on": "2031-12-31", "opens_at": "2030-10-01T10:00",
        "lists_close_at": "2030-10-02T10:00", "orders_close_at": "2030-10-03T10:00", "publish_at": "2030-10-04T10:00", "answer_hours": "48", "most_ranked": "5",
    }  # fmt: skip
    first, again = (browser.client.post("/rounds", data=sent) for _ in range(2))
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Round)) == 2
    boss = signed_in_as(play.bosses[0])
    for _ in range(2):
        boss.post(f"/rounds/{found.public_id}/posts", {"position": str(play.posts[0].public_id), "places": "1"})
    assert len(queries.posts(found)) == 3
