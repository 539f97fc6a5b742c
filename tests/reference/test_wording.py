"""Words that may not stand in a posting: found with their place, and left alone where the same words refuse, not ask."""

from __future__ import annotations

import csv

import pytest

from consortium.reference.table import DATA
from consortium.reference.wording import IF_BANNED, NEVER, REASON, found_in, phrases

ASKING = [
    ("入职须交押金500元", "W01", "押金"), ("A Deposit is asked", "W01", "Deposit"), ("自备服装费", "W02", "自备服装费"), ("每月扣除管理费50元", "W03", "扣除管理费"),
    ("报到时扣押身份证", "W04", "扣押身份证"), ("仅限男生", "D01", "限男"), ("不招女生", "D01", "不招女"), ("性别：女", "D01", "性别：女"), ("Men only", "D01", "Men only"),
    ("男女不限，男性优先", "D01", "男性优先"), ("已婚优先", "D02", "已婚"), ("不得怀孕", "D02", "不得怀孕"), ("要求五官端正", "D03", "五官端正"),
    ("身高不低于1.6米", "D04", "身高不低于1.6"), ("身高不限，体重不超过70kg", "D04", "体重不超过70"), ("限本地户口", "D05", "限本地"), ("少数民族勿扰", "D06", "少数民族勿扰"),
    ("乙肝勿扰", "D07", "乙肝勿扰"), ("谢绝残疾", "D08", "谢绝残疾"), ("属猴优先", "D09", "属猴优先"), ("18-35岁", "D10", "18-35岁"), ("985优先", "D11", "985优先"),
    ("不收押金，但收取培训费", "W02", "收取培训费"),
]  # fmt: skip
LEFT_ALONE = [
    "男女不限", "不限男女", "性别不限", "性别：男女均可", "性别男/女均可", "欢迎男女同学", "不是只招男生", "免押金，不收取任何培训费", "无押金、无中介费", "无需缴纳押金",
    "培训费由公司承担", "身高不限", "不限身高，不看长相", "年满16周岁", "管理费用核算", "售后服务费核算", "女装设计", "星座灯饰装配", "乙肝疫苗生产", "体重秤校准",
    "提交身份证复印件", "已育种的苗木", "不限性别年龄", "no deposit", "Training is free, no training fee", "负责设备点检与维修", "maintains machines", "",
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "words"), ASKING)
def test_what_asks_for_it_is_found_with_its_words(text: str, code: str, words: str) -> None:
    found = found_in(text)
    assert (code, words) in [(one.phrase.code, one.words) for one in found]
    assert all(text[one.at :].startswith(one.words) for one in found), "the place is wrong"


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_does_not_ask_for_it_is_left_alone(text: str) -> None:
    assert [(one.phrase.code, one.words) for one in found_in(text)] == []


def test_the_place_is_told_with_what_stands_around_it() -> None:
    (found,) = found_in("负责设备点检与维修，随叫随到，入职须交押金五百元，离职退还，另有餐补。")
    assert found.around == "…，随叫随到，入职须交押金五百元，离职退还，另…"


def test_every_kind_of_words_has_a_case_a_suggestion_in_both_languages_and_a_source() -> None:
    assert {code for _, code, _ in ASKING} == {one.code for one in phrases()}
    for one in phrases():
        assert one.title("zh") and one.title("en") and one.suggestion("zh") and one.suggestion("en") and one.source
        assert one.excusable in (NEVER, REASON, IF_BANNED)
        assert one.why in ("fees", "discrimination")
        assert one.why == "discrimination" or one.excusable == NEVER, "no reason lets a fee stand"


def test_no_row_of_the_table_is_broken() -> None:
    with (DATA / "law" / "wording.csv").open(encoding="utf-8", newline="") as lines:
        assert {len(row) for row in csv.reader(lines)} == {11}
