"""Looking skills up."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from difflib import get_close_matches

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from consortium.reference.typeahead import Entry, Index
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import NotFound
from consortium.shared.i18n import Bilingual, language
from consortium.shared.listing import Listing, listed
from consortium.skills import access
from consortium.skills.models import Skill, SkillProposal


def all_skills() -> list[Skill]:
    """The whole vocabulary (a few hundred rows)."""
    return list(db.session.scalars(sa.select(Skill).order_by(Skill.id)))


def names() -> dict[str, Bilingual]:
    """Code → name in both languages."""
    return {s.code: s.name for s in all_skills()}


def certificates() -> frozenset[str]:
    """Codes of the vocabulary that are certificates."""
    return frozenset(db.session.scalars(sa.select(Skill.code).where(Skill.kind == "certificate")))


def search(query: str, kind: str = "", limit: int = 10) -> list[Entry]:
    """By name, alias or pinyin; the code offered is what a form field takes."""
    lang = language()
    rows = [s for s in all_skills() if kind in ("", s.kind)]
    return Index((Entry(s.code, s.name.to(lang)), (s.name_zh, s.name_en, *s.aliases)) for s in rows).search(query, limit)


def by_codes(codes: Iterable[str]) -> dict[str, Skill]:
    """Skills by code."""
    return {s.code: s for s in db.session.scalars(sa.select(Skill).where(Skill.code.in_(list(codes))))}


def by_labels() -> dict[str, Skill]:
    """Every name, alias and code in small letters → its skill."""
    found: dict[str, Skill] = {}
    for s in all_skills():
        for label in (s.code, s.name_zh, s.name_en, *s.aliases):
            found.setdefault(label.strip().lower(), s)
    return found


def split_labels(text: str) -> list[str]:
    """A cell's skills: separated by commas, 、 ; / or line ends."""
    return [part.strip() for part in re.split(r"[,，、;；/\n|]+", text) if part.strip()]


def proposals(actor: Actor, page: int = 1, *, state: str = "", size: int = 50) -> Listing:
    """Proposals within reach, what waits first."""
    statement = access.visible_to(actor).options(joinedload(SkillProposal.tenant), joinedload(SkillProposal.skill))
    if state:
        statement = statement.where(SkillProposal.state == state)
    return listed(statement.order_by(SkillProposal.state != "open", SkillProposal.id.desc()), page, size)


def n_open(actor: Actor) -> int:
    """How many wait for the zone."""
    inside = access.visible_to(actor).where(SkillProposal.state == "open").with_only_columns(SkillProposal.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(inside)) or 0


def reachable_proposal(actor: Actor, public_id: uuid.UUID) -> SkillProposal:
    """One within reach, or NotFound."""
    found = db.session.scalar(access.visible_to(actor).where(SkillProposal.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def proposal(number: int) -> SkillProposal:
    """One, for listeners of news."""
    return db.session.get_one(SkillProposal, number)


def resembling(key: str, most: int = 6) -> list[tuple[str, str]]:
    """(code, name) of entries whose name contains a word, is contained in it, or is spelt much like it; the likeliest first."""
    names = {s.name_zh: s.code for s in all_skills()}
    inside = [name for name in names if key in name or name in key]
    return [(names[name], name) for name in list(dict.fromkeys([*inside, *get_close_matches(key, names, n=most, cutoff=0.34)]))[:most]]


def alike(name: str) -> list[Entry]:
    """Entries that a name might already mean, for whoever decides."""
    return search(name, limit=5)
