"""New weights of the families from what people did with what they were shown.

Features are the parts of the score itself: a family's part ÷ its weight, the cosine of its columns, so that a learnt weight shows in the
explanation as any other. Who acts upon a post prefers it to what else stood in the same list (pairwise logistic regression, weights not
negative, drawn towards those that serve: few acts move little).

Position bias. A post at place r is examined with propensity r^-η; η is the weight of log-place in the same pairwise model (a conditional
logit: McFadden 1974), and an act at place r counts 1 ÷ propensity, clipped (Joachims, Swaminathan & Schnabel 2017).
Exposure. Only what was shown counts as passed over: a list on which somebody acted, down to the end of the page of the deepest act.
Cold start. Below `LEAST_ACTS` and `LEAST_LISTS`, and whenever the held-out gain is not sure, the serving weights stay.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching.evaluation import intervals
from consortium.matching.similarity import GRID
from consortium.matching.vocabulary import FAMILIES, WISHES, Vocabulary

GRADES: Mapping[str, int] = {"converted": 5, "accepted": 4, "offered": 3, "applied": 2, "invited": 2, "saved": 1}
"""What an act is worth; shown and passed over: 0; refused: below it."""

REFUSED = -1
HISTORY = FAMILIES.index("history")
UNDOES: Mapping[str, str] = {"unsaved": "saved", "restored": "hidden", "suitable": "unsuitable", "reopened": "declined"}

_DUTIES = frozenset({"title", "wish", "text", "occupation", "wish_related", "text_related", "history"})
_ABLE = frozenset({"skills", "text", "text_related"})
TEACHES: Mapping[str, frozenset[str]] = {
    "": WISHES,  # hidden without a word: not what is wished for
    "not-for-me": WISHES - {"place"},
    "duties": _DUTIES,
    "too-far": frozenset({"place"}),
    "place": frozenset({"place"}),
    "skills": _ABLE,
    "certificate": frozenset({"certificates"}),
}
"""Reason of a refusal → the families against which it is evidence. All others (pay, hours, dates, another offer, places taken, a wrong fact …)
speak of nothing that the score compares, and teach nothing."""

LEAST_ACTS, LEAST_LISTS = 200, 80
LATE = 0.4  # the newest part of the lists is held out
FOLDS = 5
MOST_WEIGHT = 10.0  # clip of 1 ÷ propensity
MOST_ETA = 2.0
PULL = 4.0  # strength of the draw towards the serving weights: that of some hundred acts
LEAST_SCALE = 5.0  # odds that a whole score is worth at least, so that the draw holds the direction even where few acts tell no scale
PAGE = 10  # posts on a page, where the caller does not say


@dataclass(frozen=True)
class Evidence:
    """What became of pairs that were shown: equal-length arrays, one row a pair (two where a refusal speaks of some families only).

    lists : (n,) int64, the list in which the pair was shown; kin : (n,) str, whose list it is in the widest sense (a major, a firm):
    kin never stand on both sides of a comparison; at : (n,) float64, when, in seconds; place : (n,) int64 from 1, 0 where the pair was
    found without the list; grade : (n,) int64; cosines : (n, n_families) float64 ≥ 0; teaches : (n, n_families) bool.
    """

    lists: np.ndarray
    kin: np.ndarray
    at: np.ndarray
    place: np.ndarray
    grade: np.ndarray
    cosines: np.ndarray
    teaches: np.ndarray

    def __post_init__(self) -> None:
        n, shape = len(self.lists), (len(self.lists), len(FAMILIES))
        if any(len(column) != n for column in (self.kin, self.at, self.place, self.grade)) or self.cosines.shape != shape or self.teaches.shape != shape:
            raise ValueError(f"evidence of {n} pairs: columns of other lengths, or not {len(FAMILIES)} families")
        if not np.isfinite(self.cosines).all() or (self.cosines < 0).any() or (self.place < 0).any():
            raise ValueError("cosines and places must be finite and not negative")

    def __len__(self) -> int:
        return len(self.lists)

    def take(self, rows: np.ndarray) -> Evidence:
        """Some rows, in that order."""
        return Evidence(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def n_acts(self) -> int:
        """Rows in which somebody did something."""
        return int((self.grade != 0).sum())


def lessons(acts: Sequence[tuple[str, str]]) -> list[tuple[int, np.ndarray]]:
    """What the acts about one pair ([(what, reason)], oldest first) teach: [(grade, (n_families,) bool)], none to two.

    The highest grade reached teaches all families but those that a refusal speaks of; the refusal teaches those.
    """
    done: dict[str, str] = {}
    for what, reason in acts:
        if what in UNDOES:
            done.pop(UNDOES[what], None)
        else:
            done[what] = reason
    reached = max((GRADES.get(what, 0) for what in done), default=0)
    refusals = [reason for what, reason in done.items() if what in ("hidden", "declined", "unsuitable")]
    spoken = frozenset().union(*(TEACHES.get(reason, frozenset()) for reason in refusals))
    against = np.isin(FAMILIES, sorted(spoken))
    found = [(reached, ~against)] if reached else []
    return [*found, (REFUSED, against)] if spoken else found


def seen(places: Sequence[int], page: int = PAGE) -> int:
    """Down to which place a list was looked at: the end of the page that holds the deepest act (0 where there was none in the list)."""
    return -(-max(places, default=0) // page) * page


def cosines(rows: tuple[sparse.csr_matrix, sparse.csr_matrix], vocabulary: Vocabulary, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, n_families) float64 parts of the score ÷ weights of `pairs` (n, 2: student and position row), and (n_families,) bool: weighed at all."""
    weights = np.array([vocabulary.weights[family] for family in FAMILIES])
    of = vocabulary.family_of_column
    one_hot = sparse.csr_matrix((np.ones(len(of)), (np.arange(len(of)), of)), shape=(len(of), len(FAMILIES)))
    shared = rows[0][pairs[:, 0]].multiply(rows[1][pairs[:, 1]])
    parts = (sparse.csr_matrix(shared) @ one_hot).toarray()
    return np.divide(parts, weights, out=np.zeros_like(parts), where=weights > 0), weights > 0


def propensity(place: np.ndarray, eta: float) -> np.ndarray:
    """(n,) float64 in (0, 1]: how likely place r is examined, r^-η; 1 for what was found without the list (place 0)."""
    return np.asarray(np.maximum(place, 1).astype(np.float64) ** -eta)


@dataclass(frozen=True)
class _Pairs:
    """The better and the worse row of each comparison; difference (m, n_families), weight (m,), of which list (m,)."""

    better: np.ndarray
    worse: np.ndarray
    difference: np.ndarray
    weight: np.ndarray
    lists: np.ndarray


def _rows_of(lists: np.ndarray) -> list[np.ndarray]:
    """The rows of every list, lists in ascending order."""
    order = np.argsort(lists, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(lists[order])) + 1)


def _pairs(evidence: Evidence, eta: float) -> _Pairs:
    """All comparisons within lists; an act counts once, however long its list is, and 1 ÷ propensity times."""
    better: list[np.ndarray] = []
    worse: list[np.ndarray] = []
    for rows in _rows_of(evidence.lists):
        a, b = np.nonzero(evidence.grade[rows][:, None] > evidence.grade[rows][None, :])
        better.append(rows[a])
        worse.append(rows[b])
    up, down = (np.concatenate(side) if side else np.zeros(0, dtype=np.int64) for side in (better, worse))
    both = evidence.teaches[up] & evidence.teaches[down]
    difference = np.where(both, evidence.cosines[up] - evidence.cosines[down], 0.0)
    rarity = 1 / propensity(evidence.place, eta)
    weight = np.minimum(np.where(evidence.grade[up] > 0, rarity[up], 1.0) * np.where(evidence.grade[down] < 0, rarity[down], 1.0), MOST_WEIGHT)
    acted = np.where(evidence.grade[up] > 0, up, down)
    weight = weight / np.bincount(acted, minlength=len(evidence))[acted] if len(up) else weight
    return _Pairs(up, down, difference, weight, evidence.lists[up])


def _fitted(difference: np.ndarray, weight: np.ndarray, pull: float, prior: np.ndarray | None) -> np.ndarray:
    """(n_features,) coefficients; every second comparison is turned round, so that there are two classes (the loss is the same)."""
    if len(difference) == 1:
        difference, weight = np.repeat(difference, 2, axis=0), np.repeat(weight / 2, 2)
    side = np.arange(len(difference)) % 2
    from consortium.matching.logistic import NonNegativeLogistic  # two seconds to load: only a training waits for it

    model = NonNegativeLogistic(pull, prior).fit(difference * np.where(side, 1.0, -1.0)[:, None], side, weight)
    return np.asarray(model.coef_[0])


def examination(evidence: Evidence) -> float:
    """η of r^-η: how fast attention falls with the place, from the acts themselves; 0 where nothing tells."""
    listed = evidence.take(np.flatnonzero((evidence.place > 0) & (evidence.grade >= 0)))
    pairs = _pairs(listed, 0.0)
    if not len(pairs.weight):
        return 0.0
    nearer = np.log(listed.place[pairs.worse]) - np.log(listed.place[pairs.better])
    found = _fitted(np.column_stack([pairs.difference, nearer]), pairs.weight, 1e-3, None)
    return float(min(found[-1], MOST_ETA))


def _array(weights: Mapping[str, float]) -> np.ndarray:
    return np.array([weights[family] for family in FAMILIES], dtype=np.float64)


def _scale(pairs: _Pairs, weights: np.ndarray) -> float:
    """The factor by which these weights tell the odds best."""
    return float(_fitted(pairs.difference @ weights[:, None], pairs.weight, 1e-3, None)[0])


def fit(evidence: Evidence, serving: Mapping[str, float], eta: float | None = None) -> tuple[dict[str, float], float, float]:
    """Weights ≥ 0 with the sum of the serving ones, the scale by which points become odds, and η (estimated where None is given).

    Raises ValueError where there is nothing to compare.
    """
    eta = examination(evidence) if eta is None else eta
    pairs = _pairs(evidence, eta)
    if not len(pairs.weight):
        raise ValueError("no list holds two pairs of different grades")
    old = _array(serving)
    weight = pairs.weight * (evidence.n_acts / pairs.weight.sum())
    scale = _scale(pairs, old)
    beta = _fitted(pairs.difference, weight, PULL, max(scale, LEAST_SCALE) * old)
    if not beta.sum() > 0:
        return dict(serving), scale, eta
    new = beta / beta.sum() * old.sum()
    return {family: round(float(value), 6) for family, value in zip(FAMILIES, new, strict=True)}, float(beta.sum() / old.sum()), eta


@dataclass(frozen=True)
class Comparison:
    """Both weights on lists that neither learning saw: means over lists, and gain with its 95 % interval (paired bootstrap over lists).

    ndcg_*, log_loss_* : of the serving and of the candidate; *_gain : (mean, low, high), above 0 is better.
    """

    n_lists: int
    ndcg_serving: float
    ndcg_candidate: float
    ndcg_gain: tuple[float, float, float]
    log_loss_serving: float
    log_loss_candidate: float
    log_loss_gain: tuple[float, float, float]

    @property
    def better(self) -> bool:
        """Sure enough to swap: the whole interval of the ranking's gain lies above 0, and the probabilities are not worse."""
        return self.ndcg_gain[1] > 0 and self.log_loss_gain[0] >= 0


def compare(evidence: Evidence, serving: Mapping[str, float]) -> Comparison | None:
    """Learn from early lists of some kin, judge late lists of other kin, fold after fold; None where no late list can be judged."""
    late = np.zeros(len(evidence), dtype=bool)
    groups = _rows_of(evidence.lists) if len(evidence) else []
    began = np.array([evidence.at[rows].min() for rows in groups])
    late_from = np.quantile(began, 1 - LATE) if groups else 0.0
    for rows, first in zip(groups, began, strict=True):
        late[rows] = first >= late_from
    fold = folds(evidence.kin)
    found = []
    for turn in range(FOLDS):
        early, held = (np.flatnonzero(which) for which in (~late & (fold != turn), late & (fold == turn)))
        if not len(held) or not len(_pairs(evidence.take(early), 0.0).weight):
            continue
        learnt, scale, eta = fit(evidence.take(early), serving)
        old_scale = _scale(_pairs(evidence.take(early), eta), _array(serving))
        found.append(_judged(evidence.take(held), (_array(serving), _array(learnt)), (old_scale, scale), eta))
    values = np.concatenate(found) if found else np.zeros((0, 5))
    if not len(values):
        return None
    values[:, :2] /= values[:, 4].mean()
    gains = np.column_stack([values[:, 1] - values[:, 0], values[:, 2] - values[:, 3]])
    mean, low, high = intervals(gains)
    told = values.mean(axis=0)
    gain = [tuple(round(float(v), 6) for v in (mean[i], low[i], high[i])) for i in (0, 1)]
    return Comparison(
        len(values), round(float(told[0]), 6), round(float(told[1]), 6), (gain[0][0], gain[0][1], gain[0][2]),
        round(float(told[2]), 6), round(float(told[3]), 6), (gain[1][0], gain[1][1], gain[1][2]),
    )  # fmt: skip


def folds(kin: np.ndarray) -> np.ndarray:
    """(n,) int64 in 0 … FOLDS − 1: the same kin, the same fold, in every process."""
    number = {str(one): int.from_bytes(hashlib.sha256(str(one).encode()).digest()[:4], "big") % FOLDS for one in set(kin)}
    return np.array([number[str(one)] for one in kin], dtype=np.int64)


def _judged(evidence: Evidence, betas: Sequence[np.ndarray], scales: Sequence[float], eta: float) -> np.ndarray:
    """(n_lists, 5): of every list DCG under both weights (gains ÷ propensity), their pairwise log-loss, and the best DCG possible.

    The best DCG is for dividing the mean, not each list: divided list by list, the propensities would cancel out and what stood
    on top would be right again.
    """
    pairs = _pairs(evidence, eta)
    rarity = np.minimum(1 / propensity(evidence.place, eta), MOST_WEIGHT)
    gain = (2.0 ** np.maximum(evidence.grade, 0) - 1) * rarity
    own = {int(pairs.lists[rows[0]]): rows for rows in _rows_of(pairs.lists)} if len(pairs.lists) else {}
    found = []
    for rows in _rows_of(evidence.lists):
        mine = own.get(int(evidence.lists[rows[0]]))
        if mine is None or not gain[rows].any():
            continue
        discount = 1 / np.log2(np.arange(2, len(rows) + 2))
        ideal = (np.sort(gain[rows])[::-1] * discount).sum()
        ranked = [(gain[rows][np.argsort(-np.rint(evidence.cosines[rows] @ beta * GRID), kind="stable")] * discount).sum() for beta in betas]
        share = pairs.weight[mine] / pairs.weight[mine].sum()
        lost = [share @ np.logaddexp(0.0, -scale * (pairs.difference[mine] @ beta)) for beta, scale in zip(betas, scales, strict=True)]
        found.append([*ranked, *lost, ideal])
    return np.array(found, dtype=np.float64).reshape(-1, 5)


@dataclass(frozen=True)
class Trained:
    """What a training found. verdict : better, not-better or too-few; comparison is None where there were too few."""

    weights: Mapping[str, float]
    verdict: str
    eta: float
    n_lists: int
    n_acts: int
    comparison: Comparison | None


def train(evidence: Evidence, serving: Mapping[str, float]) -> Trained:
    """Learn, compare, decide: the candidate weights are learnt from everything, the decision from held-out lists alone."""
    n_lists = len(np.unique(evidence.lists))
    told = (n_lists, evidence.n_acts)
    if evidence.n_acts < LEAST_ACTS or n_lists < LEAST_LISTS or not len(_pairs(evidence, 0.0).weight):
        return Trained(dict(serving), "too-few", 0.0, *told, None)
    weights, _, eta = fit(evidence, serving)
    comparison = compare(evidence, serving)
    verdict = "too-few" if comparison is None else "better" if comparison.better else "not-better"
    return Trained(weights, verdict, round(eta, 3), *told, comparison)


def points_of(cosines_: np.ndarray, weights: Mapping[str, float]) -> np.ndarray:
    """(n,) int64 points of pairs under some weights."""
    return np.rint(cosines_ @ _array(weights) * GRID).astype(np.int64)


def told(trained: Trained) -> dict[str, Any]:
    """What a training found, as plain numbers to be stored."""
    found: dict[str, Any] = {"verdict": trained.verdict, "eta": trained.eta, "n_lists": trained.n_lists, "n_acts": trained.n_acts, "held_out": None}
    if trained.comparison is not None:
        found["held_out"] = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(trained.comparison).items()}
    return found
