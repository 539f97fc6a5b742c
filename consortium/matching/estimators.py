# ruff: noqa: N803 (X is the name that scikit-learn gives to a table)
"""The method for users of scikit-learn: terms, their weights, the families of evidence, and the exact best k, as estimators.

`make_pipeline(TermCounter(), TermWeights(), TopMatches(10)).fit(posts).transform(students)` ranks texts; `families("positions")` is a
ColumnTransformer over a `table` of posts. They call the functions that a run calls, so the same rows and the same points come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted, validate_data

from consortium.matching.blocks import Plan
from consortium.matching.eligibility import Table
from consortium.matching.groups import distinct_rows
from consortium.matching.problem import POSITION_COLUMNS, STUDENT_COLUMNS, Columns
from consortium.matching.similarity import GRID, Rows, best_lists
from consortium.matching.terms import counted, inverse, numbered, seen, weighed, words
from consortium.matching.vocabulary import POSITION_SIDE, STUDENT_SIDE, TEXTS, WEIGHTS, Vocabulary

_MOST_KEY = 2**62  # points × rows of the fitted side must stay below it


class TermCounter(TransformerMixin, BaseEstimator):
    """How often each term stands in each document, as `CountVectorizer` counts.

    analyzer : "words" reads texts (a document may be several texts), "codes" takes lists of codes as they are.
    vocabulary : terms in the order of their columns, or a mapping to columns; None learns them from the documents, sorted.
    After `fit`: vocabulary_, each term's column.
    """

    def __init__(self, analyzer: str = "words", vocabulary: Iterable[str] | Mapping[str, int] | None = None) -> None:
        self.analyzer = analyzer
        self.vocabulary = vocabulary

    def fit(self, raw_documents: Iterable[Any], y: Any = None) -> Self:
        """Learn the terms; with a vocabulary of its own it learns nothing."""
        bags = () if self.vocabulary is not None else self._bags(raw_documents)
        return self._learn(bags)

    def fit_transform(self, raw_documents: Iterable[Any], y: Any = None) -> sparse.csr_matrix:
        """`fit`, then `transform`, reading every document once."""
        bags = self._bags(raw_documents)
        return counted(bags, self._learn(bags).vocabulary_)

    def transform(self, raw_documents: Iterable[Any]) -> sparse.csr_matrix:
        """(n_documents, n_terms) float64; terms that are not in the vocabulary are passed over."""
        check_is_fitted(self)
        return counted(self._bags(raw_documents), self.vocabulary_)

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The terms, (n_terms,)."""
        check_is_fitted(self)
        return np.array(sorted(self.vocabulary_, key=self.vocabulary_.__getitem__), dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.string = False, True
        return tags

    def _learn(self, bags: Sequence[Mapping[str, int]]) -> Self:
        terms = sorted({term for bag in bags for term in bag}) if self.vocabulary is None else list(self.vocabulary)
        if isinstance(self.vocabulary, Mapping):
            terms.sort(key=self.vocabulary.__getitem__)
            if [self.vocabulary[term] for term in terms] != list(range(len(terms))):
                raise ValueError("vocabulary: every column from 0 on needs exactly one term")
        if len(set(terms)) != len(terms):
            raise ValueError("vocabulary: a term stands twice")
        if self.vocabulary is None and not terms:
            raise ValueError("empty vocabulary: no document has any term")
        self.vocabulary_ = numbered(terms)
        return self

    def _bags(self, documents: Iterable[Any]) -> list[Counter[str]]:
        if self.analyzer not in ("words", "codes"):
            raise ValueError(f"analyzer: \"words\" or \"codes\" expected, {self.analyzer!r} found")
        if isinstance(documents, str):
            raise ValueError("Iterable over raw text documents expected, string object received.")
        return [self._bag(document, number) for number, document in enumerate(documents, 1)]

    def _bag(self, document: Any, number: int) -> Counter[str]:
        whole = isinstance(document, str)
        parts = (document,) if whole else document
        if (whole and self.analyzer == "codes") or not isinstance(parts, Sequence | np.ndarray) or not all(isinstance(p, str) for p in parts):
            expected = "a text" if self.analyzer == "words" else "a list of codes"
            raise ValueError(f"document {number}: {expected} expected, {type(document).__name__} found")
        return Counter(parts) if self.analyzer == "codes" else Counter(term for part in parts for term in words(part))


class TermWeights(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Counts as (1 + log count) × IDF in rows of length one, times the square root of a weight: `TfidfTransformer` with our IDF.

    weight : what the score of two equal rows may reach at most. idf : (n_terms,), or None to learn it. After `fit`: idf_, (n_terms,).
    """

    def __init__(self, weight: float = 1.0, idf: np.ndarray | None = None) -> None:
        self.weight = weight
        self.idf = idf

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn in how many of the rows (n_rows, n_terms) each term stands."""
        if not 0 <= self.weight < float("inf"):
            raise ValueError(f"weight: a finite number of at least 0 expected, {self.weight!r} found")
        counts = self._counts(X, reset=True)
        idf = inverse(seen(counts), counts.shape[0]) if self.idf is None else np.asarray(self.idf, dtype=np.float64)
        if idf.shape != (counts.shape[1],) or not np.isfinite(idf).all():
            raise ValueError(f"idf: {counts.shape[1]} finite numbers expected, one a term")
        self.idf_ = idf
        return self

    def transform(self, X: Any) -> sparse.csr_matrix:
        """(n_rows, n_terms) float64, rows of length √weight; empty rows stay empty."""
        check_is_fitted(self)
        return weighed(self._counts(X, reset=False), self.idf_) * np.sqrt(self.weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.positive_only = True
        return tags

    def _counts(self, X: Any, *, reset: bool) -> sparse.csr_matrix:
        checked = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=np.float64, ensure_non_negative=True)
        counts = sparse.csr_matrix(checked, copy=sparse.issparse(checked))
        counts.eliminate_zeros()
        return counts


class TopMatches(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """The exact best rows of the fitted side for every row asked about, by dot product, where a mask allows it: `fit` posts, ask students.

    Points are whole millionths and ties fall to the fitted rows' turns, so results depend neither on the cut nor on the number of threads.
    A row with nothing in common is no match. n_neighbors : the most to give; n_jobs : threads.
    After `fit`: n_samples_fit_, turns_.
    """

    def __init__(self, n_neighbors: int = 20, *, n_jobs: int = 1) -> None:
        self.n_neighbors = n_neighbors
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None, *, turns: np.ndarray | None = None) -> Self:
        """Take the rows (n_posts, n_features), not negative, dense or sparse; `turns` : (n_posts,) a permutation, by default the rows' order."""
        self._asked(self.n_neighbors)
        rows = self._rows(X, reset=True)
        n_posts = rows.shape[0]
        turn = np.arange(n_posts) if turns is None else np.asarray(turns, dtype=np.int64)
        if not np.array_equal(np.sort(turn), np.arange(n_posts)):
            raise ValueError(f"turns: a permutation of 0 to {n_posts - 1} expected")
        self.turns_, self._fit_X = turn, rows
        self.n_samples_fit_ = self._n_features_out = n_posts
        return self

    def best(self, X: Any, n_neighbors: int | None = None, *, allowed: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """Rows of posts and points, both (n_students, k) int64, best first, −1 where there is no more; k is at most the number of posts.

        allowed : (n_students, n_posts) bool, dense or sparse; None allows everything. Raises ValueError for what is not finite, negative, of
        another shape, or so large that points could not be told apart in 64 bits.
        """
        check_is_fitted(self)
        k = min(self._asked(self.n_neighbors if n_neighbors is None else n_neighbors), self.n_samples_fit_)
        rows = self._rows(X, reset=False)
        self._in_range(rows)
        n_students, n_posts = rows.shape[0], self.n_samples_fit_
        every, kind = np.ones(n_posts, dtype=bool), np.zeros(n_students, dtype=np.int64)
        plan = Plan(self._tables(allowed, n_students), every, every, self._fit_X, kind, np.zeros(n_posts, dtype=np.int64))
        turns = (np.arange(n_students), self.turns_.copy())  # one that was read from a mapped file would have the loops compiled anew
        found = best_lists(Rows.of(rows), plan, turns, (0, n_students), k, 1, (1, 1), threads=max(int(self.n_jobs or 1), 1))
        return found.idx, found.points

    def kneighbors(
        self, X: Any, n_neighbors: int | None = None, return_distance: bool = True, *, allowed: Any = None
    ) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
        """Distances 1 − score (cosine distances where rows have length one; inf for none) and rows of posts (−1 for none), nearest first."""
        idx, points = self.best(X, n_neighbors, allowed=allowed)
        return (np.where(idx >= 0, 1.0 - points / GRID, np.inf), idx) if return_distance else idx

    def kneighbors_graph(self, X: Any, n_neighbors: int | None = None, mode: str = "connectivity", *, allowed: Any = None) -> sparse.csr_matrix:
        """(n_students, n_posts) CSR with 1 ("connectivity"), the "distance" or the "score" of each listed pair."""
        idx, points = self.best(X, n_neighbors, allowed=allowed)
        score = points[idx >= 0] / GRID
        told = {"connectivity": np.ones_like(score), "distance": 1.0 - score, "score": score}
        if mode not in told:
            raise ValueError(f"mode: one of {', '.join(told)} expected, {mode!r} found")
        ends = np.concatenate([[0], np.cumsum((idx >= 0).sum(axis=1))])
        graph = sparse.csr_matrix((told[mode], idx[idx >= 0], ends), shape=(len(idx), self.n_samples_fit_))
        graph.sort_indices()
        return graph

    def transform(self, X: Any) -> sparse.csr_matrix:
        """The graph of scores, so that a search may end or continue a Pipeline."""
        return self.kneighbors_graph(X, mode="score")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.positive_only = True
        return tags

    @staticmethod
    def _asked(n_neighbors: Any) -> int:
        if isinstance(n_neighbors, bool) or not isinstance(n_neighbors, int | np.integer) or n_neighbors < 1:
            raise ValueError(f"n_neighbors: a whole number of at least 1 expected, {n_neighbors!r} found")
        return int(n_neighbors)

    def _rows(self, X: Any, *, reset: bool) -> sparse.csr_matrix:
        checked = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=np.float64, ensure_non_negative=True)
        rows = sparse.csr_matrix(checked, copy=sparse.issparse(checked))
        rows.sum_duplicates()
        return rows

    def _in_range(self, rows: sparse.csr_matrix) -> None:
        longest = [float(np.sqrt(side.multiply(side).sum(axis=1)).max()) for side in (rows, self._fit_X)]
        if longest[0] * longest[1] * GRID * (self.n_samples_fit_ + 1) >= _MOST_KEY:
            raise ValueError(f"X: rows of length {longest[0]:.3g} and {longest[1]:.3g} give scores too large to be told apart; scale them to length one")

    def _tables(self, allowed: Any, n_students: int) -> tuple[Table, ...]:
        if allowed is None:
            return ()
        mask = np.asarray(allowed.toarray() if sparse.issparse(allowed) else allowed)
        if mask.shape != (n_students, self.n_samples_fit_) or mask.dtype != bool:
            raise ValueError(f"allowed: bool of shape {(n_students, self.n_samples_fit_)} expected, {mask.dtype} of {mask.shape} found")
        kinds, student = distinct_rows(mask)
        turned, post = distinct_rows(np.ascontiguousarray(kinds.T))
        return (Table("allowed", student, post, np.ascontiguousarray(turned.T)),)


def families(side: str, vocabulary: Vocabulary | None = None, only: Sequence[str] | None = None) -> ColumnTransformer:
    """The families that are read from a row itself, each from its own columns of a `table` of one side ("students" or "positions").

    With a fitted vocabulary its terms, IDF and weights hold, `fit` learns nothing, and the output is what `Vocabulary.transform` gives in
    these families' columns; a family in which nobody said anything has none and is left out. Without one, terms and IDF are learnt from the
    table that is fitted. only : some families, in that order. Raises ValueError for another side or family.
    """
    names, readers = _side(side)
    strange = set(only or ()) - set(readers)
    if strange:
        raise ValueError(f"families: {', '.join(readers)} expected, {sorted(strange)[0]!r} found")
    place = {name: column for column, name in enumerate(names)}
    steps = []
    for family in readers if only is None else only:
        read = _columns_read(side, family)
        terms, idf = (None, None) if vocabulary is None else (vocabulary.terms[family], vocabulary.idf[family])
        weight = (WEIGHTS if vocabulary is None else vocabulary.weights)[family]
        reader = FunctionTransformer(_documents, kw_args={"side": side, "family": family, "names": read})
        counter = TermCounter("words" if family in TEXTS else "codes", terms)
        if terms != ():
            steps.append((family, make_pipeline(reader, counter, TermWeights(weight, idf)), [place[name] for name in read]))
    return ColumnTransformer(steps, sparse_threshold=1.0)


def table(side: Columns) -> np.ndarray:
    """(n, n_columns) object: the columns of one side in their declared order, as `families` reads them."""
    names = _side(side.side)[0]
    cells = np.empty((len(side), len(names)), dtype=object)
    for place, name in enumerate(names):
        cells[:, place] = side.data[name]
    return cells


def _side(side: str) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    if side not in ("students", "positions"):
        raise ValueError(f"side: \"students\" or \"positions\" expected, {side!r} found")
    return (STUDENT_COLUMNS, STUDENT_SIDE) if side == "students" else (POSITION_COLUMNS, POSITION_SIDE)


class _Noted:
    """Stands for the columns of a side without rows and notes which are asked for."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __getattr__(self, name: str) -> tuple[()]:
        self.names.append(name)
        return ()


def _columns_read(side: str, family: str) -> list[str]:
    noted = _Noted()
    _side(side)[1][family](noted)
    return noted.names


def _documents(cells: Any, side: str, family: str, names: Sequence[str]) -> list[Any]:
    own = np.asarray(cells, dtype=object)
    return list(_side(side)[1][family](Columns(side, np.arange(len(own)), {name: own[:, place] for place, name in enumerate(names)})))


__all__ = ["TermCounter", "TermWeights", "TopMatches", "families", "table"]
