"""What every form shares: CSRF, the idempotency key, the version it was opened with, and fields of our own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import TextInput

from consortium.shared.db import INT_MAX
from consortium.shared.errors import Invalid, Stale
from consortium.shared.i18n import joined
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.filters import day, yuan

REQUIRED = InputRequired(_l("This is needed."))


def at_most(length: int) -> Length:
    """A text no longer than its column."""
    return Length(max=length, message=_l("At most %(max)d characters."))


def between(low: float, high: float) -> NumberRange:
    """A number within limits, both told."""
    return NumberRange(low, high, _l("A number from %(min)s to %(max)s."))


def put(form: FlaskForm, refused: Invalid) -> None:
    """Show what a use case refused at the fields themselves, so that nothing typed is lost."""
    for name, said in refused.fields.items():
        form[name].errors = said


def options(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """The choices of a select or radio field from (value, label) pairs."""
    return [SelectChoice(value, label) for value, label in pairs]


class HouseForm(FlaskForm):
    """A form that survives double clicks and stale pages."""

    form_key = HiddenField(default=lambda: str(uuid.uuid4()))

    def values(self) -> dict[str, Any]:
        """The named fields and no others."""
        skip = {"csrf_token", "form_key", "version"}
        return {name: value for name, value in self.data.items() if name not in skip}


class VersionedForm(HouseForm):
    """A form on a record with a version column."""

    version = IntegerField(validators=[Optional(), NumberRange(0, INT_MAX)])

    def refuse_if_stale(self, record: Any) -> None:
        """Raise Stale, with both sides by field as people read them, if the record was saved since this form was opened."""
        if self.version.data is None or self.version.data == record.version:
            return
        typed: dict[str, Any] = getattr(self, "told", self.values)()
        named = [name for name in typed if name in self and hasattr(record, name)]
        raise Stale(
            {name: shown(self[name], typed[name]) for name in named},
            {name: shown(self[name], getattr(record, name)) for name in named},
            record.version,
            {name: self[name].label.text for name in named},
        )


def shown(field: Any, value: Any) -> str:
    """A field's value as the page would show it, for comparing two versions."""
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return str(_l("Yes") if value else _l("No"))
    if isinstance(field, YuanField):
        return yuan(value)
    if isinstance(value, date):
        return day(value)
    choices = {one.value: one.label for one in getattr(field, "choices", None) or [] if isinstance(one, SelectChoice)}
    if isinstance(value, list | tuple):
        return joined(choices.get(one, one) for one in value)
    return str(choices.get(value, value))


class YuanField(Field):
    """Money in yuan on screen, integer fen inside; None when empty."""

    widget = TextInput()

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{Decimal(self.data) / 100:f}"

    def process_formdata(self, valuelist: list[Any]) -> None:
        raw = (valuelist[0] if valuelist else "").strip().replace(",", "").replace("，", "")
        self.data = None
        if not raw:
            return
        try:
            fen = Decimal(raw) * 100
        except InvalidOperation:
            raise ValueError(self.gettext_wrong()) from None
        if not fen.is_finite() or fen != fen.to_integral_value() or not 0 <= fen <= INT_MAX:
            raise ValueError(self.gettext_wrong())
        self.data = int(fen)

    def gettext_wrong(self) -> str:
        """What is said of an unreadable amount."""
        return str(_l("An amount in yuan, such as 3500 or 3500.50."))


class CodeField(StringField):
    """One code of a list, typed or picked; the page shows `names` for it."""

    names: Mapping[str, str] = {}


class CodesField(Field):
    """Several codes typed or picked, separated by commas or spaces; the page shows `names` for them."""

    widget = TextInput()
    names: Mapping[str, str] = {}

    def _value(self) -> str:
        return ",".join(self.data or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        joined = " ".join(str(v) for v in valuelist)
        for mark in ",，、;；":
            joined = joined.replace(mark, " ")
        seen: dict[str, None] = {}
        for code in joined.split():
            seen.setdefault(code)
        self.data = list(seen)
