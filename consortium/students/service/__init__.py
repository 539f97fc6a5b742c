"""Rosters in, profiles kept, consents given and withdrawn, accounts activated. Flushes; the edge commits."""

from __future__ import annotations

from consortium.students.service.activation import activation_links, tie
from consortium.students.service.certificates import (
    add_proposed,
    decide_evidence,
    opened_evidence,
    send_evidence,
    show,
)
from consortium.students.service.classes import add_class, assign_adviser, edit_class
from consortium.students.service.consents import give_consent, record_guardians, withdraw
from consortium.students.service.exports import (
    EXPORTED,
    SHAPES,
    class_lines,
    destinations_told,
    export_lines,
    exported_missing,
    look_lines,
)
from consortium.students.service.profile import PROFILE, save_profile
from consortium.students.service.register import (
    LEAVE_OUT,
    RosterJudge,
    agree,
    apply,
    check,
    conflicts,
    differences,
    id_key,
    likely,
    meant,
    missing,
    template,
    undo,
)
from consortium.students.service.standing import remind, step, step_many

__all__ = [
    "EXPORTED", "LEAVE_OUT", "PROFILE", "SHAPES", "RosterJudge", "activation_links", "add_class", "add_proposed", "agree", "apply", "assign_adviser", "check",
    "class_lines", "conflicts", "decide_evidence", "destinations_told", "differences", "edit_class", "export_lines", "exported_missing", "give_consent", "id_key",
    "likely", "look_lines", "meant", "missing", "opened_evidence", "record_guardians", "remind", "save_profile", "send_evidence", "show", "step", "step_many", "template", "tie", "undo",
    "withdraw",
]  # fmt: skip
