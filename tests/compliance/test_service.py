"""Filing, verifying, overriding, binding mentors and entering lines of the law, as use cases."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Tenant
from consortium.compliance import queries, service
from consortium.compliance.models import Filing, Mentor, MentorHold
from consortium.matching import eligibility
from consortium.matching.problem import Problem
from consortium.messages.models import Message
from consortium.organisations.models import College, Enterprise
from consortium.positions import queries as positions
from consortium.positions import service as posting
from consortium.reference import law, majors
from consortium.shared import clock
from consortium.shared.access import Actor, Role
from consortium.shared.audit import AuditLine
from consortium.shared.db import db
from consortium.shared.errors import Conflict, Forbidden, Invalid
from consortium.students import queries as students
from tests import builders
from tests.positions.test_service import values

TODAY = clock.today()
YEAR = timedelta(days=365)
_found = majors.find("520201")
assert _found is not None
NURSING = _found.category_key


class Sides:
    """A firm, two colleges and the zone, with somebody to act for each."""

    def __init__(self) -> None:
        self.firm = builders.an_enterprise(mentored=False)
        self.colleges: list[College] = [builders.a_college(), builders.a_college()]
        self.boss = self._actor(Role.ENTERPRISE_HEAD, self.firm.tenant_id)
        self.offices = [self._actor(Role.COLLEGE_OFFICER, one.tenant_id) for one in self.colleges]
        self.zone = builders.a_membership(Role.ZONE_OFFICER).actor()

    def _actor(self, role: Role, tenant_id: int) -> Actor:
        return builders.a_membership(role, tenant=db.session.get_one(Tenant, tenant_id)).actor()


@pytest.fixture
def sides(app: Flask) -> Sides:
    return Sides()


def filing(**given: Any) -> dict[str, Any]:
    return {
        "rules": ["R26"], "number": "清教备〔2026〕7号", "authority": "清远市教育局", "filed_on": TODAY, "valid_from": TODAY, "valid_until": TODAY + YEAR, **given,
    }  # fmt: skip


def overriding(**given: Any) -> dict[str, Any]:
    return {"rule": "R07", "reason": "学生双修，已完成相关课程。", "valid_from": TODAY, "valid_until": TODAY + YEAR, **given}


def refused(call: Any, *args: Any, **given: Any) -> set[str]:
    with pytest.raises(Invalid) as error:
        call(*args, **given)
    return set(error.value.fields)


def verdicts(firm: Enterprise, **facts: Any) -> dict[str, eligibility.Verdict]:
    return {v.code: v for v in positions.judge(builders.a_position(firm, **facts))}


# ── filings ──────────────────────────────────────────────────────────────────────────────────────


def test_a_filing_opens_a_post_only_after_the_zone_has_verified_it(sides: Sides) -> None:
    made = service.file(sides.boss, sides.firm, filing(), ("批文.pdf", b"%PDF-1.7 paper"))
    assert verdicts(sides.firm, night=True)["R26"].blocks
    service.verify_filing(made, by=sides.zone)
    assert not verdicts(sides.firm, night=True)["R26"].blocks
    assert (made.file_kind, made.file_name, len(made.file_sha256)) == ("application/pdf", "批文.pdf", 64)
    told = db.session.scalars(sa.select(Message.kind).where(Message.person_id == sides.boss.person_id))
    assert "filing-verified" in set(told)
    service.withdraw_filing(made, by=sides.boss)
    assert verdicts(sides.firm, night=True)["R26"].blocks
    acts = set(db.session.scalars(sa.select(AuditLine.act)))
    assert {"enter-filing", "verify-filing", "withdraw-filing"} <= acts


def test_a_refused_filing_says_why_and_the_number_may_be_entered_again(sides: Sides) -> None:
    made = service.file(sides.boss, sides.firm, filing())
    assert "number" in refused(service.file, sides.boss, sides.firm, filing())
    assert "reason" in refused(service.refuse_filing, made, "  ", by=sides.zone)
    service.refuse_filing(made, "缺少批文", by=sides.zone)
    with pytest.raises(Conflict):
        service.verify_filing(made, by=sides.zone)
    assert service.file(sides.boss, sides.firm, filing()).id != made.id


def test_what_a_filing_cannot_be_is_told_at_its_field(sides: Sides) -> None:
    wrong = {
        "rules": {"rules": ["R21"]}, "filed_on": {"filed_on": TODAY + timedelta(1)}, "valid_until": {"valid_until": TODAY - timedelta(1)},
        "families": {"families": [999]}, "majors": {"majors": ["M:nothing"]}, "posts": {"posts": ["not-a-post"]}, "colleges": {"colleges": [999]},
        "number": {"number": " "}, "authority": {"authority": ""},
    }  # fmt: skip
    for name, given in wrong.items():
        assert name in refused(service.file, sides.boss, sides.firm, filing(**given)), name
    assert "file" in refused(service.file, sides.boss, sides.firm, filing(), ("a.exe", b"MZ"))
    assert "file" in refused(service.file, sides.boss, sides.firm, filing(), ("a.pdf", b"%PDF-" + b"x" * 6_000_000))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Filing)) == 0


def test_a_colleges_filing_holds_for_its_own_students_only(sides: Sides) -> None:
    made = service.file(sides.offices[0], sides.firm, filing(colleges=[sides.colleges[1].tenant_id]))
    service.verify_filing(made, by=sides.zone)
    post = builders.a_position(sides.firm, night=True)
    own, other = (builders.a_student(one) for one in sides.colleges)
    one = Problem.of(students.as_rows([own, other]), positions.as_rows([post]), TODAY)
    lawful = eligibility.lawful_pairs(one.students, one.positions, law.thresholds(TODAY))[:, 0]
    assert {str(key): bool(open_) for key, open_ in zip(one.students.key, lawful, strict=True)} == {str(own.public_id): True, str(other.public_id): False}
    with pytest.raises(Forbidden):
        service.withdraw_filing(made, by=sides.offices[1])


def test_a_filing_that_ends_soon_is_told_once(sides: Sides) -> None:
    builders.a_filing(sides.firm, valid_until=TODAY + timedelta(days=30))
    builders.a_filing(sides.firm, valid_until=TODAY + timedelta(days=31))
    builders.a_filing(sides.firm, valid_until=TODAY + timedelta(days=3), verified=False)
    assert service.warn_of_ends(TODAY) == 1
    assert service.warn_of_ends(TODAY) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message).where(Message.kind == "filing-ending")) == 1


def test_rest_days_alone_do_not_open_statutory_holidays(sides: Sides) -> None:
    builders.a_filing(sides.firm, rules=["R25"], valid_from=date(2027, 1, 1), valid_until=date(2027, 12, 31))
    days = {"rest_days": True, "start_on": date(2027, 4, 1), "end_on": date(2027, 6, 30)}  # Qingming, Labour Day, Dragon Boat Festival
    assert (verdicts(sides.firm, **days)["R25"].state, verdicts(sides.firm, **days, pauses_holidays=True)["R25"].state) == (-1, 1)
    assert verdicts(sides.firm, **days, pauses_holidays=False)["R25"].state == 0
    quiet = {"rest_days": True, "start_on": date(2027, 7, 1), "end_on": date(2027, 8, 31)}
    assert verdicts(sides.firm, **quiet)["R25"].state == 1


# ── overrides ────────────────────────────────────────────────────────────────────────────────────


def test_a_school_lets_its_own_students_into_another_category(sides: Sides) -> None:
    made = service.override(sides.offices[0], sides.firm, overriding(majors=[f"G:{NURSING}"]))
    row = positions.as_rows([builders.a_position(sides.firm)])[0]
    assert row["overrides"] == [f"R07/G:{NURSING}/{sides.colleges[0].tenant_id}"]
    assert list(db.session.scalars(sa.select(Message.kind).where(Message.person_id == sides.boss.person_id))) == ["rule-overridden"]
    counts = queries.override_counts(sides.zone)
    assert [(code, tenant.id, n, now) for code, tenant, n, now in counts] == [("R07", sides.colleges[0].tenant_id, 1, 1)]
    with pytest.raises(Forbidden):
        service.withdraw_override(made, "x", by=sides.offices[1])
    service.withdraw_override(made, "不再需要", by=sides.offices[0])
    assert positions.as_rows([builders.a_position(sides.firm)])[0]["overrides"] == []
    assert queries.override_counts(sides.zone)[0][2:] == (1, 0)  # what was withdrawn is still counted
    with pytest.raises(Conflict):
        service.withdraw_override(made, "again", by=sides.offices[0])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rule": "R18"}, "rule"), ({"reason": "short"}, "reason"), ({"rule": "R10"}, "rule"), ({"valid_until": TODAY - timedelta(1), "valid_from": TODAY - timedelta(9)}, "valid_until"),
        ({"valid_until": TODAY, "valid_from": TODAY + timedelta(1)}, "valid_until"), ({"families": [999]}, "families"),
    ],
)  # fmt: skip
def test_what_no_school_may_let_pass_is_refused(sides: Sides, given: dict[str, Any], field: str) -> None:
    assert field in refused(service.override, sides.offices[0], sides.firm, overriding(**given))


def _published(boss: Actor, firm: Enterprise, family: int, places: int) -> Any:
    post = posting.create(boss, values(firm, family=family, places=places))
    posting.publish(post, by=boss)
    return post


# ── mentors ──────────────────────────────────────────────────────────────────────────────────────


def test_no_mentor_no_place(sides: Sides) -> None:
    family = builders.a_family(sides.firm).id
    assert refused(_published, sides.boss, sides.firm, family, 3) == {"places"}
    service.set_mentor(sides.boss, {"name": "王师傅"})
    mentor = db.session.scalars(sa.select(Mentor)).one()
    assert mentor.load_limit == 5  # the usual number
    first = _published(sides.boss, sides.firm, family, 3)
    assert refused(_published, sides.boss, sides.firm, family, 3) == {"places"}
    second = _published(sides.boss, sides.firm, family, 2)
    assert _bound(first) == {mentor.id: 3}
    posting.close(second, "not-needed", by=sides.boss)
    assert _bound(second) == {}
    assert {v.code: v.state for v in positions.judge(first)}["R30a"] == 1


def test_other_days_need_no_other_mentor(sides: Sides) -> None:
    builders.a_mentor(sides.firm, load_limit=3)
    family = builders.a_family(sides.firm).id
    _published(sides.boss, sides.firm, family, 3)
    later = TODAY + timedelta(days=300)
    post = posting.create(sides.boss, values(sides.firm, family=family, places=3, start_on=later, end_on=later + timedelta(days=90)))
    posting.publish(post, by=sides.boss)
    assert sum(_bound(post).values()) == 3


def test_a_mentor_looks_after_her_kinds_of_posts_only(sides: Sides) -> None:
    hers, other = builders.a_family(sides.firm), builders.a_family(sides.firm)
    service.set_mentor(sides.boss, {"name": "李师傅", "load_limit": 9, "families": [hers.id]})
    assert refused(_published, sides.boss, sides.firm, other.id, 1) == {"places"}
    assert _published(sides.boss, sides.firm, hers.id, 1).state == "open"


def test_a_limit_never_sinks_below_what_is_bound_and_others_take_over(sides: Sides) -> None:
    builders.a_mentor(sides.firm, load_limit=4, name="王师傅")
    family = builders.a_family(sides.firm).id
    post = _published(sides.boss, sides.firm, family, 4)
    first = db.session.scalars(sa.select(Mentor)).one()
    assert "load_limit" in refused(service.set_mentor, sides.boss, {"name": "王师傅", "load_limit": 3}, first)
    second = service.set_mentor(sides.boss, {"name": "李师傅", "load_limit": 3})
    assert service.end_mentor(first, by=sides.boss) == 1
    assert _bound(post) == {second.id: 3}
    assert {v.code: v.state for v in positions.judge(post)}["R30a"] == 0
    with pytest.raises(Conflict):
        service.end_mentor(first, by=sides.boss)
    service.set_mentor(sides.boss, {"name": "李师傅", "load_limit": 4}, second)
    assert {v.code: v.state for v in positions.judge(post)}["R30a"] == 1


def test_a_mentor_may_be_a_colleague_with_an_account_but_only_of_this_firm(sides: Sides) -> None:
    own = builders.a_membership(Role.MENTOR, tenant=sides.firm.tenant)
    foreign = builders.a_membership(Role.MENTOR)
    assert "account" in refused(service.set_mentor, sides.boss, {"name": "赵", "account": foreign.id})
    made = service.set_mentor(sides.boss, {"name": "赵", "account": own.id})
    assert made.membership_id == own.id
    assert "account" in refused(service.set_mentor, sides.boss, {"name": "钱", "account": own.id})


def test_a_crowd_never_binds_a_mentor_beyond_the_limit(app: Flask, sides: Sides) -> None:
    for _ in range(3):
        builders.a_mentor(sides.firm, load_limit=7)
    tenant_id = sides.firm.tenant_id
    db.session.commit()
    turns: Iterator[int] = iter(range(120))
    lock = threading.Lock()
    outcome: list[str] = []

    def crowd() -> None:
        with app.app_context():
            while True:
                with lock:
                    if next(turns, None) is None:
                        return
                try:
                    queries.standing([tenant_id])  # seen before the lock, as a request does that judges first
                    service.bind_mentors(tenant_id, None, holder=uuid.uuid4(), label="x", heads=2, from_on=TODAY, to_on=TODAY + YEAR)
                    db.session.commit()
                    outcome.append("bound")
                except Conflict as refused:
                    db.session.rollback()
                    outcome.append(refused.code)

    people = [threading.Thread(target=crowd) for _ in range(6)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    loads = db.session.execute(sa.select(MentorHold.mentor_id, sa.func.sum(MentorHold.heads)).group_by(MentorHold.mentor_id)).all()
    assert [int(n) for _, n in loads] and all(n <= 7 for _, n in loads)
    assert outcome.count("bound") == 10
    assert set(outcome) == {"bound", "no-mentor"}


def test_keeping_fewer_interns_frees_mentors(sides: Sides) -> None:
    builders.a_mentor(sides.firm, load_limit=2)
    builders.a_mentor(sides.firm, load_limit=3)
    holder = uuid.uuid4()
    service.bind_mentors(sides.firm.tenant_id, None, holder=holder, label="x", heads=5, from_on=TODAY, to_on=TODAY)
    service.keep_mentors(holder, 4)
    assert sum(db.session.scalars(sa.select(MentorHold.heads))) == 4
    service.keep_mentors(holder, 0)
    assert list(db.session.scalars(sa.select(MentorHold))) == []


def _bound(post: Any) -> dict[int, int]:
    db.session.expire_all()
    rows = db.session.execute(sa.select(MentorHold.mentor_id, MentorHold.heads).where(MentorHold.holder == post.public_id))
    return {row[0]: row[1] for row in rows}


# ── the law's tables ─────────────────────────────────────────────────────────────────────────────


def line(**given: Any) -> dict[str, Any]:
    return {"kind": "holiday", "key": "2030-01-01", "name_zh": "元旦", "source": "国办发明电〔2029〕1号", **given}


def test_what_the_zone_enters_goes_over_the_files_with_its_source(sides: Sides) -> None:
    head = builders.a_membership(Role.ZONE_HEAD).actor()
    service.enter_line(head, line())
    assert law.holidays()[date(2030, 1, 1)] == "元旦"
    assert law.is_day_of_rest(date(2030, 1, 1))
    service.enter_line(head, line(gone=True))
    assert date(2030, 1, 1) not in law.holidays()
    assert law.is_day_of_rest(date(2030, 1, 5))  # a Saturday
    service.enter_line(head, line(kind="make-up", key="2030-01-05", name_zh="调休上班"))
    assert not law.is_day_of_rest(date(2030, 1, 5))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditLine).where(AuditLine.act == "enter-law")) == 3


def test_a_threshold_holds_from_its_day_on_and_rules_read_it(sides: Sides) -> None:
    head = builders.a_membership(Role.ZONE_HEAD).actor()
    assert verdicts(sides.firm, hours_per_week=44.0)["R26"].state == 1
    service.enter_line(head, line(kind="threshold", key="hours_per_week", value="40", valid_from=TODAY + timedelta(1)))
    assert law.thresholds(TODAY)["hours_per_week"] == 44
    assert law.thresholds(TODAY + timedelta(1))["hours_per_week"] == 40
    service.enter_line(head, line(kind="threshold", key="hours_per_week", value="40", valid_from=TODAY))
    assert verdicts(sides.firm, hours_per_week=44.0)["R26"].state == 0


def test_a_hazard_that_is_entered_is_kept_from_whom_the_line_says(sides: Sides) -> None:
    head = builders.a_membership(Role.ZONE_HEAD).actor()
    assert verdicts(sides.firm, hazards=["loud_noise"])["R24"].state == 1
    service.enter_line(head, line(kind="hazard", key="loud_noise", value="minor unfiled", name_zh="强噪声"))
    assert verdicts(sides.firm, hazards=["loud_noise"])["R24"].state == 0
    assert verdicts(sides.firm, hazards=["height"])["R24"].state == 0  # the rest of the list stands
    service.enter_line(head, line(kind="hazard", key="height", gone=True))
    assert verdicts(sides.firm, hazards=["height"])["R24"].state == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "cows"}, "kind"), ({"key": ""}, "key"), ({"source": " "}, "source"), ({"kind": "threshold", "key": "no_such", "value": "1"}, "key"),
        ({"key": "2030-01-02", "gone": True}, "key"), ({"kind": "threshold", "key": "pay_share", "value": "0.8", "gone": True}, "gone"),
        ({"kind": "threshold", "key": "pay_share", "value": "x"}, "value"), ({"name_zh": ""}, "name_zh"),
    ],
)  # fmt: skip
def test_a_line_that_nobody_could_check_or_read_is_refused(sides: Sides, given: dict[str, Any], field: str) -> None:
    assert field in refused(service.enter_line, builders.a_membership(Role.ZONE_HEAD).actor(), line(**given))
