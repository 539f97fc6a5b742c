"""Resources of students and of one's own profile."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Any

from flask import current_app, url_for

from consortium.organisations import queries as college_majors
from consortium.organisations import service as organisations
from consortium.shared import access, audit
from consortium.shared.access import ZONE
from consortium.shared.errors import Invalid, NotFound, Stale
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import lifecycle, queries, rules, service
from consortium.students.models import Student
from consortium.students.schemas import (
    ActivationIn,
    AdviserIn,
    BatchIn,
    BatchOut,
    ConsentIn,
    GuardianConsentIn,
    GuardianConsentsIn,
    LinkOut,
    LookOut,
    MajorIn,
    MajorOut,
    ProfileIn,
    ProfileOut,
    ProtectionOut,
    SchoolClassIn,
    SchoolClassOut,
    SeenOut,
    StepIn,
    StudentOut,
    TwiceOut,
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
    return _links(queries.listing(acting(), json_data.page, {"account": "no"}).rows)


@resources.post("/students/<uuid:id>/guardian-consents", ability="students.record-consent", creates=True, reach=queries.reachable)
@resources.input(GuardianConsentIn, location="json")
@resources.output({}, status_code=204)
def record_guardian_consent(id: uuid.UUID, json_data: GuardianConsentIn) -> Any:
    """Record a guardian's signed consent."""
    found = queries.reachable(acting(), id)
    _refuse_bad_consent(json_data, {})
    service.give_consent(found, json_data.purpose, by=acting(), given_by="guardian", evidence=json_data.evidence)
    return ""


@resources.post("/students/batch", ability="students.remind", creates=True)
@resources.input(BatchIn, location="json")
@resources.output(BatchOut, status_code=201)
def batch(json_data: BatchIn) -> Any:
    """Remind several students, or take one step of the register for all; who could not take part is counted."""
    actor = acting()
    chosen = queries.named(actor, json_data.students)
    if not chosen:
        raise Invalid({"students": [_l("Name at least one student of your own.")]})
    if json_data.act == "remind":
        done, left = service.remind(chosen, by=actor)
        return BatchOut(done=done, passed_over=left)
    if json_data.act not in lifecycle.STEPS:
        raise Invalid({"act": [_l("One of %(choices)s.", choices=", ".join(("remind", *lifecycle.STEPS)))]})
    access.require(actor, "students.step")
    took, passed = service.step_many(chosen, json_data.act, by=actor)
    return BatchOut(done=len(took), passed_over=len(passed))


@resources.post("/students/<uuid:id>/state", ability="students.step", reach=queries.reachable)
@resources.input(StepIn, location="json")
@resources.output(StudentOut)
def take_step(id: uuid.UUID, json_data: StepIn) -> Any:
    """On leave, back, graduated, moved, enrolled again."""
    found = queries.reachable(acting(), id)
    if json_data.step not in lifecycle.STEPS:
        raise Invalid({"step": [_l("One of %(choices)s.", choices=", ".join(lifecycle.STEPS))]})
    service.step(found, json_data.step, by=acting())
    return _out(found)


@resources.get("/protection", ability="students.protection")
@resources.output(ProtectionOut)
def protection() -> Any:
    """Minors, guardians and their papers, counted."""
    return ProtectionOut(**asdict(queries.protection(acting())))


@resources.post("/protection/guardian-consents", ability="students.record-consent", creates=True)
@resources.input(GuardianConsentsIn, location="json")
@resources.output(BatchOut, status_code=201)
def record_guardians(json_data: GuardianConsentsIn) -> Any:
    """Record the papers of several guardians at once."""
    chosen = queries.named(acting(), json_data.students)
    _refuse_bad_consent(json_data, {} if chosen else {"students": [_l("Name at least one student of your own.")]})
    n = service.record_guardians(chosen, json_data.purpose, json_data.evidence, by=acting())
    return BatchOut(done=n, passed_over=len(chosen) - n)


@resources.get("/students/registered-twice", ability="students.twice")
@resources.output(list[TwiceOut])
def registered_twice() -> Any:
    """Whom two colleges have on their registers: to a college its own students, to the zone how many (none where fewer than five)."""
    actor = acting()
    if actor.role in ZONE:
        return [TwiceOut(student=None, colleges=[str(a.name), str(b.name)], students=n if n >= rules.FEW else None) for a, b, n in queries.twice_by_colleges()]
    rows = queries.twice_in(actor)
    audit.looked([(one.student.id, queries.is_minor(one.student)) for one in rows], by=actor, what="list of students")
    return [TwiceOut(student=one.student.public_id, colleges=[str(one.other.name)], students=1) for one in rows]


@resources.get("/looks", ability="students.looks")
@resources.input(PageQuery, location="query")
@resources.output(list[SeenOut])
def looks_within(query_data: PageQuery) -> Any:
    """Who was shown data of students within reach, newest first; persons of other organisations stay unnamed."""
    actor = acting()
    rows = queries.looks_within(actor, query_data.page, size=query_data.size).rows
    return [
        SeenOut(
            at=seen.look.at.isoformat(), organisation=str(seen.organisation.name), role=seen.look.role, what=seen.look.what, student=seen.student_id,
            person=seen.person if seen.look.tenant_id == actor.tenant_id else "",
        )
        for seen in rows
    ]  # fmt: skip


@resources.get("/majors", ability="students.majors")
@resources.output(list[MajorOut])
def majors_run() -> Any:
    """Majors that the college runs, with classes and students."""
    return [_major(row) for row in queries.majors_of(acting())]


@resources.post("/majors", ability="students.edit-majors", creates=True)
@resources.input(MajorIn, location="json")
@resources.output(MajorOut, status_code=201)
def run_major(json_data: MajorIn) -> Any:
    """Put a major on the college's list, or change its cohorts."""
    made = organisations.run_major(acting(), **json_data.model_dump())
    return next(_major(row) for row in queries.majors_of(acting()) if row.code == made.major_code)


@resources.post("/majors/<uuid:id>/removal", ability="students.edit-majors", reach=college_majors.reachable_major)
@resources.output({}, status_code=204)
def drop_major(id: uuid.UUID) -> Any:
    """Take a major off the college's list."""
    organisations.drop_major(college_majors.reachable_major(acting(), id), by=acting())
    return ""


@resources.get("/classes", ability="students.classes")
@resources.output(list[SchoolClassOut])
def classes() -> Any:
    """The college's classes, who looks after each, and how far they are."""
    names = {one.id: one.public_id for one in queries.advisers(acting())}
    return [_class(row, names) for row in queries.every_class(acting())]


@resources.post("/classes", ability="students.edit-classes", creates=True)
@resources.input(SchoolClassIn, location="json")
@resources.output(SchoolClassOut, status_code=201)
def add_class(json_data: SchoolClassIn) -> Any:
    """A class before its roster comes."""
    return _class(queries.ClassRow(service.add_class(acting(), json_data.model_dump()), 0, 0, 0, 0), {})


@resources.get("/classes/<uuid:id>", ability="students.class")
@resources.output(list[StudentOut])
def school_class(id: uuid.UUID) -> Any:
    """The students of one class, with what each lacks; the look is recorded."""
    actor = acting()
    found = queries.of_class(queries.reachable_class(actor, id), actor)
    audit.looked([(s.id, queries.is_minor(s)) for s in found], by=actor, what="list of students")
    return [_out(s) for s in found]


@resources.put("/classes/<uuid:id>", ability="students.edit-classes", reach=queries.reachable_class)
@resources.input(SchoolClassIn, location="json")
@resources.output({}, status_code=204)
def edit_class(id: uuid.UUID, json_data: SchoolClassIn) -> Any:
    """Rename a class, or put its major or cohort right."""
    service.edit_class(queries.reachable_class(acting(), id), json_data.model_dump(), by=acting())
    return ""


@resources.post("/classes/<uuid:id>/activation-links", ability="students.invite", creates=True, reach=queries.reachable_class)
@resources.output(list[LinkOut], status_code=201)
def invite_class(id: uuid.UUID) -> Any:
    """Single-use links for all of a class who have no account; told once."""
    actor = acting()
    return _links(queries.of_class(queries.reachable_class(actor, id), actor))


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


def _refuse_bad_consent(told: GuardianConsentIn, wrong: dict[str, list[Any]]) -> None:
    if told.purpose not in (rules.MATCHING, rules.INTERNSHIP):
        wrong["purpose"] = [_l("One of %(choices)s.", choices=f"{rules.MATCHING}, {rules.INTERNSHIP}")]
    if not told.evidence.strip():
        wrong["evidence"] = [_l("This is needed.")]
    if wrong:
        raise Invalid(wrong)


def _links(chosen: list[Student]) -> list[LinkOut]:
    made = service.activation_links(acting(), chosen)
    base = current_app.config["PUBLIC_URL"]
    return [LinkOut(student=s.public_id, login=login, link=base + url_for("accounts.invitation", token=token)) for s, login, token in made]


def _major(row: queries.MajorRow) -> MajorOut:
    said = row.said
    return MajorOut(
        id=said.public_id if said else None, code=row.code, first_cohort=said.first_cohort if said else None, last_cohort=said.last_cohort if said else None,
        classes=row.n_classes, students=row.n_students,
    )  # fmt: skip


def _class(row: queries.ClassRow, names: dict[int, uuid.UUID]) -> SchoolClassOut:
    c = row.one
    return SchoolClassOut(
        id=c.public_id, name=c.name, major_code=c.major_code, cohort=c.cohort, students=row.n, agreed=row.agreed, guardians=row.guardians,
        accounts=row.accounts, adviser=names.get(c.adviser_id or 0),
    )  # fmt: skip


def _out(s: Student) -> StudentOut:
    return StudentOut(
        id=s.public_id, student_no=s.student_no, name=s.name, level=s.level, major_code=s.major_code, identity=s.identity_tail, state=s.state,
        consents=queries.consent(s, rules.MATCHING) is not None, has_account=s.person_id is not None, lacks=queries.lacks(s),
    )  # fmt: skip


def _profile(s: Student) -> ProfileOut:
    named = {name: getattr(s, name) for name in service.PROFILE}
    return ProfileOut(
        version=s.version, name=s.name, major_code=s.major_code, skills=[one.skill.code for one in s.skills], **named,
    )  # fmt: skip


from consortium.students.api import certificates  # noqa: E402 - it adds its resources

__all__ = ["certificates", "resources"]
