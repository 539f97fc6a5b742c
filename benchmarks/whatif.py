"""Why-not and what-if measured: a posting form's supply against 50,000 students, a student's openings over 5,000 posts, one more place in a run.

    python benchmarks/whatif.py [--students 50000] [--posts 5000] [--times 9]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402

from benchmarks import record  # noqa: E402
from benchmarks.bench_matching import CATALOGUE, problem  # noqa: E402
from consortium.matching import gaps, margins, pipeline, whatif  # noqa: E402
from consortium.matching.outcome import Kept  # noqa: E402
from consortium.matching.problem import Problem  # noqa: E402
from consortium.matching.whatif import Again  # noqa: E402

SEED = 7


def main() -> int:
    """Measure all and write the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=50_000)
    asked.add_argument("--posts", type=int, default=5_000)
    asked.add_argument("--times", type=int, default=9)
    told = asked.parse_args()
    run = _run(3000, 400)
    rows = [_supply(run, told.students, told.times), *_student(run, told.posts, told.times), *_zone_and_college(run, told.times)]
    return 0 if record.write("whatif", rows, SEED) else 1


def _run(n_students: int, n_posts: int, vocabulary: Any = None) -> Again:
    prepared = pipeline.prepare(problem(n_students, n_posts, SEED), catalogue=CATALOGUE, vocabulary=vocabulary)
    return Again(prepared, Kept.of(pipeline.finish(prepared, [pipeline.score_chunk(prepared, 0, n_students)])))


def _median(ask: Callable[[int], Any], times: int) -> float:
    """Milliseconds of processor time, after one call that warms what is kept."""
    spans = []
    ask(0)
    for turn in range(1, times + 1):
        began = time.process_time()
        ask(turn)
        spans.append((time.process_time() - began) * 1000)
    return statistics.median(spans)


def _supply(run: Again, n: int, times: int) -> record.Row:
    """A post as a form would ask, another one each time: all its requirements dropped singly."""
    large = Again(pipeline.prepare(_varied(problem(n, 40, SEED)), vocabulary=run.prepared.vocabulary), run.kept)
    posts = large.prepared.problem.positions
    median = _median(lambda turn: large.supply(posts.take(np.array([turn % len(posts)]))), times)
    return record.at_most(f"supply of one post, {n} students", median, "ms", 100)


def _varied(one: Problem) -> Problem:
    """Birthdays, first days and wishes that differ, and posts that require all that can be required."""
    draw, students, posts = np.random.default_rng(SEED), one.students.data, one.positions.data
    n, m = len(one.students), len(one.positions)
    students["birth_on"][:] = np.datetime64("2004-01-01") + draw.integers(0, 2000, n)
    students["available_from"][:] = np.datetime64("2027-01-01") + draw.integers(0, 90, n)
    students["shift_ok"][:], students["wants_zone"][:] = draw.integers(-1, 2, n), draw.integers(-1, 2, n)
    posts["night"][:], posts["rest_days"][:], posts["labour_level"][:] = 1, 1, 4
    for j in range(m):
        posts["hazards"][j], posts["level_least"][j] = ("dust", "noise", "heat"), "高职专科"
        posts["certificates_must"][j] = ("c0", "c1", "c2")
    return one


def _student(run: Again, n: int, times: int) -> list[record.Row]:
    many = _run(200, n, run.prepared.vocabulary)
    sides = many.prepared.problem

    def openings(turn: int) -> None:
        student = sides.students.take(np.array([turn % 200]))
        many.openings(student, whatif.changes_of_student(student, sides.positions))

    def standing(turn: int) -> None:
        student, post = (side.take(np.array([turn * 7 % 200])) for side in (run.prepared.problem.students, run.prepared.problem.positions))
        run.standing(student, post, whatif.changes_of_student(student, post))

    n_changes = len(whatif.changes_of_student(sides.students.take(np.array([0])), sides.positions))
    return [
        record.at_most(f"a student's what-if, {n} posts, {n_changes} changes", _median(openings, times), "ms", 500),
        record.Row("where a pair stands, 3000 students, 400 posts", round(_median(standing, times), 3), "ms"),
    ]


def _zone_and_college(run: Again, times: int) -> list[record.Row]:
    found, capacities, held = run.market
    majors = run.prepared.problem.students.major_class
    rows = np.flatnonzero(majors == majors[0])
    zone = _median(lambda _turn: margins.margins(found, capacities, held, 12), times) / 1000
    college = _median(lambda _turn: gaps.added(run, rows, 8), min(times, 3))
    return [
        record.at_most("one more place, 3000 students, 400 posts, 12 a level", zone, "s", 2),
        record.Row(f"skill gaps of {len(rows)} students, 400 posts", round(college, 3), "ms"),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
