"""Rankings from plain files: TREC run lines, the same bytes every time, bad lines named by number."""

from __future__ import annotations

import json
import subprocess
import sys
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest

from consortium.matching import pipeline
from consortium.matching.problem import MOST_TEXT
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
        (b"{broken", ", column 2: not a JSON object; write one object on each line"),
        (b"\xff\xfe{}", ", byte 1: not UTF-8; save the file as UTF-8"),
        ('{"id": "x", "title": "维修"}'.encode("gb18030"), "not UTF-8; save the file as UTF-8"),
        ('{"id": "x"}'.encode("utf-16"), "not UTF-8; save the file as UTF-8"),
        (b"[1]", ": an object expected, list found; write {"),
        (b'{"title": "x"}', ', field "id": a text or whole number without blanks expected, missing'),
        (b'{"id": "a b"}', "field \"id\": a text or whole number without blanks expected, 'a b' found"),
        (b'{"id": true}', "'True' found"),
        (b'{"id": 1.5}', "'1.5' found"),
        (b'{"id": "a\\u0000"}', 'field "id": a control character'),
        (b'{"id": "good"}', "'good' stands twice; give every line its own id"),
        (b'{"id": "x", "title": 3}', "field 'title': a text expected, int found; leave the field out"),
        (b'{"id": "x", "text": null}', "field 'text': a text expected, NoneType found; leave the field out"),
        (b'{"id": "x", "skills": "plc"}', 'field "skills": a list of texts expected; write [] for none'),
        (b'{"id": "x", "skills": [1]}', 'field "skills": a list of texts expected'),
        (b'{"id": "x", "title": "a\\u0000"}', "field 'title': a control character (NUL or unit separator); remove it"),
        (b'{"id": "x", "title": "\\ud800"}', "field 'title': a lone surrogate is no character; remove it"),
        (b'{"id": "x", "text": "' + b"a" * (MOST_TEXT + 1) + b'"}', "field 'text': at most 10,000,000 characters expected, 10,000,001 found"),
        (b"[" * 100_000, "not a JSON object"),
    ],
)  # fmt: skip
def test_a_malformed_line_is_named_with_its_field_and_how_to_mend_it(tmp_path: Path, line: bytes, cause: str) -> None:
    students, out = tmp_path / "s.jsonl", written(tmp_path / "run.tsv", ["from before"])
    students.write_bytes(b'{"id": "good"}\n\n' + line + b"\n")
    before = out.read_bytes()
    with pytest.raises(MalformedLine) as error:
        rank_files(students, written(tmp_path / "p.jsonl", POSITIONS), 5, out)
    assert "s.jsonl, line 3" in str(error.value)
    assert cause in str(error.value)
    assert out.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"s.jsonl", "p.jsonl", "run.tsv"}, "nothing half-written stays"


def test_nothing_half_written_is_left_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise MemoryError

    out = written(tmp_path / "run.tsv", ["from before"])
    before = out.read_bytes()
    monkeypatch.setattr(pipeline, "score_chunk", fails)
    with pytest.raises(MemoryError):
        rank_files(written(tmp_path / "s.jsonl", STUDENTS), written(tmp_path / "p.jsonl", POSITIONS), 5, out)
    assert out.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"s.jsonl", "p.jsonl", "run.tsv"}


def test_a_byte_order_mark_and_other_line_ends_change_nothing(tmp_path: Path) -> None:
    first = ranked(tmp_path, STUDENTS, POSITIONS)
    for side in ("s.jsonl", "p.jsonl"):
        path = tmp_path / side
        path.write_bytes(BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n"))
    rank_files(tmp_path / "s.jsonl", tmp_path / "p.jsonl", 10, tmp_path / "run.tsv")
    assert (tmp_path / "run.tsv").read_bytes().decode() == first


def test_any_number_of_posts_may_be_asked_for(tmp_path: Path) -> None:
    assert ranked(tmp_path, STUDENTS, POSITIONS, top=10**12) == ranked(tmp_path, STUDENTS, POSITIONS, top=3)


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"a\tb", ": who, document and grade expected, separated by tabs; 2 found"),
        (b"a\tb\tgood", ", grade: a finite number of at least 0 expected, 'good' found"),
        (b"a\tb\tnan", ", grade: a finite number of at least 0 expected, 'nan' found"),
        (b"a\tb\t-1", "'-1' found"),
        (b"\xff\tb\t1", ", byte 1: not UTF-8"),
    ],
)
def test_a_malformed_line_of_the_history_is_named(tmp_path: Path, line: bytes, cause: str) -> None:
    past = tmp_path / "past.tsv"
    past.write_bytes(BOM_UTF8 + b"q1\td1\t1\r\n\n" + line)
    sides = written(tmp_path / "s.jsonl", STUDENTS), written(tmp_path / "p.jsonl", POSITIONS)
    with pytest.raises(MalformedLine, match=r"past\.tsv, line 3") as error:
        rank_files(*sides, 5, tmp_path / "run.tsv", past=past)
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
