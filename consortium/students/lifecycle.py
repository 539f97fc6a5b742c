"""The states of a student on the register and who may take each step."""

from consortium.shared.access import COLLEGE_OFFICE
from consortium.shared.lifecycle import Lifecycle, step

ENROLLED, ON_LEAVE, MOVED, GRADUATED, ERASED = "enrolled", "on_leave", "moved", "graduated", "erased"

STUDENT = Lifecycle(
    ENROLLED,
    ON_LEAVE,
    MOVED,
    GRADUATED,
    ERASED,
    steps=(
        step("leave", ENROLLED, ON_LEAVE, COLLEGE_OFFICE),
        step("resume", ON_LEAVE, ENROLLED, COLLEGE_OFFICE),
        step("graduate", ENROLLED, GRADUATED, COLLEGE_OFFICE),
        step("move", (ENROLLED, ON_LEAVE), MOVED, COLLEGE_OFFICE),
        step("reinstate", (MOVED, GRADUATED), ENROLLED, COLLEGE_OFFICE),
    ),
)
STEPS = tuple(STUDENT.steps)
MATCHED = (ENROLLED, GRADUATED)
"""Who may be in a run: on leave or moved elsewhere, a student is in none."""
PRESENT = (ENROLLED, ON_LEAVE)
"""Who a full list of the college's students should name."""
