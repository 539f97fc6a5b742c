"""Pages of the college's students, and of the student's own profile, consents and rights."""

from __future__ import annotations

import re
import uuid
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from consortium.accounts.wording import role_name
from consortium.organisations import queries as college_majors
from consortium.organisations import service as organisations
from consortium.reference import industries, majors, places
from consortium.shared import access, audit
from consortium.shared.access import COLLEGE, STUDENT, ZONE
from consortium.shared.errors import Invalid, Malformed
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language, ngettext
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import lifecycle, queries, rules, service
from consortium.students.forms import BatchForm, ClassForm, CorrectGuardianForm, GuardianForm, MajorForm, ProfileForm
from consortium.students.models import SchoolClass, Student
from consortium.students.wording import LACKS, LINK_ANSWERS, MISSING, NOTICES, PARTS, STEPS
from consortium.web.forms import put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("students", __name__)
pages.menu(_l("Students"), "index", icon="people", order=20, roles=COLLEGE)
pages.menu(_l("Me"), "me", icon="user", order=40, roles=STUDENT)

PURPOSES = tuple((purpose, NOTICES[purpose]["title"]) for purpose in rules.PURPOSES)
MOST_TICKED = 200


@pages.get("/students", ability="students.list")
def index() -> Any:
    """The college's students, or the adviser's."""
    return _index()


@pages.post("/students/batch", ability="students.remind", creates=True)
def batch() -> Any:
    """Remind the ticked students, make links for them, or take a step for all; who could not take part is told."""
    actor, form = acting(), BatchForm()
    chosen = queries.named(actor, _ticked())
    act = form.act.data if form.validate() else ""
    if not act or not chosen:
        flash(_("Tick at least one student and choose what to do."), "stop")
        return redirect(_back(), 303)
    if act == "links":
        access.require(actor, "students.invite")
        return _links(chosen)
    if act == "remind":
        told, left = service.remind(chosen, by=actor)
        flash(ngettext("%(num)d student reminded", "%(num)d students reminded", told) + _and_left(left, _("nothing of theirs is missing, or they have no account")), "ok")
    else:
        access.require(actor, "students.step")
        done, passed = service.step_many(chosen, act, by=actor)
        flash(f"{STEPS[act]}: {len(done)}" + _and_left(len(passed), _("their state does not allow it")), "ok" if done else "stop")
    return redirect(_back(), 303)


@pages.post("/students/<uuid:id>/state", ability="students.step")
def take_step(id: uuid.UUID) -> Any:
    """On leave, back, graduated, moved, enrolled again."""
    student, name = queries.reachable(acting(), id), request.form.get("step", "")
    if name not in lifecycle.STEPS:
        raise Malformed
    service.step(student, name, by=acting())
    flash(_("Recorded."), "ok")
    return redirect(url_for("students.show", id=id), 303)


@pages.get("/majors", ability="students.majors")
def majors_run() -> Any:
    """Which majors of the catalogue the college runs, for which cohorts, with how many students."""
    return _majors(MajorForm(formdata=None))


@pages.post("/majors", ability="students.edit-majors", creates=True)
def run_major() -> Any:
    """Add a major, or change its cohorts."""
    form = MajorForm()
    if not form.validate():
        return _majors(form), 422
    try:
        organisations.run_major(acting(), **form.told())
    except Invalid as refused:
        put(form, refused)
        return _majors(form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("students.majors_run"), 303)


@pages.post("/majors/<uuid:id>/removal", ability="students.edit-majors")
def drop_major(id: uuid.UUID) -> Any:
    """Take a major off the list."""
    organisations.drop_major(college_majors.reachable_major(acting(), id), by=acting())
    flash(_("Taken off the list. Students and classes keep their major."), "ok")
    return redirect(url_for("students.majors_run"), 303)


@pages.get("/classes", ability="students.classes")
def classes() -> Any:
    """The college's classes, who looks after each, and how far they are."""
    return _classes({})


@pages.post("/classes", ability="students.edit-classes", creates=True)
def add_class() -> Any:
    """A class before its roster comes."""
    form = ClassForm()
    if not form.validate():
        return _classes({}, form), 422
    try:
        made = service.add_class(acting(), form.told())
    except Invalid as refused:
        put(form, refused)
        return _classes({}, form), 422
    flash(_("%(class_name)s is there now.", class_name=made.name), "ok")
    return redirect(url_for("students.school_class", id=made.public_id), 303)


@pages.get("/classes/<uuid:id>", ability="students.class")
def school_class(id: uuid.UUID) -> Any:
    """One class: its students, what each lacks, and what can be done for all of them."""
    found = queries.reachable_class(acting(), id)
    return _class(found, ClassForm.of(found))


@pages.post("/classes/<uuid:id>", ability="students.edit-classes")
def edit_class(id: uuid.UUID) -> Any:
    """Rename a class, or put its major or cohort right."""
    found, form = queries.reachable_class(acting(), id), ClassForm()
    if not form.validate():
        return _class(found, form), 422
    try:
        service.edit_class(found, form.told(), by=acting())
    except Invalid as refused:
        put(form, refused)
        return _class(found, form), 422
    flash(_("Saved."), "ok")
    return redirect(url_for("students.school_class", id=id), 303)


@pages.post("/classes/<uuid:id>/activation-links", ability="students.invite", creates=True)
def invite_class(id: uuid.UUID) -> Any:
    """Single-use links for all of a class who have no account; shown once, to be printed."""
    actor = acting()
    found = queries.reachable_class(actor, id)
    return _links(queries.of_class(found, actor), found)


@pages.post("/classes/<uuid:id>/adviser", ability="students.assign-adviser")
def assign_adviser(id: uuid.UUID) -> Any:
    """Give a class to an adviser, or to nobody."""
    actor, school_class = acting(), queries.reachable_class(acting(), id)
    wanted = request.form.get("adviser", "")
    adviser = next((one for one in queries.advisers(actor) if str(one.public_id) == wanted), None)
    if wanted and adviser is None:
        return _classes({id: _("Choose an active class adviser of your college.")}), 422
    service.assign_adviser(school_class, adviser, by=actor)
    if adviser:
        flash(_("%(adviser)s now looks after %(class_name)s.", adviser=adviser.person.name, class_name=school_class.name), "ok")
    else:
        flash(_("%(class_name)s has no adviser now.", class_name=school_class.name), "ok")
    page = queries.page_of_class(actor, school_class)
    return redirect(url_for("students.classes", page=page if page > 1 else None) + f"#class-{id}", 303)


@pages.get("/protection", ability="students.protection")
def protection() -> Any:
    """Minors, guardians and their papers, at a glance."""
    return _protection(GuardianForm(formdata=None))


@pages.post("/protection/guardian-consents", ability="students.record-consent", creates=True)
def record_guardians() -> Any:
    """Record the papers of several guardians at once."""
    form, chosen = GuardianForm(), queries.named(acting(), _ticked())
    if not form.validate() or not chosen:
        if not chosen:
            flash(_("Tick the students whose guardians have signed."), "stop")
        return _protection(form), 422
    n = service.record_guardians(chosen, form.purpose.data, form.evidence.data, by=acting())
    flash(ngettext("%(num)d consent recorded", "%(num)d consents recorded", n) + _and_left(len(chosen) - n, _("already recorded")), "ok")
    return redirect(_back("students.protection"), 303)


@pages.get("/looks", ability="students.looks")
def looks() -> Any:
    """Who has seen our students' data: by organisation, and look by look."""
    actor, outside = acting(), request.args.get("who", "") != "all"
    listing = queries.looks_within(actor, request.args.get("page", 1, int), outside=outside)
    return render_template(
        "students/looks.html", listing=listing, outside=outside, by_organisation=queries.looks_by_organisation(actor), days=30, home=actor.tenant_id, role_words=role_name,
    )  # fmt: skip


@pages.get("/students/registered-twice", ability="students.twice")
def registered_twice() -> Any:
    """Whom two colleges have on their registers: the college its own students, the zone how many."""
    actor = acting()
    if actor.role in ZONE:
        return render_template("students/twice.html", pairs=queries.twice_by_colleges(), rows=[], few=rules.FEW)
    rows = queries.twice_in(actor)
    audit.looked([(one.student.id, queries.is_minor(one.student)) for one in rows], by=actor, what="list of students")
    return render_template("students/twice.html", rows=rows, pairs=[], few=rules.FEW)


@pages.get("/students/<uuid:id>", ability="students.read")
def show(id: uuid.UUID) -> Any:
    """One student; the look is recorded."""
    return _show(queries.reachable(acting(), id), GuardianForm())


@pages.post("/students/<uuid:id>/guardian-consents", ability="students.record-consent", creates=True)
def record_guardian_consent(id: uuid.UUID) -> Any:
    """Record a guardian's signed consent."""
    student, form = queries.reachable(acting(), id), GuardianForm()
    if not form.validate():
        return _show(student, form), 422
    service.give_consent(student, form.purpose.data, by=acting(), given_by="guardian", evidence=form.evidence.data)
    flash(_("Recorded."), "ok")
    return redirect(url_for("students.show", id=id), 303)


@pages.get("/me", ability="students.own")
def me() -> Any:
    """The student's own page."""
    student = queries.student_of(acting())
    form = ProfileForm(formdata=None, obj=student)
    for name in ProfileForm.TRIS:
        form[name].data = {True: "yes", False: "no", None: ""}[getattr(student, name)]
    form.skills.data = [one.skill.code for one in student.skills]
    more = request.args.get("add", "")[:40]
    if more and more not in form.skills.data:
        form.skills.data.append(more)  # shown in the field; nothing is saved before the student does
    return _me(student, form)


@pages.post("/me", ability="students.edit-own")
def save_profile() -> Any:
    """Save what the student keeps; whatever is refused, what was typed stays on the page."""
    student, form = queries.student_of(acting()), ProfileForm()
    if not form.validate():
        return _me(student, form), 422
    form.refuse_if_stale(student)
    values = form.told()
    named = values.pop("skills")
    try:
        service.save_profile(student, values, named, by=acting())
    except Invalid as refused:
        put(form, refused)
        return _me(student, form), 422
    flash(_("Saved. Your matches are being worked out anew."), "ok")
    return redirect(_came_from() or url_for("students.me"), 303)


def _asked() -> dict[str, str]:
    return {name: request.values.get(name, "") for name in queries.FILTERS}


def _ticked() -> list[uuid.UUID]:
    found = []
    for told in request.form.getlist("student")[:MOST_TICKED]:
        try:
            found.append(uuid.UUID(told))
        except ValueError:
            raise Malformed from None
    return found


def _back(endpoint: str = "students.index") -> str:
    """Where the form came from, by the filters that its address carried on; never an address of somebody else's."""
    where = request.args.get("of_class", "")
    try:
        if where:
            return url_for("students.school_class", id=uuid.UUID(where))
    except ValueError:
        raise Malformed from None
    kept: dict[str, Any] = {name: told for name in (*queries.FILTERS, "show", "page") if (told := request.args.get(name, ""))}
    return url_for(endpoint, **kept)


def _and_left(left: int, why: str) -> str:
    return " · " + _("%(n)s passed over: %(why)s", n=left, why=why) if left else ""


def _links(chosen: list[Student], school_class: SchoolClass | None = None) -> str:
    actor = acting()
    made = service.activation_links(actor, chosen)
    base = current_app.config["PUBLIC_URL"]
    links = [(s, login, base + url_for("accounts.invitation", token=token)) for s, login, token in made]
    audit.looked([(s.id, queries.is_minor(s)) for s, _login, _link in links], by=actor, what="list of students")
    return render_template("students/links.html", links=links, school_class=school_class, n_asked=len(chosen))


def _index() -> str:
    actor, asked = acting(), _asked()
    listing = queries.listing(actor, request.args.get("page", 1, int), asked)
    audit.looked([(s.id, queries.is_minor(s)) for s in listing.rows], by=actor, what="list of students")
    n, lacking = queries.caseload(actor)
    return render_template(
        "students/index.html", listing=listing, asked=asked, classes=queries.classes(actor), majors=majors, consent=queries.consent,
        lacks=queries.lacks, lack_words=LACKS, n=n, lacking=lacking, states=lifecycle.STUDENT.states[:-1], steps=STEPS,
    )  # fmt: skip


def _majors(form: MajorForm) -> str:
    form.explain()
    return render_template("students/majors.html", rows=queries.majors_of(acting()), form=form, majors=majors)


def _classes(wrong: dict[uuid.UUID, str], form: ClassForm | None = None) -> str:
    actor, form = acting(), form or ClassForm(formdata=None)
    form.explain()
    return render_template(
        "students/classes.html", listing=queries.classes_listed(actor, request.args.get("page", 1, int)), advisers=queries.advisers(actor), majors=majors, wrong=wrong, form=form
    )


def _class(found: SchoolClass, form: ClassForm) -> str:
    actor = acting()
    form.explain()
    students = queries.of_class(found, actor)
    audit.looked([(s.id, queries.is_minor(s)) for s in students], by=actor, what="list of students")
    return render_template(
        "students/class.html", one=found, students=students, form=form, major=majors.find(found.major_code), lacks=queries.lacks, lack_words=LACKS,
        adviser=queries.adviser_of(found), steps=STEPS, consent=queries.consent,
    )  # fmt: skip


def _protection(form: GuardianForm) -> str:
    actor, show = acting(), request.args.get("show", "minors")
    asked = {"lacks": "guardian"} if show == "guardian" else {"lacks": "guardian_contact"} if show == "contact" else {"minors": "yes", "state": "enrolled"}
    listing = queries.listing(actor, request.args.get("page", 1, int), asked)
    audit.looked([(s.id, queries.is_minor(s)) for s in listing.rows], by=actor, what="list of students")
    return render_template(
        "students/protection.html", figures=queries.protection(actor), listing=listing, show=show, form=form, consent=queries.consent, purposes=PURPOSES,
        of_age_on=rules.of_age_on, minor=queries.is_minor,
    )  # fmt: skip


def _show(student: Student, form: GuardianForm, correction: CorrectGuardianForm | None = None) -> str:
    actor, minor = acting(), queries.is_minor(student)
    audit.looked([(student.id, minor)], by=actor, what="student's page")
    return render_template(
        "students/show.html", student=student, minor=minor, major=majors.find(student.major_code), form=form, consent=queries.consent,
        purposes=PURPOSES, places=places, filled=queries.filled(student), steps=STEPS, open_steps=lifecycle.STUDENT.open_to(student.state, actor.role),
        lacks=queries.lacks(student), lack_words=LACKS, looks=queries.looks_within(actor, student=student, size=8).rows, home=actor.tenant_id, role_words=role_name,
        correction=correction or CorrectGuardianForm(formdata=None, obj=student), link=queries.latest_link(student), link_words=LINK_ANSWERS,
    )  # fmt: skip


def _came_from() -> str:
    """The match, or the search, from which somebody came to fill something in; only pages of the product."""
    told = request.values.get("back", "")
    return told if re.fullmatch(r"/(matches(/[0-9a-f-]{36})?|posts(\?[\w=&%+.-]*)?)", told) else ""


def _me(student: Student, form: ProfileForm) -> str:
    form.explain()
    there = queries.filled(student)
    missing = rules.next_missing(there)
    return render_template(
        "students/me.html", student=student, form=form, major=majors.find(student.major_code), consent=queries.consent,
        minor=queries.is_minor(student), looks=queries.looks_by_day(student),
        share=rules.completeness(there), missing=MISSING[missing] if missing else "", at=missing or "", places=places, notices=NOTICES,
        back=_came_from(), industries=industries, withholdable=PARTS, lang=language(), n_unsaved=len(form.skills.data or []) - len(student.skills),
        purposes=rules.PURPOSES, outdated=queries.outdated(student),
    )  # fmt: skip


from consortium.students.views import certificates, first_steps, guardians, rights, tickets  # noqa: E402 - they add their routes to `pages`

__all__ = ["certificates", "first_steps", "guardians", "pages", "rights", "tickets"]
