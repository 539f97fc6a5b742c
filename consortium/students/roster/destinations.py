"""Where graduates went, as the national register's file tells it: columns, kinds of destination, cells. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

from consortium.imports import columns as cols
from consortium.imports.columns import Bad, Column, Problem, cleaned, text, told_day
from consortium.reference import identity
from consortium.shared.spreadsheet import Cell
from consortium.students import roster

VERSION = "destinations-1"
KINDS = {
    "10": "签就业协议形式就业", "11": "签劳动合同形式就业", "12": "其他录用形式就业", "27": "科研助理、管理助理", "46": "应征义务兵", "50": "国家基层项目",
    "51": "地方基层项目", "70": "待就业", "71": "不就业拟升学", "72": "其他暂不就业", "75": "自主创业", "76": "自由职业", "80": "升学", "85": "出国、出境",
}  # fmt: skip
"""Code → name, as the register has used them of late; another year's word is asked about once and remembered."""
EMPLOYED = frozenset({"10", "11", "12", "27"})
"""Kinds that name an employer."""


def _kind(cell: Cell) -> str:
    told = cleaned(cell.text)
    code = told.split(" ")[0] if told[:2].isdigit() else ""
    if code in KINDS:
        return code
    found = next((code for code, name in KINDS.items() if name == told), "")
    if not found:
        raise Bad("not-among-choices")
    return found


def _credit(cell: Cell) -> str:
    told = cleaned(cell.text).upper()
    if cell.is_number:
        raise Bad("number-cell")
    if identity.credit_problem(told):
        raise Bad("credit-shape")
    return told


COLUMNS: tuple[Column, ...] = (
    Column("student_no", "学号", "Student number", roster.BY_FIELD["student_no"].aliases, roster.BY_FIELD["student_no"].read, False, "学号和身份证号至少填一项。", "2024000001"),
    Column("identity", "身份证号", "Identity number", (*roster.BY_FIELD["identity"].aliases, "证件号码"), roster.BY_FIELD["identity"].read, False, "请设为文本格式。", "", masked=True),
    Column("name", "姓名", "Name", roster.BY_FIELD["name"].aliases, roster.BY_FIELD["name"].read, False, "用于核对，不会改动学籍。", "李明"),
    Column("destination_kind", "毕业去向类别", "Kind of destination", ("毕业去向", "去向类别", "毕业去向类别代码", "毕业去向代码"), _kind, True, "名称或代码。", "签劳动合同形式就业", tuple(KINDS.values())),
    Column("employer", "单位名称", "Employer", ("实际就业单位名称", "签约单位名称", "就业单位", "用人单位"), text(120), False, "就业类去向必填。", ""),
    Column("credit_code", "统一社会信用代码", "Employer's credit code", ("单位统一社会信用代码", "信用代码"), _credit, False, "18 位，文本格式。", ""),
    Column("industry", "单位行业", "Industry", ("行业",), text(80), False, "", ""),
    Column("employer_place", "单位所在地", "Place of the employer", ("所在地", "单位地址"), text(120), False, "", ""),
    Column("post", "职位名称", "Job title", ("岗位名称",), text(80), False, "", ""),
    Column("occupation", "工作职位类别", "Kind of job", ("职位类别",), text(80), False, "", ""),
    Column("begins_on", "报到日期", "First day", ("报到时间", "入职日期"), cols.day, False, "如 2027-07-01。", "2027-07-01"),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}
KEPT = ("destination_kind", "employer", "credit_code", "industry", "employer_place", "post", "occupation", "begins_on")
"""What is kept of a graduate's destination."""


def together(values: Mapping[str, Any], wrong: Iterable[Problem] = ()) -> list[Problem]:
    """What is wrong between the columns of a row."""
    problems = []
    unreadable = {problem.column for problem in wrong}
    who = [BY_FIELD[name] for name in ("student_no", "identity")]
    if not any(values.get(column.field) or column.name in unreadable for column in who):
        problems.append(Problem(BY_FIELD["student_no"].name, "who"))
    if values.get("destination_kind") in EMPLOYED and "employer" in values and not values["employer"]:
        problems.append(Problem(BY_FIELD["employer"].name, "employer-needed"))
    return problems


def meant(key: str, told: str) -> str:
    """The name of the kind that a person means by an unknown word; raises Bad."""
    return KINDS[_kind(Cell("text", told))]


def likely(key: str) -> list[tuple[str, str]]:
    """The kinds of destination, those first that look like the word."""
    near = get_close_matches(key, KINDS.values(), n=3, cutoff=0.3)
    return [(name, name) for name in dict.fromkeys([*near, *KINDS.values()])]


def told(one: Any) -> dict[str, str]:
    """A kept destination as cells."""
    found = {name: getattr(one, name) for name in KEPT}
    return {name: cell(name, value) for name, value in found.items()}


def cell(name: str, value: Any) -> str:
    """A value as a cell, read back as the same value."""
    if name == "destination_kind":
        return KINDS.get(value, value or "")
    if isinstance(value, date) or value is None:
        return told_day(value)
    return str(value)
