"""The frame and the words around a refusal: the marked place of the menu, marks of the reader's language, an ended session."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask

from consortium.shared.access import Role
from consortium.shared.i18n import in_language, joined, labelled
from tests import builders

Sign = Callable[..., Any]


def marked(page: str) -> list[str]:
    """Addresses of the menu places that are marked as open."""
    return re.findall(r'<li><a href="([^"]+)" aria-current="page">', page.split('class="rail"')[1].split("</nav>")[0])


def test_the_menu_marks_the_place_under_whose_address_the_page_stands(app: Flask, signed_in_as: Sign) -> None:
    firm = builders.an_enterprise()
    head = signed_in_as(builders.a_membership(Role.ENTERPRISE_HEAD, tenant=firm.tenant))
    assert marked(head.get("/colleagues").get_data(as_text=True)) == ["/colleagues"]
    assert marked(head.get("/account").get_data(as_text=True)) == []
    assert marked(head.get(f"/positions/{builders.a_position(firm).public_id}").get_data(as_text=True)) == ["/positions"]
    assert marked(head.get("/").get_data(as_text=True)) == ["/"]


def test_lists_and_labels_take_the_marks_of_the_readers_language(app: Flask) -> None:
    with app.test_request_context():
        with in_language("en"):
            assert labelled("Skills", joined(["a", "b"])) == "Skills: a, b"
            assert joined(["a", "b"], "; ") == "a; b"
        with in_language("zh"):
            assert labelled("技能", joined(["甲", "乙"])) == "技能：甲、乙"


def test_a_form_sent_after_the_session_ended_says_so(app: Flask, signed_in_as: Sign) -> None:
    member = signed_in_as(builders.a_student_member())
    member.post("/sign-out")
    answer = member.client.post("/me", data={"csrf_token": "old", "form_key": str(uuid.uuid4())})
    assert answer.status_code == 400
    assert "You are signed out" in answer.get_data(as_text=True)


def test_a_head_is_not_offered_to_suspend_herself(app: Flask, signed_in_as: Sign) -> None:
    head = builders.a_membership(Role.ENTERPRISE_HEAD)
    other = builders.a_membership(Role.ENTERPRISE_MEMBER, tenant=head.tenant)
    page = signed_in_as(head).get("/colleagues").get_data(as_text=True)
    assert f"/colleagues/{other.public_id}/suspension" in page
    assert f"/colleagues/{head.public_id}/suspension" not in page
