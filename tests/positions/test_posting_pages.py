"""Pages and resources of posting to the end: drafts, the law while typing, overrides, templates, repetition, closing, minimum wages."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.organisations.models import Enterprise
from consortium.positions.models import CapOverride, Position, PositionTemplate
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders
from tests.positions.test_pages import fields, head, only_post

API = "/api/v1"


@pytest.fixture
def firm(app: Any) -> Enterprise:
    return builders.an_enterprise()


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


# ── drafts ───────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_by_an_endpoint_of_its_own_and_tells_time_version_and_what_is_left_out(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    key = str(uuid.uuid4())
    first = browser.post("/positions/drafts", {"kind": "internship", "title": "维修", "pay_fen": "a lot", "majors": "C:0603, C:06", "form_key": key})
    assert first.status_code == 200
    told = first.get_json()
    assert told["saved"].startswith("Saved ") and set(told["fields"]) == {"pay_fen", "majors"}
    assert "Pay a month" in told["left_out"]
    post = only_post()
    assert (post.title, post.state, [m.code for m in post.majors], post.version) == ("维修", "draft", ["0603"], told["version"])
    again = browser.post(told["draft_url"], {"kind": "internship", "title": "维修工", "version": told["version"]})
    assert again.get_json()["version"] > told["version"] and only_post().title == "维修工"


def test_a_draft_of_an_older_version_is_refused_and_nothing_is_overwritten(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    told = browser.post("/positions/drafts", {"kind": "internship", "title": "维修"}).get_json()
    browser.post(told["draft_url"], {"kind": "internship", "title": "第二个人写的", "version": told["version"]})
    stale = browser.client.post(
        told["draft_url"], data={"kind": "internship", "title": "第一个人写的", "version": told["version"], "csrf_token": browser.csrf()}, headers={"Accept": "application/json"}
    )
    assert stale.status_code == 409 and only_post().title == "第二个人写的"


def test_an_open_post_is_not_changed_by_keeping_a_draft(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm)
    db.session.commit()
    assert signed_in_as(head(firm)).post(f"/positions/{position.public_id}/draft", {"kind": "internship", "title": "anders"}).status_code == 409


@pytest.mark.parametrize("given", [{"title": ""}, {"duties": ""}, {"places": ""}, {"title": "", "duties": "", "places": "", "family": "0", "start_on": ""}])
def test_the_button_saves_a_draft_that_lacks_what_only_an_open_post_needs(firm: Enterprise, signed_in_as: Any, given: dict[str, str]) -> None:
    browser = signed_in_as(head(firm))
    answer = browser.post("/positions", fields(firm, **given))
    assert answer.status_code == 303
    page = text(browser.get(answer.headers["Location"]))
    assert only_post().state == "draft" and ("Untitled" in page) == ("title" in given)
    assert browser.get("/positions").status_code == 200
    refused = browser.post(f"/positions/{only_post().public_id}/edit", fields(firm, publish="1", version=only_post().version, **given))
    assert refused.status_code == 422, "publishing needs it"


def test_a_draft_is_thrown_away_by_its_firm_alone(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm, state="draft", published_at=None)
    db.session.commit()
    url = f"/positions/{position.public_id}/removal"
    assert signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD)).post(url).status_code == 404
    assert signed_in_as(head(firm)).post(url).status_code == 303
    assert db.session.scalars(sa.select(Position)).all() == []


# ── the law while typing ─────────────────────────────────────────────────────────────────────────


def test_the_fragment_tells_the_share_the_ways_out_and_what_stops_with_links_to_the_fields(firm: Enterprise, signed_in_as: Any) -> None:
    family = builders.a_family(firm, staff=200)
    given = fields(firm, family=family.id, places="19", venue="bar", duties="须交押金五百元")
    page = text(signed_in_as(head(firm)).post("/positions/judgement", given))
    assert "180 employees → 18 interns at a time at the most" in page and "1 too many" in page
    assert "18 fit in these days." in page and "/enterprise" in page and "Save the draft first" in page
    for name in ("places", "venue", "duties"):
        assert f'href="#{name}"' in page
    assert 'data-stops="3"' in page
    assert db.session.scalars(sa.select(Position)).all() == []


def test_the_page_itself_tells_the_same_where_no_script_runs(firm: Enterprise, signed_in_as: Any) -> None:
    browser = signed_in_as(head(firm))
    assert '<div class="stops"' in text(browser.get("/positions/new"))
    position = builders.a_position(firm, state="draft", venue="bar")
    db.session.commit()
    page = text(browser.get(f"/positions/{position.public_id}/edit"))
    assert 'data-stops="1"' in page and '<a href="#venue">' in page
    typed = text(browser.post(f"/positions/{position.public_id}/edit", fields(firm, publish="1", fees="yes")))
    assert '<a href="#fees">' in typed and "data-autosave" in typed


def test_a_lawful_post_is_told_to_be_ready(firm: Enterprise, signed_in_as: Any) -> None:
    page = text(signed_in_as(head(firm)).post("/positions/judgement", fields(firm)))
    assert 'data-stops="0"' in page and "Ready to be published" in page


def test_a_job_is_told_its_minimum_wage_and_no_share(firm: Enterprise, signed_in_as: Any) -> None:
    page = text(signed_in_as(head(firm)).post("/positions/judgement", fields(firm, kind="job", end_on="", pay_fen="1000")))
    assert "1,750" in page and "Share of interns" not in page and 'href="#pay_fen"' in page


def test_what_another_firm_drafts_is_not_judged_for_a_stranger(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm, state="draft")
    db.session.commit()
    stranger = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.an_enterprise().tenant))
    assert stranger.post("/positions/judgement", {"position": str(position.public_id)}).status_code == 404
    assert stranger.post("/positions/judgement", {"position": "nonsense"}).status_code == 400


def test_the_server_refuses_what_the_law_forbids_whatever_the_button_says(firm: Enterprise, signed_in_as: Any) -> None:
    answer = signed_in_as(head(firm)).post("/positions", fields(firm, publish="1", fees="yes"))
    assert answer.status_code == 422 and db.session.scalars(sa.select(Position)).all() == []


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


def over_the_share(firm: Enterprise) -> Position:
    family = builders.a_family(firm, staff=500)
    return builders.a_position(firm, state="draft", published_at=None, places=19, family=family)


def test_a_firm_asks_a_college_answers_and_the_zone_counts(firm: Enterprise, signed_in_as: Any) -> None:
    college, position = builders.a_college(), over_the_share(firm)
    db.session.commit()
    boss = signed_in_as(head(firm))
    ask = f"/positions/{position.public_id}/overrides"
    assert "19" in text(boss.get(ask))
    assert boss.post(ask, {"college": "", "reason": "x"}).status_code == 422
    assert boss.post(ask, {"college": str(college.public_id), "reason": "新产线投产需要整班轮岗"}).status_code == 303
    assert "has not answered yet" in text(boss.get(f"/positions/{position.public_id}"))
    assert boss.post(f"/positions/{position.public_id}/publication").status_code == 422
    asked = db.session.scalars(sa.select(CapOverride)).one()
    officer = signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get(Tenant, college.tenant_id)))
    assert "新产线投产需要整班轮岗" in text(officer.get("/overrides"))
    answer = f"/overrides/{asked.public_id}/answer"
    short = officer.post(answer, {"granted": "1", "answer": "ok", "until_on": asked.to_on.isoformat()})
    assert short.status_code == 422 and "5 to 300" in text(short)
    assert officer.post(answer, {"granted": "1", "answer": "师傅充足，场地合格", "until_on": asked.to_on.isoformat()}).status_code == 303
    assert officer.post(answer, {"granted": "0", "answer": "师傅充足，场地合格"}).status_code == 409
    assert boss.post(f"/positions/{position.public_id}/publication").status_code == 303
    zone = text(signed_in_as(Role.ZONE_HEAD).get("/overrides"))
    assert "let pass 1 times, for 1 interns beyond the share" in zone and "师傅充足，场地合格" in zone


def test_another_college_and_another_firm_see_nothing_of_it(firm: Enterprise, signed_in_as: Any) -> None:
    college, position = builders.a_college(), over_the_share(firm)
    db.session.commit()
    signed_in_as(head(firm)).post(f"/positions/{position.public_id}/overrides", {"college": str(college.public_id), "reason": "新产线投产需要整班轮岗"})
    asked = db.session.scalars(sa.select(CapOverride)).one()
    for role in (Role.COLLEGE_OFFICER, Role.ENTERPRISE_HEAD):
        tenant = db.session.get(Tenant, builders.a_college().tenant_id) if role is Role.COLLEGE_OFFICER else builders.an_enterprise().tenant
        stranger = signed_in_as(builders.a_membership(role, tenant=tenant))
        assert "新产线" not in text(stranger.get("/overrides"))
        assert stranger.get(f"{API}/overrides").json == []
    assert stranger.post(f"/overrides/{asked.public_id}/answer").status_code == 403


# ── templates, repetition, closing ───────────────────────────────────────────────────────────────


def test_a_template_is_kept_written_from_and_thrown_away(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm, must=(builders.a_skill("PLC", code="plc"),), title="常用岗位", night=False)
    db.session.commit()
    browser = signed_in_as(head(firm))
    assert browser.post(f"/positions/{position.public_id}/template", {"name": " "}).status_code == 422
    assert browser.post(f"/positions/{position.public_id}/template", {"name": "维修常用"}).status_code == 303
    template = db.session.scalars(sa.select(PositionTemplate)).one()
    page = text(browser.get(f"/positions/new?template={template.public_id}"))
    assert 'value="常用岗位"' in page and "C:0603" in page and "plc:2" in page
    assert position.start_on is not None and position.start_on.isoformat() not in page
    stranger = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=builders.an_enterprise().tenant))
    assert stranger.get(f"/positions/new?template={template.public_id}").status_code == 404
    assert "维修常用" not in text(stranger.get("/post-templates"))
    browser = signed_in_as(head(firm))
    assert browser.post(f"/post-templates/{template.public_id}/removal").status_code == 303
    assert db.session.scalars(sa.select(PositionTemplate)).all() == []


def test_posts_of_last_term_are_drafted_again_in_bulk_and_only_ones_own(firm: Enterprise, signed_in_as: Any) -> None:
    mine = [builders.a_position(firm, title=f"去年 {n}") for n in range(2)]
    other = builders.a_position(builders.an_enterprise(), title="别人的")
    db.session.commit()
    browser = signed_in_as(head(firm))
    page = text(browser.get("/positions/copies"))
    assert "去年 0" in page and "别人的" not in page
    assert browser.post("/positions/copies", {}).status_code == 422
    ids = [str(one.public_id) for one in (*mine, other)]
    answer = browser.post("/positions/copies", {"positions": ids})
    assert answer.status_code == 303
    drafts = db.session.scalars(sa.select(Position).where(Position.state == "draft")).all()
    assert sorted(one.title for one in drafts) == ["去年 0", "去年 1"]
    assert "2 drafts were made." in text(browser.get(answer.headers["Location"]))
    browser.post("/positions/copies", {"positions": ids})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Position).where(Position.state == "draft")) == 2


def test_closing_needs_its_reason_and_tells_it_and_opening_again_takes_it_away(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm)
    db.session.commit()
    browser = signed_in_as(head(firm))
    url = f"/positions/{position.public_id}"
    assert browser.post(f"{url}/closure", {}).status_code == 422
    assert browser.post(f"{url}/closure", {"reason": "changed", "note": "The line moves"}).status_code == 303
    page = text(browser.get(url))
    assert "The work or its conditions have changed" in page and "The line moves" in page and "Publish again" in page
    assert browser.post(f"{url}/publication").status_code == 303
    assert "The line moves" not in text(browser.get(url))


def test_a_full_post_says_so_to_its_firm_and_to_a_student_who_comes(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm, places=1)
    student = builders.a_student_member()
    position.seats.taken = 1
    closed = builders.a_position(firm, state="closed", closed_reason="filled", closed_at=clock.now())
    db.session.commit()
    assert "All places are taken." in text(signed_in_as(head(firm)).get(f"/positions/{position.public_id}"))
    browser = signed_in_as(student)
    assert "All places are taken." in text(browser.get(f"/matches/{position.public_id}"))
    assert "This post is closed." in text(browser.get(f"/matches/{closed.public_id}"))


def test_the_last_day_is_warned_of_on_the_page_and_a_single_day_says_from(firm: Enterprise, signed_in_as: Any) -> None:
    position = builders.a_position(firm, kind="job", end_on=None, closes_on=clock.today() + timedelta(3))
    db.session.commit()
    page = text(signed_in_as(head(firm)).get(f"/positions/{position.public_id}"))
    assert "then this post is closed by itself" in page and "<dd>from " in page


def test_posts_that_do_not_fit_are_told_by_the_rules_name_not_its_code(firm: Enterprise, signed_in_as: Any) -> None:
    builders.a_position(firm, kind="job", majors=(("class", "0101"),))
    student = builders.a_student(major_code="460301")
    member = builders.a_student_member(student)
    db.session.commit()
    page = text(signed_in_as(member).get("/posts"))
    assert "Accepted majors" in page and "H03" not in page


# ── minimum wages ────────────────────────────────────────────────────────────────────────────────


def test_the_zone_enters_a_minimum_wage_with_its_source_and_firms_read_it(firm: Enterprise, signed_in_as: Any) -> None:
    zone = signed_in_as(Role.ZONE_OFFICER)
    assert zone.post("/minimum-wages", {"monthly_fen": "20", "valid_from": "", "source": ""}).status_code == 422
    assert zone.post("/minimum-wages", {"monthly_fen": "2080", "valid_from": clock.today().isoformat(), "source": "粤府函〔2026〕9号"}).status_code == 303
    browser = signed_in_as(head(firm))
    page = text(browser.get("/minimum-wages"))
    assert "2,080" in page and "粤府函〔2026〕9号" in page and "1,750" in page
    assert browser.post("/minimum-wages", {"monthly_fen": "1"}).status_code == 403
    assert [one["entered"] for one in browser.get(f"{API}/minimum-wages").json] == [True, False]


# ── the same by API ──────────────────────────────────────────────────────────────────────────────


def test_the_api_judges_asks_answers_keeps_repeats_and_closes(firm: Enterprise, signed_in_as: Any) -> None:
    college, position = builders.a_college(), over_the_share(firm)
    db.session.commit()
    boss = signed_in_as(head(firm))
    one = f"{API}/positions/{position.public_id}"
    told = boss.get(f"{one}/judgement").json
    assert (told["shares"][0]["cap"], told["shares"][0]["over"], list(told["stops"])) == (18, 1, ["places"])
    assert {"R10", "R17", "R28"} <= {line["code"] for line in told["rules"]} and all(line["source"] for line in told["rules"])
    asked = boss.send_json("POST", f"{one}/overrides", {"college": str(college.public_id), "reason": "新产线投产需要整班轮岗"})
    assert (asked.status_code, asked.json["over"]) == (201, 1)
    officer = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=db.session.get(Tenant, college.tenant_id)))
    answer = officer.send_json("POST", f"{API}/overrides/{asked.json['id']}/answer", {"granted": True, "answer": "师傅充足，场地合格", "until_on": asked.json["to_on"]})
    assert answer.json["state"] == "granted"
    boss = signed_in_as(head(firm))
    assert boss.get(f"{one}/judgement").json["let_pass_until"] == asked.json["to_on"]
    assert boss.send_json("POST", f"{one}/publication").json["state"] == "open"
    kept = boss.send_json("POST", f"{one}/template", {"name": "常用"})
    assert [t["name"] for t in boss.get(f"{API}/post-templates").json] == ["常用"]
    assert boss.send_json("POST", f"{API}/post-templates/{kept.json['id']}/removal").status_code == 204
    assert boss.send_json("POST", f"{one}/closure", {"reason": "because"}).status_code == 422
    assert boss.send_json("POST", f"{one}/closure", {"reason": "filled"}).json["closed_reason"] == "filled"
    made = boss.send_json("POST", f"{API}/positions/copies", {"positions": [str(position.public_id)]})
    assert made.status_code == 201 and len(made.json["drafts"]) == 1
    assert boss.send_json("POST", f"{API}/positions/{made.json['drafts'][0]}/removal").status_code == 204
