"""Resources of students and of one's own profile."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, url_for

from consortium.imports import queries as imports
from consortium.imports import service as uploads
from consortium.imports.schemas import ColumnSetIn, ColumnSetOut
from consortium.shared import audit
from consortium.shared.errors import Invalid, NotFound, Stale
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, rules, service
from consortium.students.models import Student
from consortium.students.schemas import (
    ActivationIn,
    AdviserIn,
    ConsentIn,
    GuardianConsentIn,
    LinkOut,
    LookOut,
    ProfileIn,
    ProfileOut,
    SchoolClassOut,
    StudentOut,
)
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


@resources.get("/students/exports", ability="students.export")
@resources.output(list[ColumnSetOut])
def exports() -> Any:
    """One's own sets of export columns."""
    return [ColumnSetOut.model_validate(one) for one in imports.column_sets(acting(), "students")]


@resources.post("/students/exports", ability="students.save-columns")
@resources.input(ColumnSetIn, location="json")
@resources.output(ColumnSetOut)
def save_columns(json_data: ColumnSetIn) -> Any:
    """Keep a set of export columns; the same name again replaces it."""
    known = dict(service.EXPORTED)
    columns = [(field, heading or known[field]) for field, heading in json_data.columns if field in known]
    return ColumnSetOut.model_validate(uploads.save_columns(acting(), "students", json_data.name, columns))


@resources.get("/students/<uuid:id>", ability="students.read")
@resources.output(StudentOut)
def student(id: uuid.UUID) -> Any:
    """One student; the look is recorded."""
    found = queries.reachable(acting(), id)
    audit.looked([(found.id, queries.is_minor(found))], by=acting(), what="student's page")
    return _out(found)


@resources.post("/students/activation-links", ability="students.invite", creates=True)
@resources.input(ActivationIn, location="json")
@resources.output(list[LinkOut], status_code=201)
def invite(json_data: ActivationIn) -> Any:
    """Single-use links for one page of students who have no account; told once."""
    actor = acting()
    made = service.activation_links(actor, queries.listing(actor, json_data.page, {"account": "no"}).rows)
    base = current_app.config["PUBLIC_URL"]
    return [LinkOut(student=s.public_id, login=login, link=base + url_for("accounts.invitation", token=token)) for s, login, token in made]


@resources.post("/students/<uuid:id>/guardian-consents", ability="students.record-consent", creates=True, reach=queries.reachable)
@resources.input(GuardianConsentIn, location="json")
@resources.output({}, status_code=204)
def record_guardian_consent(id: uuid.UUID, json_data: GuardianConsentIn) -> Any:
    """Record a guardian's signed consent."""
    found = queries.reachable(acting(), id)
    wrong: dict[str, list[Any]] = {}
    if json_data.purpose not in (rules.MATCHING, rules.INTERNSHIP):
        wrong["purpose"] = [_l("One of %(choices)s.", choices=f"{rules.MATCHING}, {rules.INTERNSHIP}")]
    if not json_data.evidence.strip():
        wrong["evidence"] = [_l("This is needed.")]
    if wrong:
        raise Invalid(wrong)
    service.give_consent(found, json_data.purpose, by=acting(), given_by="guardian", evidence=json_data.evidence)
    return ""


@resources.get("/classes", ability="students.classes")
@resources.output(list[SchoolClassOut])
def classes() -> Any:
    """The college's classes and who looks after each."""
    actor = acting()
    names = {one.id: one.public_id for one in queries.advisers(actor)}
    return [
        SchoolClassOut(id=c.public_id, name=c.name, major_code=c.major_code, students=n, agreed=agreed, adviser=names.get(c.adviser_id or 0))
        for c, n, agreed in queries.every_class(actor)
    ]


@resources.put("/classes/<uuid:id>/adviser", ability="students.assign-adviser", reach=queries.reachable_class)
@resources.input(AdviserIn, location="json")
@resources.output({}, status_code=204)
def assign_adviser(id: uuid.UUID, json_data: AdviserIn) -> Any:
    """Give a class to an adviser, or to nobody."""
    actor = acting()
    adviser = next((one for one in queries.advisers(actor) if one.public_id == json_data.adviser), None)
    if json_data.adviser and adviser is None:
        raise Invalid({"adviser": [_l("Choose an active class adviser of your college.")]})
    service.assign_adviser(queries.reachable_class(actor, id), adviser, by=actor)
    return ""


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
