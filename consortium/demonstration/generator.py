"""Filling an empty database with the invented consortium: the same students, seed and day give the same rows on both databases."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import current_app

from consortium.accounts.models import Tenant
from consortium.demonstration.colleges import Campus, write_colleges
from consortium.demonstration.dice import Book, Dice
from consortium.demonstration.door import write_door
from consortium.demonstration.enterprises import Firm, write_enterprises
from consortium.demonstration.papers import write_papers
from consortium.demonstration.people import member
from consortium.demonstration.posts import write_posts
from consortium.demonstration.students import write_students
from consortium.organisations.models import BureauReach, Enterprise, SiteVisit
from consortium.positions.models import Position
from consortium.shared import audit, clock
from consortium.shared.access import Role, TenantKind
from consortium.shared.db import Base, db
from consortium.skills import service as skills
from consortium.skills.models import Skill
from consortium.students.models import Consent, SchoolClass, Student

TABLES = (
    "tenants", "persons", "memberships", "enterprises", "post_families", "quota_holds", "colleges", "college_majors", "site_visits", "bureau_reaches",
    "school_classes", "students", "student_skills", "consents", "positions", "position_majors", "position_skills", "seats", "skills", "filings", "rule_overrides", "mentors", "mentor_holds",
    "listed_enterprises", "enterprise_checks", "check_notes", "licences", "join_requests", "intent_rounds", "intent_asks", "intent_answers", "intent_wishes", "list_items",
)  # fmt: skip
NOT_COUNTED = {"identity_sealed", "sealed_content", "identity_hash", "created_at"}  # sealed with a fresh nonce, hashed with this installation's key
VISITS = 0.5


class NotEmpty(RuntimeError):
    """There is something in the database already; it is left alone."""


def fill(*, students: int = 3000, seed: int = 7, on: date | None = None) -> dict[str, int]:
    """Write everything and commit; returns how many of what. Raises NotEmpty."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(Tenant)):
        raise NotEmpty("The database already holds organisations: seed fills only an empty one.")
    book = Book(seed, on or clock.today())
    skills.load_vocabulary()
    skill_ids = {code: (number, name) for number, code, name in db.session.execute(sa.select(Skill.id, Skill.code, Skill.name_zh))}
    zone = _zone(book)
    campuses = write_colleges(book)
    firms = write_enterprises(book)
    needed = write_posts(book, firms, skill_ids)
    write_papers(book, firms, campuses, needed)
    write_students(book, campuses, students, skill_ids, str(current_app.config["ID_KEY"]))
    _relations(book, campuses, firms)
    write_door(book, firms, zone, str(current_app.config["ID_KEY"]))
    book.write()
    audit.record("seed", ("tenants", 1), by=None, students=students, seed=seed)
    db.session.commit()
    told = {"colleges": len(campuses), "enterprises": len(book.of(Enterprise)), "posts": len(book.of(Position))}
    return told | {"classes": len(book.of(SchoolClass)), "students": len(book.of(Student)), "consents": len(book.of(Consent))}


def digest() -> str:
    """SHA-256 over the content of every table that is seeded; equal on both databases."""
    total = hashlib.sha256()
    codes = {skill.id: skill.code for skill in db.session.scalars(sa.select(Skill))}
    for name in TABLES:
        table = Base.metadata.tables[name]
        kept = [c for c in table.columns if c.name not in NOT_COUNTED and not (name == "skills" and c.name in ("id", "public_id"))]
        key = table.c.code if name == "skills" else next(iter(table.primary_key.columns))
        for row in db.session.execute(sa.select(*kept).order_by(key)):
            values = [codes.get(v, v) if c.name == "skill_id" else v for c, v in zip(kept, row, strict=True)]
            total.update(json.dumps(values, default=_plain, ensure_ascii=False, sort_keys=True).encode())
    return total.hexdigest()


def _plain(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _zone(book: Book) -> int:
    dice = Dice(book.seed, "zone")
    zone = book.add(Tenant, kind=TenantKind.ZONE.value, name_zh="清远高新技术产业开发区产教联合体秘书处（演示）", name_en="Consortium office, Qingyuan High-tech Zone (demonstration)", state="active")
    member(book, dice, zone, Role.ZONE_OFFICER, "zone-officer")
    member(book, dice, zone, Role.ZONE_HEAD, "zone-head")
    bureau = book.add(Tenant, kind=TenantKind.BUREAU.value, name_zh="教育主管部门观察席（演示）", name_en="Education authority, observer (demonstration)", state="active")
    member(book, dice, bureau, Role.BUREAU_OBSERVER, "observer")
    return zone


def _relations(book: Book, campuses: list[Campus], firms: list[Firm]) -> None:
    """Which college has visited which firm, and whom the bureau may see: all colleges but the last, and the larger firms."""
    dice = Dice(book.seed, "relations")
    bureau = next(n for n, row in enumerate(book.of(Tenant), 1) if row["kind"] == TenantKind.BUREAU.value)
    for campus in campuses[:-1]:
        book.add(BureauReach, bureau_tenant_id=bureau, tenant_id=campus.tenant_id)
    for turn, firm in enumerate(firms):
        if firm.staff > 300:
            book.add(BureauReach, bureau_tenant_id=bureau, tenant_id=firm.tenant_id)
        for campus in campuses:
            if firm.verified and (turn == 0 or dice.chance(VISITS * campus.share / 20)):
                visited = book.on - timedelta(days=dice.randint(30, 400))
                decided = visited + timedelta(days=dice.randint(5, 20)) if turn == 0 or dice.chance(0.85) else None
                published = decided + timedelta(days=7) if decided and (turn == 0 or dice.chance(0.9)) else None
                book.add(
                    SiteVisit, college_tenant_id=campus.tenant_id, enterprise_tenant_id=firm.tenant_id, visited_on=visited, decided_on=decided, published_on=published
                )
