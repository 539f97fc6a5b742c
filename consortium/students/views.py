"""Pages of the college's students, and of the student's own profile, consents and rights."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for

from consortium.imports import queries as imports
from consortium.imports import service as uploads
from consortium.reference import majors, places
from consortium.shared import audit
from consortium.shared.access import COLLEGE, STUDENT
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import XLSX
from consortium.students import queries, rules, service
from consortium.students.forms import GuardianForm, ProfileForm
from consortium.students.models import Student
from consortium.students.wording import MISSING
from consortium.web.forms import put
from consortium.web.gate import acting
from consortium.web.pages import Pages

pages = Pages("students", __name__)
pages.menu(_l("Students"), "index", icon="people", order=20, roles=COLLEGE)
pages.menu(_l("Me"), "me", icon="user", order=40, roles=STUDENT)

PURPOSES = ((rules.MATCHING, _l("Matching")), (rules.INTERNSHIP, _l("Internship")))
FILTERS = ("query", "class_id", "consent", "account")


@pages.get("/students", ability="students.list")
def index() -> Any:
    """The college's students, or the adviser's."""
    return _index([])


@pages.get("/students/export", ability="students.export")
def export() -> Any:
    """Exactly the list that the filter shows, with the chosen columns; or only what is missing."""
    actor = acting()
    students = queries.every(actor, **_asked())
    if request.args.get("shape") == "missing":
        data = service.exported_missing(actor, students)
        return send_file(io.BytesIO(data), mimetype=XLSX, as_attachment=True, download_name="students-missing.xlsx")
    csv = request.args.get("format") == "csv"
    fields = imports.export_columns(actor, "students", service.EXPORTED, service.SHAPES, request.args)
    data = service.exported(actor, students, fields, csv=csv)
    return send_file(io.BytesIO(data), mimetype="text/csv" if csv else XLSX, as_attachment=True, download_name=f"students.{'csv' if csv else 'xlsx'}")


@pages.get("/students/exports", ability="students.export")
def exports() -> Any:
    """Which columns an export has: ready-made, one's own, or chosen one by one."""
    return _exports([])


@pages.post("/students/exports", ability="students.save-columns")
def save_columns() -> Any:
    """Keep the chosen columns under a name, or download with them."""
    fields = imports.export_columns(acting(), "students", service.EXPORTED, service.SHAPES, request.form)
    if not request.form.get("keep"):
        told = ("c", "format", *FILTERS, *(f"{letter}-{field}" for field, _ in fields for letter in "ho"))
        wanted: dict[str, Any] = {name: [one for one in request.form.getlist(name) if one] for name in told}
        return redirect(url_for("students.export", **wanted), 303)
    try:
        kept = uploads.save_columns(acting(), "students", request.form.get("name", ""), fields)
    except Invalid as refused:
        return _exports([one for said in refused.fields.values() for one in said]), 422
    flash(_("Kept."), "ok")
    return redirect(url_for("students.exports", set=kept.name), 303)


@pages.post("/students/activation-links", ability="students.invite", creates=True)
def invite() -> Any:
    """Single-use links for those of this list who have no account; shown once."""
    actor = acting()
    made = service.activation_links(actor, queries.listing(actor, request.args.get("page", 1, int), _asked()).rows)
    base = current_app.config["PUBLIC_URL"]
    return _index([(s, login, base + url_for("accounts.invitation", token=token)) for s, login, token in made])


@pages.get("/classes", ability="students.classes")
def classes() -> Any:
    """The college's classes and who looks after each."""
    return _classes({})


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
    return redirect(url_for("students.classes") + f"#class-{id}", 303)


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
    return redirect(url_for("students.me"), 303)


@pages.post("/me/consents/<purpose>", ability="students.consent")
def consent(purpose: str) -> Any:
    """Give or take back one consent."""
    student = queries.student_of(acting())
    if purpose not in (rules.MATCHING, rules.INTERNSHIP):
        raise NotFound
    if request.form.get("answer") == "yes":
        service.give_consent(student, purpose, by=acting())
        flash(_("Thank you. It can be withdrawn here at any time."), "ok")
    else:
        service.withdraw(student, purpose, by=acting())
        flash(_("Withdrawn. From now on you are in no matching.") if purpose == rules.MATCHING else _("Withdrawn."), "ok")
    return redirect(url_for("students.me"), 303)


def _asked() -> dict[str, str]:
    return {name: request.values.get(name, "") for name in FILTERS}


def _exports(wrong: list[Any]) -> str:
    actor = acting()
    asked: dict[str, Any] = {name: value for name, value in _asked().items() if value}
    fields = imports.export_columns(actor, "students", service.EXPORTED, service.SHAPES, request.values)
    notes = {
        "list": (_("The list"), ""), "register": (_("The whole register"), _("may be changed and uploaded again")),
        "destinations": (_("Destinations of graduates"), _("in the shape of the national register; its kind of destination is filled in by you")),
        "missing": (_("Only what is missing"), _("fill the coloured cells and upload it again")),
    }  # fmt: skip
    return render_template(
        "imports/export.html", title=_("Students"), list_url=url_for("students.index", **asked), available=service.EXPORTED, asked=asked, wrong=wrong,
        chosen={field: (number, heading) for number, (field, heading) in enumerate(fields, 1)}, sets=imports.column_sets(actor, "students"),
        shapes=[(url_for("students.export", shape=name, **asked), *words) for name, words in notes.items()], endpoint="students.export",
        page_endpoint="students.exports", set_name=request.values.get("set", ""),
    )  # fmt: skip


def _index(links: list[tuple[Student, str, str]]) -> str:
    actor, asked = acting(), _asked()
    listing = queries.listing(actor, request.args.get("page", 1, int), asked)
    audit.looked([(s.id, queries.is_minor(s)) for s in listing.rows], by=actor, what="list of students")
    return render_template(
        "students/index.html", listing=listing, asked=asked, classes=queries.classes(actor), majors=majors, consent=queries.consent, links=links
    )


def _classes(wrong: dict[uuid.UUID, str]) -> str:
    actor = acting()
    return render_template("students/classes.html", classes=queries.every_class(actor), advisers=queries.advisers(actor), majors=majors, wrong=wrong)


def _show(student: Student, form: GuardianForm) -> str:
    actor, minor = acting(), queries.is_minor(student)
    audit.looked([(student.id, minor)], by=actor, what="student's page")
    return render_template(
        "students/show.html", student=student, minor=minor, major=majors.find(student.major_code), form=form, consent=queries.consent,
        purposes=PURPOSES, places=places, filled=queries.filled(student),
    )  # fmt: skip


def _me(student: Student, form: ProfileForm) -> str:
    form.explain()
    there = queries.filled(student)
    missing = rules.next_missing(there)
    return render_template(
        "students/me.html", student=student, form=form, major=majors.find(student.major_code), consent=queries.consent,
        guardian_missing=queries.guardian_is_missing, minor=queries.is_minor(student), looks=queries.who_looked(student),
        share=rules.completeness(there), missing=MISSING[missing] if missing else "", at=missing or "", places=places, version=rules.CONSENT_VERSION,
    )  # fmt: skip
