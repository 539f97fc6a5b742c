"""Messages are one's own, told in the reader's language, and leave once."""

from __future__ import annotations

from collections.abc import Callable

from consortium.messages import service, wording
from consortium.shared.access import Role
from tests import builders
from tests.conftest import Browser


def test_one_reads_ones_own_messages_and_marks_them(signed_in_as: Callable[..., Browser]) -> None:
    mine, other = builders.a_membership(Role.ZONE_HEAD), builders.a_membership(Role.ZONE_HEAD)
    service.tell(mine.person_id, "kind-of-mine", key="a")
    service.tell(other.person_id, "kind-of-another", key="a")
    browser = signed_in_as(mine)
    page = browser.get("/messages").get_data(as_text=True)
    assert "kind-of-mine" in page and "kind-of-another" not in page
    assert browser.post("/messages").status_code == 303
    assert [m["read"] for m in browser.client.get("/api/v1/messages").get_json()] == [True]


def test_a_message_lacking_a_fact_is_still_readable(app: object) -> None:
    wording.KINDS["of-a-test"] = ("Hello %(name)s", "%(n)s left")
    try:
        assert wording.said("of-a-test", {"name": "X"}) == ("Hello X", "– left")
    finally:
        del wording.KINDS["of-a-test"]


def test_the_outbox_page_is_the_demonstrations_alone(anonymous: Browser) -> None:
    assert anonymous.get("/demo/outbox").status_code == 404
