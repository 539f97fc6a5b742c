"""One's consents and rights: a copy, a correction, no to automatic matching, a person, and to be forgotten."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, session, url_for
from flask_login import logout_user

from consortium.shared import clock, retention
from consortium.shared.errors import Conflict, Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.students import queries, rules, service
from consortium.students.forms import CorrectionForm, HumanForm
from consortium.students.models import Student
from consortium.students.views import pages
from consortium.students.wording import FIELDS, HELD, NOTICES, TICKETS
from consortium.web.filters import day
from consortium.web.forms import put
from consortium.web.gate import acting


@pages.post("/me/consents/<purpose>", ability="students.consent")
def consent(purpose: str) -> Any:
    """Give or take back one consent."""
    student = queries.student_of(acting())
    if purpose not in rules.PURPOSES:
        raise NotFound
    if request.form.get("answer") == "yes":
        service.give_consent(student, purpose, by=acting())
        flash(_("Thank you. It can be withdrawn here at any time."), "ok")
    else:
        service.withdraw(student, purpose, by=acting())
        flash(_("Withdrawn. %(what_follows)s", what_follows=NOTICES[purpose]["otherwise"]), "ok")
    return redirect(url_for("students.consents", _anchor=purpose), 303)


@pages.get("/me/consents", ability="students.rights")
def consents() -> Any:
    """Every purpose: what for, who sees, how long, and what follows if one says no."""
    student = queries.student_of(acting())
    return render_template(
        "students/consents.html", student=student, purposes=rules.PURPOSES, notices=NOTICES, consent=queries.consent, outdated=queries.outdated(student),
        guardian_missing=queries.guardian_is_missing, link=queries.latest_link(student), versions=rules.VERSIONS,
    )  # fmt: skip


@pages.get("/me/rights", ability="students.rights")
def own_rights() -> Any:
    """What one may ask for, and what one has asked."""
    return _rights(CorrectionForm(formdata=None), HumanForm(formdata=None))


@pages.get("/me/data.zip", ability="students.rights")
def copy_of_my_data() -> Any:
    """Everything, to be read, reckoned with and carried elsewhere."""
    student = queries.student_of(acting())
    copy = service.everything_about(student)
    page = render_template("students/my_data.html", student=student, copy=copy, titles=HELD, at=clock.now())
    data = service.as_zip(student, copy, page, {name: str(title) for name, title in HELD.items()})
    return send_file(io.BytesIO(data), mimetype="application/zip", as_attachment=True, download_name="my-data.zip")


@pages.post("/me/corrections", ability="students.use-rights", creates=True)
def ask_for_correction() -> Any:
    """A fact of the register is wrong: the college answers within fifteen days."""
    form = CorrectionForm()
    if not form.validate():
        return _rights(form, HumanForm(formdata=None)), 422
    try:
        ticket = service.ask_for_correction(queries.student_of(acting()), form.about.data, form.wanted.data, form.reason.data, by=acting())
    except Invalid as refused:
        put(form, refused)
        return _rights(form, HumanForm(formdata=None)), 422
    flash(_("Sent. Your college answers by %(day)s.", day=day(ticket.due_on, False)), "ok")
    return redirect(url_for("students.own_rights", _anchor="asked"), 303)


@pages.post("/me/questions", ability="students.use-rights", creates=True)
def ask_a_person() -> Any:
    """A person looks, and answers within five days."""
    form = HumanForm()
    if not form.validate():
        return _rights(CorrectionForm(formdata=None), form), 422
    try:
        ticket = service.ask_a_person(queries.student_of(acting()), form.matter.data, by=acting())
    except Invalid as refused:
        put(form, refused)
        return _rights(CorrectionForm(formdata=None), form), 422
    flash(_("Sent. A person answers by %(day)s.", day=day(ticket.due_on, False)), "ok")
    return redirect(url_for("students.own_rights", _anchor="asked"), 303)


@pages.post("/me/objection", ability="students.use-rights")
def object_to_matching() -> Any:
    """No automatic matching, or again."""
    student = queries.student_of(acting())
    if request.form.get("answer") == "yes":
        service.object_to_matching(student, by=acting())
        flash(_("From now on you are in no run. You can still look at posts and apply."), "ok")
    else:
        service.allow_matching(student, by=acting())
        flash(_("You take part again; your matches are being worked out."), "ok")
    return redirect(url_for("students.own_rights", _anchor="objection"), 303)


@pages.get("/me/erasure", ability="students.rights")
def erasing() -> Any:
    """What goes, what stays as a number only, and when."""
    return _erasing(queries.student_of(acting()))


@pages.post("/me/erasure", ability="students.use-rights")
def erase() -> Any:
    """Gone, at once; the session with it."""
    student = queries.student_of(acting())
    if service.objections(student):
        return _erasing(student), 409
    try:
        service.erase(student, by=acting())
    except Conflict:
        return _erasing(queries.student_of(acting())), 409
    logout_user()
    session.clear()
    return render_template("students/erased.html", days=service.backups_until().days)


def _rights(correction: CorrectionForm, human: HumanForm) -> str:
    student = queries.student_of(acting())
    return render_template(
        "students/rights.html", student=student, correction=correction, human=human, asked=queries.tickets_about(student), kinds=TICKETS, fields=FIELDS,
        retention=retention.TABLE,
    )  # fmt: skip


def _erasing(student: Student) -> str:
    return render_template("students/erasing.html", against=service.objections(student), days=service.backups_until().days, looks=retention.of("looks").days)
