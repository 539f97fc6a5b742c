"""Invented people: names, and who may enter as what."""

from __future__ import annotations

from typing import Any

from consortium.accounts.models import Membership, Person
from consortium.demonstration.dice import Book, Dice
from consortium.reference import identity
from consortium.shared.access import Role

SURNAMES = {
    "陈": 10, "李": 9, "黄": 9, "张": 7, "梁": 7, "林": 6, "刘": 6, "罗": 5, "朱": 5, "何": 5, "邓": 4, "谢": 4, "冯": 4, "曾": 4, "欧阳": 1, "房": 2, "唐": 3,
    "莫": 3, "潘": 3, "蓝": 1, "沈": 2, "曹": 2, "温": 2, "叶": 3, "廖": 3, "钟": 3, "赖": 2, "龙": 1, "邱": 2, "范": 2, "盘": 2, "江": 2,
}  # fmt: skip
LAST_F = "婷 怡 琳 欣 雯 静 敏 慧 颖 洁 瑶 萍 燕 玲 妍 钰 彤 蕾 萱 晴 芷 薇 嘉 诗 月"
LAST_M = "杰 豪 鹏 辉 明 涛 健 宇 轩 浩 俊 伟 锋 斌 龙 凯 鑫 文 泽 聪 坤 森 宏 毅 航"
MIDDLE = "子 思 嘉 志 家 梓 晓 建 文 雨 俊 海 永 伟 少 锦 诗 佳 国 美 秀 丽 雅 泳 卓"


def person_name(dice: Dice, female: bool) -> str:
    """A name as people in northern Guangdong have them."""
    last = dice.choice((LAST_F if female else LAST_M).split())
    middle = dice.choice(MIDDLE.split()) if dice.chance(0.82) else ""
    return dice.weighted(SURNAMES) + middle + last


def member(book: Book, dice: Dice, tenant_id: int, role: Role, login: str, *, name: str = "", person_id: int | None = None) -> tuple[int, int]:
    """A person (new unless given) with a role in an organisation; nobody has a password here. Returns (person, membership)."""
    if person_id is None:
        person_id = book.add(
            Person, version=1, login=login, name=name or person_name(dice, dice.chance(0.45)), email=f"{login}@example.com",
            phone=identity.invented_phone(dice), password_hash=None, language="zh", state="active",
        )  # fmt: skip
    membership = book.add(Membership, person_id=person_id, tenant_id=tenant_id, role=role.value, state="active")
    return person_id, membership


def renamed(book: Book, person_id: int, **values: Any) -> None:
    """Change a person that is already in the book."""
    book.of(Person)[person_id - 1].update(values)
