"""Decisions at the door for enterprises, on values alone: names told in part, who is verified at once, how long a wrong code waits."""

from __future__ import annotations

from datetime import datetime, timedelta

AGENCIES = "726"  # GB/T 4754: human resources services
DISPATCH = "7263"
DOUBLE_SURNAMES = ("欧阳", "上官", "司马", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯")
CODE_LASTS = timedelta(minutes=10)
CODE_AGAIN_AFTER = timedelta(seconds=60)
MOST_CODES = 5
TRIES_BEFORE_A_WAIT, MOST_WRONG = 3, 9
FIRST_WAIT = 30  # seconds
LICENCE_KEPT = timedelta(days=30)


def host_type(industry_code: str) -> str:
    """What kind of host a firm of this industry is: agencies may not host interns for others (R22)."""
    if not industry_code.startswith(AGENCIES):
        return "enterprise"
    return "labour_dispatch" if industry_code.startswith(DISPATCH) else "intermediary"


def is_agency(industry_code: str) -> bool:
    """Whether internships are closed to firms of this industry."""
    return host_type(industry_code) != "enterprise"


def masked_name(name: str) -> str:
    """王小明 → 王*, 欧阳娜 → 欧阳*, Wang Lei → W*: enough to know whom to ask, never the whole name."""
    name = name.strip()
    if not name:
        return "*"
    surname = next((one for one in DOUBLE_SURNAMES if name.startswith(one) and len(name) > len(one)), name[0])
    return surname + "*"


def verified_at_once(listed_phone: str | None, phone: str) -> bool:
    """On the zone's list (None: not on it), and by the phone the list names, if it names one."""
    return listed_phone is not None and listed_phone in ("", phone)


def wait_after(n_wrong: int) -> int:
    """Seconds to wait after so many wrong codes: none for the first two, then 30, 60, 120 … at every third."""
    if n_wrong == 0 or n_wrong % TRIES_BEFORE_A_WAIT:
        return 0
    return FIRST_WAIT * 2 ** (n_wrong // TRIES_BEFORE_A_WAIT - 1)


def is_spent(n_wrong: int) -> bool:
    """Whether a code may not be tried any more: a new one is needed."""
    return n_wrong >= MOST_WRONG


def may_send(n_sent: int, last: datetime | None, now: datetime) -> int | None:
    """Seconds until another code may be sent (0: now); None: no more of them."""
    if n_sent >= MOST_CODES:
        return None
    if last is None:
        return 0
    return max(0, -int(-(last + CODE_AGAIN_AFTER - now).total_seconds() // 1))
