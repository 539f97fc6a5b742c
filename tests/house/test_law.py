"""The law at every place where it is asked: rule × place, each with a case that passes, one that fails and one where the data are missing.

The cases are generated from the one definition (`eligibility.RULES`): a new rule, or a new place of an old one, fails here until it has its three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from consortium.agreements import queries as agreements
from consortium.agreements import service as drafting
from consortium.agreements.models import Agreement, Signature
from consortium.applications import lifecycle, queries, service
from consortium.applications.models import Application
from consortium.compliance.models import Mentor, MentorHold
from consortium.matching import eligibility
from consortium.matching.eligibility import (
    AGREEMENT,
    BY_CODE,
    BY_DESIGN,
    EVERY_DAY,
    FAIL,
    FIRST_DAY,
    MATCHING,
    OFFER,
    PASS,
    POST,
    POSTING,
    RULES,
    SIGNATURE,
    UNKNOWN,
    WARN,
)
from consortium.matching.problem import Problem
from consortium.organisations.models import SiteVisit
from consortium.positions import queries as positions
from consortium.positions import service as posting
from consortium.positions.forms import PositionForm
from consortium.reference import law
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import Base, db
from consortium.shared.errors import Conflict, ConsortiumError, Invalid
from consortium.shared.i18n import in_language
from consortium.students import queries as students
from consortium.students.models import Consent
from tests import builders

OTHER = {"major_code": "520201"}  # nursing: another category
MINOR = clock.today() - timedelta(days=17 * 365)
CHILD = clock.today() - timedelta(days=15 * 365)


@dataclass
class Case:
    """What differs from a lawful student at a lawful post; `job` for rules of jobs; `also` for records of their own."""

    student: dict[str, Any] = field(default_factory=dict)
    post: dict[str, Any] = field(default_factory=dict)
    firm: dict[str, Any] = field(default_factory=dict)
    family: dict[str, Any] = field(default_factory=dict)
    also: Callable[[World], None] = lambda _world: None


@dataclass
class World:
    """One student, one post, and whatever the law wants to see of them."""

    case: Case
    kind: str

    def __post_init__(self) -> None:
        self.college = builders.a_college()
        self.student = builders.a_student(self.college, **({"sex": "M"} | self.case.student))
        self.me = builders.a_student_member(self.student).actor()
        self.firm = builders.an_enterprise(**({"staff": 180} | self.case.firm))
        self.boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=self.firm.tenant).actor()
        self.office = builders.a_membership(Role.COLLEGE_OFFICER, tenant=self.student.tenant).actor()
        family = builders.a_family(self.firm, **({"staff": 60} | self.case.family))
        own = {"kind": self.kind, "places": 3, "family": family} | ({"end_on": None} if self.kind == "job" else {})
        self.post = builders.a_position(self.firm, **(own | self.case.post))
        self.case.also(self)
        db.session.flush()

    def draft(self) -> Agreement:
        """The agreement of an accepted offer, however the offer came about; the post keeps one taken place."""
        application = builders.saved(
            Application(
                college_tenant_id=self.student.tenant_id, enterprise_tenant_id=self.firm.tenant_id, student_id=self.student.id, position_id=self.post.id,
                kind=self.kind, state="accepted", begun_by="student", spoken=True,
            )
        )  # fmt: skip
        self.post.seats.taken = self.post.seats.places
        db.session.flush()
        made = drafting.draft_from(application.id)
        return made

    def visit(self, published: bool = True) -> None:
        today = clock.today()
        builders.saved(
            SiteVisit(
                college_tenant_id=self.college.tenant_id, enterprise_tenant_id=self.firm.tenant_id, visited_on=today, decided_on=today, published_on=today if published else None
            )
        )

    def informed(self, *who: str) -> None:
        for one in who:
            builders.saved(Consent(student_id=self.student.id, purpose="internship", version="2026-11", given_by=one, given_at=clock.now()))


def _no_mentor(world: World) -> None:
    for mentor in db.session.scalars(sa.select(Mentor).where(Mentor.tenant_id == world.firm.tenant_id)):
        mentor.ended_at = clock.now()


def _weak_mentor(world: World) -> None:
    _no_mentor(world)
    builders.a_mentor(world.firm, load_limit=1)


def _filed(**scope: Any) -> Callable[[World], None]:
    def file(world: World) -> None:
        given = {name: value(world) if callable(value) else value for name, value in scope.items()}
        builders.a_filing(world.firm, valid_until=clock.today() + timedelta(days=900), **given)

    return file


def _bound(world: World) -> None:
    assert world.post.start_on is not None
    assert world.post.end_on is not None
    mentor = db.session.scalars(sa.select(Mentor).where(Mentor.tenant_id == world.firm.tenant_id)).first()
    assert mentor is not None
    builders.saved(MentorHold(mentor_id=mentor.id, holder=world.post.public_id, heads=3, from_on=world.post.start_on, to_on=world.post.end_on))


def _withdrawn_consent(world: World) -> None:
    db.session.execute(sa.update(Consent).where(Consent.student_id == world.student.id).values(withdrawn_at=clock.now()))


def post(**facts: Any) -> Case:
    return Case(post=facts)


def student(**facts: Any) -> Case:
    return Case(student=facts)


def both(of_student: dict[str, Any], of_post: dict[str, Any]) -> Case:
    return Case(student=of_student, post=of_post)


START = clock.today() + timedelta(days=60)
UNSURE = None
"""A case that cannot be: the product always knows."""

# rule → (passing, failing, unknown)
CASES: dict[str, tuple[Case | None, Case | None, Case | None]] = {
    "C01": (Case(), Case(also=_withdrawn_consent), UNSURE),
    "R01": (student(level="中职"), student(level="本科"), student(level="")),
    "R04": (Case(), Case(firm={"credit_code": ""}), UNSURE),
    "R05": (Case(), Case(firm={"verified_at": None}), UNSURE),
    "R07": (Case(), student(**OTHER), student(major_code="")),
    "R10": (Case(firm={"staff": 30}), Case(firm={"staff": 20}), Case(firm={"staff": None})),
    "R11": (Case(family={"staff": 15}), Case(family={"staff": 14}), Case(family={"staff": None})),
    "R13": (Case(), post(end_on=START + timedelta(days=300)), post(end_on=None)),
    "R17": (Case(), student(enrolled_on=clock.today()), student(enrolled_on=None)),
    "R18": (Case(), student(birth_on=CHILD), student(birth_on=None)),
    "R19": (student(birth_on=MINOR), both({"birth_on": MINOR}, {"hazards": ["dust"]}), both({"birth_on": None}, {"hazards": ["dust"]})),
    "R20": (Case(), both({"sex": "F"}, {"hazards": ["heavy_load"]}), both({"sex": ""}, {"hazards": ["heavy_load"]})),
    "R21": (Case(), post(venue="bar"), post(venue="")),
    "R22": (Case(), Case(firm={"host_type": "labour_dispatch"}), Case(firm={"host_type": ""})),
    "R23": (Case(), post(labour_level=3), post(labour_level=None)),
    "R24": (
        Case(post={"hazards": ["height"]}, also=_filed(rules=["R24"])), post(hazards=["height"]), post(labour_level=None),
    ),
    "R25": (Case(post={"rest_days": True}, also=_filed(rules=["R25"], covers_holidays=True)), post(rest_days=True), post(rest_days=None)),
    "R26": (Case(post={"night": True}, also=_filed()), Case(post={"night": True}, also=_filed(verified=False)), post(hours_per_week=None)),
    "R24f": (
        Case(post={"night": True}, also=_filed(colleges=lambda w: [w.college.tenant_id])),
        Case(post={"night": True}, also=_filed(colleges=lambda w: [w.firm.tenant_id])),
        Case(student={"major_code": ""}, post={"night": True}, also=_filed(majors=["C:0603"])),
    ),
    "R27a": (Case(), post(pay_fen=200_000), post(pay_fen=None)),
    "R27b": (Case(), post(pay_in_kind=True), post(pay_to_student=None)),
    "R28": (Case(), post(fees=True), post(fees=None)),
    "R30a": (Case(), Case(also=_weak_mentor), Case(also=_no_mentor)),
    "J01": (Case(), student(birth_on=CHILD), student(birth_on=None)),
    "J02": (student(birth_on=MINOR), both({"birth_on": MINOR}, {"hazards": ["dust"]}), both({"birth_on": None}, {"hazards": ["dust"]})),
    "J03": (Case(), both({"sex": "F"}, {"hazards": ["heavy_load"]}), both({"sex": ""}, {"hazards": ["heavy_load"]})),
    "J04": (Case(), post(fees=True), post(fees=None)),
    "J05": (Case(), post(pay_fen=100_000), post(pay_fen=None)),
    "J06": (post(contract_months=12, probation_months=2), post(contract_months=12, probation_months=6), post(contract_months=12, probation_months=None)),
    "R06": (Case(also=World.visit), Case(also=lambda w: w.visit(published=False)), UNSURE),
    "R08": (Case(also=lambda w: w.informed("student", "guardian")), Case(also=lambda w: w.informed("student")), UNSURE),
    "R15": (Case(also=lambda w: _sign(w)), Case(), UNSURE),
    "R16": (Case(also=lambda w: _complete(w)), Case(), UNSURE),
    "R29": (UNSURE, UNSURE, Case()),  # the policy is recorded with the agreement's signature
    "R30": (UNSURE, Case(), Case(also=_bound)),  # the school's teacher is named with the internship
    "J07": (UNSURE, UNSURE, Case()),  # the contract is recorded with the internship
}
LAW = [rule for rule in RULES if rule.is_law]
ASKED = [(rule.code, place) for rule in LAW for place in rule.places]
STATES = {"passes": (0, PASS), "fails": (1, FAIL), "unknown": (2, UNKNOWN)}


def _sign(world: World) -> None:
    world.signed = True  # type: ignore[attr-defined]


def _complete(world: World) -> None:
    world.complete = True  # type: ignore[attr-defined]


def test_every_rule_of_law_has_its_three_cases() -> None:
    assert set(CASES) == {rule.code for rule in LAW}, "a rule of law without cases, or cases of no rule"
    for code, cases in CASES.items():
        assert len(cases) == 3
        assert any(cases), code
    assert not set(BY_DESIGN) & set(BY_CODE)
    for name in BY_DESIGN.values():
        assert name in globals(), f"{name} is told to show a rule, and is no test here"


@pytest.mark.parametrize(("code", "place"), ASKED, ids=[f"{code}-{place}" for code, place in ASKED])
def test_a_rule_at_its_place(code: str, place: str, app: Flask) -> None:
    rule = BY_CODE[code]
    for which, (turn, expected) in STATES.items():
        case = CASES[code][turn]
        if case is None:
            continue
        world = World(case, "internship" if "internship" in rule.kinds else "job")
        state, stopped = ASK[place](world, code)
        assert state == expected, f"{code} at {place}: {which}"
        waits = expected != PASS and (expected == FAIL or rule.unknown_blocks)
        if rule.effect == WARN:  # from the signature on a school's reason is waited for, at the posting the firm's
            waits = expected == FAIL and bool(rule.override) and place not in (MATCHING, OFFER)
        assert stopped == waits, f"{code} at {place}: {which} {'does not stop' if waits else 'stops'} it"
        db.session.rollback()


# ── how each place is asked ──────────────────────────────────────────────────────────────────────


def _at_posting(world: World, code: str) -> tuple[int, bool]:
    found = {v.code: v.state for v in positions.judge(world.post)}[code]
    world.post.state = "draft"
    with in_language("en"):
        try:
            posting.publish(world.post, by=world.boss)
        except Invalid as refused:
            said = " ".join(str(one) for all_ in refused.fields.values() for one in all_)
            told = {"R10": ("%", "head-count"), "R11": ("%", "head-count"), "R30a": ("Mentors have room for",)}.get(code, (law.rule(code).words("en"),))
            return found, any(words in said for words in told)
    return found, False


def _at_matching(world: World, code: str) -> tuple[int, bool]:
    limits = law.thresholds(clock.today())
    one = Problem.of(students.as_rows([world.student]), positions.as_rows([world.post]), clock.today())
    found = {v.code: v for v in eligibility.judge_pair(one, 0, 0, limits)}
    if BY_CODE[code].scope == POST:
        assert found[code].state == {v.code: v.state for v in eligibility.judge_posts(one.positions, limits)[0]}[code]
    if any(v.blocks for v in found.values() if v.code != code):  # a missing day is missed by several rules
        return found[code].state, found[code].blocks
    return found[code].state, not eligibility.lawful_pairs(one.students, one.positions, limits)[0, 0]


def _at_offer(world: World, code: str) -> tuple[int, bool]:
    one = Problem.of(students.as_rows([world.student]), positions.as_rows([world.post]), clock.today())
    found = {v.code: v.state for v in eligibility.judge_pair(one, 0, 0, law.thresholds(clock.today()))}[code]
    try:
        service.offer(world.student, world.post, by=world.boss)
    except Conflict as refused:
        return found, code in refused.facts.get("rules", ()) or refused.code == "no-consent"
    return found, False


def _at(place: str) -> Callable[[World, str], tuple[int, bool]]:
    def ask(world: World, code: str) -> tuple[int, bool]:
        agreement = world.draft()
        if getattr(world, "signed", False):
            db.session.execute(sa.update(Signature).where(Signature.agreement_id == agreement.id).values(signed_at=clock.now()))
            db.session.refresh(agreement)
        if getattr(world, "complete", False):
            agreement.terms = agreement.terms | dict.fromkeys(("protection", "insurance", "assessment", "breach"), "有") | {"board": True, "lodging": True}
        found = {one.code: one for one in agreements.judged([agreement], place)[0]}[code]
        assert {one.code for one in agreements.checklist(agreement)} >= {code}
        return found.state, found.blocks

    return ask


ASK = {POSTING: _at_posting, MATCHING: _at_matching, OFFER: _at_offer, SIGNATURE: _at(SIGNATURE), FIRST_DAY: _at(FIRST_DAY), EVERY_DAY: _at(EVERY_DAY)}


def test_every_place_can_be_asked() -> None:
    assert set(ASK) == set(eligibility.PLACES)
    for rule in LAW:
        assert rule.places, rule.code
        if rule.scope == AGREEMENT:
            assert not set(rule.places) & {POSTING, MATCHING, OFFER}


# ── what is kept by how the product is built ─────────────────────────────────────────────────────


def test_a_post_is_an_internship_or_a_job_and_nothing_else(app: Flask) -> None:
    assert {choice for choice, _ in ((c.value, c.label) for c in PositionForm.kind.kwargs["choices"])} == {"internship", "job"}
    with pytest.raises(IntegrityError):
        builders.a_position(kind="visit")
    db.session.rollback()


def test_no_one_can_post_or_apply_for_a_visit(app: Flask) -> None:
    world = World(Case(), "internship")
    with pytest.raises(IntegrityError):
        db.session.execute(sa.update(type(world.post)).where(type(world.post).id == world.post.id).values(kind="visit"))
    db.session.rollback()


def test_a_student_may_refuse_and_no_agreement_is_drafted_without_her(app: Flask) -> None:
    world = World(Case(), "internship")
    application = service.offer(world.student, world.post, by=world.boss)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Agreement)) == 0
    for by in (world.boss, world.office):
        with pytest.raises(ConsortiumError):
            service.accept(application, by=by)
    service.accept(application, by=world.me)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Agreement)) == 1


def test_a_student_may_decline_whatever_is_proposed(app: Flask) -> None:
    for step in ("decline", "withdraw"):
        assert Role.STUDENT in lifecycle.APPLICATION.steps[step].by
    for state in (lifecycle.INVITED, lifecycle.OFFERED):
        assert state in lifecycle.APPLICATION.steps["decline"].sources


def test_whatever_a_post_calls_itself_the_rules_of_internships_apply(app: Flask) -> None:
    named_so = World(Case(post={"title": "社会实践", "duties": "教学实习", "venue": "bar"}), "internship")
    assert next(v for v in positions.judge(named_so.post) if v.code == "R21").blocks


def test_no_figure_of_staff_is_kept_of_a_student() -> None:
    names = {column.name for table in Base.metadata.sorted_tables for column in table.columns if "student" in table.name or table.name in ("agreements", "applications")}
    assert not {name for name in names if any(word in name for word in ("attendance", "overtime_hours", "kpi", "rank_among_staff"))}


def test_a_case_under_sixteen_is_refused_and_never_drafted(app: Flask) -> None:
    for kind, code in (("internship", "R18"), ("job", "J01")):
        world = World(student(birth_on=CHILD), kind)
        assert code in queries.stopping_rules(world.student, world.post, by_student=True)
        with pytest.raises(Conflict):
            service.apply(world.student, world.post, by=world.me)
        db.session.rollback()


# ── the table ────────────────────────────────────────────────────────────────────────────────────

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- rules -->", "<!-- /rules -->"


def test_the_readme_holds_the_table_of_rules_and_places_and_it_is_true() -> None:
    from consortium.cli import rules_table

    whole = README.read_text(encoding="utf-8")
    assert whole.count(BEGIN) == whole.count(END) == 1
    assert whole.partition(BEGIN)[2].partition(END)[0].strip() == rules_table().strip(), "run: consortium rules --write"
