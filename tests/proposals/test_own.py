"""A student's own say: reasons that are put right, weights that are hers, posts that are hidden, searches that are kept."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.matching import pipeline
from consortium.matching.vocabulary import FAMILIES
from consortium.messages.models import Message, OutboxItem
from consortium.messages.wording import said
from consortium.proposals import queries, service, snapshot, tasks
from consortium.proposals.models import Alert, Choice, Doubt, Leaning
from consortium.proposals.wording.own import EVIDENCE, FIELDS
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.students.models import Consent
from tests import builders
from tests.proposals.conftest import Market


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


def told(person_id: int) -> list[Message]:
    return list(db.session.scalars(sa.select(Message).where(Message.person_id == person_id).order_by(Message.id)))


@pytest.fixture
def learner(market: Market):
    """The student who has the skill that the open post welcomes; the market has run."""
    market.run()
    return builders.a_student_member(market.students[1])


# ── reasons ──────────────────────────────────────────────────────────────────────────────────────


def test_what_does_not_fit_names_what_stops_it_before_anything_that_fits(market: Market, signed_in_as) -> None:
    market.run()
    page = signed_in_as(builders.a_student_member(market.students[3])).get(f"/matches/{market.certified.public_id}").get_data(as_text=True)
    reasons = re.findall(r'<li class="reason reason-([\w-]+)">.*?</li>', page, re.S)
    assert reasons[0] == "not-met"
    view = service.explained(market.students[3], market.certified)
    assert view.short[0].blocks
    assert view.short[0].key.startswith("certificate:")
    assert not service.explained(market.students[0], market.certified).short[0].blocks


def test_a_student_without_a_birthday_reads_that_she_is_protected_as_a_minor(market: Market, signed_in_as) -> None:
    market.students[2].birth_on = None
    db.session.commit()
    market.run()
    browser = signed_in_as(builders.a_student_member(market.students[2]))
    assert "Age unknown: protected as a minor" in text_of(browser.get(f"/matches/{market.open_to_all.public_id}"))
    assert "Age unknown: protected as a minor" in text_of(browser.get("/me"))


def test_every_reason_that_can_be_doubted_has_a_kind_with_its_remedy(market: Market) -> None:
    market.run()
    for student in market.students[:3]:
        for post in (market.open_to_all, market.certified):
            view = service.explained(student, post)
            for item in view.items:
                kind = item.key.split(":")[0]
                assert kind == "" or kind in FIELDS or kind in {"major", "occupation", "level", "rule"}
    assert set().union(*EVIDENCE.values()) <= set(FAMILIES)


def test_a_wrong_fact_of_ones_own_leads_to_its_field_and_back(market: Market, learner, signed_in_as) -> None:
    browser = signed_in_as(learner)
    answer = browser.post(f"/matches/{market.open_to_all.public_id}/doubts", {"item": f"skill:{market.skill.code}", "what": "wrong-fact"})
    assert answer.status_code == 303
    assert answer.location == f"/me?back=%2Fmatches%2F{market.open_to_all.public_id}#skills"
    page = browser.get(answer.location).get_data(as_text=True)
    assert f'name="back" value="/matches/{market.open_to_all.public_id}"' in page
    saved = browser.post("/me", {"wish": "设备维修", "back": f"/matches/{market.open_to_all.public_id}"})
    assert saved.location == f"/matches/{market.open_to_all.public_id}"


@pytest.mark.parametrize("back", ["https://evil.example/matches", "//evil.example", "/runs", "/matches/../runs", "/matches/x"])
def test_nobody_is_led_away_by_the_way_back(market: Market, learner, signed_in_as, back: str) -> None:
    assert signed_in_as(learner).post("/me", {"wish": "焊接", "back": back}).location == "/me"


def test_a_wrong_fact_of_the_register_goes_to_the_class_adviser_and_to_nobody_else(market: Market, learner, signed_in_as) -> None:
    from consortium.accounts.models import Tenant
    from consortium.organisations.models import College

    student = market.students[1]
    tenant = db.session.get_one(Tenant, student.tenant_id)
    college = db.session.scalar(sa.select(College).where(College.tenant_id == student.tenant_id))
    adviser, officer = builders.a_membership(Role.CLASS_ADVISER, tenant=tenant), builders.a_membership(Role.COLLEGE_OFFICER, tenant=tenant)
    student.class_id = builders.a_class(college, adviser_id=adviser.id).id
    key = next(i.key for i in service.explained(student, market.open_to_all).items if i.key.split(":")[0] in ("major", "level", "occupation"))
    db.session.commit()
    answer = signed_in_as(learner).post(f"/matches/{market.open_to_all.public_id}/doubts", {"item": key, "what": "wrong-fact", "said": "我已转专业"})
    assert answer.status_code == 303
    message = told(adviser.person_id)[0]
    assert (message.kind, message.link) == ("fact-doubted", f"/students/{student.public_id}")
    assert "我已转专业" in said(message.kind, message.facts)[1]
    assert told(officer.person_id) == []


def test_not_important_counts_half_then_nothing_for_her_alone_and_the_parts_still_sum(market: Market, learner) -> None:
    student, other = market.students[1], market.students[2]
    pair = queries.match_of(student, market.open_to_all)
    before, others = service.explained(student, market.open_to_all, pair), service.explained(other, market.open_to_all)
    item = f"skill:{market.skill.code}"
    had = next(row.points for row in before.parts if row.code == "skills")
    assert had > 0
    for permille in (500, 0):
        service.doubt(student, market.open_to_all, before, item, "not-important", by=learner.actor())
        assert queries.leanings_of(student.id) == {"skills": permille}
        view = service.explained(student, market.open_to_all, pair, queries.leanings_of(student.id))
        assert next(row.points for row in view.parts if row.code == "skills") == had * permille // 1000
        assert view.points == sum(row.points for row in view.parts) < before.points
        assert (view.before, view.share) == (before.points, None)
        assert 0 <= view.wished <= view.points
    assert service.explained(other, market.open_to_all, None, queries.leanings_of(other.id)) == others
    assert queries.match_of(student, market.open_to_all) == pair, "the enterprise's list is not touched"
    service.weigh(student, dict.fromkeys(FAMILIES, 1000), by=learner.actor())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Leaning)) == 0


def test_a_condition_has_no_weight_and_a_stranger_reason_is_refused(market: Market, learner) -> None:
    student = market.students[1]
    view = service.explained(student, market.open_to_all)
    condition = next(i.key for i in view.items if i.key.split(":")[0] not in EVIDENCE and i.key)
    for item, what in ((condition, "not-important"), ("skill:never", "wrong-fact")):
        with pytest.raises(Invalid):
            service.doubt(student, market.open_to_all, view, item, what, by=learner.actor())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Doubt)) == 0


def test_her_list_is_ordered_by_her_weights_on_page_and_api(app: Flask, signed_in_as) -> None:
    skill, other = builders.a_skill("焊接"), builders.a_skill("钳工")
    college = builders.a_college()
    student = builders.a_student(college, wish="仓储")
    for one in (skill, other):
        builders.has_skill(student, one)
    posts = [builders.a_position(title="甲岗", duties="盘点", tasks=["收货", "盘点"], nice=(skill, other)), builders.a_position(title="乙岗", duties="仓储 仓储管理", tasks=["收货", "仓储"])]
    member = builders.a_student_member(student)
    db.session.commit()
    market = Market([student], posts[0], posts[1], skill, other)
    market.run()
    browser = signed_in_as(member)
    listed = [m["title"] for m in browser.get("/api/v1/matches").get_json()]
    assert set(listed) == {"甲岗", "乙岗"}
    heavier = max(("skills", "甲岗"), ("wish", "乙岗"), key=lambda one: one[1] == listed[0])
    lowered = ["skills"] if heavier[1] == "甲岗" else ["title", "wish", "text", "occupation", "wish_related", "text_related"]
    assert browser.send_json("POST", "/api/v1/matches/weights", {"weights": dict.fromkeys(lowered, 0)}).status_code == 200
    assert [m["title"] for m in browser.get("/api/v1/matches").get_json()] == listed[::-1]
    page = text_of(browser.get("/matches"))
    assert "Ordered by your own weights." in page
    assert page.index(listed[1]) < page.index(listed[0])
    assert "does not count" in text_of(browser.get("/matches/weights"))
    browser.post("/matches/weights", {"reset": "1"})
    assert [m["title"] for m in browser.get("/api/v1/matches").get_json()] == listed


def test_a_weight_outside_its_steps_is_refused(market: Market, learner, signed_in_as) -> None:
    browser = signed_in_as(learner)
    for weights in ({"skills": 700}, {"charm": 0}):
        assert browser.send_json("POST", "/api/v1/matches/weights", {"weights": weights}).status_code == 422
    assert browser.post("/matches/weights", {"skills": "999"}).status_code == 422


def test_hidden_with_a_reason_listed_and_undone(market: Market, learner, signed_in_as) -> None:
    browser = signed_in_as(learner)
    post = market.open_to_all
    answer = browser.post(f"/matches/{post.public_id}/doubts", {"item": f"skill:{market.skill.code}", "what": "not-for-me"})
    page = browser.get(answer.location).get_data(as_text=True)
    assert "Undo" in page
    assert f'href="/matches/{post.public_id}"' not in page
    assert post.public_id not in {m["position"] for m in browser.get("/api/v1/matches").get_json()}
    hidden = text_of(browser.get("/matches?show=hidden"))
    assert post.title in hidden
    assert "Not the work I want" in hidden
    assert db.session.scalar(sa.select(Choice.reason).where(Choice.what == "hidden")) == "not-for-me"
    assert browser.post(f"/matches/{post.public_id}/choices", {"what": "restored"}).status_code == 303
    assert f'href="/matches/{post.public_id}"' in browser.get("/matches").get_data(as_text=True)
    assert "Nothing is hidden." in text_of(browser.get("/matches?show=hidden"))


def test_the_zone_reads_counts_and_none_of_fewer_than_five(market: Market, signed_in_as) -> None:
    market.run()
    for n, student in enumerate(market.students[:6]):
        for about in ["skill"] if n < 5 else ["skill", "pay"]:
            builders.saved(Doubt(student_id=student.id, position_id=market.open_to_all.id, item=f"{about}:x", about=about, what="not-important"))
    db.session.commit()
    zone = signed_in_as(builders.a_membership(Role.ZONE_OFFICER))
    page = zone.get("/doubts").get_data(as_text=True)
    assert re.search(r"Skill</td>.*?>6<", page, re.S)
    assert re.search(r"Pay</td>.*?>&lt;5<", page, re.S)
    rows = {(row["about"], row["what"]): row["times"] for row in zone.get("/api/v1/doubts").get_json()}
    assert rows == {("skill", "not-important"): 6, ("pay", "not-important"): None}
    assert market.students[0].name not in page


# ── the search over all posts ────────────────────────────────────────────────────────────────────


def ids(answer) -> set[str]:
    return {one["title"] for one in answer.get_json()["posts"]}


def test_filters_find_what_they_say_and_stand_in_the_address(market: Market, learner, signed_in_as) -> None:
    firm = builders.an_enterprise(industry_code="2610")
    builders.a_position(firm, title="化工操作", kind="internship", pay_fen=500_000, place_code="441802400", night=True)
    builders.a_position(title="财务助理", kind="job", pay_fen=300_000, place_code="4401", end_on=None)
    db.session.commit()
    browser = signed_in_as(learner)
    assert ids(browser.get("/api/v1/posts?query=化工")) == {"化工操作"}
    assert ids(browser.get("/api/v1/posts?kind=job")) == {"财务助理"}
    assert "化工操作" in ids(browser.get("/api/v1/posts?industry=新材料"))
    assert "财务助理" not in ids(browser.get("/api/v1/posts?industry=新材料"))
    assert ids(browser.get("/api/v1/posts?pay=4800")) == {"化工操作"}
    assert "化工操作" not in ids(browser.get("/api/v1/posts?shift=no"))
    assert ids(browser.get("/api/v1/posts?place=4401")) == {"财务助理"}
    page = browser.get("/posts?kind=job&pay=2000&sort=pay").get_data(as_text=True)
    assert '<option value="job" selected>' in page
    assert 'value="2000"' in page
    link = re.search(r'href="(/matches/[0-9a-f-]{36}\?from=[^"]*)"', page).group(1)
    assert 'href="/posts?kind=job&amp;pay=2000&amp;sort=pay"' in browser.get(link.replace("&amp;", "&")).get_data(as_text=True), "and back"
    for nonsense in ("kind=x&pay=abc&begins=never&place=%27--&sort=up&page=-4&size=9000", "query=%25_"):
        assert browser.get(f"/posts?{nonsense}").status_code == 200
    assert len(browser.get("/api/v1/posts?size=200").get_json()["posts"]) <= 50


def test_fits_agrees_with_the_rules_asked_of_each_post_one_by_one(market: Market, learner, signed_in_as) -> None:
    """Posts of the run by its arrays, a new and a changed one as they stand: never another answer than the rules give of the pair."""
    new = builders.a_position(title="新岗", must=(market.certificate,))
    market.open_to_all.level_least = "高职本科"
    db.session.flush()
    from consortium.positions.events import position_changed

    position_changed.announce(position_id=market.open_to_all.id)
    db.session.commit()
    student = market.students[1]
    everything = [market.open_to_all, market.certified, new]
    fitting = {p.id for p in everything} - set(snapshot.what_stops(student, everything))
    assert snapshot.fitting_ids(student) == fitting
    browser = signed_in_as(learner)
    for fits in ("yes", "no"):
        found = browser.get(f"/api/v1/posts?fits={fits}").get_json()
        assert {one["position"] for one in found["posts"]} == {str(p.public_id) for p in everything if (p.id in fitting) == (fits == "yes")}
        assert all(one["fits"] == (fits == "yes") for one in found["posts"])
    row = next(one for one in found["posts"] if one["title"] == "新岗")
    assert (row["stopped_by"], row["why"]) == ("H01", "Required certificate")
    assert "Required certificate" in text_of(browser.get("/posts?fits=no"))


def test_the_search_asks_as_often_for_three_times_the_posts(market: Market, learner, signed_in_as) -> None:
    browser = signed_in_as(learner)

    def queries_of(url: str) -> int:
        n = 0

        def count(*_: object) -> None:
            nonlocal n
            n += 1

        sa.event.listen(db.engine, "before_cursor_execute", count)
        try:
            assert browser.client.get(url).status_code == 200
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", count)
        return n

    for _ in range(2):
        builders.a_position(builders.an_enterprise(), nice=(builders.a_skill(),))
    db.session.commit()
    urls = ("/posts", "/posts?fits=yes", "/posts?fits=no&kind=internship")
    for url in urls:
        queries_of(url)
    few = [queries_of(url) for url in urls]
    for _ in range(6):
        builders.a_position(builders.an_enterprise(), nice=(builders.a_skill(),))
    db.session.commit()
    assert [queries_of(url) for url in urls] <= few


def test_without_consent_nothing_is_compared_and_the_posts_are_there_all_the_same(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(builders.a_student_member(builders.a_student(consented=False)))
    found = browser.get("/api/v1/posts?fits=yes").get_json()
    assert found["total"] == 2
    assert {one["fits"] for one in found["posts"]} == {None}


# ── saved searches ───────────────────────────────────────────────────────────────────────────────


def test_new_posts_of_all_searches_are_told_in_one_message_a_day_once(market: Market, learner, monkeypatch: pytest.MonkeyPatch) -> None:
    student, me = market.students[1], learner.actor()
    service.keep_search(student, "全部", {"query": ""}, by=me)
    service.keep_search(student, "适合我的", {"fits": "yes"}, by=me)
    off = service.keep_search(student, "不看了", {"kind": "internship"}, by=me)
    service.switch(off, False, by=me)
    db.session.commit()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=21))
    builders.a_position(title="新来的岗位", published_at=clock.now() - timedelta(hours=1))
    builders.a_position(title="要证的新岗", must=(market.certificate,), published_at=clock.now() - timedelta(hours=1))
    db.session.commit()
    assert service.tell_alerts() == 1
    assert service.tell_alerts() == 0, "each search remembers up to when it has looked"
    (message,) = told(learner.person_id)
    assert (message.kind, message.facts["n"], message.link) == ("posts-alert", 2, "/alerts")
    assert "新来的岗位" in message.facts["titles"]
    assert not db.session.scalars(sa.select(OutboxItem.channel).where(OutboxItem.person_id == learner.person_id)).all(), "the mail is the digest's"
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=42))
    assert service.tell_alerts() == 0, "nothing new, nothing told"


def test_only_what_fits_is_told_where_the_search_says_so(market: Market, learner, monkeypatch: pytest.MonkeyPatch) -> None:
    service.keep_search(market.students[1], "适合我的", {"fits": "yes"}, by=learner.actor())
    db.session.commit()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=21))
    builders.a_position(title="要证的新岗", must=(market.certificate,), published_at=clock.now())
    db.session.commit()
    assert service.tell_alerts() == 0


def test_the_morning_task_is_on_the_schedule_and_waits_for_seven(market: Market, learner, monkeypatch: pytest.MonkeyPatch) -> None:
    from consortium.shared import tasks as floor

    assert floor.CELERY_SETTINGS["beat_schedule"]["proposals.tell_alerts"]["schedule"] == 1800
    service.keep_search(market.students[1], "全部", {}, by=learner.actor())
    builders.a_position(title="新来的岗位", published_at=clock.now() + timedelta(hours=1))
    db.session.commit()
    morning = (clock.now() + timedelta(days=2)).replace(hour=21, minute=0)  # 05:00 in Shanghai
    monkeypatch.setattr(clock, "now", lambda: morning)
    tasks.tell_alerts.run()
    assert told(learner.person_id) == []
    monkeypatch.setattr(clock, "now", lambda: morning + timedelta(hours=3))
    tasks.tell_alerts.run()
    tasks.tell_alerts.run()
    assert len(told(learner.person_id)) == 1


def test_a_search_is_kept_from_the_page_switched_off_and_removed(market: Market, learner, signed_in_as) -> None:
    browser = signed_in_as(learner)
    assert browser.post("/alerts", {"name": "园区实习", "kind": "internship", "pay": "2000", "sort": "pay", "evil": "1"}).status_code == 303
    alert = db.session.scalar(sa.select(Alert))
    assert alert.asked == {"kind": "internship", "pay": "2000"}
    page = text_of(browser.get("/alerts"))
    assert "园区实习" in page
    assert "Internships · from 2,000 yuan a month" in page
    number = alert.public_id
    browser.post(f"/alerts/{number}/switch", {"on": "no"})
    assert browser.get("/api/v1/alerts").get_json()[0]["on"] is False
    stranger = signed_in_as(builders.a_student_member(market.students[2]))
    assert stranger.post(f"/alerts/{number}/removal").status_code == 404
    browser.post(f"/alerts/{number}/removal")
    assert browser.get("/api/v1/alerts").get_json() == []


def test_no_more_searches_than_anybody_reads(market: Market, learner) -> None:
    for n in range(20):
        service.keep_search(market.students[1], f"s{n}", {}, by=learner.actor())
    service.keep_search(market.students[1], "s3", {"kind": "job"}, by=learner.actor())
    with pytest.raises(Conflict):
        service.keep_search(market.students[1], "one more", {}, by=learner.actor())


# ── the next most useful answer, who may be found ────────────────────────────────────────────────


def test_the_next_answer_counts_exactly_the_posts_that_a_yes_opens(app: Flask, signed_in_as) -> None:
    college = builders.a_college()
    students = [builders.a_student(college) for _ in range(6)]
    me = students[0]
    me.shift_ok, me.wants_zone = None, None
    for n in range(3):
        builders.a_position(builders.an_enterprise(), title=f"夜班{n}", kind="job", night=True, end_on=None)
    builders.a_position(builders.an_enterprise(), title="白班")
    me.wants_job = True
    member = builders.a_student_member(me)
    db.session.commit()
    market = Market(students, *[None] * 4)  # type: ignore[arg-type]
    market.run()
    found = snapshot.next_answers(me)
    assert found
    for name, opens, _lists in found:
        before = snapshot.fitting_ids(me)
        setattr(me, name, True)
        db.session.flush()
        assert len(snapshot.fitting_ids(me) - before) == opens, name
        db.session.rollback()
        me = db.session.get_one(type(me), me.id)
    best = found[0]
    page = text_of(signed_in_as(member).get("/what-if/next"))
    assert (str(best[1]) in page) == bool(best[1])
    assert signed_in_as(member).get("/api/v1/what-if/next").get_json()[0] == {"field": best[0], "opens": best[1], "lists": best[2]}


def test_who_does_not_want_to_be_found_stands_on_no_list_of_candidates_and_keeps_her_own(market: Market) -> None:
    market.run()
    student = market.students[0]
    assert student.id in {m.student_id for m in queries.matches_of_position(market.certified)}
    mine = queries.matches_of_student(student)
    shown = db.session.scalars(sa.select(Consent).where(Consent.student_id == student.id, Consent.purpose == "showing")).one()
    shown.withdrawn_at = clock.now()
    db.session.commit()
    assert student.id not in {m.student_id for m in queries.matches_of_position(market.certified)}
    assert queries.alias(student.public_id, market.certified.public_id) not in queries.by_alias(market.certified)
    assert queries.matches_of_student(student) == mine


def test_an_industry_is_said_and_moves_no_score(market: Market) -> None:
    market.run()
    student = market.students[1]
    before = service.explained(student, market.open_to_all)
    student.industries = ["新材料"]
    db.session.flush()
    after = service.explained(student, market.open_to_all)
    assert {i.key for i in after.items} - {i.key for i in before.items} == {"industry"}
    assert (after.points, after.parts) == (before.points, before.parts)


def test_same_inputs_give_the_same_sentences(market: Market) -> None:
    run = market.run()
    student, post = market.students[1], market.open_to_all
    pair = queries.match_of(student, post)
    assert service.explained(student, post, pair) == service.explained(student, post, pair)
    kept = snapshot.pair(run, str(student.public_id), str(post.public_id))
    why = pipeline.explain(kept, str(student.public_id), str(post.public_id))
    assert np.sum([part.points for part in why.parts]) == why.points == service.explained(student, post, pair).points


def test_saving_needs_no_reason(market: Market, learner, signed_in_as) -> None:
    browser = signed_in_as(learner)
    assert browser.post(f"/matches/{market.open_to_all.public_id}/choices", {"what": "saved"}).status_code == 303
    assert market.open_to_all.title in text_of(browser.get("/matches?show=saved"))
