"""Use cases of rounds, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.applications import service as applications
from consortium.applications.models import Application
from consortium.matching import lottery
from consortium.matching.problem import Columns
from consortium.messages.models import Message
from consortium.positions import service as positions
from consortium.reference import majors
from consortium.rounds import queries, rules, service, snapshot, tasks
from consortium.rounds.models import Round, RoundList, RoundPost, RoundResult, RoundRun, RoundSnapshot
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid, NotFound
from consortium.shared.i18n import in_language
from consortium.students import service as students
from tests import builders
from tests.rounds.play import Play, actor, at, values


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    """What is said is compared in one language, whatever the catalogues hold."""
    with in_language("en"):
        yield


@pytest.fixture
def play(app: Flask) -> Play:
    return Play()


def told(person_id: int) -> list[str]:
    return list(db.session.scalars(sa.select(Message.kind).where(Message.person_id == person_id).order_by(Message.id)))


def given(found: Round) -> dict[int, int | None]:
    """Student → post, as the results have it."""
    return dict(db.session.execute(sa.select(RoundResult.student_id, RoundResult.position_id).where(RoundResult.round_id == found.id)).all())


# ── making and announcing ────────────────────────────────────────────────────────────────────────


def test_a_draft_is_the_zones_alone_and_an_announced_round_everybodys(play: Play) -> None:
    draft = play.round(announced=False)
    with pytest.raises(NotFound):
        queries.reachable(actor(play.members[0]), draft.public_id)
    assert queries.reachable(play.by_zone, draft.public_id) is draft
    service.announce(draft, by=play.by_zone)
    assert queries.reachable(actor(play.members[0]), draft.public_id) is draft
    assert queries.reachable(actor(play.bosses[0]), draft.public_id) is draft
    assert told(play.bosses[0].person_id) == told(play.officer.person_id) == ["round-announced"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("lists_close_at", {"lists_close_at": -5}), ("orders_close_at", {"orders_close_at": 0.5}), ("publish_at", {"publish_at": 2}),
        ("end_on", {"end_on": None}), ("majors", {"majors": ["M:999999"]}), ("year_to", {"year_from": 2025, "year_to": 2024}), ("name_zh", {"name_zh": " "}),
        ("codes", {"codes": [{"code": "a", "kind": "priority", "name_zh": "a"}] * 2}), ("colleges", {"colleges": [987654]}),
    ],
)  # fmt: skip
def test_what_a_round_cannot_be_is_said_at_the_field(play: Play, field: str, change: dict[str, Any]) -> None:
    now = clock.now()
    wrong = {name: now + timedelta(days=value) if name.endswith("_at") else value for name, value in change.items()}
    if "end_on" in wrong:
        wrong["end_on"] = clock.today()
    with pytest.raises(Invalid) as refused:
        service.create(values(**wrong), by=play.by_zone)
    assert list(refused.value.fields) == [field]


def test_the_lottery_is_committed_to_beforehand_with_a_seed_of_128_bits_and_every_student_can_check_it(play: Play) -> None:
    draft = play.round(announced=False)
    assert draft.commitment == ""
    assert queries.lottery_number(draft, play.students[0]) == ""
    service.announce(draft, by=play.by_zone)
    seed, nonce = queries.seed_of(draft)
    assert lottery.keeps(draft.commitment, seed, nonce)
    assert draft.committed_at is not None
    assert queries.lottery_number(draft, play.students[0]) == lottery.shown(seed, str(play.students[0].public_id))
    others = [play.round() for _ in range(8)]
    assert max(queries.seed_of(one)[0].bit_length() for one in others) > 100
    assert len({one.commitment for one in others}) == 8


def test_of_an_announced_round_only_names_and_later_instants_can_be_changed(play: Play) -> None:
    found = play.round()
    later = values(name_zh="改名", most_ranked=3, majors=["C:4603"], publish_at=clock.now() + timedelta(days=9), codes=[{"code": "x", "kind": "priority", "name_zh": "x"}])
    service.edit(found, later, by=play.by_zone)
    assert (found.name_zh, found.most_ranked, found.majors, found.codes) == ("改名", 10, [], [])
    assert found.publish_at == later["publish_at"]
    play.all_hand_in(found)
    play.frozen(found)
    with pytest.raises(Conflict):
        service.edit(found, values(), by=play.by_zone)


@pytest.mark.parametrize(
    ("cohort", "belongs"),
    [({}, True), ({"majors": ["M:460301"]}, True), ({"majors": ["C:0603"]}, None), ({"majors": ["M:510101"]}, False), ({"year_from": 2000, "year_to": 2001}, False), ({"year_from": 2001}, True)],
)  # fmt: skip
def test_only_the_cohort_reaches_a_round(play: Play, cohort: dict[str, Any], belongs: bool | None) -> None:
    major = majors.find("460301")
    assert major is not None
    if belongs is None:
        cohort, belongs = {"majors": [f"C:{major.class_key}"]}, True
    found = play.round(**cohort)
    assert queries.belongs(found, play.students[0]) is belongs
    assert bool(queries.listing(actor(play.members[0]), 1).rows) is belongs


def test_a_round_of_one_college_is_out_of_reach_of_another(play: Play) -> None:
    other = builders.a_college()
    found = play.round(colleges=[other.tenant_id])
    for member in (play.members[0], play.officer):
        with pytest.raises(NotFound):
            queries.reachable(actor(member), found.public_id)


# ── enterprises ──────────────────────────────────────────────────────────────────────────────────


def test_a_post_takes_part_with_the_places_it_has_within_the_window_and_under_the_caps(play: Play) -> None:
    found = play.round(with_posts=False)
    with pytest.raises(Invalid) as refused:
        play.take_part(found, play.posts[0], play.bosses[0], places=2)
    assert "places" in refused.value.fields
    outside = builders.a_position(play.firms[0], start_on=clock.today() + timedelta(days=1))
    with pytest.raises(Conflict):
        play.take_part(found, outside, play.bosses[0])
    with pytest.raises(NotFound):
        play.take_part(found, play.posts[1], play.bosses[0])
    small = builders.an_enterprise(staff=20)
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get(builders.Tenant, small.tenant_id))
    crowded = builders.a_position(small, places=5)
    with pytest.raises(Invalid) as over:
        play.take_part(found, crowded, boss, places=5)
    assert "R10" in str(over.value.fields["places"][0])
    assert "3" in str(over.value.fields["places"][0])  # 5 asked, 2 under the cap of 10 %
    assert play.take_part(found, crowded, boss, places=2).places == 2


def test_seats_are_reserved_only_for_a_declared_joint_class_and_within_the_places(play: Play) -> None:
    found = play.round(with_posts=False, codes=[{"code": "joint", "kind": "seats", "name_zh": "订单班"}, {"code": "poor", "kind": "priority", "name_zh": "困难"}])
    for reserved in ({"poor": 1}, {"nobody": 1}, {"joint": 3}):
        with pytest.raises(Invalid) as refused:
            play.take_part(found, play.posts[1], play.bosses[1], reserved=reserved)
        assert list(refused.value.fields) == ["reserved"]
    assert play.take_part(found, play.posts[1], play.bosses[1], reserved={"joint": 2}).reserved == {"joint": 2}


def test_a_post_that_leaves_mid_round_is_told_to_who_listed_it_and_gives_nothing(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    post = queries.posts(found)[0]
    with pytest.raises(Invalid):
        service.leave(post, by=actor(play.bosses[0]), reason="because")
    service.leave(post, by=actor(play.bosses[0]), reason="capacity")
    assert "round-post-left" in told(play.members[0].person_id)
    run = play.published(found)
    assert play.posts[0].id not in given(found).values()
    assert run.report["blocking_pairs"] == 0
    with at(found.publish_at):
        lines = service.why(found, play.students[0]).lines
    assert lines[0].state == "passed-over"
    assert "had left the round" in lines[0].text


def test_closing_a_post_takes_it_out_of_the_round(play: Play) -> None:
    found = play.round()
    positions.close(play.posts[0], "filled", by=actor(play.bosses[0]))
    assert [post.state for post in queries.posts(found, left=True)] == ["left", "takes_part", "takes_part"]


def test_an_enterprise_orders_candidates_by_pseudonym_and_refuses_only_for_the_work(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    post = queries.posts(found)[0]
    names = [one.alias for one in queries.candidates(post)]
    boss = actor(play.bosses[0])
    with pytest.raises(Invalid):
        service.order(post, ["A-000000"], {}, by=boss)
    with pytest.raises(Invalid):
        service.order(post, [], {names[0]: "too-young"}, by=boss)
    service.order(post, [names[3]], {names[0]: "skills"}, by=boss)
    again = queries.candidates(post)
    assert [again[0].alias, again[-1].alias] == [names[3], names[0]]
    chosen, refused = again[0].student, again[-1].student
    play.published(found)
    assert given(found)[chosen.id] == play.posts[0].id
    with at(found.publish_at):
        lines = service.why(found, refused).lines
        other = next(s for s in play.students if s not in (chosen, refused))
        theirs = service.why(found, other).lines
    assert lines[0].state == "passed-over"
    assert "knowing no names" in lines[0].text
    assert "the enterprise put before you" in theirs[0].text


# ── students ─────────────────────────────────────────────────────────────────────────────────────


def test_a_student_hands_in_changes_takes_back_and_hands_in_again(play: Play) -> None:
    found = play.round()
    row = play.hand_in(found, 0, 0, 1)
    assert [choice.position_id for choice in row.choices] == [play.posts[0].id, play.posts[1].id]
    row = play.hand_in(found, 0, 1, 0)
    db.session.expire_all()
    assert [choice.position_id for choice in queries.list_of(found, play.students[0]).choices] == [play.posts[1].id, play.posts[0].id]  # type: ignore[union-attr]
    assert queries.demand(found)[play.posts[1].id] == queries.Demand(1, 1)
    service.take_back(found, play.students[0], by=actor(play.members[0]))
    assert queries.demand(found) == {}
    assert play.hand_in(found, 0, 2).state == "handed_in"


def test_who_has_no_consent_an_acceptance_or_no_right_to_a_post_cannot_list_it(play: Play) -> None:
    found = play.round()
    loner = builders.a_student(play.college, consented=False)
    with pytest.raises(Conflict) as refused:
        service.hand_in(found, loner, [play.posts[0].id], fill=False, by=actor(builders.a_student_member(loner)))
    assert refused.value.code == "no-consent"
    with pytest.raises(Invalid):
        play.hand_in(found, 0)
    nurse = builders.a_student(play.college, major_code="520201")
    with pytest.raises(Conflict) as unlawful:
        service.hand_in(found, nurse, [play.posts[0].id], fill=False, by=actor(builders.a_student_member(nurse)))
    assert unlawful.value.code == "unlawful"
    assert not any(one.open for one in queries.options(found, nurse)[1].rows)
    assert all(one.open for one in queries.options(found, play.students[0])[1].rows)
    elsewhere = builders.a_position(play.firms[0])
    with pytest.raises(NotFound):
        service.hand_in(found, play.students[0], [elsewhere.id], fill=False, by=actor(play.members[0]))


def test_a_list_that_is_only_noted_takes_no_part_and_is_counted_nowhere(play: Play) -> None:
    found = play.round()
    me = actor(play.members[0])
    assert service.note(found, play.students[0], [play.posts[0].id], fill=False, by=me).state == "begun"
    assert queries.demand(found) == {}
    assert queries.handed_in(found) == 0
    assert service.note(found, play.students[0], [], fill=False, by=me).state == "begun"
    play.hand_in(found, 0, 1)
    assert service.note(found, play.students[0], [play.posts[0].id], fill=True, by=me).state == "handed_in"
    with pytest.raises(Invalid):
        service.note(found, play.students[0], [], fill=False, by=me)


def test_a_list_is_no_longer_than_the_round_says(play: Play) -> None:
    found = play.round(most_ranked=2)
    with pytest.raises(Invalid) as refused:
        play.hand_in(found, 0, 0, 1, 2)
    assert "1" in str(refused.value.fields["post"][0])


def test_lists_open_and_close_at_the_instant(play: Play) -> None:
    found = play.round(opens_at=clock.now() + timedelta(hours=1))
    for instant, code in ((clock.now(), "not-yet"), (found.lists_close_at, "closed")):
        with at(instant), pytest.raises(Conflict) as refused:
            play.hand_in(found, 0, 0)
        assert refused.value.code == code
    with at(found.opens_at):
        play.hand_in(found, 0, 0)
    with at(found.lists_close_at), pytest.raises(Conflict):
        service.take_back(found, play.students[0], by=actor(play.members[0]))


def test_who_accepts_elsewhere_or_withdraws_consent_is_taken_out_and_told(play: Play) -> None:
    found = play.round()
    play.hand_in(found, 0, 0)
    play.hand_in(found, 1, 0)
    outside = builders.a_position(play.firms[2])
    offered = applications.offer(play.students[0], outside, by=actor(play.bosses[2]))
    db.session.commit()
    applications.accept(offered, by=actor(play.members[0]))
    students.withdraw(play.students[1], "matching", by=actor(play.members[1]))
    rows = {row.student_id: (row.state, row.reason) for row in db.session.scalars(sa.select(RoundList))}
    assert rows == {play.students[0].id: ("dropped", "accepted-elsewhere"), play.students[1].id: ("dropped", "consent-withdrawn")}
    assert "round-dropped" in told(play.members[0].person_id)
    assert "round-dropped" in told(play.members[1].person_id)


def test_what_a_college_declares_is_seen_by_the_student_and_decides_within_her_own_list(play: Play) -> None:
    found = play.round(codes=[{"code": "poor", "kind": "priority", "name_zh": "家庭困难", "name_en": "hardship"}])
    play.all_hand_in(found)
    last = play.students[-1]
    strange = service.bear(found, "poor", [last.student_no, "no-such"], by=actor(play.officer))
    assert strange == ["no-such"]
    assert [code.code for code in queries.codes_of(found, last)] == ["poor"]
    play.published(found)
    assert given(found)[last.id] == play.posts[0].id
    basis = dict(db.session.execute(sa.select(RoundResult.student_id, RoundResult.basis)).all())
    assert basis[last.id] == "priority:poor"
    with at(found.publish_at):
        assert "hardship" in service.why(found, play.students[0]).lines[0].text or "困难" in service.why(found, play.students[0]).lines[0].text


def test_a_reserved_seat_goes_to_a_member_of_the_joint_class(play: Play) -> None:
    found = play.round(with_posts=False, codes=[{"code": "joint", "kind": "seats", "name_zh": "订单班"}])
    play.take_part(found, play.posts[0], play.bosses[0], reserved={"joint": 1})
    member = play.students[-1]
    service.bear(found, "joint", [member.student_no], by=actor(play.officer))
    for n in range(6):
        play.hand_in(found, n, 0)
    play.published(found)
    assert [student for student, post in given(found).items() if post] == [member.id]


# ── freezing, trying, choosing ───────────────────────────────────────────────────────────────────


def test_nobody_is_cut_short_and_the_clock_freezes_what_is_due(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    for instant in (clock.now(), found.lists_close_at):  # enterprises may still put candidates in order
        with at(instant), pytest.raises(Conflict) as early:
            service.freeze(found, by=play.by_zone)
        assert early.value.code == "too-early"
    with at(found.orders_close_at):
        assert service.freeze_due() == 1
        assert service.freeze_due() == 0
    assert found.state == "frozen"


def test_a_dry_run_compares_three_scenarios_and_shows_nobody_anything(play: Play) -> None:
    found = play.round(codes=[{"code": "poor", "kind": "priority", "name_zh": "困难"}, {"code": "joint", "kind": "seats", "name_zh": "订单班"}])
    play.all_hand_in(found)
    trial = play.tried(found)
    runs = queries.runs_of(trial)
    assert [run.scenario for run in runs] == ["declared", "no-priorities", "no-reserved"]
    for run in runs:
        assert run.figures["blocking_pairs"] == 0
        assert run.figures["placed"] == 5
        assert run.report["price"]["exact"]
        assert len(run.digest) == len(run.input_hash) == 64
        assert run.versions["consortium"]
        assert abs(sum(run.weights.values()) - 1) < 1e-9
    assert found.state == "announced"
    assert given(found) == {}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 0


def test_an_edit_after_the_snapshot_is_told_and_the_run_stays_on_its_snapshot(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    trial = play.tried(found)
    taken = queries.snapshot_of(trial)
    assert taken is not None
    assert not queries.changes_since(taken)
    play.hand_in(found, 0, 2)
    play.students[1].wish = "另一件事"
    db.session.flush()
    assert queries.changes_since(taken) == queries.Changes(1, 1, 0)
    positions.edit(play.posts[0], {"title": "改了名的岗位"}, by=actor(play.bosses[0]))
    assert queries.changes_since(taken).posts == 1
    run = queries.runs_of(trial)[0]
    assert service.verified(run) == (True, run.digest)


def test_the_same_snapshot_and_seed_give_the_same_bytes_and_a_changed_result_is_found_out(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    first = play.frozen(found)
    second = play.tried(found, "declared", "skills", "plain")
    assert first.snapshot_id == second.snapshot_id
    one, other = queries.runs_of(first)[0], queries.runs_of(second)[0]
    assert (one.digest, one.input_hash) == (other.digest, other.input_hash)
    for run in queries.runs_of(second):
        assert service.verified(run)[0]
    one.digest = "0" * 64
    assert service.verified(one)[0] is False


def test_only_a_run_on_the_latest_frozen_snapshot_can_be_chosen(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    early = queries.runs_of(play.tried(found))[0]
    with pytest.raises(Conflict):
        service.approve(found, early, publish_at=found.publish_at, reason="", by=play.by_zone)
    db.session.rollback()
    trial = play.frozen(found)
    run = queries.runs_of(trial)[0]
    with pytest.raises(Conflict) as old:
        service.approve(found, early, publish_at=found.publish_at, reason="", by=play.by_zone)
    assert old.value.code == "old-snapshot"
    service.leave(queries.posts(found)[0], by=actor(play.bosses[0]), reason="capacity")
    with pytest.raises(Conflict) as changed:
        service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    assert changed.value.code == "posts-changed"
    fresh = queries.runs_of(play.tried(found, anew=True))
    with pytest.raises(Invalid) as past:
        service.approve(found, fresh[0], publish_at=clock.now(), reason="", by=play.by_zone)
    assert "publish_at" in past.value.fields
    with pytest.raises(Invalid) as unsaid:
        service.approve(found, fresh[1], publish_at=found.publish_at, reason=" ", by=play.by_zone)
    assert "reason" in unsaid.value.fields
    service.approve(found, fresh[0], publish_at=found.publish_at, reason="", by=play.by_zone)
    assert found.state == "approved"
    with pytest.raises(Conflict):  # settled: it is somebody's now
        service.leave(queries.posts(found)[0], by=actor(play.bosses[1]), reason="capacity")


def test_an_approval_can_be_taken_back_before_its_instant_and_not_after(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = queries.runs_of(play.frozen(found))[0]
    service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    service.reconsider(found, by=play.by_zone)
    assert (found.state, given(found)) == ("frozen", {})
    service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    with at(found.publish_at), pytest.raises(Conflict):
        service.reconsider(found, by=play.by_zone)


def test_results_are_out_for_all_at_the_set_instant_and_not_a_moment_before(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = queries.runs_of(play.frozen(found))[0]
    service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    db.session.commit()
    just_before = found.publish_at - timedelta(microseconds=1)
    with at(just_before):
        tasks.work_here()
        for student in play.students:
            assert queries.result_of(found, student) is None
            why = service.why(found, student)
            assert (why.result, why.lines) == (None, [])
        for reader in (play.by_zone, actor(play.officer), actor(play.bosses[0])):
            assert queries.results(found, reader).total == 0
        assert service.why_posts(found, play.bosses[0].tenant_id) == []
    with at(found.publish_at):  # before any worker has moved
        assert all(queries.result_of(found, student) for student in play.students)
        assert queries.results(found, play.by_zone).total == 6


def test_results_are_offers_that_stand_for_48_hours_and_may_be_declined_without_penalty(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    play.published(found)
    offers = list(db.session.scalars(sa.select(Application)))
    assert len(offers) == 5
    assert {one.state for one in offers} == {"offered"}
    assert {one.answer_by for one in offers} == {found.publish_at + timedelta(hours=48)}
    assert not any(one.identity_open for one in offers)
    assert all("round-result" in told(member.person_id) for member in play.members)
    one = offers[0]
    member = next(m for m, s in zip(play.members, play.students, strict=True) if s.id == one.student_id)
    applications.decline(one, by=actor(member), reason="other")
    assert one.state == "declined"
    assert one.position.seats.taken == 0
    other = offers[1]
    member = next(m for m, s in zip(play.members, play.students, strict=True) if s.id == other.student_id)
    applications.accept(other, by=actor(member))
    assert other.state == "accepted"


def test_sending_twice_sends_once(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    play.published(found)
    steps = db.session.scalar(sa.select(sa.func.count()).select_from(Application))
    with at(found.publish_at + timedelta(minutes=1)):
        tasks.work_here()
        tasks.send_results()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == steps
    assert service.send_results() == 0


def test_who_was_placed_between_freeze_and_publication_gets_no_second_offer_and_reads_why(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = queries.runs_of(play.frozen(found))[0]
    service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    winner_id = next(student for student, post in given(found).items() if post == play.posts[0].id)
    n = next(n for n, s in enumerate(play.students) if s.id == winner_id)
    offered = applications.offer(play.students[n], builders.a_position(play.firms[2]), by=actor(play.bosses[2]))
    db.session.commit()
    applications.accept(offered, by=actor(play.members[n]))
    db.session.commit()
    with at(found.publish_at):
        tasks.work_here()
        db.session.expire_all()
        why = service.why(found, play.students[n])
    assert why.result is not None
    assert why.result.trouble == "placed"
    assert "another offer" in str(why.headline)


def test_the_seed_is_revealed_and_keeps_the_commitment_and_every_number_can_be_recomputed(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = play.published(found)
    seed, nonce = queries.seed_of(found)
    assert lottery.keeps(found.commitment, seed, nonce)
    kept = snapshot.opened(run.public_id)
    assert kept.prepared.problem.seed == seed
    for i, key in enumerate(kept.students.key):
        assert kept.number(int(kept.prepared.turns[0][i])) == lottery.shown(seed, str(key))


def test_a_second_round_has_the_open_places_and_nobody_who_is_placed(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    play.published(found)
    later = {name: at_ for name, at_ in values().items() if name.endswith("_at")}
    with pytest.raises(Conflict):
        service.second(found, later, by=play.by_zone)
    db.session.rollback()
    offers = list(db.session.scalars(sa.select(Application).order_by(Application.id)))
    accepted = [one for one in offers if one.position_id != play.posts[1].id]
    with at(found.publish_at + timedelta(hours=1)):
        for one in accepted:
            n = next(n for n, s in enumerate(play.students) if s.id == one.student_id)
            applications.accept(one, by=actor(play.members[n]))
        db.session.commit()
    with at(found.publish_at + timedelta(hours=49)):
        applications.expire_overdue()
        db.session.commit()
        now = clock.now()
        calendar = {"opens_at": now, "lists_close_at": now + timedelta(days=1), "orders_close_at": now + timedelta(days=1), "publish_at": now + timedelta(days=2)}
        other = service.second(found, calendar, by=play.by_zone)
        assert [(post.position_id, post.places) for post in queries.posts(other)] == [(play.posts[1].id, 2)]
        service.announce(other, by=play.by_zone)
        free = [n for n, s in enumerate(play.students) if s.id not in {one.student_id for one in accepted}]
        taken = next(n for n, s in enumerate(play.students) if s.id == accepted[0].student_id)
        with pytest.raises(Conflict):
            play.hand_in(other, taken, 1)
        for n in free:
            play.hand_in(other, n, 1)
        with pytest.raises(Conflict):
            service.second(found, calendar, by=play.by_zone)
    run = play.published(other)
    assert run.report["placed"] == 2
    with at(other.publish_at + timedelta(hours=49)):
        service.end(found, by=play.by_zone)
    assert found.state == "ended"


def test_books_are_closed_only_when_everybody_had_the_time_to_answer(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    play.published(found)
    with at(found.publish_at + timedelta(hours=47)), pytest.raises(Conflict):
        service.end(found, by=play.by_zone)
    with at(found.publish_at + timedelta(hours=48)):
        service.end(found, by=play.by_zone)


def test_a_cancelled_round_tells_everybody_and_sends_nothing(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    service.cancel(found, by=play.by_zone)
    assert "round-cancelled" in told(play.members[0].person_id)
    assert "round-cancelled" in told(play.bosses[0].person_id)
    with pytest.raises(Conflict):
        service.freeze(found, by=None)


# ── truth of what is said ────────────────────────────────────────────────────────────────────────


def test_had_it_been_first_it_would_have_been_refused_all_the_same(app: Flask) -> None:
    play = Play(5, (1, 1, 2))
    found = play.round()
    lists = [(0, 1, 2), (0, 1, 2), (1, 0), (0, 2), (1, 0, 2)]
    for n, posts in enumerate(lists):
        play.hand_in(found, n, *posts)
    play.published(found)
    run = queries.chosen_run(found)
    assert run is not None
    kept = snapshot.opened(run.public_id)
    with at(found.publish_at):
        said = [service.why(found, student).lines for student in play.students]
    tested = 0
    for n, lines in enumerate(said):
        i = kept.prepared.row_of[0][str(play.students[n].public_id)]
        for line in lines:
            if line.state != "refused" or line.place == 1:
                continue
            assert any("Had you put it first" in more for more in line.more)
            data = {name: column.copy() for name, column in kept.students.data.items()}
            own = list(data["ranking"][i])
            wanted = own.pop(line.place - 1)
            data["ranking"][i] = (wanted, *own)
            problem = replace(kept.prepared.problem, students=Columns("students", kept.students.key, data))
            other = replace(kept.prepared, problem=problem)
            for name in ("student_rows", "position_rows"):
                other.__dict__[name] = getattr(kept.prepared, name)
            outcome = snapshot.outcome(other, rules.scenario("declared"))
            got = outcome.assigned[i]
            assert got < 0 or str(kept.positions.key[got]) != wanted
            tested += 1
    assert tested


def test_scores_lottery_numbers_and_places_in_a_reason_are_those_of_the_assignment(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = play.published(found)
    kept = snapshot.opened(run.public_id)
    with at(found.publish_at):
        for student in play.students:
            why = service.why(found, student)
            i = kept.prepared.row_of[0][str(student.public_id)]
            for line, step in zip(why.lines, kept.reasons.of(i), strict=True):
                assert line.title in line.text
                if step.state == "refused" and step.decided == "points":
                    assert f"{step.last.points / 10_000:.1f}" in line.text  # type: ignore[union-attr]
                    assert f"{step.own.points / 10_000:.1f}" in line.text
                if step.state == "refused" and step.decided == "lottery":
                    assert why.number in line.text
                    assert kept.number(step.last.turn) in line.text  # type: ignore[union-attr]
                    assert kept.number(step.last.turn).replace(" ", "") < why.number.replace(" ", "")


def test_an_enterprise_reads_why_its_places_are_filled_or_not(play: Play) -> None:
    found = play.round()
    play.hand_in(found, 0, 0)
    play.hand_in(found, 1, 0, 1)
    play.published(found)
    with at(found.publish_at):
        told_of = [service.why_posts(found, boss.tenant_id)[0] for boss in play.bosses]
    assert [(one.listed, one.offered, one.left, one.reason) for one in told_of] == [(2, 1, 0, ""), (1, told_of[1].offered, 2 - told_of[1].offered, told_of[1].reason), (0, 0, 2, "nobody-listed")]


def test_snapshots_and_runs_are_kept_and_nobody_in_them_is_named(play: Play) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = play.published(found)
    taken = db.session.get_one(RoundSnapshot, run.snapshot_id)
    raw = taken.prepared + run.kept + str(taken.beside).encode()
    for student in play.students:
        assert student.name.encode() not in raw
        assert student.student_no.encode() not in raw
    assert taken.frozen
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoundRun)) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RoundPost)) == 3


def test_a_round_can_be_made_again_after_one_of_its_students_is_erased_and_holds_her_words_no_more(play: Play) -> None:
    student = play.students[0]
    student.about = "只有我写的话"
    db.session.commit()
    found = play.round()
    play.all_hand_in(found)
    run = play.published(found)
    words = student.about.encode()

    def kept() -> list[bytes]:
        return list(db.session.scalars(sa.select(RoundSnapshot.prepared).where(RoundSnapshot.round_id == found.id)))

    assert any(words in one for one in kept())
    assert service.forget_words(student.id) >= 1
    assert not any(words in one for one in kept())
    db.session.expire_all()
    assert service.verified(run)[0]
