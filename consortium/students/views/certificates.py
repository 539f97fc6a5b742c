"""Pages about the papers of certificates, and about who may see what."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for

from consortium.shared import audit
from consortium.shared.access import COLLEGE_OFFICE, Role
from consortium.shared.errors import Invalid, Malformed
from consortium.shared.files import MEDIA, FileRefused
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries, service
from consortium.students.forms import PaperForm
from consortium.students.views import pages
from consortium.students.wording import paper_refusal
from consortium.web.gate import acting

pages.menu(_l("Certificates"), "papers", icon="check", order=25, roles=COLLEGE_OFFICE, count=queries.n_papers, under=("students.index",))
STATES = ("submitted", "verified", "refused")


@pages.post("/me/certificates/<code>/evidence", ability="students.edit-own")
def send_evidence(code: str) -> Any:
    """Send the paper of one of one's certificates."""
    actor, sent = acting(), request.files.get("file")
    if sent is None or not sent.filename:
        raise Malformed(_("No file was chosen."), how=_("Go back and choose the scan or photo of the certificate."))
    try:
        service.send_evidence(queries.student_of(actor), code, sent.filename, sent.read(), current_app.config["ID_KEY"], by=actor)
    except FileRefused as refused:
        raise Malformed(_("The file was not taken."), why=paper_refusal(refused.code), how=_("Nothing was changed.")) from None
    flash(_("Sent. Your college looks at it, and you are told."), "ok")
    return redirect(url_for("students.me") + "#certificates", 303)


@pages.post("/me/visibility", ability="students.edit-own")
def visibility() -> Any:
    """Who may see what."""
    actor = acting()
    service.show(queries.student_of(actor), withheld=request.form.getlist("withheld"), by=actor)
    flash(_("Saved. It holds from now on, on every page that an enterprise opens."), "ok")
    return redirect(url_for("students.me") + "#visibility", 303)


@pages.get("/certificates", ability="students.papers")
def papers() -> Any:
    """Papers that wait for the college."""
    return _page()


@pages.get("/certificates/<uuid:id>", ability="students.read-paper")
def paper(id: uuid.UUID) -> Any:
    """The paper itself; a look of the college is logged."""
    actor = acting()
    found = queries.reachable_evidence(actor, id)
    if actor.role is not Role.STUDENT:
        student = found.held.student
        audit.looked([(student.id, queries.is_minor(student))], by=actor, what="certificate", through=found)
    data = service.opened_evidence(found, current_app.config["ID_KEY"])
    answer = send_file(io.BytesIO(data), mimetype=MEDIA[found.kind], as_attachment=True, download_name=f"certificate.{found.kind}")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.post("/certificates/<uuid:id>/decision", ability="students.decide-paper")
def decide_paper(id: uuid.UUID) -> Any:
    """Verified, or refused with a reason."""
    actor = acting()
    found = queries.reachable_evidence(actor, id)
    form = PaperForm()
    if not form.validate():
        raise Malformed
    reason = form.reason.data or ""
    try:
        service.decide_evidence(found, form.verdict.data, by=actor, reason=reason, version=form.version.data)
    except Invalid as refused:
        return _page(wrong=(found.id, reason, next(iter(refused.fields.values()))[0])), 422
    flash(_("Decided. The student has been told."), "ok")
    return redirect(url_for("students.papers"), 303)


def _page(wrong: tuple[int, str, Any] | None = None) -> str:
    state = request.args.get("state", "submitted")
    listing = queries.papers(acting(), request.args.get("page", 1, int), state=state if state in STATES else "submitted")
    return render_template("students/papers.html", listing=listing, state_asked=state if state in STATES else "submitted", states=STATES, wrong=wrong)
