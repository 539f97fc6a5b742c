"""Applications as a table of text: of each student only what its reader may see now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from consortium.applications import lifecycle, queries, rules
from consortium.applications.models import Application
from consortium.imports.columns import told_instant
from consortium.reference import majors
from consortium.shared import audit
from consortium.shared.access import Actor, TenantKind
from consortium.students import queries as students


def export_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """The applications that the filter shows as cells; of each student only what this reader may see now, and every look is noted."""
    found, page = [], 1
    while True:
        listing = queries.listing(actor, page, state=asked.get("state", ""), position=asked.get("position", ""), query=asked.get("query", ""), size=200)
        for one in listing.rows:
            told = _cells(one, actor)
            found.append([told.get(name, "") for name in names])
            contact = bool({"phone", "email"} & {name for name in names if told.get(name)})
            audit.looked([(one.student_id, students.is_minor(one.student))], by=actor, what="name and contact" if contact else "list of students", through=one)
        if page >= listing.n_pages:
            return found
        page += 1


def _cells(one: Application, actor: Actor) -> dict[str, str]:
    student, post = one.student, one.position
    firm = actor.tenant_kind is TenantKind.ENTERPRISE
    shown = queries.revealed(one) if firm else rules.Reveals(True, True, True)
    told = {
        "candidate": queries.called(one, actor), "post": post.title, "enterprise": post.tenant.name_zh, "kind": one.kind, "state": one.state,
        "since": told_instant(one.steps[-1].created_at if one.steps else one.created_at),
        "answer_by": told_instant(one.answer_by) if one.state in lifecycle.AWAITS_STUDENT else "",
    }  # fmt: skip
    if shown.profile:
        major = majors.find(student.major_code)
        told |= {"college": student.tenant.name_zh, "level": student.level, "major": major.name if major else ""}
    if shown.contact:
        told |= {"phone": student.phone, "email": student.email}
    if not firm:
        told |= {"student_no": student.student_no, "class": student.school_class.name if student.school_class else ""}
    return told
