"""How far a run is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from threading import Thread

from flask import current_app

from consortium.proposals.models import Run
from consortium.shared.db import db, reading

PATIENCE = 120.0  # seconds without any progress
WIDTH = 32
ENDED = ("done", "quarantined")


def watch(run_id: int, work: Callable[[int], None] | None = None) -> Run | None:
    """Show a run until it has ended; None where it failed or stood still. `work` does it meanwhile in this process."""
    worker = _beside(run_id, work) if work is not None else None
    began = moved = time.monotonic()
    seen, told = "", ""
    while True:
        with reading():  # a look that held a write lock would stop the very work it looks at
            run = db.session.get_one(Run, run_id, populate_existing=True)
            db.session.expunge(run)
        share = 1.0 if run.state == "done" else 0.0 if run.phase == "snapshot" else 0.05 + 0.9 * run.n_done / max(run.n_chunks, 1)
        now = f"{run.state} {run.phase} {run.n_done}"
        if now != seen:
            seen, moved = now, time.monotonic()
        told = _show(share, time.monotonic() - began, told, last=run.state in ENDED)
        if run.state in ENDED:
            return run if run.state == "done" else None
        if time.monotonic() - moved > PATIENCE or (worker is not None and not worker.is_alive() and time.monotonic() - moved > 1):
            return None
        time.sleep(0.15)


def _beside(run_id: int, work: Callable[[int], None]) -> Thread:
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def run() -> None:
        with app.app_context():
            work(run_id)

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread


def _show(share: float, seconds: float, told: str, *, last: bool) -> str:
    percent = f"{share:.0%}"
    if sys.stdout.isatty():
        bar = "█" * round(share * WIDTH)
        sys.stdout.write(f"\r  matching {bar:·<{WIDTH}} {percent:>4} {seconds:5.1f} s" + ("\n" if last else ""))
        sys.stdout.flush()
    elif last or (percent != told and share - float(told.rstrip("%") or -100) / 100 > 0.24):
        print(f"  matching {percent} {seconds:.1f} s", flush=True)
        return percent
    return told
