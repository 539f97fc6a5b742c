"""The database read once as arrays, the arrays kept as they were scored, and what people then did as rows to learn from."""

from __future__ import annotations

from consortium.proposals.snapshot.acts import Lessons, lessons, past
from consortium.proposals.snapshot.asked import (
    Opening,
    Stand,
    added,
    again,
    fitting_ids,
    live,
    next_answers,
    openings,
    stand,
    supply,
    supply_of,
    what_stops,
)
from consortium.proposals.snapshot.kept import ids, meets, pair, prepared_of
from consortium.proposals.snapshot.newcomers import Met, meet
from consortium.proposals.snapshot.reading import (
    Everything,
    hashed,
    part_bytes,
    prepared,
    read,
    read_everything,
    rows_bytes,
    run_bytes,
    stretch,
    weights_with,
)

__all__ = [
    "Everything", "Lessons", "Met", "Opening", "Stand", "added", "again", "fitting_ids", "hashed", "ids", "lessons", "live", "meet", "meets", "next_answers", "openings", "pair",
    "part_bytes", "past", "prepared", "prepared_of", "read", "read_everything", "rows_bytes", "run_bytes", "stand", "stretch", "supply", "supply_of",
    "weights_with", "what_stops",
]  # fmt: skip
