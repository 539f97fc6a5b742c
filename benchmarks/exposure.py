"""What the exposure cap and the order that suits both do to lists, on the demonstration's data, for several slacks.

    python benchmarks/exposure.py [--students 3000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import record

from consortium.app import create_app
from consortium.demonstration import generator
from consortium.matching import exposure, pipeline
from consortium.matching.pipeline import Prepared
from consortium.proposals import snapshot
from consortium.proposals.models import Run
from consortium.shared.db import db

SEED = 7
SLACKS = (1.0, 1.5, 2.0, 3.0, 5.0, 1e6)
SAID = {"posts_shown": "posts shown", "students_shown": "students shown", "gini": "Gini", "mutual": "mutual pairs", "both": "suiting both"}


def main() -> int:
    """Fill, score, and give out the lists again and again."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--students", type=int, default=3000)
    students = asked.parse_args().students
    prepared = _prepared(students)
    outcome = pipeline.finish(prepared, [pipeline.score_chunk(prepared, 0, len(prepared.problem.students))])
    student, _ = exposure.united(outcome.student_idx, outcome.position_idx, outcome.assigned)
    rows: list[record.Row] = []
    for slack in SLACKS:
        a_place = exposure.students_a_place(student, prepared.problem.positions.places, prepared.k, slack)
        began = time.process_time()
        report = pipeline.recommend(prepared, outcome, a_place=a_place).report
        seconds = time.process_time() - began
        name = "no cap" if slack == max(SLACKS) else f"slack {slack:g}"
        if not rows:
            rows += [record.Row(f"by score alone: {said}", report["before"][figure], "") for figure, said in SAID.items()]
        rows += [record.Row(f"{name}: {said}", report["after"][figure], "") for figure, said in SAID.items()]
        rows.append(record.Row(f"{name}: entries of a list", round(report["entries"][1] / len(outcome.student_keys), 2), ""))
        if slack == exposure.SLACK:
            before, after = report["before"], report["after"]
            rows.append(record.at_least(f"{name}: better suited to both by", after["both"] - before["both"], "", 0.0))
            rows.append(record.at_least(f"{name}: posts shown gained", after["posts_shown"] - before["posts_shown"], "", 0.0))
            rows.append(record.at_least(f"{name}: Gini lowered by", before["gini"] - after["gini"], "", 0.0))
            rows.append(record.at_most(f"{name}: processor time", seconds, "s", 1.0))
    return 0 if record.write("exposure", rows, SEED) else 1


def _prepared(students: int) -> Prepared:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(
            "testing", SQLALCHEMY_DATABASE_URI=f"sqlite:///{folder}/exposure.sqlite", REDIS_URL="redis://127.0.0.1:1/0", DATA_DIR=Path(folder)
        )
        with app.app_context():
            db.create_all()
            generator.fill(students=students, seed=SEED)
            run = Run(scope="all", seed=SEED, weights=dict(pipeline.WEIGHTS), top=20, top_positions=50)
            return snapshot.prepared(run, snapshot.read(run))


if __name__ == "__main__":
    raise SystemExit(main())
