"""Child processes of the demonstration: each in a session of its own, noted in a pidfile, restarted when it dies, stopped whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

GRACE = 6.0  # seconds between asking and forcing
QUICK = 5.0  # a child that lived shorter waits longer before its next start


@dataclass
class Child:
    """One process and its descendants."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    falls: int = 0

    def start(self) -> None:
        """Start it with a log of its own; Ctrl-C in the terminal reaches the launcher alone."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Ask, wait, then force whatever is left of the whole session."""
        if self.process is None:
            return
        if self.alive:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(GRACE)
        kill_group(self.process.pid)
        self.process.wait()
        self.process = None


@dataclass
class Family:
    """All children, in the order of their start."""

    pidfile: Path
    children: list[Child] = field(default_factory=list)

    def start(self, child: Child) -> None:
        """Start one and note it before anything else happens."""
        child.start()
        if child not in self.children:
            self.children.append(child)
        self.note()

    def note(self) -> None:
        """Write down who lives, for the next start to clean up after a launcher that was killed."""
        rows = [{"name": c.name, "pid": c.process.pid, "born": born(c.process.pid)} for c in self.children if c.process is not None]
        fresh = self.pidfile.with_suffix(".new")
        fresh.write_text(json.dumps(rows))
        fresh.replace(self.pidfile)

    def mend(self) -> list[str]:
        """Start again what died; returns what was said to have ended."""
        fallen = []
        for child in self.children:
            if child.alive or child.process is None:
                if child.process is None and time.monotonic() >= child.not_before:
                    self.start(child)
                continue
            kill_group(child.process.pid)
            fallen.append(f"{child.name} ended with code {child.process.returncode}; see {child.log}")
            child.falls = child.falls + 1 if time.monotonic() - child.started < QUICK else 0
            child.not_before = time.monotonic() + min(10, child.falls)
            child.process = None
        return fallen

    def stop(self) -> None:
        """Stop all, the last started first."""
        for child in reversed(self.children):
            child.stop()
        self.pidfile.unlink(missing_ok=True)


def clean_up(pidfile: Path) -> int:
    """End what an earlier launcher left behind; returns how many. A number that now belongs to somebody else is left alone."""
    try:
        rows = json.loads(pidfile.read_text())
    except (OSError, ValueError):
        return 0
    ended = 0
    for row in rows:
        if born(row["pid"]) in (row["born"], ""):
            ended += kill_group(row["pid"])
    pidfile.unlink(missing_ok=True)
    return ended


def kill_group(pid: int) -> bool:
    """Force a whole session to end; whether there was anything."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    for _ in range(100):
        time.sleep(0.02)
        try:
            os.killpg(pid, 0)
        except (ProcessLookupError, PermissionError):
            break
        if born(pid) and _is_zombie(pid):
            break
    return True


def born(pid: int) -> str:
    """When a process began, as a mark against reused numbers; '' when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
    try:  # macOS
        return subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        return ""


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False
