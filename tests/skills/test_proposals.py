"""What is missing in the vocabulary is proposed, and settled by the zone: as new, as another name, or not at all."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.messages.models import Message
from consortium.messages.wording import said
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Invalid
from consortium.skills import queries, service
from consortium.skills.models import Skill, SkillProposal
from consortium.students.models import StudentSkill
from tests import builders


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True)))


@pytest.fixture
def people(app: Flask):
    student = builders.a_student()
    member, curator = builders.a_student_member(student), builders.a_membership(Role.ZONE_OFFICER)
    db.session.commit()
    return student, member, curator


def messages(member) -> list[Message]:
    return list(db.session.scalars(sa.select(Message).where(Message.person_id == member.person_id)))


def skills_of(student) -> set[str]:
    return set(db.session.scalars(sa.select(Skill.name_zh).join(StudentSkill, StudentSkill.skill_id == Skill.id).where(StudentSkill.student_id == student.id)))


def test_taken_in_as_new_it_is_found_by_all_and_stands_in_the_profile_of_who_proposed_it(people, signed_in_as) -> None:
    student, member, curator = people
    browser = signed_in_as(member)
    assert browser.post("/skills/proposals", {"kind": "skill", "name_zh": "数字孪生建模", "said": "产线仿真"}).status_code == 303
    assert skills_of(student) == set()
    proposal = db.session.scalar(sa.select(SkillProposal))
    zone = signed_in_as(curator)
    assert "数字孪生建模" in text_of(zone.get("/skills/proposals"))
    url = f"/skills/proposals/{proposal.public_id}/decision"
    lacking = zone.post(url, {"step": "accept"})
    assert lacking.status_code == 422
    assert "give the English name" in text_of(lacking)
    assert zone.post(url, {"step": "accept", "name_en": "Digital twin modelling", "version": "1"}).status_code == 303
    assert skills_of(student) == {"数字孪生建模"}
    assert [entry.label for entry in queries.search("数字孪生")]
    (message,) = messages(member)
    assert message.kind == "skill-accepted"
    assert "数字孪生建模" in said(message.kind, message.facts)[1]
    assert "In the list" in text_of(browser.get("/skills/proposals"))


def test_merged_it_becomes_an_alias_and_waits_for_the_students_click(people) -> None:
    student, member, curator = people
    existing = builders.a_skill("电气识图")
    proposal = service.propose(member.actor(), "skill", "看电路图纸")
    service.decide(proposal, "merge", by=curator.actor(), code=existing.code)
    assert queries.by_labels()["看电路图纸"].code == existing.code
    assert skills_of(student) == set(), "no skill without a click"
    (message,) = messages(member)
    assert (message.kind, message.link) == ("skill-merged", f"/me?add={existing.code}#skills")


def test_declined_with_a_reason_that_is_told(people) -> None:
    _student, member, curator = people
    proposal = service.propose(member.actor(), "skill", "工作认真")
    with pytest.raises(Invalid):
        service.decide(proposal, "decline", by=curator.actor())
    service.decide(proposal, "decline", by=curator.actor(), reason="这是态度，不是技能")
    (message,) = messages(member)
    assert "这是态度，不是技能" in said(message.kind, message.facts)[1]
    with pytest.raises(Conflict):
        service.decide(proposal, "accept", by=curator.actor(), name_en="Diligence")


def test_what_is_in_the_list_under_any_name_is_not_proposed_again(people) -> None:
    _student, member, _curator = people
    builders.a_skill("PLC编程", aliases=["可编程控制器"])
    for name in ("plc编程", "可编程控制器"):
        with pytest.raises(Invalid) as refused:
            service.propose(member.actor(), "skill", name)
        assert "PLC编程" in str(refused.value.fields["name_zh"][0])
    service.propose(member.actor(), "skill", "螺旋焊")
    with pytest.raises(Invalid):
        service.propose(member.actor(), "skill", "螺旋焊")


def test_one_decision_settles_the_same_name_for_everybody_who_proposed_it(people) -> None:
    _student, member, curator = people
    other = builders.a_student_member(builders.a_student())
    first = service.propose(member.actor(), "skill", "螺旋焊")
    service.propose(other.actor(), "skill", "螺旋焊")
    service.decide(first, "accept", by=curator.actor(), name_en="Spiral welding")
    assert set(db.session.scalars(sa.select(SkillProposal.state))) == {"accepted"}
    assert [m.kind for one in (member, other) for m in messages(one)] == ["skill-accepted"] * 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Skill)) == 1


def test_a_decision_on_what_somebody_decided_meanwhile_is_refused(people, signed_in_as) -> None:
    _student, member, curator = people
    proposal = service.propose(member.actor(), "certificate", "螺旋焊证")
    db.session.commit()
    browser = signed_in_as(curator)
    stale = browser.send_json("POST", f"/api/v1/skills/proposals/{proposal.public_id}/decision", {"step": "decline", "reason": "x", "version": 7})
    assert stale.status_code == 409


def test_one_sees_ones_own_proposals_alone(people, signed_in_as) -> None:
    _student, member, _curator = people
    service.propose(member.actor(), "skill", "螺旋焊")
    db.session.commit()
    stranger = signed_in_as(builders.a_student_member(builders.a_student()))
    assert stranger.get("/api/v1/skills/proposals").get_json() == []
    assert "螺旋焊" not in stranger.get("/skills/proposals").get_data(as_text=True)


def test_a_word_that_is_not_in_the_list_is_refused_at_the_field_with_the_way_to_propose_it(people, signed_in_as) -> None:
    _student, member, _curator = people
    answer = signed_in_as(member).post("/me", {"skills": "螺旋焊"})
    assert answer.status_code == 422
    assert "or propose it to the zone" in text_of(answer)
    assert 'href="/skills/proposals"' in answer.get_data(as_text=True)
