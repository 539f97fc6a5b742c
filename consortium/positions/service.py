"""Writing, publishing and closing posts; taking and giving back seats. Flushes; the edge commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

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
from consortium.organisations import service as organisations
from consortium.organisations.models import PostFamily
from consortium.organisations.queries import quota_room
from consortium.positions import queries, roster, rules, wording
from consortium.positions.events import position_changed, position_closed, position_published
from consortium.positions.lifecycle import DRAFT, OPEN, POSITION
from consortium.positions.models import Position, PositionMajor, PositionSkill, Seats
from consortium.reference import law, majors, occupations, places
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.spreadsheet import Cell, write_csv, write_workbook
from consortium.skills import queries as skills

FIELDS = (
    "title", "duties", "tasks", "occupation_code", "place_code", "place_note", "start_on", "end_on", "level_least", "pay_fen", "same_post_pay_fen",
    "lowest_grade_fen", "pay_to_student", "pay_in_kind", "pay_period_days", "board", "lodging", "fees", "hours_per_day", "hours_per_week", "night",
    "rest_days", "overtime", "hazards", "labour_level", "venue", "filings", "contract_months", "probation_months",
)  # fmt: skip
DEPTHS = {"M": "major", "C": "class", "G": "category"}


def create(actor: Actor, values: dict[str, Any]) -> Position:
    """A draft from named values; raises Invalid."""
    position = Position(
        tenant_id=actor.tenant_id, kind=values["kind"], title=values["title"], duties="", tasks=[], majors=[], skills=[], warnings_accepted={}
    )
    position.seats = Seats(places=values["places"])
    with db.session.no_autoflush:
        _fill(position, values)
    db.session.add(position)
    db.session.flush()
    audit.record("create-position", position, by=actor)
    return position


def edit(position: Position, values: dict[str, Any], *, by: Actor) -> None:
    """Change a post; an open one must stay lawful. Raises Invalid."""
    kind = values.get("kind", position.kind)
    if kind != position.kind and position.state != DRAFT:
        raise Invalid({"kind": [_l("Only a draft may change from internship to job or back. Copy the post instead.")]})
    places = values.get("places", position.seats.places)
    if places < position.seats.taken:
        raise Invalid({"places": [_l("%(n)d places are already taken.", n=position.seats.taken)]})
    with db.session.no_autoflush:
        position.kind = kind
        _fill(position, values)
        position.seats.places = places
    flag_modified(position, "title")  # also a change of majors or seats alone raises the version
    db.session.flush()
    if position.state == OPEN:
        _admit(position, _unready(position), by)
        position_changed.announce(position_id=position.id)
    audit.record("edit-position", position, by=by)


def publish(position: Position, *, by: Actor) -> None:
    """Open a post to students; refused with the rule's words where the law or the caps forbid it."""
    state = POSITION.take("publish", position.state, by)
    wrong = _unready(position)
    if position.start_on is not None and position.start_on < clock.today():
        wrong["start_on"] = [_l("The first day has passed.")]
    if position.seats.places - position.seats.taken < 1:
        wrong["places"] = [_l("There is no free place.")]
    _admit(position, wrong, by)
    position.state, position.published_at = state, clock.now()
    db.session.flush()
    audit.record("publish-position", position, by=by)
    position_published.announce(position_id=position.id)


def pause(position: Position, *, by: Actor | None) -> None:
    """Take no more applications for now; nobody: the system, where applicants wait too long."""
    position.state = POSITION.take("pause", position.state, by)
    db.session.flush()
    audit.record("pause-position", position, by=by)


def close(position: Position, *, by: Actor) -> None:
    """End a post; places that nobody took go back to the ledger."""
    position.state = POSITION.take("close", position.state, by)
    db.session.flush()
    organisations.keep_quota(position.tenant_id, position.public_id, position.seats.taken)
    audit.record("close-position", position, by=by)
    position_closed.announce(position_id=position.id)


def copied(position: Position, *, by: Actor) -> Position:
    """A new draft with the same words and requirements, without dates."""
    values: dict[str, Any] = {name: getattr(position, name) for name in FIELDS} | {
        "kind": position.kind,
        "places": position.seats.places,
        "family": position.family_id,
        "majors": [{v: k for k, v in DEPTHS.items()}[m.depth] + ":" + m.code for m in position.majors],
        "must": [s.skill.code for s in position.skills if s.must],
        "nice": [s.skill.code for s in position.skills if not s.must],
        "start_on": None,
        "end_on": None,
        "pay_reason": "",
        "length_reason": "",
    }
    return create(by, values)


# ── posts from a file ────────────────────────────────────────────────────────────────────────────


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

    def _read(self, cells: tuple[Cell, ...]) -> tuple[dict[str, Any], list[Problem]]:
        answers = self._plan.answers
        values, problems = roster.parse(cells, self._columns, answers)
        for name in ("title", "duties", "tasks"):
            words = values.get(name) or ""
            faults = rules.wording("\n".join(words) if isinstance(words, list) else words)
            problems += [_problem(name, f"forbidden-{fault.why}", fault.word) for fault in faults]
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
            post = create(by, _typed({n: v for n, v in values.items() if n != "own_code" and v is not None}))
            post.own_code = values["own_code"]
            known[post.own_code] = post
            before[number] = {"new": True}
            continue
        changes = _changes(post, values, plan)
        before[number] = {"fields": {n: told(post)[n] for n in changes}}
        if changes:
            edit(post, _typed({**_named(post), **changes}), by=by)
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
            db.session.delete(post)
        elif not dry and was.get("fields"):
            assert by is not None
            edit(post, _typed({**_named(post), **was["fields"]}), by=by)
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


def meant(field: str, key: str, word: str) -> str:
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
        return word
    column = roster.BY_FIELD.get(field)
    if column is None or word not in column.choices:
        raise Bad("not-among-choices")
    return word


def likely(field: str, key: str) -> list[tuple[str, str]]:
    """What an unknown word of a column may mean: (value, label) pairs, the likeliest first."""
    if field == "majors":
        return roster.likely_majors(key)
    if field in ("must", "nice"):
        names = {s.name_zh: s.code for s in skills.all_skills()}
        inside = [name for name in names if key in name or name in key]
        return [(names[name], name) for name in list(dict.fromkeys([*inside, *get_close_matches(key, names, n=6, cutoff=0.34)]))[:6]]
    return [(choice, choice) for choice in roster.BY_FIELD[field].choices] if field in roster.BY_FIELD else []


def told(post: Position) -> dict[str, Any]:
    """A post by the columns of the list, as a file would say it."""
    found: dict[str, Any] = {name: getattr(post, name) for name in FIELDS if name in roster.BY_FIELD}
    found = {n: v.isoformat() if isinstance(v, date) else v for n, v in found.items()}
    depths = {depth: letter for letter, depth in DEPTHS.items()}
    return found | {
        "own_code": post.own_code or str(post.public_id), "kind": post.kind, "family": post.family_id, "places": post.seats.places,
        "majors": sorted(f"{depths[m.depth]}:{m.code}" for m in post.majors), "must": sorted(s.skill.code for s in post.skills if s.must),
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


def exported(actor: Actor, posts: Sequence[Position], fields: Sequence[tuple[str, str]], csv: bool = False) -> bytes:
    """Posts as a table of text with chosen columns; with all of them it can be uploaded again."""
    families = {f.id: f.name for f in queries.families_of(actor.tenant_id)}
    names = {s.code: s.name_zh for p in posts for s in (one.skill for one in p.skills)}
    lines = []
    for post in posts:
        there = told(post) | {"state": STATES.get(post.state, post.state), "taken": post.seats.taken, "enterprise": post.tenant.name_zh}
        there |= {n: [names.get(code, code) for code in there[n]] for n in ("must", "nice")}
        there["family"] = post.family.name if post.family else ""
        lines.append([_shown(name, there.get(name), families) for name, _ in fields])
    header = [heading for _, heading in fields]
    return write_csv(header, lines) if csv else write_workbook("岗位需求", header, lines)


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


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    return {n: date.fromisoformat(v) if n in roster.DAYS and isinstance(v, str) else v for n, v in values.items()}


def _problem(field: str, code: str, found: str = "", key: str = "") -> Problem:
    return Problem(roster.BY_FIELD[field].name, code, found, key)


# ── seats ────────────────────────────────────────────────────────────────────────────────────────


def take_seat(position_id: int) -> None:
    """One seat, by one conditional UPDATE: never more than there are. Raises Conflict(code="full")."""
    taken = db.session.execute(
        sa.update(Seats)
        .where(Seats.position_id == position_id, Seats.taken < Seats.places)
        .values(taken=Seats.taken + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("All places of this post are taken."), code="full")


def give_back_seat(position_id: int) -> None:
    """The reverse."""
    db.session.execute(
        sa.update(Seats)
        .where(Seats.position_id == position_id, Seats.taken > 0)
        .values(taken=Seats.taken - 1)
        .execution_options(synchronize_session=False)
    )


def refuse_unlawful(position: Position, found: dict[str, list[Any]] | None = None) -> None:
    """Raise Invalid with every rule that stops this post, beside its field; warnings need a recorded reason.

    The shares of R10 and R11 are the ledger's (`_reserve`), which tells them with their numbers. `found`: what is wrong already.
    """
    found = {} if found is None else found
    for name, text in (("title", position.title), ("duties", position.duties), ("tasks", "\n".join(position.tasks))):
        for fault in rules.wording(text):
            found.setdefault(name, []).append(wording.wording_fault(fault.word, fault.why))
    for verdict in queries.judge(position):
        if verdict.code in ("R10", "R11"):
            continue
        field = rules.field_of(verdict.code, position, law.thresholds(clock.today()))
        if verdict.blocks:
            said = wording.rule_words(verdict.code)
            if verdict.state == -1:
                said = _("Not filled in, so it cannot be judged: %(rule)s", rule=said)
            found.setdefault(field, []).append(said)
        elif verdict.effect == "warn" and verdict.state == 0 and not position.warnings_accepted.get(verdict.code):
            found.setdefault(field, []).append(wording.warned(verdict.code, position))
            found.setdefault(rules.REASONS[verdict.code], []).append(_("If there is a good reason, write it here and publish again."))
    if found:
        raise Invalid(found)


def _unready(position: Position) -> dict[str, list[Any]]:
    """What a post needs before anybody can judge it."""
    wrong: dict[str, list[Any]] = {}
    if position.kind == "internship":
        for name, value in (("start_on", position.start_on), ("end_on", position.end_on)):
            if value is None:
                wrong[name] = [_l("An internship needs its first and last day.")]
        if position.family_id is None:
            wrong["family"] = [_l("Choose the kind of post: interns are counted within it.")]
    return wrong


def _admit(position: Position, wrong: dict[str, list[Any]], by: Actor) -> None:
    """Judge, then reserve; a share that would be overstepped is told together with whatever else is wrong."""
    try:
        refuse_unlawful(position, wrong)
    except Invalid as refused:
        raise Invalid({**refused.fields, **_over_cap(position)}) from None
    _reserve(position, by)


def _over_cap(position: Position) -> dict[str, list[Any]]:
    if position.kind != "internship" or position.start_on is None or position.end_on is None or position.family_id is None:
        return {}
    room = quota_room(position.tenant_id, position.family_id, position.start_on, position.end_on, but=position.public_id)
    asked = position.seats.places
    for which, cap, used in (("R10", room.firm_cap, room.firm_used), ("R11", room.family_cap, room.family_used)):
        if cap is None or used + asked > cap:
            over = None if cap is None else used + asked - cap
            return {"places": [wording.over_cap(which, {"rule": which, "cap": cap, "used": used, "asked": asked, "over": over})]}
    return {}


def _reserve(position: Position, by: Actor) -> None:
    if position.kind != "internship":
        return
    assert position.start_on is not None
    assert position.end_on is not None
    try:
        organisations.reserve_quota(
            position.tenant_id, position.family_id, holder=position.public_id, heads=position.seats.places,
            from_on=position.start_on, to_on=position.end_on, by=by,
        )  # fmt: skip
    except Conflict as error:
        if error.code != "over-cap":
            raise
        raise Invalid({"places": [wording.over_cap(error.facts["rule"], error.facts)]}) from None


def _fill(position: Position, values: dict[str, Any]) -> None:
    wrong: dict[str, list[Any]] = {}
    for name in FIELDS:
        if name in values:
            setattr(position, name, values[name])
    if not position.title.strip() or not position.duties.strip():
        wrong["title" if not position.title.strip() else "duties"] = [_l("This is needed.")]
    for name, (low, high) in rules.out_of_range(values).items():
        wrong[name] = [_l("A number from %(min)s to %(max)s.", min=low, max=high)]
    for name, known in (("venue", rules.VENUES), ("level_least", frozenset(majors.LEVELS))):
        if values.get(name) and values[name] not in known:
            wrong[name] = [_l("Not one of the choices.")]
    for name, allowed in (("hazards", frozenset(law.hazards())), ("filings", frozenset(rules.FILEABLE))):
        strange = [code for code in values.get(name) or [] if code not in allowed]
        if strange:
            wrong[name] = [_l("%(code)s is not one of %(known)s.", code=strange[0], known=", ".join(sorted(allowed)))]
    if position.occupation_code and position.occupation_code not in occupations.names():
        wrong["occupation_code"] = [_l("Not an occupation of the catalogue. Type a name and pick from the list.")]
    if position.place_code and position.place_code not in places.names():
        wrong["place_code"] = [_l("Not a place. Type a name and pick from the list.")]
    if position.start_on and position.end_on and position.end_on < position.start_on:
        wrong["end_on"] = [_l("The last day lies before the first.")]
    reasons = {code: values.get(field, position.warnings_accepted.get(code, "")) for code, field in rules.REASONS.items()}
    position.warnings_accepted = {code: reason.strip() for code, reason in reasons.items() if reason and reason.strip()}
    if "family" in values:
        family = values["family"] or None
        mine = sa.select(PostFamily.id).where(PostFamily.id == family, PostFamily.tenant_id == position.tenant_id)
        if family and db.session.scalar(mine) is None:
            wrong["family"] = [_l("Not one of your kinds of posts.")]
        position.family_id = family
    if "majors" in values:
        _fill_majors(position, values["majors"], wrong)
    if {"must", "nice"} & set(values):
        _fill_skills(position, values, wrong)
    if wrong:
        raise Invalid(wrong)


def _fill_majors(position: Position, codes: list[str], wrong: dict[str, list[Any]]) -> None:
    wanted = set()
    for code in codes:
        full = code if ":" in code else f"M:{code}"
        if not majors.category_of(full):
            wrong.setdefault("majors", []).append(_l("%(code)s is no major, class or category. Type a name and pick from the list.", code=code))
        else:
            depth, key = full.split(":", 1)
            wanted.add((DEPTHS[depth], key))
    for one in list(position.majors):
        if (one.depth, one.code) in wanted:
            wanted.discard((one.depth, one.code))
        else:
            position.majors.remove(one)
    position.majors.extend(PositionMajor(depth=depth, code=key) for depth, key in sorted(wanted))


def _fill_skills(position: Position, values: dict[str, Any], wrong: dict[str, list[Any]]) -> None:
    asked = dict.fromkeys(values.get("nice", []), False) | dict.fromkeys(values.get("must", []), True)
    known = skills.by_codes(asked)
    for field in ("must", "nice"):
        for code in values.get(field, []):
            if code not in known:
                wrong.setdefault(field, []).append(_l("%(code)s is not in the vocabulary. Type a name and pick from the list.", code=code))
    mine = {one.skill_id: one for one in position.skills}
    wanted = {skill.id: asked[code] for code, skill in known.items()}
    for skill_id, one in mine.items():
        if skill_id in wanted:
            one.must = wanted[skill_id]
        else:
            position.skills.remove(one)
    position.skills.extend(PositionSkill(skill_id=s.id, skill=s, must=asked[c]) for c, s in known.items() if s.id not in mine)
