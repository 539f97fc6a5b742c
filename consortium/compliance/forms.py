"""What comes in about filings, overrides, mentors and lines of the law."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from consortium.compliance import wording
from consortium.compliance.rules import SHARES
from consortium.reference import law
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, CodesField, HouseForm, VersionedForm, at_most, between, options


def _ticks(label: Any, coerce: Any = str, help_: Any = "") -> SelectMultipleField:
    return SelectMultipleField(
        label, [Optional()], coerce=coerce, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), choices=[], description=help_
    )


class ScopedForm(HouseForm):
    """Something that holds for some posts, majors and days."""

    families = _ticks(_l("Kinds of posts"), int, _l("None ticked: all of them."))
    posts = CodesField(_l("Single posts"), description=_l("Numbers of posts as in their addresses. Empty: all."))
    majors = CodesField(_l("Majors"), description=_l("Type a name, a code or pinyin; a major, a class or a whole category. Empty means any."))
    valid_from = DateField(_l("Valid from"), [REQUIRED])
    valid_until = DateField(_l("Valid until"), [REQUIRED])

    def offer(self, families: Iterable[Any], colleges: Iterable[Any] = ()) -> Any:
        """Fill the choices that depend on the enterprise and the reader."""
        lang = language()
        self.families.choices = options([(f.id, f.name) for f in families])
        if "colleges" in self:
            self["colleges"].choices = options([(c.id, c.name.to(lang)) for c in colleges])
        if "rules" in self:
            self["rules"].choices = options([(code, f"{code} {law.rule(code).title(lang)}") for code in law.FILEABLE])
        if "rule" in self:
            self["rule"].choices = options([("", _l("Choose")), *((code, f"{code} {law.rule(code).title(lang)}") for code in law.OVERRIDABLE if code not in SHARES)])
        return self


class FilingForm(ScopedForm):
    """A filing with the authority."""

    rules = _ticks(_l("What was filed"))
    covers_holidays = BooleanField(_l("Covers work on statutory holidays too"), description=_l("Otherwise the post must declare a pause on every statutory holiday."))
    number = StringField(_l("Number of the filing"), [REQUIRED, at_most(80)])
    authority = StringField(_l("Filed with"), [REQUIRED, at_most(120)], description=_l("The authority above the college, such as the education bureau."))
    filed_on = DateField(_l("Filed on"), [REQUIRED])
    colleges = _ticks(_l("Colleges"), int, _l("None ticked: students of all colleges."))
    note = StringField(_l("Note"), [at_most(300)])
    file = FileField(_l("The paper itself"), description=_l("PDF, PNG or JPEG, at most 5 MB. The zone compares it before the filing counts."))


class OverrideForm(ScopedForm):
    """A rule that a school lets pass."""

    rule = SelectField(_l("Rule"), [REQUIRED], choices=[])
    reason = TextAreaField(_l("Reason"), [REQUIRED, at_most(300)], description=_l("The zone reads and counts it; the enterprise reads it too."))


class ReasonForm(HouseForm):
    """Why something is refused or withdrawn."""

    reason = StringField(_l("Reason"), [REQUIRED, at_most(300)])


class MentorForm(VersionedForm):
    """Somebody who looks after interns."""

    name = StringField(_l("Name"), [REQUIRED, at_most(80)])
    load_limit = IntegerField(_l("Interns at a time"), [Optional(), between(1, 500)])
    trained_on = DateField(_l("Trained on"), [Optional()], description=_l("Empty: not trained yet."))
    families = _ticks(_l("Kinds of posts"), int, _l("None ticked: any."))
    account = SelectField(_l("Account"), [Optional()], coerce=int, default=0, choices=[], description=_l("Who has no account may be a mentor too."))

    def offer(self, families: Iterable[Any], accounts: Iterable[Any]) -> MentorForm:
        """Fill the choices that depend on the enterprise."""
        self.families.choices = options([(f.id, f.name) for f in families])
        self.account.choices = options([(0, "–"), *((m.id, f"{m.person.name} ({m.person.login})") for m in accounts)])
        return self


class LineForm(HouseForm):
    """A line of a table of the law."""

    kind = SelectField(_l("Table"), [REQUIRED], choices=options([(name, wording.TABLES[name]) for name in law.TABLES]))
    key = StringField(_l("Line"), [REQUIRED, at_most(40)], description=_l("A threshold's code, a day such as 2027-02-06, or a hazard's tag."))
    value = StringField(_l("Value"), [at_most(80)], description=_l("The number; for a hazard who is kept from it: minor, women, unfiled."))
    name_zh = StringField(_l("Chinese name"), [at_most(120)])
    name_en = StringField(_l("English name"), [at_most(160)])
    valid_from = DateField(_l("Valid from"), [Optional()], description=_l("Empty: from today on."))
    source = StringField(_l("Source"), [REQUIRED, at_most(200)], description=_l("The document and its number."))
    source_on = DateField(_l("Date of the source"), [Optional()])
    gone = BooleanField(_l("Strike this line off"))

