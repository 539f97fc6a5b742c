"""The states of a round, of a student's list and of a post in it, and who may take each step."""

from consortium.shared.access import ENTERPRISE_OFFICE, STUDENT, ZONE
from consortium.shared.lifecycle import Lifecycle, step

DRAFT, ANNOUNCED, FROZEN, APPROVED, PUBLISHED, ENDED, CANCELLED = "draft", "announced", "frozen", "approved", "published", "ended", "cancelled"
NOTHING, BEGUN, HANDED_IN, TAKEN_BACK, DROPPED = "", "begun", "handed_in", "taken_back", "dropped"
TAKES_PART, LEFT = "takes_part", "left"

KNOWN = (ANNOUNCED, FROZEN, APPROVED, PUBLISHED, ENDED, CANCELLED)

ROUND = Lifecycle(
    DRAFT,
    ANNOUNCED,
    FROZEN,
    APPROVED,
    PUBLISHED,
    ENDED,
    CANCELLED,
    steps=(
        step("announce", DRAFT, ANNOUNCED, ZONE),
        step("freeze", ANNOUNCED, FROZEN, ZONE),
        step("approve", FROZEN, APPROVED, ZONE),
        step("reconsider", APPROVED, FROZEN, ZONE),
        step("end", PUBLISHED, ENDED, ZONE),
        step("cancel", (DRAFT, ANNOUNCED, FROZEN, APPROVED), CANCELLED, ZONE),
        # taken by the system alone, at the set instant
        step("publish", APPROVED, PUBLISHED),
    ),
)

LIST = Lifecycle(
    NOTHING,
    BEGUN,
    HANDED_IN,
    TAKEN_BACK,
    DROPPED,
    steps=(
        step("begin", (NOTHING, BEGUN, TAKEN_BACK, DROPPED), BEGUN, STUDENT),  # noted down: takes no part until it is handed in
        step("hand_in", (NOTHING, BEGUN, HANDED_IN, TAKEN_BACK, DROPPED), HANDED_IN, STUDENT),
        step("take_back", HANDED_IN, TAKEN_BACK, STUDENT),
        # taken by the system alone: accepted elsewhere, consent withdrawn, left the college
        step("drop", HANDED_IN, DROPPED),
    ),
)

POST = Lifecycle(
    NOTHING,
    TAKES_PART,
    LEFT,
    steps=(
        step("take_part", (NOTHING, TAKES_PART, LEFT), TAKES_PART, ENTERPRISE_OFFICE),
        step("leave", TAKES_PART, LEFT, ENTERPRISE_OFFICE),
    ),
)
