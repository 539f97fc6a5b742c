"""Signed links: for one purpose, until an instant, by our key; and pictures judged by their bytes."""

from __future__ import annotations

import struct
from datetime import timedelta

import pytest
import time_machine

from consortium.shared import clock, links
from consortium.shared.files import FileRefused, inspect_picture

KEY = "a-key-of-thirty-two-characters-or-more"


def test_a_link_tells_what_it_was_made_of_and_when_it_ends() -> None:
    until = clock.now() + timedelta(minutes=5)
    token = links.sign("intent", {"r": "1"}, until, KEY)
    found = links.read("intent", token, KEY)
    assert found is not None and found.facts == {"r": "1"} and not found.expired
    with time_machine.travel(until + timedelta(seconds=1)):
        late = links.read("intent", token, KEY)
        assert late is not None and late.expired, "whose it was is still known, so that a new one can be sent"


@pytest.mark.parametrize(("purpose", "key", "change"), [("other", KEY, ""), ("intent", KEY[::-1], ""), ("intent", KEY, "x"), ("intent", KEY, ".")])
def test_a_link_of_another_purpose_or_key_or_with_a_changed_letter_is_none(purpose: str, key: str, change: str) -> None:
    token = links.sign("intent", {"r": "1"}, clock.now() + timedelta(minutes=5), KEY)
    assert links.read(purpose, change + token, key) is None


def png(wide: int, high: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", wide, high) + b"\x08\x00\x00\x00\x00" + b"x" * 40 + b"IEND\xaeB`\x82"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xff\xd8\xff\xe0" + b"x" * 50 + b"\xff\xd9", "jpeg"), (png(800, 600), "png"), (b"%PDF-1.7\n" + b"x" * 50 + b"\n%%EOF\n", "pdf"),
        (b"", "empty"), (b"\xff\xd8\xff\xe0" + b"x" * 5_000, "broken"), (png(100_000, 100_000), "broken"), (png(0, 5), "broken"), (b"%PDF-1.7 cut", "broken"),
        (b"<svg onload=alert(1)>", "not-a-picture"), (b"GIF89a" + b"x" * 50, "not-a-picture"), (b"MZ" + b"x" * 50, "not-a-picture"),
        (b"\xff\xd8\xff" + b"x" * (5 * 1024 * 1024), "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_picture_is_known_by_its_bytes_and_never_by_its_name(data: bytes, told: str) -> None:
    if told in ("jpeg", "png", "pdf"):
        assert inspect_picture(data).kind == told
        return
    with pytest.raises(FileRefused) as refused:
        inspect_picture(data)
    assert refused.value.code == told
