"""Colleges of Guangdong (MoE list 2025-06-20) and those in Qingyuan's vocational-education city."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from consortium.reference.table import rows
from consortium.reference.typeahead import Entry, Index

NAMES_EN = {
    "清远职业技术学院": "Qingyuan Polytechnic",
    "广东南华工商职业学院": "Guangdong Nanhua Vocational College of Industry and Commerce",
    "广东岭南职业技术学院": "Guangdong Lingnan Institute of Technology",
    "广东碧桂园职业学院": "Guangdong Country Garden Polytechnic",
    "广东交通职业技术学院": "Guangdong Communication Polytechnic",
    "广东科贸职业学院": "Guangdong Polytechnic of Science and Trade",
    "广东建设职业技术学院": "Guangdong Construction Polytechnic",
    "广东工程职业技术学院": "Guangdong Engineering Polytechnic",
    "广东财贸职业学院": "Guangdong Vocational College of Finance and Trade",
    "广东金融学院": "Guangdong University of Finance",
    "清远市技师学院": "Qingyuan Technician College",
}


@dataclass(frozen=True, slots=True)
class Campus:
    """A college with a campus in the city."""

    name: str
    name_en: str
    moe_code: str
    level: str


@cache
def in_qingyuan() -> tuple[Campus, ...]:
    """The colleges named in press items and the ministry's list; see data/README.md."""
    return tuple(Campus(r["name"], NAMES_EN.get(r["name"], ""), r["moe_code"], r["level"]) for r in rows("qingyuan_campuses"))


@cache
def index() -> Index:
    """All colleges and universities of the province."""
    return Index((Entry(r["moe_code"], r["name"], r["level"]), (NAMES_EN.get(r["name"], ""),)) for r in rows("colleges"))
