"""Past choices as columns: they lift what resembles the chosen, stay additive, and change nothing where there are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import optimize, sparse

from consortium import cli
from consortium.matching import history
from consortium.matching.pipeline import Prepared, explain, match, prepare
from consortium.matching.problem import columns
from consortium.matching.rank import MalformedLine, rank_files
from consortium.matching.vocabulary import FAMILIES, WEIGHTS, with_history
from tests.matching import games

ROWS = sparse.csr_matrix(np.eye(3))
KEYS = np.array(["p0", "p1", "p2"], dtype=object)


def test_the_weights_are_those_of_ridge_regression_and_not_negative() -> None:
    draw = np.random.default_rng(3)
    x = np.abs(draw.normal(size=(3, 5)))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    found = history.learnt([("s", "p0", 2), ("s", "p1", 0), ("t", "p1", 1)], KEYS, sparse.csr_matrix(x))
    assert found.names == ("s", "t")
    own, y = x[:2], np.array([1.0, 0.0])  # the best grade is 1
    root = np.sqrt(history.RIDGE) * np.eye(5)
    best, _ = optimize.nnls(np.vstack([own, root]), np.concatenate([y, np.zeros(5)]))
    trust = 1 / (1 + history.ENOUGH)
    np.testing.assert_allclose(found.rows.toarray()[0], trust * best / (x @ best).max(), atol=1e-4)
    assert (found.rows.toarray() >= 0).all()


@pytest.mark.parametrize("seed", range(5))
def test_ridge_held_not_negative_is_that_of_an_exact_solver(seed: int) -> None:
    draw = np.random.default_rng(seed)
    rows = sparse.random(30, 20, 0.3, random_state=draw, format="csr")
    grades = (draw.random((30, 2)) > 0.8).astype(float)
    found = history.ridge(rows, grades).toarray()
    for name in range(2):
        stacked, target = np.vstack([rows.toarray(), np.sqrt(history.RIDGE) * np.eye(20)]), np.concatenate([grades[:, name], np.zeros(20)])
        np.testing.assert_allclose(found[name], optimize.nnls(stacked, target)[0], atol=1e-3)


def test_the_more_was_chosen_the_more_the_past_counts() -> None:
    one = history.learnt([("s", "p0", 1)], KEYS, ROWS)
    three = history.learnt([("s", f"p{n}", 1) for n in range(3)], KEYS, ROWS)
    assert one.rows.max() == pytest.approx(1 / (1 + history.ENOUGH))
    assert three.rows.max() == pytest.approx(3 / (3 + history.ENOUGH))


def test_no_row_of_a_past_is_longer_than_a_row_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_WORDS", 2)
    rows = sparse.csr_matrix(np.array([[0.9, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.9]]))
    assert history.learnt([("s", "p0", 1)], KEYS[:2], rows).rows.nnz == 2


def test_unknown_posts_and_mere_refusals_teach_nothing() -> None:
    assert history.learnt([("s", "gone", 1), ("t", "p0", 0)], KEYS, ROWS).names == ()
    assert history.learnt([], KEYS, ROWS).rows.shape == (0, 3)
    with pytest.raises(ValueError, match="grade"):
        history.learnt([("s", "p0", float("nan"))], KEYS, ROWS)


def test_of_two_grades_the_higher_counts_whatever_their_order() -> None:
    events = [("s", "p0", 1.0), ("s", "p0", 3.0), ("s", "p1", 2.0)]
    first, second = (history.learnt(order, KEYS, ROWS).rows for order in (events, events[::-1]))
    assert (first != second).nnz == 0
    assert first[0, 0] > first[0, 1] > 0


def test_ones_own_choices_come_before_the_majors_and_those_before_the_wishs() -> None:
    students = columns("students", [{"key": "s1", "major": "460301"}, {"key": "s2", "major": "460301"}, {"key": "s3", "wish": "护士"}, {"key": "s4"}])
    found = history.Learnt(("460301", "s1", "护士"), ROWS).of_students(students)
    assert found.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]


def test_what_resembles_the_chosen_rises_and_the_explanation_says_so() -> None:
    posts = [games.post("p1", title="焊接", text="焊接 钢材"), games.post("p2", title="焊工", text="焊接 管道", family="f2"), games.post("p3", title="护士", text="护理", family="f3")]
    one = games.problem([games.student("s1"), games.student("s2", major="")], posts)
    plain, with_past = prepare(one), prepare(one, weights=with_history(), past=[("460301", "p1", 1)])
    told = explain(with_past, "s1", "p2")
    assert told.by_family["history"] > 0
    assert sum(part.points for part in told.parts) == told.points
    assert explain(with_past, "s1", "p3").by_family["history"] == 0
    assert explain(with_past, "s2", "p2").by_family["history"] == 0
    assert explain(plain, "s1", "p2").by_family["history"] == 0
    assert abs(sum(with_history().values()) - 1) < 1e-9
    assert set(with_history()) == set(FAMILIES) == set(WEIGHTS)


def test_with_a_past_a_run_is_the_same_from_bytes_and_for_one_row() -> None:
    one = games.random_problem(9, 12, 5)
    past = [("460301", "p001", 1.0), ("s003", "p004", 2.0), ("s003", "p005", 1.0)]
    fitted = prepare(one, weights=with_history(), past=past)
    loaded = Prepared.from_bytes(fitted.to_bytes())
    for side in (one.students, one.positions):
        whole = fitted.vocabulary.transform(side)
        assert (loaded.vocabulary.transform(side) != whole).nnz == 0
        assert (loaded.vocabulary.transform(side.take(np.array([3]))) != whole[[3]]).nnz == 0
    again = prepare(one, weights=with_history(), past=past[::-1])
    assert (again.student_rows != fitted.student_rows).nnz == 0
    assert match(one).student_points.max() <= 1_000_000


def written(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


def test_the_command_takes_a_history(tmp_path: Path) -> None:
    students = written(tmp_path / "s.jsonl", [{"id": "q1", "title": "护理"}])
    positions = written(tmp_path / "p.jsonl", [{"id": "d1", "title": "护理", "text": "病房 护理"}, {"id": "d2", "title": "客服", "text": "电话 客服"}, {"id": "d3", "title": "客服专员", "text": "客服 电话"}])
    events, out = tmp_path / "events.tsv", tmp_path / "run.tsv"
    events.write_text("q1\td2\t1\n\n护理\td1\t1\n", encoding="utf-8")
    asked = ["rank", "--students", str(students), "--positions", str(positions), "--out", str(out)]
    scores = []
    for more in ([], ["--history", str(events)]):
        told = CliRunner().invoke(cli.main, [*asked, *more])
        assert told.exit_code == 0, told.output
        lines = [line.split() for line in out.read_text(encoding="utf-8").splitlines()]
        scores.append({line[2]: float(line[4]) for line in lines})
    assert scores[1]["d3"] > scores[0].get("d3", 0), "what reads like the chosen post rises"
    assert scores[1]["d1"] < scores[0]["d1"], "her own choices stand before those of the same wish"


@pytest.mark.parametrize("line", ["q1\td1", "q1\td1\tmany", "q1\td1\t-1", "q1\td1\tnan", "q1\td1\tinf"])
def test_an_event_that_cannot_be_read_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    side = written(tmp_path / "s.jsonl", [{"id": "q1", "title": "护理"}])
    events = tmp_path / "events.tsv"
    events.write_text(f"q1\td1\t1\n{line}\n", encoding="utf-8")
    with pytest.raises(MalformedLine, match=r"events\.tsv, line 2"):
        rank_files(side, side, 5, tmp_path / "run.tsv", past=events)
