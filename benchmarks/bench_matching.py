"""The method measured beside what a user would pick instead, in one run: `python benchmarks/bench_matching.py`, more with FULL=1.

Ratios are medians of rounds in which all take their turn, on one thread in processor seconds, so that a busy machine disturbs them little.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np  # noqa: E402
from scipy import sparse  # noqa: E402
from sklearn.metrics.pairwise import cosine_similarity, linear_kernel  # noqa: E402
from sklearn.neighbors import NearestNeighbors  # noqa: E402
from sklearn.preprocessing import normalize  # noqa: E402

from benchmarks import record  # noqa: E402
from benchmarks.record import Row  # noqa: E402
from consortium.matching import assignment, loops, pipeline, plain, similarity, stability  # noqa: E402
from consortium.matching.blocks import Plan  # noqa: E402
from consortium.matching.eligibility import Table  # noqa: E402
from consortium.matching.preferences import Contracts  # noqa: E402
from consortium.matching.problem import Problem  # noqa: E402
from consortium.reference import occupations  # noqa: E402

try:
    from sparse_dot_topn import sp_matmul_topn
except ImportError:
    sp_matmul_topn = None
    print("NOT RUN: sparse_dot_topn is not installed")
try:
    import bm25s
except ImportError:
    bm25s = None
    print("NOT RUN: bm25s is not installed")

TOP = 20
ON = date(2026, 11, 24)
CATALOGUE = occupations.titles()
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
    """Lists of at most `length` with popular posts, seats for nine in ten, kinds of posts within enterprises."""
    draw = np.random.default_rng(seed)
    drawn = (n_positions * draw.random((n_students, length)) ** 1.5).astype(np.int64)
    pair = np.unique(np.repeat(np.arange(n_students), length) * n_positions + drawn.ravel())
    pair = pair[np.lexsort((draw.random(len(pair)), pair // n_positions))]
    student, position = np.divmod(pair, n_positions)
    place = np.arange(len(pair)) - np.searchsorted(student, student) + 1
    found = Contracts(student, position, place, draw.permutation(len(student)) + 1)
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


def zipf(n_rows: int, seed: int, n_terms: int = 30, n_columns: int = 30_000) -> sparse.csr_matrix:
    """Seeded rows of some 30 terms, Zipf–Mandelbrot with the 25 commonest words left out: 0.65 additions a pair, as method.md has them."""
    draw = np.random.default_rng(seed)
    share = np.cumsum(1 / (np.arange(1, n_columns + 1) + 25))
    column = np.searchsorted(share / share[-1], draw.random(n_rows * n_terms))
    rows = sparse.csr_matrix((np.ones(len(column)), (np.repeat(np.arange(n_rows), n_terms), column)), shape=(n_rows, n_columns))
    rows.sum_duplicates()
    return normalize(rows @ sparse.diags(np.log(n_rows / (1 + np.bincount(rows.indices, minlength=n_columns))).clip(1)).tocsr()).tocsr()


def shares(n: int, m: int, share: float, right: sparse.csr_matrix, seed: int) -> Plan:
    """A law under which `share` of all pairs are open, in equal blocks."""
    draw, kinds = np.random.default_rng(seed), round(1 / share)
    table = Table("X", draw.integers(0, kinds, n), draw.integers(0, kinds, m), np.eye(kinds, dtype=bool))
    one, other = np.ones(m, dtype=bool), np.zeros(m, dtype=np.int64)
    return Plan((table,) if kinds > 1 else (), one, one, right, np.zeros(n, dtype=np.int64), other)


def rounds(what: dict[str, Callable[[], Any]], threads: int, times: int) -> dict[str, float]:
    """Median seconds of each, all taking turns: processor seconds on one thread, else seconds of the clock."""
    clock = time.process_time if threads == 1 else time.perf_counter
    taken: dict[str, list[float]] = {name: [] for name in what}
    for _ in range(times):
        for name, run in what.items():
            gc.collect()
            began = clock()
            run()
            taken[name].append(clock() - began)
    found = {name: statistics.median(values) for name, values in taken.items()}
    for name, value in found.items():
        print(f"  {name}: {value:.4f} s", flush=True)
    return found


def searching(label: str, left: sparse.csr_matrix, right: sparse.csr_matrix, threads: int, times: int) -> list[Row]:
    """Exact top 20 of every student: ours (both directions, under the law) and the peers."""
    n, m = left.shape[0], right.shape[0]
    rows, turns = similarity.Rows.of(left), (np.random.default_rng(1).permutation(n), np.random.default_rng(2).permutation(m))
    plans = {share: shares(n, m, share, right, 3) for share in (1.0, 0.2, 0.05)}
    turned = right.T.tocsr()

    def ours(share: float, k_positions: int = 50) -> Callable[[], Any]:
        return lambda: similarity.best_lists(rows, plans[share], turns, (0, n), TOP, k_positions, (1, 1), threads=threads)

    def by_block(share: float) -> None:
        plan = plans[share]
        for kind in range(len(plan.tables[0].open)):
            own, theirs = left[plan.tables[0].student == kind], right[plan.tables[0].position == kind]
            sp_matmul_topn(own, theirs.T.tocsr(), top_n=TOP, sort=True, n_threads=threads)

    def in_chunks() -> None:
        for begin in range(0, n, 500):
            np.argpartition(-linear_kernel(left[begin : begin + 500], right), TOP, axis=1)

    def neighbours() -> None:
        NearestNeighbors(n_neighbors=TOP, metric="cosine", algorithm="brute", n_jobs=threads).fit(right).kneighbors(left)

    for share in plans:
        ours(share)()  # indexes built, loops compiled
    what: dict[str, Callable[[], Any]] = {f"ours, {share:.0%} lawful, both directions": ours(share) for share in plans}
    what["ours, all lawful, students' side"] = ours(1.0, 1)
    if sp_matmul_topn is not None:
        what["sparse_dot_topn"] = lambda: sp_matmul_topn(left, turned, top_n=TOP, sort=True, n_threads=threads)
        what |= {f"sparse_dot_topn per block, {share:.0%} lawful": lambda share=share: by_block(share) for share in (0.2, 0.05)}
    if threads == 1:
        what |= {"linear_kernel in chunks": in_chunks, "NearestNeighbors brute": neighbours}
    if threads == 1 and bm25s is not None:
        terms = [[list(map(str, row.indices)) for row in side] for side in (left[:2000], right)]
        known = bm25s.BM25()
        known.index(terms[1], show_progress=False)
        what["bm25s (2,000 students × what fits)"] = lambda: known.retrieve(terms[0], k=TOP, show_progress=False, n_threads=0)
    taken = rounds(what, threads, times)
    if "bm25s (2,000 students × what fits)" in taken:
        taken["bm25s (from 2,000 students)"] = taken.pop("bm25s (2,000 students × what fits)") * n / min(n, 2000)
    name = f"{label}, {n:,} × {m:,}, {threads} thread{'s' * (threads > 1)}"
    found = [Row(f"{name}: {one}", round(value, 4), "s") for one, value in taken.items()]
    open_, half, few = (taken[f"ours, {share:.0%} lawful, both directions"] for share in (1.0, 0.2, 0.05))
    alone = taken["ours, all lawful, students' side"]
    pairs = [("sparse_dot_topn, open", "sparse_dot_topn", alone, 10 if threads == 1 else 7), ("NearestNeighbors, open", "NearestNeighbors brute", alone, 20),
             ("NearestNeighbors, 5 % lawful", "NearestNeighbors brute", few, 75), ("sparse_dot_topn per block, 20 %", "sparse_dot_topn per block, 20% lawful", half, 7),
             ("sparse_dot_topn per block, 5 %", "sparse_dot_topn per block, 5% lawful", few, 5), ("linear_kernel, open", "linear_kernel in chunks", open_, 0),
             ("bm25s, open", "bm25s (from 2,000 students)", open_, 0)]  # fmt: skip
    return found + [record.at_least(f"{name}: times as fast as {what_}", taken[peer] / own, "×", goal) for what_, peer, own, goal in pairs if peer in taken]


def newcomers(left: sparse.csr_matrix, right: sparse.csr_matrix) -> list[Row]:
    """One new post against all students, one changed student against all posts."""
    found = []
    for name, side, row in (("one new post against", left, right[[0]]), ("one changed student against", right, left[[0]])):
        index, one = similarity.Rows.of(side).turned(), similarity.Rows.of(row)
        allowed, turns = np.ones(side.shape[0], dtype=bool), np.random.default_rng(4).permutation(side.shape[0])
        what = {"ours": lambda: similarity.nearest(one, index, allowed, turns, TOP), "cosine": lambda: np.argpartition(-cosine_similarity(row, side)[0], TOP)}  # noqa: B023
        taken = rounds(what, 1, 15)
        found.append(record.at_most(f"{name} {side.shape[0]:,}", taken["ours"] * 1000, "ms", 0.5))
        found.append(record.at_least(f"{name} {side.shape[0]:,}: times as fast as cosine_similarity", taken["cosine"] / taken["ours"], "×", 200))
    return found


def assigning(n: int, m: int, seed: int) -> list[Row]:
    """Deferred acceptance: ours, plain Python, PyPI's `matching` (at a size it can do)."""
    found, capacities = market(n, m, TOP, seed)
    assignment.assign(found, capacities, n)

    def slowly() -> np.ndarray:
        with pretending():
            return assignment.assign(found, capacities, n)

    assert (slowly() == assignment.assign(found, capacities, n)).all()
    taken = rounds({"ours": lambda: assignment.assign(found, capacities, n), "python": slowly}, 1, 3)
    held = assignment.assign(found, capacities, n)
    rows = [
        Row(f"deferred acceptance, {n:,} × {m:,} × {TOP}, laminar", round(taken["ours"], 4), "s"),
        record.at_least("deferred acceptance: times as fast as plain Python", taken["python"] / taken["ours"], "×", 30),
        record.at_most("blocking pairs", len(stability.blocking_pairs(found, capacities, held)), "pairs", 0),
    ]
    return rows + theirs(seed) + flowing(seed)


def flowing(seed: int, n: int = 10_000, m: int = 1_000) -> list[Row]:
    """OR-Tools' min-cost flow: the greatest sum of merits, which is not stable, and knows no kinds of posts and enterprises."""
    try:
        from ortools.graph.python import min_cost_flow
    except ImportError:
        print("NOT RUN: ortools is not installed")
        return []
    found, capacities = market(n, m, TOP, seed)
    free = replace(capacities, family=np.arange(m), firm=np.arange(m), family_cap=capacities.seats, firm_cap=capacities.seats)
    merit = 1 + 1_000 * (len(found) - found.merit) // len(found)  # the first is worth most

    def flow() -> Any:
        solver = min_cost_flow.SimpleMinCostFlow()
        tails = np.concatenate([found.student, np.arange(n), np.arange(n, n + m)])
        heads = np.concatenate([found.position + n, np.full(n, n + m), np.full(m, n + m)])
        room = np.concatenate([np.ones(len(found) + n, np.int64), capacities.seats])
        cost = np.concatenate([-merit, np.zeros(n + m, np.int64)])
        solver.add_arcs_with_capacity_and_unit_cost(tails, heads, room, cost)
        solver.set_nodes_supplies(np.arange(n + m + 1), np.concatenate([np.ones(n, np.int64), np.zeros(m, np.int64), [-n]]))
        assert solver.solve() == solver.OPTIMAL
        return solver

    taken = rounds({"ours": lambda: assignment.assign(found, free, n), "ortools": flow}, 1, 3)
    name = f"deferred acceptance, {n:,} × {m:,}: times as fast as OR-Tools' flow of greatest merit (not stable)"
    return [Row(name, round(taken["ortools"] / taken["ours"], 2), "×")]


def pretending() -> Any:
    """As if numba were not there."""
    return mock.patch.object(assignment, "loops", return_value=plain)


def theirs(seed: int, n: int = 1000, m: int = 100) -> list[Row]:
    """The PyPI library `matching`, without kinds of posts and enterprises, which it does not know."""
    try:
        from matching.games import HospitalResident
    except ImportError:
        print("NOT RUN: matching is not installed")
        return []
    found, capacities = market(n, m, TOP, seed)
    lists = {i: found.position[found.student == i].tolist() for i in range(n)}
    order = {j: found.student[found.position == j][np.argsort(-found.merit[found.position == j])].tolist() for j in range(m)}
    order = {j: own for j, own in order.items() if own}
    free = replace(capacities, family=np.arange(m), firm=np.arange(m), family_cap=capacities.seats, firm_cap=capacities.seats)
    what = {
        "ours": lambda: assignment.assign(found, free, n),
        "matching": lambda: HospitalResident.create_from_dictionaries(lists, order, {j: int(capacities.seats[j]) for j in order}).solve(),
    }
    what["ours"]()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)  # the library copies its players into each other, one call deep for every acquaintance
    try:
        taken = rounds(what, 1, 1)
    finally:
        sys.setrecursionlimit(limit)
    return [record.at_least(f"deferred acceptance, {n:,} × {m:,}: times as fast as PyPI's matching", taken["matching"] / taken["ours"], "×", 1000)]


def demonstrated(n: int, m: int, seed: int) -> pipeline.Prepared:
    """The demonstration's own students and posts, drawn with replacement."""
    from consortium.app import create_app
    from consortium.demonstration import generator
    from consortium.proposals import snapshot
    from consortium.proposals.models import Run
    from consortium.shared.db import db

    with tempfile.TemporaryDirectory() as folder:
        settings = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/bench.sqlite", "REDIS_URL": "redis://127.0.0.1:1/0", "DATA_DIR": Path(folder)}
        with create_app("testing", **settings).app_context():
            db.create_all()
            generator.fill(students=min(n, 3000), seed=seed)
            one = snapshot.read(Run(scope="all", seed=seed))
            db.session.rollback()
    prepared, draw = pipeline.prepare(one, catalogue=CATALOGUE, k=TOP), np.random.default_rng(seed)
    drawn = [np.sort(draw.integers(0, len(side), size)) for side, size in ((one.students, n), (one.positions, m))]
    sides = []
    for side, rows in zip((one.students, one.positions), drawn, strict=True):
        taken = side.take(rows)
        sides.append(replace(taken, key=np.array([f"{key}-{at:07}" for at, key in enumerate(taken.key)], dtype=object)))
    many = pipeline.prepare(replace(one, students=sides[0], positions=sides[1]), vocabulary=prepared.vocabulary, k=TOP)
    many.__dict__["student_rows"], many.__dict__["position_rows"] = prepared.student_rows[drawn[0]], prepared.position_rows[drawn[1]]
    return many


def real(n: int, m: int, seed: int) -> list[Row]:
    """Real rows under the real law: dealing into blocks, search in both directions; scipy's product of a part for comparison."""
    many = demonstrated(n, m, seed)
    label = f"demonstration's rows, {n:,} × {m:,}"
    began = time.process_time()
    plan = many.plan
    dealt = time.process_time() - began
    turns, part = many.turns, min(n, 5000)
    pipeline.score_chunk(many, 0, part)
    taken = rounds({
        "ours": lambda: pipeline.score_chunk(many, 0, n),
        "topn": lambda: sp_matmul_topn(many.student_rows[:part], many.position_rows.T.tocsr(), top_n=TOP, sort=True, n_threads=1) if sp_matmul_topn else None,
    }, 1, 3)  # fmt: skip
    lawful = int(pipeline.score_chunk(many, 0, part).n_lawful.sum()) / part / m
    assert len(turns[0]) == n
    rows = [
        Row(f"{label}: students dealt into {plan.n_blocks} blocks by law", round(dealt, 4), "s"),
        Row(f"{label}: share of pairs that are lawful", round(100 * lawful, 2), "%"),
        Row(f"{label}: both top lists and figures, 1 thread", round(taken["ours"], 4), "s"),
    ]
    if sp_matmul_topn is not None:
        rows.append(Row(f"{label}: times as fast as sparse_dot_topn without the law (from {part:,} students)", round(taken["topn"] * n / part / taken["ours"], 2), "×"))
    return rows


def whole(n: int, m: int, seed: int) -> list[Row]:
    """A small run from texts to assignment, with any cut, any number of threads, with and without numba: one digest."""
    one, size = problem(n, m, seed), f"{n:,} × {m:,}"
    taken, outcome = timed(lambda: pipeline.match(one, catalogue=CATALOGUE, k=TOP))
    fitting, prepared = timed(lambda: pipeline.prepare(one, catalogue=CATALOGUE, k=TOP))
    key, post = str(one.students.key[0]), str(one.positions.key[max(outcome.student_idx[0][0], 0)])
    with pretending(), mock.patch.object(similarity, "loops", return_value=plain):
        slow, slowly = timed(lambda: pipeline.match(one, catalogue=CATALOGUE, k=TOP), 1)
    digests = {outcome.digest, slowly.digest, pipeline.match(one, catalogue=CATALOGUE, k=TOP, chunk=173).digest, pipeline.match(one, catalogue=CATALOGUE, k=TOP, threads=2).digest}
    return [
        record.at_most(f"whole match, {size}: words, law, scores, both top-{TOP}, assignment, report", taken, "s", 5),
        Row("  of it: words, vocabulary, feature rows", round(fitting, 4), "s"),
        Row("  the same match without numba", round(slow, 4), "s"),
        record.at_most("why one pair", timed(lambda: pipeline.explain(prepared, key, post), 9)[0] * 1000, "ms", 50),
        record.at_most("different digests of two cuts, two numbers of threads, with and without numba", len(digests), "", 1),
    ]


CHUNK = 10_000  # students whose lists are held at a time, when ours runs alone


def alone(folder: str, share: float, part: int, parts: int) -> None:
    """In a process of its own: chunks of every `parts`-th kind of students over rows mapped from disk; prints seconds and memory of its own."""
    began = time.perf_counter()
    sides = []
    for side in ("left", "right"):
        arrays = (np.asarray(np.load(f"{folder}/{side}.{name}.npy", mmap_mode="c")) for name in ("indptr", "indices", "data"))
        sides.append(sparse.csr_matrix(tuple(arrays)[::-1], shape=tuple(np.load(f"{folder}/{side}.shape.npy")), copy=False))
    left, right = sides
    n, m = left.shape[0], right.shape[0]
    rows = similarity.Rows(left.indptr.astype(np.int64), left.indices.view(np.uint32), left.data, left.shape[1])
    turns, plan = (np.random.default_rng(1).permutation(n), np.random.default_rng(2).permutation(m)), shares(n, m, share, right, 3)
    of_posts, own = None, 0
    loops.warm()
    ready = time.perf_counter()
    for begin in range(part * CHUNK, n, parts * CHUNK):
        found = similarity.best_lists(rows, plan, turns, (begin, min(begin + CHUNK, n)), TOP, 50, (1, 1))
        lists = (found.position_idx, found.position_points)
        of_posts = lists if of_posts is None else similarity.merged([of_posts, lists], turns[0], 50)
        status = Path("/proc/self/status")
        if status.exists():
            own = max(own, *(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("RssAnon")))
    print(json.dumps({"seconds": time.perf_counter() - ready, "ready": ready - began, "own_mb": own / 1024}))


def scaling(n: int, m: int, seed: int, share: float = 0.05) -> list[Row]:
    """Ours alone in one and in two processes over the same mapped rows, and the memory of its own for a quarter and for all of the students."""
    label, right = f"ours alone, {share:.0%} lawful, both directions, chunks of {CHUNK:,}", zipf(m, seed + 1)
    found, took, own = [], {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for size, processes in ((n // 4, 1), (n, 1), (n, 2)):
            for side, matrix in (("left", zipf(size, seed)), ("right", right)):
                for name in ("indptr", "indices", "data", "shape"):
                    np.save(f"{folder}/{side}.{name}.npy", getattr(matrix, name))
            began = time.perf_counter()
            asked = [[sys.executable, __file__, "--alone", folder, str(share), str(part), str(processes)] for part in range(processes)]
            running = [subprocess.Popen(one, stdout=subprocess.PIPE, text=True) for one in asked]
            told = [json.loads(one.communicate()[0].splitlines()[-1]) for one in running]
            whole_time, took[size, processes] = time.perf_counter() - began, max(one["seconds"] for one in told)
            own[size, processes] = max(one["own_mb"] for one in told)
            name = f"{label}, {size:,} × {m:,}, {processes} process{'es' * (processes > 1)}"
            found += [Row(name, round(took[size, processes], 3), "s"), Row("  with start", round(whole_time, 3), "s"),
                      Row("  memory of its own, each, mapped rows apart", round(own[size, processes], 1), "MB")]  # fmt: skip
    found.append(Row("two processes: times as fast as one", round(took[n, 1] / took[n, 2], 2), "×"))
    found.append(Row("four times the students: times the memory of its own", round(own[n, 1] / max(own[n // 4, 1], 1), 2), "×"))
    return found


def main() -> int:
    """Measure, print, write."""
    if sys.argv[1:2] == ["--alone"]:
        alone(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
        return 0
    full = os.environ.get("FULL") == "1"
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--students", type=int, default=200_000 if full else 50_000)
    given.add_argument("--positions", type=int, default=20_000 if full else 5_000)
    given.add_argument("--seed", type=int, default=7)
    given.add_argument("--rounds", type=int, default=3)
    asked = given.parse_args()
    n, m, seed = asked.students, asked.positions, asked.seed
    began = time.process_time()
    loops.warm()
    rows = [Row("loops loaded, or compiled the first time", round(time.process_time() - began, 3), "s")]
    rows += whole(3000, 400, seed)
    left, right = zipf(n, seed), zipf(m, seed + 1)
    for threads in (1, 2):
        rows += searching("Zipf rows", left, right, threads, asked.rounds)
    rows += scaling(n, m, seed)
    rows += newcomers(zipf(200_000, seed + 2), zipf(20_000, seed + 3))
    rows += real(n, m, seed)
    rows += assigning(n, m, seed)
    rows.append(Row("peak memory, peers included", round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2, 2), "GB"))
    if full:
        rows += scaling(1_000_000, 50_000, seed)
    return 0 if record.write("bench", rows, seed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
