"""Decisions on values alone: what a filing or an override covers, which mentors take how many, which lines of the law can be entered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

MOST_FILE = 5 * 1024 * 1024
FILE_KINDS = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))
WARN_DAYS = 30
"""Before a filing ends its holder is told."""
SHARES = ("R10", "R11")
"""Rules that a school lets pass for one post and so many heads: asked and answered in `positions`."""
GROUPS = ("minor", "women", "unfiled")


class Post(Protocol):
    """What is asked of a post."""

    @property
    def tenant_id(self) -> int: ...
    @property
    def public_id(self) -> Any: ...
    @property
    def family_id(self) -> int | None: ...
    @property
    def start_on(self) -> date | None: ...
    @property
    def end_on(self) -> date | None: ...


def within(families: Sequence[int], posts: Sequence[str], post: Post) -> bool:
    """Whether a post lies in a scope of kinds of posts and posts; empty lists are all."""
    return (not families or post.family_id in families) and (not posts or str(post.public_id) in posts)


def filing_state(filing: Any, today: date) -> str:
    """withdrawn, refused, entered (not verified yet), expired, ending (soon), or in force."""
    if filing.withdrawn_at is not None:
        return "withdrawn"
    if filing.refusal:
        return "refused"
    if filing.valid_until < today:
        return "expired"
    if filing.verified_at is None:
        return "entered"
    return "ending" if (filing.valid_until - today).days <= WARN_DAYS else "in-force"


def filed_codes(filing: Any, post: Post) -> list[str]:
    """What a filing says of a post, as entries of the method: nothing unless it is verified and covers every day of the post."""
    if filing.verified_at is None or filing.withdrawn_at is not None or filing.refusal:
        return []
    if post.start_on is None or post.end_on is None or not filing.valid_from <= post.start_on <= post.end_on <= filing.valid_until:
        return []
    if not within(filing.families, filing.posts, post):
        return []
    codes = ["R25w" if code == "R25" and not filing.covers_holidays else code for code in filing.rules]
    return [entry(code, filing.majors, filing.colleges) for code in codes]


def overrides(override: Any, post: Post) -> bool:
    """Whether an override is about this post: not withdrawn, in its scope, and the post begins within its days."""
    if override.withdrawn_at is not None or post.start_on is None or not override.valid_from <= post.start_on <= override.valid_until:
        return False
    return within(override.families, override.posts, post)


def override_state(override: Any, today: date) -> str:
    """withdrawn, expired or in force."""
    if override.withdrawn_at is not None:
        return "withdrawn"
    return "expired" if override.valid_until < today else "in-force"


def entry(code: str, majors: Iterable[str], colleges: Iterable[int]) -> str:
    """A code with the majors and colleges it holds for, as the method reads it: R26, or R26/C:4603+G:46/12."""
    scope = ("+".join(sorted(majors)), "+".join(str(one) for one in sorted(colleges)))
    return "/".join((code, *scope)) if any(scope) else code


@dataclass(frozen=True, slots=True)
class Load:
    """A mentor within a window: how many she may still take, and how many of this very post she has now."""

    mentor_id: int
    free: int
    mine: int = 0


def shared_out(loads: Sequence[Load], heads: int) -> dict[int, int] | None:
    """Mentor → interns of a post: who has some of them keeps them, then who has most room; None where there is not enough."""
    found: dict[int, int] = {}
    for load in sorted(loads, key=lambda one: (-one.mine, -one.free, one.mentor_id)):
        taken = min(load.free, heads)
        if taken > 0:
            found[load.mentor_id] = taken
            heads -= taken
    return None if heads > 0 else found


def file_kind(data: bytes) -> str:
    """The kind of a proof by its bytes, never by its name; '' for none that is taken."""
    return next((kind for mark, kind in FILE_KINDS if data.startswith(mark)), "")


def sha256(data: bytes) -> str:
    """Which file it is."""
    return hashlib.sha256(data).hexdigest()


def days_problem(filed_on: date, valid_from: date, valid_until: date, today: date) -> tuple[str, str] | None:
    """Which day of a filing cannot be, and why; None where all may be."""
    if filed_on > today:
        return "filed_on", "future"
    if valid_until < valid_from:
        return "valid_until", "backwards"
    if valid_until < today:
        return "valid_until", "past"
    return None


def line_problem(kind: str, key: str, value: str, gone: bool) -> tuple[str, str] | None:
    """What is wrong with a line for a table of the law: (field, why); None where nothing is."""
    if kind in ("holiday", "make-up"):
        try:
            day = date.fromisoformat(key)
        except ValueError:
            return "key", "day"
        if kind == "make-up" and day.weekday() < 5 and not gone:
            return "key", "weekday"
    elif kind == "threshold" and not gone:
        try:
            number = float(value)
        except ValueError:
            return "value", "number"
        if not 0 <= number <= 10_000_000:
            return "value", "number"
    elif kind == "hazard":
        if not key.replace("_", "").isalnum() or not key.isascii() or key != key.lower():
            return "key", "tag"
        if set(value.split()) - set(GROUPS):
            return "value", "groups"
    return None
