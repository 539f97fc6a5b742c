"""Filing, verifying, overriding, binding mentors, entering lines of the law. Flushes; the edge commits."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from consortium.compliance import queries, rules
from consortium.compliance.events import filing_decided, filing_ending, override_recorded
from consortium.compliance.models import Filing, LawEntry, Mentor, MentorHold, Override
from consortium.organisations.events import enterprise_changed
from consortium.organisations.models import Enterprise, QuotaHold
from consortium.reference import law, majors
from consortium.shared import audit, clock
from consortium.shared.access import Actor, TenantKind
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden, Invalid
from consortium.shared.i18n import lazy_gettext as _l

NEEDED = _l("This is needed.")
DAYS = {
    "future": _l("This day is still to come."),
    "backwards": _l("The last day lies before the first."),
    "past": _l("This day has passed: the filing would open nothing."),
}
LINES = {
    "day": _l("Write the day as 2027-02-06."),
    "weekday": _l("Only a Saturday or Sunday can be made up for."),
    "number": _l("A number, such as 0.10 or 1750."),
    "tag": _l("Small letters, digits and underscores only, such as loud_noise."),
    "groups": _l("Of minor, women and unfiled, separated by spaces."),
}


# ── filings ──────────────────────────────────────────────────────────────────────────────────────


def file(actor: Actor, enterprise: Enterprise, values: dict[str, Any], proof: tuple[str, bytes] | None = None) -> Filing:
    """A filing with the authority, to be verified by the zone before it counts. Raises Invalid.

    A college files for its own students only: its filing holds for itself, whatever scope is asked.
    """
    wrong: dict[str, list[Any]] = {}
    for name in ("number", "authority"):
        if not (values.get(name) or "").strip():
            wrong[name] = [NEEDED]
    if not values.get("rules") or set(values["rules"]) - set(law.FILEABLE):
        wrong["rules"] = [_l("Choose at least one of the rules that a filing opens.")]
    problem = rules.days_problem(values["filed_on"], values["valid_from"], values["valid_until"], clock.today())
    if problem:
        wrong[problem[0]] = [DAYS[problem[1]]]
    scope = _scope(enterprise.tenant_id, values, wrong)
    colleges = [actor.tenant_id] if actor.tenant_kind is TenantKind.COLLEGE else _colleges(values.get("colleges") or [], wrong)
    kind = ""
    if proof is not None:
        kind = rules.file_kind(proof[1])
        if len(proof[1]) > rules.MOST_FILE:
            wrong["file"] = [_l("At most 5 MB. Scan it in black and white, or send the first page only.")]
        elif not kind:
            wrong["file"] = [_l("A PDF, PNG or JPEG file.")]
    number = " ".join((values.get("number") or "").split())
    if number and db.session.scalar(_alive(enterprise.tenant_id, number)):
        wrong["number"] = [_l("This number is entered already. Withdraw the earlier filing first, or check the number.")]
    if wrong:
        raise Invalid(wrong)
    filing = Filing(
        tenant_id=enterprise.tenant_id, number=number, authority=values["authority"].strip(), rules=sorted(values["rules"]), filed_on=values["filed_on"],
        valid_from=values["valid_from"], valid_until=values["valid_until"], covers_holidays=bool(values.get("covers_holidays")), colleges=colleges,
        note=(values.get("note") or "").strip(), entered_by_id=actor.person_id, entered_tenant_id=actor.tenant_id, **scope,
    )  # fmt: skip
    if proof is not None:
        filing.file, filing.file_kind, filing.file_sha256 = proof[1], kind, rules.sha256(proof[1])
        filing.file_name = proof[0].replace("\\", "/").rsplit("/", 1)[-1][-120:] or "filing"
    db.session.add(filing)
    db.session.flush()
    audit.record("enter-filing", filing, by=actor, rules=filing.rules, file=filing.file_sha256)
    return filing


def verify_filing(filing: Filing, *, by: Actor) -> None:
    """The zone has seen the authority's paper: from now on the filing counts. Raises Conflict."""
    _open_to_verdict(filing)
    filing.verified_at, filing.verified_by_id = clock.now(), by.person_id
    _decided(filing, "verify-filing", by)


def refuse_filing(filing: Filing, reason: str, *, by: Actor) -> None:
    """The zone does not take it, and says why. Raises Invalid, Conflict."""
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": [_l("Say why, so that it can be mended.")]})
    _open_to_verdict(filing)
    filing.refusal = reason[:300]
    _decided(filing, "refuse-filing", by)


def withdraw_filing(filing: Filing, *, by: Actor) -> None:
    """Whoever entered it takes it back; posts that rest on it are no longer lawful from then on. Raises Forbidden, Conflict."""
    if by.tenant_id not in (filing.entered_tenant_id, filing.tenant_id):
        raise Forbidden(ability="compliance.file")
    if filing.withdrawn_at is not None:
        raise Conflict(_l("It is withdrawn already."), code="withdrawn")
    filing.withdrawn_at = clock.now()
    db.session.flush()
    audit.record("withdraw-filing", filing, by=by)
    enterprise_changed.announce(tenant_id=filing.tenant_id)


def warn_of_ends(on: date) -> int:
    """Tell the holders of filings that end soon, each once; returns how many."""
    ending = queries.filings_ending(on)
    for filing in ending:
        filing.warned_on = on
        db.session.flush()
        filing_ending.announce(filing_id=filing.id)
    return len(ending)


def _alive(tenant_id: int, number: str) -> sa.Select[Any]:
    return sa.select(Filing.id).where(Filing.tenant_id == tenant_id, Filing.number == number, Filing.withdrawn_at.is_(None), Filing.refusal == "")


def _open_to_verdict(filing: Filing) -> None:
    if filing.withdrawn_at is not None:
        raise Conflict(_l("It is withdrawn already."), code="withdrawn")
    if filing.verified_at is not None or filing.refusal:
        raise Conflict(_l("The zone has decided already."), code="decided")


def _decided(filing: Filing, act: str, by: Actor) -> None:
    db.session.flush()
    audit.record(act, filing, by=by)
    enterprise_changed.announce(tenant_id=filing.tenant_id)
    filing_decided.announce(filing_id=filing.id)


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


def override(actor: Actor, enterprise: Enterprise, values: dict[str, Any]) -> Override:
    """A school lets a rule pass for its own students at a host. Raises Invalid."""
    wrong: dict[str, list[Any]] = {}
    code, reason = values.get("rule") or "", (values.get("reason") or "").strip()
    if code not in law.OVERRIDABLE or code in rules.SHARES:
        wrong["rule"] = [_l("No school may let this rule pass.")]
    if len(reason) < 10:
        wrong["reason"] = [_l("Give the reason in a sentence: the zone reads and counts it.")]
    if values["valid_until"] < values["valid_from"]:
        wrong["valid_until"] = [DAYS["backwards"]]
    elif values["valid_until"] < clock.today():
        wrong["valid_until"] = [_l("This day has passed: the override would open nothing.")]
    scope = _scope(enterprise.tenant_id, values, wrong)
    if wrong:
        raise Invalid(wrong)
    made = Override(
        college_tenant_id=actor.tenant_id, enterprise_tenant_id=enterprise.tenant_id, rule=code, reason=reason[:300],
        valid_from=values["valid_from"], valid_until=values["valid_until"], recorded_by_id=actor.person_id, **scope,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record("override-rule", made, by=actor, rule=code)
    enterprise_changed.announce(tenant_id=enterprise.tenant_id)
    override_recorded.announce(override_id=made.id)
    return made


def withdraw_override(override: Override, reason: str, *, by: Actor) -> None:
    """The school that recorded it takes it back. Raises Forbidden, Conflict, Invalid."""
    if by.tenant_id != override.college_tenant_id:
        raise Forbidden(ability="compliance.override")
    if not reason.strip():
        raise Invalid({"reason": [_l("Say why: the zone reads it.")]})
    gone = db.session.execute(
        sa.update(Override)
        .where(Override.id == override.id, Override.withdrawn_at.is_(None))
        .values(withdrawn_at=clock.now(), withdrawn_by_id=by.person_id, withdrawal=reason.strip()[:300])
        .execution_options(synchronize_session=False)
    )
    if gone.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("It is withdrawn already."), code="withdrawn")
    db.session.refresh(override)
    audit.record("withdraw-override", override, by=by, rule=override.rule)
    enterprise_changed.announce(tenant_id=override.enterprise_tenant_id)


def _scope(tenant_id: int, values: dict[str, Any], wrong: dict[str, list[Any]]) -> dict[str, Any]:
    """Kinds of posts, posts and majors, each checked."""
    known = queries.families_of([tenant_id])
    families = sorted(values.get("families") or [])
    if set(families) - set(known):
        wrong["families"] = [_l("Not one of the enterprise's kinds of posts.")]
    codes = []
    for code in values.get("majors") or []:
        full = code if ":" in code else f"M:{code}"
        if not majors.category_of(full):
            wrong.setdefault("majors", []).append(_l("%(code)s is no major, class or category. Type a name and pick from the list.", code=code[:30]))
        codes.append(full)
    posts = []
    for told in values.get("posts") or []:
        try:
            posts.append(str(uuid.UUID(str(told))))
        except ValueError:
            wrong.setdefault("posts", []).append(_l("%(code)s is not a post's number.", code=str(told)[:40]))
    return {"families": families, "majors": sorted(set(codes)), "posts": sorted(set(posts))}


def _colleges(told: Iterable[int], wrong: dict[str, list[Any]]) -> list[int]:
    wanted = sorted(set(told))
    if set(wanted) - {one.id for one in queries.colleges()}:
        wrong["colleges"] = [_l("Not one of the colleges.")]
    return wanted


# ── mentors ──────────────────────────────────────────────────────────────────────────────────────


def set_mentor(actor: Actor, values: dict[str, Any], mentor: Mentor | None = None) -> Mentor:
    """Declare a mentor, or change one: how many interns at a time, trained when, for which kinds of posts. Raises Invalid.

    The limit never sinks below what the mentor is bound to already.
    """
    wrong: dict[str, list[Any]] = {}
    name = " ".join((values.get("name") or "").split())
    limit = values.get("load_limit") or int(law.thresholds(clock.today())["mentor_load"])
    if not name:
        wrong["name"] = [NEEDED]
    if not 1 <= limit <= 500:
        wrong["load_limit"] = [_l("A number from %(min)s to %(max)s.", min=1, max=500)]
    if values.get("trained_on") and values["trained_on"] > clock.today():
        wrong["trained_on"] = [DAYS["future"]]
    families = sorted(values.get("families") or [])
    if set(families) - set(queries.families_of([actor.tenant_id])):
        wrong["families"] = [_l("Not one of your kinds of posts.")]
    account = next((m for m in queries.mentor_accounts(actor.tenant_id) if m.id == values.get("account")), None) if values.get("account") else None
    if values.get("account") and account is None:
        wrong["account"] = [_l("Not a mentor of your enterprise.")]
    _lock(actor.tenant_id)
    others = sa.select(Mentor).where(Mentor.tenant_id == actor.tenant_id, Mentor.name == name)
    same = db.session.scalar(others)
    if mentor is None and same is not None:
        mentor = same  # a known name gets the new facts
    elif mentor is not None and same is not None and same.id != mentor.id:
        wrong["name"] = [_l("Another mentor bears this name. Add something that tells them apart.")]
    if account is not None and db.session.scalar(sa.select(Mentor.id).where(Mentor.membership_id == account.id, Mentor.id != (mentor.id if mentor else 0))):
        wrong["account"] = [_l("This account belongs to another mentor.")]
    if mentor is not None and mentor.id and limit < queries.busiest(mentor):
        wrong["load_limit"] = [_l("%(n)d interns are bound to this mentor already. Lower the places of a post first.", n=queries.busiest(mentor))]
    if wrong:
        raise Invalid(wrong)
    if mentor is None:
        mentor = Mentor(tenant_id=actor.tenant_id)
        db.session.add(mentor)
    mentor.name, mentor.load_limit, mentor.trained_on, mentor.families = name, limit, values.get("trained_on"), families
    mentor.membership_id, mentor.ended_at = account.id if account else None, None
    db.session.flush()
    audit.record("set-mentor", mentor, by=actor, limit=limit)
    enterprise_changed.announce(tenant_id=actor.tenant_id)
    return mentor


def end_mentor(mentor: Mentor, *, by: Actor) -> int:
    """A mentor no longer serves: what she was bound to goes to others as far as they have room; returns for how many interns nobody is left."""
    if mentor.ended_at is not None:
        raise Conflict(_l("Has ended already."), code="ended")
    _lock(mentor.tenant_id)
    holds = list(db.session.scalars(sa.select(MentorHold).where(MentorHold.mentor_id == mentor.id).order_by(MentorHold.id)))
    mentor.ended_at = clock.now()
    db.session.flush()
    left = 0
    for hold in holds:
        db.session.delete(hold)
        db.session.flush()
        if hold.to_on >= clock.today():
            left += _hand_over(mentor, hold)
    audit.record("end-mentor", mentor, by=by, unattended=left)
    enterprise_changed.announce(tenant_id=mentor.tenant_id)
    return left


def bind_mentors(tenant_id: int, family_id: int | None, *, holder: uuid.UUID, label: str, heads: int, from_on: date, to_on: date) -> None:
    """Bind mentors to a post's places, replacing what was bound before: no mentor, no place. Raises Conflict(code="no-mentor").

    The enterprise's row is locked first (its turn is raised), so two who ask at once are judged one after the other.
    """
    _lock(tenant_id)
    post = _Asked(tenant_id, holder, family_id, from_on, to_on)
    loads = queries.standing([tenant_id], fresh=True).loads(post)
    shares = rules.shared_out(loads, heads)
    if shares is None:
        raise Conflict(_l("Not enough mentors."), code="no-mentor", asked=heads, free=sum(load.free for load in loads))
    db.session.execute(sa.delete(MentorHold).where(MentorHold.holder == holder))
    db.session.add_all(
        MentorHold(mentor_id=number, holder=holder, label=label[:80], heads=n, from_on=from_on, to_on=to_on) for number, n in shares.items()
    )
    db.session.flush()


def keep_mentors(holder: uuid.UUID, heads: int) -> None:
    """Shrink what mentors are bound to at a post to the heads that are really there (none: all are free)."""
    for hold in db.session.scalars(sa.select(MentorHold).where(MentorHold.holder == holder).order_by(MentorHold.id)):
        kept = min(hold.heads, heads)
        heads -= kept
        if kept:
            hold.heads = kept
        else:
            db.session.delete(hold)
    db.session.flush()


class _Asked:
    """A post as the decisions see it."""

    def __init__(self, tenant_id: int, public_id: uuid.UUID, family_id: int | None, start_on: date, end_on: date) -> None:
        self.tenant_id, self.public_id, self.family_id = tenant_id, public_id, family_id
        self.start_on: date | None = start_on
        self.end_on: date | None = end_on


def _hand_over(mentor: Mentor, hold: MentorHold) -> int:
    """What others can take of one hold; returns what nobody can."""
    family_id = db.session.scalar(sa.select(QuotaHold.family_id).where(QuotaHold.holder == hold.holder))
    loads = queries.standing([mentor.tenant_id], fresh=True).loads(_Asked(mentor.tenant_id, hold.holder, family_id, hold.from_on, hold.to_on))
    left = hold.heads
    for load in sorted(loads, key=lambda one: (-(one.free - one.mine), one.mentor_id)):
        more = min(load.free - load.mine, left)
        if more <= 0:
            continue
        left -= more
        mine = db.session.scalar(sa.select(MentorHold).where(MentorHold.mentor_id == load.mentor_id, MentorHold.holder == hold.holder))
        if mine is not None:
            mine.heads += more
        else:
            db.session.add(
                MentorHold(mentor_id=load.mentor_id, holder=hold.holder, label=hold.label, heads=more, from_on=hold.from_on, to_on=hold.to_on)
            )
    db.session.flush()
    return left


def _lock(tenant_id: int) -> None:
    db.session.execute(
        sa.update(Enterprise).where(Enterprise.tenant_id == tenant_id).values(ledger_turn=Enterprise.ledger_turn + 1).execution_options(synchronize_session=False)
    )


# ── the law's tables ─────────────────────────────────────────────────────────────────────────────


def enter_line(actor: Actor, values: dict[str, Any]) -> LawEntry:
    """The zone enters a line over the law's files, with its source: a new one, a changed one, or one struck off. Raises Invalid."""
    kind, key, gone = values.get("kind") or "", (values.get("key") or "").strip(), bool(values.get("gone"))
    value = " ".join((values.get("value") or "").split())
    wrong: dict[str, list[Any]] = {}
    if kind not in law.TABLES:
        wrong["kind"] = [_l("Not one of the tables.")]
    if not key:
        wrong["key"] = [NEEDED]
    known = law.lines(kind).get(key) if kind in law.TABLES else None
    if kind == law.THRESHOLD and key and known is None:
        wrong["key"] = [_l("Not a threshold that a rule reads.")]
    if gone and known is None and not wrong:
        wrong["key"] = [_l("There is no such line to strike off.")]
    if gone and kind == law.THRESHOLD:
        wrong["gone"] = [_l("A threshold can be changed, not struck off: a rule reads it.")]
    problem = rules.line_problem(kind, key, value, gone) if key else None
    if problem:
        wrong[problem[0]] = [LINES[problem[1]]]
    if not (values.get("source") or "").strip():
        wrong["source"] = [_l("Name the document, so that others can check it.")]
    name = (values.get("name_zh") or "").strip() or (known.name_zh if known else "")
    if not name and not gone:
        wrong["name_zh"] = [NEEDED]
    if wrong:
        raise Invalid(wrong)
    made = LawEntry(
        kind=kind, key=key, value=value or (known.value if known and gone else ""), name_zh=name[:120], source=values["source"].strip()[:200],
        name_en=((values.get("name_en") or "").strip() or (known.name_en if known else name))[:160], source_on=values.get("source_on"),
        valid_from=values.get("valid_from") or clock.today(), gone=gone, person_id=actor.person_id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    queries.forget_entered()
    audit.record("enter-law", made, by=actor, kind=kind, key=key, gone=gone)
    return made
