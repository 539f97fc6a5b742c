"""The style guide: every component in all its states, in development only."""

from __future__ import annotations

from flask import render_template
from wtforms import StringField

from consortium.shared.access import PUBLIC
from consortium.web.forms import HouseForm, YuanField
from consortium.web.pages import Pages

pages = Pages("styleguide", __name__)


class SampleForm(HouseForm):
    """A form with a good field and a refused one."""

    title = StringField("Title", description="What the post is called.")
    pay = YuanField("Pay a month")


@pages.get("/styleguide", ability=PUBLIC)
def show() -> str:
    """All components."""
    form = SampleForm(formdata=None, title="Maintenance technician")
    form.pay.errors = ["An amount in yuan, such as 3500 or 3500.50."]
    return render_template("styleguide.html", form=form)
