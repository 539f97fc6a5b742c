"""What an enterprise tells of a post: four blocks on one page."""

from __future__ import annotations

from typing import Any

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
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from consortium.reference import law, majors
from consortium.shared.errors import Stale
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import (
    REQUIRED,
    CodeField,
    CodesField,
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


def _tri(label: Any, help_: Any = "") -> RadioField:
    return RadioField(label, [Optional()], choices=options(YES_NO), description=help_)


class PositionForm(VersionedForm):
    """A post. Typed names of fields are those of the model."""

    kind = RadioField(_l("Kind"), [REQUIRED], choices=options([("internship", _l("Internship")), ("job", _l("Job"))]), default="internship")
    title = StringField(_l("Title"), [REQUIRED, at_most(80)])
    duties = TextAreaField(_l("Duties"), [REQUIRED, at_most(4000)], description=_l("What is done, with what, with whom. This text is matched and shown."))
    tasks = TextAreaField(_l("Typical tasks"), [at_most(1000)], description=_l("One a line, at least two."))
    occupation_code = CodeField(_l("Occupation"), [at_most(12)], description=_l("Type a name, a common name or pinyin, and pick."))
    family = SelectField(_l("Kind of post"), [Optional()], coerce=int, default=0, description=_l("Interns are counted within it."))
    places = IntegerField(_l("Places"), [REQUIRED, between(1, 500)])
    place_code = CodeField(_l("Place"), [at_most(12)], description=_l("Type a name or pinyin, and pick."))
    place_note = StringField(_l("Address, how to get there"), [at_most(200)])
    start_on = DateField(_l("First day"), [Optional()])
    end_on = DateField(_l("Last day"), [Optional()])
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
        self.places.data = position.seats.places
        self.majors.data = [{"major": "M", "class": "C", "category": "G"}[m.depth] + ":" + m.code for m in position.majors]
        self.must.data = [s.skill.code for s in position.skills if s.must]
        self.nice.data = [s.skill.code for s in position.skills if not s.must]
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

    def told(self) -> dict[str, Any]:
        """Typed values for the service."""
        values = self.values()
        for name in self.TRIS:
            values[name] = {"yes": True, "no": False}.get(values[name] or "")
        values["tasks"] = [line.strip()[:200] for line in (values["tasks"] or "").splitlines() if line.strip()][:20]
        for name in ("title", "duties", "occupation_code", "place_code", "place_note", "level_least", "venue"):
            values[name] = (values[name] or "").strip()
        values["hazards"] = values["hazards"] or []
        values["family"] = values["family"] or None
        values["labour_level"] = values["labour_level"] or None
        return values
