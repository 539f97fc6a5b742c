"""Check digits: resident identity numbers, unified social credit codes, mobile phone numbers."""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
INVENTED_AREA = "449999"  # no division bears this code: numbers made for demonstrations belong to nobody


def normalised(raw: str) -> str:
    """Full-width digits made narrow, blanks removed, letters large."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", raw)).upper()


def identity_problem(number: str) -> str | None:
    """Why an 18-digit resident identity number cannot be right; None when it may be."""
    if not re.fullmatch(r"\d{17}[\dX]", number):
        return "identity-shape"
    if birth_of(number) is None:
        return "identity-birth"
    if identity_check(number[:17]) != number[17]:
        return "identity-check"
    return None


def identity_check(first17: str) -> str:
    """The check digit (GB 11643, ISO 7064 MOD 11-2)."""
    return _CHECK[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def birth_of(number: str) -> date | None:
    """The birthday an identity number tells."""
    if not "1900" <= number[6:10] <= "2100":
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str:
    """F or M: the parity of the 17th digit."""
    return "M" if int(number[16]) % 2 else "F"


def credit_problem(code: str) -> str | None:
    """Why an 18-character unified social credit code cannot be right; None when it may be."""
    if len(code) != 18 or any(c not in _CREDIT for c in code):
        return "credit-shape"
    return None if credit_check(code[:17]) == code[17] else "credit-check"


def credit_check(first17: str) -> str:
    """The check character (GB 32100-2015)."""
    total = sum(_CREDIT.index(c) * pow(3, n, 31) for n, c in enumerate(first17))
    return _CREDIT[(31 - total % 31) % 31]


def phone_problem(number: str) -> str | None:
    """Why a mainland mobile number cannot be right; None when it may be."""
    return None if re.fullmatch(r"1[3-9]\d{9}", number) else "phone-shape"


def invented_identity(birth_on: date, rng: random.Random, female: bool) -> str:
    """A number of valid shape that belongs to nobody."""
    turn = rng.randrange(0, 499) * 2 + (0 if female else 1)
    first = f"{INVENTED_AREA}{birth_on:%Y%m%d}{turn:03d}"
    return first + identity_check(first)


def invented_credit(rng: random.Random) -> str:
    """A credit code of valid shape that belongs to nobody (registration area 449999)."""
    first = "91" + INVENTED_AREA + "MAD" + "".join(rng.choice(_CREDIT[:10]) for _ in range(6))
    return first + credit_check(first)


def invented_phone(rng: random.Random) -> str:
    """A number of the shape of a mobile phone in a block kept out of use here: 199 0000 ####."""
    return f"1990000{rng.randrange(10_000):04d}"
