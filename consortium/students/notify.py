"""What students are told by their college."""

from __future__ import annotations

from consortium.messages import service as messages
from consortium.shared import clock
from consortium.students.models import Evidence, Student


def tell_state(student: Student) -> None:
    """That the register says something else of her now, and whom to ask."""
    messages.tell(student.person_id, f"register-{student.state}", key=f"{student.public_id}:{student.version}", link="/me")


def tell_what_is_missing(student: Student, lacking: list[str]) -> None:
    """Once a day at most."""
    messages.tell(student.person_id, "profile-incomplete", key=f"{student.public_id}:{clock.today().isoformat()}", link="/me", n=len(lacking))


def tell_evidence(evidence: Evidence) -> None:
    """What the college found on looking at a paper."""
    held = evidence.held
    messages.tell(
        held.student.person_id, f"evidence-{evidence.state}", key=f"{evidence.public_id}:{evidence.version}", link="/me#certificates", name=held.skill.name_zh,
        reason=evidence.reason or "–",
    )  # fmt: skip
