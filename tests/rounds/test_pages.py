"""Pages of rounds, as each side sees them: what they say, refuse, and never show."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.rounds import queries, service
from consortium.rounds.models import Round, RoundList
from consortium.shared import clock
from consortium.shared.db import db
from tests import builders
from tests.rounds.play import Play, actor, at, values


@pytest.fixture
def play(app: Flask) -> Play:
    return Play()


def fields(**given: Any) -> dict[str, Any]:
    """The form of a round, as a browser sends it."""
    told = values()
    sent = {name: f"{clock.local(told[name]):%Y-%m-%dT%H:%M}" for name in told if name.endswith("_at")}
    return {
        "name_zh": "春季轮次", "name_en": "Spring", "start_on": told["start_on"].isoformat(), "end_on": told["end_on"].isoformat(), "answer_hours": "48", "most_ranked": "10",
        "majors": "", "year_from": "", "year_to": "", "priorities": "家庭困难 | hardship\n退役 | veterans", "classes": "订单班 | joint class", **sent, **given,
    }  # fmt: skip


def test_the_zone_makes_edits_and_announces_a_round(play: Play, signed_in_as: Any) -> None:
    zone = signed_in_as(play.zone)
    assert zone.get("/rounds/new").status_code == 200
    wrong = zone.post("/rounds", fields(publish_at="2020-01-01T10:00", name_en="kept words"))
    assert wrong.status_code == 422
    assert "Publication must come after" in wrong.text
    assert "kept words" in wrong.text
    made = zone.post("/rounds", fields())
    assert made.status_code == 303
    found = db.session.scalars(sa.select(Round)).one()
    assert [(code.code, code.kind, code.name_en) for code in found.codes] == [("p1", "priority", "hardship"), ("p2", "priority", "veterans"), ("s1", "seats", "joint class")]
    page = zone.get(f"/rounds/{found.public_id}/edit").text
    assert "家庭困难 | hardship" in page
    stale = zone.post(f"/rounds/{found.public_id}", fields(version="0", name_zh="另一名"))
    assert stale.status_code == 409
    assert zone.post(f"/rounds/{found.public_id}", fields(version=str(found.version), name_zh="另一名")).status_code == 303
    assert zone.post(f"/rounds/{found.public_id}/announcement").status_code == 303
    db.session.expire_all()
    assert (found.state, found.name_zh) == ("announced", "另一名")
    assert found.commitment in zone.get(f"/rounds/{found.public_id}/lottery").text


def test_a_student_ranks_with_buttons_hands_in_moves_and_takes_back(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    url, me = f"/rounds/{found.public_id}", signed_in_as(play.members[0])
    a, b = (str(post.public_id) for post in play.posts[:2])
    page = me.get(url).text
    assert "Nothing on it yet" in page
    assert "no other order can bring you" in page
    for key in (a, b):
        assert me.post(f"{url}/list", {"move": f"add:{key}"}).status_code == 303
    assert "Not handed in yet" in me.get(url).text
    assert "on 0 lists" in me.get(url).text
    me.post(f"{url}/list", {"hand-in": "1"})
    me.post(f"{url}/list", {"move": f"up:{b}", "fill-shown": "1", "fill": "1"})
    row = db.session.scalars(sa.select(RoundList)).one()
    assert (row.state, row.fill) == ("handed_in", True)
    assert [choice.position_id for choice in row.choices] == [play.posts[1].id, play.posts[0].id]
    page = me.get(url).text
    assert page.index(play.posts[1].title) < page.index(play.posts[0].title)
    assert "2 places · on 1 lists · first on 1" in page
    me.post(f"{url}/list", {"move": f"out:{a}"})
    refused = me.post(f"{url}/list", {"move": f"out:{b}"})
    assert refused.status_code == 422
    assert "take your list back" in refused.text
    assert me.post(f"{url}/withdrawal").status_code == 303
    db.session.expire_all()
    assert row.state == "taken_back"
    told = me.get(f"{url}/demand").get_json()
    assert set(told) == {str(post.public_id) for post in play.posts}


def test_two_sessions_of_one_student_keep_one_list(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    url = f"/rounds/{found.public_id}/list"
    one, two = signed_in_as(play.members[0]), signed_in_as(play.members[0])
    keys = [str(post.public_id) for post in play.posts]
    one.post(url, {"move": f"add:{keys[0]}"})
    two.post(url, {"move": f"add:{keys[1]}"})
    one.post(url, {"move": f"add:{keys[1]}"})
    row = db.session.scalars(sa.select(RoundList)).one()
    assert [choice.position_id for choice in row.choices] == [play.posts[0].id, play.posts[1].id]


def test_a_student_reads_why_a_post_is_not_open_to_her(play: Play, signed_in_as: Any) -> None:
    play.students[0].major_code = "520201"
    found = play.round()
    page = signed_in_as(play.members[0]).get(f"/rounds/{found.public_id}").text
    assert "Not open to you, and why" in page
    assert "add:" not in page


def test_an_enterprise_takes_part_and_is_refused_at_the_field(play: Play, signed_in_as: Any) -> None:
    found = play.round(with_posts=False, codes=[{"code": "s1", "kind": "seats", "name_zh": "订单班", "name_en": "joint class"}])
    url, boss = f"/rounds/{found.public_id}", signed_in_as(play.bosses[1])
    key = str(play.posts[1].public_id)
    wrong = boss.post(f"{url}/posts", {"position": key, "places": "7"})
    assert wrong.status_code == 422
    assert "free places without an offer out" in wrong.text
    assert boss.post(f"{url}/posts", {"position": key, "places": "2", "seats-s1": "1"}).status_code == 303
    page = boss.get(url).text
    assert "Takes part" in page
    assert "1 reserved" in page
    no_reason = boss.post(f"{url}/post-withdrawals", {"position": key})
    assert no_reason.status_code == 422
    assert boss.post(f"{url}/post-withdrawals", {"position": key, "reason": "capacity"}).status_code == 303
    assert "Left" in boss.get(url).text


def test_an_enterprise_orders_candidates_without_a_name_on_the_page(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    play.all_hand_in(found)
    url, boss = f"/rounds/{found.public_id}", signed_in_as(play.bosses[0])
    key = str(play.posts[0].public_id)
    page = boss.get(f"{url}/candidates?post={key}").text
    names = re.findall(r'value="up:(A-[0-9A-Z]{6})"', page)
    assert len(names) == 6
    for student in play.students:
        assert student.name not in page
        assert student.student_no not in page
        assert str(student.public_id) not in page
    boss.post(f"{url}/orders", {"post": key, "move": f"up:{names[2]}"})
    unsaid = boss.post(f"{url}/orders", {"post": key, "move": f"refuse:{names[0]}"})
    assert unsaid.status_code == 422
    boss.post(f"{url}/orders", {"post": key, "move": f"refuse:{names[0]}", f"why-{names[0]}": "certificate"})
    page = boss.get(f"{url}/candidates?post={key}").text
    assert "in your order" in page
    assert "A certificate that the work needs is missing" in page
    boss.post(f"{url}/orders", {"post": key, "move": f"allow:{names[0]}"})
    assert "Not acceptable:" not in boss.get(f"{url}/candidates?post={key}").text


def test_a_college_declares_by_number_and_is_told_whom_it_does_not_know(play: Play, signed_in_as: Any) -> None:
    found = play.round(codes=[{"code": "p1", "kind": "priority", "name_zh": "困难", "name_en": "hardship"}])
    url, office = f"/rounds/{found.public_id}", signed_in_as(play.officer)
    assert office.post(f"{url}/bearers", {"code": "p1", "numbers": f"{play.students[0].student_no}\n42"}).status_code == 303
    page = office.get(url).text
    assert play.students[0].name in page
    assert "42" in page
    assert "hardship" in signed_in_as(play.members[0]).get(url).text


def test_the_zone_compares_scenarios_is_told_of_changes_and_settles(play: Play, signed_in_as: Any) -> None:
    found = play.round(codes=[{"code": "p1", "kind": "priority", "name_zh": "困难"}])
    play.all_hand_in(found)
    url, zone = f"/rounds/{found.public_id}", signed_in_as(play.zone)
    trial = play.tried(found)
    page = zone.get(url).text
    for words in ("As declared", "Without priorities", "Blocking pairs", "Largest gap between major classes", "it cannot be published"):
        assert words in page
    play.hand_in(found, 0, 2)
    db.session.commit()
    assert "1 lists, 0 profiles and 0 posts were changed" in zone.get(url).text
    assert zone.get(f"{url}/trial-progress").get_json()["url"]
    play.frozen(found)
    runs = queries.runs_of(queries.trials(found)[0])
    assert trial.id != queries.trials(found)[0].id
    soon = f"{clock.local(clock.now() + timedelta(days=9)):%Y-%m-%dT%H:%M}"
    unsaid = zone.post(f"{url}/approval", {"run": str(runs[1].public_id), "publish_at": soon, "reason": ""})
    assert unsaid.status_code == 422
    assert "Say why the round does not run as it was declared" in unsaid.text
    assert zone.post(f"{url}/approval", {"run": str(runs[0].public_id), "publish_at": soon}).status_code == 303
    assert "Take back and choose again" in zone.get(url).text
    assert zone.post(f"{url}/reconsideration").status_code == 303
    assert zone.post(f"{url}/cancellation").status_code == 303


def test_an_infeasible_reservation_names_the_rule_that_binds(app: Flask, signed_in_as: Any) -> None:
    play = Play(6, (3, 3), staff=300)
    one = play.firms[0]
    second = builders.a_position(one, places=2, family=play.posts[0].family)
    found = play.round(codes=[{"code": "s1", "kind": "seats", "name_zh": "订单班"}], with_posts=False)
    play.take_part(found, play.posts[0], play.bosses[0], reserved={"s1": 3})
    play.take_part(found, second, play.bosses[0], reserved={"s1": 2})
    play.posts[0].family.staff = 20  # 20 % of the kind of post: 4, five seats are reserved
    for n in range(6):
        play.hand_in(found, n, 0)
    trial = play.tried(found)
    unmet = queries.runs_of(trial)[0].report["unmet"]
    assert ["reserved", "R11", 1] in unmet
    page = signed_in_as(play.zone).get(f"/rounds/{found.public_id}").text
    assert "Requests that cannot be met, and what binds" in page


def test_before_the_instant_no_page_tells_a_result_and_after_it_every_side_reads_its_own(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    play.all_hand_in(found)
    run = queries.runs_of(play.frozen(found))[0]
    service.approve(found, run, publish_at=found.publish_at, reason="", by=play.by_zone)
    db.session.commit()
    url = f"/rounds/{found.public_id}"
    seed, nonce = queries.seed_of(found)
    members = {"student": play.members[0], "firm": play.bosses[0], "college": play.officer, "zone": play.zone}
    with at(found.publish_at - timedelta(seconds=1)):
        people = {name: signed_in_as(member) for name, member in members.items()}
        for name, browser in people.items():
            for path in ("", "/result", "/results", "/results/file", "/lottery"):
                for begin in (url,) if path.endswith("file") else (url, f"/api/v1{url}"):
                    answer = browser.client.get(begin + path, follow_redirects=True)
                    assert answer.status_code in (200, 403), (name, begin + path, answer.status_code)
                    assert str(seed) not in answer.text, (name, path)
                    assert nonce.hex() not in answer.text, (name, path)
                    if name != "zone":
                        assert run.digest not in answer.text, (name, path)
                    for words in ("Offered to you", "The round offers you", "Choice 1,", "lottery-number"):
                        assert words not in answer.text, (name, begin + path)
    with at(found.publish_at):
        people = {name: signed_in_as(member) for name, member in members.items()}
        assert "post by post" in people["student"].get(f"{url}/result").text
        assert "of 1 places are offered" in people["firm"].get(f"{url}/results").text
        assert play.students[0].name in people["college"].get(f"{url}/results").text
        zone = people["zone"].get(f"{url}/results").text
        assert play.students[0].name not in zone
        assert queries.lottery_number(found, play.students[0]) in zone
        assert str(seed) in people["student"].get(f"{url}/lottery").text
        assert "are those that were committed to" in people["student"].get(f"{url}/lottery").text
        named = people["college"].client.get(f"{url}/results/file").get_data(as_text=True)
        assert named.count("\n") == 7
        assert play.students[0].name in named
        nameless = people["zone"].client.get(f"{url}/results/file").get_data(as_text=True)
        assert not any(student.name in nameless or student.student_no in nameless for student in play.students)


def test_an_enterprise_reads_neither_names_nor_where_on_a_list_it_stood(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    play.all_hand_in(found)
    play.published(found)
    with at(found.publish_at + timedelta(minutes=1)):
        boss = signed_in_as(play.bosses[1])
        for path in (f"/rounds/{found.public_id}/results", f"/api/v1/rounds/{found.public_id}/results"):
            page = boss.client.get(path).text
            assert not any(student.name in page or student.student_no in page or str(student.public_id) in page for student in play.students)
        lines = boss.client.get(f"/api/v1/rounds/{found.public_id}/results").get_json()
    assert len(lines) == 2
    assert {line["place"] for line in lines} == {0}


def test_a_round_is_in_a_students_menu_only_while_there_is_something_to_do(play: Play, signed_in_as: Any) -> None:
    me = signed_in_as(play.members[0])
    assert 'href="/rounds"' not in me.get("/me").text
    found = play.round()
    assert 'href="/rounds"' in me.get("/me").text
    with at(found.lists_close_at):
        assert 'href="/rounds"' not in me.get("/me").text


def test_a_second_round_is_prepared_from_the_page(play: Play, signed_in_as: Any) -> None:
    found = play.round()
    play.all_hand_in(found)
    play.published(found)
    later = found.publish_at + timedelta(hours=49)
    with at(later):
        zone = signed_in_as(play.zone)
        assert "A second round with the open places" in zone.get(f"/rounds/{found.public_id}").text
        sent = {name: f"{clock.local(later + timedelta(days=n)):%Y-%m-%dT%H:%M}" for n, name in enumerate(("opens_at", "lists_close_at", "orders_close_at", "publish_at"), 1)}
        bad = zone.post(f"/rounds/{found.public_id}/second-round", sent | {"publish_at": sent["opens_at"]})
        assert bad.status_code == 422
        assert zone.post(f"/rounds/{found.public_id}/second-round", sent).status_code == 303
        other = queries.second_of(found)
        assert other is not None
        assert other.state == "draft"
        assert zone.post(f"/rounds/{found.public_id}/ending").status_code == 303


def test_the_command_makes_every_run_again(play: Play) -> None:
    from unittest import mock

    from click.testing import CliRunner
    from flask import current_app

    from consortium import cli

    found = play.round()
    play.all_hand_in(found)
    run = queries.runs_of(play.tried(found))[0]
    db.session.commit()
    with mock.patch.object(cli, "_app", return_value=current_app._get_current_object()):
        told = CliRunner().invoke(cli.main, ["verify-round", str(found.public_id)])
        assert told.exit_code == 0, told.output
        assert told.output.count("same ") == 3
        assert CliRunner().invoke(cli.main, ["verify-round", "x"]).exit_code == 1
        db.session.get_one(type(run), run.id).digest = "f" * 64
        db.session.commit()
        assert CliRunner().invoke(cli.main, ["verify-round", str(found.public_id)]).exit_code == 1


def test_a_student_of_another_college_hears_of_nothing(play: Play, signed_in_as: Any) -> None:
    found = play.round(colleges=[play.college.tenant_id])
    stranger = builders.a_student_member(builders.a_student(builders.a_college()))
    browser = signed_in_as(stranger)
    assert browser.get(f"/rounds/{found.public_id}").status_code == 404
    assert str(found.public_id) not in browser.get("/rounds").text
    assert actor(stranger).tenant_id != play.college.tenant_id
