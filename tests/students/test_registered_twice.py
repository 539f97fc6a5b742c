"""The same person on two registers, and looks that repeat."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Tenant
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.audit import Look
from consortium.shared.db import db
from consortium.students import queries
from tests import builders


def test_each_college_sees_its_own_entry_and_the_zone_a_count_and_an_enterprise_nothing(app: Flask, signed_in_as: Any) -> None:
    colleges = [builders.a_college(), builders.a_college()]
    one = builders.a_student(colleges[0], name="甲处姓名", identity_hash="samehash")
    other = builders.a_student(colleges[1], name="乙处姓名", identity_hash="samehash", student_no="otherno")
    builders.a_student(colleges[1], identity_hash="h2")
    people = [builders.a_membership(Role.COLLEGE_OFFICER, tenant=db.session.get_one(Tenant, c.tenant_id)) for c in colleges]
    zone, firm = builders.a_membership(Role.ZONE_OFFICER), builders.a_membership(Role.ENTERPRISE_HEAD)
    db.session.commit()
    url = "/students/registered-twice"
    first = signed_in_as(people[0])
    page = first.get(url).get_data(as_text=True)
    assert one.name in page
    assert other.tenant.name_en in page
    for secret in (other.name, other.student_no, str(other.public_id), "samehash"):
        assert secret not in page
    assert [row["student"] for row in first.client.get(f"/api/v1{url}").get_json()] == [str(one.public_id)]
    watcher = signed_in_as(zone)
    told = watcher.get(url).get_data(as_text=True)
    assert "&lt;5" in told
    assert one.name not in told
    assert other.name not in told
    assert watcher.client.get(f"/api/v1{url}").get_json()[0]["students"] is None
    assert signed_in_as(firm).get(url).status_code == 403


def test_repeats_of_a_day_stand_in_one_line_of_who_looked(app: Flask, signed_in_as: Any) -> None:
    student = builders.a_student()
    member, firm = builders.a_student_member(student), builders.a_membership(Role.ENTERPRISE_HEAD)
    row = {"student_id": student.id, "person_id": firm.person_id, "tenant_id": firm.tenant_id, "role": firm.role, "minor": False, "subject_kind": None, "subject_id": None}
    db.session.execute(sa.insert(Look), [row | {"at": clock.now(), "what": what} for what in ("list of applications",) * 4 + ("name",)])
    db.session.commit()
    assert [(one.newest.what, one.times) for one in queries.looks_by_day(student)] == [("name", 1), ("list of applications", 4)]
    page = signed_in_as(member).get("/me").get_data(as_text=True)
    assert page.count("list of applications") == 1
    assert "4 times that day" in page
