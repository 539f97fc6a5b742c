"""Majors of the vocational catalogue (MoE 2021): 中职, 高职专科, 高职本科; classes and categories across levels.

`class_key` and `category_key` are the codes without the level's first digits, so 660301, 460301 and 260301 share 0603.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from consortium.reference.table import rows
from consortium.reference.typeahead import Entry, Index

LEVELS = ("中职", "高职专科", "高职本科")
LEVELS_EN = {"中职": "Secondary vocational", "高职专科": "Higher vocational (diploma)", "高职本科": "Vocational bachelor"}
CATEGORIES_EN = {
    "01": "Agriculture", "02": "Resources, environment, safety", "03": "Energy and materials", "04": "Construction",
    "05": "Water", "06": "Equipment manufacturing", "07": "Bio- and chemical engineering", "08": "Light industry, textiles",
    "09": "Food, drugs, grain", "10": "Transport", "11": "Electronics and IT", "12": "Medicine and health",
    "13": "Finance and commerce", "14": "Tourism", "15": "Culture and arts", "16": "Media", "17": "Education and sport",
    "18": "Public security and law", "19": "Public service",
}  # fmt: skip
CLASSES_EN = {
    "0208": "Environmental protection", "0209": "Safety", "0301": "Electric power", "0302": "Thermal power", "0303": "New energy",
    "0304": "Ferrous materials", "0305": "Non-ferrous materials", "0306": "Non-metal materials", "0307": "Building materials",
    "0401": "Architectural design", "0403": "Civil construction", "0404": "Building equipment", "0405": "Construction management",
    "0601": "Mechanical design and manufacture", "0602": "Mechatronic equipment", "0603": "Automation", "0604": "Rail equipment",
    "0607": "Automotive manufacturing", "0701": "Biotechnology", "0702": "Chemical technology", "0801": "Light chemical industry",
    "0802": "Packaging", "0901": "Food", "0902": "Drugs and medical devices", "1002": "Road transport", "1006": "Urban rail",
    "1101": "Electronic information", "1102": "Computing", "1103": "Communications", "1104": "Integrated circuits",
    "1203": "Pharmacy", "1205": "Medical technology", "1301": "Public finance and tax", "1302": "Finance", "1303": "Accounting",
    "1305": "Trade", "1306": "Business administration", "1307": "E-commerce", "1308": "Logistics", "1401": "Tourism",
    "1402": "Catering", "1502": "Performing arts", "1501": "Art and design", "1202": "Nursing", "1702": "Languages",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Major:
    """One major of the catalogue."""

    code: str
    name: str
    level: str
    class_key: str
    class_name: str
    category_key: str
    category_name: str


@cache
def all_majors() -> dict[str, Major]:
    """By code."""
    return {
        row["code"]: Major(
            row["code"], row["name"], row["level"], row["class_key"], row["class_name"], row["category_key"], row["category_name"]
        )
        for row in rows("majors")
    }


def find(code: str) -> Major | None:
    """The major of this code."""
    return all_majors().get(code)


def named(name: str, level: str = "") -> list[Major]:
    """Majors of exactly this name, perhaps at one level only."""
    return [m for m in all_majors().values() if m.name == name.strip() and level in ("", m.level)]


@cache
def classes() -> dict[str, tuple[str, str]]:
    """class_key → (name, category_key)."""
    return {m.class_key: (m.class_name, m.category_key) for m in all_majors().values()}


@cache
def categories() -> dict[str, str]:
    """category_key → name."""
    return {m.category_key: m.category_name for m in all_majors().values()}


def class_of_codes(prefix: str, lang: str = "zh") -> str:
    """What the class is called whose majors' codes begin so; the prefix itself where there is none."""
    return next((class_name(major.class_key, lang) for code, major in all_majors().items() if code.startswith(prefix)), prefix)


def class_name(class_key: str, lang: str = "zh") -> str:
    """What a major class is called; Chinese where no English is kept."""
    name = classes().get(class_key, (class_key, ""))[0]
    return CLASSES_EN.get(class_key, name) if lang == "en" else name


def category_name(category_key: str, lang: str = "zh") -> str:
    """What a major category is called."""
    name = categories().get(category_key, category_key)
    return CATEGORIES_EN.get(category_key, name) if lang == "en" else name


@cache
def occupation_groups(class_key: str) -> tuple[str, ...]:
    """Occupation groups (such as 6-31-01) that a major class leads to: a curated proposal, for colleges to review."""
    return tuple(row["occupation_group"] for row in rows("class_occupation_seed") if row["class_key"] == class_key)


@cache
def index() -> Index:
    """Majors, classes and categories at any depth; codes read M:460301, C:0603, G:06."""
    entries = [
        (Entry(f"G:{key}", name, "专业大类"), ()) for key, name in sorted(categories().items())
    ] + [(Entry(f"C:{key}", name, "专业类"), ()) for key, (name, _) in sorted(classes().items())]
    return Index(entries + [(Entry(f"M:{m.code}", m.name, f"{m.level} {m.code}"), (m.code,)) for m in all_majors().values()])


def accepted_label(code: str, lang: str = "zh") -> str:
    """The name of M:…, C:… or G:…"""
    depth, _, key = code.partition(":")
    if depth == "G":
        return category_name(key, lang)
    if depth == "C":
        return class_name(key, lang)
    major = find(key)
    return major.name if major else key


def category_of(code: str) -> str:
    """The category key of M:…, C:… or G:…; '' for an unknown code."""
    depth, _, key = code.partition(":")
    if depth == "G":
        return key if key in categories() else ""
    if depth == "C":
        return classes().get(key, ("", ""))[1]
    major = find(key)
    return major.category_key if major else ""
