"""How long a newcomer waits: the demonstration from nothing to the printed address, the matching within it, and the second start.

    python benchmarks/starts.py [--students 3000]

`.venv` is there already; making it is the package index's time, not ours.
"""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import record

PATIENCE = 300  # seconds


def main() -> int:
    """Start twice on the same data."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=3000)
    n = asked.parse_args().students
    with tempfile.TemporaryDirectory() as folder:
        first, said = _started(Path(folder), n)
        second, _ = _started(Path(folder), n)
    matching = float(re.findall(r"matching 100% ([0-9.]+) s", said)[-1])
    rows = [
        record.at_most(f"first start, {n} students × 400 posts, to the printed address", first, "s", 120),
        record.at_most(f"matching {n} × 400 through the worker, the worker's own start included", matching, "s", 10),
        record.at_most("second start", second, "s", 8),
    ]
    return 0 if record.write("starts", rows, 7) else 1


def _started(folder: Path, students: int) -> tuple[float, str]:
    command = [sys.executable, "-m", "consortium.cli", "demo", "--data", str(folder / "demo"), "--students", str(students), "--port", "8766"]
    out = folder / f"out.{time.monotonic_ns()}"
    began = time.monotonic()
    with out.open("w") as told:
        demo = subprocess.Popen(command, stdout=told, stderr=subprocess.STDOUT, start_new_session=True)
    while "Ready in" not in out.read_text():
        if demo.poll() is not None or time.monotonic() - began > PATIENCE:
            raise SystemExit(out.read_text()[-2000:])
        time.sleep(0.05)
    took = time.monotonic() - began
    demo.send_signal(signal.SIGINT)
    demo.wait(60)
    return took, out.read_text()


if __name__ == "__main__":
    raise SystemExit(main())
