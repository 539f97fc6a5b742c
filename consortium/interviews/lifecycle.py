"""The states of an interview and who may take each step."""

from consortium.shared.access import ENTERPRISE_OFFICE, STUDENT
from consortium.shared.lifecycle import Lifecycle, step

ASKED, BOOKED, HELD, MISSED, DECLINED, CANCELLED = "asked", "booked", "held", "missed", "declined", "cancelled"
LIVE = (ASKED, BOOKED)
ENDED = (HELD, MISSED, DECLINED, CANCELLED)

INTERVIEW = Lifecycle(
    ASKED,
    BOOKED,
    HELD,
    MISSED,
    DECLINED,
    CANCELLED,
    steps=(
        step("book", LIVE, BOOKED, STUDENT),
        step("decline", LIVE, DECLINED, STUDENT),
        step("hold", BOOKED, HELD, ENTERPRISE_OFFICE),
        step("miss", BOOKED, MISSED, ENTERPRISE_OFFICE),
        step("cancel", LIVE, CANCELLED, ENTERPRISE_OFFICE),
        # taken by the system alone
        step("release", BOOKED, ASKED),
        step("end", LIVE, CANCELLED),
    ),
)
