"""Versions of the coefficients learnt from what was chosen, put into service and taken out again."""

from __future__ import annotations

import sqlalchemy as sa

from consortium.matching import calibration, learning
from consortium.matching.calibration import Bands
from consortium.matching.vocabulary import WEIGHTS
from consortium.proposals import lifecycle, queries, snapshot
from consortium.proposals.lifecycle import SCORING
from consortium.proposals.models import Scoring
from consortium.shared import audit, clock
from consortium.shared.access import Actor
from consortium.shared.db import db, reading
from consortium.shared.errors import Conflict
from consortium.shared.i18n import lazy_gettext as _l
from consortium.shared.tasks import Claim, finish, first_of_period, ring_after_commit

TRAINING = "proposals.train_weights"


def weights_of(scoring: Scoring | None) -> dict[str, float]:
    """Its weights, or those of the release."""
    return dict(scoring.weights if scoring is not None else WEIGHTS)


def start_training(*, by: Actor | None) -> Scoring:
    """Ask for a new version of the coefficients; the worker learns it. Raises Conflict while another is being learnt."""
    if queries.training_under_way() is not None:
        raise Conflict(_l("A training is already under way."), how=_l("It ends within minutes; look again."))
    serves = queries.serving()
    newest = db.session.scalar(sa.select(sa.func.max(Scoring.no))) or 0
    scoring = Scoring(no=newest + 1, standing=lifecycle.CANDIDATE, asked_by_id=by.person_id if by else None, against=serves.no if serves else 0)
    db.session.add(scoring)
    db.session.flush()
    audit.record("start-training", scoring, by=by, no=scoring.no)
    ring_after_commit(TRAINING, scoring.id)
    return scoring


def start_weekly() -> None:
    """Once a week (Sunday, 03:00 in Shanghai) what was chosen is learnt from, as soon as there is enough of it."""
    now = clock.local(clock.now())
    if (now.weekday(), now.hour) != (6, 3) or not first_of_period("proposals.weekly", 20 * 3600):
        return
    if queries.n_acted_upon() >= learning.LEAST_ACTS and queries.training_under_way() is None:
        start_training(by=None)
        db.session.commit()


def learn(held: Claim) -> None:
    """Learn from what was chosen, judge on held-out lists, and swap in only what is better; result and swap are one commit."""
    with reading():
        against = db.session.get_one(Scoring, held.row_id).against
        serves = queries.serving()
        told = snapshot.lessons()
        old_bands = Bands.read(serves.calibration if serves is not None else {})
        old = snapshot.weights_with(weights_of(serves), bool(told.evidence.teaches[:, learning.HISTORY].any()))
    trained = learning.train(told.evidence, old)
    cosines, accepted, kin = told.offers
    weights = dict(trained.weights) if trained.verdict == "better" else old
    points = learning.points_of(cosines, weights)
    bands = calibration.calibrate(points, accepted, kin)
    changed = "weights" if trained.verdict == "better" else "bands" if bands.shares and not calibration.holds(old_bands, points, accepted) else ""
    figures = learning.told(trained) | {"n_offers": len(accepted), "serving_weights": old}
    still = queries.serving()
    overtaken = (still.no if still is not None else 0) != against
    if overtaken:
        changed, figures["verdict"] = "", "overtaken"
    if changed:
        _retire_serving()
    standing = SCORING.take("adopt" if changed else "refuse", lifecycle.CANDIDATE, None)
    audit.record(f"{'adopt' if changed else 'refuse'}-scoring", ("scorings", held.row_id), by=None, verdict=figures["verdict"], changed=changed)
    finish(
        held, standing=standing, changed=changed, weights=dict(trained.weights) if changed != "bands" else old, calibration=bands.told(),
        figures=figures, since=told.since, until=told.until, served_at=clock.now() if changed else None,
    )  # fmt: skip


def serve(scoring: Scoring, *, by: Actor) -> Scoring:
    """Put an older version back into service; the next run scores by it. Raises Conflict for one that never served."""
    standing = SCORING.take("serve", scoring.standing, by)
    _retire_serving()
    scoring.standing, scoring.served_at, scoring.served_by_id = standing, clock.now(), by.person_id
    db.session.flush()
    audit.record("serve-scoring", scoring, by=by, no=scoring.no)
    return scoring


def retire(scoring: Scoring, *, by: Actor) -> Scoring:
    """Take the serving version out of service: the next run scores with the weights as delivered."""
    scoring.standing = SCORING.take("retire", scoring.standing, by)
    db.session.flush()
    audit.record("retire-scoring", scoring, by=by, no=scoring.no)
    return scoring


def _retire_serving() -> None:
    """In one statement, before another is put in its place: the unique index lets two serve at no time."""
    db.session.execute(
        sa.update(Scoring).where(Scoring.standing == lifecycle.SERVING).values(standing=lifecycle.RETIRED)
    )
