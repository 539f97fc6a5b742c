"""Pages of the minimum wage."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from consortium.positions import queries, service
from consortium.positions.forms import WageForm
from consortium.positions.views.place import pages
from consortium.reference import law
from consortium.shared.errors import Invalid
from consortium.shared.i18n import gettext as _
from consortium.web.forms import put
from consortium.web.gate import acting


@pages.get("/minimum-wages", ability="positions.minimum-wages")
def minimum_wages() -> Any:
    """The minimum wage in force, where it stands, and what was entered before."""
    return _wages(WageForm())


@pages.post("/minimum-wages", ability="positions.set-minimum-wage", creates=True)
def set_minimum_wage() -> Any:
    """The zone enters a newer amount with its source."""
    form = WageForm()
    form.validate()
    try:
        service.set_minimum_wage(form.monthly_fen.data, form.valid_from.data, form.source.data or "", by=acting())
    except Invalid as refused:
        put(form, refused)
        return _wages(form), 422
    flash(_("Saved. Jobs are judged by it from now on."), "ok")
    return redirect(url_for("positions.minimum_wages"), 303)


def _wages(form: WageForm) -> str:
    return render_template("positions/minimum_wages.html", form=form, entered=queries.minimum_wages(), came_with=law.threshold_rows("minimum_wage_fen"))
