"""Rosters for tests: lawful rows by number, and the cells of one."""

from __future__ import annotations

from datetime import date
from typing import Any

from consortium.reference import identity
from consortium.students import roster

HEADER = [column.name + ("*" if column.needed else "") for column in roster.COLUMNS]
PLACE = {column.field: place for place, column in enumerate(roster.COLUMNS)}


def lawful(number: int, **changed: Any) -> list[Any]:
    """A row of all columns that has no fault."""
    born = date(2005, 1 + number % 12, 1 + number % 28)
    female = bool(number % 2)
    given = {
        "student_no": f"2024{number:06d}",
        "name": "李" + "小明红芳伟静敏强磊洋艳勇军杰娟涛超霞平刚"[number % 20] + "䶮" * (number % 7 == 0),
        "sex": "女" if female else "男",
        "birth_on": born.isoformat(),
        "phone": f"1990000{number % 10_000:04d}",
        "level": "高职专科",
        "major": "机电一体化技术",
        "class_name": f"机电24{number // 50 + 1:02d}班",
        "enrolled_on": "2024-09-01",
        "stage_from": "",
        "graduates_on": "2027-06-30",
        "guardian_name": "李大明",
        "guardian_phone": "13800001111",
        "courses": "电工技术、机械制图",
        "skills": "",
        "certificates": "",
        "wish": "设备维修",
        "wants_internship": "是",
        "wants_job": "否",
        "wants_zone": "是",
        "shift_ok": "是",
        "available_from": "2027-01-04",
        "available_until": "2027-06-30",
        "least_pay_fen": "3000",
        "places": "清城区",
        "email": f"s{number}@example.org",
    }
    turn = number * 2 % 1000 + (0 if female else 1)
    first = f"44{number // 500 % 10_000:04d}{born:%Y%m%d}{turn:03d}"
    given["identity"] = first + identity.identity_check(first)
    given.update(changed)
    return [given[column.field] for column in roster.COLUMNS]
