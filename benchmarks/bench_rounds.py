"""A voluntary round as large as a province's: `python benchmarks/bench_rounds.py [STUDENTS POSTS]`; writes results/bench_rounds.json.

What is timed is what the zone waits for: reading once at the freeze (feature rows, hash, scores; the snapshot keeps them), and each dry run on it, three
scenarios with the price of stability and the independent count of blocking pairs; then opening a kept run, and reasons for one student.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402

from consortium.matching import pipeline  # noqa: E402
from consortium.matching.outcome import ChunkResult  # noqa: E402
from consortium.matching.pipeline import Prepared  # noqa: E402
from consortium.matching.problem import Problem  # noqa: E402
from consortium.matching.reasons import Reasons  # noqa: E402
from consortium.rounds import rules, snapshot  # noqa: E402

ON = date(2027, 3, 1)
GOAL = 10.0  # seconds for a dry run of 50,000 × 5,000
WORDS = "设备 维修 电工 数控 编程 装配 质检 仓储 物流 机器人 调试 焊接 模具 绘图 电商 汽车 钣金 喷涂 图纸 点检 记录 安全 生产 线路 仪表 液压 气动 变频器 传感器".split()
CLASSES = [(f"46{n:02d}", "46") for n in range(1, 13)] + [(f"51{n:02d}", "51") for n in range(1, 9)]


def market(n_students: int, n_posts: int, seed: int = 7) -> Problem:
    """Lists of ten among lawful posts, with tastes that agree in part; four posts an enterprise, caps on both levels, two priorities, a joint class."""
    draw = np.random.default_rng(seed)
    post_class = draw.integers(0, len(CLASSES), n_posts)
    by_class = [np.flatnonzero(post_class == c) for c in range(len(CLASSES))]
    fame = draw.gumbel(size=n_posts)
    posts = [_post(draw, j, int(post_class[j])) for j in range(n_posts)]
    students = [_student(draw, i, by_class, fame) for i in range(n_students)]
    return Problem.of(students, posts, ON, 2**127 + 99)


def _post(draw: np.random.Generator, j: int, c: int) -> dict[str, Any]:
    key, category = CLASSES[c]
    places = int(draw.integers(2, 16))
    return {
        "key": f"p{j:06d}", "enterprise": f"e{j // 4}", "family": f"f{j // 2}", "title": " ".join(draw.choice(WORDS, 2)), "text": " ".join(draw.choice(WORDS, 20)),
        "skills_must": [f"s{draw.integers(40)}"], "skills_nice": [f"s{draw.integers(40)}"], "certificates_must": [], "majors": [f"C:{key}"], "major_categories": [category],
        "occupation": "6-31-01", "kind": "internship", "places": places, "start_on": date(2027, 6, 1), "end_on": date(2027, 11, 28), "place": "441802400", "in_zone": True,
        "pay_fen": 350_000, "same_post_pay_fen": 400_000, "lowest_grade_fen": 300_000, "pay_to_student": True, "pay_in_kind": False, "pay_period_days": 30, "fees": False,
        "hours_per_day": 8.0, "hours_per_week": 40.0, "night": False, "rest_days": False, "overtime": False, "hazards": [], "labour_level": 2, "venue": "factory",
        "host_type": "enterprise", "host_registered": True, "host_verified": True, "n_tasks": 3, "firm_room": 60, "family_room": 30, "firm_left": 36, "family_left": 20,
        "priority_codes": ["poor", "veteran"], "reserved": ["joint=1"] if j % 10 == 0 else [], "ranking": [],
    }  # fmt: skip


def _student(draw: np.random.Generator, i: int, by_class: list[np.ndarray], fame: np.ndarray) -> dict[str, Any]:
    c = int(draw.integers(len(CLASSES)))
    key, category = CLASSES[c]
    among = draw.choice(by_class[c], min(40, len(by_class[c])), replace=False)
    liked = among[np.argsort(-(fame[among] + draw.gumbel(size=len(among))))][:10]
    return {
        "key": f"s{i:06d}", "wish": " ".join(draw.choice(WORDS, 2)), "text": " ".join(draw.choice(WORDS, 20)), "skills": [f"s{n}" for n in draw.integers(0, 40, 3)],
        "certificates": [], "major": f"{key}01", "major_class": key, "major_category": category, "occupations": ["6-31-01"], "level": "高职专科", "birth_on": date(2006, 3, 5),
        "enrolled_on": date(2025, 9, 1), "sex": "", "consents": True, "wants_internship": True, "wants_job": True, "wants_zone": True, "shift_ok": True, "places": ["4418"],
        "ranking": [f"p{j:06d}" for j in liked], "own_list_only": i % 5 > 0, "priority": ["poor"] if i % 12 == 0 else ["joint"] if i % 50 == 1 else [],
    }  # fmt: skip


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the wall, and the answer."""
    began = time.perf_counter()
    answer = act()
    return time.perf_counter() - began, answer


def main(n_students: int, n_posts: int) -> None:
    """Measure, print, keep."""
    pipeline.match(market(50, 20))  # the compiled loops are warm, as in a worker that has run before
    problem = market(n_students, n_posts)
    reading, one = timed(lambda: _touched(snapshot.prepared(problem)))
    hashing, _ = timed(lambda: snapshot.hashed(problem, {"left_out": {}}))
    raw = one.to_bytes()
    scoring, chunks = timed(lambda: snapshot.score(one))
    scored = snapshot.scored_bytes(chunks)
    told = [rules.scenario(code) for code in ("declared", "no-priorities", "no-reserved")]
    figures: dict[str, Any] = {"students": n_students, "posts": n_posts, "snapshot_s": round(reading + hashing + scoring, 2), "of_it_scoring_s": round(scoring, 2), "snapshot_mb": round(len(raw) / 2**20, 1)}
    runs = [dry_run(raw, scored, told) for _ in range(3)]
    digests = {tuple(outcome.digest for outcome in outcomes) for *_, outcomes in runs}
    assert len(digests) == 1, "the same snapshot gave different bytes"
    report = runs[0][2][0].report
    heavier, _ = timed(lambda: snapshot.outcome(one, rules.scenario("skills")))
    figures |= {
        "dry_run_3_scenarios_s": round(statistics.median(seconds for seconds, *_ in runs), 2), "dry_run_processor_s": round(statistics.median(spent for _, spent, _ in runs), 2), "dry_run_other_weights_s": round(heavier, 2), "goal_s": GOAL,
        "placed": report["placed"], "blocking_pairs": [outcome.report["blocking_pairs"] for outcome in runs[0][2]], "listed_pairs": report["listed_pairs"],
    }  # fmt: skip
    explaining, why = timed(lambda: _reasons(one, runs[0][2][0]))
    each_student, _ = timed(lambda: [why.of(i) for i in range(0, n_students, max(n_students // 1000, 1))])
    figures |= {"open_a_kept_run_s": round(explaining, 2), "why_one_student_ms": round(each_student, 3), "peak_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)}
    figures["threads"], figures["processors"] = 2, os.cpu_count()
    for name, value in figures.items():
        print(f"{name:>26}  {value}")
    out = Path(__file__).parent / "results" / "bench_rounds.json"
    out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    if (n_students, n_posts) == (50_000, 5_000) and figures["dry_run_3_scenarios_s"] > GOAL:
        raise SystemExit(f"the dry run takes more than {GOAL} s")


def dry_run(raw: bytes, scored: bytes, told: list[Any]) -> tuple[float, float, list[Any]]:
    """From the stored bytes to the outcomes of all scenarios: seconds on the wall, of the processors, and the outcomes."""
    began, spent = time.perf_counter(), time.process_time()
    kept = Prepared.from_bytes(raw)
    chunks = [ChunkResult.from_bytes(scored)]
    outcomes = [snapshot.outcome(kept, one, chunks) for one in told]
    return time.perf_counter() - began, time.process_time() - spent, outcomes


def _touched(one: Prepared) -> Prepared:
    assert one.student_rows.shape[0] == len(one.problem.students)
    assert one.position_rows.shape[0] == len(one.problem.positions)
    return one


def _reasons(one: Prepared, outcome: Any) -> Reasons:
    return pipeline.reasons_of(one, outcome)


if __name__ == "__main__":
    main(*(int(n) for n in sys.argv[1:3]) if len(sys.argv) > 2 else (50_000, 5_000))
