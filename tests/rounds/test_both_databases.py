"""The same round on SQLite and on PostgreSQL: the same hash of what was read, the same digest of the result."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from flask import Flask

from consortium.matching import lottery
from consortium.rounds import queries
from consortium.rounds.models import Round
from consortium.shared.db import db
from tests.rounds.play import Play, at

NOW = datetime(2027, 3, 1, 2, tzinfo=UTC)
INPUT = "f71fed89aac5689204cd2797677cf03afd06e0d9ba2c358fd9169bf39bb335db"
RESULTS = {"declared": "1ce6d4220cbb3391b252334fe9587dedebb5ab361e9ff33e7f219324d54c4793", "no-priorities": "1ce6d4220cbb3391b252334fe9587dedebb5ab361e9ff33e7f219324d54c4793", "skills": "746e43cf233ed486713590741d3f2ddb26b0bc8f0440328cb1dac0f4ca64395d"}
"""As both databases gave them when this was written; a change of the method that is meant changes them here too."""


def pinned() -> Round:
    """A round of which nothing depends on the order of tests or on chance."""
    play = Play(6)
    play.skill.code = "plc"
    for n, student in enumerate(play.students):
        student.public_id = uuid.UUID(int=100 + n)
    for n, (post, firm) in enumerate(zip(play.posts, play.firms, strict=True)):
        post.public_id, post.title = uuid.UUID(int=200 + n), f"设备维修技术员 {n}"
        assert firm.tenant_id
    db.session.commit()
    found = play.round(codes=[{"code": "poor", "kind": "priority", "name_zh": "困难"}])
    seed, nonce = 2**127 + 12345, bytes(16)
    found.secret, found.commitment = f"{seed}:{nonce.hex()}", lottery.commitment(seed, nonce)
    for n in range(6):
        play.hand_in(found, n, *[(n + k) % 3 for k in range(3)], fill=n % 2 == 0)
    db.session.commit()
    play.tried(found, "declared", "no-priorities", "skills")
    return found


def test_both_databases_give_one_hash_and_one_digest(app: Flask) -> None:
    with at(NOW):
        found = pinned()
        runs = queries.runs_of(queries.trials(found)[0])
    assert {run.input_hash for run in runs} == {INPUT}
    assert {run.scenario: run.digest for run in runs} == RESULTS
    assert timedelta(0) < found.publish_at - NOW
