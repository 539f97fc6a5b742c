"""Results as a table on screen and as benchmarks/results/NAME.json, with what is needed to compare them later."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "sparse-dot-topn", "bm25s", "matching", "ortools", "rjieba", "flask", "sqlalchemy", "celery")


@dataclass(frozen=True)
class Row:
    """One measured value and its goal, such as "≤ 5"; `holds` None where there is no goal."""

    name: str
    value: float
    unit: str
    goal: str = ""
    holds: bool | None = None
    interval: tuple[float, float] | None = None  # 95 %


def at_most(name: str, value: float, unit: str, limit: float) -> Row:
    """A value that must not pass its limit."""
    return Row(name, round(value, 6), unit, f"≤ {limit:g}", value <= limit)


def at_least(name: str, value: float, unit: str, limit: float) -> Row:
    """A value that must reach its limit."""
    return Row(name, round(value, 6), unit, f"≥ {limit:g}", value >= limit)


def write(name: str, rows: list[Row], seed: int | None = None) -> bool:
    """Print the table, write the file; whether every goal holds."""
    width = max(len(row.name) for row in rows)
    for row in rows:
        sign = {True: "holds", False: "MISSED", None: ""}[row.holds]
        spread = f"[{row.interval[0]:.3f}, {row.interval[1]:.3f}]" if row.interval else ""
        print(f"{row.name:<{width}}  {row.value:>12,.4g} {row.unit or spread:<10} {row.goal:<10} {sign}".rstrip())
    RESULTS.mkdir(exist_ok=True)
    results = [{name: value for name, value in asdict(row).items() if name != "interval" or value} for row in rows]
    told = {"results": results, **circumstances(), "seed": seed}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path.relative_to(RESULTS.parent.parent)}")
    return all(row.holds is not False for row in rows)


def circumstances() -> dict[str, object]:
    """Commit, date, machine, versions."""
    return {"commit": _commit(), "date": datetime.now(UTC).isoformat(timespec="seconds"), "machine": _machine(), "versions": _versions()}


def _commit() -> str:
    try:
        asked = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(asked, cwd=RESULTS.parent, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _machine() -> dict[str, object]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"system": platform.platform(), "processor": platform.machine(), "cores": usable, "load": os.getloadavg() if hasattr(os, "getloadavg") else None}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
