"""What people see of interviews, what they do with them by forms and by the API, and what never shows."""

import re
import uuid
from datetime import timedelta

import sqlalchemy as sa

from consortium.accounts.models import Tenant
from consortium.applications import queries as applications
from consortium.interviews import service
from consortium.interviews.models import Interview, Slot
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


def form(**given):
    at = clock.local(clock.now() + timedelta(days=5)).replace(hour=14, minute=0)
    return {"starts_at": f"{at:%Y-%m-%dT%H:%M}", "minutes": "20", "places": "1", "place": "行政楼 302", "link": "", "times": "3", **given}


def test_three_times_in_a_row_are_offered_in_beijing_time(case, signed_in_as):
    firm, url = signed_in_as(case.firm), f"/positions/{case.position.public_id}/interview-times"
    answer = firm.post(url, form())
    assert answer.status_code == 303
    page = text_of(firm.get(url))
    assert "3 times are offered." in page
    assert "14:00" in page
    assert "14:40" in page
    newest = db.session.scalars(sa.select(Slot).order_by(Slot.id.desc()).limit(3)).all()
    assert [s.starts_at.hour for s in newest] == [6, 6, 6]


def test_a_time_in_the_past_without_a_place_is_refused_at_its_fields_and_nothing_typed_is_lost(case, signed_in_as):
    firm = signed_in_as(case.firm)
    answer = firm.post(f"/positions/{case.position.public_id}/interview-times", form(starts_at="2020-01-01T10:00", place="", link="http://plain.example"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This lies in the past." in page
    assert "A link begins with https://." in page
    assert 'value="http://plain.example"' in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == 2


def test_from_the_board_to_an_agreed_time_without_a_name(case, signed_in_as):
    firm, student = signed_in_as(case.firm), signed_in_as(case.learner)
    alias = applications.alias(case.application)
    answer = firm.post("/interviews", {"application": str(case.application.public_id), "back": "board", "note": "请带证书"})
    assert "/applications/board" in answer.location
    assert "1 applicant was asked to pick a time." in text_of(firm.get(answer.location))
    interview = db.session.scalar(sa.select(Interview))
    url = f"/interviews/{interview.public_id}"
    page = student.get(url).get_data(as_text=True)
    assert "请带证书" in page
    assert page.count('type="radio"') == 2
    assert student.post(f"{url}/booking", {}).status_code == 303
    assert student.post(f"{url}/booking", {"slot": str(case.slots[0].public_id)}).status_code == 303
    for where in ("/interviews", url, "/applications/board", f"/positions/{case.position.public_id}/interview-times", f"{url}/calendar", f"/applications/{case.application.public_id}/interviews?part=1"):
        shown = firm.client.get(where).get_data(as_text=True)
        for secret in (case.student.name, case.student.phone, case.student.email, case.student.student_no, str(case.student.public_id)):
            assert secret not in shown, where
    assert alias in firm.get(url).get_data(as_text=True)
    board = firm.get("/applications/board").get_data(as_text=True)
    assert re.search(r'id="stage-interview".*?' + alias, board, re.S)


def test_the_calendar_file_is_for_both_sides_and_for_nobody_before_a_time_is_agreed(case, signed_in_as):
    interview = case.asked()
    db.session.commit()
    url = f"/interviews/{interview.public_id}/calendar"
    assert signed_in_as(case.learner).client.get(url).status_code == 404
    service.pick(interview, case.slots[0], by=case.me)
    db.session.commit()
    for member in (case.learner, case.firm):
        answer = signed_in_as(member).client.get(url)
        assert answer.mimetype == "text/calendar"
        assert f"DTSTART:{case.slots[0].starts_at:%Y%m%dT%H%M%SZ}" in answer.get_data(as_text=True)


def test_a_clashing_time_is_told_before_the_click(case, signed_in_as):
    case.booked()
    interview, _, _ = case.elsewhere()
    db.session.commit()
    page = signed_in_as(case.learner).get(f"/interviews/{interview.public_id}").get_data(as_text=True)
    assert f"At that time you have the interview for {case.position.title}." in page
    assert re.search(r'type="radio"[^>]*disabled', page)


def test_an_enterprise_never_learns_of_interviews_elsewhere(case, signed_in_as):
    interview, slot, boss = case.elsewhere()
    service.pick(interview, slot, by=case.me)
    mine = case.asked()
    db.session.commit()
    firm = signed_in_as(case.firm)
    assert firm.get(f"/interviews/{interview.public_id}").status_code == 404
    assert interview.application.position.title not in firm.get(f"/interviews/{mine.public_id}").get_data(as_text=True)
    assert signed_in_as(boss).get(f"/interview-times/{case.slots[0].public_id}").status_code == 404


def test_a_stale_form_of_a_time_shows_both_sides(case, signed_in_as):
    firm, slot = signed_in_as(case.firm), case.slots[0]
    old = slot.version
    url = f"/interview-times/{slot.public_id}"
    assert firm.post(url, form(version=str(old))).status_code == 303
    answer = firm.post(url, form(place="别处", version=str(old)))
    assert answer.status_code == 409
    page = text_of(answer)
    assert "别处" in page
    assert "行政楼 302" in page


def test_the_result_is_the_enterprises_own(case, signed_in_as):
    interview = case.booked()
    case.slots[0].starts_at = clock.now() - timedelta(hours=1)
    db.session.commit()
    url = f"/interviews/{interview.public_id}"
    firm = signed_in_as(case.firm)
    assert firm.post(f"{url}/result", {"result": ""}).status_code == 422
    assert firm.post(f"{url}/result", {"result": "not-further"}).status_code == 303
    assert "We do not go on" in firm.get(url).get_data(as_text=True)
    told = signed_in_as(case.learner)
    assert "We do not go on" not in told.get(url).get_data(as_text=True)
    assert told.client.get(f"/api/v1{url}").get_json()["result"] == ""


def test_the_college_reads_its_students_interviews_and_cannot_act(case, signed_in_as):
    interview = case.booked()
    officer = builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, case.college.tenant_id))
    db.session.commit()
    college = signed_in_as(officer)
    assert case.student.name in college.get("/interviews").get_data(as_text=True)
    assert case.student.name in college.get(f"/interviews/{interview.public_id}").get_data(as_text=True)
    for step in ("booking", "declination", "cancellation", "result"):
        assert college.post(f"/interviews/{interview.public_id}/{step}").status_code == 403


def test_the_api_does_the_same(case, signed_in_as):
    firm, student = signed_in_as(case.firm), signed_in_as(case.learner)
    at = (clock.now() + timedelta(days=4)).replace(microsecond=0)
    url = f"/api/v1/positions/{case.position.public_id}/interview-times"
    made = firm.send_json("POST", url, {"starts_at": at.isoformat(), "link": "https://meet.example.org/z", "times": 2})
    assert made.status_code == 201
    assert len(made.get_json()) == 2
    assert firm.send_json("POST", url, {"starts_at": "2020-01-01T10:00:00+08:00", "place": "x"}).status_code == 422
    assert firm.send_json("POST", url, {"starts_at": "2099-01-01T10:00:00", "place": "x"}).status_code == 422, "an instant has its offset"
    asked = firm.send_json("POST", "/api/v1/interviews", {"applications": [str(case.application.public_id)]}).get_json()
    number = asked["done"][0]["id"]
    assert asked["done"][0]["called"] == applications.alias(case.application)
    seen = student.client.get(f"/api/v1/interviews/{number}").get_json()
    assert len(seen["times"]) == 4
    assert not any(one["clash"] for one in seen["times"])
    assert student.send_json("POST", f"/api/v1/interviews/{number}/booking", {"slot": str(uuid.uuid4())}).status_code == 404
    booked = student.send_json("POST", f"/api/v1/interviews/{number}/booking", {"slot": seen["times"][0]["id"]}).get_json()
    assert booked["state"] == "booked"
    slot = firm.client.get(f"/api/v1/interview-times/{seen['times'][0]['id']}").get_json()
    assert slot["who"] == [applications.alias(case.application)]
    body = {key: slot[key] for key in ("starts_at", "minutes", "places", "place", "link", "version")} | {"place": "别处"}
    assert firm.send_json("PUT", f"/api/v1/interview-times/{slot['id']}", body).get_json()["told"] == 1
    assert firm.send_json("PUT", f"/api/v1/interview-times/{slot['id']}", body).status_code == 409
    assert firm.send_json("POST", f"/api/v1/interview-times/{slot['id']}/cancellation").get_json()["told"] == 1
    assert student.send_json("POST", f"/api/v1/interviews/{number}/declination", {"reason": "no-time"}).get_json()["state"] == "declined"


def test_a_double_click_on_offering_has_one_effect(case, signed_in_as):
    firm, sent = signed_in_as(case.firm), form(times="1", form_key=str(uuid.uuid4()))
    for _ in range(2):
        firm.post(f"/positions/{case.position.public_id}/interview-times", sent)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Slot)) == 3
