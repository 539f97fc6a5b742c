"""Resources of students and of one's own profile."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.shared import audit
from consortium.shared.errors import NotFound, Stale
from consortium.students import queries, rules, service
from consortium.students.models import Student
from consortium.students.schemas import ConsentIn, LookOut, ProfileIn, ProfileOut, StudentOut
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("students", __name__, tag="Students")


@resources.get("/students", ability="students.list")
@resources.input(PageQuery, location="query")
@resources.output(list[StudentOut])
def students(query_data: PageQuery) -> Any:
    """Students within reach; the look is recorded."""
    actor = acting()
    rows = queries.listing(actor, query_data.page, size=query_data.size).rows
    audit.looked([(s.id, queries.is_minor(s)) for s in rows], by=actor, what="list of students")
    return [_out(s) for s in rows]


@resources.get("/students/<uuid:id>", ability="students.read")
@resources.output(StudentOut)
def student(id: uuid.UUID) -> Any:
    """One student; the look is recorded."""
    found = queries.reachable(acting(), id)
    audit.looked([(found.id, queries.is_minor(found))], by=acting(), what="student's page")
    return _out(found)


@resources.get("/me/profile", ability="students.own")
@resources.output(ProfileOut)
def profile() -> Any:
    """One's own profile."""
    return _profile(queries.student_of(acting()))


@resources.put("/me/profile", ability="students.edit-own")
@resources.input(ProfileIn, location="json")
@resources.output(ProfileOut)
def save(json_data: ProfileIn) -> Any:
    """Change it; a stale version is refused."""
    found = queries.student_of(acting())
    values = json_data.model_dump()
    if values.pop("version") != found.version:
        raise Stale(values, {name: getattr(found, name) for name in service.PROFILE}, found.version)
    codes = values.pop("skills")
    service.save_profile(found, values, codes, by=acting())
    return _profile(found)


@resources.put("/me/consents/<purpose>", ability="students.consent")
@resources.input(ConsentIn, location="json")
@resources.output({}, status_code=204)
def consent(purpose: str, json_data: ConsentIn) -> Any:
    """Agree to one purpose, or withdraw."""
    if purpose not in (rules.MATCHING, rules.INTERNSHIP):
        raise NotFound
    found = queries.student_of(acting())
    if json_data.agree:
        service.give_consent(found, purpose, by=acting())
    else:
        service.withdraw(found, purpose, by=acting())
    return ""


@resources.get("/me/looks", ability="students.own")
@resources.output(list[LookOut])
def looks() -> Any:
    """Who looked at one's data."""
    return [
        LookOut(at=look.at.isoformat(), organisation=str(tenant.name), role=look.role, what=look.what)
        for look, tenant in queries.who_looked(queries.student_of(acting()))
    ]


def _out(s: Student) -> StudentOut:
    return StudentOut(
        id=s.public_id, student_no=s.student_no, name=s.name, level=s.level, major_code=s.major_code, identity=s.identity_tail, state=s.state,
        consents=queries.consent(s, rules.MATCHING) is not None, has_account=s.person_id is not None,
    )  # fmt: skip


def _profile(s: Student) -> ProfileOut:
    named = {name: getattr(s, name) for name in service.PROFILE}
    return ProfileOut(version=s.version, name=s.name, major_code=s.major_code, skills=[one.skill.code for one in s.skills], **named)
