"""What a student may say of a reason, what it counts for her, and how both are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from consortium.matching.calibration import Bands
from consortium.matching.vocabulary import FAMILIES, WISHES
from consortium.messages.wording import declare
from consortium.proposals.wording import FAMILY_WORDS, Item, View
from consortium.shared.i18n import lazy_gettext as _l

WRONG_FACT, NOT_IMPORTANT, NOT_FOR_ME = "wrong-fact", "not-important", "not-for-me"
DOUBTS: Mapping[str, Any] = {
    WRONG_FACT: _l("The fact is wrong"), NOT_IMPORTANT: _l("Not important to me"), NOT_FOR_ME: _l("This post is not for me"),
}  # fmt: skip
FULL, HALF, NOTHING = 1000, 500, 0
STEPS: Mapping[int, Any] = {FULL: _l("counts in full"), HALF: _l("counts half"), NOTHING: _l("does not count")}
"""What a kind of evidence may count for one student; each "not important" goes one step down."""

FIELDS: Mapping[str, str] = {
    "skill": "/me#skills", "certificate": "/me#skills", "terms": "/me#wish", "shift": "/me#shift_ok", "begin": "/me#available_from",
    "kind": "/me#wants_internship", "zone": "/me#wants_zone", "place": "/me#places", "pay": "/me#least_pay_fen", "industry": "/me#industries",
}  # fmt: skip
"""Where the student mends a fact of her own; all other facts are the register's."""
EVIDENCE: Mapping[str, tuple[str, ...]] = {
    "skill": ("skills",), "certificate": ("certificates",), "major": ("major",), "occupation": ("major",), "place": ("place",), "zone": ("place",),
    "terms": ("title", "wish", "text", "wish_related", "text_related"),
}  # fmt: skip
"""Which evidence of the score a kind of reason stands for; what is not here has no weight that could be lowered."""
ABOUT: Mapping[str, Any] = {
    "skill": _l("Skill"), "certificate": _l("Certificate"), "major": _l("Major"), "occupation": _l("Occupation"), "level": _l("Level"),
    "terms": _l("Words that both use"), "shift": _l("Shifts and rest days"), "begin": _l("First day"), "kind": _l("Internship or job"),
    "zone": _l("High-tech Zone"), "place": _l("Place"), "pay": _l("Pay"), "industry": _l("Industry"), "rule": _l("Rule of law"),
}  # fmt: skip

declare(
    {
        "fact-doubted": (
            _l("A student says that the register is wrong: %(what)s"),
            _l("%(who)s says of \"%(fact)s\" that it is wrong: %(said)s Please look at it, and correct the register or answer the student."),
        ),
        "posts-alert": (_l("%(n)s new posts for your saved searches"), _l("New since yesterday: %(titles)s. You can switch each search off on its page.")),
    }
)


def about(key: str) -> str:
    """The kind of a reason's key: skill:welding → skill."""
    return key.split(":", 1)[0]


def weighable(item: Item) -> bool:
    """Whether it stands for evidence whose weight the student may lower."""
    return about(item.key) in EVIDENCE


def leaned(view: View, own: Mapping[str, int], bands: Bands) -> View:
    """The pair by the student's own weights: each part counts what she says, and the parts still sum to the score."""
    if view.points is None or not any(own.get(family, FULL) != FULL for family in FAMILIES):
        return view
    parts = tuple(replace(row, points=row.points * own.get(row.code, FULL) // FULL, permille=own.get(row.code, FULL)) for row in view.parts)
    points = sum(row.points for row in parts)
    wished = sum(row.points for row in parts if row.code in WISHES)
    return replace(view, points=points, band=bands.of(points), parts=parts, wished=wished, share=None, before=view.points)


def family_word(family: str) -> str:
    """What a kind of evidence is called."""
    return str(FAMILY_WORDS[family])
