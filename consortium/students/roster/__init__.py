"""The roster of students: one schema from which the template is written, the file is read and the register is exported. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from consortium.imports import columns as cols
from consortium.imports.columns import CLEAR, YES_NO, Bad, Column, Problem, cleaned, one_of, shown, text, written
from consortium.reference import identity, majors, places
from consortium.shared.spreadsheet import Cell

__all__ = ["BY_FIELD", "CLEAR", "COLUMNS", "VERSION", "Bad", "Column", "cleaned", "mapping", "parse", "shown", "written"]

VERSION = "students-2"
DAYS = frozenset({"birth_on", "enrolled_on", "stage_from", "graduates_on", "available_from", "available_until"})


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


def _level(cell: Cell) -> str:
    told = cleaned(cell.text)
    value = {"高职": "高职专科", "大专": "高职专科", "专科": "高职专科", "中专": "中职", "职业本科": "高职本科"}.get(told, told)
    if value not in majors.LEVELS:
        raise Bad("not-among-choices")
    return value


_sex = one_of({"男": "M", "女": "F", "男性": "M", "女性": "F", "m": "M", "f": "F", "male": "M", "female": "F"})
_yes_no = one_of(YES_NO)
_day, _text = cols.day, text
CHOICE = ("是", "否")


def _email(cell: Cell) -> str:
    value = cleaned(cell.text)
    if not re.fullmatch(r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"']+", value) or len(value) > 160:
        raise Bad("email-shape")
    return value


def _places(cell: Cell) -> list[str]:
    told = [part for part in re.split(r"[,，、;；/\s]+", cleaned(cell.text)) if part]
    codes = [places.code_of(part) for part in told]
    if not all(codes):
        raise Bad("unknown-place")
    return list(dict.fromkeys(codes))


COLUMNS: tuple[Column, ...] = (
    Column("student_no", "学号", "Student number", ("学生编号", "学籍号"), _student_no, True, "本校唯一；请设为文本格式。", "2024010101"),
    Column("name", "姓名", "Name", ("学生姓名",), _name, True, "", "李小明"),
    Column("sex", "性别", "Sex", (), _sex, False, "选填；仅用于法律对女学生的保护性规定，不参与匹配评分。", "男", ("男", "女")),
    Column("identity", "身份证号", "Identity number", ("身份证", "证件号码"), _identity, False, "选填；加密保存。请设为文本格式。", "", masked=True),
    Column("birth_on", "出生日期", "Date of birth", ("生日", "出生年月"), _day, False, "如 2006-03-12；有身份证号时可不填。", "2006-03-12"),
    Column("phone", "手机号", "Mobile phone", ("手机", "联系电话", "电话"), _phone, False, "选填；请设为文本格式。", "19900001234", masked=True),
    Column("email", "邮箱", "Email", ("电子邮箱", "电子邮件"), _email, False, "选填。", "li@example.org"),
    Column("level", "学历层次", "Level", ("层次", "培养层次"), _level, True, "中职、高职专科或高职本科。", "高职专科", majors.LEVELS),
    Column("major", "专业", "Major", ("专业代码", "专业名称", "专业编号"), _text(60), True, "目录中的专业代码或名称。", "机电一体化技术", sheet=("专业", 1)),
    Column("class_name", "班级", "Class", ("班级名称", "行政班"), _text(60), True, "", "机电2401班"),
    Column("enrolled_on", "入学日期", "Enrolled on", ("入学时间", "入学年月"), _day, True, "如 2024-09-01。", "2024-09-01"),
    Column("stage_from", "高职段入学日期", "College stage since", ("转段日期", "转入高职日期"), _day, False, "仅3+2、五年制学生填写，如 2026-09-01。", ""),
    Column("graduates_on", "预计毕业日期", "Graduates on", ("毕业时间", "毕业日期"), _day, False, "", "2027-06-30"),
    Column("guardian_name", "监护人姓名", "Guardian", ("家长姓名",), _name, False, "未满18周岁的请填写。", ""),
    Column("guardian_phone", "监护人手机号", "Guardian's phone", ("家长电话", "家长手机"), _phone, False, "", "", masked=True),
    Column("courses", "已修课程", "Courses", ("主要课程", "课程"), _text(1000), False, "用顿号或逗号分开。", "电工技术、机械制图"),
    Column("skills", "技能", "Skills", ("技能特长",), _text(500), False, "用顿号或逗号分开；见“技能证书”表。", "PLC编程、电气识图"),
    Column("certificates", "证书", "Certificates", ("职业证书", "技能证书"), _text(500), False, "用顿号或逗号分开；见“技能证书”表。", "低压电工作业证"),
    Column("wish", "意向岗位", "Wanted work", ("求职意向", "意向"), _text(200), False, "", "设备维修"),
    Column("wants_internship", "愿意实习", "Wants an internship", (), _yes_no, False, "是或否；不清楚请留空。", "是", CHOICE),
    Column("wants_job", "愿意就业", "Wants a job", (), _yes_no, False, "是或否；不清楚请留空。", "否", CHOICE),
    Column("wants_zone", "愿在高新区", "Wants the zone", ("愿意留园",), _yes_no, False, "是或否；不清楚请留空。", "是", CHOICE),
    Column("shift_ok", "可倒班", "Shifts are possible", ("能倒班", "接受倒班"), _yes_no, False, "是或否；不清楚请留空。", "是", CHOICE),
    Column("available_from", "可到岗日期", "Available from", ("到岗时间", "到岗日期"), _day, False, "如 2027-01-04。", "2027-01-04"),
    Column("available_until", "可在岗至", "Available until", ("实习截止日期",), _day, False, "如 2027-06-30。", "2027-06-30"),
    Column("least_pay_fen", "最低月薪（元）", "Least pay a month", ("期望月薪", "期望薪资"), cols.yuan, False, "单位：元。", "3000"),
    Column("places", "意向地点", "Preferred places", ("意向地区", "意向城市"), _places, False, "用顿号分开；留空表示不限。", "清城区"),
)  # fmt: skip
BY_FIELD = {column.field: column for column in COLUMNS}


def mapping(header: Sequence[str], chosen: Mapping[int, str] | None = None) -> dict[int, Column]:
    """Which column of the file is which field."""
    return cols.mapping(COLUMNS, header, chosen)


def unknown(header: Sequence[str]) -> list[str]:
    """Columns of the file that are not read."""
    return list(cols.unread(COLUMNS, header).values())


def missing(header: Sequence[str]) -> list[str]:
    """Needed columns that the file has not."""
    return cols.missing(COLUMNS, header)


def parse(
    cells: Sequence[Cell], columns: Mapping[int, Column], answers: Mapping[str, Mapping[str, str]] | None = None
) -> tuple[dict[str, Any], list[Problem]]:
    """A row's values by field and all that is wrong with it, also between its columns."""
    values, problems = cols.parse(cells, columns, answers)
    return values, problems + _together(values, (answers or {}).get("major", {}))


def _together(values: dict[str, Any], meant: Mapping[str, str]) -> list[Problem]:
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
    stage = values.get("stage_from")
    if begins and stage and stage < begins:
        problems.append(Problem(BY_FIELD["stage_from"].name, "stage-before", str(stage)))
    if begins and ends and ends <= begins:
        problems.append(Problem(BY_FIELD["graduates_on"].name, "ends-before", str(ends)))
    if begins and values.get("birth_on") and begins.year - values["birth_on"].year < 10:
        problems.append(Problem(BY_FIELD["birth_on"].name, "too-young", str(values["birth_on"])))
    begins, ends = values.get("available_from"), values.get("available_until")
    if begins and ends and ends < begins:
        problems.append(Problem(BY_FIELD["available_until"].name, "until-before", str(ends)))
    if values.get("major") and values.get("level"):
        key = major_key(values["major"], values["level"])
        code = meant.get(key) or major_code(values["major"], values["level"])
        if code is None:
            problems.append(Problem(BY_FIELD["major"].name, "unknown-major", values["major"][:30], key))
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


def major_key(told: str, level: str) -> str:
    """Under what a person's word about an unknown major is kept: the same word may mean another code at another level."""
    return f"{told}（{level}）"


def meant_major(key: str, told: str) -> str:
    """The code that a person means by a code or a name, at the level of the key; raises Bad."""
    level = next((one for one in majors.LEVELS if key.endswith(f"（{one}）")), "")
    code = major_code(told.strip().removeprefix("M:"), level)
    if code is None:
        raise Bad("unknown-major")
    return code


def likely_majors(key: str, most: int = 6) -> list[tuple[str, str]]:
    """Majors of the key's level whose names come nearest: (code, label), best first."""
    level = next((one for one in majors.LEVELS if key.endswith(f"（{one}）")), "")
    told = unicodedata.normalize("NFKC", key.removesuffix(f"（{level}）")).removesuffix("专业").strip()
    names = {m.name: m for m in majors.all_majors().values() if m.level == level}
    beginning = [name for name in names if told and (name.startswith(told) or told.startswith(name))]
    near = get_close_matches(told, names, n=most, cutoff=0.4)
    return [(names[name].code, f"{name} {names[name].code}") for name in list(dict.fromkeys([*beginning, *near]))[:most]]


def codes_told(values: list[str]) -> str:
    """Codes of places as a cell: names where only one place bears them."""
    return "、".join(places.name(code) if places.code_of(places.name(code)) == code else code for code in values)
