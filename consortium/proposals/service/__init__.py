"""Runs of the matcher, what people chose, why a pair fits, and the scorings learnt from choices."""

from __future__ import annotations

from consortium.proposals.service.choices import choose, note_choice
from consortium.proposals.service.explaining import (
    Candidate,
    bands_of,
    candidates,
    explained,
    explained_all,
    margins_of,
    shown_candidates,
)
from consortium.proposals.service.learning import (
    TRAINING,
    learn,
    retire,
    serve,
    start_training,
    start_weekly,
    weights_of,
)
from consortium.proposals.service.own import doubt, keep_search, remove_search, switch, tell_alerts, weigh
from consortium.proposals.service.runs import (
    CHUNK,
    RUN,
    advance,
    follow,
    forget_old,
    give_up,
    score,
    start,
    start_nightly,
)

__all__ = [
    "CHUNK",
    "RUN",
    "TRAINING",
    "Candidate",
    "advance",
    "bands_of",
    "candidates",
    "choose",
    "doubt",
    "explained",
    "explained_all",
    "follow",
    "forget_old",
    "give_up",
    "keep_search",
    "learn",
    "margins_of",
    "note_choice",
    "remove_search",
    "retire",
    "score",
    "serve",
    "shown_candidates",
    "start",
    "start_nightly",
    "start_training",
    "start_weekly",
    "switch",
    "tell_alerts",
    "weigh",
    "weights_of",
]
