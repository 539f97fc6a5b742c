"""Small problems and random markets for the tests of the method."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np

from consortium.matching.assignment import Capacities
from consortium.matching.preferences import Contracts
from consortium.matching.problem import Problem

ON = date(2026, 11, 24)
STUDENT: dict[str, Any] = {
    "wish": "设备维修", "text": "电工技术 机械制图 学过变频器调试", "skills": ["plc"], "certificates": ["electrician"], "major": "460301",
    "major_class": "4603", "major_category": "46", "occupations": ["6-31-01"], "level": "高职专科", "birth_on": date(2006, 3, 5),
    "enrolled_on": date(2025, 9, 1), "sex": "M", "consents": True, "wants_internship": True, "wants_job": True, "wants_zone": True,
    "shift_ok": True, "places": ["4418"],
}  # fmt: skip
POST: dict[str, Any] = {
    "enterprise": "e1", "family": "f1", "title": "设备维修技术员", "text": "负责设备点检与维修，读懂电气图纸，会变频器调试", "skills_must": ["plc"],
    "skills_nice": ["cad"], "certificates_must": [], "majors": ["C:4603"], "major_categories": ["46"], "occupation": "6-31-01", "kind": "internship",
    "places": 2, "start_on": date(2027, 3, 1), "end_on": date(2027, 8, 28), "place": "441802400", "in_zone": True, "pay_fen": 350_000,
    "same_post_pay_fen": 400_000, "lowest_grade_fen": 300_000, "pay_to_student": True, "pay_in_kind": False, "pay_period_days": 30, "fees": False,
    "hours_per_day": 8.0, "hours_per_week": 40.0, "night": False, "rest_days": False, "overtime": False, "hazards": [], "labour_level": 2,
    "venue": "factory", "host_type": "enterprise", "host_registered": True, "host_verified": True, "n_tasks": 3, "firm_room": 10, "family_room": 5,
}  # fmt: skip


def student(key: str = "s1", **given: Any) -> dict[str, Any]:
    """A second-year student whom nothing forbids."""
    return {"key": key, **STUDENT, **given}


def post(key: str = "p1", **given: Any) -> dict[str, Any]:
    """A lawful internship."""
    return {"key": key, **POST, **given}


def job(key: str = "p1", **given: Any) -> dict[str, Any]:
    """A lawful job."""
    return post(key, **{"kind": "job", "end_on": None, **given})


def problem(students: list[dict[str, Any]], positions: list[dict[str, Any]], seed: int = 0) -> Problem:
    """Both sides on the day of the tests."""
    return Problem.of(students, positions, ON, seed)


WORDS = "设备 维修 电工 数控 编程 装配 质检 仓储 护理 前端 机器人 调试 焊接 模具 PLC python welding testing".split()


def random_problem(n_students: int, n_positions: int, seed: int) -> Problem:
    """Texts, skills, laws and caps drawn from a seed."""
    draw = np.random.default_rng(seed)
    told = lambda n: "，".join(draw.choice(WORDS, n))  # noqa: E731
    codes = lambda n: [str(c) for c in draw.choice(["plc", "cad", "lathe", "weld", "excel"], n, replace=False)]  # noqa: E731
    classes = [("4603", "46"), ("4602", "46"), ("5101", "51")]
    students = []
    for i in range(n_students):
        of_class, category = classes[draw.integers(3)]
        students.append(
            student(
                f"s{i:03}", wish=told(2), text=told(8), skills=codes(2), major=of_class + "01", major_class=of_class, major_category=category,
                sex=str(draw.choice(["F", "M", ""])), wants_zone=int(draw.integers(-1, 2)), occupations=[],
            )
        )  # fmt: skip
    positions = []
    for j in range(n_positions):
        of_class, category = classes[draw.integers(3)]
        positions.append(
            post(
                f"p{j:03}", enterprise=f"e{draw.integers(3)}", family=f"f{draw.integers(2)}", title=told(2), text=told(9), skills_must=codes(1),
                majors=[f"C:{of_class}"], major_categories=[category], kind=str(draw.choice(["internship", "internship", "job"])),
                places=int(draw.integers(1, 4)), firm_room=int(draw.integers(3, 7)), family_room=int(draw.integers(3, 5)),
            )
        )  # fmt: skip
    return problem(students, positions, seed)


def market(seed: int, most_students: int = 5, most_posts: int = 4) -> tuple[Contracts, Capacities, int]:
    """A random laminar market: lists of students, merits, seats, kinds of posts within firms, caps at all three levels."""
    draw = np.random.default_rng(seed)
    n, m = int(draw.integers(1, most_students + 1)), int(draw.integers(1, most_posts + 1))
    lists = [draw.permutation(m)[: draw.integers(0, m + 1)] for _ in range(n)]
    family = draw.integers(0, 3, m)
    firm_of_family = draw.integers(0, 2, 3)
    capacities = Capacities(
        draw.integers(0, 3, m), family, firm_of_family[family], draw.integers(0, 4, 3), draw.integers(0, 5, 2)
    )
    return contracts(lists, draw), capacities, n


def contracts(lists: list[Any], draw: np.random.Generator) -> Contracts:
    """Contracts of lists of post numbers, with random merits, all different."""
    rows = [(i, int(j), place) for i, own in enumerate(lists) for place, j in enumerate(own, 1)]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Contracts(columns[0], columns[1], columns[2], draw.permutation(len(rows)).astype(np.int64) + 1)


def outcomes(found: Contracts, n_students: int) -> Iterator[np.ndarray]:
    """Every way in which every student holds one of the own contracts, or none."""
    own = [[-1, *np.flatnonzero(found.student == i)] for i in range(n_students)]
    for held in itertools.product(*own):
        yield np.array(held, dtype=np.int64)
