"""Records for tests: each builder fills what a test does not care about; all flush, none commits."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

from consortium.accounts.models import Invitation, Membership, Person, Tenant
from consortium.compliance.models import Filing, Mentor, Override
from consortium.interviews.models import Slot
from consortium.organisations.models import (
    Check,
    College,
    Enterprise,
    IntentAsk,
    IntentRound,
    Licence,
    ListedEnterprise,
    ListItem,
    PostFamily,
)
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.reference import identity
from consortium.shared import clock, sealed
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import db
from consortium.skills.models import Skill
from consortium.students.models import Consent, SchoolClass, Student, StudentSkill

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


def an_enterprise(mentored: bool = True, **given: Any) -> Enterprise:
    """A verified host of 180 with a mentor for as many interns as a test may want."""
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
    if mentored:
        a_mentor(row, load_limit=500)
    return row


def a_mentor(enterprise: Enterprise, **given: Any) -> Mentor:
    n = next(_n)
    row: Mentor = saved(Mentor(**{"tenant_id": enterprise.tenant_id, "name": f"导师{n}", "load_limit": 5, "trained_on": clock.today(), **given}))
    return row


def a_filing(enterprise: Enterprise, verified: bool = True, **given: Any) -> Filing:
    """A filing of nights and overtime for everybody at a firm, a year long."""
    n = next(_n)
    row: Filing = saved(
        Filing(
            **{
                "tenant_id": enterprise.tenant_id, "entered_tenant_id": enterprise.tenant_id, "rules": ["R26"], "number": f"清教备{n}", "authority": "清远市教育局",
                "filed_on": clock.today(), "valid_from": clock.today(), "valid_until": clock.today() + timedelta(days=365), "file_sha256": "0" * 64,
                "verified_at": clock.now() if verified else None, **given,
            }
        )
    )  # fmt: skip
    return row


def an_override(enterprise: Enterprise, college: College, **given: Any) -> Override:
    """A college lets another category of majors pass at a firm, for a year."""
    row: Override = saved(
        Override(
            **{
                "college_tenant_id": college.tenant_id, "enterprise_tenant_id": enterprise.tenant_id, "rule": "R07", "reason": "学生双修，已完成相关课程。",
                "valid_from": clock.today(), "valid_until": clock.today() + timedelta(days=365), **given,
            }
        )
    )  # fmt: skip
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
        saved(Consent(student_id=row.id, purpose="matching", version="2026-11", given_by="student", given_at=clock.now()))
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


JPEG = b"\xff\xd8\xff\xe0" + b"licence" * 20 + b"\xff\xd9"
"""What begins and ends as a photo."""


def a_credit_code(turn: int | None = None) -> str:
    """A code of valid shape that belongs to nobody."""
    first = f"91449999MAD{next(_n) if turn is None else turn:06d}"
    return first + identity.credit_check(first)


def a_listed_enterprise(zone: Tenant | None = None, **given: Any) -> ListedEnterprise:
    """An entry of the zone's list."""
    zone = zone or a_tenant(TenantKind.ZONE)
    n = next(_n)
    row: ListedEnterprise = saved(
        ListedEnterprise(**{"tenant_id": zone.id, "credit_code": a_credit_code(), "name": f"清远名录{n}有限公司", "address": "创兴大道18号", "industry_code": "3989", **given})
    )
    return row


def a_check(enterprise: Enterprise | None = None, state: str = "waiting", licence: bool = True, **given: Any) -> Check:
    """A firm in the zone's queue, its licence handed in."""
    from flask import current_app

    enterprise = enterprise or an_enterprise(verified_at=None, credit_checked_on=None)
    row: Check = saved(Check(**{"tenant_id": enterprise.tenant_id, "state": state, "queued_at": clock.now(), **given}))
    if licence:
        box = sealed.seal_bytes(JPEG, current_app.config["ID_KEY"])
        saved(Licence(tenant_id=row.tenant_id, check_id=row.id, kind="jpeg", size=len(JPEG), sha256="0" * 64, sealed_content=box))
    return row


def an_intent_round(zone: Tenant | None = None, *tenants: Tenant, **given: Any) -> IntentRound:
    """The quarter that runs, open, these firms asked."""
    zone, today = zone or a_tenant(TenantKind.ZONE), clock.today()
    row: IntentRound = saved(
        IntentRound(**{"tenant_id": zone.id, "year": today.year, "quarter": (today.month - 1) // 3 + 1, "closes_on": today + timedelta(days=20), **given})
    )
    for tenant in tenants:
        saved(IntentAsk(round_id=row.id, tenant_id=tenant.id))
    return row


def a_list_item(enterprise: Enterprise, kind: str = "product", **given: Any) -> ListItem:
    """A published row of the three lists."""
    n = next(_n)
    more = {"product": {}, "technology": {"cooperation": "joint"}, "talent": {"class_key": "0603", "heads": 3}}[kind]
    row: ListItem = saved(
        ListItem(**{"tenant_id": enterprise.tenant_id, "kind": kind, "state": "open", "title": f"清单{n}", "about": "说明", "published_at": clock.now(), **more, **given})
    )
    return row


def an_invitation(tenant: Tenant, role: Role, **given: Any) -> Invitation:
    """A link that still works (its token is nobody's)."""
    n = next(_n)
    row: Invitation = saved(
        Invitation(
            **{"tenant_id": tenant.id, "role": role.value, "login": f"invited{n}", "name": f"受邀人{n}", "token_hash": f"{n:064d}",
               "expires_at": clock.now() + timedelta(hours=48), **given}
        )
    )  # fmt: skip
    return row


def a_slot(position: Position, **given: Any) -> Slot:
    """A time for interviews, in three days, one place."""
    row: Slot = saved(
        Slot(
            **{
                "tenant_id": position.tenant_id, "position_id": position.id, "starts_at": clock.now().replace(microsecond=0) + timedelta(days=3), "minutes": 30,
                "place": "行政楼 302", "link": "", "places": 1, "taken": 0, **given,
            }
        )
    )  # fmt: skip
    return row
