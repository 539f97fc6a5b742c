"""Lists ask the database as often for three times as many rows, whoever reads them."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import JoinRequest, Tenant
from consortium.agreements import service as agreements
from consortium.applications.models import Application
from consortium.imports.models import Upload
from consortium.interviews.models import Interview
from consortium.messages import service as messages
from consortium.organisations.service import intents
from consortium.positions.models import CapOverride, PositionTemplate
from consortium.proposals.models import Run, Scoring
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders

LISTS = {
    Role.STUDENT: ("/applications", "/interviews", "/api/v1/interviews", "/agreements", "/messages", "/posts", "/alerts", "/api/v1/posts", "/api/v1/alerts", "/skills/proposals", "/api/v1/applications", "/api/v1/agreements"),
    Role.COLLEGE_OFFICER: (
        "/students", "/certificates", "/applications", "/interviews", "/students/registered-twice", "/agreements", "/imports", "/enterprises", "/messages", "/positions", "/overrides", "/api/v1/overrides", "/filings", "/rule-overrides", "/api/v1/filings", "/api/v1/rule-overrides", "/api/v1/students", "/api/v1/applications",
        "/api/v1/agreements", "/api/v1/imports", "/api/v1/enterprises", "/exports/students/file?shape=register", "/exports/applications/file?shape=all", "/three-lists", "/api/v1/three-lists",
        "/exports/agreements/file", "/exports/imports/file", "/exports/classes/file",
    ),
    Role.ENTERPRISE_HEAD: ("/positions", "/positions/copies", "/post-templates", "/overrides", "/api/v1/overrides", "/api/v1/post-templates", "/applications", "/applications/board", "/interviews", "/api/v1/applications/board", "/api/v1/interviews", "/employer-records", "/agreements", "/messages", "/colleagues", "/enterprise", "/mentors", "/filings", "/api/v1/mentors", "/api/v1/positions", "/api/v1/applications", "/api/v1/colleagues", "/exports/positions/file?shape=register", "/exports/applications/file?shape=all", "/three-lists", "/api/v1/three-lists", "/api/v1/joins", "/api/v1/open-invitations"),
    Role.ZONE_HEAD: ("/positions", "/overrides", "/employer-records", "/api/v1/employer-records", "/students/registered-twice", "/enterprises", "/runs", "/scorings", "/filings", "/rule-overrides", "/rules/R26", "/rules/R18", "/api/v1/rules/R18/cases", "/messages", "/colleagues", "/api/v1/positions", "/api/v1/enterprises", "/api/v1/runs", "/api/v1/scorings", "/three-lists", "/three-lists/export", "/api/v1/three-lists", "/checks", "/api/v1/checks", "/zone-list", "/api/v1/zone-list", "/intents", "/api/v1/intents", "/supply-demand"),
}  # fmt: skip


class Rows:
    """More rows of every kind on each call, all within the same four people's reach."""

    def __init__(self) -> None:
        self.college, self.firm = builders.a_college(), builders.an_enterprise()
        college, firm = (db.session.get_one(Tenant, one.tenant_id) for one in (self.college, self.firm))
        self.student = builders.a_student(self.college)
        self.people = {
            Role.STUDENT: builders.a_student_member(self.student), Role.COLLEGE_OFFICER: builders.a_membership(Role.COLLEGE_OFFICER, tenant=college),
            Role.ENTERPRISE_HEAD: builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm), Role.ZONE_HEAD: builders.a_membership(Role.ZONE_HEAD),
        }  # fmt: skip
        self.n = 0

    def add(self, n: int) -> None:
        for _ in range(n):
            self.n += 1
            other = builders.a_student(self.college, class_id=builders.a_class(self.college).id)
            builders.has_skill(other, builders.a_skill())
            elsewhere = builders.a_position(builders.an_enterprise(), must=(builders.a_skill(),))
            post = builders.a_position(self.firm, family=builders.a_family(self.firm), nice=(builders.a_skill(),))
            for student, position in ((self.student, elsewhere), (self.student, post), (other, post)):
                application = builders.saved(
                    Application(
                        college_tenant_id=student.tenant_id, enterprise_tenant_id=position.tenant_id, student_id=student.id, position_id=position.id,
                        kind=position.kind, state="applied", begun_by="student", spoken=True,
                    )
                )  # fmt: skip
                agreements.draft_from(application.id)
                slot = builders.a_slot(position, taken=1)
                builders.saved(Interview(enterprise_tenant_id=position.tenant_id, application_id=application.id, student_id=student.id, slot_id=slot.id, state="booked"))
            builders.saved(PositionTemplate(tenant_id=self.firm.tenant_id, name=f"kept {self.n}", kept={"title": "Fitter"}))
            builders.saved(
                CapOverride(
                    position_id=post.id, tenant_id=post.tenant_id, college_tenant_id=self.college.tenant_id, rules=["R10"], heads=9, over=1,
                    from_on=post.start_on, to_on=post.end_on, reason="Many are needed.", asked_by_id=self.people[Role.ENTERPRISE_HEAD].person_id,
                )
            )  # fmt: skip
            builders.saved(
                Upload(
                    tenant_id=self.college.tenant_id, person_id=self.people[Role.COLLEGE_OFFICER].person_id, kind="students", stage="checked",
                    state="done", filename="a.xlsx", sha256=f"{self.n:064d}", size=1,
                )
            )  # fmt: skip
            builders.a_filing(self.firm, colleges=[self.college.tenant_id], families=[post.family_id])
            builders.an_override(self.firm, self.college, families=[post.family_id])
            builders.a_mentor(self.firm)
            self._door()
            builders.saved(Run(state="done", report={}))
            builders.saved(Scoring(no=self.n, standing="retired", state="done"))
            for role, member in self.people.items():
                messages.tell(member.person_id, "application-offer", key=f"{role}{self.n}", title="x", link="/")
                builders.a_membership(role if role is not Role.STUDENT else Role.CLASS_ADVISER, tenant=member.tenant)
        db.session.commit()

    def _door(self) -> None:
        zone, firm = self.people[Role.ZONE_HEAD].tenant, builders.an_enterprise(verified_at=None)
        builders.a_check(firm)
        for kind in ("product", "technology", "talent"):
            builders.a_list_item(firm, kind)
            builders.a_list_item(self.firm, kind)
        builders.a_listed_enterprise(zone)
        builders.saved(JoinRequest(tenant_id=self.firm.tenant_id, person_id=builders.a_person().id))
        builders.an_invitation(self.people[Role.ENTERPRISE_HEAD].tenant, Role.MENTOR)
        found = builders.an_intent_round(zone, firm.tenant, year=2000 + self.n)
        intents.answer(found, firm.tenant_id, "yes", [("0603", 2, "job"), ("1101", 1, "job")], [])


def asked(browser: Any, url: str) -> int:
    n = 0

    def count(*_: Any) -> None:
        nonlocal n
        n += 1

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert browser.client.get(url).status_code == 200, url
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", count)
    return n


@pytest.mark.parametrize("role", LISTS, ids=str)
def test_a_list_asks_as_often_for_three_times_the_rows(role: Role, app: Flask, signed_in_as: Any) -> None:
    rows = Rows()
    rows.add(3)
    browser = signed_in_as(rows.people[role])
    for url in LISTS[role]:
        asked(browser, url)  # what is kept in the process is read now
    few = {url: asked(browser, url) for url in LISTS[role]}
    rows.add(6)
    many = {url: asked(browser, url) for url in LISTS[role]}
    assert {url: (few[url], many[url]) for url in LISTS[role] if many[url] > few[url]} == {}
