"""States and steps of a check by hand, and of a row of the three lists."""

from __future__ import annotations

from consortium.shared.access import ENTERPRISE_OFFICE, ZONE
from consortium.shared.lifecycle import Lifecycle, step

CHECK = Lifecycle(
    "lacking", "waiting", "asked", "verified", "refused",
    steps=[
        step("hand-in", ("lacking", "asked", "refused"), "waiting", ENTERPRISE_OFFICE),
        step("add", "waiting", "waiting", ENTERPRISE_OFFICE),
        step("ask", "waiting", "asked", ZONE),
        step("refuse", ("waiting", "asked"), "refused", ZONE),
        step("approve", ("lacking", "waiting", "asked", "refused"), "verified", ZONE),
    ],
)  # fmt: skip
LIST = Lifecycle(
    "draft", "open", "closed",
    steps=[
        step("publish", ("draft", "closed"), "open", ENTERPRISE_OFFICE),
        step("end", ("draft", "open"), "closed", ENTERPRISE_OFFICE),
    ],
)  # fmt: skip
EDITABLE = frozenset({"draft", "open"})
"""States of a list's row in which its words may change."""
