"""Measures of a ranking by hand-computed cases, and the command that compares with plain search."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from consortium import cli
from consortium.matching import evaluation
from consortium.matching.evaluation import METRICS, MalformedLine


def benchmark(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of benchmarks/, which is no package."""
    monkeypatch.syspath_prepend(str(cli.ROOT / "benchmarks"))
    return importlib.import_module(name)


def folder(path: Path, qrels: str = "q1 d1 1\nq2 d3 1\n") -> Path:
    path.mkdir()
    queries = [{"id": "q1", "title": "设备维修"}, {"id": "q2", "title": "护士"}]
    corpus = [{"id": "d1", "title": "设备维修技术员"}, {"id": "d2", "title": "设备操作"}, {"id": "d3", "title": "护理", "text": "护士"}]
    for name, records in (("queries", queries), ("corpus", corpus)):
        (path / f"{name}.jsonl").write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    (path / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("scores", "grades", "least", "expected"),
    [
        ([3, 2, 1], [1, 0, 0], 1, [1, 1, 1, 1, 1]),
        ([1, 2, 3], [1, 0, 0], 1, [0.5, 1 / 3, 1 / 3, 1, 1]),  # third place: 1 / log2(4)
        ([4, 3, 2, 1], [1, 0, 1, 0], 1, [(1 + 0.5) / (1 + 1 / np.log2(3)), 1, (1 + 2 / 3) / 2, 1, 1]),
        ([2, 1], [1, 2], 2, [(1 + 3 / np.log2(3)) / (3 + 1 / np.log2(3)), 0.5, 0.5, 1, 1]),  # graded gain, binary relevance
        ([*range(12, 0, -1)], [0] * 11 + [1], 1, [0, 1 / 12, 1 / 12, 0, 1]),
        ([-np.inf, -np.inf], [0, 1], 1, [1 / np.log2(3), 0.5, 0.5, 1, 1]),  # nothing listed: the documents' order
    ],
)
def test_measures_are_those_computed_by_hand(scores: list[float], grades: list[int], least: int, expected: list[float]) -> None:
    found = evaluation.per_query(np.array([scores], dtype=float), np.array([grades]), least)
    np.testing.assert_allclose(found, [expected])


def test_a_query_without_a_relevant_document_counts_nowhere() -> None:
    found = evaluation.per_query(np.zeros((2, 2)), np.array([[0, 1], [0, 0]]), 1)
    assert found.shape == (1, len(METRICS))
    assert evaluation.per_query(np.zeros((1, 2)), np.array([[0, 0]]), 1).shape == (0, len(METRICS))


def test_intervals_hold_the_mean_and_are_paired() -> None:
    draw = np.random.default_rng(0)
    first = draw.random((40, 1))
    mean, low, high = evaluation.intervals(first)
    assert low < mean < high
    assert mean == pytest.approx(first.mean())
    shifted = evaluation.intervals(np.hstack([first, first + 0.1]))
    np.testing.assert_allclose(shifted[:, 1] - shifted[:, 0], 0.1)
    np.testing.assert_allclose(evaluation.intervals(np.full((5, 1), 0.3)), 0.3)


@pytest.mark.parametrize("line", ["q1 d1", "q9 d1 1", "q1 d9 1", "q1 d1 high"])
def test_a_judgement_that_cannot_be_read_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(MalformedLine, match=r"qrels\.tsv, line 2"):
        evaluation.judged(folder(tmp_path / "set", f"q1 d1 1\n{line}\n"))


def test_relevant_begins_with_grade_two_where_there_is_one(tmp_path: Path) -> None:
    assert evaluation.judged(folder(tmp_path / "one")).least == 1
    assert evaluation.judged(folder(tmp_path / "two", "q1 d1 2\nq1 d2 1\n")).least == 2


def test_the_command_prints_and_writes_product_and_peers_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark("record", monkeypatch), "RESULTS", tmp_path / "benchmarks" / "results")
    (tmp_path / "benchmarks").mkdir()
    told = CliRunner().invoke(cli.main, ["evaluate", str(folder(tmp_path / "tiny"))])
    assert "tiny, consortium: MAP" in told.output, told.output
    written = json.loads((tmp_path / "benchmarks" / "results" / "quality.json").read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in written["results"]}
    assert rows["tiny, consortium: MAP"]["value"] == 1
    assert rows["tiny, consortium: MAP"]["interval"] == [1, 1]
    assert {f"tiny, {system}: nDCG@10" for system in ("consortium", "BM25 words", "TF-IDF words", "TF-IDF char_wb(2,4)")} <= rows.keys()
    assert told.exit_code == 1, "so few documents leave no room for a lead of a quarter"


def test_the_command_names_what_it_cannot_read(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli.main, ["evaluate", str(folder(tmp_path / "set", "q1\n"))])
    assert told.exit_code == 1
    assert "qrels.tsv, line 1" in told.output
    (tmp_path / "empty").mkdir()
    assert "queries.jsonl" in CliRunner().invoke(cli.main, ["evaluate", str(tmp_path / "empty")]).output


def test_the_reference_bm25_is_that_of_bm25s(monkeypatch: pytest.MonkeyPatch) -> None:
    bm25s = pytest.importorskip("bm25s", reason="a development dependency")
    quality = benchmark("quality", monkeypatch)
    documents = ["设备维修 设备 点检", "护士 护理", "plc 编程 调试 plc plc", "设备 护理"]
    theirs = bm25s.BM25()
    theirs.index([quality.search_words(d) for d in documents], show_progress=False)
    for query in ("设备 维修", "plc", "护理 护士"):
        expected = theirs.get_scores(quality.search_words(query))
        np.testing.assert_allclose(quality.bm25(quality.search_words, [query], documents)[0], expected, rtol=1e-5)
