"""The roster of students: one schema from which the template is written and the file is read. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from consortium.imports.kinds import Problem
from consortium.reference import identity, majors
from consortium.shared.spreadsheet import EMPTY, REASONS, Cell, plain

CLEAR = "#清空"
VERSION = "students-1"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_HAN = "[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
MASKED = frozenset({"identity", "phone", "guardian_phone"})


class Bad(Exception):
    """A cell that cannot be taken; the argument is the reason's code."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: field, names, whether it is needed, how a cell becomes a value, what the notes say."""

    field: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    read: Callable[[Cell], Any]
    needed: bool = False
    note: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()


def cleaned(raw: str) -> str:
    """Text as it is kept: composed, one line's blanks, no control, zero-width or direction marks; no blank between two Chinese characters."""
    value = unicodedata.normalize("NFC", raw)
    value = "".join(c for c in re.sub(r"[\s\u3000]+", " ", value) if unicodedata.category(c) not in _UNSEEN)
    return re.sub(rf"(?<={_HAN}) (?={_HAN})", "", value.strip())


def written(raw: str | None) -> str:
    """What somebody wrote in several lines: composed, lines kept, no control, zero-width or direction marks."""
    lines = unicodedata.normalize("NFC", raw or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(c for c in line if c == "\t" or unicodedata.category(c) not in _UNSEEN).rstrip() for line in lines).strip()


def _text(most: int) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        value = cleaned(cell.text)
        if len(value) > most:
            raise Bad("too-long")
        return value

    return read


def _name(cell: Cell) -> str:
    """A name: one dot for the several that people type (买买提·艾力)."""
    if cell.is_number:
        raise Bad("name-shape")
    value = re.sub(r"\s*[•・．‧∙]\s*", "·", cleaned(cell.text))
    if len(value) > 80:
        raise Bad("too-long")
    return value


def _digits(cell: Cell) -> str:
    """Numbers that are names (student number, phone, identity): text cells only, for a number cell may have lost digits."""
    value = re.sub(r"[\u200b-\u200f\u2060\ufeff]", "", identity.normalised(cell.text))
    if cell.is_number or cell.kind == "date" or re.fullmatch(r"\d(\.\d+)?E\+?\d+", value):
        raise Bad("number-cell")
    return value


def _student_no(cell: Cell) -> str:
    value = _digits(cell)
    if not re.fullmatch(r"\w[\w.-]{0,29}", value):
        raise Bad("too-long" if len(value) > 30 else "number-shape")
    return value


def _identity(cell: Cell) -> str:
    value = _digits(cell)
    problem = identity.identity_problem(value)
    if problem:
        raise Bad(problem)
    return value


def _phone(cell: Cell) -> str:
    value = re.sub(r"^(\+?86)(?=1\d{10}$)", "", _digits(cell).replace("-", ""))
    problem = identity.phone_problem(value)
    if problem:
        raise Bad(problem)
    return value


def _day(cell: Cell) -> date:
    """2001-03-12, 2001.3.12, 2001/3/12, 2001年3月12日, 20010312, a date cell, or a spreadsheet's day number."""
    raw = unicodedata.normalize("NFKC", cell.text).strip()
    found = re.fullmatch(r"(\d{4})\s*[-./年]\s*(\d{1,2})(?:\s*[-./月]\s*(\d{1,2})\s*日?)?\s*月?(?:\s+0?0:00(?::00)?)?", raw)
    try:
        if found:
            day = date(int(found[1]), int(found[2]), int(found[3] or 1))
        elif re.fullmatch(r"\d{8}", raw):
            day = date(int(raw[:4]), int(raw[4:6]), int(raw[6:]))
        elif cell.is_number and re.fullmatch(r"\d{5}", raw):
            day = (date(1899, 12, 30) if cell.kind == "number" else date(1904, 1, 1)) + timedelta(days=int(raw))
        else:
            raise Bad("day-shape")
    except ValueError:
        raise Bad("no-such-day") from None
    if not 1900 <= day.year <= 2100:
        raise Bad("no-such-day")
    return day


def _sex(cell: Cell) -> str:
    value = {"男": "M", "女": "F", "男性": "M", "女性": "F", "m": "M", "f": "F", "male": "M", "female": "F"}.get(cleaned(cell.text).lower())
    if value is None:
        raise Bad("not-among-choices")
    return value


def _level(cell: Cell) -> str:
    told = cleaned(cell.text)
    value = {"高职": "高职专科", "大专": "高职专科", "专科": "高职专科", "中专": "中职", "职业本科": "高职本科"}.get(told, told)
    if value not in majors.LEVELS:
        raise Bad("not-among-choices")
    return value


def _yes_no(cell: Cell) -> bool:
    value = {"是": True, "愿意": True, "能": True, "y": True, "yes": True, "1": True, "否": False, "不愿意": False, "不能": False, "n": False, "no": False, "0": False}  # fmt: skip
    found = value.get(cleaned(cell.text).lower())
    if found is None:
        raise Bad("not-among-choices")
    return found


COLUMNS: tuple[Column, ...] = (
    Column("student_no", "学号", "Student number", ("学生编号", "学籍号"), _student_no, True, "本校唯一；请设为文本格式。", "2024010101"),
    Column("name", "姓名", "Name", ("学生姓名",), _name, True, "", "李小明"),
    Column("sex", "性别", "Sex", (), _sex, False, "选填；仅用于法律对女学生的保护性规定，不参与匹配评分。", "男", ("男", "女")),
    Column("identity", "身份证号", "Identity number", ("身份证", "证件号码"), _identity, False, "选填；加密保存。请设为文本格式。", ""),
    Column("birth_on", "出生日期", "Date of birth", ("生日", "出生年月"), _day, False, "如 2006-03-12；有身份证号时可不填。", "2006-03-12"),
    Column("phone", "手机号", "Mobile phone", ("手机", "联系电话", "电话"), _phone, False, "选填；请设为文本格式。", "19900001234"),
    Column("level", "学历层次", "Level", ("层次", "培养层次"), _level, True, "中职、高职专科或高职本科。", "高职专科", majors.LEVELS),
    Column("major", "专业", "Major", ("专业代码", "专业名称", "专业编号"), _text(60), True, "目录中的专业代码或名称。", "机电一体化技术"),
    Column("class_name", "班级", "Class", ("班级名称", "行政班"), _text(60), True, "", "机电2401班"),
    Column("enrolled_on", "入学日期", "Enrolled on", ("入学时间", "入学年月"), _day, True, "如 2024-09-01。", "2024-09-01"),
    Column("graduates_on", "预计毕业日期", "Graduates on", ("毕业时间", "毕业日期"), _day, False, "", "2027-06-30"),
    Column("guardian_name", "监护人姓名", "Guardian", ("家长姓名",), _name, False, "未满18周岁的请填写。", ""),
    Column("guardian_phone", "监护人手机号", "Guardian's phone", ("家长电话", "家长手机"), _phone, False, "", ""),
    Column("courses", "已修课程", "Courses", ("主要课程", "课程"), _text(1000), False, "用顿号或逗号分开。", "电工技术、机械制图"),
    Column("skills", "技能", "Skills", ("技能特长",), _text(500), False, "用顿号或逗号分开；见“技能证书”表。", "PLC编程、电气识图"),
    Column("certificates", "证书", "Certificates", ("职业证书", "技能证书"), _text(500), False, "用顿号或逗号分开；见“技能证书”表。", "低压电工作业证"),
    Column("wish", "意向岗位", "Wanted work", ("求职意向", "意向"), _text(200), False, "", "设备维修"),
    Column("wants_zone", "愿在高新区", "Wants the zone", ("愿意留园",), _yes_no, False, "是或否；不清楚请留空。", "是", ("是", "否")),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}


def mapping(header: Sequence[str]) -> dict[int, Column]:
    """Which column of the file is which field: exact name, else alias; the first of two wins."""
    names: dict[str, Column] = {}
    for column in COLUMNS:
        for name in (column.name, column.name_en, column.field, *column.aliases):
            names.setdefault(plain(name), column)
    found: dict[int, Column] = {}
    for place, name in enumerate(header):
        meant = names.get(plain(name))
        if meant is not None and meant not in found.values():
            found[place] = meant
    return found


def named(header: Sequence[str]) -> dict[int, str]:
    """The schema's name of each place of a header that is read."""
    return {place: column.name for place, column in mapping(header).items()}


def unknown(header: Sequence[str]) -> list[str]:
    """Columns of the file that are not read."""
    known = mapping(header)
    return [name for place, name in enumerate(header) if name and place not in known and name != REASONS]


def missing(header: Sequence[str]) -> list[str]:
    """Needed columns that the file has not."""
    there = {column.field for column in mapping(header).values()}
    return [column.name for column in COLUMNS if column.needed and column.field not in there]


def parse(cells: Sequence[Cell], columns: dict[int, Column]) -> tuple[dict[str, Any], list[Problem]]:
    """A row's values by field (blank: not there; #清空: None) and all that is wrong with it."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for place, column in columns.items():
        cell = cells[place] if place < len(cells) else EMPTY
        told = "" if cell.kind == "empty" else cleaned(cell.text)
        clears = told == CLEAR
        if not told or clears:
            if column.needed:
                problems.append(Problem(column.name, "needed"))
            elif clears:
                values[column.field] = None
            continue
        if cell.kind in ("formula", "error"):
            problems.append(Problem(column.name, "formula", shown(column, told)))
            continue
        try:
            values[column.field] = column.read(cell)
        except Bad as bad:
            problems.append(Problem(column.name, bad.args[0], shown(column, told)))
    return values, problems + _together(values)


def _together(values: dict[str, Any]) -> list[Problem]:
    """What is wrong between columns; a birthday that only the identity number tells is filled in, a major becomes its code."""
    problems = []
    number = values.get("identity")
    if number:
        told = identity.birth_of(number)
        if values.get("birth_on") and values["birth_on"] != told:
            problems.append(Problem(BY_FIELD["birth_on"].name, "birth-differs", str(values["birth_on"])))
        if values.get("sex") and values["sex"] != identity.sex_of(number):
            problems.append(Problem(BY_FIELD["sex"].name, "sex-differs"))
        values.setdefault("birth_on", told)
    begins, ends = values.get("enrolled_on"), values.get("graduates_on")
    if begins and ends and ends <= begins:
        problems.append(Problem(BY_FIELD["graduates_on"].name, "ends-before", str(ends)))
    if begins and values.get("birth_on") and begins.year - values["birth_on"].year < 10:
        problems.append(Problem(BY_FIELD["birth_on"].name, "too-young", str(values["birth_on"])))
    if values.get("major") and values.get("level"):
        code = major_code(values["major"], values["level"])
        if code is None:
            problems.append(Problem(BY_FIELD["major"].name, "unknown-major", values["major"][:30]))
        else:
            values["major"] = code
    return problems


def major_code(text: str, level: str) -> str | None:
    """The catalogue's code for a code or a name at a level; a direction in brackets after the name is left aside."""
    wanted = unicodedata.normalize("NFKC", text).strip()
    by_code = majors.find(wanted.upper())
    if by_code is not None:
        return by_code.code if by_code.level == level else None
    for name in (wanted, wanted.removesuffix("专业"), re.sub(r"\(.*\)$", "", wanted).removesuffix("专业")):
        named_so = majors.named(name, level)
        if len(named_so) == 1:
            return named_so[0].code
    return None


def shown(column: Column, found: str) -> str:
    """What a report may show of a cell."""
    return found[:2] + "***" if column.field in MASKED else found[:30]
