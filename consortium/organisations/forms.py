"""What comes in about an enterprise: at the door, for the check, for the quarterly question, for the three lists."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from consortium.organisations import wording
from consortium.reference import majors
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, CodeField, HouseForm, VersionedForm, YuanField, at_most, between, options


class EnterpriseForm(VersionedForm):
    """The firm's own facts."""

    staff = IntegerField(_l("Employees on duty"), [Optional(), between(0, 1_000_000)], description=_l("The share of interns is counted from this."))
    staff_as_of = DateField(_l("Counted on"), [Optional()])
    address = StringField(_l("Address"), [at_most(200)])
    about = TextAreaField(_l("About the enterprise"), [at_most(2000)])


class FamilyForm(HouseForm):
    """A kind of post."""

    name = StringField(_l("Kind of post"), [REQUIRED, at_most(80)])
    family_staff = IntegerField(_l("Employees in it"), [REQUIRED, between(0, 1_000_000)])


class VisitForm(HouseForm):
    """A college's visit to a host."""

    visited_on = DateField(_l("Visited on"), [REQUIRED])
    decided_on = DateField(_l("Decided on"), [Optional()])
    published_on = DateField(_l("Made public on"), [Optional()])


class DoorForm(HouseForm):
    """The code that tells which firm stands at the door."""

    credit_code = StringField(
        _l("Unified social credit code"), [REQUIRED, at_most(60)],
        description=_l("18 characters, as on the business licence. Blanks and small letters do no harm."), render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )  # fmt: skip


class ContactForm(HouseForm):
    """Who speaks for the firm; and the firm's facts where the zone's list does not know them."""

    firm_name = StringField(_l("Name of the enterprise"), [at_most(120)])
    industry_code = CodeField(_l("Industry"), [at_most(8)], description=_l("Type a part of the name and choose; or the code of GB/T 4754."))
    address = StringField(_l("Address"), [at_most(200)])
    contact = StringField(_l("Your name"), [REQUIRED, at_most(80)], render_kw={"autocomplete": "name"})
    phone = StringField(
        _l("Your mobile number"), [REQUIRED, at_most(20)], description=_l("We send a code to it; later you sign in with it."),
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )  # fmt: skip


class CodeForm(HouseForm):
    """The code from the SMS, and the password for later."""

    code = StringField(
        _l("Code from the SMS"), [at_most(12)], description=_l("Six digits."), render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"}
    )
    password = PasswordField(
        _l("Password"), [REQUIRED, at_most(128)], description=_l("At least ten characters; if you already have an account, its password."),
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip


class CheckForm(HouseForm):
    """What the firm hands in for the check."""

    licence = FileField(
        _l("Photo of the business licence"), description=_l("JPEG, PNG or PDF, up to 5 MB. Only the zone's officers see it; it is destroyed 30 days after the decision."),
        render_kw={"accept": "image/jpeg,image/png,application/pdf"},
    )  # fmt: skip
    text = TextAreaField(_l("Message to the zone"), [at_most(500)])


class DecisionForm(HouseForm):
    """What the zone decides about a check."""

    text = TextAreaField(_l("Reason, or what is asked for"), [at_most(500)], description=_l("The firm reads it. Needed for asking and refusing."))


class ListedForm(VersionedForm):
    """One entry of the zone's list."""

    credit_code = StringField(_l("Unified social credit code"), [REQUIRED, at_most(60)])
    name = StringField(_l("Name of the enterprise"), [REQUIRED, at_most(120)])
    address = StringField(_l("Address"), [at_most(200)])
    industry_code = CodeField(_l("Industry"), [REQUIRED, at_most(40)])
    phone = StringField(_l("Contact's mobile number"), [at_most(20)], description=_l("If given, only this number is verified at once; others are checked by hand."))


class UploadForm(HouseForm):
    """A workbook of the zone's list."""

    file = FileField(_l("Workbook"), description=_l(".xlsx or .csv with the template's columns."), render_kw={"accept": ".xlsx,.csv"})


class RoundForm(HouseForm):
    """A quarter to ask about."""

    year = IntegerField(_l("Year"), [REQUIRED, between(2020, 2100)])
    quarter = SelectField(_l("Quarter"), [REQUIRED], coerce=int, choices=options((n, str(n)) for n in (1, 2, 3, 4)))
    closes_on = DateField(_l("Answers until"), [REQUIRED])


WISHES = 4


class IntentForm(HouseForm):
    """A firm's answer: classes of majors with heads, or reasons why not."""

    answer = HiddenField()
    reasons = SelectMultipleField(_l("Why not?"), validate_choice=False)
    remark = TextAreaField(_l("Anything else"), [at_most(300)])

    def wishes(self) -> list[tuple[str, int | None, str]]:
        """The rows in which something was filled in."""
        rows = [(self[f"class_key_{n}"].data or "", self[f"heads_{n}"].data, self[f"kind_{n}"].data or "") for n in range(WISHES)]
        return [row for row in rows if row[0] or row[1] is not None]


def _rows() -> None:
    for n in range(WISHES):
        setattr(IntentForm, f"class_key_{n}", SelectField(_l("Class of majors"), validate_choice=False))
        setattr(IntentForm, f"heads_{n}", IntegerField(_l("Roughly how many"), [Optional(), between(1, 5000)], render_kw={"inputmode": "numeric"}))
        setattr(
            IntentForm, f"kind_{n}", SelectField(_l("For"), choices=options(wording.WISH_KINDS.items()), default="internship", validate_choice=False)
        )


_rows()


def classes_by_category(empty: Any = "") -> list[SelectChoice]:
    """Classes of majors below their categories, in the reader's language."""
    lang = language()
    found = [SelectChoice("", str(empty))] if empty is not None else []
    for key, (_name, category) in sorted(majors.classes().items()):
        found.append(SelectChoice(key, majors.class_name(key, lang), optgroup=majors.category_name(category, lang)))
    return found


class ListForm(VersionedForm):
    """A row of the three lists; the view leaves only the fields of its kind."""

    title = StringField(_l("Name of it"), [REQUIRED, at_most(120)])
    about = TextAreaField(_l("Description"), [at_most(1000)])
    standing = StringField(_l("Use and standing"), [at_most(200)], description=_l("What it is used in, its part of the market, its place in the chain."))
    cooperation = SelectField(_l("Way of cooperation"), choices=options([("", "–"), *wording.COOPERATIONS.items()]))
    budget_fen = YuanField(_l("Budget"), description=_l("Leave it empty if it is open."))
    class_key = SelectField(_l("Class of majors"), validate_choice=False)
    level = SelectField(_l("Level"), validate_choice=False)
    heads = IntegerField(_l("Heads"), [Optional(), between(1, 5000)])
    until_on = DateField(_l("Wanted by"), [Optional()])
