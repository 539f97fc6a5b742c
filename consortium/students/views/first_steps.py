"""The first sign-in: found by number and name, a code by SMS, the notice purpose by purpose, three questions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm

from consortium.accounts import service as accounts
from consortium.organisations import queries as organisations
from consortium.reference import majors
from consortium.shared import audit, clock
from consortium.shared.access import PUBLIC
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid, TooMany
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import language
from consortium.students import queries, rules, service
from consortium.students.forms import CodeForm, FindForm, QuestionsForm, TellSchoolForm
from consortium.students.models import Student
from consortium.students.views import pages
from consortium.students.wording import NOTICES
from consortium.web.entering import enter
from consortium.web.forms import options, put
from consortium.web.gate import acting

ENTERING = "entering"


@pages.get("/first-login", ability=PUBLIC)
def first_login() -> Any:
    """Student number and name."""
    return _find(FindForm(formdata=None))


@pages.post("/first-login", ability=PUBLIC)
def find() -> Any:
    """Whoever is on a college's register with a phone is sent a code; everybody else may tell the school."""
    form = _with_colleges(FindForm())
    if not form.validate():
        return _find(form), 422
    try:
        _kept(lambda: service.count_search(request.remote_addr or "-"))
    except TooMany as error:
        return _wait(_find, form, "student_no", error)
    found = queries.by_number_and_name(form.student_no.data, form.name.data)
    if len(found) > 1 and form.college.data:
        found = [one for one in found if str(one.tenant.public_id) == form.college.data]
    if len(found) > 1:
        form.college.errors = [_("Several colleges have this number and name. Choose yours.")]
        return _find(form, choose=True), 422
    if not found:
        return _tell_school(rules.NOT_FOUND, _about(form), None), 404
    session[ENTERING] = str(found[0].public_id)
    if not found[0].phone or not _sms_leaves():
        return redirect(url_for("students.tell_school_page", kind=rules.PHONE), 303)
    try:
        service.send_entry_code(found[0], language())
    except TooMany:  # the one that was sent a moment ago still works
        db.session.rollback()
    return redirect(url_for("students.code_page"), 303)


@pages.get("/first-login/code", ability=PUBLIC)
def code_page() -> Any:
    """Where the code is typed."""
    student = _entering()
    return redirect(url_for("students.first_login")) if student is None else _code(CodeForm(formdata=None))


@pages.post("/first-login/code", ability=PUBLIC)
def use_code() -> Any:
    """The right code opens the session; three wrong ones make one wait."""
    student, form = _entering(), CodeForm()
    if student is None:
        return redirect(url_for("students.first_login"), 303)
    if not form.validate():
        return _code(form), 422
    purpose = service.entry_purpose(student)
    try:
        nth = _kept(lambda: service.count_code(purpose))
        service.use_code(purpose, form.code.data, nth)
    except TooMany as error:
        audit.record("enter-code", student, by=None, result="refused")
        db.session.commit()
        return _wait(_code, form, "code", error)
    except Invalid as refused:
        audit.record("enter-code", student, by=None, result="refused")
        db.session.commit()
        put(form, refused)
        return _code(form), 422
    membership = service.enter(student, language())
    enter(accounts.open_session(membership, device=request.user_agent.string))
    undecided = student.welcomed_at is None or bool(queries.outdated(student)) or queries.guardian_is_missing(student, rules.MATCHING)
    if queries.guardian_is_missing(student, rules.MATCHING) and queries.latest_link(student) is None:
        service.ask_guardian(student, by=membership.actor(), base_url=current_app.config["PUBLIC_URL"], language=language())
    return redirect(url_for("students.welcome") if undecided else url_for("dashboards.desk"), 303)


@pages.post("/first-login/code/again", ability=PUBLIC)
def send_again() -> Any:
    """Another code; the one before is void."""
    student = _entering()
    if student is None or not student.phone:
        return redirect(url_for("students.first_login"), 303)
    try:
        service.send_entry_code(student, language())
    except TooMany as error:
        db.session.rollback()
        return _wait(_code, CodeForm(formdata=None), "code", error)
    flash(_("Another code is on its way."), "ok")
    return redirect(url_for("students.code_page"), 303)


@pages.get("/first-login/school/<kind>", ability=PUBLIC)
def tell_school_page(kind: str) -> Any:
    """Not on the register, or with a wrong phone: the school is told."""
    student, form = _entering(), _with_colleges(TellSchoolForm(formdata=None))
    if student is not None:
        form.college.data, form.asker_no.data = str(student.tenant.public_id), student.student_no
    return _tell_school(kind if kind in (rules.NOT_FOUND, rules.PHONE) else rules.NOT_FOUND, form, student)


@pages.post("/first-login/school/<kind>", ability=PUBLIC)
def tell_school(kind: str) -> Any:
    """A question to the class adviser, with a clock."""
    kind = kind if kind in (rules.NOT_FOUND, rules.PHONE) else rules.NOT_FOUND
    form, student = _with_colleges(TellSchoolForm()), _entering() if kind == rules.PHONE else None
    if not form.validate():
        return _tell_school(kind, form, student), 422
    college = next((one for one in organisations.all_colleges() if str(one.tenant.public_id) == form.college.data), None)
    if college is None:
        form.college.errors = [_("Choose one.")]
        return _tell_school(kind, form, student), 422
    told = {name: form[name].data or "" for name in ("asker", "asker_no", "asker_phone", "class_name", "reason")}
    student = student if student is not None and student.tenant_id == college.tenant_id else None
    try:
        ticket = service.tell_school(college.tenant_id, kind, student, told, request.remote_addr or "-")
    except Invalid as refused:
        put(form, refused)
        return _tell_school(kind, form, student), 422
    except TooMany as error:
        db.session.commit()
        return _wait(lambda one: _tell_school(kind, one, student), form, "asker", error)
    return render_template("students/school_told.html", ticket=ticket)


@pages.get("/welcome", ability="students.welcome")
def welcome() -> Any:
    """The next of the first steps: the guardian where she must come first, the notice, the questions."""
    student = queries.student_of(acting())
    if queries.guardian_is_missing(student, rules.MATCHING):
        return render_template("students/guardian_first.html", student=student, link=queries.latest_link(student), number=rules.masked_number(student.guardian_phone))
    if request.args.get("step") == "questions":
        return _questions(student, _asked_before(student))
    return _notice(student, [])


@pages.post("/welcome/consents", ability="students.consent")
def decide() -> Any:
    """Purpose by purpose; nothing is ticked beforehand, and nothing is given up by ticking nothing."""
    student, actor = queries.student_of(acting()), acting()
    if request.form.get("answer") == "later":
        service.put_off(student, by=actor)
        flash(_("Nothing was agreed to. You can decide at any time under Me."), "ok")
        return redirect(url_for("dashboards.desk"), 303)
    chosen = [purpose for purpose in request.form.getlist("purpose") if purpose in rules.FIRST_PURPOSES]
    if not chosen:
        return _notice(student, [_("Tick what you agree to, or choose “Not now”.")]), 422
    service.decide(student, chosen, by=actor)
    _ask_guardian(student)
    return redirect(url_for("students.welcome", step="questions"), 303)


@pages.post("/welcome/guardian", ability="students.use-rights")
def ask_guardian_again() -> Any:
    """Another link to the guardian; the one before is void."""
    student = queries.student_of(acting())
    try:
        link = service.ask_guardian(student, by=acting(), base_url=current_app.config["PUBLIC_URL"], language=language())
    except TooMany:
        db.session.rollback()
        raise
    flash(_("The link is on its way to your guardian.") if link else _("There is nothing to ask, or no number is known."), "ok" if link else "stop")
    return redirect((request.form.get("next") == "me" and url_for("students.me", _anchor="matching")) or url_for("students.welcome"), 303)


@pages.post("/welcome/questions", ability="students.edit-own")
def answer() -> Any:
    """Three answers, and on to the matches."""
    student, form = queries.student_of(acting()), QuestionsForm()
    if not form.validate():
        return _questions(student, form), 422
    service.answer_questions(student, **form.told(), by=acting())
    return redirect("/matches", 303)


def _kept(count: Callable[[], Any]) -> Any:
    """Count, and commit the count whatever comes of it: parallel guesses are counted exactly."""
    try:
        return count()
    finally:
        db.session.commit()


def _wait(page: Callable[[Any], str], form: FlaskForm, field: str, error: TooMany) -> Response:
    form[field].errors = [f"{error.what} " + _("Try again in %(seconds)d seconds.", seconds=error.seconds)]
    answer = make_response(page(form), 429)
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _entering() -> Student | None:
    try:
        return queries.entering(uuid.UUID(session[ENTERING]))
    except (KeyError, ValueError):
        return None


def _sms_leaves() -> bool:
    """Whether a code can reach a phone here: by a gateway, or on the demonstration's page."""
    return bool(current_app.config["SMS_URL"] or current_app.config["DEMO"] or current_app.config["TESTING"])


def _with_colleges(form: Any) -> Any:
    form.college.choices = options([("", ""), *((str(one.tenant.public_id), str(one.tenant.name)) for one in organisations.all_colleges())])
    return form


def _about(form: FindForm) -> TellSchoolForm:
    """What was typed goes on to the next form."""
    told: TellSchoolForm = _with_colleges(TellSchoolForm(formdata=None))
    told.asker.data, told.asker_no.data = form.name.data, form.student_no.data
    return told


def _find(form: FindForm, choose: bool = False) -> str:
    return render_template("students/first_login.html", form=_with_colleges(form), choose=choose or bool(form.college.data))


def _code(form: CodeForm) -> str:
    student = _entering()
    return render_template("students/code.html", form=form, number=rules.masked_number(student.phone if student else ""), minutes=5)


def _tell_school(kind: str, form: TellSchoolForm, student: Student | None) -> str:
    return render_template("students/tell_school.html", form=form, kind=kind, known=student is not None, sms=_sms_leaves())


def _notice(student: Student, wrong: list[str]) -> str:
    chosen = request.form.getlist("purpose")
    given = [purpose for purpose in rules.FIRST_PURPOSES if purpose in chosen or (not chosen and queries.consent(student, purpose) is not None)]
    return render_template("students/welcome.html", student=student, purposes=rules.FIRST_PURPOSES, notices=NOTICES, given=given, wrong=wrong, outdated=queries.outdated(student))


def _questions(student: Student, form: QuestionsForm) -> str:
    there = queries.filled(student)
    major = majors.find(student.major_code)
    facts = {
        "major_code": major.name if major else "", "class": student.school_class.name if student.school_class else "", "courses": student.courses,
        "n_skills": len(student.skills),
    }  # fmt: skip
    return render_template("students/questions.html", form=form, facts=facts, share=_known_share(student), there=there, link=queries.latest_link(student), today=clock.today())


def _known_share(student: Student) -> float:
    """How much of the page is filled before anything is asked: register and profile together."""
    told = [student.name, student.student_no, student.major_code, student.level, student.birth_on, student.enrolled_on, student.graduates_on, student.phone, student.courses, student.skills]
    wishes = [student.wish, student.wants_zone is not None, student.available_from]
    return sum(bool(one) for one in (*told, *wishes)) / (len(told) + len(wishes))


def _asked_before(student: Student) -> QuestionsForm:
    form = QuestionsForm(formdata=None)
    form.wants_zone.data = {True: "yes", False: "no", None: ""}[student.wants_zone]
    form.available_from.data = student.available_from
    parts = [part for part in student.wish.split("、") if part][:3]
    for name, part in zip(("first", "second", "third"), parts, strict=False):
        form[name].data = part[:60]
    return form


def _ask_guardian(student: Student) -> None:
    """The link leaves by itself; that there is none, or that five were sent today, stops nobody."""
    latest = queries.latest_link(student)
    if latest is not None and latest.answer == "":
        return
    try:
        service.ask_guardian(student, by=acting(), base_url=current_app.config["PUBLIC_URL"], language=language())
    except (TooMany, Conflict):
        return
