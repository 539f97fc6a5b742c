"""Canaries: every tenant's data carry a word of their own; no page, resource, message or log shows a word to whom it is not for."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership, Tenant
from consortium.agreements.models import Agreement
from consortium.applications import queries, service
from consortium.applications.models import Application
from consortium.applications.service import enterprise
from consortium.compliance.models import Filing, Mentor, Override
from consortium.imports.models import Upload
from consortium.interviews import service as interviews
from consortium.interviews.models import Interview, Slot
from consortium.messages import wording
from consortium.messages.models import Message, OutboxItem
from consortium.organisations.models import College, Enterprise, ListItem
from consortium.positions.models import Position
from consortium.proposals import service as proposals
from consortium.proposals import tasks
from consortium.rounds.models import Round, RoundChoice, RoundList, RoundPost
from consortium.shared import clock, logs, sealed
from consortium.shared.access import ABILITIES, ROLES_OF, Actor, Role
from consortium.shared.db import db
from consortium.students import service as students
from consortium.students.models import Student
from consortium.web.gate import GATES
from tests import builders
from tests.house.test_gates import address, kind_of

STAGES = ("matched", "applied", "invited", "agreed", "offered", "accepted", "withdrawn", "interviewed", "declined")
NAME, PROFILE, CONTACT, NUMBER, NEVER = "name", "profile", "contact", "number", "never"
OPEN_TO_FIRM = {
    "matched": set(), "applied": {PROFILE}, "invited": set(), "agreed": {PROFILE, NAME}, "offered": set(), "accepted": {PROFILE, NAME, CONTACT, NUMBER},
    "withdrawn": set(), "interviewed": {PROFILE}, "declined": set(),
}  # fmt: skip
"""What an enterprise may read of a student at each stage; the offer went out to a candidate who has not spoken yet. The number stands in the agreement."""
NOTHING_THERE = {"/api/v1/imports/<uuid:id>/reversal", "/imports/<uuid:id>/reversal", "/imports/<uuid:id>/rows-to-mend", "/api/v1/imports/<uuid:id>/rows"}
"""Routes that an upload without rows does not open; no student is in it."""
MOST_PAGES = 900


@dataclass
class Canaries:
    """Two of everything; `words` by (side, stage, depth)."""

    zone: Tenant
    colleges: list[Tenant] = field(default_factory=list)
    firms: list[Tenant] = field(default_factory=list)
    bosses: list[Membership] = field(default_factory=list)
    posts: list[Position] = field(default_factory=list)
    students: dict[tuple[int, str], Student] = field(default_factory=dict)
    learners: dict[tuple[int, str], Membership] = field(default_factory=dict)
    words: dict[tuple[int, str, str], list[str]] = field(default_factory=dict)
    drafts: list[Position] = field(default_factory=list)
    upload: Any = None

    def of_college(self, side: int) -> list[str]:
        return [word for (at, _, _), told in self.words.items() if at == side for word in told]


@pytest.fixture
def canaries(app: Flask) -> Canaries:
    from consortium.shared.access import TenantKind

    found = Canaries(builders.a_tenant(TenantKind.ZONE))
    for side in (0, 1):
        college, firm = builders.a_college(), builders.an_enterprise(staff=900)
        found.colleges.append(db.session.get_one(Tenant, college.tenant_id))
        found.firms.append(db.session.get_one(Tenant, firm.tenant_id))
        found.bosses.append(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=found.firms[side]))
        found.posts.append(builders.a_position(firm, places=7, venue="factory"))
        found.drafts.append(builders.a_position(firm, state="draft", title=f"draftcanary{side}"))
        builders.a_list_item(firm, "talent", state="draft", title=f"draftcanary{side} row")
        for turn, stage in enumerate(STAGES):
            _a_student(found, side, stage, turn, college)
    found.upload = builders.saved(
        Upload(tenant_id=found.firms[0].id, person_id=found.bosses[0].person_id, kind="positions", stage="checked", state="done", filename="b.xlsx", sha256="1" * 64, size=1)
    )
    for side, tenant in enumerate(found.firms):
        firm = db.session.scalars(sa.select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one()
        builders.a_filing(firm, verified=False, file=b"%PDF-1.7 paper", file_kind="application/pdf", file_name="paper.pdf")
        builders.an_override(firm, db.session.scalars(sa.select(College).order_by(College.id)).all()[side])
    builders.an_intent_round(None, *found.firms)
    db.session.commit()
    run = proposals.start(by=None, seed=3)
    number = run.id
    db.session.commit()
    tasks.work_here(number)
    for side in (0, 1):  # the first college's students deal with the first firm, the second's with the second
        for stage in STAGES:
            _play(found, side, stage)
    _in_a_round(found)
    db.session.commit()
    return found


def _in_a_round(found: Canaries) -> None:
    """A round whose lists are open: both posts take part, and whoever is not placed has her side's post on the list."""
    one = builders.a_round()
    for side, post in enumerate(found.posts):
        builders.saved(RoundPost(round_id=one.id, tenant_id=post.tenant_id, position_id=post.id, state="takes_part", places=1, changed_at=clock.now()))
        for stage in STAGES:
            if stage != "accepted":
                row = builders.saved(RoundList(round_id=one.id, student_id=found.students[side, stage].id, state="handed_in", changed_at=clock.now()))
                builders.saved(RoundChoice(list_id=row.id, place=1, round_id=one.id, position_id=post.id))


def _a_student(found: Canaries, side: int, stage: str, turn: int, college: Any) -> None:
    code = f"{side}{turn}"
    phone, guardian = f"1380055{code}11", f"1390055{code}22"
    identity = f"44180{side}20060305{turn}{side}{turn}8"
    tail = sealed.masked(identity)
    words = {
        NAME: [f"鸢{'甲乙'[side]}{'一二三四五六七八九'[turn]}"],
        CONTACT: [phone, f"mailcanary{code}@example.org"],
        NUMBER: [f"nocanary{code}"],
        NEVER: [identity, tail, f"守{'甲乙'[side]}{'一二三四五六七八九'[turn]}", guardian, f"evidencecanary{code}"],
        PROFILE: [f"aboutcanary{code}"],
    }
    student = builders.a_student(
        college, student_no=words[NUMBER][0], name=words[NAME][0], phone=phone, email=words[CONTACT][1], identity_tail=tail,
        identity_sealed=sealed.seal(identity, "k" * 32), identity_hash=sealed.keyed_hash(identity, "k" * 32), guardian_name=words[NEVER][2],
        guardian_phone=guardian, about=words[PROFILE][0],
    )  # fmt: skip
    student.consents[0].evidence = f"evidencecanary{code}" if student.consents else ""
    found.students[side, stage] = student
    found.learners[side, stage] = builders.a_student_member(student)
    words[NEVER].append(str(student.public_id))
    for depth, told in words.items():
        found.words[side, stage, depth] = told


def _play(found: Canaries, side: int, stage: str) -> None:
    student, post = found.students[side, stage], found.posts[side]
    me, boss = found.learners[side, stage].actor(), found.bosses[side].actor()
    if stage == "applied":
        service.apply(student, post, by=me)
    elif stage == "withdrawn":
        service.withdraw(service.apply(student, post, by=me), by=me)
    elif stage in ("invited", "agreed"):
        application = service.invite(student, post, by=boss)
        if stage == "agreed":
            service.agree_to_invitation(application, by=me)
    elif stage == "interviewed":
        application = service.apply(student, post, by=me)
        slot = builders.a_slot(post)
        interviews.pick(interviews.ask([application], by=boss).done[0], slot, by=me)
        enterprise.add_note(post, student, f"firmnote{side}", by=boss)
    elif stage == "declined":
        service.decline(service.apply(student, post, by=me), by=boss, reason="skills")
    elif stage in ("offered", "accepted"):
        application = service.offer(student, post, by=boss)
        if stage == "accepted":
            service.accept(application, by=me)


def _addresses(app: Flask, role: Role, found: Canaries) -> dict[str, list[str]]:
    """Every route that this role may enter by GET → its addresses with the ids of both sides, linked or not."""
    ids: dict[str, list[Any]] = {
        "positions": [p.public_id for p in (*found.posts, *found.drafts)], "enterprises": list(db.session.scalars(sa.select(Enterprise.public_id))),
        "applications": list(db.session.scalars(sa.select(Application.public_id))), "agreements": list(db.session.scalars(sa.select(Agreement.public_id))),
        "interviews": list(db.session.scalars(sa.select(Interview.public_id))), "interview-times": list(db.session.scalars(sa.select(Slot.public_id))),
        "imports": [found.upload.public_id], "filings": list(db.session.scalars(sa.select(Filing.public_id))),
        "rule-overrides": list(db.session.scalars(sa.select(Override.public_id))), "mentors": list(db.session.scalars(sa.select(Mentor.public_id))),
        "three-lists": list(db.session.scalars(sa.select(ListItem.public_id))), "rounds": list(db.session.scalars(sa.select(Round.public_id))),
    }  # fmt: skip
    told: dict[str, list[str]] = {}
    for rule in app.url_map.iter_rules():
        gate = GATES.get((rule.endpoint, "GET"))
        if gate is None or gate.ability in ("public", "signed-in") or role not in ABILITIES[gate.ability]:
            continue
        inside = "<uuid:id>" in rule.rule
        told[rule.rule] = [address(rule.rule, one) for one in ids[kind_of(rule.rule)]] if inside else [address(rule.rule, position=found.posts[0].public_id)]
    return told


def _crawl(app: Flask, browser: Any, role: Role, more: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every page and resource that can be reached by links and listed ids, and `more` addresses: (address, all its text)."""
    starts = [
        rule.rule for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.rule.startswith(("/static", "/bootstrap"))
    ]  # fmt: skip
    waiting = [*sorted(starts), *(f"/desk/figures/{n}" for n in ("openings", "students", "accepted", "enterprises", "unanswered", "applied", "drafted", "matched"))]
    waiting += [one for one in more if one not in waiting]
    known: set[str] = set(waiting)
    n = 0
    while waiting and n < MOST_PAGES:
        url = waiting.pop(0)
        answer = browser.client.get(url)
        n += 1
        assert answer.status_code < 500, url
        if answer.mimetype.endswith("spreadsheetml.sheet") or answer.mimetype == "application/zip":
            with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
                yield url, " ".join(book.read(name).decode(errors="replace") for name in book.namelist())
            continue
        if answer.mimetype.startswith("image/"):
            yield url, str(answer.headers)
            continue
        text = answer.get_data(as_text=True)
        yield url, text + " " + unescape(text) + " " + str(answer.headers)
        links = re.findall(r'(?:href|action|src|data-[\w-]+)="(/[^"#]*|\?[^"#]*)', text)
        links += [answer.headers["Location"]] if "Location" in answer.headers else []
        if answer.mimetype == "application/json":
            links += _below(url, answer.get_json())
        for link in links:
            there = urlsplit(urljoin(f"http://localhost{url}", unescape(link)))
            path = there.path + ("?" + there.query if there.query else "")
            if path not in known and not path.startswith(("/static", "/bootstrap", "/sign-out")):
                known.add(path)
                waiting.append(path)
    assert n > 15, f"{role} reached only {n} pages"


def _below(url: str, told: Any) -> list[str]:
    path = urlsplit(url).path
    ids = [one["id"] for one in told if isinstance(one, dict) and "id" in one] if isinstance(told, list) else []
    ids += [one["position"] for one in told if isinstance(one, dict) and "position" in one] if isinstance(told, list) and path.endswith("matches") else []
    found = [f"{path}/{one}" for one in ids]
    if path.endswith("/positions"):
        found += [f"{path}/{one}/{more}" for one in ids for more in ("candidates", "verdicts")]
    if path.endswith("/applications"):
        found += [f"{path}/{one}/agreement" for one in ids]
    return found


def _faults(pages: Iterator[tuple[str, str]], forbidden: list[str]) -> list[str]:
    return [f"{url} shows {word}" for url, text in pages for word in forbidden if word in text]


def _own_pages_show(pages: list[tuple[str, str]], words: list[str]) -> None:
    whole = " ".join(text for _, text in pages)
    missing = [word for word in words if word not in whole]
    assert not missing, f"the crawl never came across {missing}: it proves nothing"


@pytest.mark.parametrize("role", ROLES_OF["enterprise"], ids=str)
def test_an_enterprise_reads_of_each_student_what_the_stage_opens_and_never_the_rest(role: Role, app: Flask, canaries: Canaries, signed_in_as: Any) -> None:
    browser = signed_in_as(builders.a_membership(role, tenant=canaries.firms[0]))
    forbidden = [*canaries.of_college(1), "draftcanary1"]
    opened: list[str] = []
    for stage in STAGES:
        for depth in (NAME, PROFILE, CONTACT, NUMBER, NEVER):
            (opened if depth in OPEN_TO_FIRM[stage] else forbidden).extend(canaries.words[0, stage, depth])
    routes = _addresses(app, role, canaries)
    pages = list(_crawl(app, browser, role, tuple(url for urls in routes.values() for url in urls)))
    assert not _faults(iter(pages), [*forbidden, "firmnote1"])
    seen = {url for url, _ in pages}
    unseen = [rule for rule, urls in routes.items() if not set(urls) <= seen]
    assert not unseen, f"not walked: {unseen}"
    closed = [rule for rule, urls in routes.items() if all(browser.client.get(url).status_code >= 400 for url in urls)]
    assert set(closed) <= NOTHING_THERE, f"never opened, so nothing was proved: {closed}"
    _own_pages_show(pages, ["draftcanary0"])
    if role is not Role.MENTOR:
        _own_pages_show(pages, ["firmnote0"])
    if role is not Role.MENTOR:
        assert any("/candidates" in url and url.startswith("/rounds/") and "A-" in text for url, text in pages)
        _own_pages_show(pages, [word for stage in ("agreed", "accepted") for word in canaries.words[0, stage, NAME]])
        _own_pages_show(pages, canaries.words[0, "accepted", CONTACT])


@pytest.mark.parametrize("role", [Role.CLASS_ADVISER, Role.COLLEGE_OFFICER, Role.COLLEGE_HEAD], ids=str)
def test_a_college_reads_nothing_of_another_colleges_students(role: Role, app: Flask, canaries: Canaries, signed_in_as: Any) -> None:
    browser = signed_in_as(builders.a_membership(role, tenant=canaries.colleges[0]))
    identities = [w for stage in STAGES for w in canaries.words[0, stage, NEVER] if re.fullmatch(r"\d{18}", w)]
    pages = list(_crawl(app, browser, role))
    assert not _faults(iter(pages), [*canaries.of_college(1), *identities, "draftcanary0", "draftcanary1", "firmnote0", "firmnote1"])
    if role is not Role.CLASS_ADVISER:  # who looks after no class here
        _own_pages_show(pages, [word for stage in STAGES for word in canaries.words[0, stage, NAME]])


@pytest.mark.parametrize("stage", ["accepted", "offered"])
def test_a_student_reads_nothing_of_any_other_student(stage: str, app: Flask, canaries: Canaries, signed_in_as: Any) -> None:
    me = canaries.learners[0, stage]
    others = [word for (side, at, _), told in canaries.words.items() if (side, at) != (0, stage) for word in told]
    identity = [w for w in canaries.words[0, stage, NEVER] if re.fullmatch(r"\d{18}", w)]
    pages = list(_crawl(app, signed_in_as(me), Role.STUDENT))
    assert not _faults(iter(pages), [*others, *identity, "draftcanary0", "draftcanary1", "firmnote0", "firmnote1"])
    _own_pages_show(pages, canaries.words[0, stage, NAME])


@pytest.mark.parametrize("role", [Role.ZONE_OFFICER, Role.ZONE_HEAD, Role.BUREAU_OBSERVER], ids=str)
def test_zone_and_bureau_read_figures_and_no_person(role: Role, app: Flask, canaries: Canaries, signed_in_as: Any) -> None:
    who = builders.a_membership(role, tenant=canaries.zone) if role is not Role.BUREAU_OBSERVER else builders.a_membership(role)
    assert not _faults(_crawl(app, signed_in_as(who), role), [*canaries.of_college(0), *canaries.of_college(1), "firmnote0", "firmnote1"])


def test_what_a_firm_says_at_the_door_and_to_the_zone_stays_there(app: Flask, anonymous: Any, signed_in_as: Any) -> None:
    from consortium.accounts.models import JoinRequest
    from consortium.organisations.models import CheckNote
    from consortium.organisations.service import intents
    from consortium.shared.access import TenantKind

    zone = builders.a_tenant(TenantKind.ZONE)
    firm = builders.an_enterprise(verified_at=None, credit_checked_on=None)
    boss = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant, person=builders.a_person(name="管鸢壹", phone="13800770011"))
    builders.saved(JoinRequest(tenant_id=firm.tenant_id, person_id=builders.a_person(name="申鸢壹", phone="13800770022").id))
    check = builders.a_check(firm)
    builders.saved(CheckNote(tenant_id=firm.tenant_id, check_id=check.id, person_id=boss.person_id, side="firm", step="hand-in", text="checkcanary"))
    found = builders.an_intent_round(zone, firm.tenant)
    intents.answer(found, firm.tenant_id, "no", [], ["other"], "intentcanary", by=boss.actor())
    builders.a_listed_enterprise(zone, name="listcanary", phone="13800770033")
    db.session.commit()
    to_zone, to_head = ["checkcanary", "intentcanary", "listcanary", "13800770033"], ["管鸢壹", "申鸢壹", "13800770022"]
    secret = [*to_zone, *to_head, "13800770011"]
    assert not _faults(_crawl(app, anonymous, Role.STUDENT), secret)
    for role in (Role.ENTERPRISE_HEAD, Role.COLLEGE_OFFICER, Role.STUDENT, Role.BUREAU_OBSERVER):
        who = builders.a_student_member() if role is Role.STUDENT else builders.a_membership(role, tenant=builders.an_enterprise().tenant if role is Role.ENTERPRISE_HEAD else None)
        assert not _faults(_crawl(app, signed_in_as(who), role), secret), role
    pages = list(_crawl(app, signed_in_as(builders.a_membership(Role.ZONE_OFFICER, tenant=zone)), Role.ZONE_OFFICER))
    assert not _faults(iter(pages), to_head)
    _own_pages_show(pages, to_zone)
    _own_pages_show(list(_crawl(app, signed_in_as(boss), Role.ENTERPRISE_HEAD)), [*to_head, "checkcanary"])


def test_messages_and_outbox_tell_an_enterprise_a_name_only_after_it_was_opened(app: Flask, canaries: Canaries) -> None:
    for side in (0, 1):
        mine = [canaries.bosses[side].person_id]
        told = [(m.kind, m.facts, m.link) for m in db.session.scalars(sa.select(Message).where(Message.person_id.in_(mine)))]
        told += [(m.kind, m.facts, m.link) for m in db.session.scalars(sa.select(OutboxItem).where(OutboxItem.person_id.in_(mine)))]
        assert told
        text = " ".join(json.dumps([facts, link, wording.said(kind, facts)], ensure_ascii=False, default=str) for kind, facts, link in told)
        named = {word for stage in ("agreed", "accepted") for word in canaries.words[side, stage, NAME]}
        every = {*canaries.of_college(0), *canaries.of_college(1)}
        assert {word for word in every if word in text} == named


def test_audit_lines_and_logs_hold_no_word_of_a_person(app: Flask, canaries: Canaries, capsys: pytest.CaptureFixture[str]) -> None:
    from consortium.shared.audit import AuditLine

    every = [*canaries.of_college(0), *canaries.of_college(1)]
    facts = " ".join(json.dumps(one, ensure_ascii=False) for one in db.session.scalars(sa.select(AuditLine.facts)))
    assert facts and not [word for word in every if word in facts]
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.set_up("DEBUG")
        phones = canaries.words[0, "accepted", CONTACT][:1] + [w for w in canaries.words[0, "accepted", NEVER] if re.fullmatch(r"\d{11}|\d{18}", w)]
        for word in phones:
            logging.getLogger("canary").warning("someone wrote %s into a line", word, extra={"value": word, "inside": {"deep": [word, int(word)]}})
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    line = capsys.readouterr().err
    assert line.count("someone wrote") == len(phones) == 3
    assert not [word for word in phones if word in line]


def test_a_crawl_leaves_a_look_for_every_student_it_showed(app: Flask, canaries: Canaries, signed_in_as: Any) -> None:
    from consortium.shared.audit import Look

    boss = canaries.bosses[0]
    with contextlib.closing(_crawl(app, signed_in_as(boss), Role.ENTERPRISE_HEAD)) as pages:
        for _ in pages:
            pass
    seen = set(db.session.scalars(sa.select(Look.student_id).where(Look.person_id == boss.person_id)))
    shown = {canaries.students[0, stage].id for stage in STAGES if stage != "withdrawn"}
    assert shown <= seen
    actor: Actor = boss.actor()
    assert queries.listing(actor, 1).total == len(STAGES) - 1
    assert students.id_key()
