"""The states of an application and who may take each step."""

from consortium.shared.access import ENTERPRISE_OFFICE, STUDENT
from consortium.shared.lifecycle import Lifecycle, step

NOTHING = ""
APPLIED, INVITED, AGREED, OFFERED, ACCEPTED = "applied", "invited", "agreed", "offered", "accepted"
DECLINED, WITHDRAWN, EXPIRED, CLOSED = "declined", "withdrawn", "expired", "closed"

OPEN = (APPLIED, INVITED, AGREED, OFFERED)
ENDED = (DECLINED, WITHDRAWN, EXPIRED, CLOSED)
AWAITS_STUDENT = (INVITED, OFFERED)
AWAITS_ENTERPRISE = (APPLIED, AGREED)

APPLICATION = Lifecycle(
    NOTHING,
    APPLIED,
    INVITED,
    AGREED,
    OFFERED,
    ACCEPTED,
    DECLINED,
    WITHDRAWN,
    EXPIRED,
    CLOSED,
    steps=(
        step("apply", (NOTHING, WITHDRAWN, EXPIRED, CLOSED), APPLIED, STUDENT),
        step("invite", (NOTHING, APPLIED, EXPIRED), INVITED, ENTERPRISE_OFFICE),
        step("agree", INVITED, AGREED, STUDENT),
        step("offer", (NOTHING, APPLIED, INVITED, AGREED, EXPIRED), OFFERED, ENTERPRISE_OFFICE),
        step("accept", OFFERED, ACCEPTED, STUDENT),
        step("decline", AWAITS_STUDENT, DECLINED, STUDENT),
        step("turn_down", AWAITS_ENTERPRISE, DECLINED, ENTERPRISE_OFFICE),
        # a refusal of one's own, soon after: back to where it stood
        step("take_back", DECLINED, APPLIED, ENTERPRISE_OFFICE),
        step("take_back_agreed", DECLINED, AGREED, ENTERPRISE_OFFICE),
        step("withdraw", AWAITS_ENTERPRISE, WITHDRAWN, STUDENT),
        # taken by the system alone
        step("set_aside", OPEN, WITHDRAWN),
        step("expire", AWAITS_STUDENT, EXPIRED),
        step("close", OPEN, CLOSED),
    ),
)
