"""The states of a proposal to the vocabulary and who may take each step."""

from consortium.shared.access import ZONE
from consortium.shared.lifecycle import Lifecycle, step

OPEN, ACCEPTED, MERGED, DECLINED = "open", "accepted", "merged", "declined"

PROPOSAL = Lifecycle(
    OPEN,
    ACCEPTED,
    MERGED,
    DECLINED,
    steps=(step("accept", OPEN, ACCEPTED, ZONE), step("merge", OPEN, MERGED, ZONE), step("decline", OPEN, DECLINED, ZONE)),
)
