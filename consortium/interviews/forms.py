"""A time that is offered, the picking of one, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from wtforms import DateTimeLocalField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from consortium.interviews import rules, wording
from consortium.shared.clock import SHANGHAI, local
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, HouseForm, VersionedForm, at_most, between, options


class SlotForm(VersionedForm):
    """A time as people here read it: Asia/Shanghai on screen, UTC inside."""

    starts_at = DateTimeLocalField(
        _l("Day and time"), [InputRequired(_l("A day and a time, such as 2026-12-01 14:00."))], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        description=_l("Beijing time."),
    )  # fmt: skip
    minutes = IntegerField(_l("Length"), [REQUIRED, between(rules.LEAST_MINUTES, rules.MOST_MINUTES)], default=30)
    places = IntegerField(_l("Students at a time"), [REQUIRED, between(1, rules.MOST_PLACES)], default=1)
    place = StringField(_l("Where to come"), [at_most(200)], description=_l("Address and room; or leave empty and give a link."))
    link = StringField(_l("Link"), [at_most(300)], description=_l("Of a video call; begins with https://."))

    def values(self) -> dict[str, Any]:
        """With the instant in UTC and words trimmed."""
        told = super().values()
        starts_at: datetime = told["starts_at"].replace(tzinfo=SHANGHAI)
        return told | {"starts_at": starts_at, "place": (told["place"] or "").strip(), "link": (told["link"] or "").strip()}

    def told(self) -> dict[str, Any]:
        """What was typed, for comparing it with what somebody else saved meanwhile."""
        return self.values()

    def show(self, slot: Any) -> SlotForm:
        """Fill in a time that is there."""
        self.starts_at.data = local(slot.starts_at)
        for name in ("minutes", "places", "place", "link", "version"):
            self[name].data = getattr(slot, name)
        return self


class SlotsForm(SlotForm):
    """One time, or several in a row."""

    times = IntegerField(_l("How many in a row"), [Optional(), between(1, rules.MOST_TIMES)], default=1)

    def values(self) -> dict[str, Any]:
        """One where nothing is said."""
        told = super().values()
        return told | {"times": told["times"] or 1}


class AskForm(HouseForm):
    """A word with the asking."""

    note = StringField(_l("A word to the student"), [at_most(500)], description=_l("Optional: what to bring, whom to ask for."))


class DeclineForm(HouseForm):
    """Why the student wants no interview."""

    reason = SelectField(_l("Reason"), [REQUIRED], choices=options([("", _l("Choose")), *((code, wording.REASONS[code]) for code in rules.STUDENT_REASONS)]))


class ResultForm(HouseForm):
    """What came of it."""

    result = SelectField(_l("What came of it"), [REQUIRED], choices=options([("", _l("Choose")), *wording.RESULTS.items()]))
