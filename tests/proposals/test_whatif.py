"""Why not and what if on pages and by API: exact against a run made again, honest where nothing is known, and no name of anybody."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.proposals import queries, snapshot
from consortium.proposals.models import PositionMatches, Run, RunLists
from consortium.shared.access import Role
from consortium.shared.db import db
from consortium.students.models import Student
from tests import builders
from tests.proposals.conftest import Market, run_here


def own_page(signed_in_as, student: Student, url: str) -> str:
    return signed_in_as(builders.a_student_member(student)).get(url).get_data(as_text=True)


def test_one_more_certificate_opens_the_posts_that_a_new_run_then_shows(market: Market, signed_in_as) -> None:
    market.run()
    student = market.students[3]
    (first, *_) = snapshot.openings(student) or []
    assert (first.change.which, first.position_ids, first.n_lawful, first.n_listed) == (market.certificate.code, (market.certified.id,), 1, 1)
    browser = signed_in_as(builders.a_student_member(student))
    page = browser.get(f"/what-if?change=certificate:{market.certificate.code}").get_data(as_text=True)
    assert market.certified.title in page and "It would open 1 post to you." in page
    assert f"/what-if?change=certificate:{market.certificate.code}" in browser.get("/what-if/strongest").get_data(as_text=True)
    builders.has_skill(student, market.certificate)
    market.run(seed=8)
    assert market.certified.id in {m.position_id for m in queries.matches_of_student(student)}
    assert student.id in {m.student_id for m in queries.matches_of_position(market.certified)}
    assert market.certificate.code not in {one.change.which for one in snapshot.openings(student) or []}


def test_what_opens_a_closed_post_opens_nothing(market: Market) -> None:
    market.run()
    market.certified.state = "closed"
    db.session.commit()
    assert market.certificate.code not in {one.change.which for one in snapshot.openings(market.students[3]) or []}


def test_why_not_says_what_alone_would_open_the_post(market: Market, signed_in_as) -> None:
    market.run()
    page = own_page(signed_in_as, market.students[3], f"/matches/{market.certified.public_id}")
    assert "alone would open this post to you." in page
    market.students[4].wants_internship = False
    db.session.commit()
    page = own_page(signed_in_as, market.students[4], f"/matches/{market.certified.public_id}")
    assert "No single certificate, skill or wish would open this post to you." in page


def test_a_rank_is_the_place_in_the_posts_own_list(market: Market) -> None:
    market.run()
    shown = queries.matches_of_position(market.open_to_all)
    strictly = {m.student_id: sum(other.points > m.points for other in shown) for m in shown}
    equals = {m.student_id: sum(other.points == m.points for other in shown) for m in shown}
    ranks = {}
    for student in market.students:
        found = snapshot.stand(student, market.open_to_all)
        assert found is not None and found.standing is not None
        assert found.standing.of == len(market.students)
        assert strictly[student.id] < found.standing.rank <= strictly[student.id] + equals[student.id]
        ranks[student.id] = found.standing.rank
    assert sorted(ranks.values()) == list(range(1, 9))


def test_who_is_outside_a_full_list_reads_where_it_ends_and_what_would_lift_her(market: Market, signed_in_as) -> None:
    run = market.run()
    row = db.session.scalars(sa.select(PositionMatches).where(PositionMatches.position_id == market.open_to_all.id)).one()
    row.ids, row.points = row.ids[: 8 * 2], row.points[: 8 * 2]
    run.top_positions = 2
    db.session.commit()
    last = queries.list_end(market.open_to_all)
    assert last is not None and last[0] == 2
    stands = [(s, snapshot.stand(s, market.open_to_all)) for s in market.students]
    outside = next(s for s, told in stands if told and told.standing and told.standing.rank > 2)
    page = own_page(signed_in_as, outside, f"/matches/{market.open_to_all.public_id}")
    assert f"The enterprise&#39;s list ends at number 2 with {last[1]:,} points" in page
    assert "would make you number 1." in page or "would make you number 2." in page
    for other in market.students:
        if other.id != outside.id:
            assert other.name not in page and other.student_no not in page and str(other.public_id) not in page


def test_who_was_turned_away_reads_what_was_full_and_the_last_admitted(market: Market, signed_in_as) -> None:
    market.run()
    proposed = {s.id: queries.proposed_position(s.id) for s in market.students}
    away = next(s for s in market.students if proposed[s.id] is None)
    found = snapshot.stand(away, market.open_to_all)
    assert found is not None and found.refusal is not None
    assert (found.refusal.level, found.refusal.admitted) == ("post", 2)
    assert found.own_points is not None and found.last_points is not None and found.own_points <= found.last_points
    page = own_page(signed_in_as, away, f"/matches/{market.open_to_all.public_id}")
    assert "In the latest run this post was full with students who fit it better." in page
    lucky = next(s for s in market.students if proposed[s.id] == market.open_to_all.id)
    told = snapshot.stand(lucky, market.open_to_all)
    assert told is not None and told.refusal is None


def test_by_api_a_match_tells_where_it_stands(market: Market, signed_in_as) -> None:
    market.run()
    browser = signed_in_as(builders.a_student_member(market.students[3]))
    told = browser.send_json("GET", f"/api/v1/matches/{market.open_to_all.public_id}").get_json()["stand"]
    assert told["of"] == 8 and 1 <= told["rank"] <= 8
    closed = browser.send_json("GET", f"/api/v1/matches/{market.certified.public_id}").get_json()["stand"]
    assert (closed["rank"], [c["which"] for c in closed["opened_by"]]) == (None, [market.certificate.code])
    opened = browser.send_json("GET", "/api/v1/what-if").get_json()
    assert opened[0]["which"] == market.certificate.code and opened[0]["positions"] == [str(market.certified.public_id)]


def test_before_the_first_run_and_without_consent_nothing_is_claimed(market: Market, signed_in_as) -> None:
    browser = signed_in_as(builders.a_student_member(market.students[0]))
    assert "It appears here after the next matching run." in browser.get("/what-if").get_data(as_text=True)
    assert browser.get("/what-if/strongest").get_data(as_text=True).strip() == ""
    assert "Where you stand" not in browser.get(f"/matches/{market.open_to_all.public_id}").get_data(as_text=True)
    assert browser.send_json("GET", "/api/v1/what-if").get_json() == []
    firm = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.certified.tenant))
    assert "appears after the next matching run" in firm.get(f"/positions/{market.certified.public_id}/supply").get_data(as_text=True)
    assert firm.send_json("GET", "/api/v1/supply").get_json()["known"] is False
    market.run()
    stranger = signed_in_as(builders.a_student_member(builders.a_student(consented=False)))
    assert "You are in no matching yet." in stranger.get("/what-if").get_data(as_text=True)
    assert "Where you stand" not in stranger.get(f"/matches/{market.open_to_all.public_id}").get_data(as_text=True)


def test_a_run_that_kept_no_lists_is_not_asked_again(market: Market, signed_in_as) -> None:
    market.run()
    db.session.execute(sa.delete(RunLists))
    db.session.commit()
    assert snapshot.again() is None
    assert "It appears here after the next matching run." in own_page(signed_in_as, market.students[0], "/what-if")


def test_a_firm_reads_what_each_requirement_of_its_post_costs_and_another_firm_nothing(market: Market, signed_in_as) -> None:
    market.run()
    firm = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=market.certified.tenant))
    page = firm.get(f"/positions/{market.certified.public_id}/supply").get_data(as_text=True)
    assert "fewer than 5" in page and "7 more" in page and ">1<" not in page
    assert "7 more" in firm.get(f"/positions/{market.certified.public_id}/candidates").get_data(as_text=True)
    assert f'data-live="/positions/{market.certified.public_id}/supply"' in firm.get(f"/positions/{market.certified.public_id}").get_data(as_text=True)
    told = firm.send_json("GET", f"/api/v1/positions/{market.certified.public_id}/supply").get_json()
    assert (told["known"], told["fit"], told["zone"]) == (True, None, None)
    assert {(one["what"], one["which"], one["more"]) for one in told["dropped"]} == {("certificate", market.certificate.code, 7)}
    assert firm.get(f"/positions/{market.open_to_all.public_id}/supply").status_code == 404


def test_a_form_counts_hazards_shifts_and_level_too(market: Market, signed_in_as) -> None:
    for student in market.students[:6]:
        student.sex, student.shift_ok = "F", False
    for student in market.students[6:]:
        student.sex = "M"
    market.run()
    browser = signed_in_as(Role.ENTERPRISE_MEMBER)
    base = "/supply?majors=C:0603&kind=internship&start_on=2030-09-01"
    assert "Without shifts and rest days" in browser.get(base + "&night=yes").get_data(as_text=True)
    heavy = browser.get(base + "&hazards=heavy_load").get_data(as_text=True)
    assert "6 more" in heavy and "fewer than 5" in heavy
    asked = browser.send_json("GET", "/api/v1/supply?majors=C:0603&start_on=2030-09-01&hazards=heavy_load,dust").get_json()
    assert ("hazard", "heavy_load", 6) in {(one["what"], one["which"], one["more"]) for one in asked["dropped"]}
    assert browser.send_json("GET", "/api/v1/supply?unheard=1").status_code == 422


def test_a_college_reads_what_a_skill_would_add_to_its_majors_and_the_run_agrees(market: Market, signed_in_as) -> None:
    market.run()
    college = market.students[0].tenant
    browser = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=college))
    told = browser.send_json("GET", "/api/v1/skill-gaps").get_json()
    (row,) = [one for one in told if one["which"] == market.certificate.code]
    assert (row["have"], row["of"], row["opens"], row["lists"], row["posts"]) == (1, 8, 7, 7, 1)
    page = browser.get(f"/skill-gaps?skill={market.certificate.code}").get_data(as_text=True)
    assert market.certified.title in page and "+7" in page
    before = sum(queries.n_lawful(p) or 0 for p in (market.certified, market.open_to_all))
    for student in market.students[1:]:
        builders.has_skill(student, market.certificate)
    market.run(seed=8)
    assert sum(queries.n_lawful(p) or 0 for p in (market.certified, market.open_to_all)) - before == 7


def test_a_college_counts_its_own_students_only_and_no_major_of_fewer_than_five(market: Market, signed_in_as) -> None:
    other = builders.a_college()
    few = [builders.a_student(other) for _ in range(4)]
    market.run()
    browser = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=few[0].tenant))
    assert "Every major has fewer than 5 students in matching." in browser.get("/skill-gaps").get_data(as_text=True)
    assert browser.send_json("GET", "/api/v1/skill-gaps").get_json() == []
    none = signed_in_as(builders.a_membership(Role.COLLEGE_HEAD, tenant=db.session.get_one(type(few[0].tenant), builders.a_college().tenant_id)))
    assert "None of your students is in matching yet." in none.get("/skill-gaps").get_data(as_text=True)


def test_an_adviser_of_no_class_has_no_gaps_to_read(market: Market, signed_in_as) -> None:
    market.run()
    adviser = signed_in_as(builders.a_membership(Role.CLASS_ADVISER, tenant=market.students[0].tenant))
    assert adviser.send_json("GET", "/api/v1/skill-gaps").get_json() == []


def test_the_zone_reads_what_one_more_place_would_do_and_a_run_with_it_agrees(market: Market, signed_in_as) -> None:
    run = market.run()
    (row, *_) = run.report["margins"]
    assert (row["level"], row["position"], row["cap"], row["placed"]) == ("post", str(market.open_to_all.public_id), 2, 1)
    page = signed_in_as(Role.ZONE_HEAD).get(f"/runs/{run.public_id}").get_data(as_text=True)
    assert "One more place" in page and market.open_to_all.title in page
    placed = run.report["placed"]
    market.open_to_all.seats.places += 1
    again = market.run(seed=7)
    assert again.report["placed"] == placed + row["placed"]


def test_an_older_run_says_that_it_was_not_asked(market: Market, signed_in_as) -> None:
    run = market.run()
    run.report = {name: value for name, value in run.report.items() if name != "margins"}
    db.session.commit()
    page = signed_in_as(Role.ZONE_HEAD).get(f"/runs/{run.public_id}").get_data(as_text=True)
    assert "the next run answers it" in page


def test_a_student_and_a_post_that_are_newer_than_the_run_are_ranked_among_those_it_knew(market: Market) -> None:
    market.run()
    newcomer, fresh = builders.a_student(), builders.a_position(places=1)
    db.session.commit()
    found = snapshot.stand(newcomer, fresh)
    assert found is not None and found.standing is not None
    assert (found.standing.of, found.n_shown, found.refusal) == (9, None, None)
    run_here(db.session.get_one(Run, _small("student", newcomer.id)))
    assert snapshot.openings(newcomer) is not None


def _small(scope: str, subject: int) -> int:
    from consortium.proposals import service

    run = service.start(scope, subject, by=None)
    db.session.commit()
    return run.id
