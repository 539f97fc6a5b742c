"""What a student tells, and what a college records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import DateField, IntegerField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Optional

from consortium.reference import industries, majors, places
from consortium.shared.errors import Stale
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined, language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills
from consortium.students import lifecycle, rules
from consortium.students.models import SchoolClass, Student
from consortium.web.filters import day, yuan
from consortium.web.forms import (
    REQUIRED,
    CodeField,
    CodesField,
    HouseForm,
    VersionedForm,
    YuanField,
    at_most,
    between,
    options,
)

TRI = [("yes", _l("Yes")), ("no", _l("No")), ("", _l("Not said"))]
VALUES = {"yes": True, "no": False, "": None}


class ProfileForm(VersionedForm):
    """What the student keeps."""

    wish = StringField(_l("What would you like to do?"), [at_most(200)], description=_l("Such as: equipment maintenance, quality inspection."))
    about = TextAreaField(_l("About yourself"), [at_most(2000)], description=_l("Projects, competitions, part-time work; no phone numbers."))
    wants_internship = RadioField(_l("An internship"), choices=options(TRI), default="")
    wants_job = RadioField(_l("A job"), choices=options(TRI), default="")
    wants_zone = RadioField(_l("In the High-tech Zone"), choices=options(TRI), default="")
    shift_ok = RadioField(_l("Shifts are possible"), choices=options(TRI), default="")
    available_from = DateField(_l("Available from"), [Optional()])
    available_until = DateField(_l("Available until"), [Optional()])
    least_pay_fen = YuanField(_l("Least pay a month"), [Optional()])
    places = CodesField(_l("Preferred places"), description=_l("Type a name or pinyin and pick; empty means anywhere."))
    industries = SelectMultipleField(_l("Industries"), choices=options((one, one) for one in industries.LEADING), description=_l("None means any."))
    skills = CodesField(_l("Skills and certificates"), description=_l("Type a name or pinyin and pick."))

    TRIS = ("wants_internship", "wants_job", "wants_zone", "shift_ok")

    def refuse_if_stale(self, record: Student) -> None:
        """The same in the reader's words: labels for names, names for codes."""
        if self.version.data is not None and self.version.data != record.version:
            told = self.told()
            saved = {name: getattr(record, name) for name in told} | {"skills": [one.skill.code for one in record.skills]}
            mine, theirs = self._worded(told), self._worded(saved)
            differ = [label for label in mine if mine[label] != theirs[label]]
            raise Stale({label: mine[label] for label in differ}, {label: theirs[label] for label in differ}, record.version)

    def explain(self) -> None:
        """Say at a field of codes what its codes mean."""
        known = skills.by_codes(self.skills.data or [])
        self.skills.names = {code: str(known[code].name) for code in self.skills.data or [] if code in known}
        self.places.names = {code: name for code in self.places.data or [] if (name := places.name(code)) and name != code}

    def _worded(self, values: Mapping[str, Any]) -> dict[str, Any]:
        words = {True: _("Yes"), False: _("No"), None: "–"}
        worded = {}
        for name, value in values.items():
            if name in self.TRIS:
                value = words[value]
            elif name == "least_pay_fen":
                value = None if value is None else yuan(value)
            elif name == "places":
                value = joined(places.name(code) for code in value)
            elif name == "industries":
                value = joined(industries.leading_name(one, language()) for one in value)
            elif name == "skills":
                labels = skills.by_labels()
                value = joined(str(labels[code.lower()].name) if code.lower() in labels else code for code in value)
            elif isinstance(value, date):
                value = day(value)
            worded[str(self[name].label.text)] = value or "–"
        return worded

    def told(self) -> dict[str, Any]:
        """Typed values for the service."""
        values = self.values()
        for name in self.TRIS:
            values[name] = VALUES.get(values[name] or "")
        return values


class GuardianForm(HouseForm):
    """A guardian's consent that the college holds on paper."""

    purpose = RadioField(_l("Purpose"), [REQUIRED], choices=options([("matching", _l("Matching")), ("internship", _l("Internship"))]))
    evidence = StringField(_l("Evidence"), [REQUIRED, at_most(200)], description=_l("Who signed, when, and where the paper is kept."))


class MajorField(CodeField):
    """A major by typeahead."""

    @property
    def code(self) -> str:
        """The code that was picked (M:460301) or typed (460301); what is neither goes on as it was typed."""
        return (self.data or "").strip().removeprefix("M:").upper()

    def explain(self) -> None:
        """Say what the code means."""
        found = majors.find(self.code)
        self.names = {self.data or "": found.name} if found else {}


class MajorForm(HouseForm):
    """A major that the college runs."""

    code = MajorField(_l("Major"), [REQUIRED, at_most(60)], description=_l("Type a name, pinyin or code and pick."))
    first_cohort = IntegerField(_l("First cohort"), [Optional(), between(*rules.YEARS)], description=_l("Year of enrolment."))
    last_cohort = IntegerField(_l("Last cohort"), [Optional(), between(*rules.YEARS)], description=_l("Empty while it still enrols."))

    def explain(self) -> None:
        """Say what the code means."""
        self.code.explain()

    def told(self) -> dict[str, Any]:
        """Typed values for the service."""
        return self.values() | {"code": self.code.code}


class ClassForm(HouseForm):
    """A class."""

    name = StringField(_l("Class"), [REQUIRED, at_most(60)])
    major_code = MajorField(_l("Major"), [at_most(60)], description=_l("Type a name, pinyin or code and pick."))
    cohort = IntegerField(_l("Cohort"), [Optional(), between(*rules.YEARS)], description=_l("Year of enrolment."))

    @staticmethod
    def of(school_class: SchoolClass) -> ClassForm:
        """Filled with what is known."""
        form = ClassForm(formdata=None, obj=school_class)
        if school_class.major_code:
            form.major_code.data = f"M:{school_class.major_code}"
        return form

    def explain(self) -> None:
        """Say what the code means."""
        self.major_code.explain()

    def told(self) -> dict[str, Any]:
        """Typed values for the service."""
        return self.values() | {"major_code": self.major_code.code}


class BatchForm(HouseForm):
    """What to do with the students that were ticked."""

    act = RadioField(_l("With the ticked students"), [REQUIRED], choices=options([(name, "") for name in ("links", "remind", *lifecycle.STEPS)]))


class PaperForm(VersionedForm):
    """What the college found on looking at the paper of a certificate."""

    verdict = StringField(_l("Decision"), [REQUIRED])
    reason = StringField(_l("Why it cannot be recognised"), [at_most(300)])
