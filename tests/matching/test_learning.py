"""Learning: known choosers are understood in spite of where things stood; noise, few acts and exposure fool nobody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from consortium.matching import learning
from consortium.matching.learning import (
    Evidence,
    compare,
    cosines,
    examination,
    fit,
    lessons,
    seen,
    train,
)
from consortium.matching.logistic import NonNegativeLogistic
from consortium.matching.pipeline import explain, prepare
from consortium.matching.vocabulary import FAMILIES, WEIGHTS, WISHES, with_history
from tests.matching import choosers, games

TRUTH = choosers.truth(skills=0.05, place=0.35)


CHECKS = {check.func.__name__ if hasattr(check, "func") else str(check): (one, check) for one, check in estimator_checks_generator(NonNegativeLogistic())}
CHECKS.pop("check_array_api_input", None)  # asks for another kind of array than NumPy's


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_the_learner_is_a_scikit_learn_classifier(name: str) -> None:
    estimator, check = CHECKS[name]
    check(estimator)


def test_coefficients_never_fall_below_zero_and_a_strong_pull_is_the_prior() -> None:
    x, y = np.array([[1.0, -1.0], [2.0, -1.0], [-1.0, 1.0]]), np.array([1, 1, 0])
    free = NonNegativeLogistic(pull=0.1).fit(x, y).coef_[0]
    assert free[0] > 0
    assert free[1] == 0
    held = NonNegativeLogistic(pull=1e6, prior=np.array([0.3, 0.7])).fit(x, y).coef_[0]
    np.testing.assert_allclose(held, [0.3, 0.7], atol=1e-4)


def test_the_features_are_the_parts_of_the_explanation() -> None:
    one = games.random_problem(6, 7, 4)
    prepared = prepare(one, weights=with_history(), past=[("460301", "p001", 1.0)])
    pairs = np.array([[i, j] for i in range(6) for j in range(7)])
    found, weighed = cosines((prepared.student_rows, prepared.position_rows), prepared.vocabulary, pairs)
    assert weighed.all()
    assert (found <= 1 + 1e-9).all()
    for (i, j), row in zip(pairs, found, strict=True):
        told = explain(prepared, str(one.students.key[i]), str(one.positions.key[j]))
        if told.points is not None:
            parts = [told.by_family[family] for family in FAMILIES]
            np.testing.assert_allclose(row * np.array([prepared.vocabulary.weights[f] for f in FAMILIES]) * 1e6, parts, atol=len(told.parts) + 1)
            assert abs(int(learning.points_of(row[None, :], prepared.vocabulary.weights)[0]) - told.points) <= 1


def test_a_family_that_does_not_serve_yet_is_told_from_one_that_shares_nothing() -> None:
    prepared = prepare(games.random_problem(3, 3, 1))
    found, weighed = cosines((prepared.student_rows, prepared.position_rows), prepared.vocabulary, np.array([[0, 0]]))
    assert not weighed[FAMILIES.index("history")]
    assert found[0, FAMILIES.index("history")] == 0


def taught(mask: np.ndarray) -> set[str]:
    return {family for family, told in zip(FAMILIES, mask, strict=True) if told}


@pytest.mark.parametrize("reason", ["pay", "hours", "dates", "other-offer", "places-taken", "post-changed", "personal", "wrong-fact", "other", "accepted-elsewhere"])
def test_a_refusal_for_what_no_score_compares_is_evidence_against_nothing(reason: str) -> None:
    assert lessons([("hidden", reason)]) == []
    (grade, mask), = lessons([("applied", ""), ("declined", reason)])
    assert grade == 2
    assert taught(mask) == set(FAMILIES)


def test_a_refusal_for_the_place_speaks_of_the_place_alone_and_the_wish_to_apply_of_all_else() -> None:
    (up, what), (down, against) = lessons([("saved", ""), ("applied", ""), ("offered", ""), ("declined", "place")])
    assert (up, down) == (3, -1)
    assert taught(against) == {"place"}
    assert taught(what) == set(FAMILIES) - {"place"}
    assert taught(lessons([("hidden", "")])[0][1]) == WISHES
    assert taught(lessons([("declined", "skills")])[0][1]) == {"skills", "text", "text_related"}


def test_what_was_taken_back_teaches_nothing_and_the_highest_grade_counts() -> None:
    assert lessons([("saved", ""), ("unsaved", "")]) == []
    assert lessons([("hidden", "too-far"), ("restored", "")]) == []
    order = [lessons([(what, "")])[0][0] for what in ("saved", "invited", "applied", "offered", "accepted", "converted")]
    assert order == sorted(order)
    assert lessons([("accepted", ""), ("saved", "")])[0][0] == 4
    assert lessons([("withdrawn", "consent-withdrawn")]) == []


@pytest.mark.parametrize(("places", "page", "depth"), [([], 10, 0), ([1], 10, 10), ([3, 10], 10, 10), ([11], 10, 20), ([0], 10, 0), ([21], 20, 40)])
def test_a_list_was_seen_to_the_end_of_the_page_of_the_deepest_act(places: list[int], page: int, depth: int) -> None:
    assert seen(places, page) == depth


def test_weights_move_towards_what_people_want_and_further_than_a_naive_learner_gets() -> None:
    for eta in (0.0, 1.0):
        evidence = choosers.choose(300, TRUTH, 1, eta=eta)
        learnt, scale, found = fit(evidence, WEIGHTS)
        assert abs(found - eta) < 0.5
        assert scale > 0
        assert choosers.distance(learnt, TRUTH) < 0.45 * choosers.distance(WEIGHTS, TRUTH)
        assert abs(sum(learnt.values()) - 1) < 1e-4
        assert min(learnt.values()) >= 0
        naive = fit(evidence, WEIGHTS, 0.0)[0]
        if eta:
            assert choosers.distance(naive, TRUTH) > 1.8 * choosers.distance(learnt, TRUTH)


def test_the_ranking_of_lists_never_seen_improves_and_the_candidate_is_taken() -> None:
    found = train(choosers.choose(300, TRUTH, 1), WEIGHTS)
    assert found.verdict == "better"
    assert found.comparison is not None
    assert found.comparison.ndcg_gain[1] > 0.05
    assert found.comparison.log_loss_gain[1] > 0
    assert found.comparison.ndcg_candidate > found.comparison.ndcg_serving
    assert found.weights["place"] > 0.2


@pytest.mark.parametrize("wanted", [None, dict(WEIGHTS)], ids=["the place in the list alone", "what is served already"])
def test_choosers_of_whom_nothing_can_be_learnt_never_swap_the_weights(wanted: Any) -> None:
    for seed in range(5):
        assert train(choosers.choose(220, wanted, 100 + seed), WEIGHTS).verdict == "not-better"


def test_who_only_clicks_the_top_teaches_attention_not_taste() -> None:
    assert examination(choosers.choose(300, None, 5, eta=1.0)) == pytest.approx(1.0, abs=0.35)
    assert examination(choosers.choose(300, None, 5, eta=0.0)) < 0.2


def test_what_was_never_shown_is_no_evidence_against_it() -> None:
    """The naive learner takes the posts below the page for passed over, and learns the taste of the ranking itself."""
    long = choosers.choose(250, TRUTH, 3, shown=40, eta=0.0)
    acted_deep = np.isin(long.lists, long.lists[(long.grade > 0) & (long.place > 10)])
    upon_first_page = long.take(np.flatnonzero(~acted_deep))
    fair = upon_first_page.take(np.flatnonzero(upon_first_page.place <= 10))
    honest, fooled = (choosers.distance(fit(one, WEIGHTS, 0.0)[0], TRUTH) for one in (fair, upon_first_page))
    assert honest < fooled


def test_few_acts_leave_the_weights_alone() -> None:
    found = train(choosers.choose(40, TRUTH, 1), WEIGHTS)
    assert (found.verdict, found.weights, found.comparison) == ("too-few", dict(WEIGHTS), None)
    nothing = choosers.choose(1, TRUTH, 1).take(np.zeros(0, dtype=np.int64))
    assert train(nothing, WEIGHTS).verdict == "too-few"
    assert compare(nothing, WEIGHTS) is None
    with pytest.raises(ValueError, match="no list"):
        fit(nothing, WEIGHTS)


def test_fewer_acts_move_the_weights_less() -> None:
    few, many = (fit(choosers.choose(n, TRUTH, 2, eta=0.0), WEIGHTS, 0.0)[0] for n in (5, 300))
    assert choosers.distance(few, WEIGHTS) < choosers.distance(many, WEIGHTS)


def test_a_family_that_nobody_could_judge_keeps_its_share() -> None:
    evidence = choosers.choose(150, TRUTH, 4, eta=0.0)
    evidence.teaches[:, FAMILIES.index("major")] = False
    learnt = fit(evidence, WEIGHTS, 0.0)[0]
    assert learnt["major"] / learnt["certificates"] > 0
    assert learnt["major"] == pytest.approx(WEIGHTS["major"], rel=0.35)


def test_learning_does_not_depend_on_the_order_of_lists_and_repeats_to_the_digit() -> None:
    evidence = choosers.choose(90, TRUTH, 6)
    first, again = train(evidence, WEIGHTS), train(evidence, WEIGHTS)
    assert first == again
    turned = fit(evidence.take(np.argsort(-evidence.lists, kind="stable")), WEIGHTS, 1.0)[0]
    assert choosers.distance(turned, fit(evidence, WEIGHTS, 1.0)[0]) < 1e-3


def test_kin_never_stand_on_both_sides_of_a_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = choosers.choose(90, TRUTH, 6)
    learnt_from: list[Evidence] = []
    judged: list[Evidence] = []
    real_fit, real_judged = learning.fit, learning._judged
    monkeypatch.setattr(learning, "fit", lambda e, *a: (learnt_from.append(e), real_fit(e, *a))[1])
    monkeypatch.setattr(learning, "_judged", lambda e, *a: (judged.append(e), real_judged(e, *a))[1])
    assert compare(evidence, WEIGHTS) is not None
    for early, held in zip(learnt_from, judged, strict=True):
        assert not set(early.kin) & set(held.kin)
        assert early.at.max() <= held.at.min()


def test_malformed_evidence_is_refused() -> None:
    evidence = choosers.choose(3, TRUTH, 1)
    with pytest.raises(ValueError, match="columns of other lengths"):
        replace(evidence, place=evidence.place[1:])
    with pytest.raises(ValueError, match="finite"):
        replace(evidence, cosines=-evidence.cosines)
