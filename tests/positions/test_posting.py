"""Posting to the end: drafts, shares and who may pass them, words, templates, repetition, closing, reopening, the last day, jobs."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.messages.models import Message
from consortium.organisations.models import Enterprise, QuotaHold
from consortium.organisations.queries import quota_room
from consortium.positions import queries, service
from consortium.positions.events import place_freed, position_changed, position_reopened
from consortium.positions.models import CapOverride, Position
from consortium.positions.tasks import end_overdue
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict, ConsortiumError, Invalid
from consortium.shared.signals import News
from tests import builders
from tests.positions.test_service import head_of, held, published, refused, values


@contextmanager
def heard(news: News) -> Iterator[list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []

    def listen(**facts: Any) -> None:
        told.append(facts)

    news.listen(listen)
    try:
        yield told
    finally:
        news.listeners.remove(listen)


def member(enterprise: Enterprise) -> Actor:
    return builders.a_membership(Role.ENTERPRISE_HEAD, tenant=enterprise.tenant).actor()


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_however_little_it_holds_and_nobody_is_told(app: Flask) -> None:
    firm = builders.an_enterprise()
    with heard(position_changed) as told:
        draft, left_out = service.keep(None, {"kind": "internship", "title": "", "places": None}, by=head_of(firm))
        service.keep(draft, {"title": "维修"}, by=head_of(firm))
    assert (left_out, told, draft.title, draft.seats.places) == ({}, [], "维修", 0)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 0


def test_of_a_half_written_draft_all_that_can_be_stored_is_kept_and_the_rest_is_named(app: Flask) -> None:
    firm = builders.an_enterprise()
    given = values(firm, majors=["C:0603", "C:06"], end_on=clock.today(), venue="moon", shifts=["soon"], family=10**6, pay_fen=-1, title="维修")
    draft, left_out = service.keep(None, given, by=head_of(firm))
    assert set(left_out) == {"majors", "end_on", "venue", "shifts", "family", "pay_fen"}
    assert (draft.title, [m.code for m in draft.majors], draft.end_on, draft.venue) == ("维修", ["0603"], None, "")


def test_a_draft_in_which_nothing_changed_is_not_written_again(app: Flask) -> None:
    firm = builders.an_enterprise()
    given = values(firm)
    draft, _ = service.keep(None, given, by=head_of(firm))
    db.session.commit()
    version = draft.version
    service.keep(draft, given, by=head_of(firm))
    db.session.commit()
    assert draft.version == version
    service.keep(draft, {**given, "majors": ["C:0601"]}, by=head_of(firm))
    db.session.commit()
    assert draft.version == version + 1


def test_an_open_post_is_never_changed_behind_the_button(app: Flask) -> None:
    position = published(builders.an_enterprise())
    with pytest.raises(Conflict):
        service.keep(position, {"title": "x"}, by=head_of_tenant(position))


def head_of_tenant(position: Position) -> Actor:
    return Actor(1, 1, position.tenant_id, builders.TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD)


def test_a_draft_can_be_thrown_away_but_not_what_was_published(app: Flask) -> None:
    firm = builders.an_enterprise()
    draft = service.create(head_of(firm), values(firm))
    service.remove(draft, by=head_of(firm))
    assert db.session.scalars(sa.select(Position)).all() == []
    position = published(firm)
    with pytest.raises(Conflict):
        service.remove(position, by=head_of(firm))


# ── the law while typing ─────────────────────────────────────────────────────────────────────────


def test_what_is_typed_is_judged_with_the_same_words_as_publishing_and_nothing_is_written(app: Flask) -> None:
    firm = builders.an_enterprise()
    given = values(firm, venue="bar", fees=None, places=40, duties="须交押金")
    db.session.commit()
    told = service.judged(given, None, {}, by=head_of(firm))
    assert not db.session.new and not db.session.dirty
    assert db.session.scalars(sa.select(Position)).all() == []
    said = refused(firm, **{k: v for k, v in given.items() if k != "family"}, family=given["family"])
    assert {name: " ".join(map(str, words)) for name, words in told.stops.items()} == said


def test_shares_rules_and_sources_are_told(app: Flask) -> None:
    firm = builders.an_enterprise(staff=180)
    family = builders.a_family(firm, staff=200)
    published(firm, places=11, family=family.id)
    told = service.judged(values(firm, places=8, family=family.id), None, {}, by=head_of(firm))
    firm_share, family_share = told.shares
    assert (firm_share.staff, firm_share.cap, firm_share.used, firm_share.asked, firm_share.over, firm_share.left) == (180, 18, 11, 8, 1, 7)
    assert (family_share.cap, family_share.over) == (40, 0)
    assert told.over and "places" in told.stops
    by_code = {line.code: line for line in told.lines}
    assert {"R07", "R13", "R17", "R18", "R19", "R20", "R21", "R22", "R23", "R24", "R25", "R26", "R27a", "R27b", "R28"} <= set(by_code)
    assert all(str(line.source) for line in told.lines)


def test_the_next_days_with_room_are_computed(app: Flask) -> None:
    firm = builders.an_enterprise(staff=30)
    first = published(firm, places=3)
    told = service.judged(values(firm, places=2, family=first.family_id), None, {}, by=head_of(firm))
    assert first.end_on is not None
    assert told.window == first.end_on + timedelta(1)
    assert service.judged(values(firm, places=4, family=first.family_id), None, {}, by=head_of(firm)).window is None


@pytest.mark.parametrize(
    ("given", "code", "state"),
    [
        ({"majors": []}, "R07", -1), ({}, "R07", 1), ({"start_on": None, "end_on": None}, "R17", -1), ({"hazards": ["boiler"]}, "R19", 1),
        ({"labour_level": None}, "R19", -1), ({"tasks": ["点检"]}, "R13", 0), ({"end_on": None}, "R13", -1), ({}, "R13", 1), ({"venue": ""}, "R21", -1),
        ({"venue": "bar"}, "R21", 0), ({"labour_level": 3}, "R23", 0), ({"labour_level": None}, "R23", -1), ({"hazards": ["height"]}, "R24", 0),
        ({"rest_days": None}, "R25", -1), ({"rest_days": True}, "R25", 0), ({"hours_per_day": 9.0}, "R26", 0), ({"night": None}, "R26", -1),
        ({"shifts": ["22:00-06:00"]}, "R26", 0), ({"shifts": ["08:00-16:00"]}, "R26", 1), ({"pay_fen": 200_000}, "R27a", 0), ({"pay_fen": None}, "R27a", -1),
        ({"pay_to_student": False}, "R27b", 0), ({"pay_in_kind": None}, "R27b", -1), ({"fees": True}, "R28", 0), ({"fees": None}, "R28", -1), ({}, "R28", 1),
    ],
)  # fmt: skip
def test_each_rule_passes_fails_or_is_not_known(app: Flask, given: dict[str, Any], code: str, state: int) -> None:
    firm = builders.an_enterprise()
    told = service.judged(values(firm, **given), None, {}, by=head_of(firm))
    assert {line.code: line.state for line in told.lines}[code] == state


def test_a_shift_into_the_night_counts_as_night_whatever_is_ticked(app: Flask) -> None:
    assert "shifts" in refused(builders.an_enterprise(), shifts=["14:00-22:30"], night=False)
    firm = builders.an_enterprise()
    builders.a_filing(firm)
    assert published(firm, shifts=["14:00-22:30"], night=False).state == "open"


# ── words ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("field", ["title", "duties", "tasks", "place_note", "pay_reason", "length_reason"])
def test_words_are_found_in_every_text_and_told_with_place_rule_and_suggestion(app: Flask, field: str) -> None:
    text: Any = "维修，须交押金五百元"
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        said = refused(builders.an_enterprise(), **{field: [text, "点检"] if field == "tasks" else text})[field]
    for part in ("押金", "须交押金五百元", "劳动合同法", "删去"):
        assert part in said


def test_a_reason_lets_words_stand_only_where_the_law_allows_it_and_is_recorded(app: Flask) -> None:
    firm = builders.an_enterprise()
    said = refused(firm, duties="维修，年龄18-35岁")
    assert "wording_reason" in said
    position = published(firm, duties="维修，年龄18-35岁", wording_reason="特种设备操作有年龄规定")
    assert position.warnings_accepted == {"wording": "特种设备操作有年龄规定"}
    assert "duties" in refused(builders.an_enterprise(), duties="维修，未婚", wording_reason="习惯")
    assert "wording_reason" not in refused(builders.an_enterprise(), duties="维修，须交押金")


# ── the cap under a crowd ────────────────────────────────────────────────────────────────────────


def crowd(app: Flask, steps: list[Any], workers: int = 8) -> list[str]:
    """Each step in a session of its own, many at once; what became of each."""
    turn, lock, results = iter(steps), threading.Lock(), []

    def work() -> None:
        with app.app_context():
            while True:
                with lock:
                    step = next(turn, None)
                if step is None:
                    return
                try:
                    step()
                    db.session.commit()
                    results.append("done")
                except ConsortiumError as error:
                    db.session.rollback()
                    results.append(error.code)

    people = [threading.Thread(target=work) for _ in range(workers)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    return results


def test_two_tabs_that_publish_four_each_with_seven_left_only_one_succeeds(app: Flask) -> None:
    firm = builders.an_enterprise(staff=70)
    family, by = builders.a_family(firm, staff=200), head_of(firm)
    ids = [service.create(by, values(firm, places=4, family=family.id)).id for _ in range(2)]
    db.session.commit()

    def publishing(number: int) -> Any:
        return lambda: service.publish(queries.by_ids([number])[number], by=by)

    assert sorted(crowd(app, [publishing(number) for number in ids], workers=2)) == ["done", "invalid"]
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.sum(QuotaHold.heads))) == 4
    assert sorted(db.session.scalars(sa.select(Position.state))) == ["draft", "open"]


def test_two_hundred_steps_at_once_never_pass_the_cap(app: Flask) -> None:
    """Publishing, more places, other days, closing and opening again, all through the one ledger."""
    firm = builders.an_enterprise(staff=120)
    family, by = builders.a_family(firm, staff=55), head_of(firm)
    given = values(firm, places=2, family=family.id)
    ids = [service.create(by, {**given, "title": f"维修 {n}"}).id for n in range(20)]
    db.session.commit()

    def step(n: int) -> Any:
        number = ids[n % len(ids)]

        def take() -> None:
            post = queries.by_ids([number])[number]
            match n // len(ids) % 5:
                case 0 | 3:
                    service.publish(post, by=by)
                case 1:
                    service.edit(post, {**given, "title": post.title, "places": 1 + n % 4}, by=by)
                case 2:
                    service.close(post, "changed", by=by) if n % 2 else service.edit(post, {**given, "places": 3, "end_on": given["end_on"] + timedelta(n)}, by=by)
                case _:
                    service.pause(post, by=by)

        return take

    results = crowd(app, [guarded(step(n)) for n in range(200)])
    db.session.rollback()
    assert len(results) == 200 and results.count("done") > 20
    room = quota_room(firm.tenant_id, family.id, given["start_on"], given["end_on"] + timedelta(400))
    assert (room.firm_cap, room.family_cap) == (12, 11)
    assert room.firm_used <= 12 and room.family_used <= 11
    for post in db.session.scalars(sa.select(Position)):
        assert held(post) == (post.seats.places if post.state in ("open", "paused") else 0), post.state


def guarded(step: Any) -> Any:
    """A version that somebody else saved meanwhile is a refusal too."""

    def take() -> None:
        try:
            step()
        except sa.orm.exc.StaleDataError:
            raise Conflict(code="stale") from None

    return take


# ── the ledger follows every step ────────────────────────────────────────────────────────────────


def test_a_paused_post_whose_days_or_places_change_keeps_its_line_in_the_ledger(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm, places=2)
    service.pause(position, by=head_of(firm))
    later = {**service.as_values(position), "places": 3, "end_on": position.end_on + timedelta(7)}
    service.edit(position, later, by=head_of(firm))
    hold = db.session.scalars(sa.select(QuotaHold)).one()
    assert (hold.heads, hold.to_on) == (3, position.end_on)
    with pytest.raises(Invalid):
        service.edit(position, {**later, "places": 400}, by=head_of(firm))


def test_a_closed_post_keeps_the_places_of_those_who_come_also_on_other_days(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm, places=3)
    service.take_seat(position.id)
    db.session.refresh(position.seats)
    service.close(position, "filled", by=head_of(firm))
    assert held(position) == 1
    service.edit(position, {**service.as_values(position), "end_on": position.end_on + timedelta(7)}, by=head_of(firm))
    hold = db.session.scalars(sa.select(QuotaHold)).one()
    assert (hold.heads, hold.to_on) == (1, position.end_on)


def test_opening_again_asks_the_ledger_again_and_is_news(app: Flask) -> None:
    firm = builders.an_enterprise(staff=30)
    family = builders.a_family(firm)
    first = published(firm, places=3, family=family.id)
    service.close(first, "other", "Die Linie steht", by=head_of(firm))
    assert (first.closed_reason, first.closed_note, held(first)) == ("other", "Die Linie steht", 0)
    second = published(firm, places=3, family=family.id)
    with pytest.raises(Invalid):
        service.publish(first, by=head_of(firm))
    service.close(second, "filled", by=head_of(firm))
    with heard(position_reopened) as told:
        service.publish(first, by=head_of(firm))
    assert told == [{"position_id": first.id}]
    assert (first.state, first.closed_reason, held(first)) == ("open", "", 3)


def test_a_post_is_closed_with_a_reason_or_not_at_all(app: Flask) -> None:
    position = published(builders.an_enterprise())
    for reason in ("", "expired", "because"):
        with pytest.raises(Invalid):
            service.close(position, reason, by=head_of_tenant(position))
    assert position.state == "open"


def test_a_place_that_becomes_free_in_a_full_post_is_news_and_only_then(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm, places=2)
    with heard(place_freed) as told:
        service.take_seat(position.id)
        service.give_back_seat(position.id)
        assert told == []
        service.take_seat(position.id)
        service.take_seat(position.id)
        service.give_back_seat(position.id)
        assert told == [{"position_id": position.id}]
        service.take_seat(position.id)
        db.session.refresh(position.seats)
        service.edit(position, {**service.as_values(position), "places": 3}, by=head_of(firm))
        assert len(told) == 2


# ── the last day ─────────────────────────────────────────────────────────────────────────────────


def test_past_its_last_day_a_post_is_closed_its_places_go_back_and_its_firm_is_told_once(app: Flask) -> None:
    firm = builders.an_enterprise()
    by = member(firm)
    over, ending, later, job = (service.create(by, values(firm, family=builders.a_family(firm).id)) for _ in range(4))
    for one in (over, ending, later):
        service.publish(one, by=by)
    service.edit(job, {**values(firm), "kind": "job", "end_on": None, "start_on": clock.today() - timedelta(9), "family": 0}, by=by)
    service.publish(job, by=by)
    over.closes_on, ending.closes_on = clock.today() - timedelta(1), clock.today() + timedelta(5)
    db.session.commit()
    for _ in range(2):  # twice is safe
        service.expire_overdue()
        service.warn_expiring()
        db.session.commit()
    assert (over.state, over.closed_reason, held(over)) == ("closed", "expired", 0)
    assert (ending.state, later.state, job.state) == ("open", "open", "open")
    assert sorted(db.session.scalars(sa.select(Message.kind))) == ["position-expired", "position-expiring"]
    ending.closes_on = clock.today() + timedelta(6)
    db.session.commit()
    assert service.warn_expiring() == 1, "another last day is told again"


def test_an_internship_ends_at_the_latest_on_its_first_day(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm)
    position.start_on = clock.today() - timedelta(1)
    db.session.commit()
    end_overdue()
    db.session.expire_all()
    assert position.state == "closed"


# ── shares passed on purpose ─────────────────────────────────────────────────────────────────────


def over_by_one(firm: Enterprise) -> Position:
    family = builders.a_family(firm, staff=200)
    published(firm, places=2, family=family.id)
    return service.create(head_of(firm), values(firm, places=2, family=family.id))


def test_a_college_may_let_a_post_pass_the_share_and_who_why_and_until_is_recorded(app: Flask) -> None:
    firm, college = builders.an_enterprise(staff=30), builders.a_college()
    by = member(firm)
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get(builders.Tenant, college.tenant_id)).actor()
    position = over_by_one(firm)
    with pytest.raises(Invalid):
        service.publish(position, by=by)
    asked = service.ask_override(position, college.public_id, "新产线投产需要整班轮岗", by=by)
    assert (asked.rules, asked.over, asked.heads) == (["R10"], 1, 2)
    with pytest.raises(Invalid):
        service.publish(position, by=by)
    assert position.end_on is not None
    with pytest.raises(Invalid):
        service.answer_override(asked, True, "师傅充足", position.end_on - timedelta(1), by=officer)
    service.answer_override(asked, True, "师傅充足，场地合格", position.end_on, by=officer)
    service.publish(position, by=by)
    hold = db.session.scalars(sa.select(QuotaHold).where(QuotaHold.holder == position.public_id)).one()
    assert (hold.heads, hold.override_reason) == (2, "师傅充足，场地合格")
    assert (asked.state, asked.answered_by_id, asked.until_on) == ("granted", officer.person_id, position.end_on)
    assert queries.overrides_counted() == {"R10": (1, 1)}
    assert {"ask-override", "grant-override"} <= set(db.session.scalars(sa.select(AuditLine.act)))
    assert {"override-asked", "override-granted"} <= set(db.session.scalars(sa.select(Message.kind)))


def test_what_was_let_pass_covers_those_places_and_days_and_nothing_more(app: Flask) -> None:
    firm, college = builders.an_enterprise(staff=30), builders.a_college()
    by, officer = member(firm), builders.a_membership(Role.COLLEGE_HEAD, tenant=None).actor()
    position = over_by_one(firm)
    asked = service.ask_override(position, college.public_id, "新产线投产需要整班轮岗", by=by)
    service.answer_override(asked, True, "师傅充足，场地合格", position.end_on, by=officer)
    service.publish(position, by=by)
    for more in ({"places": 3}, {"end_on": position.end_on + timedelta(1)}):
        with pytest.raises(Invalid), db.session.begin_nested():
            service.edit(position, service.as_values(position) | more, by=by)
        db.session.expire_all()
    other = service.create(by, values(firm, places=1, family=position.family_id))
    with pytest.raises(Invalid):
        service.publish(other, by=by)


def test_a_question_is_answered_once_and_a_newer_one_takes_its_place(app: Flask) -> None:
    firm, college = builders.an_enterprise(staff=30), builders.a_college()
    by, officer = member(firm), builders.a_membership(Role.COLLEGE_HEAD).actor()
    position = over_by_one(firm)
    first = service.ask_override(position, college.public_id, "新产线投产需要整班轮岗", by=by)
    second = service.ask_override(position, college.public_id, "新产线投产，再次说明", by=by)
    db.session.refresh(first)
    assert (first.state, second.state) == ("replaced", "asked")
    with pytest.raises(Conflict):
        service.answer_override(first, True, "师傅充足，场地合格", position.end_on, by=officer)
    service.answer_override(second, False, "场地不足，暂不同意", None, by=officer)
    with pytest.raises(Conflict):
        service.answer_override(second, True, "师傅充足，场地合格", position.end_on, by=officer)
    assert db.session.scalars(sa.select(CapOverride.state).order_by(CapOverride.id)).all() == ["replaced", "refused"]


def test_who_is_within_the_share_or_has_no_head_count_has_nothing_to_ask(app: Flask) -> None:
    college = builders.a_college()
    for firm in (builders.an_enterprise(), builders.an_enterprise(staff=None)):
        position = service.create(head_of(firm), values(firm, places=1))
        with pytest.raises(Conflict):
            service.ask_override(position, college.public_id, "新产线投产需要整班轮岗", by=member(firm))
    position = over_by_one(builders.an_enterprise(staff=30))
    with pytest.raises(Invalid):
        service.ask_override(position, uuid.uuid4(), "kurz", by=head_of_tenant(position))


# ── templates and repetition ─────────────────────────────────────────────────────────────────────


def test_a_template_keeps_all_but_days_and_reasons_and_the_same_name_replaces_it(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm, pay_fen=200_000, pay_reason="含食宿与培训", must=[builders.a_skill(code="plc").code + ":3"])
    kept = service.keep_template(position, " 维修  常用 ", by=head_of(firm))
    again = service.keep_template(position, "维修 常用", by=head_of(firm))
    assert kept.id == again.id
    told = service.values_of(again)
    assert not {"start_on", "end_on", "closes_on", "pay_reason"} & set(told)
    made = service.create(head_of(firm), told)
    assert (made.title, made.state, made.start_on, [(s.skill.code, s.level) for s in made.skills]) == (position.title, "draft", None, [("plc", 3)])


def test_last_terms_posts_are_drafted_again_a_year_later_once(app: Flask) -> None:
    firm = builders.an_enterprise()
    by = head_of(firm)
    first, second = published(firm), published(firm)
    old = first.start_on - timedelta(365)
    first.start_on, first.end_on = old, old + timedelta(100)
    service.close(second, "filled", by=by)
    db.session.commit()
    assert set(queries.last_terms(by)) == {first, second}
    made, left = service.repeated([first, second], by=by)
    assert (len(made), left) == (2, 0)
    assert all(one.state == "draft" and one.start_on > clock.today() and one.published_at is None for one in made)
    assert (made[0].start_on.month, made[0].start_on.day) == (old.month, old.day)
    assert made[0].end_on - made[0].start_on in (timedelta(99), timedelta(100), timedelta(101))
    assert service.repeated([first, second], by=by) == ([], 2)


# ── jobs ─────────────────────────────────────────────────────────────────────────────────────────


def job(firm: Enterprise, **given: Any) -> dict[str, Any]:
    return values(firm, **{"kind": "job", "end_on": None, "family": 0, "pay_fen": 450_000, "contract_kind": "fixed", "contract_months": 24, "probation_months": 2, **given})


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"probation_months": 3}, "probation_months"), ({"contract_kind": "project", "probation_months": 1}, "probation_months"),
        ({"contract_kind": "open", "contract_months": None, "probation_months": 7}, "probation_months"), ({"pay_fen": 174_999}, "pay_fen"), ({"fees": True}, "fees"),
    ],
)  # fmt: skip
def test_a_job_is_judged_by_labour_law(app: Flask, given: dict[str, Any], field: str) -> None:
    assert field in refused_job(builders.an_enterprise(staff=5), **given)


def refused_job(firm: Enterprise, **given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        service.publish(service.create(head_of(firm), job(firm, **given)), by=head_of(firm))
    return {name: " ".join(map(str, said)) for name, said in error.value.fields.items()}


def test_a_job_uses_no_share_of_interns_and_no_rule_of_internships(app: Flask) -> None:
    firm = builders.an_enterprise(staff=5)
    told = service.judged(job(firm, places=50, night=True, labour_level=3), None, {}, by=head_of(firm))
    assert (told.shares, told.stops) == ([], {})
    assert {line.code[0] for line in told.lines} == {"J"}
    position = service.create(head_of(firm), job(firm, places=50, night=True))
    service.publish(position, by=head_of(firm))
    assert held(position) == 0
    assert service.judged(job(firm, contract_kind="open", contract_months=None, probation_months=6), None, {}, by=head_of(firm)).stops == {}


def test_the_minimum_wage_that_the_zone_entered_counts_from_its_day_on(app: Flask) -> None:
    firm = builders.an_enterprise()
    officer = builders.a_membership(Role.ZONE_OFFICER).actor()
    service.set_minimum_wage(300_000, clock.today() + timedelta(1), "粤府函〔2027〕1号", by=officer)
    assert service.judged(job(firm, pay_fen=200_000), None, {}, by=head_of(firm)).stops == {}
    service.set_minimum_wage(210_000, clock.today(), "粤府函〔2026〕9号", by=officer)
    said = refused_job(firm, pay_fen=200_000)["pay_fen"]
    assert "2,000" in said and "2,100" in said
    with pytest.raises(Invalid):
        service.set_minimum_wage(1, None, "", by=officer)
