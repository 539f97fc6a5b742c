"""The disposable child: what it may not do, and that its death is a refusal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from consortium.shared import spreadsheet
from consortium.shared.files import FileRefused
from tests.workbooks import SHEET, with_sheet

CONFINED = """
import sys; sys.argv = ["r", "csv", "10", "10"]
import importlib.util
spec = importlib.util.spec_from_file_location("r", {path!r}); reader = importlib.util.module_from_spec(spec); spec.loader.exec_module(reader)
import socket, os
reader._limit()
for name, attempt in (("file", lambda: open("/etc/hostname")), ("socket", socket.socket), ("pipe", os.pipe), ("memory", lambda: bytearray(600_000_000))):
    try:
        attempt(); print(name, "allowed")
    except (OSError, MemoryError):
        print(name, "refused")
"""


def test_the_child_can_open_neither_file_nor_socket_and_take_no_more_memory() -> None:
    done = subprocess.run([sys.executable, "-I", "-c", CONFINED.format(path=str(spreadsheet.READER))], capture_output=True, text=True, env={}, check=True)
    assert done.stdout.split() == ["file", "refused", "socket", "refused", "pipe", "refused", "memory", "refused"]


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A child of our own making in the place of the real one."""
    path = tmp_path / "reader.py"
    monkeypatch.setattr(spreadsheet, "READER", path)
    return path


@pytest.mark.parametrize(
    "body",
    [
        "import os; os.abort()",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import sys; sys.exit(1)",
        "print('no json')",
        "print('[1]')",
        "print('{}')",
        "raise MemoryError",
        "import sys; sys.stdin.close(); sys.exit(7)",
    ],
)
def test_a_child_that_dies_is_a_refusal(reader: Path, body: str) -> None:
    reader.write_text(body)
    with pytest.raises(FileRefused) as refused:
        spreadsheet.read_table("学号,姓名\n1,李\n".encode() * 50_000, ["学号"])
    assert refused.value.code == "reader-died"


def test_a_child_that_hangs_is_ended(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "WALL_SECONDS", 0.5)
    reader.write_text("import time; time.sleep(60)")
    with pytest.raises(FileRefused, match="reader-died"):
        spreadsheet.read_table("学号\n1\n".encode(), ["学号"])


def test_a_child_that_never_stops_talking_fills_nothing(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_TOLD", 1_000_000)
    reader.write_text("while True: print('x' * 10_000)")
    with pytest.raises(FileRefused, match="reader-died"):
        spreadsheet.read_table("学号\n1\n".encode(), ["学号"])


def test_an_invented_code_is_told_as_broken(reader: Path) -> None:
    reader.write_text("import sys; print('{\"refused\": \"haha\"}'); sys.exit(3)")
    with pytest.raises(FileRefused, match="broken"):
        spreadsheet.read_table("学号\n1\n".encode(), ["学号"])


def test_the_child_inherits_no_environment_no_descriptor_and_an_empty_folder(reader: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSORTIUM_SECRET_KEY", "must not be seen")
    left_open = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(left_open, True)
    reader.write_text(
        "import json, os, sys\nopened = [n for n in os.listdir('/proc/self/fd') if int(n) > 3]\n"
        "print(json.dumps([1, [['text', '学号']]]))\n"
        "print(json.dumps([2, [['text', repr([sorted(os.environ), os.listdir('.'), opened])]]]))"
    )
    told = spreadsheet.read_table(b"a", ["学号"]).rows[0][1][0].text
    os.close(left_open)
    environment, folder, opened = eval(told)
    assert "CONSORTIUM_SECRET_KEY" not in environment
    assert folder == []
    assert opened == []


def test_one_long_text_shared_by_a_million_cells_is_refused() -> None:
    row = "<row>" + '<c t="s"><v>0</v></c>' * 90 + "</row>"
    text = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>' + b"A" * 30_000 + b"</t></si></sst>"
    data = with_sheet(SHEET.format(row * 200), **{"xl/sharedStrings__xml": text})
    with pytest.raises(FileRefused) as refused:
        spreadsheet.read_table(data, ["学号"])
    assert refused.value.code in ("inflates", "broken")
