"""Who is told what when an application takes a step."""

from __future__ import annotations

from consortium.applications import queries, rules
from consortium.applications.lifecycle import WAITLISTED
from consortium.applications.models import Application
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL, SMS
from consortium.positions import queries as positions
from consortium.shared import clock

TO_ENTERPRISE = frozenset({"apply", "agree", "accept", "decline", "withdraw", "set_aside", "take_back"})
TO_STUDENT = frozenset({"invite", "offer", "offer_by_round", "turn_down", "expire", "close", "keep_waiting", "free_place"})
PRESSING = frozenset({"offer", "offer_by_round", "free_place"})


def tell_step(application: Application, step: str) -> None:
    """The other side; of an expired offer both. Of a refusal the student is told once it can no longer be taken back: see `tell_refusal`."""
    if step == "turn_down":
        return
    _tell(application, step)


def tell_refusal(application: Application) -> None:
    """The student whose application was turned down, and nobody took that back."""
    _tell(application, "turn_down")


def tell_unanswered(position_id: int, n: int, key: int, kind: str) -> None:
    """The enterprise whose applicants wait: first a warning with the day, then that the post was paused."""
    position = positions.by_ids([position_id])[position_id]
    on = clock.local(clock.now() + max(rules.PAUSE_AFTER - rules.WARN_AFTER, rules.LEAST_NOTICE)).date()
    days = (rules.WARN_AFTER if kind == "post-warned" else rules.PAUSE_AFTER).days
    for person_id in queries.office_of(position.tenant_id):
        messages.tell(
            person_id, kind, key=f"{position.public_id}:{key}", link=f"/applications/board?position={position.public_id}", channels=(IN_APP, MAIL),
            title=position.title, n=n, days=days, on=on.isoformat(),
        )  # fmt: skip


def _tell(application: Application, step: str) -> None:
    link, key = f"/applications/{application.public_id}", f"{application.public_id}:{len(application.steps)}"
    title = application.position.title
    if step == "free_place":
        key = f"{key}:{application.told_free_at}"
        step = "free_place" if application.state == WAITLISTED else "free_place_applied"
    if step in TO_STUDENT or step == "free_place_applied":
        ways: tuple[str, ...] = (IN_APP, MAIL, SMS) if step in PRESSING else (IN_APP, MAIL)
        messages.tell(application.student.person_id, f"application-{step}", key=key, link=link, channels=ways, title=title)
    if step in TO_ENTERPRISE or step == "expire":
        who = application.student.name if queries.revealed(application).name else queries.alias(application)
        ways = (IN_APP, MAIL) if step == "accept" else (IN_APP,)
        for person_id in queries.office_of(application.enterprise_tenant_id):
            messages.tell(person_id, f"application-{step}", key=key, link=link, channels=ways, title=title, who=who)


def tell_waiting(position_id: int) -> None:
    """All places are taken: who has applied stays on the waiting list and is told so, once."""
    for application in queries.open_of_position(position_id):
        messages.tell(
            application.student.person_id, "application-waiting", key=str(application.public_id), link=f"/applications/{application.public_id}",
            title=application.position.title,
        )  # fmt: skip
