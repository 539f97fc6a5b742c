"""Filling the vocabulary, and deciding about what people miss in it. Flushes; the edge commits."""

from __future__ import annotations

import csv
import secrets
from pathlib import Path

import sqlalchemy as sa

from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import lazy_gettext as _l
from consortium.skills import queries
from consortium.skills.events import skill_settled
from consortium.skills.lifecycle import PROPOSAL
from consortium.skills.models import Skill, SkillProposal

VOCABULARY = Path(__file__).parent / "data" / "skills.csv"


def load_vocabulary() -> int:
    """Add what the data file has and the table has not; returns how many were added."""
    with VOCABULARY.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    known = queries.by_codes(row["code"] for row in rows)
    fresh = [
        Skill(code=r["code"], kind=r["kind"], name_zh=r["name_zh"], name_en=r["name_en"], aliases=[a for a in r["aliases"].split(",") if a])
        for r in rows
        if r["code"] not in known
    ]
    db.session.add_all(fresh)
    db.session.flush()
    return len(fresh)


def propose(actor: Actor, kind: str, name_zh: str, name_en: str = "", said: str = "") -> SkillProposal:
    """Say what is missing in the vocabulary. Raises Invalid where it is there already, under whatever name."""
    name_zh, name_en = " ".join(name_zh.split()), " ".join(name_en.split())
    if kind not in ("skill", "certificate"):
        raise Invalid({"kind": [_l("One of %(choices)s.", choices="skill, certificate")]})
    if not 2 <= len(name_zh) <= 80 or len(name_en) > 120:
        raise Invalid({"name_zh": [_l("Between %(min)d and %(max)d characters.", min=2, max=80)]})
    known = queries.by_labels()
    for told in (name_zh, name_en):
        if told and told.lower() in known:
            raise Invalid({"name_zh": [_l("It is in the list already as \"%(name)s\". Pick it there.", name=known[told.lower()].name_zh)]})
    there = sa.select(SkillProposal.id).where(SkillProposal.person_id == actor.person_id, SkillProposal.kind == kind, SkillProposal.name_zh == name_zh)
    if db.session.scalar(there) is not None:
        raise Invalid({"name_zh": [_l("You have proposed it already. See below what became of it.")]})
    found = SkillProposal(person_id=actor.person_id, tenant_id=actor.tenant_id, kind=kind, name_zh=name_zh, name_en=name_en, said=said.strip()[:300])
    db.session.add(found)
    db.session.flush()
    audit.record("propose-skill", found, by=actor, kind=kind)
    return found


def decide(
    proposal: SkillProposal, step: str, *, by: Actor, code: str = "", name_zh: str = "", name_en: str = "", reason: str = "", version: int | None = None
) -> Skill | None:
    """Accept as new (both names), merge into an entry (its code), or decline with a reason; the same name proposed by others is settled with it."""
    db.session.refresh(proposal, with_for_update=True)
    if version is not None and version != proposal.version:
        raise Conflict(_l("Somebody decided about this meanwhile."), how=_l("Open the list again."), code="stale")
    if step not in PROPOSAL.steps:
        raise Invalid({"step": [_l("One of %(choices)s.", choices="accept, merge, decline")]})
    state = PROPOSAL.take(step, proposal.state, by)
    skill = None
    if step == "accept":
        skill = _new_entry(proposal, " ".join((name_zh or proposal.name_zh).split()), " ".join((name_en or proposal.name_en).split()))
    elif step == "merge":
        skill = queries.by_codes([code.strip()]).get(code.strip())
        if skill is None or skill.kind != proposal.kind:
            raise Invalid({"code": [_l("Pick the entry of the same kind that it means.")]})
        _add_alias(skill, proposal.name_zh)
    elif not reason.strip():
        raise Invalid({"reason": [_l("Say why, so that the one who proposed it understands.")]})
    same = sa.select(SkillProposal).where(SkillProposal.kind == proposal.kind, SkillProposal.name_zh == proposal.name_zh, SkillProposal.state == "open")
    for one in db.session.scalars(same.order_by(SkillProposal.id).with_for_update()):
        one.state, one.skill_id, one.reason = state, skill.id if skill is not None else None, reason.strip()[:300]
        one.decided_at, one.decided_by_id = clock.now(), by.person_id
        db.session.flush()
        audit.record(f"{step}-skill", one, by=by, code=skill.code if skill is not None else "")
        skill_settled.announce(proposal_id=one.id)
    return skill


def _new_entry(proposal: SkillProposal, name_zh: str, name_en: str) -> Skill:
    if not name_en:
        raise Invalid({"name_en": [_l("The list is kept in both languages: give the English name.")]})
    known = queries.by_labels()
    taken = next((known[name.lower()] for name in (name_zh, name_en) if name.lower() in known), None)
    if taken is not None:
        raise Invalid({"name_zh": [_l("It is in the list already as \"%(name)s\". Merge it there.", name=taken.name_zh)]})
    aliases = [proposal.name_zh] if proposal.name_zh != name_zh else []
    skill = Skill(code=f"added_{secrets.token_hex(4)}", kind=proposal.kind, name_zh=name_zh[:80], name_en=name_en[:120], aliases=aliases)
    db.session.add(skill)
    db.session.flush()
    return skill


def _add_alias(skill: Skill, name: str) -> None:
    if name.lower() not in {one.lower() for one in (skill.name_zh, skill.name_en, *skill.aliases)}:
        skill.aliases = [*skill.aliases, name]
