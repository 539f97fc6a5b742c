"""The launcher as a newcomer meets it: starts from nothing, survives being killed, leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from consortium.demonstration import children
from consortium.demonstration.children import Child, Family

ADDRESS = re.compile(r"^\s+(http://127\.0\.0\.1:\d+)$", re.M)


class Demo:
    """`consortium demo` without a terminal, its output in a file."""

    def __init__(self, data: Path, port: int) -> None:
        self.data, self.out = data, data.with_suffix(f".{time.monotonic_ns()}.out")
        environment = {**os.environ, "DEMO_DATA": str(data), "DEMO_PORT": str(port), "DEMO_STUDENTS": "60", "CONSORTIUM_DATABASE_URL": "sqlite:////nowhere/else"}
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "consortium.cli", "demo"], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
            )

    def address(self, patience: float = 90) -> str:
        ends = time.monotonic() + patience
        while time.monotonic() < ends:
            found = ADDRESS.search(self.said())
            if found:
                return found.group(1)
            assert self.process.poll() is None, self.said()
            time.sleep(0.2)
        raise AssertionError(self.said())

    def said(self) -> str:
        return self.out.read_text(encoding="utf-8")

    def pids(self) -> dict[str, int]:
        return {row["name"]: row["pid"] for row in json.loads((self.data / "demo.pids").read_text())}


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "demo"
    yield folder
    children.clean_up(folder / "demo.pids")


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _enter(address: str) -> str:
    """Press the first of the *enter as* buttons; the page that answers."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = browser.open(f"{address}/sign-in", timeout=20).read().decode()
    forms = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, flags=re.S)
    action, inside = next((where, body) for where, body in forms if "enter" in where)
    fields = dict(re.findall(r'name="([^"]+)"[^>]*?value="([^"]*)"', inside))
    request = urllib.request.Request(urllib.parse.urljoin(address, action), urllib.parse.urlencode(fields).encode(), {"Referer": address})
    return str(browser.open(request, timeout=20).read().decode())


@pytest.mark.worker
def test_the_demonstration_starts_survives_a_kill_and_leaves_nothing(data: Path) -> None:
    port = _free_port()
    first = Demo(data, port)
    address = first.address()
    assert address == f"http://127.0.0.1:{port}"
    assert "matching 100%" in first.said()
    assert "applications offered" in first.said()
    assert "\033" not in first.said()  # colours only on a terminal
    page = _enter(address)
    assert "<h1" in page
    assert 'action="/sign-out"' in page or "sign-out" in page
    old = first.pids()
    assert set(old) == {"broker", "worker", "web"}

    os.kill(old["web"], signal.SIGKILL)  # a child that dies is started again
    ends = time.monotonic() + 20
    while first.pids().get("web", old["web"]) == old["web"] and time.monotonic() < ends:
        time.sleep(0.2)
    assert first.pids()["web"] != old["web"]
    old = first.pids()

    first.process.kill()  # the launcher itself, without a word
    first.process.wait()
    second = Demo(data, port)
    assert second.address(90) == f"http://127.0.0.1:{port}"
    assert "left behind" in second.said()
    assert "invented" not in second.said()  # the data is kept
    assert not any(_alive(pid) for pid in old.values())
    new = second.pids()
    assert "<h1" in _enter(address)

    second.process.send_signal(signal.SIGINT)
    assert second.process.wait(20) == 0, second.said()
    assert not any(_alive(pid) for pid in new.values())
    assert not (data / "demo.pids").exists()


def test_a_taken_port_is_said_and_another_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    from consortium.demonstration import launcher

    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        taken = int(door.getsockname()[1])
        found = launcher._port(taken)
    assert found != taken
    assert str(taken) in capsys.readouterr().out


def test_settings_of_another_installation_do_not_reach_the_demonstration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from consortium.demonstration import launcher

    monkeypatch.setattr(os, "environ", {"CONSORTIUM_DATABASE_URL": "postgresql://production", "CONSORTIUM_SMTP_URL": "smtp://mail", "PATH": ""})
    launcher._environment(launcher.Plan(tmp_path, 8000, 20, 1), "http://127.0.0.1:8000")
    assert os.environ["CONSORTIUM_DATABASE_URL"] == f"sqlite:///{tmp_path / 'demo.sqlite'}"
    assert "CONSORTIUM_SMTP_URL" not in os.environ


def test_a_number_that_now_belongs_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as stranger:
        pidfile = tmp_path / "demo.pids"
        pidfile.write_text(json.dumps([{"name": "web", "pid": stranger.pid, "born": "1"}]))
        assert children.clean_up(pidfile) == 0
        assert stranger.poll() is None
        stranger.kill()


def test_a_child_and_its_own_children_end_together(tmp_path: Path) -> None:
    script = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).wait()"
    family = Family(tmp_path / "demo.pids")
    child = Child("parent", [sys.executable, "-c", script], tmp_path / "log")
    family.start(child)
    assert child.process is not None
    group = child.process.pid
    time.sleep(0.5)
    family.stop()
    assert not _alive(group)
