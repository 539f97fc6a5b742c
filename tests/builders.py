"""Records for tests: each builder fills what a test does not care about; all flush, none commits."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from consortium.accounts.models import Membership, Person, Tenant
from consortium.messages.models import Message
from consortium.organisations.models import College, Enterprise, PostFamily
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.shared import clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from consortium.skills.models import Skill
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill, Ticket

_n = itertools.count(1)


def saved(row: Any) -> Any:
    """Add and flush."""
    db.session.add(row)
    db.session.flush()
    return row


def a_tenant(kind: TenantKind | str = TenantKind.ENTERPRISE, **given: Any) -> Tenant:
    n = next(_n)
    row: Tenant = saved(Tenant(**{"kind": str(kind), "name_zh": f"测试机构{n}", "name_en": f"Test organisation {n}", **given}))
    return row


def a_person(**given: Any) -> Person:
    n = next(_n)
    row: Person = saved(Person(**{"login": f"person{n}", "name": f"测试人{n}", "email": f"person{n}@example.org", **given}))
    return row


def a_membership(role: Role = Role.ENTERPRISE_HEAD, tenant: Tenant | None = None, person: Person | None = None) -> Membership:
    from consortium.shared.access import ROLES_OF

    kind = next(k for k, roles in ROLES_OF.items() if role in roles)
    tenant, person = tenant or a_tenant(kind), person or a_person()
    row: Membership = saved(Membership(person_id=person.id, tenant_id=tenant.id, role=role.value))
    db.session.refresh(row)
    return row


def an_enterprise(**given: Any) -> Enterprise:
    n = next(_n)
    tenant = given.pop("tenant", None) or a_tenant(TenantKind.ENTERPRISE)
    row: Enterprise = saved(
        Enterprise(
            **{
                "tenant_id": tenant.id,
                "credit_code": f"91441800TEST{n:06d}"[:18],
                "industry_code": "3989",
                "place_code": "441802400",
                "staff": 180,
                "staff_as_of": clock.today(),
                "verified_at": clock.now(),
                "credit_checked_on": clock.today(),
                **given,
            }
        )
    )
    return row


def a_family(enterprise: Enterprise, staff: int | None = 60, **given: Any) -> PostFamily:
    n = next(_n)
    row: PostFamily = saved(PostFamily(**{"tenant_id": enterprise.tenant_id, "name": f"岗位类{n}", "staff": staff, **given}))
    return row


def a_college(**given: Any) -> College:
    n = next(_n)
    tenant = given.pop("tenant", None) or a_tenant(TenantKind.COLLEGE)
    row: College = saved(College(**{"tenant_id": tenant.id, "moe_code": f"{n:010d}", "level": "高职专科", **given}))
    return row


def a_class(college: College, **given: Any) -> SchoolClass:
    n = next(_n)
    row: SchoolClass = saved(SchoolClass(**{"tenant_id": college.tenant_id, "name": f"机电{n}班", "major_code": "460301", **given}))
    return row


def a_student(college: College | None = None, consented: bool = True, **given: Any) -> Student:
    """Adult, second year, mechatronics, consenting, no account (see `a_student_member`)."""
    n = next(_n)
    college = college or a_college()
    today = clock.today()
    row: Student = saved(
        Student(
            **{
                "tenant_id": college.tenant_id,
                "student_no": f"2025{n:06d}",
                "name": f"学生{n}",
                "birth_on": date(today.year - 20, 3, 5),
                "level": "高职专科",
                "major_code": "460301",
                "enrolled_on": date(today.year - 2, 9, 1),
                "wants_internship": True,
                "wants_job": True,
                "wants_zone": True,
                "shift_ok": True,
                "wish": "设备维修",
                "about": "学过电工与机械拆装",
                "courses": "电工技术 机械制图",
                **given,
            }
        )
    )
    if consented:
        for purpose in ("matching", "showing", "statistics"):
            saved(Consent(student_id=row.id, purpose=purpose, version="2026-11", given_by="student", given_at=clock.now()))
    return row


def a_student_member(student: Student | None = None) -> Membership:
    """A student with an account; `membership.person_id == student.person_id`."""
    student = student or a_student()
    membership = a_membership(Role.STUDENT, tenant=db.session.get_one(Tenant, student.tenant_id))
    student.person_id = membership.person_id
    db.session.flush()
    return membership


def a_skill(name_zh: str = "", kind: str = "skill", **given: Any) -> Skill:
    n = next(_n)
    row: Skill = saved(Skill(**{"code": f"s{n}", "kind": kind, "name_zh": name_zh or f"技能{n}", "name_en": f"Skill {n}", **given}))
    return row


def has_skill(student: Student, skill: Skill, level: int = 2) -> StudentSkill:
    row: StudentSkill = saved(StudentSkill(student_id=student.id, skill_id=skill.id, level=level))
    return row


def a_position(
    enterprise: Enterprise | None = None,
    places: int = 3,
    must: tuple[Skill, ...] = (),
    nice: tuple[Skill, ...] = (),
    majors: tuple[tuple[str, str], ...] = (("class", "0603"),),
    **given: Any,
) -> Position:
    """A lawful, open internship in mechatronics; `kind="job"` for a job."""
    n = next(_n)
    enterprise = enterprise or an_enterprise()
    family = given.pop("family", None) or a_family(enterprise)
    start = clock.today() + timedelta(days=60)
    row: Position = saved(
        Position(
            **{
                "tenant_id": enterprise.tenant_id,
                "family_id": family.id,
                "kind": "internship",
                "state": "open",
                "title": f"设备维修技术员{n}",
                "duties": "负责生产设备的日常点检与维修，读懂电气图纸，填写维修记录。",
                "tasks": ["设备点检", "故障排查"],
                "occupation_code": "6-31-01-01",
                "place_code": "441802400",
                "start_on": start,
                "end_on": start + timedelta(days=180),
                "pay_fen": 350000,
                "same_post_pay_fen": 420000,
                "lowest_grade_fen": 300000,
                "pay_to_student": True,
                "pay_in_kind": False,
                "pay_period_days": 30,
                "fees": False,
                "hours_per_day": 8.0,
                "hours_per_week": 40.0,
                "night": False,
                "rest_days": False,
                "overtime": False,
                "hazards": [],
                "venue": "factory",
                "labour_level": 2,
                "published_at": clock.now(),
                **given,
            }
        )
    )
    saved(Seats(position_id=row.id, places=places))
    for depth, code in majors:
        saved(PositionMajor(position_id=row.id, depth=depth, code=code))
    for skill in must:
        saved(PositionSkill(position_id=row.id, skill_id=skill.id, must=True))
    for skill in nice:
        saved(PositionSkill(position_id=row.id, skill_id=skill.id, must=False))
    return row


def a_ticket(student: Student, **given: Any) -> Ticket:
    """A question of a student to the school, open."""
    told = {"tenant_id": student.tenant_id, "student_id": student.id, "class_id": student.class_id, "kind": "human", "reason": "请看一看", "due_on": clock.today()}
    row: Ticket = saved(Ticket(**{**told, **given}))
    return row


def a_message(person: Person, **given: Any) -> Message:
    """Something that somebody was told."""
    row: Message = saved(Message(**{"key": f"message{next(_n)}", "person_id": person.id, "kind": "agreement-drafted", "facts": {"title": "x"}, "link": "/", **given}))
    return row
