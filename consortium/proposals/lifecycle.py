"""Where a version of the coefficients stands, and who may put it into or out of service."""

from consortium.shared.access import Role
from consortium.shared.lifecycle import Lifecycle, step

CANDIDATE, SERVING, RETIRED, REFUSED = "candidate", "serving", "retired", "refused"
HEAD = (Role.ZONE_HEAD,)

SCORING = Lifecycle(
    CANDIDATE,
    SERVING,
    RETIRED,
    REFUSED,
    steps=(
        step("serve", RETIRED, SERVING, HEAD),
        step("retire", SERVING, RETIRED, HEAD),
        # taken by the system alone, when a training has ended
        step("adopt", CANDIDATE, SERVING),
        step("refuse", CANDIDATE, REFUSED),
    ),
)
