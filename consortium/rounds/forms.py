"""What is told of a round, of a post in it, and of a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, DateTimeLocalInput, ListWidget

from consortium.rounds import rules, wording
from consortium.rounds.models import Round, RoundCode
from consortium.shared import clock
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, CodesField, HouseForm, VersionedForm, at_most, between, options


class InstantField(Field):
    """A day and a time as people here read them; an aware instant inside."""

    widget = DateTimeLocalInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{clock.local(self.data):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        raw = (valuelist[0] if valuelist else "").strip().replace(" ", "T")
        if not raw:
            return
        try:
            local = datetime.strptime(raw[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=clock.SHANGHAI)
            self.data = local.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(str(_l("A day and a time, such as 2026-03-05 10:00."))) from None


def _checks(label: Any, help_: Any = "", **more: Any) -> SelectMultipleField:
    return SelectMultipleField(label, widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(), description=help_, **more)


class CalendarForm(HouseForm):
    """The four instants of a round."""

    opens_at = InstantField(_l("Lists open"), [REQUIRED])
    lists_close_at = InstantField(_l("Lists close"), [REQUIRED])
    orders_close_at = InstantField(_l("Enterprises' orders close"), [REQUIRED], description=_l("Lists are frozen then."))
    publish_at = InstantField(_l("Results appear"), [REQUIRED], description=_l("To everybody at the same instant."))

    def instants(self) -> dict[str, datetime]:
        """By field."""
        return {name: self[name].data for name in ("opens_at", "lists_close_at", "orders_close_at", "publish_at")}


class RoundForm(CalendarForm, VersionedForm):
    """A round."""

    name_zh = StringField(_l("Name in Chinese"), [REQUIRED, at_most(80)])
    name_en = StringField(_l("Name in English"), [at_most(80)])
    start_on = DateField(_l("Posts begin on or after"), [REQUIRED])
    end_on = DateField(_l("Posts end on or before"), [REQUIRED])
    answer_hours = IntegerField(_l("Hours to answer"), [REQUIRED, between(rules.LEAST_HOURS, rules.MOST_HOURS)], default=rules.ANSWER_HOURS)
    most_ranked = IntegerField(_l("Posts on a list, at most"), [REQUIRED, between(1, rules.MOST_RANKED)], default=rules.USUAL_RANKED)
    colleges = _checks(_l("Colleges"), _l("None chosen means all."))
    majors = CodesField(_l("Majors"), description=_l("Type a name, a code or pinyin; a major, a class or a whole category. Empty means any."))
    year_from = IntegerField(_l("Enrolled from"), [Optional(), between(1990, 2100)])
    year_to = IntegerField(_l("Enrolled until"), [Optional(), between(1990, 2100)])
    priorities = TextAreaField(
        _l("Declared priorities"), [at_most(800)],
        description=_l("One a line, the weightiest first, Chinese, a bar, then English: 家庭经济困难 | hardship. They count only within a student's own list, and everybody sees them."),
    )  # fmt: skip
    classes = TextAreaField(_l("Joint classes with seats of their own"), [at_most(800)], description=_l("One a line in the same way. Enterprises then say how many seats they keep for each."))

    def choose_from(self, colleges: Sequence[Any]) -> RoundForm:
        """Give the colleges to choose from."""
        self.colleges.choices = options([(str(one.public_id), one.name) for one in colleges])
        return self

    def told(self) -> dict[str, Any]:
        """What the use case takes; colleges still by public id."""
        codes = [*_lines(self.priorities.data, rules.PRIORITY), *_lines(self.classes.data, rules.RESERVED)]
        skip = {"csrf_token", "form_key", "version", "priorities", "classes"}
        return {name: value for name, value in self.data.items() if name not in skip} | {"codes": codes}

    @staticmethod
    def words(codes: Sequence[RoundCode], kind: str) -> str:
        """Codes as lines of the text field."""
        return "\n".join(f"{one.name_zh} | {one.name_en}" if one.name_en else one.name_zh for one in codes if one.kind == kind)

    @staticmethod
    def of(found: Round) -> dict[str, Any]:
        """What an existing round fills in."""
        names = ("name_zh", "name_en", "start_on", "end_on", "opens_at", "lists_close_at", "orders_close_at", "publish_at", "answer_hours", "most_ranked", "majors", "year_from", "year_to", "version")
        told = {name: getattr(found, name) for name in names}
        return told | {
            "colleges": [str(one.tenant.public_id) for one in found.colleges], "priorities": RoundForm.words(found.codes, rules.PRIORITY),
            "classes": RoundForm.words(found.codes, rules.RESERVED),
        }  # fmt: skip

    def refuse_if_stale(self, record: Any) -> None:
        """Compare what stands in columns only: the rest has names of its own."""
        if self.version.data is not None and self.version.data != record.version:
            plain = self.told()
            self.told = lambda: {name: value for name, value in plain.items() if name not in ("colleges", "codes")}  # type: ignore[method-assign]
        super().refuse_if_stale(record)


def _lines(text: str | None, kind: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    for line in (text or "").splitlines():
        zh, _, en = (part.strip() for part in line.replace("｜", "|").partition("|"))
        if zh:
            found.append({"code": f"{kind[0]}{len(found) + 1}", "kind": kind, "name_zh": zh[:60], "name_en": en[:60]})
    return found


class TrialForm(HouseForm):
    """A dry run."""

    scenarios = _checks(_l("Scenarios"), _l("Up to three, side by side."), choices=options([(code, words[0]) for code, words in wording.SCENARIOS.items()]))
    anew = BooleanField(_l("Read lists, profiles and posts anew"))


class ApprovalForm(HouseForm):
    """What is published, when, and why so."""

    run = HiddenField(_l("Scenario"), [REQUIRED])
    publish_at = InstantField(_l("Results appear"), [REQUIRED])
    reason = StringField(_l("Reason"), [at_most(500)], description=_l("Needed where the round does not run as it was declared; it is published with the result."))


class PostForm(HouseForm):
    """A post and how it takes part."""

    position = SelectField(_l("Post"), [REQUIRED])
    places = IntegerField(_l("Places in the round"), [REQUIRED, between(1, 500)])
    reserved_stay = BooleanField(_l("Seats of a joint class that nobody of it takes stay empty"))


class LeaveForm(HouseForm):
    """Why a post leaves."""

    position = HiddenField(_l("Post"), [REQUIRED])
    reason = SelectField(_l("Reason"), [REQUIRED], choices=options([("", _l("Choose")), *((code, wording.LEAVE_REASONS[code]) for code in rules.LEAVE_REASONS)]))


class BearersForm(HouseForm):
    """Of whom a declaration holds."""

    code = SelectField(_l("Declaration"), [REQUIRED])
    numbers = TextAreaField(_l("Student numbers"), [at_most(20000)], description=_l("One a line: all of whom it holds. Whoever is left out no longer has it."))
