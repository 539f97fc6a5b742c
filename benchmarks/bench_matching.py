"""The method measured beside what a user would pick instead, in one run on one core: `python benchmarks/bench_matching.py`."""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: E402
from sklearn.neighbors import NearestNeighbors  # noqa: E402

from benchmarks import record  # noqa: E402
from benchmarks.record import Row  # noqa: E402
from consortium.matching import assignment, pipeline, stability  # noqa: E402
from consortium.matching.preferences import Contracts  # noqa: E402
from consortium.matching.problem import Problem  # noqa: E402
from consortium.matching.rank import rank_files  # noqa: E402
from consortium.matching.vocabulary import words  # noqa: E402
from consortium.reference import occupations  # noqa: E402

TOP = 20
ON = date(2026, 11, 24)
EVAL = Path(__file__).resolve().parents[2] / "shared" / "eval"
PEERS = {"zh_titles": 0.412, "zh_majors": 0.268, "en_tasks": 0.270}
WORDS = (
    "设备 维修 电工 数控 编程 装配 质检 仓储 物流 护理 前端 开发 机器人 调试 焊接 模具 绘图 电商 客服 会计 食品 检测 化验 汽车 钣金 喷涂 图纸 点检 记录 "
    "安全 生产 线路 PLC CAD SolidWorks python excel 仪表 液压 气动 变频器 传感器 采购 培训 销售 测量 包装 热处理 注塑 电镀"
).split()
CLASSES = (("4603", "46"), ("5101", "51"), ("4901", "49"), ("5202", "52"), ("5307", "53"), ("4502", "45"), ("4801", "48"))


def problem(n_students: int, n_positions: int, seed: int) -> Problem:
    """Seeded students and posts: Zipf texts, seven major classes, a fifth of the posts asking for a certificate."""
    draw = np.random.default_rng(seed)
    weight = 1 / np.arange(1, len(WORDS) + 1)
    weight /= weight.sum()

    def told(n: int) -> str:
        return "，".join("".join(draw.choice(WORDS, 3, p=weight)) for _ in range(n))

    def codes(mark: str, of: int, n: int) -> list[str]:
        return [f"{mark}{c}" for c in draw.choice(of, n, replace=False)]

    students, positions = [], []
    for i in range(n_students):
        of_class, category = CLASSES[draw.integers(len(CLASSES))]
        students.append(
            {
                "key": f"s{i:07}", "wish": told(1), "text": told(18), "skills": codes("k", 120, 6), "certificates": codes("c", 8, 2),
                "major": f"{of_class}01", "major_class": of_class, "major_category": category, "level": "高职专科",
                "birth_on": date(2006, int(draw.integers(1, 13)), 5), "enrolled_on": date(2024, 9, 1), "consents": True,
                "wants_internship": True, "wants_job": bool(draw.integers(2)), "wants_zone": int(draw.integers(-1, 2)), "shift_ok": True,
            }
        )  # fmt: skip
    for j in range(n_positions):
        of_class, category = CLASSES[draw.integers(len(CLASSES))]
        positions.append(
            {
                "key": f"p{j:07}", "enterprise": f"e{j % 120}", "family": f"f{j % 200}", "title": told(1), "text": told(24),
                "skills_must": codes("k", 120, 2), "skills_nice": codes("k", 120, 3),
                "certificates_must": codes("c", 8, 1) if draw.random() < 0.2 else [], "majors": [f"C:{of_class}"], "major_categories": [category],
                "kind": "job" if draw.random() < 0.25 else "internship", "places": int(draw.integers(1, 9)), "start_on": date(2027, 3, 1),
                "end_on": date(2027, 8, 28), "in_zone": True, "pay_fen": 350_000, "same_post_pay_fen": 400_000, "lowest_grade_fen": 300_000,
                "pay_to_student": True, "pay_in_kind": False, "pay_period_days": 30, "fees": False, "hours_per_day": 8.0, "hours_per_week": 40.0,
                "night": False, "rest_days": False, "overtime": False, "labour_level": 1, "venue": "factory", "host_type": "enterprise",
                "host_registered": True, "host_verified": True, "n_tasks": 3, "firm_room": 40, "family_room": 20,
            }
        )  # fmt: skip
    return Problem.of(students, positions, ON, seed)


def market(n_students: int, n_positions: int, length: int, seed: int) -> tuple[Contracts, assignment.Capacities]:
    """Lists of `length` with popular posts, seats for nine in ten, kinds of posts within enterprises."""
    draw = np.random.default_rng(seed)
    popular = draw.random(n_positions) * 0.3
    position = np.argsort(draw.random((n_students, n_positions)) + popular[None, :], axis=1)[:, :length].ravel()
    student = np.repeat(np.arange(n_students), length)
    found = Contracts(student, position, np.tile(np.arange(1, length + 1), n_students), draw.permutation(len(student)) + 1)
    family = np.arange(n_positions) % max(n_positions // 2, 1)
    firm = family % max(n_positions // 4, 1)
    seats = draw.integers(1, max(2 * n_students // n_positions, 2), n_positions)
    caps = (np.bincount(g, weights=seats).astype(np.int64) * 9 // 10 + 1 for g in (family, firm))
    return found, assignment.Capacities(seats, family, firm, *caps)


def timed(what: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Median seconds, and the last answer."""
    taken = []
    for _ in range(times):
        gc.collect()
        began = time.perf_counter()
        answer = what()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), answer


def peers(one: Problem) -> dict[str, Callable[[], Any]]:
    """Plain scikit-learn over the same texts and tokens: no law, one direction, no assignment, no reasons."""
    left = [f"{wish}\n{text}" for wish, text in zip(one.students.wish, one.students.text, strict=True)]
    right = [f"{title}\n{text}" for title, text in zip(one.positions.title, one.positions.text, strict=True)]

    def rows() -> tuple[Any, Any]:
        vectoriser = TfidfVectorizer(analyzer=words, sublinear_tf=True)
        vectoriser.fit([*left, *right])
        return vectoriser.transform(left), vectoriser.transform(right)

    def neighbours() -> Any:
        students, positions = rows()
        return NearestNeighbors(n_neighbors=TOP, metric="cosine", algorithm="brute").fit(positions).kneighbors(students)

    def partition() -> Any:
        students, positions = rows()
        return np.argpartition(-(students @ positions.T).toarray(), TOP, axis=1)[:, :TOP]

    return {"scikit-learn NearestNeighbors": neighbours, "TF-IDF and argpartition": partition}


def quality() -> list[Row]:
    """MAP on the judged sets, where they are."""
    if not EVAL.is_dir():
        print("NOT RUN: quality, the judged sets (shared/eval) are not on this machine")
        return []
    sys.path.insert(0, str(EVAL))
    import evaluate

    found = []
    for name, peer in PEERS.items():
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run.tsv"
            rank_files(EVAL / name / "queries.jsonl", EVAL / name / "corpus.jsonl", 1000, run, catalogue=occupations.titles())
            row, column, grades = evaluate.judged(EVAL / name)
            values = evaluate.per_query(evaluate.scored(run, row, column, grades.shape), grades, evaluate.LEAST_GRADE[name])
        found.append(record.at_least(f"MAP {name}, against the best of BM25 and TF-IDF", float(values[:, 2].mean()), "", peer))
    return found


def main() -> int:
    """Measure, print, write."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--students", type=int, default=3000)
    given.add_argument("--positions", type=int, default=400)
    given.add_argument("--seed", type=int, default=7)
    asked = given.parse_args()
    size = f"{asked.students:,} × {asked.positions:,}"
    one = problem(asked.students, asked.positions, asked.seed)
    whole, outcome = timed(lambda: pipeline.match(one, catalogue=occupations.titles(), k=TOP))
    rows = [record.at_most(f"whole match, {size}: law, scores, both top-{TOP}, assignment, report", whole, "s", 5)]
    fitting, prepared = timed(lambda: pipeline.prepare(one, catalogue=occupations.titles(), k=TOP))
    rows.append(Row("  of it: words, vocabulary, feature rows", round(fitting, 4), "s"))
    scoring, _ = timed(lambda: [pipeline.score_chunk(prepared, a, min(a + 500, asked.students)) for a in range(0, asked.students, 500)])
    rows.append(Row("  of it: law, scores and top lists", round(scoring, 4), "s"))
    for name, peer in peers(one).items():
        rows.append(Row(f"peer: {name}, {size}, texts alone", round(timed(peer)[0], 4), "s"))
    one_post = pipeline.prepare(Problem(one.students, one.positions.take(np.array([0])), ON, asked.seed), vocabulary=prepared.vocabulary)
    one_post.__dict__["student_rows"] = prepared.student_rows
    rows.append(record.at_most("one new post against all students", timed(lambda: pipeline.score_chunk(one_post, 0, asked.students))[0], "s", 0.5))
    key, post = str(one.students.key[0]), str(one.positions.key[max(outcome.student_idx[0][0], 0)])
    rows.append(record.at_most("why one pair", timed(lambda: pipeline.explain(prepared, key, post), 9)[0] * 1000, "ms", 50))
    found, capacities = market(asked.students, asked.positions, TOP, asked.seed)
    assigning, held = timed(lambda: assignment.assign(found, capacities, asked.students))
    rows.append(record.at_most(f"deferred acceptance, {size} × {TOP}", assigning, "s", 1))
    checking, blocking = timed(lambda: stability.blocking_pairs(found, capacities, held))
    rows.append(record.at_most(f"independent check of {len(found):,} contracts", checking, "s", 0.2))
    rows.append(record.at_most("blocking pairs", len(blocking) + outcome.report["blocking_pairs"], "pairs", 0))
    other = pipeline.match(one, catalogue=occupations.titles(), k=TOP, chunk=173)
    rows.append(record.at_least("the same digest from another cut", float(other.digest == outcome.digest), "", 1))
    rows += quality()
    return 0 if record.write("bench", rows, asked.seed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
