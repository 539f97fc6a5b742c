"""Writing, publishing, pausing, closing and copying posts; the ledger of places; seats."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.organisations.models import Enterprise, QuotaHold
from consortium.positions import queries, service
from consortium.positions.models import Position, Seats
from consortium.shared import clock
from consortium.shared.access import Actor, Role, TenantKind
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from tests import builders


def head_of(enterprise: Enterprise) -> Actor:
    return Actor(1, 1, enterprise.tenant_id, TenantKind.ENTERPRISE, Role.ENTERPRISE_HEAD)


def values(enterprise: Enterprise, **given: Any) -> dict[str, Any]:
    """A lawful internship as the form tells it."""
    start = clock.today() + timedelta(days=60)
    family = given.pop("family", None) or builders.a_family(enterprise).id
    return {
        "kind": "internship", "title": "设备维修技术员", "duties": "点检与维修", "tasks": ["点检", "排查"], "places": 3, "family": family,
        "occupation_code": "", "place_code": "441802400", "start_on": start, "end_on": start + timedelta(days=170), "majors": ["C:0603"], "must": [],
        "nice": [], "pay_fen": 350_000, "same_post_pay_fen": 400_000, "lowest_grade_fen": 300_000, "pay_to_student": True, "pay_in_kind": False,
        "pay_period_days": 30, "fees": False, "hours_per_day": 8.0, "hours_per_week": 40.0, "night": False, "rest_days": False, "overtime": False,
        "hazards": [], "labour_level": 2, "venue": "factory", "filings": [], **given,
    }  # fmt: skip


def published(enterprise: Enterprise, **given: Any) -> Position:
    position = service.create(head_of(enterprise), values(enterprise, **given))
    service.publish(position, by=head_of(enterprise))
    return position


def refused(enterprise: Enterprise, **given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as error:
        published(enterprise, **given)
    return {name: " ".join(map(str, said)) for name, said in error.value.fields.items()}


def held(position: Position) -> int:
    return db.session.scalar(sa.select(sa.func.sum(QuotaHold.heads)).where(QuotaHold.holder == position.public_id)) or 0


def test_a_lawful_post_is_drafted_then_published_and_holds_its_places(app: Flask) -> None:
    position = published(builders.an_enterprise())
    assert (position.state, held(position)) == ("open", 3)
    assert position.published_at is not None
    acts = set(db.session.scalars(sa.select(AuditLine.act)))
    assert {"create-position", "publish-position"} <= acts


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"venue": "bar"}, "venue", "酒吧"),
        ({"labour_level": 3}, "labour_level", "Ⅲ级"),
        ({"labour_level": None}, "labour_level", "Ⅲ级"),
        ({"hazards": ["height"]}, "hazards", "备案"),
        ({"rest_days": True}, "rest_days", "休息日"),
        ({"night": True}, "night", "夜班"),
        ({"hours_per_week": 45.0}, "hours_per_week", "44"),
        ({"pay_to_student": False}, "pay_to_student", "直接支付"),
        ({"fees": True}, "fees", "押金"),
        ({"fees": None}, "fees", "押金"),
        ({"title": "仅限男生的维修岗"}, "title", "仅限男"),
        ({"duties": "须交培训费"}, "duties", "培训费"),
        ({"tasks": ["点检", "自备服装费"]}, "tasks", "服装费"),
        ({"start_on": None}, "start_on", ""),
        ({"end_on": None}, "end_on", ""),
        ({"start_on": clock.today() - timedelta(1)}, "start_on", ""),
    ],
)
def test_an_unlawful_internship_is_refused_beside_its_field_with_the_rules_words(
    app: Flask, given: dict[str, Any], field: str, words: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh"}):
        assert words in refused(builders.an_enterprise(), **given)[field]


def test_all_that_is_wrong_is_told_at_once(app: Flask) -> None:
    assert {"venue", "fees", "night", "family", "start_on"} <= set(refused(builders.an_enterprise(), venue="ktv", fees=True, night=True, start_on=None, family=None) | {"family": ""})


def test_a_filing_opens_night_work(app: Flask) -> None:
    firm = builders.an_enterprise()
    paper = builders.a_filing(firm, verified=False)
    assert "night" in refused(firm, night=True, filings=["R26"])  # what the firm says of itself opens nothing
    paper.verified_at = clock.now()
    assert published(firm, night=True).state == "open"


def test_pay_below_both_floors_needs_a_recorded_reason(app: Flask) -> None:
    firm = builders.an_enterprise()
    said = refused(firm, pay_fen=200_000)
    assert "2,000" in said["pay_fen"]
    assert "3,200" in said["pay_fen"]
    assert "pay_reason" in said
    position = published(firm, pay_fen=200_000, pay_reason="含食宿与培训")
    assert position.warnings_accepted == {"R27a": "含食宿与培训"}


def test_a_blank_reason_is_none(app: Flask) -> None:
    assert "pay_reason" in refused(builders.an_enterprise(), pay_fen=200_000, pay_reason="  ")


def test_an_unverified_host_posts_drafts_only(app: Flask) -> None:
    assert "title" in refused(builders.an_enterprise(verified_at=None))


@pytest.mark.parametrize(("industry", "field"), [("9012", "venue"), ("7263", "title")])
def test_what_the_firm_is_counts_more_than_what_the_post_declares(app: Flask, industry: str, field: str) -> None:
    assert field in refused(builders.an_enterprise(industry_code=industry))


def test_a_job_needs_no_internship_rules_but_its_own(app: Flask) -> None:
    firm = builders.an_enterprise(staff=5)
    job = published(firm, kind="job", end_on=None, overtime=True, family=0, pay_in_kind=None, labour_level=None)
    assert (job.state, held(job)) == ("open", 0)
    assert "fees" in refused(firm, kind="job", fees=True)
    assert "pay_fen" in refused(firm, kind="job", pay_fen=100_000)
    assert "probation_months" in refused(firm, kind="job", contract_months=12, probation_months=6)


def test_over_the_cap_is_told_with_all_numbers(app: Flask) -> None:
    firm = builders.an_enterprise(staff=180)
    family = builders.a_family(firm, staff=200)
    published(firm, places=11, family=family.id)
    said = refused(firm, places=8, family=family.id)["places"]
    for number in ("1", "10%", "18", "11", "8"):
        assert number in said
    assert published(firm, places=7, family=family.id).state == "open"


def test_the_kind_of_post_has_its_own_cap(app: Flask) -> None:
    firm = builders.an_enterprise(staff=1000)
    family = builders.a_family(firm, staff=20)
    assert "20%" in refused(firm, places=5, family=family.id)["places"]
    assert published(firm, places=4, family=family.id).state == "open"


def test_a_firm_of_nine_takes_no_interns(app: Flask) -> None:
    assert "places" in refused(builders.an_enterprise(staff=9), places=1)


def test_without_a_head_count_no_intern_is_counted(app: Flask) -> None:
    assert "places" in refused(builders.an_enterprise(staff=None))


def test_other_days_free_the_places(app: Flask) -> None:
    firm = builders.an_enterprise(staff=30)
    published(firm, places=3)
    assert "places" in refused(firm, places=1)
    later = clock.today() + timedelta(days=300)
    assert published(firm, places=3, start_on=later, end_on=later + timedelta(days=90)).state == "open"


def test_pausing_keeps_the_places_and_closing_gives_back_what_nobody_took(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm)
    service.take_seat(position.id)
    db.session.expire(position.seats)
    service.pause(position, by=head_of(firm))
    assert (position.state, held(position)) == ("paused", 3)
    service.close(position, "filled", by=head_of(firm))
    assert (position.state, held(position)) == ("closed", 1)
    service.publish(position, by=head_of(firm))
    assert (position.state, held(position)) == ("open", 3)


def test_a_closed_post_that_nobody_took_holds_nothing(app: Flask) -> None:
    firm = builders.an_enterprise()
    position = published(firm)
    service.close(position, "filled", by=head_of(firm))
    assert held(position) == 0


def test_an_open_post_stays_lawful_when_it_is_changed(app: Flask) -> None:
    firm = builders.an_enterprise()
    family = builders.a_family(firm)
    position = published(firm, family=family.id)
    with pytest.raises(Invalid) as error:
        service.edit(position, values(firm, family=family.id, venue="bar"), by=head_of(firm))
    assert "venue" in error.value.fields
    db.session.rollback()


def test_a_draft_may_be_unlawful_and_incomplete(app: Flask) -> None:
    firm = builders.an_enterprise()
    draft = service.create(head_of(firm), values(firm, venue="bar", start_on=None, pay_fen=None))
    assert draft.state == "draft"
    assert held(draft) == 0


def test_only_a_draft_changes_its_kind(app: Flask) -> None:
    firm = builders.an_enterprise()
    family = builders.a_family(firm).id
    draft = service.create(head_of(firm), values(firm, family=family))
    service.edit(draft, values(firm, family=family, kind="job"), by=head_of(firm))
    assert draft.kind == "job"
    opened = published(firm, family=family)
    with pytest.raises(Invalid) as error:
        service.edit(opened, values(firm, family=family, kind="job"), by=head_of(firm))
    assert set(error.value.fields) == {"kind"}


def test_changing_majors_alone_raises_the_version(app: Flask) -> None:
    firm = builders.an_enterprise()
    family = builders.a_family(firm).id
    given = values(firm, family=family)
    draft = service.create(head_of(firm), given)
    before = draft.version
    service.edit(draft, {**given, "majors": ["M:460301"]}, by=head_of(firm))
    assert draft.version > before
    assert [(m.depth, m.code) for m in draft.majors] == [("major", "460301")]


def test_places_never_fall_below_those_taken(app: Flask) -> None:
    firm = builders.an_enterprise()
    family = builders.a_family(firm).id
    position = published(firm, family=family)
    for _turn in range(2):
        service.take_seat(position.id)
    db.session.expire(position.seats)
    with pytest.raises(Invalid) as error:
        service.edit(position, values(firm, family=family, places=1), by=head_of(firm))
    assert "places" in error.value.fields


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"majors": ["C:9999"]}, "majors"),
        ({"must": ["nothing"]}, "must"),
        ({"occupation_code": "9-99"}, "occupation_code"),
        ({"place_code": "000"}, "place_code"),
        ({"family": 10**6}, "family"),
        ({"hazards": ["dragons"]}, "hazards"),
        ({"filings": ["R21"]}, "filings"),
        ({"venue": "moon"}, "venue"),
        ({"level_least": "博士"}, "level_least"),
        ({"labour_level": 9}, "labour_level"),
        ({"places": 501}, "places"),
        ({"end_on": clock.today()}, "end_on"),
    ],
)
def test_what_is_on_no_list_is_refused_even_in_a_draft(app: Flask, given: dict[str, Any], field: str) -> None:
    firm = builders.an_enterprise()
    with pytest.raises(Invalid) as error:
        service.create(head_of(firm), values(firm, **given))
    assert field in error.value.fields


def test_another_firms_kind_of_post_is_unknown(app: Flask) -> None:
    firm, other = builders.an_enterprise(), builders.an_enterprise()
    with pytest.raises(Invalid) as error:
        service.create(head_of(firm), values(firm, family=builders.a_family(other).id))
    assert "family" in error.value.fields


def test_a_copy_is_a_draft_with_the_same_words_and_without_dates_or_reasons(app: Flask) -> None:
    firm = builders.an_enterprise()
    plc, forklift = builders.a_skill("PLC"), builders.a_skill("叉车证", kind="certificate")
    position = published(firm, must=[plc.code], nice=[forklift.code], pay_fen=200_000, pay_reason="含食宿")
    made = service.copied(position, by=head_of(firm))
    assert (made.state, made.title, made.duties, made.family_id) == ("draft", position.title, position.duties, position.family_id)
    assert made.start_on is made.end_on is None
    assert made.warnings_accepted == {}
    assert {s.skill.code: s.must for s in made.skills} == {plc.code: True, forklift.code: False}
    assert made.seats.places == 3


def test_seats_are_taken_one_by_one_and_never_more(app: Flask) -> None:
    position = builders.a_position(places=2)
    service.take_seat(position.id)
    service.take_seat(position.id)
    with pytest.raises(Conflict) as error:
        service.take_seat(position.id)
    assert error.value.code == "full"
    service.give_back_seat(position.id)
    service.take_seat(position.id)
    for _turn in range(3):
        service.give_back_seat(position.id)
    assert db.session.scalar(sa.select(Seats.taken).where(Seats.position_id == position.id).execution_options(populate_existing=True)) == 0


def test_the_builders_post_is_lawful(app: Flask) -> None:
    assert not [v.code for v in queries.judge(builders.a_position(builders.an_enterprise(), places=2)) if v.blocks or v.state != 1]


def test_judging_many_posts_takes_no_more_queries_than_judging_few(app: Flask) -> None:
    def counted(n: int) -> int:
        for _turn in range(n):
            builders.a_position()
        db.session.commit()
        db.session.expire_all()
        seen: list[str] = []
        engine = db.engine
        note = lambda *told: seen.append(told[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", note)
        try:
            queries.rules_now()
        finally:
            sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    assert counted(2) >= counted(9)  # what the zone has entered is read once


def test_a_recorded_override_of_the_share_is_seen_by_the_law(app: Flask) -> None:
    firm = builders.an_enterprise(staff=20)
    position = builders.a_position(firm, places=3)
    from consortium.organisations import service as organisations

    assert position.start_on is not None
    assert position.end_on is not None
    organisations.reserve_quota(
        firm.tenant_id, position.family_id, holder=position.public_id, heads=3, from_on=position.start_on, to_on=position.end_on, by=None,
        override_reason="学校说明",
    )  # fmt: skip
    db.session.refresh(position)
    found = {v.code: (v.state, v.blocks) for v in queries.judge(position)}
    assert found["R10"] == (0, False)


def test_all_that_is_wrong_is_told_at_once_and_long_hours_stand_at_the_hours(app: Flask) -> None:
    said = refused(builders.an_enterprise(staff=60), places=40, fees=True, night=False, overtime=False, hours_per_day=10.0)
    assert {"places", "fees", "hours_per_day"} <= set(said)
    assert "night" not in said
