"""The invented consortium: the same dice give the same rows on both databases, and what they give is believable."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts import queries as accounts
from consortium.accounts.models import Membership, Person, Tenant
from consortium.demonstration import generator
from consortium.demonstration.works import WORKS
from consortium.organisations.models import Enterprise
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.reference import identity, industries, majors, occupations
from consortium.shared.access import Role
from consortium.shared.db import Base, db
from consortium.students import queries as students
from consortium.students.models import Consent, SchoolClass, Student
from tests.conftest import _empty

DAY = date(2026, 11, 24)


def test_the_same_students_seed_and_day_give_the_same_rows_twice_and_on_both_databases(app: Flask, tmp_path: Path) -> None:
    from consortium.app import create_app

    generator.fill(students=200, seed=7, on=DAY)
    here = generator.digest()
    db.session.remove()
    other = create_app("testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'other.sqlite'}", DATA_DIR=tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    with other.app_context():
        db.create_all()
        generator.fill(students=200, seed=7, on=DAY)
        assert generator.digest() == here
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def test_another_seed_gives_other_people(app: Flask, database_url: str) -> None:
    digests = set()
    for seed in (1, 2):
        _empty(database_url)
        generator.fill(students=40, seed=seed, on=DAY)
        digests.add(generator.digest())
        db.session.remove()
    assert len(digests) == 2


def test_a_database_that_holds_something_is_left_alone(app: Flask) -> None:
    generator.fill(students=30, seed=1, on=DAY)
    with pytest.raises(generator.NotEmpty):
        generator.fill(students=30, seed=1, on=DAY)


@pytest.fixture
def filled(app: Flask) -> Flask:
    generator.fill(students=400, seed=7)
    return app


def test_the_invented_consortium_is_in_believable_proportion(filled: Flask) -> None:
    posts = Counter((kind, state) for kind, state in db.session.execute(sa.select(Position.kind, Position.state)))
    assert sum(posts.values()) == 400
    assert posts["internship", "open"] >= 200
    assert posts["job", "open"] >= 70
    assert sum(n for (_, state), n in posts.items() if state == "draft") >= 20
    assert sum(n for (_, state), n in posts.items() if state == "closed") >= 5

    firms = list(db.session.scalars(sa.select(Enterprise)))
    assert len(firms) == 120
    assert min(f.staff or 0 for f in firms) >= 8
    assert max(f.staff or 0 for f in firms) <= 3000
    share = Counter(industries.leading(f.industry_code) for f in firms)
    assert sum(share[key] for key in industries.LEADING) > 0.75 * len(firms)
    assert all(share[key] >= 8 for key in industries.LEADING)
    assert {f.host_type for f in firms} >= {"enterprise", "labour_dispatch", "intermediary"}
    assert 2 <= sum(f.verified_at is None for f in firms) <= 30

    everyone = list(db.session.scalars(sa.select(Student)))
    consenting = db.session.scalar(sa.select(sa.func.count()).select_from(Consent).where(Consent.purpose == "matching")) or 0
    assert 0.85 <= consenting / len(everyone) <= 0.95
    minors = sum(students.is_minor(s) for s in everyone if s.birth_on)
    assert 0.01 < minors / len(everyone) < 0.25
    assert any(not s.wish for s in everyone)
    assert any(s.birth_on is None for s in everyone)
    assert any(s.guardian_name for s in everyone)
    assert all(majors.find(s.major_code) for s in everyone)
    assert len({s.wish for s in everyone}) > 150


def test_every_open_post_passes_every_rule_and_no_draft_stopped_by_a_rule_is_open(filled: Flask) -> None:
    stopped = 0
    for position in db.session.scalars(sa.select(Position).options(*positions.WHOLE)).unique():
        blocks = [verdict.code for verdict in positions.judge(position) if verdict.blocks]
        if position.state == "open":
            assert not blocks, (position.title, blocks)
        stopped += bool(blocks and position.state == "draft")
    assert stopped >= 10


def test_no_number_belongs_to_anybody(filled: Flask) -> None:
    for student in db.session.scalars(sa.select(Student)):
        assert student.identity_tail == "" or student.identity_tail.startswith(identity.INVENTED_AREA[:4])
        assert student.phone == "" or student.phone.startswith("1990000")
    for code in db.session.scalars(sa.select(Enterprise.credit_code)):
        assert code[2:8] == identity.INVENTED_AREA
        assert identity.credit_problem(code) is None
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(Person).where(Person.password_hash.is_not(None)))
    assert all(mail.endswith("@example.com") for mail in db.session.scalars(sa.select(Person.email)))


def test_everyone_can_be_entered_as_and_has_something_to_see(filled: Flask) -> None:
    doors = {Role(door.role): door for door in accounts.doors()}
    assert set(doors) == set(Role)
    student = db.session.scalars(sa.select(Student).where(Student.person_id == doors[Role.STUDENT].person_id)).one()
    own = db.session.get_one(SchoolClass, student.class_id)
    assert own.adviser_id == doors[Role.CLASS_ADVISER].id
    recruiter = doors[Role.ENTERPRISE_MEMBER]
    mine = sa.select(sa.func.count()).select_from(Position).where(Position.tenant_id == recruiter.tenant_id, Position.state == "open")
    assert (db.session.scalar(mine) or 0) >= 6
    assert len(accounts.memberships_of(recruiter.person_id)) == 2


def test_no_tenant_lends_its_people_to_another_kind_of_tenant(filled: Flask) -> None:
    from consortium.shared.access import ROLES_OF, TenantKind

    for role, kind in db.session.execute(sa.select(Membership.role, Tenant.kind).join(Tenant, Tenant.id == Membership.tenant_id)):
        assert Role(role) in ROLES_OF[TenantKind(kind)]


def test_the_kinds_of_work_speak_of_real_occupations_majors_and_skills(filled: Flask) -> None:
    from consortium.skills import queries as skills

    for work in WORKS:
        assert work.occupation in occupations.names(), work.family
        assert set(work.classes.split()) <= set(majors.classes()), work.family
        codes = {*work.skills.split(), *work.certificates.split()}
        assert set(skills.by_codes(codes)) == codes, work.family


def test_every_seeded_table_is_part_of_the_digest(filled: Flask) -> None:
    with_rows = {
        table.name for table in Base.metadata.sorted_tables if db.session.scalar(sa.select(sa.func.count()).select_from(table))
    }
    assert with_rows - {"audit_lines"} == set(generator.TABLES)


def test_history_is_played_through_the_real_services_and_the_door_has_an_offer_to_answer(app: Flask) -> None:
    from consortium.applications.models import Application
    from consortium.demonstration import history
    from consortium.positions.models import Seats
    from consortium.proposals import service, tasks

    generator.fill(students=120, seed=7)
    run_id = service.start(by=None, seed=7).id
    db.session.commit()
    tasks.work_here(run_id)
    with app.test_request_context("/language", method="POST"):
        told = history.play(7)
    assert {"applications applied", "applications offered", "applications accepted"} <= set(told)
    door = next(door for door in accounts.doors() if door.role == Role.STUDENT)
    states = Counter(
        db.session.scalars(
            sa.select(Application.state).join(Student, Student.id == Application.student_id).where(Student.person_id == door.person_id)
        )
    )
    assert states["offered"] == 1
    assert not states["accepted"]
    accepted = db.session.scalar(sa.select(sa.func.count()).select_from(Application).where(Application.state == "accepted"))
    assert accepted == db.session.scalar(sa.select(sa.func.sum(Seats.taken)))


def test_one_round_is_open_and_the_door_may_try_it(app: Flask) -> None:
    from consortium.demonstration import rounds
    from consortium.proposals import service, tasks
    from consortium.rounds import queries

    generator.fill(students=120, seed=7)
    run_id = service.start(by=None, seed=7).id
    db.session.commit()
    tasks.work_here(run_id)
    with app.test_request_context("/language", method="POST"):
        told = rounds.play(7)
    assert told["posts in a round"] >= 10
    assert told["lists in it"] >= 5
    door = next(door for door in accounts.doors() if door.role == Role.STUDENT)
    found = queries.open_to(door.actor())
    assert [one.name_zh for one in found] == ["春季实习自愿轮次"]
    student = db.session.scalars(sa.select(Student).where(Student.person_id == door.person_id)).one()
    assert queries.list_of(found[0], student) is None
    assert any(option.open for option in queries.options(found[0], student)[1].rows)
