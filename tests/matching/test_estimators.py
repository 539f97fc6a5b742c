"""The method as scikit-learn's users know such things: its own estimator checks, Pipelines, and the same rows and points as a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import normalize
from sklearn.utils import estimator_checks

from consortium.matching import eligibility, pipeline
from consortium.matching.estimators import TermCounter, TermWeights, TopMatches, families, table
from consortium.matching.similarity import GRID
from consortium.matching.terms import words
from consortium.matching.vocabulary import FAMILIES
from tests.matching import games

TEXTS = ["设备维修 电工", "PLC 调试，testing", "", "设备 设备 维修"]


ESTIMATORS = (TermWeights(), TermWeights(weight=0.2), TopMatches(), TopMatches(3, n_jobs=2))
CHECKS = [
    pytest.param(estimator, check, id=f"{estimator!r}-{check.func.__name__}")
    for one in ESTIMATORS
    for estimator, check in estimator_checks.estimator_checks_generator(one)
    if check.func is not estimator_checks.check_array_api_input  # arrays of other libraries than NumPy and SciPy are not claimed
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_what_claims_to_be_an_estimator_passes_the_checks_of_scikit_learn(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize(
    "check",
    [
        estimator_checks.check_estimator_cloneable, estimator_checks.check_estimator_tags_renamed, estimator_checks.check_valid_tag_types,
        estimator_checks.check_estimator_repr, estimator_checks.check_no_attributes_set_in_init, estimator_checks.check_mixin_order,
        estimator_checks.check_do_not_raise_errors_in_init_or_set_params, estimator_checks.check_parameters_default_constructible,
        estimator_checks.check_get_params_invariance, estimator_checks.check_set_params,
    ],
)  # fmt: skip
def test_the_counter_of_texts_passes_those_that_need_no_table_of_numbers(check: Any) -> None:
    check("TermCounter", TermCounter())


def test_terms_are_counted_as_a_count_vectorizer_counts_them() -> None:
    theirs = CountVectorizer(analyzer=words, dtype=np.float64)
    expected, ours = theirs.fit_transform(TEXTS), TermCounter()
    counts = ours.fit_transform(TEXTS)
    assert ours.vocabulary_ == theirs.vocabulary_
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert (counts != expected).nnz == 0
    assert (clone(ours).fit(TEXTS).transform(TEXTS) != counts).nnz == 0
    fixed = TermCounter(vocabulary=["维", "设备", "unheard"]).fit([])
    assert fixed.transform(TEXTS).toarray().tolist() == [[1, 2, 0], [0, 0, 0], [0, 0, 0], [1, 4, 0]]
    assert fixed.get_feature_names_out().tolist() == ["维", "设备", "unheard"]
    assert TermCounter("codes").fit_transform([["plc", "cad"], [], ["plc", "plc"]]).toarray().tolist() == [[1, 1], [0, 0], [0, 2]]


@pytest.mark.parametrize(
    ("documents", "counter", "message"),
    [
        ("one text", TermCounter(), "string object received"),
        ([3], TermCounter(), "document 1: a text expected, int found"),
        (["a", None], TermCounter(), "document 2: a text expected, NoneType found"),
        (["plc"], TermCounter("codes"), "document 1: a list of codes expected, str found"),
        ([[1]], TermCounter("codes"), "document 1: a list of codes expected, list found"),
        (["。", ""], TermCounter(), "empty vocabulary"),
        (["a"], TermCounter("sounds"), 'analyzer: "words" or "codes" expected'),
        (["a"], TermCounter(vocabulary=["a", "a"]), "a term stands twice"),
        (["a"], TermCounter(vocabulary={"a": 1}), "every column from 0 on"),
    ],
)
def test_documents_that_cannot_be_read_are_named(documents: Any, counter: TermCounter, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        counter.fit_transform(documents)


@pytest.mark.parametrize("side", ["students", "positions"])
def test_the_families_are_the_columns_of_a_run(side: str) -> None:
    one = games.random_problem(12, 9, 5)
    prepared = pipeline.prepare(one)
    columns, fitted = getattr(one, side), prepared.vocabulary
    found = families(side, fitted).fit_transform(table(columns))
    rows = fitted.transform(columns)
    direct = [FAMILIES.index(name) for name, _, _ in families(side).transformers]
    wanted = [np.flatnonzero(fitted.family_of_column == family) for family in direct]
    assert sparse.issparse(found)
    assert (found != rows[:, np.concatenate(wanted)]).nnz == 0
    names = families(side, fitted).fit(table(columns)).named_transformers_["title"][1].get_feature_names_out()
    assert tuple(names) == fitted.terms["title"]


def test_families_learn_by_themselves_in_a_pipeline_before_any_learner() -> None:
    posts = games.random_problem(1, 30, 2).positions
    wanted = np.array([kind == "job" for kind in posts.kind])
    model = make_pipeline(families("positions", only=("title", "text", "skills", "major")), LogisticRegression()).fit(table(posts), wanted)
    assert model.predict_proba(table(posts)).shape == (30, 2)
    with pytest.raises(ValueError, match='"students" or "positions" expected'):
        families("people")
    with pytest.raises(ValueError, match="'looks' found"):
        families("students", only=("title", "looks"))


def test_texts_are_ranked_in_one_pipeline_and_columns_in_a_column_transformer() -> None:
    posts, students = ["设备维修技术员", "software testing engineer", "护理"], ["software tester", "维修设备", "焊接"]
    ranked = make_pipeline(TermCounter(), TermWeights(), TopMatches(2)).fit(posts).transform(students)
    assert ranked.shape == (3, 3)
    assert ranked.toarray().argmax(axis=1).tolist()[:2] == [1, 0]
    assert ranked[2].nnz == 0
    cells = np.array([[text, text[::-1]] for text in posts], dtype=object)
    both = ColumnTransformer([("there", make_pipeline(TermCounter(), TermWeights(0.7)), 0), ("back", TermCounter(), 1)])
    assert both.fit_transform(cells).shape[0] == 3
    assert {name.split("__")[0] for name in both.get_feature_names_out()} == {"there", "back"}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(1, 25), st.integers(1, 40), st.integers(0, 10**6), st.booleans())
def test_the_best_are_those_of_brute_force_under_the_mask(n: int, m: int, k: int, seed: int, as_sparse: bool) -> None:
    draw = np.random.default_rng(seed)
    students, posts = (np.round(draw.random((size, 6)) * (draw.random((size, 6)) < 0.5), 2) for size in (n, m))
    allowed, turns = draw.random((n, m)) < 0.6, draw.permutation(m)
    search = TopMatches(k, n_jobs=1 + seed % 3).fit(sparse.csr_matrix(posts) if as_sparse else posts, turns=turns)
    idx, points = search.best(sparse.coo_matrix(students) if as_sparse else students, allowed=sparse.csr_matrix(allowed) if as_sparse else allowed)
    exact = np.rint(students @ posts.T * GRID).astype(int)
    assert idx.shape == (n, min(k, m))
    for i in range(n):
        wanted = sorted((j for j in range(m) if allowed[i, j] and exact[i, j] > 0), key=lambda j: (-exact[i, j], turns[j]))[:k]
        assert [j for j in idx[i] if j >= 0] == wanted
        assert points[i, : len(wanted)].tolist() == exact[i, wanted].tolist()


def test_distances_are_cosine_distances_and_the_graph_holds_the_same_pairs() -> None:
    draw = np.random.default_rng(3)
    posts, students = (normalize(draw.random((size, 7))) for size in (40, 15))
    search = TopMatches(5).fit(posts)
    distances, idx = search.kneighbors(students)
    theirs, near = NearestNeighbors(n_neighbors=5, metric="cosine", algorithm="brute").fit(posts).kneighbors(students)
    assert (idx == near).all()
    np.testing.assert_allclose(distances, theirs, atol=1e-6)
    assert (search.kneighbors(students, 2, return_distance=False) == near[:, :2]).all()
    graph = search.kneighbors_graph(students)
    assert (graph.toarray().sum(axis=1) == 5).all()
    np.testing.assert_allclose(search.kneighbors_graph(students, mode="distance").toarray()[0, idx[0]], distances[0])
    np.testing.assert_allclose(search.transform(students).toarray()[0, idx[0]], 1 - distances[0])
    with pytest.raises(ValueError, match="mode: one of connectivity"):
        search.kneighbors_graph(students, mode="near")


def test_a_search_gives_the_points_of_a_run_under_the_law() -> None:
    one = games.random_problem(30, 12, 8)
    prepared = pipeline.prepare(one, k=6)
    chunk = pipeline.score_chunk(prepared, 0, 30)
    mask = eligibility.lawful_pairs(one.students, one.positions) & prepared.scorable
    search = TopMatches(6).fit(prepared.position_rows, turns=prepared.turns[1])
    idx, points = search.best(prepared.student_rows, allowed=mask)
    assert (idx == chunk.idx).all()
    assert (points == chunk.points).all()


@pytest.mark.parametrize(
    ("fit", "ask", "message"),
    [
        ({"X": [[1.0, np.nan]]}, {}, "contains NaN"),
        ({"X": [[1.0, np.inf]]}, {}, "contains infinity"),
        ({"X": [[1.0, -1.0]]}, {}, "Negative values in data"),
        ({"X": [["a", "b"]]}, {}, "could not convert"),
        ({"X": [1.0, 2.0]}, {}, "Expected 2D array"),
        ({"X": [[1.0, 2.0]], "turns": [1]}, {}, "a permutation of 0 to 0"),
        ({"X": [[1.0, 2.0]]}, {"X": [[1.0]]}, "1 features"),
        ({"X": [[1.0, 2.0]]}, {"X": [[1.0, 2.0]], "n_neighbors": 0}, "at least 1 expected, 0 found"),
        ({"X": [[1.0, 2.0]]}, {"X": [[1.0, 2.0]], "n_neighbors": 2.5}, "at least 1 expected, 2.5 found"),
        ({"X": [[1.0, 2.0]]}, {"X": [[1.0, 2.0]], "allowed": [[True, False]]}, "bool of shape"),
        ({"X": [[1.0, 2.0]]}, {"X": [[1.0, 2.0]], "allowed": [[1]]}, "int64 of"),
        ({"X": [[1e150, 2.0]]}, {"X": [[1e9, 2.0]]}, "scale them to length one"),
    ],
)
def test_a_search_refuses_what_it_cannot_answer_rightly(fit: dict[str, Any], ask: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TopMatches().fit(**fit).best(**ask)
    with pytest.raises(ValueError, match="weight: a finite number"):
        TermWeights(float("nan")).fit([[1.0]])


def test_more_neighbours_than_there_are_rows_are_all_rows() -> None:
    assert TopMatches(10**12).fit([[1.0], [2.0]]).best([[1.0]])[0].tolist() == [[1, 0]]
    assert TopMatches(10**12).fit([[1.0], [2.0]]).best([[0.0]])[0].tolist() == [[-1, -1]]
