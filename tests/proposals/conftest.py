"""A small market that a run can be made over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask

from consortium.positions.models import Position
from consortium.proposals import service, tasks
from consortium.proposals.models import Run
from consortium.shared.db import db
from consortium.skills.models import Skill
from consortium.students.models import Student
from tests import builders


@dataclass
class Market:
    """Two lawful posts of two firms and eight students of one college; the second post needs a certificate that the first student has."""

    students: list[Student]
    open_to_all: Position
    certified: Position
    certificate: Skill
    skill: Skill

    def run(self, seed: int = 7) -> Run:
        return run_here(service.start(by=None, seed=seed))


def run_here(run: Run) -> Run:
    db.session.commit()
    run_id = run.id
    tasks.work_here(run_id)
    return db.session.get_one(Run, run_id)


@pytest.fixture
def market(app: Flask) -> Market:
    certificate, skill = builders.a_skill("低压电工作业证", kind="certificate"), builders.a_skill("电气识图")
    college = builders.a_college()
    students = [builders.a_student(college) for _ in range(8)]
    builders.has_skill(students[0], certificate)
    builders.has_skill(students[1], skill)
    open_to_all = builders.a_position(places=2, nice=(skill,))
    certified = builders.a_position(must=(certificate,))
    db.session.commit()
    return Market(students, open_to_all, certified, certificate, skill)


@pytest.fixture
def pending(app: Flask) -> Callable[[], list[Run]]:
    """Small runs that were asked for and wait."""
    return lambda: list(db.session.query(Run).filter(Run.scope != "all", Run.state == "queued").order_by(Run.id))
