"""Posts from a file and to a file: judging rows, writing drafts, taking them back, exporting. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from consortium.imports.columns import Bad, mapping, template_parts
from consortium.imports.kinds import (
    BOTH,
    CONFLICT,
    ERROR,
    FILL,
    NEW,
    ONLY_NEW,
    SKIPPED,
    UNCHANGED,
    UPDATED,
    Checked,
    Difference,
    Plan,
    Problem,
)
from consortium.positions import queries, roster, rules
from consortium.positions.lifecycle import DRAFT
from consortium.positions.models import CapOverride, Position
from consortium.positions.service.filling import FIELDS, LETTERS, dated
from consortium.positions.service.writing import create, edit
from consortium.reference import law, majors, places
from consortium.reference.wording import REASON, found_in
from consortium.shared import audit
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.i18n import language
from consortium.shared.spreadsheet import Cell, write_workbook
from consortium.skills import queries as skills


def template(lang: str) -> bytes:
    """The list of posts to fill in: the very columns that are read, drop-downs, notes, code lists."""
    lists: dict[str, Sequence[Sequence[str]]] = {
        "专业": [(m.code, m.name, m.level, m.class_name, m.category_name) for m in majors.all_majors().values()],
        "地点": list(places.names().items()),
        "技能证书": [(s.name_zh, "证书" if s.kind == "certificate" else "技能", s.name_en) for s in skills.all_skills()],
        "危害因素": [(hazard.name("zh"),) for hazard in law.hazards().values()],
    }
    return write_workbook("岗位需求", **template_parts(roster.COLUMNS, lists), version=roster.VERSION)


class RosterJudge:
    """Judges a list of posts batch by batch: new drafts, changed drafts; what is published is never changed by a file. Reads only."""

    def __init__(self, tenant_id: int, header: tuple[str, ...], plan: Plan) -> None:
        self._tenant_id, self._plan = tenant_id, plan
        self._columns = mapping(roster.COLUMNS, header, plan.columns)
        self._labels = {label: s.code for label, s in skills.by_labels().items()}
        self._families = {f.name: f.id for f in queries.families_of(tenant_id)}
        self._first: dict[str, int] = {}
        self._late: dict[int, tuple[str, Problem]] = {}

    def rows(self, batch: Sequence[tuple[int, tuple[Cell, ...]]]) -> list[Checked]:
        """Verdicts of the next rows."""
        parsed = [(number, *self._read(cells)) for number, cells in batch]
        for number, values, problems in parsed:
            own = values.get("own_code")
            if own and self._first.setdefault(own, number) != number:
                problems.append(_problem("own_code", "code-twice", own))
                self._late.setdefault(self._first[own], (ERROR, _problem("own_code", "code-twice", own)))
        known = queries.by_own_codes(self._tenant_id, (values["own_code"] for _, values, _ in parsed if values.get("own_code")))
        return [self._judged(number, values, problems, known.get(values.get("own_code", ""))) for number, values, problems in parsed]

    def late(self) -> dict[int, tuple[str, Problem]]:
        """Rows whose code came again later."""
        return self._late

    def remember(self, rows: Sequence[tuple[int, dict[str, Any]]]) -> None:
        """Codes of rows that were judged before."""
        for number, values in rows:
            if values.get("own_code"):
                self._first.setdefault(values["own_code"], number)

    def _read(self, cells: tuple[Cell, ...]) -> tuple[dict[str, Any], list[Problem]]:
        answers = self._plan.answers
        values, problems = roster.parse(cells, self._columns, answers)
        for name in ("title", "duties", "tasks"):
            words = values.get(name) or ""
            faults = found_in("\n".join(words) if isinstance(words, list) else words)
            problems += [_problem(name, f"forbidden-{one.phrase.why}", one.words[:30]) for one in faults if one.phrase.excusable != REASON]
        for field in ("must", "nice"):
            if values.get(field):
                told = [(one, answers.get(field, {}).get(one[:60], self._labels.get(one.lower(), ""))) for one in roster.split(values[field])]
                values[field] = sorted({code for _, code in told if code})
                problems += [_problem(field, "unknown-skill", one[:30], one[:60]) for one, code in told if not code]
        if values.get("family"):
            meant = answers.get("family", {}).get(values["family"][:60], values["family"])
            if meant in self._families:
                values["family"] = self._families[meant]
            else:
                problems.append(_problem("family", "unknown-family", values["family"][:30], values["family"][:60]))
        if set(values.get("must") or ()) & set(values.get("nice") or ()):
            values["nice"] = [code for code in values["nice"] if code not in values["must"]]
        return values, problems

    def _judged(self, number: int, values: dict[str, Any], problems: list[Problem], post: Position | None) -> Checked:
        mode, told = self._plan.mode, {n: v.isoformat() if isinstance(v, date) else v for n, v in values.items()}
        if problems:
            return Checked(number, ERROR, told, tuple(problems))
        if post is None:
            return Checked(number, NEW if mode in (BOTH, ONLY_NEW) else SKIPPED, told)
        if mode == ONLY_NEW:
            return Checked(number, SKIPPED, told)
        if not _changes(post, told, self._plan):
            return Checked(number, UNCHANGED, told)
        stops = _stops(post)
        return Checked(number, CONFLICT if stops else UPDATED, told, (stops,) if stops else ())


def import_conflicts(tenant_id: int, rows: list[tuple[int, dict[str, Any]]]) -> dict[int, Problem]:
    """Rows whose post was published meanwhile, or whose kind of post is gone."""
    known = queries.by_own_codes(tenant_id, (values["own_code"] for _, values in rows))
    families = {f.id for f in queries.families_of(tenant_id)}
    found = {}
    for number, values in rows:
        post = known.get(values["own_code"])
        stops = _stops(post) if post is not None and _changes(post, values, Plan()) else None
        if values.get("family") and values["family"] not in families:
            stops = _problem("family", "unknown-family")
        if stops is not None:
            found[number] = stops
    return found


def import_rows(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], by: Actor | None, plan: Plan) -> dict[int, dict[str, Any]]:
    """Write drafts by (enterprise, code); nothing is published. Twice gives the same. Tells what was there before."""
    assert by is not None
    known = queries.by_own_codes(tenant_id, (values["own_code"] for _, values in rows))
    before: dict[int, dict[str, Any]] = {}
    for number, values in rows:
        post = known.get(values["own_code"])
        if post is None:
            post = create(by, dated({n: v for n, v in values.items() if n != "own_code" and v is not None}))
            post.own_code = values["own_code"]
            known[post.own_code] = post
            before[number] = {"new": True}
            continue
        changes = _changes(post, values, plan)
        before[number] = {"fields": {n: told(post)[n] for n in changes}}
        if changes:
            edit(post, dated({**_named(post), **changes}), by=by)
    db.session.flush()
    audit.record("import-positions", ("tenants", tenant_id), by=by, rows=len(rows))
    return before


def import_undo(
    tenant_id: int, rows: list[tuple[int, dict[str, Any], dict[str, Any]]], by: Actor | None, dry: bool = False
) -> dict[int, Problem]:
    """Take drafts back: new ones go, changed ones return, unless published or changed since. Tells which rows stay, and why."""
    known = queries.by_own_codes(tenant_id, (values["own_code"] for _, values, _ in rows))
    stay: dict[int, Problem] = {}
    for number, values, was in rows:
        post = known.get(values["own_code"])
        if post is None:
            continue
        if post.state != DRAFT:
            stay[number] = _problem("own_code", "published")
        elif _changes(post, values, Plan()):
            stay[number] = _problem("own_code", "changed-since")
        elif not dry and was.get("new"):
            db.session.execute(sa.delete(CapOverride).where(CapOverride.position_id == post.id))
            db.session.delete(post)
        elif not dry and was.get("fields"):
            assert by is not None
            edit(post, dated({**_named(post), **was["fields"]}), by=by)
    if not dry:
        db.session.flush()
        audit.record("undo-import-positions", ("tenants", tenant_id), by=by, rows=len(rows), kept=len(stay))
    return stay


def import_differences(tenant_id: int, rows: list[tuple[int, dict[str, Any]]], plan: Plan) -> dict[int, list[Difference]]:
    """What each row would change: column, what is there, what the file says."""
    known = queries.by_own_codes(tenant_id, (values["own_code"] for _, values in rows if values.get("own_code")))
    families = {f.id: f.name for f in queries.families_of(tenant_id)}
    found = {}
    for number, values in rows:
        post = known.get(values.get("own_code", ""))
        if post is not None:
            there = told(post)
            found[number] = [
                Difference(roster.BY_FIELD[n].name, _shown(n, there[n], families), _shown(n, value, families)) for n, value in _changes(post, values, plan).items()
            ]
    return found


def meant(tenant_id: int, field: str, key: str, word: str) -> str:
    """What a person says an unknown word of a column means; raises Bad."""
    if field == "majors":
        codes = roster.accepted(word)
        if not codes:
            raise Bad("unknown-major")
        return codes[0]
    if field in ("must", "nice"):
        skill = skills.by_labels().get(word.lower())
        if skill is None:
            raise Bad("unknown-skill")
        return skill.code
    if field == "family":
        if word not in {f.name for f in queries.families_of(tenant_id)}:
            raise Bad("unknown-family")
        return word
    column = roster.BY_FIELD.get(field)
    if column is None or not (column.choices or column.coded):
        raise Bad("not-among-choices")
    column.read(Cell("text", word))
    return word


def likely(tenant_id: int, field: str, key: str) -> list[tuple[str, str]]:
    """What an unknown word of a column may mean: (value, label) pairs, the likeliest first."""
    if field == "majors":
        return roster.likely_majors(key)
    if field in ("must", "nice"):
        return skills.resembling(key)
    if field == "family":
        families = [f.name for f in queries.families_of(tenant_id)]
        return [(name, name) for name in dict.fromkeys([*get_close_matches(key, families, n=3, cutoff=0.3), *families])]
    if field in roster.LISTS:
        return roster.likely_words(field, key)
    return [(choice, choice) for choice in roster.BY_FIELD[field].choices] if field in roster.BY_FIELD else []


def told(post: Position) -> dict[str, Any]:
    """A post by the columns of the list, as a file would say it."""
    found: dict[str, Any] = {name: getattr(post, name) for name in FIELDS if name in roster.BY_FIELD}
    found = {n: v.isoformat() if isinstance(v, date) else v for n, v in found.items()}
    return found | {
        "own_code": post.own_code or str(post.public_id), "kind": post.kind, "family": post.family_id, "places": post.seats.places,
        "majors": sorted(f"{LETTERS[m.depth]}:{m.code}" for m in post.majors), "must": sorted(s.skill.code for s in post.skills if s.must),
        "nice": sorted(s.skill.code for s in post.skills if not s.must), "hazards": sorted(post.hazards),
    }  # fmt: skip


EXPORTED: tuple[tuple[str, str], ...] = (*((c.field, c.name) for c in roster.COLUMNS), ("state", "状态"), ("taken", "已录人数"), ("enterprise", "企业"))
"""What an export of posts may hold, under its usual headings."""
SHAPES: dict[str, tuple[str, ...]] = {
    "list": ("own_code", "title", "enterprise", "kind", "state", "places", "taken", "pay_fen", "place_code", "start_on", "end_on"),
    "register": tuple(c.field for c in roster.COLUMNS),
}  # fmt: skip
"""Ready-made sets: the list, and everything as it may be uploaded again."""
STATES = {"draft": "草稿", "open": "已发布", "paused": "已暂停", "closed": "已关闭"}


def export_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """The posts that the filter shows as cells; with all columns they can be uploaded again."""
    posts = queries.every(actor, **asked)
    families = {f.id: f.name for f in queries.families_of(actor.tenant_id)}
    skill_names = {s.code: s.name_zh for p in posts for s in (one.skill for one in p.skills)}
    lines = []
    for post in posts:
        there = told(post) | {"state": STATES.get(post.state, post.state), "taken": post.seats.taken, "enterprise": post.tenant.name_zh}
        there |= {n: [skill_names.get(code, code) for code in there[n]] for n in ("must", "nice")}
        there["family"] = post.family.name if post.family else ""
        lines.append([_shown(name, there.get(name), families) for name in names])
    return lines


def rule_lines(actor: Actor, asked: Mapping[str, str], names: Sequence[str]) -> list[list[str]]:
    """Every rule in its words, and where the open posts stand now."""
    lang, now = language(), queries.rules_counted()
    found = []
    for code, rule in law.rules().items():
        counted = now.get(code)
        told_so = {"code": code, "title": rule.title(lang), "words": rule.words(lang), "citation": rule.citation(lang), "verified": rule.verified or ""}
        told_so |= dict(zip(("met", "not_met", "unknown"), map(str, counted), strict=True)) if counted else {}
        found.append([told_so.get(name, "") for name in names])
    return found


def _shown(name: str, value: Any, families: dict[int, str]) -> str:
    if name == "family":
        return families.get(value, "") if isinstance(value, int) else str(value or "")
    if name == "occupation_code" and value:
        return str(value)
    return roster.cell(name, value)


def _changes(post: Position, values: dict[str, Any], plan: Plan) -> dict[str, Any]:
    there, fill = told(post), plan.mode == FILL
    wanted = {n: (roster.CLEARED.get(n) if v is None else v) for n, v in values.items() if n != "own_code"}
    return {n: v for n, v in wanted.items() if there[n] != v and not (fill and there[n] not in (None, "", []))}


def _stops(post: Position) -> Problem | None:
    """A published post is changed on its page, where the rules and the caps are judged."""
    return None if post.state == DRAFT else _problem("own_code", "published")


def _named(post: Position) -> dict[str, Any]:
    reasons = {field: post.warnings_accepted.get(code, "") for code, field in rules.REASONS.items()}
    return {n: v for n, v in told(post).items() if n != "own_code"} | {"filings": post.filings} | reasons


def _problem(field: str, code: str, found: str = "", key: str = "") -> Problem:
    return Problem(roster.BY_FIELD[field].name, code, found, key)
