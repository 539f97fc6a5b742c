"""The vocabulary is loaded once and found by name, alias and pinyin."""

from __future__ import annotations

from flask import Flask

from consortium.skills import queries, service


def test_loading_twice_adds_nothing_the_second_time(app: Flask) -> None:
    assert service.load_vocabulary() > 50
    assert service.load_vocabulary() == 0


def test_a_skill_is_found_by_any_of_its_names(app: Flask) -> None:
    service.load_vocabulary()
    one = queries.all_skills()[0]
    for asked in (one.name_zh, one.name_en, *one.aliases):
        assert one.code in [entry.code for entry in queries.search(asked)], asked
    assert queries.by_labels()[one.name_zh.lower()].code == one.code
