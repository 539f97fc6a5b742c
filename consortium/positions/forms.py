"""What an enterprise tells of a post: four blocks on one page."""

from __future__ import annotations

from typing import Any, ClassVar

from wtforms import (
    DateField,
    FloatField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from consortium.positions import rules
from consortium.positions.wording import CLOSING, CONTRACTS
from consortium.reference import law, majors
from consortium.shared.errors import Stale
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
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
    shown,
)

YES_NO = [("yes", _l("Yes")), ("no", _l("No"))]
VENUES = [
    ("", _l("Choose")), ("factory", _l("Factory or workshop")), ("office", _l("Office")), ("laboratory", _l("Laboratory")), ("warehouse", _l("Warehouse")),
    ("shop", _l("Shop or service counter")), ("site", _l("Construction or customer's site")), ("ktv", _l("Karaoke or night club")),
    ("bar", _l("Bar")), ("bath_centre", _l("Bath centre")), ("game_room", _l("Game room or internet cafe")),
]  # fmt: skip


class ToPublish:
    """Needed for what students see; a draft may be saved without it."""

    field_flags: ClassVar[dict[str, Any]] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Stops at an empty field: with words where the post is to be open, silently where it is a draft."""
        if not (field.raw_data and str(field.raw_data[0]).strip()):
            field.errors[:] = []
            raise StopValidation(str(_l("This is needed.")) if form.publishing else "")


TO_PUBLISH = ToPublish()


def _tri(label: Any, help_: Any = "") -> RadioField:
    return RadioField(label, [Optional()], choices=options(YES_NO), description=help_)


class PositionForm(VersionedForm):
    """A post. Typed names of fields are those of the model."""

    publishing = False
    kind = RadioField(_l("Kind"), [REQUIRED], choices=options([("internship", _l("Internship")), ("job", _l("Job"))]), default="internship")
    title = StringField(_l("Title"), [TO_PUBLISH, at_most(80)])
    duties = TextAreaField(_l("Duties"), [TO_PUBLISH, at_most(4000)], description=_l("What is done, with what, with whom. This text is matched and shown."))
    tasks = TextAreaField(_l("Typical tasks"), [at_most(1000)], description=_l("One a line, at least two."))
    occupation_code = CodeField(_l("Occupation"), [at_most(12)], description=_l("Type a name, a common name or pinyin, and pick."))
    family = SelectField(_l("Kind of post"), [Optional()], coerce=int, default=0, description=_l("Interns are counted within it."))
    places = IntegerField(_l("Places"), [TO_PUBLISH, between(1, 500)])
    place_code = CodeField(_l("Place"), [at_most(12)], description=_l("Type a name or pinyin, and pick."))
    place_note = StringField(_l("Address, how to get there"), [at_most(200)])
    start_on = DateField(_l("First day"), [Optional()], description=_l("Of a job: the hire date."))
    end_on = DateField(_l("Last day"), [Optional()])
    closes_on = DateField(_l("Students may come until"), [Optional()], description=_l("The last day; then the post is closed by itself. Empty: until the first day."))
    majors = CodesField(_l("Accepted majors"), description=_l("Type a name, a code or pinyin; a major, a class or a whole category. Empty means any."))
    level_least = SelectField(_l("Level at least"), default="", choices=options([("", _l("Any"))]))
    must = CodesField(_l("Skills and certificates that are needed"))
    nice = CodesField(_l("Skills that are welcome"))
    pay_fen = YuanField(_l("Pay a month"), [Optional()])
    same_post_pay_fen = YuanField(_l("Employees' pay in the same post"), [Optional()])
    lowest_grade_fen = YuanField(_l("Lowest pay grade of the enterprise"), [Optional()])
    pay_period_days = IntegerField(_l("Paid every"), [Optional(), between(1, 366)], default=30)
    pay_to_student = _tri(_l("Paid directly to the student"))
    pay_in_kind = _tri(_l("Partly in goods or vouchers"))
    fees = _tri(_l("Any fee or deposit asked"))
    board = _tri(_l("Board"))
    lodging = _tri(_l("Lodging"))
    pay_reason = StringField(_l("Reason for pay below both floors"), [at_most(300)], description=_l("Only where it applies; it is recorded and the zone sees it."))
    length_reason = StringField(
        _l("Reason for a longer internship or fewer tasks"), [at_most(300)], description=_l("Only where it applies; it is recorded and the zone sees it.")
    )
    wording_reason = StringField(
        _l("Reason for words that were found"), [at_most(300)], description=_l("Only where the work truly needs them and the law allows it; it is recorded and the zone sees it.")
    )
    shifts = TextAreaField(_l("Shifts"), [at_most(400)], description=_l("When each begins and ends, one a line, such as 08:00-16:30."))
    hours_per_day = FloatField(_l("Hours a day"), [Optional(), between(0.5, 24)])
    hours_per_week = FloatField(_l("Hours a week"), [Optional(), between(0.5, 168)])
    night = _tri(_l("Night shifts (22:00–06:00)"))
    rest_days = _tri(_l("Work on rest days or holidays"))
    overtime = _tri(_l("Overtime"))
    labour_level = SelectField(
        _l("Physical labour (GB/T 3869)"), [Optional()], coerce=int, default=0, choices=options([(0, _l("Choose")), (1, "Ⅰ"), (2, "Ⅱ"), (3, "Ⅲ"), (4, "Ⅳ")])
    )
    venue = SelectField(_l("Kind of workplace"), default="", choices=options(VENUES))
    hazards = SelectMultipleField(
        _l("Hazards"), [Optional()], widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), description=_l("Tick what occurs; none is a statement too.")
    )
    pauses_holidays = _tri(_l("Pause on statutory holidays"), _l("Only where rest days are worked: a filing of rest days alone does not cover statutory holidays."))
    contract_kind = SelectField(_l("Kind of contract"), default="", choices=options([("", _l("Choose")), *CONTRACTS.items()]))
    contract_months = IntegerField(_l("Length of the contract"), [Optional(), between(1, 600)])
    probation_months = IntegerField(_l("Probation"), [Optional(), between(0, 12)])

    TRIS = ("pay_to_student", "pay_in_kind", "fees", "board", "lodging", "night", "rest_days", "overtime", "pauses_holidays")

    def offer(self, families: list[Any]) -> PositionForm:
        """Fill the choices that depend on reader and firm."""
        lang = language()
        self.family.choices = options([(0, "–"), *((f.id, f.name) for f in families)])
        self.level_least.choices = options([("", str(_l("Any"))), *((lv, majors.LEVELS_EN[lv] if lang == "en" else lv) for lv in majors.LEVELS)])
        self.hazards.choices = options([(h.tag, h.name(lang)) for h in law.hazards().values()])
        return self

    def show(self, position: Any) -> PositionForm:
        """Fill in what is saved, where it does not stand as it is typed."""
        for name in self.TRIS:
            self[name].data = {True: "yes", False: "no", None: ""}[getattr(position, name)]
        self.tasks.data = "\n".join(position.tasks)
        self.family.data = position.family_id or 0
        self.labour_level.data = position.labour_level or 0
        self.majors.data = [{"major": "M", "class": "C", "category": "G"}[m.depth] + ":" + m.code for m in position.majors]
        self.must.data = [f"{s.skill.code}:{s.level}" for s in position.skills if s.must]
        self.nice.data = [f"{s.skill.code}:{s.level}" for s in position.skills if not s.must]
        self.shifts.data = "\n".join(position.shifts or [])
        self.places.data = position.seats.places or None
        self.wording_reason.data = position.warnings_accepted.get("wording", "")
        self.pay_reason.data = position.warnings_accepted.get("R27a", "")
        self.length_reason.data = position.warnings_accepted.get("R13", "")
        return self

    def refuse_if_stale(self, record: Any) -> None:
        """Raise Stale with the fields that differ, as people read them, if the post was saved since this form was opened."""
        if self.version.data is None or self.version.data == record.version:
            return
        saved = PositionForm(formdata=None, obj=record).offer([]).show(record)
        mine, theirs = self.told(), saved.told()
        differ = [name for name in mine if mine[name] != theirs[name]]
        raise Stale(
            {name: shown(self[name], mine[name]) for name in differ},
            {name: shown(self[name], theirs[name]) for name in differ},
            record.version,
            {name: self[name].label.text for name in differ},
        )

    def explain(self, names: dict[str, dict[str, str]]) -> None:
        """Say at a field of codes what its codes mean."""
        for name, meanings in names.items():
            self[name].names = {code: meaning for code, meaning in meanings.items() if meaning and meaning != code}

    def fill_in(self, values: dict[str, Any]) -> PositionForm:
        """Show values as a template keeps them."""
        for name, value in values.items():
            if name in self.TRIS:
                self[name].data = {True: "yes", False: "no", None: ""}[value]
            elif name in ("tasks", "shifts"):
                self[name].data = "\n".join(value or [])
            elif name in self:
                self[name].data = value or (0 if name in ("family", "labour_level") else None if value in (0, None) else value)
        return self

    def unreadable(self) -> dict[str, list[Any]]:
        """What cannot even be read as its kind (a day, a number), by field; call after `validate`."""
        return {name: [one for one in said if one] for name, said in self.errors.items() if name and name != "csrf_token" and any(said)}

    def told(self) -> dict[str, Any]:
        """Typed values for the service."""
        values = self.values()
        for name in self.TRIS:
            values[name] = {"yes": True, "no": False}.get(values[name] or "")
        values["tasks"] = [line.strip()[:200] for line in (values["tasks"] or "").splitlines() if line.strip()][:20]
        values["shifts"] = [line.strip() for line in (values["shifts"] or "").splitlines() if line.strip()][:12]
        for name in ("title", "duties", "occupation_code", "place_code", "place_note", "level_least", "venue", "contract_kind"):
            values[name] = (values[name] or "").strip()
        for name in ("majors", "must", "nice", "hazards"):
            values[name] = values[name] or []
        values["family"] = values["family"] or None
        values["labour_level"] = values["labour_level"] or None
        return values


class CloseForm(HouseForm):
    """Why a post is closed."""

    reason = SelectField(_l("Why it is closed"), [REQUIRED])
    note = StringField(_l("A word about it"), [at_most(300)])

    def offer(self) -> CloseForm:
        """Fill the choices."""
        self.reason.choices = options([("", _l("Choose")), *((code, CLOSING[code]) for code in rules.CLOSING)])
        return self


class TemplateForm(HouseForm):
    """The name under which a post is kept."""

    name = StringField(_l("Name of the template"), [REQUIRED, at_most(60)])


class AskForm(HouseForm):
    """A firm's question to a college."""

    college = SelectField(_l("College"), [REQUIRED], validate_choice=False)
    reason = TextAreaField(_l("Why more than the share"), [REQUIRED, at_most(300)], description=_l("The college and the zone read it."))

    def offer(self, colleges: list[tuple[Any, Any]]) -> AskForm:
        """Fill the colleges."""
        lang = language()
        self.college.choices = options([("", _l("Choose")), *((str(public_id), tenant.name.to(lang)) for public_id, tenant in colleges)])
        return self


class AnswerForm(HouseForm):
    """A college's answer."""

    answer = TextAreaField(_l("Reason"), [REQUIRED, at_most(300)], description=_l("The enterprise and the zone read it."))
    until_on = DateField(_l("Holds until"), [Optional()])


class WageForm(HouseForm):
    """A newer minimum wage."""

    monthly_fen = YuanField(_l("Minimum wage a month"), [REQUIRED])
    valid_from = DateField(_l("In force from"), [Optional()])
    source = StringField(_l("Source"), [REQUIRED, at_most(200)], description=_l("Name, number and day of the document."))
