"""What is told with an application, an offer or a refusal."""

from __future__ import annotations

from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from consortium.applications import rules, wording
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, HouseForm, VersionedForm, at_most, between, options


class NoteForm(HouseForm):
    """A step with a word beside it."""

    note = StringField(_l("A word to the other side"), [at_most(500)], description=_l("Optional. The other side reads it."))


class AskForm(NoteForm):
    """An offer or invitation and how long it stands."""

    hours = IntegerField(
        _l("Hours to answer"), [Optional(), between(rules.LEAST_HOURS, rules.MOST_HOURS)], default=rules.HOURS_TO_ANSWER
    )

    def stands(self) -> int:
        """Hours told, or the usual."""
        return int(self.hours.data or rules.HOURS_TO_ANSWER)


class CandidateNoteForm(HouseForm):
    """What an enterprise writes down for itself."""

    text = StringField(_l("Note"), [REQUIRED, at_most(1000)], description=_l("Only your enterprise reads it: never the student, never another enterprise. It is erased with the application's time."))


class DeclineForm(NoteForm):
    """A refusal with its reason."""

    reason = SelectField(_l("Reason"), [REQUIRED])

    def of(self, *, student: bool) -> DeclineForm:
        """Give the choices of one side."""
        codes = rules.STUDENT_REASONS if student else rules.ENTERPRISE_REASONS
        self.reason.choices = options([("", _l("Choose")), *((code, wording.REASONS[code]) for code in codes)])
        return self


class RuleForm(VersionedForm):
    """What a college's students bind themselves to by accepting one kind of offer."""

    closes_other_kind = BooleanField(_l("Accepting also ends the open applications for the other kind"))
    back_hours = IntegerField(
        _l("Hours in which an acceptance may be taken back"), [InputRequired(_l("This is needed.")), between(0, rules.MOST_BACK_HOURS)],
        description=_l("0: not at all. Once somebody has signed the agreement it cannot be taken back in any case."),
    )  # fmt: skip
