"""What a run keeps: the same arrays from bytes, rows read alone, stretches end to end, rows taken over to the last bit, newcomers."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.matching import eligibility, newcomer, pipeline
from consortium.matching.newcomer import Crowd
from consortium.matching.pipeline import prepare, score_chunk, score_stretch, taken_over
from consortium.matching.problem import Columns, joined, to_json
from consortium.matching.similarity import Rows
from consortium.matching.stored import (
    chained,
    loaded,
    packed,
    packed_rows,
    packed_side,
    saved,
    unpacked,
    unpacked_rows,
    unpacked_side,
)
from consortium.matching.vocabulary import STRETCH, Vocabulary, scorable
from tests.matching import games

SEEDS = st.integers(0, 10**6)


def same(one: Columns, other: Columns) -> bool:
    told = zip(one.data.items(), other.data.items(), strict=True)
    return one.key.tolist() == other.key.tolist() and all(a == b and repr(x.tolist()) == repr(y.tolist()) for (a, x), (b, y) in told)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9), st.integers(0, 7), SEEDS)
def test_a_problem_comes_back_from_its_bytes_whole_and_row_by_row(n: int, m: int, seed: int) -> None:
    one = games.random_problem(n, m, seed)
    raw = saved(packed(one))
    stored = unpacked(loaded(raw))
    for side, kept in ((one.students, stored.students), (one.positions, stored.positions)):
        rows = np.arange(len(side))[::2]
        assert same(side.take(rows), kept.take(rows))  # nothing was read before
        assert same(side, kept)
        assert same(side.take(rows), kept.take(rows))
    assert saved(packed(stored)) == raw


def test_bytes_of_something_else_are_refused() -> None:
    with pytest.raises(ValueError, match="not kept by a run"):
        loaded(b"no such thing at all")


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=5), SEEDS)
def test_stretches_end_to_end_are_the_whole(sizes: list[int], seed: int) -> None:
    prepared = prepare(games.random_problem(sum(sizes), 5, seed))
    ends = np.cumsum([0, *sizes])
    parts = [
        packed_side(prepared.problem.students.take(slice(a, b))) | packed_rows("rows", prepared.student_rows[a:b])
        for a, b in pairwise(ends.tolist())
    ]
    if not parts:
        assert chained(parts) == {}
        return
    box = chained([loaded(saved(part)) for part in parts])
    assert same(unpacked_side("students", box), prepared.problem.students)
    rows = unpacked_rows("rows", box, prepared.vocabulary.n_columns)
    assert (rows != prepared.student_rows).nnz == 0


def test_no_cut_changes_what_a_stretch_gives() -> None:
    prepared = prepare(games.random_problem(23, 7, 5))
    classes = tuple(prepared.classes[0])
    for size in (1, 6, 23):
        parts = []
        for start in range(0, 23, size):
            stretch = slice(start, min(start + size, 23))
            one = replace(prepared, major_classes=classes).before(prepared.problem.students.take(stretch), prepared.student_rows[stretch])
            one.__dict__["position_rows"] = prepared.position_rows
            parts.append(score_stretch(one, start))
        assert pipeline.finish(prepared, parts).digest == pipeline.finish(prepared, [score_chunk(prepared, 0, 23)]).digest


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 12), st.integers(0, 12), SEEDS)
def test_rows_taken_over_are_those_worked_out_anew_to_the_last_bit(n: int, n_kept: int, seed: int) -> None:
    now, before = games.random_problem(n, 6, seed), games.random_problem(n_kept, 6, seed + 1)  # the same keys, other texts
    half = n_kept // 2
    kept = joined("students", [now.students.take(np.arange(min(half, n))), before.students.take(np.arange(min(half, n), n_kept))])[0] if n_kept else before.students
    vocabulary = Vocabulary.fit(now.students, now.positions)
    found = taken_over(vocabulary, now.students, kept, vocabulary.transform(kept))
    wanted = vocabulary.transform(now.students)
    assert [getattr(found, name).tolist() for name in ("data", "indices", "indptr")] == [getattr(wanted, name).tolist() for name in ("data", "indices", "indptr")]


def test_a_vocabulary_learnt_in_stretches_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    one = games.random_problem(20, 6, 3)
    whole = Vocabulary.fit(one.students, one.positions)
    monkeypatch.setattr("consortium.matching.vocabulary.STRETCH", 3)
    assert STRETCH > 20
    cut = Vocabulary.fit(one.students, one.positions)
    assert cut.terms == whole.terms
    assert all(np.array_equal(cut.idf[family], whole.idf[family]) for family in whole.idf)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 14), st.integers(1, 6), st.integers(0, 14), SEEDS)
def test_a_newcomer_meets_kept_and_changed_rows_as_a_whole_run_would(n: int, k: int, n_changed: int, seed: int) -> None:
    one = games.random_problem(n, 4, seed)
    prepared = prepare(one, k_positions=k)
    changed = np.arange(n) < n_changed
    stale = one.students.take(np.arange(n))
    for name in ("consents", "wants_internship"):
        stale.data[name][changed] = 1  # type: ignore[index]
    vocabulary = prepared.vocabulary
    crowds = [Crowd.of(stale, vocabulary.transform(stale), one.seed), Crowd.of(one.students.take(changed), prepared.student_rows[changed], one.seed)]
    wanted = score_chunk(prepared, 0, n)
    back = np.concatenate([np.arange(n), np.flatnonzero(changed)])
    for j in range(4):
        post = one.positions.take(np.array([j]))
        asks = scorable(post)[0]
        open_to = [eligibility.lawful_pairs(crowd.columns, post)[:, 0] & asks for crowd in crowds]
        idx, points = newcomer.meet(Rows.of(vocabulary.transform(post)), [(crowds[0], open_to[0] & ~changed), (crowds[1], open_to[1])], one.seed, k)
        listed = wanted.position_idx[j] >= 0
        assert back[idx].tolist() == wanted.position_idx[j][listed].tolist()
        assert points.tolist() == wanted.position_points[j][listed].tolist()


def test_what_an_earlier_release_kept_as_json_is_still_read() -> None:
    one = games.random_problem(4, 3, 2)
    old: dict[str, np.ndarray] = {"problem": packed(one)["problem"]}
    for side in (one.students, one.positions):
        old[f"{side.side}.key"] = to_json(list(side.key))
        for name, column in side.data.items():
            old[f"{side.side}.{name}"] = to_json([list(v) if isinstance(v, tuple) else v for v in column]) if column.dtype == object else column
    stored = unpacked(old)
    assert same(one.students, stored.students)
    assert same(one.positions, stored.positions)
