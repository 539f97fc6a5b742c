"""The list of posts an enterprise uploads: one schema from which the template is written, the file is read and posts are exported. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from consortium.imports import columns as cols
from consortium.imports.columns import YES_NO, Bad, Column, Problem, cleaned, one_of, text, told_yes, told_yuan
from consortium.reference import law, majors, occupations, places
from consortium.shared.spreadsheet import Cell

VERSION = "positions-1"
DAYS = frozenset({"start_on", "end_on"})
KINDS = {"实习": "internship", "岗位实习": "internship", "就业": "job", "就业岗位": "job", "internship": "internship", "job": "job"}
VENUES = {
    "工厂或车间": "factory", "办公室": "office", "实验室": "laboratory", "仓库": "warehouse", "门店或服务窗口": "shop", "工地或客户现场": "site", "歌舞厅或夜总会": "ktv",
    "酒吧": "bar", "洗浴中心": "bath_centre", "电子游戏厅或网吧": "game_room",
}  # fmt: skip
LABOUR = {"Ⅰ": 1, "Ⅱ": 2, "Ⅲ": 3, "Ⅳ": 4, "1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4, "ⅰ": 1, "ⅱ": 2, "ⅲ": 3, "ⅳ": 4}
CHOICE = ("是", "否")
_yes_no = one_of(YES_NO)


def _code(cell: Cell) -> str:
    value = cleaned(cell.text)
    if cell.is_number or not re.fullmatch(r"[\w.-]{1,36}", value):
        raise Bad("number-cell" if cell.is_number else "code-shape")
    return value


def split(told: str) -> list[str]:
    """A cell's entries: separated by commas, 、 ; or line ends."""
    return [part.strip() for part in re.split(r"[,，、;；\n|]+", told) if part.strip()]


def _tasks(cell: Cell) -> list[str]:
    found = [line for line in re.split(r"[;；\n|]+", cols.written(cell.text)) if line.strip()]
    if len(found) > 20 or any(len(one) > 200 for one in found):
        raise Bad("too-long")
    return [one.strip() for one in found]


def _occupation(cell: Cell) -> str:
    told = cleaned(cell.text)
    code = told if told in occupations.names() else _occupations().get(told, "")
    if not code:
        raise Bad("unknown-occupation")
    return code


@cache
def _occupations() -> dict[str, str]:
    found: dict[str, str] = {}
    for title, code in occupations.titles():
        found.setdefault(title, code)
    return found


def _place(cell: Cell) -> str:
    code = places.code_of(cleaned(cell.text))
    if not code:
        raise Bad("unknown-place")
    return code


def _level(cell: Cell) -> str:
    told = cleaned(cell.text)
    if told in ("不限", "无要求"):
        return ""
    if told not in majors.LEVELS:
        raise Bad("not-among-choices")
    return told


@cache
def _hazards() -> dict[str, str]:
    return {hazard.name("zh"): tag for tag, hazard in law.hazards().items()} | {tag: tag for tag in law.hazards()}


def _hazard_list(cell: Cell) -> list[str]:
    told = cleaned(cell.text)
    if told in ("无", "没有"):
        return []
    found = [_hazards().get(one) for one in split(told)]
    if not all(found):
        raise Bad("unknown-hazard")
    return sorted({one for one in found if one})


COLUMNS: tuple[Column, ...] = (
    Column("own_code", "岗位编号", "Post code", ("编号", "岗位代码"), _code, True, "本企业唯一，再次上传时按它更新。请设为文本格式。", "GW-001"),
    Column("kind", "类型", "Kind", ("岗位类型", "用工类型"), one_of(KINDS), True, "实习或就业。", "实习", ("实习", "就业")),
    Column("title", "岗位名称", "Title", ("岗位", "职位", "职位名称"), text(80), True, "", "设备维修实习生"),
    Column("duties", "岗位职责", "Duties", ("工作内容", "职责", "岗位描述", "工作职责"), cols.lines(4000), True, "做什么、用什么、与谁一起。用于匹配并展示。", "检修自动化产线设备"),
    Column("tasks", "典型任务", "Typical tasks", ("典型工作任务",), _tasks, False, "至少两项，用分号分开。", "更换易损件；填写点检表"),
    Column("occupation_code", "职业", "Occupation", ("职业名称", "职业代码"), _occupation, False, "职业分类大典中的名称或代码，或常用名称。", "机修钳工", coded=True),
    Column("family", "岗位类别", "Kind of post", ("同类岗位",), text(80), False, "“本企业”页中的岗位类别名称；实习岗位发布前必填。", "装配"),
    Column("places", "招收人数", "Places", ("名额", "人数", "需求人数", "招聘人数"), cols.whole(1, 500), True, "1 至 500。", "5"),
    Column("place_code", "工作地点", "Place", ("地点", "工作地"), _place, False, "市、区县或镇街名称。", "清远市高新技术产业开发区", sheet=("地点", 1), coded=True),
    Column("place_note", "详细地址", "Address, how to get there", ("地址", "工作地址"), text(200), False, "", ""),
    Column("start_on", "开始日期", "First day", ("到岗日期", "实习开始日期"), cols.day, False, "如 2027-01-04；实习岗位发布前必填。", "2027-01-04"),
    Column("end_on", "结束日期", "Last day", ("实习结束日期",), cols.day, False, "如 2027-06-30；实习岗位发布前必填。", "2027-06-30"),
    Column("majors", "适合专业", "Accepted majors", ("专业", "专业要求"), text(600), False, "专业、专业类或专业大类的名称或代码，用顿号分开；留空表示不限。", "机电一体化技术、自动化类"),
    Column("level_least", "最低学历层次", "Level at least", ("学历要求", "学历层次"), _level, False, "", "高职专科", (*majors.LEVELS, "不限")),
    Column("must", "必需技能证书", "Skills and certificates that are needed", ("必需技能", "必备证书"), text(500), False, "用顿号分开；见“技能证书”表。", "电气识图"),
    Column("nice", "优先技能", "Skills that are welcome", ("优先条件",), text(500), False, "用顿号分开；见“技能证书”表。", "PLC编程"),
    Column("pay_fen", "月薪（元）", "Pay a month", ("月薪", "薪资", "实习报酬"), cols.yuan, False, "单位：元。", "3000"),
    Column("same_post_pay_fen", "同岗位职工月薪（元）", "Employees' pay in the same post", ("同岗月薪",), cols.yuan, False, "单位：元。", "4500"),
    Column("lowest_grade_fen", "最低档工资（元）", "Lowest pay grade of the enterprise", (), cols.yuan, False, "单位：元。", "2500"),
    Column("pay_period_days", "支付周期（天）", "Paid every", ("支付周期",), cols.whole(1, 366), False, "", "30"),
    Column("pay_to_student", "直接支付给学生", "Paid directly to the student", (), _yes_no, False, "是或否。", "是", CHOICE),
    Column("pay_in_kind", "以实物或代金券支付", "Partly in goods or vouchers", (), _yes_no, False, "是或否。", "否", CHOICE),
    Column("fees", "收取费用或押金", "Any fee or deposit asked", ("是否收费",), _yes_no, False, "是或否。", "否", CHOICE),
    Column("board", "提供伙食", "Board", ("包吃",), _yes_no, False, "是或否。", "是", CHOICE),
    Column("lodging", "提供住宿", "Lodging", ("包住",), _yes_no, False, "是或否。", "是", CHOICE),
    Column("hours_per_day", "每日工时", "Hours a day", (), cols.decimal(0.5, 24), False, "", "8"),
    Column("hours_per_week", "每周工时", "Hours a week", (), cols.decimal(0.5, 168), False, "", "40"),
    Column("night", "夜班", "Night shifts", ("是否夜班",), _yes_no, False, "22:00–06:00；是或否。", "否", CHOICE),
    Column("rest_days", "休息日或节假日上班", "Work on rest days or holidays", (), _yes_no, False, "是或否。", "否", CHOICE),
    Column("overtime", "加班", "Overtime", ("是否加班",), _yes_no, False, "是或否。", "否", CHOICE),
    Column("labour_level", "体力劳动强度", "Physical labour", ("劳动强度",), one_of(LABOUR), False, "GB/T 3869：Ⅰ 至 Ⅳ 级。", "Ⅰ", ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")),
    Column("venue", "工作场所", "Kind of workplace", (), one_of(VENUES | {v: v for v in VENUES.values()}), False, "", "工厂或车间", tuple(VENUES)),
    Column("hazards", "危害因素", "Hazards", (), _hazard_list, False, "用顿号分开；没有请写“无”。", "无", coded=True),
    Column("contract_months", "合同期限（月）", "Length of the contract", ("合同期限",), cols.whole(1, 600), False, "就业岗位填写。", ""),
    Column("probation_months", "试用期（月）", "Probation", ("试用期",), cols.whole(0, 12), False, "就业岗位填写。", ""),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}
CLEARED: dict[str, Any] = dict.fromkeys(("occupation_code", "place_code", "place_note", "level_least", "venue"), "") | {
    name: [] for name in ("tasks", "majors", "must", "nice", "hazards")
}


def parse(cells: Sequence[Cell], columns: Mapping[int, Column], answers: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, Any], list[Problem]]:
    """A row's values by field and all that is wrong with it, also between its columns."""
    values, problems = cols.parse(cells, columns, answers)
    begins, ends = values.get("start_on"), values.get("end_on")
    if begins and ends and ends < begins:
        problems.append(Problem(BY_FIELD["end_on"].name, "last-before-first", str(ends)))
    if values.get("majors"):
        values["majors"], strange = _accepted(values["majors"], answers.get("majors", {}))
        problems += [Problem(BY_FIELD["majors"].name, "unknown-major", one[:30], one[:60]) for one in strange]
    return values, problems


def _accepted(told: str, meant: Mapping[str, str]) -> tuple[list[str], list[str]]:
    found: list[str] = []
    strange: list[str] = []
    for one in split(told):
        codes = [meant[one[:60]]] if one[:60] in meant else accepted(one)
        found += codes
        if not codes:
            strange.append(one)
    return sorted(set(found)), strange


def accepted(told: str) -> list[str]:
    """Codes (M:… C:… G:…) of a code, a category, a class, or a major's name at every level that has it; [] for none."""
    wanted = unicodedata.normalize("NFKC", told).strip()
    for code in (wanted.upper(), f"M:{wanted.upper()}"):
        if ":" in code and majors.category_of(code):
            return [code]
    found = [f"G:{key}" for key, name in majors.categories().items() if wanted == name]
    found = found or [f"C:{key}" for key, (name, _) in majors.classes().items() if wanted == name]
    return found or [f"M:{m.code}" for m in majors.named(wanted.removesuffix("专业")) or majors.named(wanted)]


def likely_majors(told: str, most: int = 6) -> list[tuple[str, str]]:
    """What an unknown major may mean: (code, label), the likeliest first."""
    names = {m.name: f"M:{m.code}" for m in majors.all_majors().values()} | {name: f"C:{key}" for key, (name, _) in majors.classes().items()}
    inside = [name for name in names if name.startswith(told)]
    return [(names[name], name) for name in list(dict.fromkeys([*inside, *get_close_matches(told, names, n=most, cutoff=0.4)]))[:most]]


LISTS: dict[str, Any] = {
    "occupation_code": lambda: {title: title for title in _occupations()},
    "place_code": lambda: {name: code for code, name in places.names().items() if places.code_of(name) == code},
    "hazards": lambda: {name: name for name in [*(h.name("zh") for h in law.hazards().values()), "无"]},
}
"""Columns of coded values: what each name may be written as."""


def likely_words(field: str, key: str, most: int = 6) -> list[tuple[str, str]]:
    """What an unknown word of a coded column may mean: (value, label), the likeliest first; short lists whole."""
    names = LISTS[field]()
    inside = [name for name in names if key in name or name in key]
    found = list(dict.fromkeys([*inside[:most], *get_close_matches(key, names, n=most, cutoff=0.34), *(names if len(names) <= 40 else ())]))
    return [(names[name], name) for name in (found if len(names) <= 40 else found[:most])]


def cell(name: str, value: Any) -> str:
    """A column's value as a cell, read back as the same value."""
    if value is None or value == "" or (value == [] and name != "hazards"):
        return ""
    if isinstance(value, bool):
        return told_yes(value)
    if name.endswith("_fen"):
        return told_yuan(value)
    words: dict[str, dict[Any, str]] = {
        "kind": {"internship": "实习", "job": "就业"}, "venue": {code: word for word, code in VENUES.items()},
        "labour_level": {1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ"},
    }  # fmt: skip
    if name in words:
        return str(words[name].get(value, value))
    if name == "hazards":
        return "、".join(law.hazards()[tag].name("zh") for tag in value) or "无"
    if name == "tasks":
        return "；".join(value)
    if name == "place_code":
        return places.name(value) if places.code_of(places.name(value)) == value else str(value)
    if name == "majors":
        return "、".join(value)
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
