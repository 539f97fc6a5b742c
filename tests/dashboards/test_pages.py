"""Every role's desk on a real database: numbers equal to their lists, nothing out of reach, queries that do not grow."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from consortium.accounts.models import Membership
from consortium.applications.models import Application
from consortium.dashboards import queries
from consortium.organisations.models import BureauReach
from consortium.proposals import service, tasks
from consortium.shared import clock
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders

SignedIn = Callable[..., Any]


def an_application(student: Any, position: Any, state: str = "applied") -> Application:
    row: Application = builders.saved(
        Application(
            college_tenant_id=student.tenant_id, enterprise_tenant_id=position.tenant_id, student_id=student.id, position_id=position.id,
            kind=position.kind, state=state, begun_by="student", answer_by=clock.now() + timedelta(hours=40) if state == "offered" else None,
        )
    )
    return row


def a_market(n_students: int = 8, n_posts: int = 3) -> tuple[Any, list[Any], list[Any]]:
    college = builders.a_college()
    students = [builders.a_student(college) for _ in range(n_students)]
    return college, students, [builders.a_position(places=2) for _ in range(n_posts)]


def run() -> None:
    found = service.start("all", by=None, seed=1)
    number = found.id
    db.session.commit()
    tasks.work_here(number)
    db.session.commit()


def number_of(page: str, name: str) -> str:
    found = re.search(rf'href="[^"]*/desk/figures/{name}"[^>]*>(?:<rect[^>]*/>)*(?:<text[^>]*>)?([^<]+)</', page)
    assert found, name
    return found.group(1)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.STUDENT])
def test_every_role_has_a_desk(app: Any, signed_in_as: SignedIn, role: Role) -> None:
    kinds = {"enterprise": builders.an_enterprise, "college": builders.a_college}
    kind = builders.a_membership(role).tenant.kind
    who = builders.a_membership(role, tenant=kinds[kind]().tenant) if kind in kinds else role
    for lang in ("zh", "en"):
        assert signed_in_as(who, lang).get("/").status_code == 200


def test_nobody_signed_in_is_sent_to_the_sign_in_page(anonymous: Any) -> None:
    assert "/sign-in" in anonymous.get("/").location


def test_each_number_of_the_zone_equals_the_list_behind_it(app: Any, signed_in_as: SignedIn) -> None:
    _college, students, posts = a_market(12)
    for student in students[:6]:
        an_application(student, posts[0])
    for student in students[6:11]:
        an_application(student, posts[1], "accepted")
    run()
    browser = signed_in_as(Role.ZONE_HEAD)
    desk = browser.get("/").get_data(as_text=True)
    for name, expected in {"openings": "6", "students": "12", "unanswered": "6", "accepted": "5", "applied": "11"}.items():
        assert number_of(desk, name) == expected, name
    for name in ("openings", "students", "pairs", "unanswered", "accepted", "matched", "applied", "offered", "drafted"):
        page = browser.get(f"/desk/figures/{name}").get_data(as_text=True)
        shown = number_of(desk, name).replace(",", "")
        total = re.search(r'id="total">([^<]*)<', page)
        cells = [int(n.replace(",", "")) for n in re.findall(r'</th><td class="num">([\d,]+)</td></tr>', page)]
        if total is None:
            assert shown == "0", name
        else:
            assert total.group(1).replace(",", "") == shown, name
            assert sum(cells) == int(shown), name
    assert "3 rows" in browser.get("/enterprises?state=verified").get_data(as_text=True)


def test_the_zone_sees_no_student_and_no_number_below_five(app: Any, signed_in_as: SignedIn) -> None:
    _college, students, posts = a_market(6)
    for student in students[:3]:
        an_application(student, posts[0], "accepted")
    browser = signed_in_as(Role.ZONE_OFFICER)
    desk = browser.get("/").get_data(as_text=True)
    assert number_of(desk, "accepted") == "&lt;5"
    for path in ("/", "/desk/figures/accepted", "/supply-demand", "/supply-demand/0603/electronics"):
        page = browser.get(path).get_data(as_text=True)
        assert not [s.name for s in students if f"{s.name}<" in page], path
    assert re.search(r'</th><td class="num">&lt;5</td>', browser.get("/desk/figures/accepted").get_data(as_text=True))


def test_the_matrix_sets_free_places_against_students_who_may_take_them(app: Any, signed_in_as: SignedIn) -> None:
    _college, students, _posts = a_market(8)
    builders.a_position(builders.an_enterprise(industry_code="2710"), places=9)
    run()
    matrix = queries.supply_demand(builders.a_membership(Role.ZONE_HEAD).actor())
    row = next(r for r in matrix.rows if r.key == "0603")
    assert row.students == len(students)
    assert (row.cells["电子信息"].openings, row.cells["电子信息"].students) == (6, 8)
    assert (row.cells["生物制药"].openings, row.cells["生物制药"].students) == (9, 8)
    page = signed_in_as(Role.ZONE_HEAD).get("/supply-demand").get_data(as_text=True)
    assert "−2" in page
    assert "+1" in page
    cell = signed_in_as(Role.ZONE_HEAD).get("/supply-demand/0603/biopharma").get_data(as_text=True)
    assert "9 openings, 8 students available." in cell


def test_a_place_taken_or_a_student_placed_leaves_the_matrix(app: Any) -> None:
    _college, students, posts = a_market(8)
    an_application(students[0], posts[0], "accepted")
    posts[0].seats.taken = 1
    db.session.flush()
    row = queries.supply_demand(builders.a_membership(Role.ZONE_HEAD).actor()).rows[0]
    assert (row.openings, row.students) == (5, 7)


@pytest.mark.parametrize("path", ["/supply-demand/9999x/electronics", "/supply-demand/0603/nowhere", "/desk/figures/nothing"])
def test_an_unknown_cell_or_figure_is_not_found(app: Any, signed_in_as: SignedIn, path: str) -> None:
    assert signed_in_as(Role.ZONE_HEAD).get(path).status_code == 404


@pytest.mark.parametrize("role", [Role.ENTERPRISE_HEAD, Role.COLLEGE_HEAD])
@pytest.mark.parametrize("path", ["/supply-demand", "/supply-demand/0603/electronics", "/desk/figures/openings"])
def test_the_zones_figures_are_the_zones(app: Any, signed_in_as: SignedIn, role: Role, path: str) -> None:
    assert signed_in_as(role).get(path).status_code == 403


def test_a_bureau_counts_only_within_its_reach(app: Any, signed_in_as: SignedIn) -> None:
    mine, students, posts = a_market(7)
    a_market(9)
    watcher = builders.a_membership(Role.BUREAU_OBSERVER)
    for tenant_id in (mine.tenant_id, posts[0].tenant_id):
        builders.saved(BureauReach(bureau_tenant_id=watcher.tenant_id, tenant_id=tenant_id))
    desk = signed_in_as(watcher).get("/").get_data(as_text=True)
    assert (number_of(desk, "students"), number_of(desk, "openings")) == (str(len(students)), "2")
    assert signed_in_as(watcher).get("/desk/figures/pairs").status_code == 404


def test_an_enterprise_sees_what_waits_for_it_and_nobody_elses(app: Any, signed_in_as: SignedIn) -> None:
    _college, students, posts = a_market(6)
    an_application(students[0], posts[0])
    an_application(students[1], posts[0], "offered")
    an_application(students[2], posts[1])
    builders.a_position(enterprise_of(posts[0]), state="draft", title="收费的岗位", fees=True)
    page = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=posts[0].tenant)).get("/").get_data(as_text=True)
    assert "1 application to answer" in page
    assert f"Offer for {posts[0].title}" in page
    assert "收费的岗位" in page
    assert posts[1].title not in page
    assert not [s.name for s in students if s.name in page]


def enterprise_of(post: Any) -> Any:
    from consortium.organisations.queries import enterprise_of as found

    return found(post.tenant_id)


def test_a_college_sees_its_own_students_and_an_adviser_the_own_classes(app: Any, signed_in_as: SignedIn) -> None:
    college, students, posts = a_market(6)
    adviser = builders.a_membership(Role.CLASS_ADVISER, tenant=college.tenant)
    own = builders.a_class(college, adviser_id=adviser.id, name="机电甲班")
    students[0].class_id = own.id
    builders.a_student(college, consented=False, class_id=own.id)
    an_application(students[0], posts[0], "accepted")
    a_market(9)
    db.session.flush()
    head = queries.in_all(queries.roll(builders.a_membership(Role.COLLEGE_HEAD, tenant=college.tenant).actor()))
    assert (head.n, head.agreed, head.accounts, head.placed) == (7, 6, 0, 1)
    mine = queries.in_all(queries.roll(adviser.actor()))
    assert (mine.n, mine.agreed, mine.placed) == (2, 1, 1)
    page = signed_in_as(adviser).get("/").get_data(as_text=True)
    assert "机电甲班" in page
    assert "1 student has not agreed to matching" in page


def test_a_student_sees_the_offer_with_its_deadline_first_and_why_posts_fit(app: Any, signed_in_as: SignedIn) -> None:
    _college, students, posts = a_market(6)
    member = builders.a_student_member(students[0])
    an_application(students[0], posts[0], "offered")
    run()
    page = signed_in_as(member).get("/").get_data(as_text=True)
    assert page.index("hours left") < page.index("Best matches")
    assert page.count('class="reasons"') == 3
    assert "Most useful next" in page


def test_a_student_who_has_not_agreed_is_asked_and_sees_no_match(app: Any, signed_in_as: SignedIn) -> None:
    college, _students, _posts = a_market(6)
    member = builders.a_student_member(builders.a_student(college, consented=False))
    run()
    page = signed_in_as(member).get("/").get_data(as_text=True)
    assert "You are in no matching yet" in page
    assert 'class="reasons"' not in page


def _n_queries(browser: Any, path: str) -> int:
    seen: list[str] = []
    engine = db.engine

    def count(*asked: Any) -> None:
        seen.append(asked[2])

    browser.get(path)
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        assert browser.get(path).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_no_desk_asks_more_of_the_database_as_rows_grow(app: Any, signed_in_as: SignedIn) -> None:
    college, students, posts = a_market(6)
    student = builders.a_student_member(students[0])
    who: list[tuple[Membership, list[str]]] = [
        (builders.a_membership(Role.ZONE_HEAD), ["/", "/supply-demand", "/supply-demand/0603/electronics", "/desk/figures/openings"]),
        (builders.a_membership(Role.ENTERPRISE_HEAD, tenant=posts[0].tenant), ["/"]),
        (builders.a_membership(Role.COLLEGE_HEAD, tenant=college.tenant), ["/"]),
        (student, ["/"]),
    ]
    firm = enterprise_of(posts[0])
    an_application(students[0], posts[0], "offered")
    builders.a_position(firm, state="draft")
    run()
    browsers = [(signed_in_as(member), paths) for member, paths in who]
    few = [_n_queries(browser, path) for browser, paths in browsers for path in paths]
    for _ in range(12):
        builders.a_student(college, class_id=builders.a_class(college).id)
        builders.a_position(firm, places=1)
        builders.a_position(firm, state="draft")
        builders.a_position(places=1)
    run()
    assert [_n_queries(browser, path) for browser, paths in browsers for path in paths] == few


def test_counts_of_rules_follow_what_changed(app: Any) -> None:
    firm = builders.an_enterprise()
    post = builders.a_position(firm, hours_per_day=8.0)
    before = dict((code, (n, u)) for code, n, u in queries.rule_counts())  # noqa: C402
    post.hours_per_day = 10.0
    db.session.flush()
    after = {code: (n, u) for code, n, u in queries.rule_counts()}
    assert after != before
    assert after["R26"][0] == before.get("R26", (0, 0))[0] + 1


def test_the_api_tells_figures_and_matrix_without_small_numbers(app: Any, signed_in_as: SignedIn) -> None:
    _college, students, posts = a_market(7)
    an_application(students[0], posts[0], "accepted")
    browser = signed_in_as(Role.ZONE_HEAD)
    told = {one["name"]: one for one in browser.send_json("GET", "/api/v1/desk/figures").get_json()}
    assert (told["openings"]["value"], told["students"]["value"]) == (6, 7)
    assert (told["accepted"]["value"], told["accepted"]["shown"]) == (None, "<5")
    rows = browser.send_json("GET", "/api/v1/supply-demand").get_json()
    assert rows[0]["major_class"] == "0603"
    assert {"industry": "electronics", "openings": 6, "students": 6} in rows[0]["cells"]
    assert signed_in_as(Role.COLLEGE_HEAD).send_json("GET", "/api/v1/supply-demand").status_code == 403
