"""Announcing, handing in, freezing, trying, publishing. Flushes; the edge commits.

Locks are taken in one order: the round's row, then lists. A step of a round is one conditional UPDATE of its state, so two officers, or an
officer and the clock, cannot both take it.
"""

from __future__ import annotations

import platform
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import sqlalchemy as sa

from consortium.applications import queries as applications
from consortium.applications import service as offers
from consortium.matching import lottery, scenarios
from consortium.matching.reasons import BY_POINTS, HELD, REFUSED
from consortium.matching.stored import without
from consortium.matching.vocabulary import WEIGHTS
from consortium.organisations.rules import Room
from consortium.positions import queries as positions
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.reference import majors
from consortium.rounds import lifecycle, queries, rules, snapshot, wording
from consortium.rounds.events import (
    list_dropped,
    post_left_round,
    result_out,
    round_announced,
    round_cancelled,
    round_frozen,
)
from consortium.rounds.lifecycle import LIST, POST, ROUND
from consortium.rounds.models import (
    Round,
    RoundBearer,
    RoundChoice,
    RoundCode,
    RoundCollege,
    RoundList,
    RoundOrder,
    RoundPost,
    RoundResult,
    RoundRun,
    RoundSnapshot,
    RoundTrial,
)
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, reading
from consortium.shared.errors import Conflict, ConsortiumError, Invalid, NotFound
from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import joined
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import QUEUED, RUNNING, Claim, finish, ring, ring_after_commit
from consortium.skills import queries as skills
from consortium.students import queries as students
from consortium.students.models import Student

TRIAL, OFFERS = "rounds.work_on_trial", "rounds.send_results"
CALENDAR_WORDS = {
    "before-opening": _l("Lists must close after they open, and after now."),
    "before-lists": _l("Enterprises' orders cannot close before the lists do."),
    "before-orders": _l("Publication must come after the last list and order."),
}


# ── the zone makes a round ───────────────────────────────────────────────────────────────────────


def create(values: Mapping[str, Any], *, by: Actor) -> Round:
    """A round as a draft that only the zone sees. Raises Invalid by field."""
    found = Round(state=lifecycle.DRAFT, colleges=[], codes=[])
    _fill(found, values)
    db.session.add(found)
    db.session.flush()
    audit.record("create-round", found, by=by)
    return found


def edit(found: Round, values: Mapping[str, Any], *, by: Actor) -> None:
    """A draft as a whole; of an announced round only names and instants, as people have relied on the rest. Raises Conflict, Invalid."""
    _lock(found)
    if found.state not in (lifecycle.DRAFT, lifecycle.ANNOUNCED):
        raise Conflict(_l("The lists of this round are frozen: it can no longer be changed."), code="wrong-state")
    if found.state == lifecycle.ANNOUNCED:
        kept = {"start_on": found.start_on, "end_on": found.end_on, "opens_at": found.opens_at, "most_ranked": found.most_ranked, "answer_hours": found.answer_hours}
        kept |= {"colleges": [one.tenant_id for one in found.colleges], "majors": found.majors, "year_from": found.year_from, "year_to": found.year_to}
        values = {**values, **kept, "codes": None}
    _fill(found, values)
    db.session.flush()
    audit.record("edit-round", found, by=by)


def _fill(found: Round, values: Mapping[str, Any]) -> None:
    wrong: dict[str, list[Any]] = {}
    if not str(values["name_zh"]).strip():
        wrong["name_zh"] = [_l("This is needed.")]
    calendar = rules.Calendar(values["opens_at"], values["lists_close_at"], values["orders_close_at"], values["publish_at"])
    wrong |= {name: [CALENDAR_WORDS[code]] for name, code in rules.calendar_faults(calendar, clock.now()).items()}
    if values["start_on"] > values["end_on"]:
        wrong["end_on"] = [_l("The last day cannot be before the first.")]
    if (values["year_from"] or 0) > (values["year_to"] or 9999):
        wrong["year_to"] = [_l("The last year cannot be before the first.")]
    strange = [code for code in values["majors"] if not _known_majors(code)]
    if strange:
        wrong["majors"] = [_l("Not in the catalogue of majors: %(code)s. Pick from the list.", code=strange[0])]
    codes = values.get("codes")
    if codes is not None and (len({one["code"] for one in codes}) < len(codes) or len(codes) > rules.MOST_CODES):
        wrong["codes"] = [_l("At most %(n)d codes, each once.", n=rules.MOST_CODES)]
    known = {one.id for one in queries.colleges_to_choose()}
    if set(values["colleges"]) - known:
        wrong["colleges"] = [_l("Choose colleges from the list.")]
    if wrong:
        raise Invalid(wrong)
    for name in ("start_on", "end_on", "opens_at", "lists_close_at", "orders_close_at", "publish_at", "most_ranked", "answer_hours", "year_from", "year_to"):
        setattr(found, name, values[name])
    found.name_zh, found.name_en = str(values["name_zh"]).strip(), str(values["name_en"] or "").strip()
    found.majors = sorted(set(values["majors"]))
    if sorted(one.tenant_id for one in found.colleges) != sorted(set(values["colleges"])):
        found.colleges = [RoundCollege(tenant_id=number) for number in sorted(set(values["colleges"]))]
    if codes is not None:
        old = {one.code: one for one in found.codes}
        found.codes = [old.get(one["code"]) or RoundCode(code=one["code"]) for one in codes]
        for turn, (row, told) in enumerate(zip(found.codes, codes, strict=True)):
            row.kind, row.name_zh, row.name_en, row.turn = told["kind"], told["name_zh"], told.get("name_en", ""), turn


def _known_majors(code: str) -> bool:
    kind, _, number = code.partition(":")
    every = majors.all_majors()
    found = {"M": lambda m: m.code, "C": lambda m: m.class_key, "G": lambda m: m.category_key}.get(kind)
    return found is not None and any(found(major) == number for major in every.values())


def announce(found: Round, *, by: Actor) -> None:
    """The round is known from now on, and its lottery is committed to: nobody can choose the seed after seeing a list."""
    wrong = rules.calendar_faults(rules.Calendar(found.opens_at, found.lists_close_at, found.orders_close_at, found.publish_at), clock.now())
    if wrong:
        raise Conflict(_l("The calendar of this round has passed."), how=_l("Edit it: lists must close in the future."), code="calendar")
    seed, nonce = secrets.randbits(lottery.LEAST_SEED_BITS), secrets.token_bytes(lottery.LEAST_NONCE)
    _step(found, "announce", by, secret=f"{seed}:{nonce.hex()}", commitment=lottery.commitment(seed, nonce), committed_at=clock.now())
    round_announced.announce(round_id=found.id)


def cancel(found: Round, *, by: Actor) -> None:
    """The round will not take place; everybody in it is told, lists stay as they were for the record."""
    _step(found, "cancel", by)
    round_cancelled.announce(round_id=found.id)


def bear(found: Round, code: str, numbers: Sequence[str], *, by: Actor) -> list[str]:
    """A college says of which of its students a code holds, the whole list anew; returns numbers that it does not know.

    Only until lists close: afterwards nobody may be moved by a word from outside.
    """
    if not queries.takes_posts(found):
        raise Conflict(_l("Declarations close together with the lists."), code="closed")
    row = next((one for one in found.codes if one.code == code), None)
    if row is None:
        raise Invalid({"code": [_l("Choose one of the codes of this round.")]})
    wanted = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
    known = queries.own_by_numbers(by, wanted)
    strange = [number for number in wanted if number not in known or not queries.belongs(found, known[number])]
    mine = sa.select(Student.id).where(Student.tenant_id == by.tenant_id)
    db.session.execute(sa.delete(RoundBearer).where(RoundBearer.code_id == row.id, RoundBearer.student_id.in_(mine)).execution_options(synchronize_session=False))
    chosen = [student for number, student in sorted(known.items()) if number not in strange]
    db.session.add_all([RoundBearer(code_id=row.id, student_id=student.id, by_membership_id=by.membership_id) for student in chosen])
    db.session.flush()
    audit.record("declare-in-round", found, by=by, code=code, students=len(chosen))
    audit.looked([(student.id, students.is_minor(student)) for student in chosen], by=by, what="list of students", through=found)
    return strange


# ── enterprises ──────────────────────────────────────────────────────────────────────────────────


def take_part(found: Round, position: Position, *, places: int, reserved: Mapping[str, int], reserved_stay: bool, by: Actor) -> RoundPost:
    """An enterprise puts a post of its own into the round, or changes how. Raises Invalid with the number and the rule that binds."""
    if position.tenant_id != by.tenant_id:
        raise NotFound
    if not queries.takes_posts(found):
        raise Conflict(_l("Posts can no longer be added: students must be able to rank them."), code="closed")
    if position.state != "open" or not queries.fits(found, position):
        raise Conflict(_l("This post is not open, or its days lie outside the round."), how=_l("Open it, or set its days within those of the round."), code="post")
    wrong = _place_faults(position, places)
    declared = {one.code for one in found.codes if one.kind == rules.RESERVED}
    kept = {code: seats for code, seats in reserved.items() if seats}
    if set(kept) - declared:
        wrong["reserved"] = [_l("Seats can be reserved only for a joint class of this round.")]
    elif sum(kept.values()) > places:
        wrong["reserved"] = [_l("%(n)d seats are reserved, but the post gives %(places)d.", n=sum(kept.values()), places=places)]
    if wrong:
        raise Invalid(wrong)
    _share(found)
    row = db.session.scalar(sa.select(RoundPost).where(RoundPost.round_id == found.id, RoundPost.position_id == position.id))
    if row is None:
        row = RoundPost(round_id=found.id, tenant_id=position.tenant_id, position_id=position.id, state=lifecycle.NOTHING)
        db.session.add(row)
    row.state = POST.take("take_part", row.state, by)
    row.places, row.reserved, row.reserved_stay, row.reason, row.changed_at = places, kept, reserved_stay, "", clock.now()
    db.session.flush()
    audit.record("take-part-in-round", row, by=by, places=places)
    return row


def _place_faults(position: Position, places: int) -> dict[str, list[Any]]:
    free = position.seats.places - position.seats.taken - applications.offered_counts([position.id]).get(position.id, 0)
    if places > max(free, 0):
        return {"places": [_l("The post has %(free)d free places without an offer out.", free=max(free, 0))]}
    room: Room | None = positions.share_of(position)
    if room is None or positions.override_for(position, places) is not None:
        return {}
    for left, cap, used, rule in ((room.firm_room, room.firm_cap, room.firm_used, "R10"), (room.family_room, room.family_cap, room.family_used, "R11")):
        if left is not None and places > left:
            said = _l("%(over)d too many: the cap is %(cap)d, of which %(used)d are in use in these days, and this post asks for %(places)d (%(rule)s).",
                      over=places - left, cap=cap, used=used, places=places, rule=rule)  # fmt: skip
            return {"places": [said]}
    return {}


def leave(post: RoundPost, *, by: Actor | None, reason: str) -> None:
    """An enterprise takes a post out, with a reason; who listed it is told. Not once a result is approved: it is somebody's then."""
    found = db.session.get_one(Round, post.round_id)
    _lock(found)
    if found.state not in (lifecycle.ANNOUNCED, lifecycle.FROZEN):
        raise Conflict(_l("The results of this round are settled: the post can no longer leave it."), how=_l("Each offer can still be talked about with the student."), code="settled")
    if reason not in (*rules.LEAVE_REASONS, "post-closed"):
        raise Invalid({"reason": [_l("Choose a reason from the list.")]})
    post.state = POST.take("leave", post.state, by)
    post.reason, post.changed_at = reason, clock.now()
    db.session.flush()
    audit.record("leave-round", post, by=by, reason=reason)
    post_left_round.announce(post_id=post.id)


def leave_with(position_id: int) -> None:
    """A closed post takes nobody: it leaves every round that is under way."""
    for post in queries.under_way_with(position_id):
        leave(post, by=None, reason="post-closed")


def order(post: RoundPost, order_of: Sequence[str], refused: Mapping[str, str], *, by: Actor) -> None:
    """The enterprise's own order of candidates by pseudonym, and whom it cannot accept and why; who is in neither stands after them as the score has it."""
    found = db.session.get_one(Round, post.round_id)
    if not queries.takes_orders(found) or post.state != lifecycle.TAKES_PART:
        raise Conflict(_l("The order of candidates can no longer be changed."), code="closed")
    _share(found)
    known = {one.alias: one.student for one in queries.candidates(post)}
    strange = [alias for alias in (*order_of, *refused) if alias not in known]
    if strange:
        raise Invalid({"order": [_l("%(who)s is no longer among the candidates. Open the page again.", who=strange[0][:20])]})
    bad = [why for why in refused.values() if why not in rules.REFUSE_REASONS]
    if bad:
        raise Invalid({"refused": [_l("Choose a reason that lies in the work.")]})
    db.session.execute(sa.delete(RoundOrder).where(RoundOrder.post_id == post.id).execution_options(synchronize_session=False))
    ranked = [alias for alias in dict.fromkeys(order_of) if alias not in refused]
    rows = [RoundOrder(post_id=post.id, student_id=known[alias].id, place=n, refused="") for n, alias in enumerate(ranked, 1)]
    rows += [RoundOrder(post_id=post.id, student_id=known[alias].id, place=None, refused=why) for alias, why in refused.items()]
    db.session.add_all(rows)
    post.changed_at = clock.now()
    db.session.flush()
    audit.record("order-candidates", post, by=by, ranked=len(ranked), refused=len(refused))


# ── students ─────────────────────────────────────────────────────────────────────────────────────


def hand_in(found: Round, student: Student, position_ids: Sequence[int], *, fill: bool, by: Actor) -> RoundList:
    """The student takes part with this list, or changes the one she handed in. Raises Conflict with the rule's words, Invalid."""
    return _kept(found, student, position_ids, fill, by, hands_in=True)


def note(found: Round, student: Student, position_ids: Sequence[int], *, fill: bool, by: Actor) -> RoundList:
    """Keep a list: one that was handed in stays so, one that was not takes no part yet."""
    return _kept(found, student, position_ids, fill, by, hands_in=False)


def _kept(found: Round, student: Student, position_ids: Sequence[int], fill: bool, by: Actor, *, hands_in: bool) -> RoundList:
    _refuse_unless_open(found)
    _refuse_who_cannot_take_part(found, student)
    wanted = list(dict.fromkeys(position_ids))
    row = queries.list_of(found, student, lock=True)
    taking = hands_in or (row is not None and row.state == lifecycle.HANDED_IN)
    if not wanted and taking:
        raise Invalid({"post": [_l("A list that takes part names at least one post. To leave the round, take your list back.")]})
    if len(wanted) > found.most_ranked:
        raise Invalid({"post": [_l("At most %(n)d posts: take %(over)d off.", n=found.most_ranked, over=len(wanted) - found.most_ranked)]})
    _refuse_what_cannot_be_ranked(found, student, wanted, {choice.position_id for choice in row.choices} if row is not None else set())
    _share(found)
    if row is None:
        row = RoundList(round_id=found.id, student_id=student.id, state=lifecycle.NOTHING, choices=[])
        db.session.add(row)
    row.state = LIST.take("hand_in" if taking else "begin", row.state, by)
    row.fill, row.reason, row.changed_at = fill, "", clock.now()
    if [choice.position_id for choice in row.choices] != wanted:
        row.choices = []
        db.session.flush()
        row.choices = [RoundChoice(place=place, round_id=found.id, position_id=number) for place, number in enumerate(wanted, 1)]
    db.session.flush()
    audit.record("hand-in-list" if taking else "note-list", row, by=by, posts=len(wanted))
    return row


def _refuse_who_cannot_take_part(found: Round, student: Student) -> None:
    if not students.for_matching([student.id]):
        raise Conflict(
            _l("A round is decided by the matcher, and you have not agreed to automated matching, or objected to it."),
            how=_l("Agree on your profile page, or apply for single posts instead: that needs no consent."), code="no-consent",
        )  # fmt: skip
    if applications.accepted_of(student.id, found.kind) is not None:
        raise Conflict(_l("You have accepted an offer already, so there is nothing left to match."), how=_l("See your agreement for what comes next."), code="placed")


def _refuse_what_cannot_be_ranked(found: Round, student: Student, wanted: Sequence[int], before: set[int]) -> None:
    """New entries must take part and be open to her by every rule; what was on the list already may stay where it is."""
    new = [number for number in wanted if number not in before]
    there = {one.position_id: one.position for one in queries.posts(found, ids=new)}
    if set(new) - set(there):
        raise NotFound
    closed = [(number, codes) for number, codes in queries.stopped(student, list(there.values())).items() if codes]
    if closed:
        number, codes = closed[0]
        raise Conflict(
            _l("%(post)s cannot be on your list: a rule stops it.", post=there[number].title), why=wording.rule_said(codes[0]), how=" ", code="unlawful", rules=list(codes)
        )


def take_back(found: Round, student: Student, *, by: Actor) -> RoundList:
    """The student leaves the round: no reason is asked, nothing follows."""
    _refuse_unless_open(found)
    row = queries.list_of(found, student, lock=True)
    if row is None:
        raise Conflict(_l("You have no list in this round."), code="no-list")
    row.state = LIST.take("take_back", row.state, by)
    row.changed_at = clock.now()
    db.session.flush()
    audit.record("take-back-list", row, by=by)
    return row


def drop(row: RoundList, reason: str) -> None:
    """The system takes a list out, and the student is told why."""
    row.state = LIST.take("drop", row.state, None)
    row.reason, row.changed_at = reason, clock.now()
    db.session.flush()
    audit.record("drop-list", row, by=None, reason=reason)
    list_dropped.announce(list_id=row.id)


def drop_of(student_id: int, reason: str, kind: str = "internship") -> None:
    """Out of every round that is not frozen yet."""
    for row in queries.lists_under_way(student_id, kind):
        drop(row, reason)


def _refuse_unless_open(found: Round) -> None:
    if queries.takes_lists(found):
        return
    if found.state == lifecycle.ANNOUNCED and clock.now() < found.opens_at:
        raise Conflict(_l("Lists are not open yet."), code="not-yet")
    raise Conflict(_l("The lists are closed: what was handed in stands as it was."), how=_l("Whatever the result, you may decline it without any penalty."), code="closed")


# ── freezing and trying ──────────────────────────────────────────────────────────────────────────


def freeze(found: Round, *, by: Actor | None) -> RoundTrial:
    """From now on nobody changes a list; who accepted elsewhere meanwhile is taken out; the snapshot and a first dry run follow."""
    if by is not None and clock.now() < found.orders_close_at:
        raise Conflict(_l("Lists and orders are open until %(at)s: nobody may be cut short.", at=_at(found.orders_close_at)), code="too-early")
    _step(found, "freeze", by, frozen_at=clock.now())
    placed = sa.select(RoundList).where(RoundList.round_id == found.id, RoundList.state == lifecycle.HANDED_IN, RoundList.student_id.in_(applications.accepted_ids(found.kind)))
    for row in db.session.scalars(placed.order_by(RoundList.id)):
        drop(row, "accepted-elsewhere")
    round_frozen.announce(round_id=found.id)
    return _asked(found, (), frozen=True, taken=None, by=by)


def freeze_due() -> int:
    """Rounds whose lists and orders are closed; returns how many. Twice is safe: the step is taken once."""
    n = 0
    for number in queries.due(clock.now())[0]:
        found = db.session.get_one(Round, number)
        try:
            freeze(found, by=None)
        except Conflict:  # an officer was quicker
            db.session.rollback()
            continue
        db.session.commit()
        n += 1
    return n


def try_out(found: Round, chosen: Sequence[str], *, anew: bool, by: Actor) -> RoundTrial:
    """A dry run under up to three scenarios: on the latest snapshot, or on what stands now (`anew`). Nobody but the zone sees any of it."""
    _lock(found)
    if found.state not in (lifecycle.ANNOUNCED, lifecycle.FROZEN):
        raise Conflict(_l("Dry runs are made before a result is approved."), code="wrong-state")
    if any(code not in rules.SCENARIOS for code in chosen) or len(set(chosen)) > 3:
        raise Invalid({"scenarios": [_l("Choose up to three scenarios.")]})
    if db.session.scalar(sa.select(RoundTrial.id).where(RoundTrial.round_id == found.id, RoundTrial.state.in_((QUEUED, RUNNING)))) is not None:
        raise Conflict(_l("A dry run is under way."), how=_l("Wait until it has finished; this page shows it."), code="under-way")
    frozen = found.state == lifecycle.FROZEN
    taken = queries.latest_frozen(found) if frozen and not anew else None
    return _asked(found, chosen, frozen=frozen, taken=taken, by=by)


def _asked(found: Round, chosen: Sequence[str], *, frozen: bool, taken: RoundSnapshot | None, by: Actor | None) -> RoundTrial:
    told = [code for code in rules.SCENARIOS if code in chosen] or list(rules.usual_scenarios([one.kind for one in found.codes]))
    trial = RoundTrial(round_id=found.id, snapshot_id=taken.id if taken else None, frozen=frozen, scenarios=told, asked_by_id=by.person_id if by else None)
    db.session.add(trial)
    db.session.flush()
    audit.record("try-round", trial, by=by, scenarios=",".join(told))
    ring_after_commit(TRIAL, trial.id)
    return trial


def work(held: Claim) -> None:
    """A dry run, from its row: read, score once, assign under each scenario; all of it and `done` are one commit."""
    with reading():
        trial = db.session.get_one(RoundTrial, held.row_id)
        round_id, frozen, codes, taken_id = trial.round_id, trial.frozen, list(trial.scenarios), trial.snapshot_id
        found = db.session.scalars(sa.select(Round).where(Round.id == round_id).options(*queries.WHOLE)).one()
        now = clock.now()
        if taken_id is None:
            taken = snapshot.read(found, queries.seed_of(found)[0])
            problem, beside = taken.problem, taken.beside
            one = None
        else:
            kept = db.session.get_one(RoundSnapshot, taken_id)
            one, chunks, input_hash = snapshot.prepared_of(kept), snapshot.scored_of(kept), kept.input_hash
    new: RoundSnapshot | None = None
    if one is None:
        one, input_hash = snapshot.prepared(problem), snapshot.hashed(problem, beside)
        chunks = snapshot.score(one)
        new = RoundSnapshot(
            round_id=round_id, frozen=frozen, input_hash=input_hash, n_students=len(problem.students), n_positions=len(problem.positions),
            versions=versions_now(), beside=beside, prepared=one.to_bytes(), scored=snapshot.scored_bytes(chunks), created_at=now,
        )  # fmt: skip
    made = []
    for code in codes:
        told = rules.scenario(code)
        outcome = snapshot.outcome(one, told, chunks)
        made.append((code, dict(told.weights or WEIGHTS), outcome.digest, dict(outcome.report), _figures(code, outcome.report), snapshot.kept_bytes(outcome)))
    if new is not None:
        db.session.add(new)
        db.session.flush()
        taken_id = new.id
    for code, weights, digest, report, figures, kept_of in made:
        db.session.add(
            RoundRun(
                round_id=round_id, trial_id=held.row_id, snapshot_id=taken_id, scenario=code, weights=weights, versions=versions_now(), input_hash=input_hash,
                digest=digest, report=report, figures=figures, kept=kept_of,
            )
        )  # fmt: skip
    db.session.flush()
    finish(held, snapshot_id=taken_id)


def _figures(code: str, report: Mapping[str, Any]) -> dict[str, Any]:
    told = scenarios.figures(code, report)
    price = report.get("price") or {}
    told["price"] = round(1 - price["stable_points"] / price["most_points"], 4) if price.get("most_points") else None
    return told


def versions_now() -> dict[str, str]:
    """What a result depends on beside its input."""
    return {"consortium": version("consortium"), "numpy": np.__version__, "python": platform.python_version()}


# ── choosing and publishing ──────────────────────────────────────────────────────────────────────


def approve(found: Round, run: RoundRun, *, publish_at: datetime, reason: str, by: Actor) -> None:
    """Choose what will be published to all at the set instant. Raises Conflict where the run is on an old snapshot, Invalid by field."""
    _lock(found)
    if run.round_id != found.id:
        raise NotFound
    newest = queries.latest_frozen(found)
    if newest is None or run.snapshot_id != newest.id:
        raise Conflict(_l("This dry run was made on an earlier state of the lists."), how=_l("Choose one on the latest frozen snapshot."), code="old-snapshot")
    if queries.changes_since(newest).posts:
        raise Conflict(_l("Since the snapshot a post was changed or left the round."), how=_l("Make a dry run on what stands now, and choose from that."), code="posts-changed")
    if run.report.get("blocking_pairs"):
        raise Conflict(_l("This result has blocking pairs and cannot be published."), code="blocking")
    wrong: dict[str, list[Any]] = {}
    if publish_at <= clock.now():
        wrong["publish_at"] = [_l("Choose an instant in the future: everybody is to see it at once.")]
    if run.scenario != rules.DECLARED and not reason.strip():
        wrong["reason"] = [_l("Say why the round does not run as it was declared: the reason is published with the result.")]
    if wrong:
        raise Invalid(wrong)
    _step(found, "approve", by, chosen_id=run.id, chosen_reason=reason.strip()[:500], publish_at=publish_at)
    _record(found, run)


def _record(found: Round, run: RoundRun) -> None:
    """One row for everybody in the snapshot; out of sight until the instant."""
    opened = snapshot.opened(run.public_id)
    people = dict(_ids(Student, opened.prepared.problem.students.key))
    posts = dict(_ids(Position, opened.positions.key))
    rows = []
    for i, key in enumerate(opened.prepared.problem.students.key):
        j = int(opened.assigned[i])
        rows.append(
            {
                "round_id": found.id, "run_id": run.id, "student_id": people[str(key)], "position_id": posts[str(opened.positions.key[j])] if j >= 0 else None,
                "place": opened.list_place(i), "basis": opened.basis(i), "trouble": "",
            }
        )  # fmt: skip
    db.session.execute(sa.delete(RoundResult).where(RoundResult.round_id == found.id).execution_options(synchronize_session=False))
    for begin in range(0, len(rows), 5_000):
        db.session.execute(sa.insert(RoundResult), rows[begin : begin + 5_000])
    db.session.flush()


def _ids(model: Any, keys: Iterable[Any]) -> Iterable[tuple[str, int]]:
    wanted = [uuid.UUID(str(key)) for key in keys]
    for begin in range(0, len(wanted), 5_000):
        for number, key in db.session.execute(sa.select(model.id, model.public_id).where(model.public_id.in_(wanted[begin : begin + 5_000]))):
            yield str(key), number


def reconsider(found: Round, *, by: Actor) -> None:
    """Take an approval back before its instant; afterwards nothing can be taken back."""
    if queries.is_out(found):
        raise Conflict(_l("The results are out and cannot be taken back."), code="out")
    _step(found, "reconsider", by, chosen_id=None, chosen_reason="")
    db.session.execute(sa.delete(RoundResult).where(RoundResult.round_id == found.id).execution_options(synchronize_session=False))
    db.session.flush()


def publish_due() -> int:
    """Rounds whose instant has come; returns how many. Twice is safe: the step is taken once, and offers are sent by the row."""
    n = 0
    for number in queries.due(clock.now())[1]:
        found = db.session.get_one(Round, number)
        try:
            _step(found, "publish", None, published_at=clock.now())
        except Conflict:
            db.session.rollback()
            continue
        db.session.commit()
        n += 1
    return n


def send_results(limit: int = 200) -> int:
    """Turn results into offers and tell everybody; returns how many. Twice is safe: each row is claimed by one conditional UPDATE."""
    n = 0
    for number in queries.unsent(limit):
        taken = sa.update(RoundResult).where(RoundResult.id == number, RoundResult.told_at.is_(None)).values(told_at=clock.now())
        if db.session.execute(taken.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
            db.session.rollback()
            continue
        _send(db.session.get_one(RoundResult, number, populate_existing=True))
        db.session.commit()
        n += 1
    return n


def ring_for_results() -> None:
    """More waits than one tick sends: have a worker take it at once."""
    ring(OFFERS, 0)


def _send(result: RoundResult) -> None:
    found = db.session.get_one(Round, result.round_id)
    if result.position_id is not None:
        student = students.by_ids([result.student_id])[result.student_id]
        position = positions.by_ids([result.position_id])[result.position_id]
        try:
            if not students.for_matching([student.id]):
                raise Conflict(code="no-consent")
            result.application_id = offers.offer_by_round(student, position, until=queries.answer_until(found)).id
        except ConsortiumError as refused:  # raised before anything was written
            result.trouble = refused.code[:30]
    db.session.flush()
    audit.record("send-result", ("round_results", result.id), by=None, trouble=result.trouble)
    result_out.announce(result_id=result.id)


def end(found: Round, *, by: Actor) -> None:
    """Close the books once everybody has had the time to answer."""
    if clock.now() < queries.answer_until(found):
        raise Conflict(_l("Answers are open until %(at)s.", at=_at(queries.answer_until(found))), code="too-early")
    _step(found, "end", by, ended_at=clock.now())


def second(found: Round, values: Mapping[str, Any], *, by: Actor) -> Round:
    """A second round with what is open: the same cohort and declarations, the posts with free places, a lottery of its own. A draft."""
    if found.state not in (lifecycle.PUBLISHED, lifecycle.ENDED) or clock.now() < queries.answer_until(found):
        raise Conflict(_l("A second round starts when the answers of the first are in."), code="too-early")
    if found.first_id is not None or queries.second_of(found) is not None:
        raise Conflict(_l("There is a second round already."), code="twice")
    codes = [{"code": one.code, "kind": one.kind, "name_zh": one.name_zh, "name_en": one.name_en} for one in found.codes]
    kept = {name: getattr(found, name) for name in ("start_on", "end_on", "most_ranked", "answer_hours", "year_from", "year_to", "majors", "name_zh", "name_en")}
    kept["name_zh"], kept["name_en"] = f"{found.name_zh} 第二轮"[:80], f"{found.name_en}, second round"[:80] if found.name_en else ""
    other = create({**kept, "colleges": [one.tenant_id for one in found.colleges], "codes": codes, **values}, by=by)
    other.first_id = found.id
    of_first = {one.id: one.code for one in found.codes}
    now_called = {one.code: one.id for one in other.codes}
    for bearer in db.session.scalars(sa.select(RoundBearer).where(RoundBearer.code_id.in_(list(of_first)))):
        db.session.add(RoundBearer(code_id=now_called[of_first[bearer.code_id]], student_id=bearer.student_id, by_membership_id=bearer.by_membership_id))
    there = queries.posts(found)
    waiting = applications.offered_counts(one.position_id for one in there)
    for one in there:
        free = one.position.seats.places - one.position.seats.taken - waiting.get(one.position_id, 0)
        if one.position.state == "open" and free > 0:
            db.session.add(
                RoundPost(round_id=other.id, tenant_id=one.tenant_id, position_id=one.position_id, state=lifecycle.TAKES_PART, places=min(free, one.places),
                          reserved={}, reserved_stay=False, changed_at=clock.now())
            )  # fmt: skip
    db.session.flush()
    audit.record("open-second-round", other, by=by, first=found.id)
    return other


# ── why ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Why:
    """A student's result: what was offered, her list post by post, and what stands beside it."""

    result: RoundResult | None
    headline: Any
    lines: list[wording.Line]
    number: str
    left_out: str = ""


def why(found: Round, student: Student) -> Why:
    """Why a student's result is as it is, from the very snapshot and assignment that were published; before the instant only when it will be."""
    run = queries.chosen_run(found)
    number = queries.lottery_number(found, student)
    if not queries.is_out(found) or run is None:
        return Why(None, _l("Results appear to everybody at the same instant: %(at)s.", at=_at(found.publish_at)), [], number)
    row = queries.list_of(found, student)
    result = queries.result_of(found, student)
    if result is None:
        reason = row.reason if row is not None and row.state == lifecycle.DROPPED else ""
        return Why(None, wording.LEFT_OUT.get(reason, _l("You had no list in the round when it was frozen, so there is no result.")), [], number, reason)
    kept = snapshot.opened(run.public_id)
    i = kept.prepared.row_of[0][str(student.public_id)]
    names = _names(found, kept)
    lines = _lines(kept, i, names, number)
    if result.position_id is None:
        headline = _l("The round has no offer for you this time.")
    elif result.trouble:
        headline = wording.TROUBLES.get(result.trouble, _l("No offer could go out."))
    else:
        headline = _l("The round offers you %(post)s.", post=names.posts[str(kept.positions.key[int(kept.assigned[i])])])
    return Why(result, headline, lines, number)


def _names(found: Round, kept: snapshot.Kept) -> wording.Names:
    titles = dict(zip(map(str, kept.positions.key), kept.positions.title, strict=True))
    for one in queries.posts(found, left=True):
        titles.setdefault(str(one.position.public_id), one.position.title)
    return wording.Names(titles, {one.code: str(one.name) for one in found.codes}, kept.number)


def _lines(kept: snapshot.Kept, i: int, names: wording.Names, number: str) -> list[wording.Line]:
    """The own list in its order; what followed it only where it was offered."""
    key = str(kept.students.key[i])
    steps = {str(kept.positions.key[step.position]): step for step in kept.reasons.of(i)}
    refused = dict(kept.beside["refused"].get(key, []))
    skills_known = skills.names()
    ranked = [str(one) for one in kept.students.ranking[i]]
    lines = []
    for place, post in enumerate(ranked, 1):
        title, step = names.posts.get(post, "–"), steps.get(post)
        if step is not None:
            lacking = kept.points_with(i, step.position) if step.state == REFUSED and step.decided == BY_POINTS else []
            said = [(str(skills_known[code]) if code in skills_known else code, points) for code, points in lacking]
            lines.append(wording.step_said(replace(step, rank=place), place, title, names, number, said))
        elif post in refused:
            lines.append(wording.passed_over(place, title, "refused", refused[post]))
        elif (key, post) in kept.unlawful and kept.unlawful[key, post] != "unknown-post":
            lines.append(wording.passed_over(place, title, "unlawful", kept.unlawful[key, post]))
        else:
            lines.append(wording.passed_over(place, title, "declined" if post in kept.students.refused[i] else "left"))
    for post, step in steps.items():
        if post not in ranked and step.state == HELD:
            lines.append(wording.step_said(step, len(ranked) + 1, names.posts[post], names, number))
    return lines


@dataclass(frozen=True, slots=True)
class PostWhy:
    """What a round gave one post: how many listed it and were offered it, the last score, places left, and why."""

    post: RoundPost
    places: int
    listed: int
    offered: int
    last_points: int | None
    left: int
    reason: str


def why_posts(found: Round, tenant_id: int) -> list[PostWhy]:
    """The same for an enterprise's posts, from the published assignment; nothing before the instant."""
    run = queries.chosen_run(found)
    if not queries.is_out(found) or run is None:
        return []
    kept = snapshot.opened(run.public_id)
    row_of, made = kept.prepared.row_of[1], kept.market
    post_of = made.seats.post[made.found.position]
    told = []
    for one in queries.posts(found, tenant_id=tenant_id, left=True):
        j = row_of.get(str(one.position.public_id))
        if j is None:
            told.append(PostWhy(one, one.places, 0, 0, None, 0, "left"))
            continue
        here = kept.held[kept.held >= 0]
        here = here[post_of[here] == j]
        places, offered, listed = int(kept.positions.places[j]), len(here), len(np.unique(made.found.student[post_of == j]))
        points = int(made.points[here].min()) if offered else None
        reason = "" if offered >= places else "nobody-listed" if not listed else "students-elsewhere" if not _capped(kept, j) else "quota"
        told.append(PostWhy(one, places, listed, offered, points, places - offered, reason))
    return told


def _capped(kept: snapshot.Kept, j: int) -> bool:
    """Whether a cap above the post is used up."""
    made = kept.market
    rows = made.rows_of(kept.held)
    mine = rows[rows >= 0]
    return any(
        int(np.bincount(of[mine], minlength=len(cap))[of[j]]) >= int(cap[of[j]])
        for of, cap in ((made.whole.family, made.whole.family_cap), (made.whole.firm, made.whole.firm_cap))
    )


def alias(student: Student, position: Position) -> str:
    """What an enterprise calls a student before the name is open."""
    return proposals.alias(student.public_id, position.public_id)


def looked_at(found: Round, rows: Sequence[queries.ResultRow], *, by: Actor) -> None:
    """Log that a college is being shown these students' results."""
    audit.looked([(row.student.id, students.is_minor(row.student)) for row in rows], by=by, what="list of students", through=found)


def looked_at_candidates(post: RoundPost | None, there: Sequence[queries.Candidate], *, by: Actor) -> None:
    """Log that an enterprise is being shown these candidates, without names."""
    if post is not None and there:
        audit.looked([(one.student.id, students.is_minor(one.student)) for one in there], by=by, what="candidate without a name", through=post)


def candidate_facts(student: Student) -> str:
    """What an enterprise may know of a candidate who listed its post: major, skills and certificates."""
    major = majors.find(student.major_code)
    return joined([*([major.name] if major else []), *(one.skill.name for one in student.skills)])


def exported(found: Round, rows: Sequence[queries.ResultRow], *, named: bool) -> tuple[list[str], list[list[Any]]]:
    """Head and lines of the list as a file; without names each student is the lottery number alone."""
    names = {one.code: str(one.name) for one in found.codes}
    who = [_("Student number"), _("Name")] if named else []
    head = [*who, _("Lottery number"), _("Post"), _("Enterprise"), _("Choice"), _("Declared and counted"), _("Answer")]
    seed = queries.seed_of(found)[0]
    lines = []
    for row in rows:
        code = row.result.basis.partition(":")[2]
        answer = row.application_state or ("trouble" if row.result.trouble else "")
        lines.append(
            [
                *([row.student.student_no, row.student.name] if named else []), lottery.shown(seed, str(row.student.public_id)), row.position.title if row.position else "",
                str(row.position.tenant.name) if row.position else "", row.result.place or "", names.get(code, code), str(wording.ANSWERS.get(answer, answer)),
            ]
        )  # fmt: skip
    return head, lines


def verified(run: RoundRun) -> tuple[bool, str]:
    """Whether the kept snapshot under the kept scenario gives the kept result again, to the byte; and the digest found."""
    found = snapshot.again(run)
    return found == run.digest, found


OWN_WORDS = ("wish", "text")
"""What a student wrote; everything else in a snapshot is what rules and orders are made of again."""


def forget_words(student_id: int) -> int:
    """A student is erased: no kept snapshot holds her words any more; tells how many were written anew."""
    key, n = str(students.by_ids([student_id])[student_id].public_id), 0
    joined = sa.select(RoundSnapshot.id, RoundSnapshot.prepared).where(RoundSnapshot.round_id.in_(sa.select(RoundList.round_id).where(RoundList.student_id == student_id)))
    for number, raw in db.session.execute(joined).all():
        told = without(raw, key, OWN_WORDS)
        if told is not None:
            db.session.execute(sa.update(RoundSnapshot).where(RoundSnapshot.id == number).values(prepared=told[0]).execution_options(synchronize_session=False))
            n += 1
    return n


# ── shared ───────────────────────────────────────────────────────────────────────────────────────


def _step(found: Round, name: str, by: Actor | None, **changes: Any) -> None:
    """One step of the round: only who finds it in the state it was read in takes it."""
    source = found.state
    target = ROUND.take(name, source, by)
    statement = sa.update(Round).where(Round.id == found.id, Round.state == source).values(state=target, version=Round.version + 1, **changes)
    if db.session.execute(statement.execution_options(synchronize_session=False)).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_l("Somebody else has just taken a step in this round."), how=_l("Open the page again."), code="wrong-state")
    db.session.refresh(found)
    audit.record(f"{name}-round", found, by=by, source=source, target=target)


def _lock(found: Round) -> None:
    """One at a time for one round, and as it is now."""
    db.session.refresh(found, ["state", "version"], with_for_update={"of": Round})


def _share(found: Round) -> None:
    """Hold the round as it is while something is added to it, beside others who do the same; frozen meanwhile: too late."""
    db.session.refresh(found, ["state", "version"], with_for_update={"of": Round, "read": True})
    if found.state != lifecycle.ANNOUNCED:
        raise Conflict(_l("The lists are closed: what was handed in stands as it was."), code="closed")


def _at(instant: datetime) -> str:
    return f"{clock.local(instant):%Y-%m-%d %H:%M}"


