"""Whatever comes in: the right answer, or an error that names side, column, row and what was expected; and one digest everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching import pipeline
from consortium.matching.pipeline import MOST_LISTED, Prepared, explain, match, prepare, score_chunk
from consortium.matching.problem import MOST_TEXT, POSITION_COLUMNS, STUDENT_COLUMNS, BadProblem, Problem, columns
from consortium.matching.similarity import GRID, Rows
from consortium.matching.terms import bag_of, words
from consortium.matching.vocabulary import FAMILIES, WEIGHTS
from tests.matching import games

ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(), max_size=20), st.binary(max_size=5), st.dates(),
    st.lists(st.text(max_size=5), max_size=3), st.sets(st.text(max_size=5), max_size=3), st.just(np.float64("nan")), st.just(np.datetime64("NaT")),
    st.sampled_from(["\ud800", "a\x00b", "a\x1fb", "today", "now", "2026-02-30", "2027-03-01", "设备维修", "plc " * 50]),
)  # fmt: skip
KEYS = st.one_of(st.text(max_size=4), st.integers(), st.uuids(), st.none(), st.booleans(), st.floats(), st.binary(max_size=3))


def rows_of(kinds: Any, base: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Rows that are sound but for a few columns that hold anything."""
    wild = st.dictionaries(st.sampled_from(sorted(kinds)), ANYTHING, max_size=3)
    return st.lists(st.tuples(KEYS, wild).map(lambda drawn: {"key": drawn[0], **base, **drawn[1]}), max_size=4)


@settings(max_examples=60, deadline=None)
@given(rows_of(STUDENT_COLUMNS, games.STUDENT), rows_of(POSITION_COLUMNS, games.POST), st.integers(-(10**30), 10**30), st.integers(1, 30))
def test_any_input_is_answered_or_refused_by_name(students: list[Any], positions: list[Any], seed: int, k: int) -> None:
    said, one = "", None
    try:
        one = Problem.of(students, positions, games.ON, seed)
    except BadProblem as refused:
        said = str(refused)
    assert said.startswith(("students", "positions")) == (one is None)
    if one is None:
        return
    prepared, outcome = prepare(one, k=k), match(one, k=k)
    assert outcome.report["blocking_pairs"] == 0
    assert outcome.digest == match(one, k=k, chunk=1).digest
    assert (outcome.student_points[outcome.student_idx >= 0] > 0).all()
    for i, j in np.argwhere(outcome.student_idx >= 0)[:5]:
        told = explain(prepared, str(outcome.student_keys[i]), str(outcome.position_keys[outcome.student_idx[i, j]]))
        assert told.points == outcome.student_points[i, j] == sum(part.points for part in told.parts)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"key": "a\x00"}, "row 1, column key: a text without NUL"),
        ({"key": "\udfff"}, "row 1, column key: well-formed text"),
        ({"key": "a\x1fb"}, "column key: a text without unit separators"),
        ({"key": 1.5}, "column key: a text, a whole number or a UUID expected, float found"),
        ({"key": True}, "column key: .* bool found"),
        ({"key": b"a"}, "column key: .* bytes found"),
        ({"key": ("a",)}, "column key: .* tuple found"),
        ("a", "row 1: a mapping of columns expected, str found"),
        (["key"], "row 1: a mapping of columns expected, list found"),
        ({"key": "a", "skills": b"plc"}, "column skills: a list of codes expected, bytes found"),
        ({"key": "a", "birth_on": "today"}, "column birth_on: a day such as 2027-03-01 expected"),
        ({"key": "a", "birth_on": 12_000}, "column birth_on: a day such as 2027-03-01 expected"),
        ({"key": "a", "birth_on": "2026-02-30"}, "cannot be read as a day"),
        ({"key": "a", "least_pay_fen": 2.5}, r"column least_pay_fen: a whole number \(2.5 found\)"),
        ({"key": "a", "least_pay_fen": float("inf")}, "cannot be read as a whole number"),
        ({"key": "a", "text": "字" * (MOST_TEXT + 1)}, "column text: at most 10,000,000 characters .10,000,001 found."),
    ],
)
def test_what_a_row_may_not_hold_is_named(row: Any, message: str) -> None:
    with pytest.raises(BadProblem, match="students, row 1") as error:
        columns("students", [row])
    with pytest.raises(BadProblem, match=message):
        raise error.value


@pytest.mark.parametrize("seed", [None, "1", 1.0, True])
def test_a_seed_is_a_whole_number(seed: Any) -> None:
    with pytest.raises(BadProblem, match="seed: a whole number expected"):
        Problem.of([], [], games.ON, seed)


def test_a_negative_seed_is_a_seed_like_any_other() -> None:
    digests = {match(Problem.of([games.student(f"s{i}") for i in range(6)], [games.post()], games.ON, s)).digest for s in (-1, -2)}
    assert len(digests) == 2


def test_keys_of_several_kinds_are_texts_and_equal_ones_are_refused() -> None:
    known = UUID(int=7)
    assert list(columns("students", [{"key": 10}, {"key": known}, {"key": "9"}, {"key": np.int64(2)}]).key) == [str(known), "10", "2", "9"]
    with pytest.raises(BadProblem, match="key '10' stands twice"):
        columns("students", [{"key": 10}, {"key": "10"}])


@pytest.mark.parametrize("k", [0, -3, MOST_LISTED + 1, 10**12])
def test_lists_of_an_impossible_length_are_refused(k: int) -> None:
    with pytest.raises(ValueError, match="k must be at least 1 and at most 10,000"):
        prepare(games.random_problem(2, 2, 0), k=k)


def test_lists_longer_than_the_other_side_hold_all_that_scores() -> None:
    one = games.random_problem(5, 4, 0)
    longest, short = match(one, k=MOST_LISTED), match(one, k=4)
    assert (longest.student_idx[:, :4] == short.student_idx).all()
    assert (longest.student_idx[:, 4:] == -1).all()


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -1e-9, 1_001.0])
def test_weights_that_are_no_weights_are_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="weights must be numbers from 0 to 1,000"):
        prepare(games.random_problem(2, 2, 0), weights={**WEIGHTS, "title": weight})


def test_the_greatest_weights_still_rank() -> None:
    outcome = match(games.random_problem(8, 8, 1), weights=dict.fromkeys(FAMILIES, 1_000.0))
    assert outcome.student_points.max() > GRID
    assert (np.diff(np.where(outcome.student_points < 0, 0, outcome.student_points), axis=1) <= 0).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_feature_rows_that_are_not_finite_are_refused(bad: float) -> None:
    rows = prepare(games.random_problem(2, 2, 0)).student_rows.copy()
    rows.data[0] = bad
    with pytest.raises(ValueError, match="feature rows must be finite"):
        Rows.of(rows)


def test_sides_of_two_vocabularies_do_not_fit_together() -> None:
    one, other = prepare(games.random_problem(6, 6, 0)), prepare(games.random_problem(6, 6, 1))
    mixed = Prepared(one.problem, one.vocabulary, one.thresholds, 5)
    mixed.__dict__["student_rows"], mixed.__dict__["position_rows"] = one.student_rows, other.position_rows[:, :-1]
    with pytest.raises(ValueError, match=r"students have .* columns, positions"):
        score_chunk(mixed, 0, 6)


def test_all_alike_are_told_apart_by_the_lottery_alone() -> None:
    one = games.problem([games.student(f"s{i}") for i in range(12)], [games.post(f"p{j}", family=f"f{j}") for j in range(9)], seed=5)
    outcome, turns = match(one, k=4), prepare(one).turns
    assert (outcome.student_idx == np.argsort(turns[1])[:4]).all()
    assert (outcome.position_idx[:, :12] == np.argsort(turns[0])).all()


def test_ten_megabytes_of_text_are_compared_like_any_other() -> None:
    sentence = "负责设备点检与维修，读懂电气图纸，会变频器调试 maintenance of machines; "
    long = sentence * (10_000_000 // len(sentence.encode()))
    one = games.problem([games.student("s1", text=long), games.student("s2", text=sentence)], [games.post("p1", text=long)])
    outcome = match(one)
    assert outcome.student_idx[:, 0].tolist() == [0, 0]
    assert abs(int(outcome.student_points[0, 0]) - int(outcome.student_points[1, 0])) < GRID // 100, "the length of a text is no merit"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([*games.WORDS, "the", "c++", "。", " ", "\n", "设", "Σ", "İ", "𠀀", "ab1.2"]), max_size=25), st.sampled_from(["", " ", "，"]))
def test_a_bag_counts_the_words_of_a_text(parts: list[str], between: str) -> None:
    text = between.join(parts)
    assert bag_of(text) == Counter(words(text))


SCRIPT = """
import sys
from unittest import mock
order, chunk, threads, plain = sys.argv[1:]
if plain == "plain":
    sys.modules["numba"] = None
from consortium.matching.loops import loops
from consortium.matching import pipeline
from consortium.matching.problem import Problem
from tests.matching import games
texts = ["设备维修 plc", "数控编程", "护理", "welding and testing"]
students = [games.student(f"s{i}", wish=texts[i % 4], skills={"plc", "cad", f"k{i % 3}"}, sex="FM"[i % 2]) for i in range(37)]
posts = [games.post(f"p{j}", title=texts[j % 4], family=f"f{j}", skills_must={"plc", f"k{j % 3}"}) for j in range(11)]
step = int(order)
print(loops().__name__.rsplit(".")[-1], pipeline.match(Problem.of(students[::step], posts[::step], games.ON, 4), chunk=int(chunk), threads=int(threads)).digest)
"""


def test_one_digest_whatever_hash_seed_order_cut_threads_process_and_loops() -> None:
    told = []
    for hash_seed, *given_ in (("0", "1", "37", "1", "numba"), ("1", "-1", "5", "2", "numba"), ("4711", "-1", "1", "1", "plain")):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "OMP_NUM_THREADS": given_[2]}
        done = subprocess.run([sys.executable, "-c", SCRIPT, *given_], cwd=Path(__file__).parents[2], env=environment, check=True, capture_output=True, text=True)
        told.append(done.stdout.split())
    assert len({digest for _, digest in told}) == 1
    assert told[-1][0] == "plain"


def test_a_day_may_be_given_in_each_usual_form() -> None:
    given_ = [date(2027, 3, 1), "2027-03-01", np.datetime64("2027-03-01"), "NaT", None]
    days = columns("students", [{"key": str(i), "birth_on": day} for i, day in enumerate(given_)]).birth_on
    assert [str(day) for day in days] == ["2027-03-01"] * 3 + ["NaT"] * 2


def test_a_prepared_run_of_nobody_can_be_stored_and_scored() -> None:
    stored = Prepared.from_bytes(prepare(games.problem([], [])).to_bytes())
    assert pipeline.finish(stored, [score_chunk(stored, 0, 0)]).report["placed"] == 0
