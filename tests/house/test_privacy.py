"""The law as tests, P1 to P8: consent, minors, rights, erasure, the matcher, who was shown what, retention, identity numbers at rest."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from flask import Flask

from consortium.accounts.models import Membership, SignIn, Tenant
from consortium.applications import service as applications
from consortium.imports import service as imports
from consortium.imports import tasks as import_tasks
from consortium.imports.models import Upload, UploadRow
from consortium.matching import eligibility, pipeline
from consortium.matching.problem import STUDENT_COLUMNS
from consortium.messages.models import Message, NumberItem, OutboxItem
from consortium.positions.models import Position
from consortium.proposals import queries as proposals
from consortium.proposals import service as runs
from consortium.proposals import tasks as run_tasks
from consortium.proposals.models import Run, RunPart, StudentMatches
from consortium.shared import audit, clock, holdings, retention, sealed
from consortium.shared.access import Actor, Role
from consortium.shared.db import Base, db
from consortium.shared.errors import Conflict
from consortium.shared.i18n import in_language
from consortium.shared.tasks import DONE
from consortium.students import queries, rules, service
from consortium.students.models import Consent, Erasure, GuardianLink, Student, Ticket
from tests import builders
from tests.conftest import Browser
from tests.matching import games
from tests.students.rosters import HEADER, lawful
from tests.workbooks import workbook

Sign = Callable[..., Browser]
IDENTITY = "441802200603051238"
WORDS = {
    "name": "鸢尾凤", "student_no": "NOCANARY77", "phone": "13800557711", "email": "mailcanary@example.org", "guardian_name": "守尾凤", "guardian_phone": "13900557722",
    "about": "aboutcanary", "wish": "wishcanary", "courses": "coursecanary",
}  # fmt: skip


@dataclass
class Case:
    """A student of whom everything is known, and a firm that has to do with her."""

    student: Student
    learner: Membership
    firm: Membership
    office: Membership
    position: Position

    @property
    def me(self) -> Actor:
        return self.learner.actor()


@pytest.fixture
def case(app: Flask) -> Case:
    college, firm = builders.a_college(), builders.an_enterprise()
    key = app.config["ID_KEY"]
    student = builders.a_student(
        college, **WORDS, identity_sealed=sealed.seal(IDENTITY, key), identity_hash=sealed.keyed_hash(IDENTITY, key), identity_tail=sealed.masked(IDENTITY),
        class_id=builders.a_class(college).id,
    )  # fmt: skip
    for _ in range(4):
        builders.a_student(college)
    learner = builders.a_student_member(student)
    learner.person.name, learner.person.email, learner.person.phone = WORDS["name"], WORDS["email"], WORDS["phone"]
    tenants = [db.session.get_one(Tenant, one.tenant_id) for one in (firm, college)]
    boss, office = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=tenants[0]), builders.a_membership(Role.COLLEGE_OFFICER, tenant=tenants[1])
    position = builders.a_position(firm)
    db.session.commit()
    return Case(student, learner, boss, office, position)


@pytest.fixture
def anonymous(app: Flask) -> Browser:
    """Somebody who is not signed in and reads English."""
    client = app.test_client()
    client.set_cookie("lang", "en")
    return Browser(client)


def ran() -> Run:
    run = runs.start(by=None, seed=3)
    number = run.id
    db.session.commit()
    run_tasks.work_here(number)
    return db.session.get_one(Run, number)


def in_run(run: Run) -> set[int]:
    found: set[int] = set()
    for raw in db.session.scalars(sa.select(RunPart.students).where(RunPart.run_id == run.id)):
        from consortium.matching.stored import loaded

        found |= set(loaded(raw)["ids"].tolist())
    return found


# ── P1 ───────────────────────────────────────────────────────────────────────────────────────────


def test_p1_everybody_in_a_run_has_a_consent_in_force_with_purpose_version_and_time(case: Case) -> None:
    for given in ({"consented": False}, {"state": "on_leave"}):
        builders.a_student(**given)
    run = ran()
    there = in_run(run)
    assert there
    for student_id in there:
        found = db.session.scalars(sa.select(Consent).where(Consent.student_id == student_id, Consent.purpose == "matching", Consent.withdrawn_at.is_(None))).one()
        assert found.version == rules.VERSIONS["matching"] and found.given_at <= clock.now()


def test_p1_withdrawing_stops_also_what_is_queued_already(case: Case) -> None:
    run = runs.start(by=None, seed=3)
    number = run.id
    service.withdraw(case.student, rules.MATCHING, by=case.me)
    db.session.commit()
    run_tasks.work_here(number)
    assert case.student.id not in in_run(db.session.get_one(Run, number))
    assert proposals.matches_of_student(case.student) == []


def test_p1_what_was_withdrawn_after_a_run_is_used_by_nobody(case: Case) -> None:
    ran()
    assert case.student.id in {m.student_id for m in proposals.matches_of_position(case.position)}
    service.withdraw(case.student, rules.MATCHING, by=case.me)
    db.session.commit()
    assert case.student.id not in {m.student_id for m in proposals.matches_of_position(case.position)}


def test_p1_a_new_version_of_a_notice_asks_again(case: Case, signed_in_as: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rules.VERSIONS, rules.MATCHING, "2099-01")
    assert queries.outdated(case.student) == ["matching"] and queries.consent(case.student, "matching") is None
    assert case.student.id not in in_run(ran())
    me = signed_in_as(case.learner)
    assert "The notice has changed since you agreed" in me.get("/me").get_data(as_text=True)
    assert me.post("/me/consents/matching", {"answer": "yes"}).status_code == 303
    db.session.expire_all()
    assert queries.outdated(case.student) == []
    found = db.session.scalars(sa.select(Consent).where(Consent.student_id == case.student.id, Consent.purpose == "matching").order_by(Consent.id)).all()
    assert [(one.version, one.withdrawn_at is None) for one in found] == [("2026-11", False), ("2099-01", True)]


def test_p1_each_purpose_is_withdrawn_on_its_own_with_what_follows_said(case: Case, signed_in_as: Sign) -> None:
    ran()
    me = signed_in_as(case.learner)
    page = me.get("/me/consents").get_data(as_text=True)
    assert page.count("If you do not agree, or withdraw") == len(rules.PURPOSES)
    assert me.post("/me/consents/showing", {"answer": "no"}).status_code == 303
    assert case.student.id not in {m.student_id for m in proposals.matches_of_position(case.position)}, "no enterprise is shown her"
    assert proposals.matches_of_student(db.session.get_one(Student, case.student.id)), "her own matches stay"
    with pytest.raises(Conflict):
        applications.invite(db.session.get_one(Student, case.student.id), case.position, by=case.firm.actor())


def test_p1_before_consent_nothing_is_visible_to_firms(app: Flask, signed_in_as: Sign) -> None:
    college, firm = builders.a_college(), builders.an_enterprise()
    position = builders.a_position(firm)
    shy = builders.a_student(college, consented=False, about="shycanary", wish="shywish", name="羞尾凤")
    builders.a_student_member(shy)
    builders.a_student(college, about="opencanary")
    db.session.commit()
    ran()
    boss = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, firm.tenant_id)))
    seen = ""
    for url in ("/", "/supply", "/positions", "/applications", f"/positions/{position.public_id}", f"/positions/{position.public_id}/candidates",
                f"/api/v1/positions/{position.public_id}/candidates", f"/api/v1/positions/{position.public_id}/supply", "/api/v1/supply"):  # fmt: skip
        answer = boss.client.get(url)
        assert answer.status_code == 200, url
        seen += answer.get_data(as_text=True)
    assert "opencanary" in seen or "Candidate" in seen, "the crawl proves nothing"
    assert not [word for word in ("shycanary", "shywish", "羞尾凤", str(shy.public_id)) if word in seen]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(audit.Look).where(audit.Look.student_id == shy.id)) == 0


# ── P2 ───────────────────────────────────────────────────────────────────────────────────────────

BIRTHDAYS = [
    (date(2013, 3, 5), date(2026, 3, 5), 13), (date(2012, 3, 5), date(2026, 3, 4), 13), (date(2012, 3, 5), date(2026, 3, 5), 14), (date(2011, 3, 5), date(2026, 3, 4), 14),
    (date(2011, 3, 5), date(2026, 3, 5), 15), (date(2010, 3, 5), date(2026, 3, 5), 16), (date(2008, 3, 5), date(2026, 3, 5), 18),
    (date(2012, 2, 29), date(2026, 2, 28), 13), (date(2012, 2, 29), date(2026, 3, 1), 14), (date(2008, 2, 29), date(2024, 2, 29), 16), (date(2010, 2, 28), date(2026, 2, 28), 16),
]  # fmt: skip


@pytest.mark.parametrize(("born", "on", "age"), BIRTHDAYS)
def test_p2_ages_at_their_birthdays(born: date, on: date, age: int) -> None:
    assert rules.age_on(born, on) == age
    assert rules.needs_guardian_first(born, on) is (age <= 14)
    assert rules.minor(born, on) is (age < 18)


@pytest.mark.parametrize(("born", "lawful"), [(date(2010, 12, 1), True), (date(2010, 12, 2), False), (date(2011, 12, 1), False)])
def test_p2_under_sixteen_nobody_is_placed_in_an_internship(born: date, lawful: bool) -> None:
    one = games.problem([games.student(birth_on=born)], [games.post(start_on=date(2026, 12, 1), end_on=date(2027, 5, 28))])
    assert bool(eligibility.lawful_pairs(one.students, one.positions)[0, 0]) is lawful


def test_p2_up_to_fourteen_nothing_before_the_guardian_and_an_unknown_birthday_is_a_childs(app: Flask) -> None:
    for born in (clock.today().replace(year=clock.today().year - 13, day=1), None):
        child = builders.a_student(consented=False, birth_on=born)
        actor = builders.a_student_member(child).actor()
        with pytest.raises(Conflict):
            service.give_consent(child, rules.MATCHING, by=actor)
        with pytest.raises(Conflict):
            service.save_profile(child, {"wish": "焊接"}, None, by=actor)
        assert queries.for_matching([child.id]) == []


def test_p2_a_minors_record_that_is_looked_at_is_recorded_as_a_minors(app: Flask, signed_in_as: Sign) -> None:
    minor = builders.a_student(birth_on=clock.today().replace(year=clock.today().year - 16, day=1))
    signed_in_as(builders.a_membership(Role.COLLEGE_OFFICER, tenant=minor.tenant)).get(f"/students/{minor.public_id}")
    assert db.session.scalars(sa.select(audit.Look.minor).where(audit.Look.student_id == minor.id)).one() is True


# ── P3 ───────────────────────────────────────────────────────────────────────────────────────────


def test_p3_every_table_that_leads_to_a_person_has_a_rule(app: Flask) -> None:
    """A new table with a student or person in it fails here: add `hold(…)` (or `aside(…)`) beside its model."""
    missing = []
    for table in Base.metadata.sorted_tables:
        targets = {fk.column.table.name for fk in table.foreign_keys}
        leads = targets & ({"students", "persons"} | set(holdings.HOLDINGS)) or {"student_id", "person_id"} & set(table.c.keys())
        if leads and table.name not in holdings.HOLDINGS and table.name not in holdings.ASIDE:
            missing.append(table.name)
    assert missing == []


def test_p3_every_column_of_such_a_table_is_handed_out_and_goes_or_is_named_as_staying(app: Flask) -> None:
    """A new column of a table whose rows stay must be emptied on erasure, or named as a number or a day that remains."""
    faults = []
    for name, one in holdings.HOLDINGS.items():
        columns = set(one.of_table.c.keys())
        unknown = (one.hidden | set(one.blank) | one.stays) - columns
        faults += [f"{name}.{column} does not exist" for column in unknown]
        if one.on_erasure == holdings.KEEP:
            faults += [f"{name}.{column} has no rule" for column in columns - set(one.blank) - one.stays - holdings.INNER]
    assert faults == []


def test_p3_the_copy_is_complete_and_holds_nothing_of_others(case: Case, signed_in_as: Sign) -> None:
    ran()
    other = builders.a_student(name="别尾凤")
    applications.apply(case.student, case.position, by=case.me)
    service.ask_a_person(case.student, "请看看我的匹配", by=case.me)
    db.session.commit()
    signed_in_as(case.firm).get(f"/positions/{case.position.public_id}/candidates")
    me = signed_in_as(case.learner)
    with zipfile.ZipFile(io.BytesIO(me.get("/me/data.zip").data)) as box:
        assert set(box.namelist()) == {"my-data.html", "my-data.xlsx", "my-data.json"}
        told, page = json.loads(box.read("my-data.json"))["data"], box.read("my-data.html").decode()
    whole = json.dumps(told, ensure_ascii=False)
    for word in WORDS.values():
        assert word in whole and word in page, word
    assert {"students", "consents", "applications", "application_steps", "looks", "tickets", "student_matches", "persons", "sign_ins"} <= set(told)
    assert told["applications"][0]["position"] == case.position.title and told["looks"][0]["tenant"]
    assert told["student_matches"][0]["position"]
    assert other.name not in whole and IDENTITY not in whole and "argon2" not in whole
    assert me.client.get("/api/v1/me/data").get_json()["data"].keys() == told.keys()


def test_p3_a_correction_is_answered_and_the_old_value_stays_sealed_in_the_record_of_acts(case: Case, signed_in_as: Sign, app: Flask) -> None:
    me, office = signed_in_as(case.learner), signed_in_as(case.office)
    wrong = me.post("/me/corrections", {"about": "phone", "wanted": "123", "reason": "换号了"})
    assert wrong.status_code == 422 and "cannot be read" in wrong.get_data(as_text=True) and "换号了" in wrong.get_data(as_text=True)
    asked = {"about": "phone", "wanted": "13911110000", "reason": "换号了"}
    assert me.post("/me/corrections", asked).status_code == 303
    assert me.post("/me/corrections", asked).status_code == 409
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert ticket.due_on == clock.today() + timedelta(days=15)
    assert office.post(f"/tickets/{ticket.public_id}/answer", {"answer": "已核实并更正", "grant": "yes"}).status_code == 303
    assert db.session.get_one(Student, case.student.id, populate_existing=True).phone == "13911110000"
    line = db.session.scalars(sa.select(audit.AuditLine).where(audit.AuditLine.act == "answer-ticket")).one()
    assert sealed.unseal(line.facts["old"], app.config["ID_KEY"]) == WORDS["phone"]
    assert "已核实并更正" in me.get("/me/rights").get_data(as_text=True)
    assert "ticket-answered" in [m.kind for m in db.session.scalars(sa.select(Message).where(Message.person_id == case.learner.person_id))]


# ── P4 ───────────────────────────────────────────────────────────────────────────────────────────


def everywhere(app: Flask, words: list[str]) -> list[str]:
    """Where these words still stand: every column of every table, and every file beside the data."""
    db.session.rollback()
    found = []
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)).mappings():
            for column, value in row.items():
                told = bytes(value).decode("utf-8", "replace") if isinstance(value, bytes | memoryview) else json.dumps(value, ensure_ascii=False, default=str)
                found += [f"{table.name}.{column}: {word}" for word in words if word in told]
    for path in Path(app.config["DATA_DIR"]).rglob("*"):
        if path.is_file() and not path.name.endswith((".sqlite", ".template", "-wal", "-shm")):
            told = path.read_bytes().decode("utf-8", "replace")
            found += [f"{path.name}: {word}" for word in words if word in told]
    return found


def lived(case: Case, app: Flask) -> None:
    """Whatever can leave a trace: an upload, runs, an application, messages, a guardian's link, a question."""
    data = workbook([HEADER, lawful(1, student_no=WORDS["student_no"], name=WORDS["name"])])
    upload = imports.upload(case.office.actor(), "students", "名单.xlsx", data, app.config["ID_KEY"], "both")
    number = upload.id
    db.session.commit()
    import_tasks.read_upload(number)
    ran()
    proposals.latest_run()
    runs.follow("student", [case.student.id])
    db.session.commit()
    for small in db.session.scalars(sa.select(Run.id).where(Run.scope == "student")).all():
        run_tasks.work_here(small)
    application = applications.apply(case.student, case.position, by=case.me)
    applications.withdraw(application, by=case.me)
    other = applications.invite(case.student, builders.a_position(builders.an_enterprise(tenant=builders.a_tenant())), by=_boss_of_last())
    applications.agree_to_invitation(other, by=case.me)
    service.ask_guardian(case.student, by=case.me, base_url="http://x", language="zh")
    service.ask_for_correction(case.student, "courses", "coursecanary2", "reasoncanary", by=case.me)
    db.session.commit()


def _boss_of_last() -> Actor:
    tenant = db.session.scalars(sa.select(Tenant).where(Tenant.kind == "enterprise").order_by(Tenant.id.desc())).first()
    return builders.a_membership(Role.ENTERPRISE_HEAD, tenant=tenant).actor()


def test_p4_after_erasure_no_live_store_holds_a_word_of_the_person(case: Case, app: Flask, signed_in_as: Sign) -> None:
    lived(case, app)
    words = [*WORDS.values(), sealed.masked(IDENTITY), IDENTITY, "coursecanary2", "reasoncanary"]
    before = {one.partition(":")[0] for one in everywhere(app, words)}
    assert {"students.name", "run_parts.students", "messages.facts", "tickets.reason"} <= before, "the case proves nothing"
    number, me = case.student.id, signed_in_as(case.learner)
    counts = [db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Student, applications.Application)]
    page = me.get("/me/erasure").get_data(as_text=True)
    assert "Goes at once" in page and "Stays as a number only" in page and "35 days" in page
    assert me.post("/me/erasure").status_code == 200
    assert everywhere(app, words) == []
    assert [db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Student, applications.Application)] == counts, "the shell stays for counts"
    shell = db.session.get_one(Student, number, populate_existing=True)
    assert (shell.state, shell.name, shell.major_code) == ("erased", "", "460301")
    assert me.client.get("/me").status_code in (302, 401)
    kept = [json.loads(sealed.unseal(one, app.config["ID_KEY"])) for one in db.session.scalars(sa.select(UploadRow.sealed_values))]
    assert not [one for one in kept if WORDS["name"] in json.dumps(one, ensure_ascii=False)], "nor unsealed"
    assert not db.session.scalars(sa.select(Upload.sealed_content).where(Upload.sealed_content.is_not(None))).all()


def test_p4_the_erased_are_absent_from_lists_exports_candidates_and_runs(case: Case, app: Flask, signed_in_as: Sign) -> None:
    ran()
    key = str(case.student.public_id)
    signed_in_as(case.learner).post("/me/erasure")
    office, boss = signed_in_as(case.office), signed_in_as(case.firm)
    assert key not in office.get("/students").get_data(as_text=True)
    assert office.get(f"/students/{key}").status_code == 404
    assert "erased-" not in office.client.get("/students/export?format=csv").get_data(as_text=True)
    assert key not in boss.get(f"/positions/{case.position.public_id}/candidates").get_data(as_text=True)
    assert case.student.id not in in_run(ran())


def test_p4_runs_still_explain_others_and_keep_their_hash_and_digest(case: Case, app: Flask) -> None:
    run = ran()
    before = (run.snapshot_hash, run.digest, run.n_students)
    others = db.session.scalars(sa.select(Student).where(Student.id != case.student.id)).first()
    assert others is not None
    listed = [m.position_id for m in proposals.matches_of_student(others)]
    service.erase(case.student, by=case.me)
    db.session.commit()
    run = db.session.get_one(Run, run.id, populate_existing=True)
    assert (run.snapshot_hash, run.digest, run.n_students) == before
    assert [m.position_id for m in proposals.matches_of_student(others)] == listed
    assert runs.explained(others, case.position, next(m for m in proposals.matches_of_student(others) if m.position_id == case.position.id)) is not None


def test_p4_while_an_agreement_runs_nobody_is_erased_and_the_reason_is_said(case: Case, signed_in_as: Sign) -> None:
    applications.accept(applications.offer(case.student, case.position, by=case.firm.actor()), by=case.me)
    db.session.commit()
    me = signed_in_as(case.learner)
    assert "Erase for good" not in me.get("/me/erasure").get_data(as_text=True)
    refused = me.post("/me/erasure")
    assert refused.status_code == 409 and "agreement of yours still runs" in refused.get_data(as_text=True)
    assert me.send_json("POST", "/api/v1/me/erasure").status_code == 409
    assert me.client.get("/api/v1/me/erasure").get_json()["against"]
    assert db.session.get_one(Student, case.student.id, populate_existing=True).name == WORDS["name"]


def test_p4_an_upload_does_not_bring_the_erased_back(case: Case, app: Flask) -> None:
    service.erase(case.student, by=case.me)
    db.session.commit()
    upload = imports.upload(case.office.actor(), "students", "名单.xlsx", workbook([HEADER, lawful(1, student_no=WORDS["student_no"], name=WORDS["name"])]), app.config["ID_KEY"], "both")
    number = upload.id
    db.session.commit()
    import_tasks.read_upload(number)
    told = db.session.scalars(sa.select(UploadRow).where(UploadRow.upload_id == number)).one()
    assert (told.verdict, [p["code"] for p in told.problems]) == ("skipped", ["erased"])


def test_p4_a_restored_backup_is_cleaned_by_the_list_before_anybody_signs_in(case: Case, app: Flask, database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("copies a database file")
    path = Path(sa.make_url(database_url).database or "")
    number = case.student.id
    db.session.commit()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = shutil.copy(path, path.with_suffix(".backup"))
    service.list_path().unlink(missing_ok=True)
    service.erase(case.student, by=case.me)
    db.session.commit()
    lines = service.list_path().read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 and not [word for word in WORDS.values() if word in lines[0]]
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()
    for left in ("-wal", "-shm"):
        path.with_name(path.name + left).unlink(missing_ok=True)
    shutil.copy(backup, path)
    assert db.session.get_one(Student, number).name == WORDS["name"], "the backup brought her back"
    assert service.reapply(lines) == 1 and service.reapply(lines) == 0
    assert everywhere(app, list(WORDS.values())) == []
    assert db.session.scalars(sa.select(Erasure.asked_by)).all() == ["restore"]
    Path(backup).unlink()


# ── P5 ───────────────────────────────────────────────────────────────────────────────────────────


def test_p5_protected_attributes_are_no_features(app: Flask) -> None:
    assert not {"ethnicity", "ethnic_group", "birthplace", "household", "hukou", "disability", "photo", "name", "phone"} & set(STUDENT_COLUMNS)
    assert not {"ethnicity", "birthplace", "household", "hukou", "photo", "disability"} & set(Student.__table__.c.keys()), "what is not kept cannot be used"


def test_p5_scores_do_not_change_when_sexes_are_permuted(app: Flask) -> None:
    students = [games.student(f"s{n}", sex="MF"[n % 2], text=f"电工技术 机械制图 {'变频器' if n % 3 else '数控'}") for n in range(12)]
    swapped = [{**one, "sex": {"M": "F", "F": "M"}[one["sex"]]} for one in students]
    unsaid = [{**one, "sex": ""} for one in students]
    posts = [games.post(f"p{n}", family=f"f{n}", places=4, family_room=9) for n in range(4)]
    digests = {pipeline.match(games.problem(told, posts)).digest for told in (students, swapped, unsaid)}
    assert len(digests) == 1
    assert np.unique([pipeline.match(games.problem(told, posts)).digest for told in (students, swapped)]).size == 1


def test_p5_what_a_register_says_of_sex_and_name_changes_no_list(case: Case) -> None:
    ran()
    listed = {s.id: [(m.position_id, m.points) for m in proposals.matches_of_student(s)] for s in db.session.scalars(sa.select(Student))}
    db.session.execute(sa.update(Student).values(sex="F", guardian_name="x", identity_tail="4418**********0000"))
    db.session.commit()
    ran()
    assert {s.id: [(m.position_id, m.points) for m in proposals.matches_of_student(s)] for s in db.session.scalars(sa.select(Student))} == listed


def test_p5_it_is_said_on_the_page(anonymous: Browser, case: Case, signed_in_as: Sign) -> None:
    for page in (anonymous.get("/privacy"), signed_in_as(case.learner).get("/me/consents")):
        assert "birthplace, disability and photo never" in page.get_data(as_text=True)


def test_p5_who_objects_is_in_no_run_from_then_on_and_may_still_apply(case: Case, signed_in_as: Sign) -> None:
    ran()
    me = signed_in_as(case.learner)
    assert me.post("/me/objection", {"answer": "yes"}).status_code == 303
    assert case.student.id not in {m.student_id for m in proposals.matches_of_position(case.position)}
    assert case.student.id not in in_run(ran())
    assert me.post("/applications", {"position": str(case.position.public_id)}).status_code == 303
    assert me.post("/me/objection", {"answer": "no"}).status_code == 303
    assert case.student.id in in_run(ran())


def test_p5_a_person_may_be_asked_for_and_answers_within_the_clock(case: Case, signed_in_as: Sign) -> None:
    me = signed_in_as(case.learner)
    assert me.post("/me/questions", {"matter": ""}).status_code == 422
    assert me.post("/me/questions", {"matter": "为什么没有焊接岗位"}).status_code == 303
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert (ticket.kind, ticket.due_on) == ("human", clock.today() + timedelta(days=5))
    stranger = signed_in_as(Role.COLLEGE_OFFICER)
    assert stranger.get(f"/tickets/{ticket.public_id}").status_code == 404
    assert signed_in_as(case.office).send_json("POST", f"/api/v1/tickets/{ticket.public_id}/answer", {"answer": "已人工查看", "grant": True}).status_code == 200
    assert "已人工查看" in me.get("/me/rights").get_data(as_text=True)


# ── P6 ───────────────────────────────────────────────────────────────────────────────────────────


def test_p6_every_showing_to_an_enterprise_is_recorded_and_the_student_reads_it(case: Case, signed_in_as: Sign) -> None:
    ran()
    signed_in_as(case.firm).get(f"/positions/{case.position.public_id}/candidates")
    rows = db.session.scalars(sa.select(audit.Look).where(audit.Look.student_id == case.student.id, audit.Look.tenant_id == case.firm.tenant_id)).all()
    assert [(one.what, one.person_id) for one in rows] == [("candidate without a name", case.firm.person_id)]
    page = signed_in_as(case.learner).get("/me").get_data(as_text=True)
    assert case.firm.tenant.name_en in page and "candidate without a name" in page
    assert retention.of("looks").days >= 3 * 365


# ── P7 ───────────────────────────────────────────────────────────────────────────────────────────


def _old(days: float) -> Any:
    return clock.now() - timedelta(days=days)


def test_p7_every_kind_in_the_table_is_deleted_by_a_task_and_shown_with_its_reason(anonymous: Browser) -> None:
    assert set(retention.PURGES) == {one.name for one in retention.TABLE}
    assert retention.of("uploads").days == imports.KEPT_FOR.days and retention.of("looks").days == audit.KEPT_DAYS
    page = anonymous.get("/privacy").get_data(as_text=True)
    with in_language("en"):
        for one in retention.TABLE:
            assert str(one.what) in page and escape(str(one.why), quote=False) in page
    assert [one["days"] for one in anonymous.client.get("/api/v1/retention").get_json()] == [one.days for one in retention.TABLE]


def test_p7_time_travel_deletes_at_term_and_nothing_early(case: Case) -> None:
    person = case.learner
    for age in (189, 191):
        builders.saved(SignIn(token_hash=f"{age:064d}", person_id=person.person_id, membership_id=person.id, created_at=_old(age), seen_at=_old(age), ended_at=_old(age)))
        builders.saved(GuardianLink(student_id=case.student.id, purposes=[], token_hash=f"{age:064d}", expires_at=_old(age), created_at=_old(age)))
    for age in (364, 366):
        builders.saved(Message(key=f"m{age}", person_id=person.person_id, kind="x", created_at=_old(age)))
        builders.a_ticket(case.student, state="answered", answered_at=_old(age))
    for age in (29, 31):
        builders.saved(OutboxItem(key=f"o{age}", channel="mail", person_id=person.person_id, kind="x", state=DONE, created_at=_old(age)))
        builders.saved(NumberItem(key=f"n{age}", sealed_number="", sealed_facts="", number_hash="", kind="x", state=DONE, created_at=_old(age)))
    for age in (1094, 1098):
        builders.saved(audit.Look(at=_old(age), student_id=case.student.id, person_id=1, tenant_id=1, role="x", what="x"))
        builders.saved(audit.AuditLine(at=_old(age), act="x", subject_kind="x", subject_id=age))
    for age in (1000, 1100):
        builders.a_student(state="graduated", graduates_on=clock.today() - timedelta(days=age), name=f"毕{age}")
        builders.a_student(state="moved", state_on=clock.today() - timedelta(days=age - 700), name=f"转{age}")
    db.session.commit()
    gone = retention.run()
    assert gone == {"outbox": 2, "guardian-links": 1, "sign-ins": 1, "messages": 1, "tickets": 1, "moved": 1, "graduates": 1, "looks": 1, "audit": 1}
    assert retention.run() == {}
    names = set(db.session.scalars(sa.select(Student.name)))
    assert {"毕1000", "转1000"} <= names and not {"毕1100", "转1100"} & names


def test_p7_the_database_itself_refuses_to_delete_a_look_before_three_years(case: Case) -> None:
    for table in ("looks", "audit_lines"):
        row = {"looks": audit.Look(at=_old(1090), student_id=1, person_id=1, tenant_id=1, role="x", what="x"), "audit_lines": audit.AuditLine(at=_old(1090), act="x", subject_kind="x")}
        builders.saved(row[table])
        db.session.commit()
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(sa.text(f"DELETE FROM {table}"))
        db.session.rollback()


def test_p7_a_graduate_whose_agreement_runs_waits(case: Case) -> None:
    applications.accept(applications.offer(case.student, case.position, by=case.firm.actor()), by=case.me)
    case.student.state, case.student.graduates_on = "graduated", clock.today() - timedelta(days=2000)
    db.session.commit()
    retention.run()
    assert db.session.get_one(Student, case.student.id, populate_existing=True).name == WORDS["name"]


# ── P8 ───────────────────────────────────────────────────────────────────────────────────────────


def test_p8_no_identity_number_stands_in_clear_and_it_is_found_by_its_keyed_hash(case: Case, app: Flask, database_url: str) -> None:
    assert everywhere(app, [IDENTITY]) == []
    if database_url.startswith("sqlite"):
        path = Path(sa.make_url(database_url).database or "")
        for one in (path, path.with_name(path.name + "-wal")):
            assert not one.exists() or IDENTITY.encode() not in one.read_bytes()
    found = queries.identity_owners(case.student.tenant_id, [sealed.keyed_hash(IDENTITY, app.config["ID_KEY"])])
    assert list(found.values()) == [WORDS["student_no"]]
    assert sealed.masked("11010119900307002X") == "1101**********002X"


def test_matches_that_a_run_left_are_gone_with_the_person(case: Case) -> None:
    ran()
    number = case.student.id
    service.erase(case.student, by=case.me)
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StudentMatches).where(StudentMatches.student_id == number)) == 0
