"""Decisions about students on values alone: minors, who may consent, what a profile lacks."""

from __future__ import annotations

from datetime import date, timedelta

from consortium.matching.eligibility import is_minor

CONSENT_VERSION = "2026-11"
MATCHING, SHOWING, INTERNSHIP, STATISTICS = "matching", "showing", "internship", "statistics"
VERSIONS = {MATCHING: CONSENT_VERSION, SHOWING: CONSENT_VERSION, INTERNSHIP: CONSENT_VERSION, STATISTICS: CONSENT_VERSION}
"""The version of the words of each purpose: a new one asks everybody again."""
PURPOSES = tuple(VERSIONS)
FIRST_PURPOSES = (MATCHING, SHOWING, STATISTICS)
"""What is asked at the first sign-in."""
CODE_LASTS, CODE_AGAIN = timedelta(minutes=5), timedelta(seconds=60)
WRONG_CODES, WRONG_WAIT = 3, timedelta(seconds=60)
CODES_A_DAY, DAY = 20, timedelta(days=1)  # tries at a code, and codes sent to a number
LINK_LASTS = timedelta(days=7)
NOT_FOUND, PHONE, GUARDIAN_PHONE, CORRECTION, HUMAN = "not-found", "phone", "guardian-phone", "correction", "human"
TICKETS = {NOT_FOUND: 3, PHONE: 3, GUARDIAN_PHONE: 3, HUMAN: 5, CORRECTION: 15}
"""Kinds of question to the school, and within how many days it answers; the law leaves thirty for a correction."""
CORRECTABLE = ("name", "sex", "birth_on", "major_code", "level", "enrolled_on", "graduates_on", "class_id", "phone", "guardian_name", "guardian_phone", "courses", "skills")
"""Facts that the college imports and a student may ask to have put right."""
OF_AGE = 18
GUARDIAN_UP_TO = 14  # GB/T 35273 counts 14 and under: the stricter reading
YEARS = (2000, 2100)  # cohorts
LACKS = ("account", "consent", "guardian", "guardian_contact", "birth_on", "phone", "major_code", "wish", "skills")
"""What a class adviser runs after, the most pressing first."""
OWN_LACKS = frozenset({"consent", "phone", "wish", "skills"})
"""What the student can mend."""
PARTS = ("about", "courses", "college")
"""Parts of the profile that a student may keep from firms until an offer is accepted."""
PROFILE_ORDER = ("wish", "skills", "wants_zone", "shift_ok", "available_from", "about", "least_pay_fen", "places")

FEW = 5
"""A count of so few students is not told outside their own college."""


def age_on(birth_on: date, day: date) -> int:
    """Full years; born on 29 February: older on 1 March in common years."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def minor(birth_on: date | None, day: date) -> bool:
    """Under 18; an unknown birthday counts as a minor's, the careful reading."""
    return birth_on is None or is_minor(birth_on, day)


def needs_guardian_first(birth_on: date | None, day: date) -> bool:
    """Up to 14 nothing is processed without the guardian."""
    return birth_on is None or age_on(birth_on, day) <= GUARDIAN_UP_TO


def born_before(day: date, years: int) -> date:
    """Who was born on this day or earlier is `years` old on `day`; a 29 February ages on 1 March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def of_age_on(birth_on: date | None) -> date | None:
    """The eighteenth birthday; of 29 February: 1 March."""
    if birth_on is None:
        return None
    try:
        return birth_on.replace(year=birth_on.year + 18)
    except ValueError:
        return date(birth_on.year + 18, 3, 1)


def next_missing(filled: dict[str, bool]) -> str | None:
    """The most useful thing that is not filled in."""
    return next((name for name in PROFILE_ORDER if not filled.get(name)), None)


def completeness(filled: dict[str, bool]) -> float:
    """Share of the profile that is filled in."""
    return sum(bool(filled.get(name)) for name in PROFILE_ORDER) / len(PROFILE_ORDER)


def masked_name(name: str) -> str:
    """陈**: enough for a guardian to know whom it is about."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_number(number: str) -> str:
    """138****1234."""
    return f"{number[:3]}****{number[-4:]}" if len(number) > 7 else "****"


def three_wishes(told: list[str]) -> str:
    """Up to three things as one line."""
    return "、".join(dict.fromkeys(one.strip() for one in told if one.strip()))[:200]
