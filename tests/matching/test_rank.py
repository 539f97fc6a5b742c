"""Rankings from plain files: TREC run lines, the same bytes every time, bad lines named by number."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from consortium.matching.rank import MalformedLine, rank_files
from consortium.reference import occupations

EVAL = Path(__file__).parents[3] / "shared" / "eval"
# what a user would pick instead: the better of BM25 and TF-IDF on each set, as eval/README.md gives it
BEST_PEER = {"zh_titles": 0.412, "zh_majors": 0.268, "en_tasks": 0.270}

REACHED = {"zh_titles": 0.47, "zh_majors": 0.38, "en_tasks": 0.37}


def written(path: Path, records: list[Any]) -> Path:
    path.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records), encoding="utf-8")
    return path


def ranked(folder: Path, students: list[Any], positions: list[Any], top: int = 10) -> str:
    out = folder / "run.tsv"
    rank_files(written(folder / "s.jsonl", students), written(folder / "p.jsonl", positions), top, out)
    return out.read_bytes().decode()


STUDENTS = [{"id": "q1", "title": "设备维修"}, {"id": "q2", "title": "software tester", "skills": ["Python"]}, {"id": 3, "text": "护理"}]
POSITIONS = [
    {"id": "d1", "title": "设备维修技术员", "text": "点检与维修"},
    {"id": "d2", "title": "software testing engineer", "skills": ["python"]},
    {"id": "d3", "title": "设备操作"},
]


def test_lines_are_those_of_a_trec_run(tmp_path: Path) -> None:
    lines = [line.split(" ") for line in ranked(tmp_path, STUDENTS, POSITIONS).splitlines()]
    assert all(len(line) == 6 and line[1] == "Q0" and line[5] == "consortium" for line in lines)
    assert [line[2] for line in lines if line[0] == "q1"] == ["d1", "d3"]
    assert [line[2] for line in lines if line[0] == "q2"] == ["d2"]
    for query in ("q1", "q2"):
        own = [line for line in lines if line[0] == query]
        assert [int(line[3]) for line in own] == list(range(1, len(own) + 1))
        assert [float(line[4]) for line in own] == sorted((float(line[4]) for line in own), reverse=True)


def test_the_order_of_the_files_changes_no_score_and_no_rank(tmp_path: Path) -> None:
    first = ranked(tmp_path, STUDENTS, POSITIONS)
    assert ranked(tmp_path, STUDENTS[::-1], POSITIONS[::-1]) == first


def test_only_the_best_are_written(tmp_path: Path) -> None:
    assert ranked(tmp_path, STUDENTS, POSITIONS, top=1).count("q1 Q0") == 1
    with pytest.raises(ValueError, match="at least 1"):
        ranked(tmp_path, STUDENTS, POSITIONS, top=0)


def test_empty_files_give_an_empty_run(tmp_path: Path) -> None:
    assert ranked(tmp_path, [], POSITIONS) == ranked(tmp_path, STUDENTS, []) == ""


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"{broken", "not a JSON object"),
        (b"\xff\xfe{}", "not a JSON object in UTF-8"),
        (b"[1]", "an object expected, list found"),
        (b'{"title": "x"}', '"id" must be a text'),
        (b'{"id": "a b"}', "without blanks"),
        (b'{"id": true}', '"id" must be a text'),
        (b'{"id": "good"}', "stands twice"),
        (b'{"id": "x", "title": 3}', "'title' must be a text"),
        (b'{"id": "x", "skills": "plc"}', '"skills" must be a list'),
        (b'{"id": "x", "title": "a\\u0000"}', "control character"),
        (b'{"id": "x", "title": "\\ud800"}', "lone surrogate"),
        (b"[" * 100_000, "not a JSON object"),
    ],
)
def test_a_malformed_line_is_named_by_its_number(tmp_path: Path, line: bytes, cause: str) -> None:
    students = tmp_path / "s.jsonl"
    students.write_bytes(b'{"id": "good"}\n\n' + line + b"\n")
    with pytest.raises(MalformedLine) as error:
        rank_files(students, written(tmp_path / "p.jsonl", POSITIONS), 5, tmp_path / "run.tsv")
    assert "s.jsonl, line 3" in str(error.value)
    assert cause in str(error.value)


@pytest.mark.parametrize("name", BEST_PEER)
def test_rankings_are_better_than_what_a_user_would_pick_instead(name: str, tmp_path: Path) -> None:
    folder = EVAL / name
    if not folder.is_dir():
        pytest.skip("quality: the judged sets (shared/eval) are not on this machine")
    run = tmp_path / "run.tsv"
    rank_files(folder / "queries.jsonl", folder / "corpus.jsonl", 1000, run, catalogue=occupations.titles())
    told = subprocess.run([sys.executable, str(EVAL / "evaluate.py"), str(folder), str(run)], check=True, capture_output=True, text=True).stdout
    found = float(told.split("MAP ")[1].split()[0])
    assert found > BEST_PEER[name]
    assert found >= REACHED[name], "matches have become worse"
