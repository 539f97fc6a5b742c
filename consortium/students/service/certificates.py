"""Evidence of certificates, what firms may see before acceptance, and skills that the zone took in. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from consortium.shared import audit, clock, sealed
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid, NotFound
from consortium.shared.files import inspect_paper
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills.models import Skill
from consortium.students import rules
from consortium.students.events import evidence_decided, student_changed
from consortium.students.models import Evidence, Student, StudentSkill
from consortium.students.service.profile import mark_changed


def send_evidence(student: Student, code: str, filename: str, data: bytes, key: str, *, by: Actor) -> Evidence:
    """Keep the scanned paper of one of her certificates, sealed; a new one replaces what the college has not verified. Raises FileRefused."""
    held = next((one for one in student.skills if one.skill.code == code and one.skill.kind == "certificate"), None)
    if held is None:
        raise NotFound
    if held.source == "college" or (held.evidence is not None and held.evidence.state == "verified"):
        raise Conflict(_l("The college has confirmed this certificate already."), how=_l("No paper is needed."), code="verified")
    seen = inspect_paper(data)
    found = held.evidence or Evidence(student_skill_id=held.id, college_tenant_id=student.tenant_id)
    found.state, found.reason, found.decided_at, found.decided_by_id = "submitted", "", None, None
    found.filename, found.kind, found.sha256, found.size = filename.strip()[:120] or f"{code}.{seen.kind}", seen.kind, seen.sha256, len(data)
    found.sealed_content = sealed.seal_bytes(data, key)
    db.session.add(found)
    db.session.flush()
    db.session.expire(held, ["evidence"])
    audit.record("send-evidence", found, by=by, skill=code, sha256=seen.sha256)
    return found


def opened_evidence(evidence: Evidence, key: str) -> bytes:
    """The paper again."""
    return sealed.unseal_bytes(evidence.sealed_content, key)


def decide_evidence(evidence: Evidence, verdict: str, *, by: Actor, reason: str = "", version: int | None = None) -> None:
    """The college has looked at the paper: verified, or refused with a reason that the student reads."""
    db.session.refresh(evidence, with_for_update={"of": Evidence})
    if version is not None and version != evidence.version:
        raise Conflict(_l("Another paper was sent, or somebody decided meanwhile."), how=_l("Open the list again and look at it."), code="stale")
    if verdict not in ("verified", "refused"):
        raise Invalid({"verdict": [_l("One of %(choices)s.", choices="verified, refused")]})
    if verdict == "refused" and not reason.strip():
        raise Invalid({"reason": [_l("Say what is wrong with the paper, so that the student can mend it.")]})
    if evidence.state != "submitted":
        raise Conflict(_l("This has been decided already."), how=_l("Open the list again."), code="wrong-state")
    evidence.state, evidence.reason, evidence.decided_at, evidence.decided_by_id = verdict, reason.strip()[:300], clock.now(), by.person_id
    db.session.flush()
    audit.record(f"{'verify' if verdict == 'verified' else 'refuse'}-evidence", evidence, by=by)
    evidence_decided.announce(evidence_id=evidence.id)


def show(student: Student, *, withheld: Iterable[str], by: Actor) -> None:
    """Which parts of the profile enterprises see only after acceptance. Raises Invalid."""
    parts = set(withheld)
    if parts - set(rules.PARTS):
        raise Invalid({"withheld": [_l("One of %(choices)s.", choices=", ".join(rules.PARTS))]})
    student.withheld = [one for one in rules.PARTS if one in parts]
    db.session.flush()
    audit.record("save-visibility", student, by=by, withheld=student.withheld)


def add_proposed(person_id: int, skill: Skill) -> None:
    """Put what she proposed as her own into her profile, once."""
    student = db.session.scalar(sa.select(Student).where(Student.person_id == person_id))
    if student is None or any(one.skill_id == skill.id for one in student.skills):
        return
    student.skills.append(StudentSkill(skill=skill, source="student"))
    db.session.flush()
    mark_changed([student.id])
    student_changed.announce(student_id=student.id)
