"""Pages of the college's students, and of the student's own profile, consents and rights."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for

from consortium.reference import majors, places
from consortium.shared import audit, clock
from consortium.shared.access import COLLEGE, STUDENT
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, rules, service
from consortium.students.forms import GuardianForm, ProfileForm
from consortium.students.models import Student
from consortium.students.wording import MISSING
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("students", __name__)
pages.menu(_l("Students"), "index", icon="people", order=20, roles=COLLEGE)
pages.menu(_l("Me"), "me", icon="user", order=40, roles=STUDENT)

FILTERS = ("query", "class_id", "consent", "account")


@pages.get("/students", ability="students.list")
def index() -> Any:
    """The college's students, or the adviser's."""
    asked = {name: request.args.get(name, "") for name in FILTERS}
    actor = acting()
    listing = queries.listing(actor, request.args.get("page", 1, int), **asked)
    audit.looked([(s.id, queries.is_minor(s)) for s in listing.rows], by=actor, what="list of students")
    return render_template(
        "students/index.html", listing=listing, asked=asked, classes=queries.classes(actor), majors=majors, consent=queries.consent, links=[]
    )


@pages.post("/students/activation-links", ability="students.invite", creates=True)
def invite() -> Any:
    """Single-use links for those of this list who have no account; shown once."""
    actor = acting()
    asked = {name: request.args.get(name, "") for name in FILTERS}
    listing = queries.listing(actor, request.args.get("page", 1, int), **asked)
    made = service.activation_links(actor, listing.rows)
    base = current_app.config["PUBLIC_URL"]
    links = [(s, login, base + url_for("accounts.invitation", token=token)) for s, login, token in made]
    return render_template(
        "students/index.html", listing=listing, asked=asked, classes=queries.classes(actor), majors=majors, consent=queries.consent, links=links
    )


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
    form = ProfileForm(obj=student)
    for name in ProfileForm.TRIS:
        form[name].data = {True: "yes", False: "no", None: ""}[getattr(student, name)]
    form.skills.data = [one.skill.code for one in student.skills]
    return _me(student, form)


@pages.post("/me", ability="students.edit-own")
def save_profile() -> Any:
    """Save what the student keeps."""
    student, form = queries.student_of(acting()), ProfileForm()
    if not form.validate():
        return _me(student, form), 422
    form.refuse_if_stale(student)
    values = form.told()
    codes = values.pop("skills")
    unknown = [code for code in values["places"] if code not in places.names()]  # type: ignore[attr-defined]
    if unknown:
        form.places.errors = [_("Not a place: %(code)s. Type a name and pick from the list.", code=unknown[0])]
        return _me(student, form), 422
    service.save_profile(student, values, codes, by=acting())  # type: ignore[arg-type]
    flash(_("Saved. Your matches are being worked out anew."), "ok")
    return redirect(url_for("students.me"), 303)


@pages.post("/me/consents/<purpose>", ability="students.consent")
def consent(purpose: str) -> Any:
    """Give or take back one consent."""
    student = queries.student_of(acting())
    if purpose in (rules.MATCHING, rules.INTERNSHIP):
        if request.form.get("answer") == "yes":
            service.give_consent(student, purpose, by=acting())
            flash(_("Thank you. It can be withdrawn here at any time."), "ok")
        else:
            service.withdraw(student, purpose, by=acting())
            flash(_("Withdrawn. From now on you are in no matching."), "ok")
    return redirect(url_for("students.me"), 303)


def _show(student: Student, form: GuardianForm) -> str:
    actor = acting()
    minor = queries.is_minor(student)
    audit.looked([(student.id, minor)], by=actor, what="student's page")
    major = majors.find(student.major_code)
    return render_template(
        "students/show.html", student=student, minor=minor, major=major, form=form, consent=queries.consent, rules=rules, lang=language()
    )


def _me(student: Student, form: ProfileForm) -> str:
    there = queries.filled(student)
    missing = rules.next_missing(there)
    return render_template(
        "students/me.html", student=student, form=form, major=majors.find(student.major_code), matching=queries.consent(student, rules.MATCHING),
        internship=queries.consent(student, rules.INTERNSHIP), minor=queries.is_minor(student), today=clock.today(), looks=queries.who_looked(student),
        share=rules.completeness(there), missing=MISSING[missing] if missing else "", places=places, version=rules.CONSENT_VERSION,
    )  # fmt: skip
