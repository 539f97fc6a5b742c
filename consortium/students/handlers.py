"""What students do about earlier news, and the roster's registration as a kind of import."""

from __future__ import annotations

from consortium.accounts.events import invitation_accepted
from consortium.accounts.models import Membership
from consortium.imports.kinds import Absence, Export, ImportKind, offer, register
from consortium.shared.access import TenantKind
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries as skills
from consortium.skills.events import skill_settled
from consortium.students import notify, queries, roster, service, wording
from consortium.students.events import evidence_decided, student_reminded, student_stepped
from consortium.students.service import destinations

register(
    ImportKind(
        name="students",
        title=_l("Students"),
        tenant_kind=TenantKind.COLLEGE,
        schema=roster.COLUMNS,
        template=service.template,
        judge=service.RosterJudge,
        conflicts=service.conflicts,
        apply=service.apply,
        undo=service.undo,
        differences=service.differences,
        agree=service.agree,
        answer=service.meant,
        suggest=service.likely,
        say=wording.problem,
        list_endpoint="students.index",
        words=wording.IMPORT,
        key="student_no",
        absence=Absence(service.missing, wording.ABSENCE),
    )
)
register(
    ImportKind(
        name="destinations",
        title=_l("Destinations of graduates"),
        tenant_kind=TenantKind.COLLEGE,
        schema=roster.destinations.COLUMNS,
        template=destinations.template,
        judge=destinations.DestinationJudge,
        conflicts=destinations.conflicts,
        apply=destinations.apply,
        undo=destinations.undo,
        differences=destinations.differences,
        agree=destinations.agree,
        answer=destinations.meant,
        suggest=destinations.likely,
        say=wording.problem,
        list_endpoint="students.index",
        words=wording.DESTINATIONS,
        key="student_no",
    )
)
offer(
    Export(
        name="students",
        title=_l("Students"),
        ability="students.export",
        available=service.EXPORTED,
        shapes=service.SHAPES,
        lines=service.export_lines,
        list_endpoint="students.index",
        filters=queries.FILTERS,
        notes=wording.SHAPES,
        guarded=frozenset({"identity"}),
        files={"missing": service.exported_missing},
    )
)
offer(
    Export(
        name="classes",
        title=_l("Classes"),
        ability="students.classes",
        available=wording.CLASS_COLUMNS,
        shapes={"list": tuple(name for name, _ in wording.CLASS_COLUMNS)},
        lines=service.class_lines,
        list_endpoint="students.classes",
    )
)
offer(
    Export(
        name="looks",
        title=_l("Who looked"),
        ability="students.export",
        available=wording.LOOK_COLUMNS,
        shapes={"list": tuple(name for name, _ in wording.LOOK_COLUMNS)},
        lines=service.look_lines,
        list_endpoint="students.looks",
        filters=("who",),
        states=frozenset({"role", "what"}),
    )
)


@invitation_accepted.listen
def tie_account(membership: Membership) -> None:
    """An activated account finds its register entry."""
    service.tie(membership)


@student_stepped.listen
def tell_the_student(student_id: int) -> None:
    """Whoever's state changed is told, and whom to ask if it is wrong."""
    notify.tell_state(queries.by_ids([student_id])[student_id])


@student_reminded.listen
def tell_what_is_missing(student_id: int, lacking: list[str]) -> None:
    """What the student can fill in."""
    notify.tell_what_is_missing(queries.by_ids([student_id])[student_id], lacking)


@skill_settled.listen
def put_it_into_the_profile(proposal_id: int) -> None:
    """What a student proposed as her own and the zone took in as it was named stands in her profile; a merged one waits for her click."""
    found = skills.proposal(proposal_id)
    if found.state == "accepted" and found.skill is not None:
        service.add_proposed(found.person_id, found.skill)


@evidence_decided.listen
def tell_what_the_college_found(evidence_id: int) -> None:
    """The student is told, and why if it was refused."""
    notify.tell_evidence(queries.evidence(evidence_id))
