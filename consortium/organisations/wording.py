"""Words of the door, the check by hand, the quarterly question and the three lists; and what people are told of them."""

from __future__ import annotations

from typing import Any

from consortium.messages.wording import declare, press
from consortium.reference import law
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l

CREDIT = {
    "credit-shape": _l("A unified social credit code has 18 digits and capital letters, without I, O, S, V, Z."),
    "credit-check": _l("The last character does not fit the others: compare the code with the licence once more."),
}
PHONE = _l("A mobile number of 11 digits, such as 13800000000.")
PICTURE = {
    "empty": _l("The file is empty."), "too-large": _l("The file is larger than 5 MB: take the photo in a smaller size."),
    "not-a-picture": _l("A photo (JPEG, PNG) or a PDF is needed: this file is something else."), "broken": _l("The file is damaged: take the photo again."),
    "needed": _l("Choose the photo of the licence."),
}  # fmt: skip
TABLE = {
    "empty": _l("The file is empty."), "too-large": _l("The file is larger than 10 MB."), "no-header": _l("No header row was found: take the template's column names."),
    "no-rows": _l("There is no row below the header."), "too-many-rows": _l("Too many rows: split the file."),
}  # fmt: skip
TABLE_OTHERWISE = _l("This file is not read: save it as .xlsx or .csv and choose it again.")

CHECK_CHIPS = {"lacking": "lacking", "waiting": "to-be-checked", "asked": "more-asked", "verified": "verified", "refused": "refused"}
CHECK_STEPS = {
    "hand-in": _l("Handed in"), "add": _l("Added"), "ask": _l("The zone asks for more"), "refuse": _l("Refused"), "approve": _l("Verified"),
}  # fmt: skip

ANSWERS: dict[str, Any] = {"yes": _l("Yes, we can take people"), "perhaps": _l("Perhaps"), "no": _l("Not this quarter")}
REASONS: dict[str, Any] = {
    "no-mentor": _l("Nobody can be spared as mentor"), "low-capacity": _l("No room, no machines free"), "past-trainees": _l("Experience with earlier interns"),
    "not-known-how": _l("We do not know how it is done"), "no-orders": _l("Too few orders"), "insurance": _l("Insurance and accidents"), "other": _l("Something else"),
}  # fmt: skip
WISH_KINDS = {"internship": _l("Internship"), "job": _l("Job")}
PROBLEMS: dict[str, Any] = {
    "choose": _l("Choose one."), "needed": _l("This is needed."), "unknown": _l("Choose from the list."), "twice": _l("This class stands twice for the same kind."),
    "heads": _l("A number from 1 to 5000."), "past": _l("This day is over."),
}  # fmt: skip

LISTS: dict[str, Any] = {"product": _l("Core products"), "technology": _l("Technology needs"), "talent": _l("Talent needs")}
LIST_ROW: dict[str, Any] = {"product": _l("Core product"), "technology": _l("Technology need"), "talent": _l("Talent need")}
LIST_CHIPS = {"draft": "draft", "open": "published", "closed": "list-ended"}
COOPERATIONS: dict[str, Any] = {
    "joint": _l("Joint research"), "commission": _l("Commissioned research"), "transfer": _l("Transfer of a patent or result"), "advice": _l("Advice on site"),
    "testing": _l("Testing and trials"), "training": _l("Training of staff"),
}  # fmt: skip


def reason(code: str) -> str:
    """A reason why a firm cannot take people: one of its own list, or a rule by its title in the law's table."""
    if code in REASONS:
        return str(REASONS[code])
    return str(_l("Rule: %(title)s", title=law.rule(code).title(language()))) if code in law.rules() else code


declare(
    {
        "registration-code": (_l("Code for registering"), _l("Your code is %(code)s. It holds for 10 minutes. Whoever asks you for it is not us.")),
        "check-waiting": (_l("Licence to check: %(firm)s"), _l("%(firm)s is not on the zone's list and waits for the check by hand.")),
        "check-ask": (_l("The zone asks for more"), _l("For the check of %(firm)s the zone asks: %(text)s")),
        "check-refuse": (_l("The check was refused"), _l("%(firm)s was not verified: %(text)s You may answer.")),
        "check-approve": (_l("%(firm)s is verified"), _l("You may publish posts now.")),
        "join-asked": (_l("%(who)s asks to join"), _l("%(who)s proved a phone number and asks to join %(firm)s. Let in only whom you know.")),
        "join-joined": (_l("You belong to %(firm)s"), _l("Sign in with your phone number and the password you chose.")),
        "join-refused": (_l("Not let in by %(firm)s"), _l("The administrator did not confirm that you work at %(firm)s.")),
        "headship": (_l("You are head of %(firm)s"), _l("%(who)s handed the role over to you: you let colleagues in and give them roles.")),
        "intent-asked": (_l("Q%(n)s %(year)s: can you take students?"), _l("One minute, no password: can %(firm)s take interns or new staff this quarter? Please answer by %(until)s.")),
        "intent-reminder": (_l("Q%(n)s %(year)s: can you take students?"), _l("%(firm)s has not answered yet. Yes, perhaps or no, one minute, no password, until %(until)s.")),
        "intent-link": (_l("A new link"), _l("Here is the new link to the question whether %(firm)s can take students.")),
    }
)


press({"registration-code", "check-ask", "join-asked", "join-joined", "join-refused", "intent-asked", "intent-reminder", "intent-link"})  # asked for just now, or an answer is due
