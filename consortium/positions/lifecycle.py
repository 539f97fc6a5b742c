"""The states of a post and who may take each step."""

from consortium.shared.access import ENTERPRISE_OFFICE
from consortium.shared.lifecycle import Lifecycle, step

DRAFT, OPEN, PAUSED, CLOSED = "draft", "open", "paused", "closed"

POSITION = Lifecycle(
    DRAFT,
    OPEN,
    PAUSED,
    CLOSED,
    steps=(
        step("publish", (DRAFT, PAUSED, CLOSED), OPEN, ENTERPRISE_OFFICE),
        step("pause", OPEN, PAUSED, ENTERPRISE_OFFICE),
        step("close", (OPEN, PAUSED), CLOSED, ENTERPRISE_OFFICE),
        step("expire", (OPEN, PAUSED), CLOSED),
    ),
)
