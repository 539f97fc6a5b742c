"""The states of an application and who may take each step."""

from consortium.shared.access import ENTERPRISE_OFFICE, STUDENT
from consortium.shared.lifecycle import Lifecycle, step

NOTHING = ""
APPLIED, INVITED, AGREED, OFFERED, ACCEPTED = "applied", "invited", "agreed", "offered", "accepted"
DECLINED, WITHDRAWN, EXPIRED, CLOSED, WAITLISTED = "declined", "withdrawn", "expired", "closed", "waitlisted"

OPEN = (APPLIED, INVITED, AGREED, OFFERED)
LIVE = (*OPEN, WAITLISTED)
"""What an acceptance of the same kind ends, and what leaves with the student."""
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
    WAITLISTED,
    steps=(
        step("apply", (NOTHING, WITHDRAWN, EXPIRED, CLOSED, WAITLISTED), APPLIED, STUDENT),
        step("wait", (NOTHING, WITHDRAWN, EXPIRED, CLOSED), WAITLISTED, STUDENT),
        step("invite", (NOTHING, APPLIED, EXPIRED, WAITLISTED), INVITED, ENTERPRISE_OFFICE),
        step("agree", INVITED, AGREED, STUDENT),
        step("offer", (NOTHING, APPLIED, INVITED, AGREED, EXPIRED, WAITLISTED), OFFERED, ENTERPRISE_OFFICE),
        step("accept", OFFERED, ACCEPTED, STUDENT),
        step("decline", AWAITS_STUDENT, DECLINED, STUDENT),
        step("turn_down", AWAITS_ENTERPRISE, DECLINED, ENTERPRISE_OFFICE),
        # a refusal of one's own, soon after: back to where it stood
        step("reopen", DECLINED, APPLIED, ENTERPRISE_OFFICE),
        step("reopen_agreed", DECLINED, AGREED, ENTERPRISE_OFFICE),
        step("withdraw", (*AWAITS_ENTERPRISE, WAITLISTED), WITHDRAWN, STUDENT),
        step("take_back", ACCEPTED, WITHDRAWN, STUDENT),
        # taken by the system alone
        step("offer_by_round", (NOTHING, APPLIED, INVITED, AGREED, WAITLISTED, WITHDRAWN, EXPIRED, CLOSED), OFFERED),
        step("set_aside", LIVE, WITHDRAWN),
        step("expire", AWAITS_STUDENT, EXPIRED),
        step("close", OPEN, CLOSED),
        step("keep_waiting", OPEN, WAITLISTED),
    ),
)
