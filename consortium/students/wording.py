"""What is said of a roster's faults, of consents and of a profile."""

from __future__ import annotations

from typing import Any

from consortium.messages.wording import declare
from consortium.shared.i18n import lazy_gettext as _l

PROBLEMS: dict[str, tuple[Any, Any]] = {
    "needed": (_l("Empty."), _l("Fill it in.")),
    "too-long": (_l("Too long."), _l("Shorten it.")),
    "number-cell": (_l("A number cell may have lost digits."), _l("Format the column as text and type it again.")),
    "number-shape": (_l("Not a student number."), _l("Letters, digits, dots and hyphens only.")),
    "name-shape": (_l("A number is not a name."), _l("Write the name.")),
    "identity-shape": (_l("Not an 18-digit identity number."), _l("Check it against the document.")),
    "identity-birth": (_l("The identity number holds no possible birthday."), _l("Check it against the document.")),
    "identity-check": (_l("The last digit does not agree with the others."), _l("Check it against the document.")),
    "identity-twice": (_l("This identity number belongs to another student number."), _l("Check which of the two is right.")),
    "phone-shape": (_l("Not a mainland mobile number."), _l("Eleven digits, beginning with 1.")),
    "day-shape": (_l("Not readable as a day."), _l("Write it as 2006-03-12.")),
    "no-such-day": (_l("There is no such day."), _l("Write it as 2006-03-12.")),
    "not-among-choices": (_l("Not one of the choices."), _l("Pick one from the list in the template.")),
    "formula": (_l("A formula or an error, not a value."), _l("Paste the value itself.")),
    "birth-differs": (_l("Differs from the identity number."), _l("Leave it empty, or mend one of the two.")),
    "sex-differs": (_l("Differs from the identity number."), _l("Leave it empty, or mend one of the two.")),
    "stage-before": (_l("Before the day of enrolment."), _l("Check both days; leave it empty for a programme without a transfer.")),
    "ends-before": (_l("Not after the day of enrolment."), _l("Check both days.")),
    "too-young": (_l("Less than ten years before enrolment."), _l("Check both days.")),
    "identity-differs": (_l("This student has another identity number in the system."), _l("Check the student number; leave the cell empty to keep what is there.")),
    "kept-own": (_l("The student changed this; it was kept."), ""),
    "unknown-major": (_l("Not a major of the catalogue at this level."), _l("Use the code or name from the sheet of majors.")),
    "unknown-skill": (_l("Not in the vocabulary of skills."), _l("Use a name from the sheet of skills and certificates.")),
    "number-twice": (_l("This student number stands twice in the file."), _l("Delete one of the rows.")),
    "name-differs": (_l("This student number has another name in the system."), _l("Check the number. If the name was really changed, take the file's value.")),
}

PROBLEMS |= {
    "email-shape": (_l("Not an email address."), _l("Check it, or leave the cell empty.")),
    "unknown-place": (_l("Not a place of the list."), _l("Write names of cities or districts of Guangdong, such as 清城区.")),
    "not-a-number": (_l("Not a number."), _l("Digits only, such as 3500.")),
    "out-of-range": (_l("Too large or too small."), _l("Check the number.")),
    "until-before": (_l("Lies before the day of availability."), _l("Check both days.")),
    "in-use": (_l("This student has an account, a consent or an application since."), _l("The entry stays.")),
    "changed-since": (_l("This was changed again after the import."), _l("The later value stays.")),
    "not-in-file": (_l("Studies here and is not in the file."), _l("Will count as moved to another college.")),
    "state-changed": (_l("The state of this student changed since the check."), _l("Upload the file again to see where things stand.")),
    "who": (_l("Neither a student number nor an identity number."), _l("Fill in one of the two.")),
    "no-such-student": (_l("No student of the college has this number."), _l("Check it against the list of students.")),
    "another-student": (_l("The two numbers belong to different students."), _l("Check both, or leave one of them empty.")),
    "employer-needed": (_l("This kind of destination names an employer."), _l("Fill in the employer, or choose another kind.")),
    "employer-differs": (_l("The student accepted a job elsewhere here."), _l("Ask the student. If the register is right, take the file's value.")),
    "credit-shape": (_l("Not a unified social credit code."), _l("18 digits and letters, as on the licence.")),
}
"""Reasons beside a cell: what is wrong, and how to mend it."""

IMPORT: dict[str, Any] = {
    "heading": _l("Import students"),
    "see": _l("See the students"),
    "tips": (
        _l("Student number, identity number and phone: as text, for a number cell loses digits."),
        _l("What students changed themselves is kept, unless you say otherwise after the check."),
    ),
}
"""What the pages of the import say of this kind of row."""

DESTINATIONS: dict[str, Any] = {
    "heading": _l("Import destinations"),
    "see": _l("See the students"),
    "tips": (
        _l("Upload the national register's own file: its columns are known, or asked about once."),
        _l("Students are found by student number or identity number; the register of students itself is not changed."),
        _l("Where the file names another employer than the job a student accepted here, you decide."),
    ),
}
"""What the pages of the import say of the national register's file."""

ABSENCE: dict[str, Any] = {
    "heading": _l("Students who are not in the file"),
    "does": _l("They will count as moved to another college. Nothing is deleted; their open applications are closed, and the enterprises concerned are told of that."),
}
"""What a full list does to students it does not name."""

SHAPES: dict[str, tuple[Any, Any]] = {
    "list": (_l("The list"), ""),
    "register": (_l("The whole register"), _l("may be changed and uploaded again")),
    "destinations": (_l("Destinations of graduates"), _l("in the shape of the national register, with whole identity numbers; what is known is filled in")),
    "missing": (_l("Only what is missing"), _l("fill the coloured cells and upload it again")),
}
"""Ready-made exports of students: name, and what it is for."""

CLASS_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("name", _l("Class")), ("cohort", _l("Cohort")), ("level", _l("Level")), ("major_code", _l("Code of the major")), ("major", _l("Major")),
    ("n", _l("Students")), ("agreed", _l("Agreed")), ("guardians", _l("Guardian agreed")), ("no_account", _l("Without an account")), ("adviser", _l("Class adviser")),
)  # fmt: skip
LOOK_COLUMNS: tuple[tuple[str, Any], ...] = (
    ("at", _l("When")), ("student", _l("Student")), ("organisation", _l("Organisation")), ("person", _l("Person")), ("role", _l("Role")), ("what", _l("What was shown")),
)  # fmt: skip

MISSING: dict[str, Any] = {
    "wish": _l("What would you like to do?"),
    "skills": _l("Which skills do you have?"),
    "wants_zone": _l("Would you work in the High-tech Zone?"),
    "shift_ok": _l("Are shifts possible for you?"),
    "available_from": _l("From when on can you begin?"),
    "about": _l("A few lines about yourself"),
    "least_pay_fen": _l("The least pay you would accept"),
    "places": _l("Where would you like to be?"),
}


LACKS: dict[str, Any] = {
    "account": _l("Account not activated"),
    "consent": _l("Consent to matching"),
    "guardian": _l("Guardian's consent to an internship"),
    "guardian_contact": _l("Guardian's name and phone"),
    "birth_on": _l("Date of birth"),
    "phone": _l("Mobile phone"),
    "major_code": _l("Major"),
    "wish": _l("Wanted work"),
    "skills": _l("Skills"),
}

STEPS: dict[str, Any] = {
    "leave": _l("On leave from today"),
    "resume": _l("Back from leave"),
    "graduate": _l("Graduated"),
    "move": _l("Moved to another college"),
    "reinstate": _l("Enrolled again"),
}

declare(
    {
        "evidence-verified": (_l("Certificate confirmed: %(name)s"), _l("Your college has looked at the paper of %(name)s. Enterprises read beside it that the college has seen it.")),
        "evidence-refused": (_l("Paper not recognised: %(name)s"), _l("Your college could not recognise the paper of %(name)s. Reason: %(reason)s You may send another one.")),
        "profile-incomplete": (_l("Your college asks you to complete your page"), _l("Things still missing: %(n)s. It takes two minutes, and better matches follow.")),
        "register-on_leave": (_l("The register says: on leave"), _l("While you are on leave you are in no matching, and open applications were taken back. If this is wrong, tell your college.")),
        "register-moved": (_l("The register says: moved to another college"), _l("You are in no matching here any more, and open applications were taken back. If this is wrong, tell your college.")),
        "register-graduated": (_l("The register says: graduated"), _l("From now on you are matched with jobs. If this is wrong, tell your college.")),
        "register-enrolled": (_l("The register says: enrolled"), _l("You take part again. If this is wrong, tell your college.")),
    }
)


def problem(code: str) -> tuple[Any, Any]:
    """What is wrong, and how to mend it."""
    return PROBLEMS.get(code, (code, ""))


PAPER_REFUSALS: dict[str, Any] = {
    "empty": _l("The file is empty. Choose the scan or the photo of the certificate."),
    "too-large": _l("The file is larger than 5 MB. Take the photo again in a smaller size."),
    "not-a-paper": _l("This is no PDF, PNG or JPEG. Send a scan or a photo of the certificate."),
    "active": _l("This PDF holds scripts or attachments. Print it into a plain PDF, or send a photo."),
}
PARTS: dict[str, Any] = {"about": _l("My own words about myself"), "courses": _l("My courses"), "college": _l("The name of my college")}


def paper_refusal(code: str) -> Any:
    """Why a paper is not taken, and what to send instead."""
    return PAPER_REFUSALS.get(code, PAPER_REFUSALS["not-a-paper"])
