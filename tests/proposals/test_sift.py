"""Candidates asked for by college, majors, certificate, place, band and zone, so that nobody can be recognised."""

from __future__ import annotations

import re

import pytest

from consortium.applications import service as applications
from consortium.applications.rules import ENTERPRISE_REASONS
from consortium.proposals import queries
from consortium.proposals.rules import Row, Sieve, sift
from consortium.proposals.wording import REFUSAL_REASONS
from consortium.shared.access import Role
from consortium.shared.db import db
from tests import builders

CELLS = {("a", "0603"): 9, ("a", "1101"): 4, ("b", "0603"): 9}


def row(number, college="a", major_class="0603", certificates=(), places=(), zone=False, band="high", aside=False):
    return Row(number, college, major_class, frozenset(certificates), frozenset(places), zone, band, aside)


def many(n, start=1, **given):
    return [row(start + k, **given) for k in range(n)]


def ids(told):
    return list(told.student_ids)


def test_each_filter_takes_what_it_says_in_the_order_of_the_list():
    rows = [row(1), row(2, band="low"), row(3, certificates=("plc",)), row(4, zone=True), row(5, major_class="1101"), row(6, aside=True)]
    assert ids(sift(rows, Sieve(), {})) == [1, 2, 3, 4, 5]
    assert ids(sift(rows, Sieve(band="low"), {})) == [2]
    assert ids(sift(rows, Sieve(certificate="plc"), {})) == [3]
    assert ids(sift(rows, Sieve(zone="1"), {})) == [4]
    assert ids(sift(rows, Sieve(major_class="1101"), {})) == [5]
    assert ids(sift(rows, Sieve(show="unsuitable"), {})) == [6]


@pytest.mark.parametrize("sieve", [Sieve(college="a"), Sieve(college="a", major_class="0603"), Sieve(place="4418"), Sieve(college="b"), Sieve(college="nobody")])
def test_fewer_than_five_of_a_college_or_a_place_are_said_to_be_few_and_nothing_is_told(sieve):
    told = sift(many(4, places=("441802",)), sieve, CELLS)
    assert (told.few, ids(told)) == (True, [])


def test_five_are_shown():
    assert ids(sift(many(5, places=("441802",)), Sieve(college="a", place="4418"), CELLS)) == [1, 2, 3, 4, 5]


def test_whoever_is_one_of_few_of_a_college_and_class_is_left_out_of_that_colleges_list():
    rows = [*many(6), *many(2, 10, major_class="1101")]
    told = sift(rows, Sieve(college="a"), CELLS)
    assert ids(told) == [1, 2, 3, 4, 5, 6]
    assert told.kept_back
    assert len(ids(sift(rows, Sieve(), CELLS))) == 8, "without the college the rows say nothing of it"


def test_none_and_four_cannot_be_told_apart():
    assert sift([], Sieve(college="a"), CELLS) == sift(many(4), Sieve(college="a"), CELLS)


def test_reasons_are_those_that_the_later_stage_judges_by():
    assert tuple(REFUSAL_REASONS) == ENTERPRISE_REASONS


def boss_of(position):
    from consortium.accounts.models import Tenant

    member = builders.a_membership(Role.ENTERPRISE_HEAD, tenant=db.session.get_one(Tenant, position.tenant_id))
    db.session.commit()
    return member


def test_the_page_is_filtered_by_its_address_and_says_few_instead_of_telling(market, signed_in_as):
    other = builders.a_college()
    stranger = builders.a_student(other, name="独一人")
    market.run()
    post = market.open_to_all
    firm, url = signed_in_as(boss_of(post)), f"/positions/{post.public_id}/candidates"
    colleges = {str(s.tenant.public_id) for s in market.students}
    assert len(colleges) == 1
    page = firm.get(f"{url}?college={colleges.pop()}").get_data(as_text=True)
    assert page.count('class="card-box candidate') == 8
    assert "8 candidates meet this filter." in page
    few = firm.get(f"{url}?college={stranger.tenant.public_id}").get_data(as_text=True)
    assert "Fewer than 5 candidates meet this filter." in few
    assert queries.alias(stranger.public_id, post.public_id) not in few
    assert str(stranger.tenant.name) not in few, "not even that the college is among them"
    assert firm.client.get(f"/api/v1{url}?college={stranger.tenant.public_id}").status_code == 422
    certified = firm.get(f"{url}?certificate={market.certificate.code}").get_data(as_text=True)
    assert certified.count('class="card-box candidate') == 1
    assert len(firm.client.get(f"/api/v1{url}?certificate={market.certificate.code}").get_json()) == 1
    assert firm.get(f"{url}?band=nonsense").status_code == 200


def test_not_suitable_in_two_clicks_undone_in_one(market, signed_in_as):
    market.run()
    post = market.open_to_all
    member = boss_of(post)
    firm, url = signed_in_as(member), f"/positions/{post.public_id}"
    alias = queries.alias(market.students[0].public_id, post.public_id)
    answer = firm.post(f"{url}/refusals", {"candidate": alias, "list": "band=high"})
    assert answer.location == f"{url}/candidates?band=high"
    assert "Choose a reason why they do not suit." in firm.get(answer.location).get_data(as_text=True)
    firm.post(f"{url}/refusals", {"candidate": alias, "reason": "skills"})
    page = firm.get(f"{url}/candidates").get_data(as_text=True)
    assert "1 candidate was put aside." in page
    assert f'name="candidate" value="{alias}"' in page, "the undo carries the name"
    assert f"Candidate {alias}" not in page
    assert f"Candidate {alias}" in firm.get(f"{url}/candidates?show=unsuitable").get_data(as_text=True)
    firm.post(f"{url}/refusals/reversal", {"candidate": alias})
    assert f"Candidate {alias}" in firm.get(f"{url}/candidates").get_data(as_text=True)


def test_a_part_of_a_batch_goes_through_and_the_placed_one_is_greyed_and_named(market, signed_in_as):
    market.run()
    post, gone = market.open_to_all, market.students[1]
    member = boss_of(post)
    firm, url = signed_in_as(member), f"/positions/{post.public_id}"
    aliases = [queries.alias(s.public_id, post.public_id) for s in market.students[:3]]
    she = builders.a_student_member(gone).actor()
    elsewhere = builders.a_position(builders.an_enterprise(), venue="factory")
    other = boss_of(elsewhere).actor()
    applications.accept(applications.offer(gone, elsewhere, by=other), by=she)
    db.session.commit()
    answer = firm.post(f"{url}/invitations", {"candidate": aliases, "list": "page=1"})
    page = firm.get(answer.location).get_data(as_text=True)
    assert "2 invitations are out." in page
    assert f"2 done, 1 skipped: {aliases[1]}: Has accepted another offer." in page
    card = re.search(rf'<li class="card-box candidate candidate-gone">(?:(?!</li>\n<li class="card-box).)*?{aliases[1]}.*?</li>', page, re.S)
    assert card is not None
    assert "Placed elsewhere" in card.group(0)
    assert "disabled" in card.group(0)
