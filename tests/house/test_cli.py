"""The command line: every command says what it does, and plain files are ranked or refused by line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from consortium import cli


@pytest.mark.parametrize("name", sorted(cli.main.commands))
def test_every_command_says_in_one_sentence_what_it_does(name: str) -> None:
    told = CliRunner().invoke(cli.main, [name, "--help"])
    assert told.exit_code == 0, told.output
    sentence = cli.main.commands[name].help or ""
    assert sentence.endswith(".")
    assert "\n\n" not in sentence
    for option in cli.main.commands[name].params:
        assert option.param_type_name == "argument" or getattr(option, "help", None), f"{name}: {option.name} has no help"


def test_the_commands_are_those_of_the_readme() -> None:
    assert set(cli.main.commands) >= {"demo", "serve", "worker", "seed", "import-students", "match", "rank", "check", "migrate", "translate", "map"}


def test_help_loads_neither_the_app_nor_the_method() -> None:
    asked = "import sys; from consortium.cli import main; main(['rank', '--help'], standalone_mode=False); print(*sorted(sys.modules))"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True).stdout
    assert not {"consortium.app", "sklearn", "flask", "sqlalchemy"} & set(told.split())


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    students = [
        {"id": "s1", "title": "设备维修", "text": "学过电工技术，会PLC编程", "skills": ["plc"], "major_code": "460301", "level": "高职专科"},
        {"id": "s2", "title": "会计", "text": "学过财务会计、税法", "lang": "zh"},
    ]
    positions = [
        {"id": "p1", "title": "设备维修技术员", "text": "负责设备点检，熟悉PLC编程优先"},
        {"id": "p2", "title": "会计助理", "text": "整理凭证，协助会计报税，学过财务会计"},
    ]
    paths = tmp_path / "students.jsonl", tmp_path / "positions.jsonl"
    for path, rows in zip(paths, (students, positions), strict=True):
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    return *paths, tmp_path / "run.tsv"


def _rank(students: Path, positions: Path, out: Path, top: str = "2") -> tuple[int, str]:
    given = ["rank", "--students", str(students), "--positions", str(positions), "--top", top, "--out", str(out)]
    told = CliRunner().invoke(cli.main, given)
    assert told.exception is None or isinstance(told.exception, SystemExit), told.exception
    return told.exit_code, told.output


def test_plain_files_are_ranked_the_same_every_time(files: tuple[Path, Path, Path]) -> None:
    code, said = _rank(*files)
    assert code == 0, said
    lines = [line.split(" ") for line in files[2].read_text(encoding="utf-8").splitlines()]
    assert all(len(line) == 6 and line[1] == "Q0" and line[5] == "consortium" for line in lines)
    assert {(line[0], line[2]) for line in lines if line[3] == "1"} == {("s1", "p1"), ("s2", "p2")}
    first = files[2].read_bytes()
    _rank(*files)
    assert files[2].read_bytes() == first


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '"text"', '{"title": "no id"}', '{"id": "s1"}', '{"id": "a b"}', '{"id": "x", "text": 5}', '{"id": "x", "skills": "plc"}'],
)
def test_a_malformed_line_is_named_by_its_number(files: tuple[Path, Path, Path], line: str) -> None:
    with files[0].open("a", encoding="utf-8") as students:
        students.write(line + "\n")
    code, said = _rank(*files)
    assert code == 2
    assert "line 3" in said
    assert "Traceback" not in said


def test_bytes_that_are_no_utf_8_are_named_by_their_line(files: tuple[Path, Path, Path]) -> None:
    with files[1].open("ab") as positions:
        positions.write(b'{"id": "\xff"}\n')
    code, said = _rank(*files)
    assert code == 2
    assert "line 3" in said


def test_a_missing_file_is_said_without_a_traceback(files: tuple[Path, Path, Path]) -> None:
    code, said = _rank(files[0].with_name("none.jsonl"), files[1], files[2])
    assert code == 2
    assert "none.jsonl" in said


def test_a_major_code_brings_class_category_and_related_occupations() -> None:
    found = cli._from_catalogue({"major_code": "460301"})
    assert found["major_class"] == "0603"
    assert found["major_category"] == "06"
    assert "6-31-01" in found["occupations"]
    assert cli._from_catalogue({"major_code": "999999"}) == {}


def test_an_unsafe_environment_is_a_sentence_not_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSORTIUM_ENV", "production")
    monkeypatch.setenv("CONSORTIUM_SECRET_KEY", "secret")
    told = CliRunner().invoke(cli.main, ["seed"])
    assert told.exit_code == 1
    assert "CONSORTIUM_SECRET_KEY" in told.output


def test_no_lock_file_names_a_registry() -> None:
    assert cli.lock_faults() == []
