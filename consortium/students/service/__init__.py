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
from consortium.students.service.exports import (
    EXPORTED,
    SHAPES,
    class_lines,
    destinations_told,
    export_lines,
    exported_missing,
    look_lines,
)
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
    missing,
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
    "EXPORTED", "LEAVE_OUT", "PROFILE", "READABLE", "SHAPES", "RosterJudge", "activation_links", "add_class", "add_proposed", "agree",
    "allow_matching", "answer_questions", "answer_ticket", "apply", "as_json", "as_zip", "ask_a_person", "ask_for_correction", "ask_guardian",
    "assign_adviser", "backups_until", "check", "class_lines", "conflicts", "correct_guardian", "count_code", "count_search", "decide",
    "decide_evidence", "decline_as_guardian", "destinations_told", "differences", "edit_class", "enter", "entry_purpose", "erase",
    "erase_over_time", "everything_about", "export_lines", "exported_missing", "forget_codes", "forget_links", "forget_tickets",
    "give_consent", "guardian_purpose", "id_key", "likely", "list_path", "look_lines", "meant", "missing", "not_my_child",
    "object_to_matching", "objections", "opened_evidence", "put_off", "reapply", "record_guardians", "remind", "save_profile",
    "send_entry_code", "send_evidence", "send_guardian_code", "show", "sign_as_guardian", "step", "step_many", "tell_asker", "tell_school",
    "template", "tie", "undo", "use_code", "wanted_of_guardian", "withdraw",
]  # fmt: skip
