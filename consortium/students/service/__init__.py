"""Rosters in, profiles kept, consents given and withdrawn, accounts activated. Flushes; the edge commits."""

from __future__ import annotations

from consortium.students.service.activation import activation_links, tie
from consortium.students.service.classes import add_class, assign_adviser, edit_class
from consortium.students.service.consents import give_consent, record_guardians, withdraw
from consortium.students.service.erasure import (
    backups_until,
    erase,
    erase_over_time,
    forget_codes,
    forget_links,
    forget_tickets,
    list_path,
    objections,
    reapply,
)
from consortium.students.service.exports import EXPORTED, SHAPES, exported, exported_missing, shape
from consortium.students.service.first_steps import (
    answer_questions,
    count_code,
    count_search,
    decide,
    enter,
    entry_purpose,
    put_off,
    send_entry_code,
    use_code,
)
from consortium.students.service.guardians import (
    ask_guardian,
    correct_guardian,
    decline_as_guardian,
    guardian_purpose,
    not_my_child,
    send_guardian_code,
    sign_as_guardian,
    wanted_of_guardian,
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
    template,
    undo,
)
from consortium.students.service.rights import (
    allow_matching,
    as_json,
    as_zip,
    everything_about,
    object_to_matching,
)
from consortium.students.service.standing import remind, step, step_many
from consortium.students.service.tickets import READABLE, ask_a_person, ask_for_correction, tell_asker, tell_school
from consortium.students.service.tickets import answer as answer_ticket

__all__ = [
    "EXPORTED", "LEAVE_OUT", "PROFILE", "READABLE", "SHAPES", "RosterJudge", "activation_links", "add_class", "agree", "allow_matching", "answer_questions",
    "answer_ticket", "apply", "as_json", "as_zip", "ask_a_person", "ask_for_correction", "ask_guardian", "assign_adviser", "backups_until", "check",
    "conflicts", "correct_guardian", "count_code", "count_search", "decide", "decline_as_guardian", "differences", "edit_class", "enter",
    "entry_purpose", "erase", "erase_over_time", "everything_about", "exported", "exported_missing", "forget_codes", "forget_links", "forget_tickets", "give_consent",
    "guardian_purpose", "id_key", "likely", "list_path", "meant", "not_my_child", "object_to_matching", "objections", "put_off", "reapply",
    "record_guardians", "remind", "save_profile", "send_entry_code", "send_guardian_code", "shape", "sign_as_guardian", "step", "step_many",
    "tell_asker", "tell_school", "template", "tie", "undo", "use_code", "wanted_of_guardian", "withdraw",
]  # fmt: skip
