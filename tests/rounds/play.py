"""A small round to play with: a zone, two colleges, three enterprises, students with true preferences."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from consortium.accounts.models import Membership
from consortium.positions.models import Position
from consortium.rounds import service, tasks
from consortium.rounds.models import Round, RoundRun, RoundTrial
from consortium.shared import clock
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.db import db
from consortium.students.models import Student
from tests import builders


def actor(member: Membership) -> Actor:
    """Somebody acting by a membership."""
    return Actor(member.person_id, member.id, member.tenant_id, TenantKind(member.tenant.kind), Role(member.role))


def values(**given: Any) -> dict[str, Any]:
    """What a round is made of: lists open since a minute, for a day."""
    now = clock.now()
    return {
        "name_zh": "春季实习轮次", "name_en": "Spring round", "start_on": clock.today() + timedelta(days=30), "end_on": clock.today() + timedelta(days=400),
        "opens_at": now - timedelta(minutes=1), "lists_close_at": now + timedelta(days=1), "orders_close_at": now + timedelta(days=2),
        "publish_at": now + timedelta(days=3), "answer_hours": 48, "most_ranked": 10, "majors": [], "year_from": None, "year_to": None, "colleges": [],
        "codes": [], **given,
    }  # fmt: skip


class Play:
    """The people and posts of a round."""

    def __init__(self, n_students: int = 6, places: Sequence[int] = (1, 2, 2), *, staff: int = 180) -> None:
        self.zone = builders.a_membership(Role.ZONE_HEAD)
        self.by_zone = actor(self.zone)
        self.skill = builders.a_skill("PLC 编程")
        self.firms = [builders.an_enterprise(staff=staff) for _ in places]
        self.bosses = [builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get(builders.Tenant, firm.tenant_id)) for firm in self.firms]
        self.posts: list[Position] = [builders.a_position(firm, places=n, must=()) for firm, n in zip(self.firms, places, strict=True)]
        self.college = builders.a_college()
        self.officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get(builders.Tenant, self.college.tenant_id))
        self.students: list[Student] = [builders.a_student(self.college) for _ in range(n_students)]
        self.members = [builders.a_student_member(student) for student in self.students]
        for student in self.students[: n_students // 2]:
            builders.has_skill(student, self.skill)
        db.session.commit()

    def round(self, *, announced: bool = True, with_posts: bool = True, **given: Any) -> Round:
        found = service.create(values(**given), by=self.by_zone)
        if announced:
            service.announce(found, by=self.by_zone)
        if announced and with_posts:
            for boss, post in zip(self.bosses, self.posts, strict=True):
                self.take_part(found, post, boss)
        db.session.commit()
        return found

    def take_part(self, found: Round, post: Position, boss: Membership, places: int = 0, reserved: dict[str, int] | None = None) -> Any:
        return service.take_part(found, post, places=places or post.seats.places, reserved=reserved or {}, reserved_stay=False, by=actor(boss))

    def hand_in(self, found: Round, n: int, *posts: int, fill: bool = False) -> Any:
        return service.hand_in(found, self.students[n], [self.posts[post].id for post in posts], fill=fill, by=actor(self.members[n]))

    def all_hand_in(self, found: Round) -> None:
        """Everybody wants the first post, then the second, then the third."""
        for n in range(len(self.students)):
            self.hand_in(found, n, 0, 1, 2)
        db.session.commit()

    def tried(self, found: Round, *chosen: str, anew: bool = False) -> RoundTrial:
        trial = service.try_out(found, chosen, anew=anew, by=self.by_zone)
        return self.worked(trial)

    def worked(self, trial: RoundTrial) -> RoundTrial:
        number = trial.id
        db.session.commit()
        tasks.try_here(number)
        db.session.expire_all()
        done = db.session.get_one(RoundTrial, number)
        assert done.state == "done", (done.state, done.trouble)
        return done

    def frozen(self, found: Round) -> RoundTrial:
        with at(found.orders_close_at):
            trial = service.freeze(found, by=self.by_zone)
            return self.worked(trial)

    def published(self, found: Round, scenario: str = "declared") -> RoundRun:
        trial = self.frozen(found)
        run = next(run for run in service.queries.runs_of(trial) if run.scenario == scenario)
        service.approve(found, run, publish_at=found.publish_at, reason="", by=self.by_zone)
        db.session.commit()
        with at(found.publish_at):
            tasks.work_here()
        db.session.expire_all()
        return run


@contextlib.contextmanager
def at(instant: datetime) -> Iterator[None]:
    """As if it were that instant."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: instant)
        yield
