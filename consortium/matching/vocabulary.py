"""Text, skills, majors and wishes as sparse rows that both sides share.

Each family of evidence is a block of columns, its rows of unit length and scaled by the square root of the family's weight, so that
a score is one dot product and its parts by family and term are the element-wise product.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import rjieba
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from consortium.matching.problem import YES, Columns, to_json, unjson

WEIGHTS: Mapping[str, float] = {
    "title": 0.22,  # what the student wants × the post's title
    "wish": 0.10,  # what the student wants × the post's duties
    "text": 0.23,  # courses and projects × title and duties
    "skills": 0.22,
    "certificates": 0.05,
    "major": 0.13,  # major, class, category, related occupations
    "place": 0.05,  # where the student wants to be, the zone among it
}
FAMILIES = tuple(WEIGHTS)
WISHES = frozenset({"title", "wish", "place"})
"""What the student reports as a wish: left out of an enterprise's order, else wishes could be gamed."""

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_LATIN = re.compile(r"[a-z][a-z0-9+#.]*[a-z0-9+#]|[a-z]|[0-9]+")
STOP = frozenset(
    "的 了 和 与 及 或 在 是 有 为 对 等 并 以 能 可 按 将 由 于 中 上 下 the a an and or of to in for with on at by is are be as it".split()
)


def words(text: str) -> list[str]:
    """Terms of a text: Chinese words and characters in ones and twos, English words and their four-letter stems."""
    text = text.lower()
    terms = []
    for run in _HAN.findall(text):
        terms += [w for w in rjieba.cut(run) if len(w) > 2 and w not in STOP]
        terms += [c for c in run if c not in STOP]
        terms += [run[i : i + 2] for i in range(len(run) - 1)]
    for word in _LATIN.findall(text):
        if word in STOP:
            continue
        terms.append(word)
        if len(word) > 5:
            terms += [f"^{word[:5]}", *(word[i : i + 4] for i in range(1, len(word) - 3))]
    return terms


def _codes(terms: Iterable[str]) -> list[str]:
    return list(terms)


STUDENT_SIDE: Mapping[str, Callable[[Columns], list[Any]]] = {
    "title": lambda s: list(s.wish),
    "wish": lambda s: list(s.wish),
    "text": lambda s: list(s.text),
    "skills": lambda s: list(s.skills),
    "certificates": lambda s: list(s.certificates),
    "major": lambda s: [
        tuple(f for f in (f"M:{m}", f"C:{c}", f"G:{g}") if len(f) > 2) + tuple(f"O:{o}" for o in occupations)
        for m, c, g, occupations in zip(s.major, s.major_class, s.major_category, s.occupations, strict=True)
    ],
    "place": lambda s: [
        (("zone",) if zone == YES else ()) + tuple(f"P:{place}" for place in places)
        for zone, places in zip(s.wants_zone, s.places, strict=True)
    ],
}
POSITION_SIDE: Mapping[str, Callable[[Columns], list[Any]]] = {
    "title": lambda p: list(p.title),
    "wish": lambda p: list(p.text),
    "text": lambda p: [f"{title}\n{text}" for title, text in zip(p.title, p.text, strict=True)],
    "skills": lambda p: [must + nice for must, nice in zip(p.skills_must, p.skills_nice, strict=True)],
    "certificates": lambda p: list(p.certificates_must),
    "major": lambda p: [
        majors + tuple(f"G:{g}" for g in categories if f"G:{g}" not in majors) + ((f"O:{o}",) if o else ())
        for majors, categories, o in zip(p.majors, p.major_categories, p.occupation, strict=True)
    ],
    "place": lambda p: [
        (("zone",) if zone == YES else ()) + ((f"P:{place}", f"P:{place[:4]}") if place else ())
        for zone, place in zip(p.in_zone, p.place, strict=True)
    ],
}
_TEXTS = frozenset({"title", "wish", "text"})


@dataclass(frozen=True)
class Vocabulary:
    """A frozen, versioned vocabulary: per family its terms and their IDF. Fitted once, applied to both sides.

    columns_ : family of every column, (n_columns,) int8; labels_ : its term.
    """

    terms: Mapping[str, tuple[str, ...]]
    idf: Mapping[str, np.ndarray]
    weights: Mapping[str, float]

    @staticmethod
    def fit(students: Columns, positions: Columns, weights: Mapping[str, float] = WEIGHTS) -> Vocabulary:
        """Learn terms and IDF from both sides; a term that stands on one side only cannot score and is left out."""
        terms, idf = {}, {}
        for family in FAMILIES:
            left = STUDENT_SIDE[family](students)
            right = POSITION_SIDE[family](positions)
            shared = _seen(left, family) & _seen(right, family)
            if not shared:
                terms[family], idf[family] = (), np.zeros(0)
                continue
            vectoriser = _vectoriser(family, tuple(sorted(shared)))
            vectoriser.fit([*left, *right])
            terms[family] = tuple(sorted(shared))
            idf[family] = np.asarray(vectoriser.idf_, dtype=np.float64).round(9)
        return Vocabulary(terms, idf, dict(weights))

    def transform(self, side: Columns) -> sparse.csr_matrix:
        """Rows (n, n_columns) float64 of one side."""
        readers = STUDENT_SIDE if side.side == "students" else POSITION_SIDE
        blocks = []
        for family in FAMILIES:
            if not self.terms[family]:
                blocks.append(sparse.csr_matrix((len(side), 0)))
                continue
            vectoriser = _vectoriser(family, self.terms[family])
            vectoriser.idf_ = self.idf[family]
            rows = vectoriser.transform(readers[family](side)) if len(side) else sparse.csr_matrix((0, len(self.terms[family])))
            blocks.append(rows * np.sqrt(self.weights[family]))
        whole = sparse.hstack(blocks, format="csr")
        whole.sort_indices()
        return whole

    @property
    def family_of_column(self) -> np.ndarray:
        """(n_columns,) int8: index into FAMILIES."""
        return np.repeat(np.arange(len(FAMILIES)), [len(self.terms[f]) for f in FAMILIES]).astype(np.int8)

    def label(self, column: int) -> tuple[str, str]:
        """Family and term of a column."""
        for family in FAMILIES:
            if column < len(self.terms[family]):
                return family, self.terms[family][column]
            column -= len(self.terms[family])
        raise IndexError(column)

    def packed(self) -> dict[str, np.ndarray]:
        """Plain arrays, no pickle."""
        arrays = {"vocabulary": to_json({"terms": {f: list(t) for f, t in self.terms.items()}, "weights": dict(self.weights)})}
        return arrays | {f"idf.{family}": values for family, values in self.idf.items()}

    @staticmethod
    def unpacked(arrays: Mapping[str, np.ndarray]) -> Vocabulary:
        """The inverse of `packed`."""
        told = unjson(arrays["vocabulary"])
        return Vocabulary(
            {f: tuple(t) for f, t in told["terms"].items()}, {f: arrays[f"idf.{f}"] for f in FAMILIES}, told["weights"]
        )


def _seen(documents: list[Any], family: str) -> set[str]:
    read = words if family in _TEXTS else _codes
    return {term for document in documents for term in read(document)}


def _vectoriser(family: str, vocabulary: tuple[str, ...]) -> TfidfVectorizer:
    return TfidfVectorizer(
        analyzer=partial(_analyse, family in _TEXTS), vocabulary=list(vocabulary), sublinear_tf=True, norm="l2", dtype=np.float64
    )


def _analyse(is_text: bool, document: Any) -> list[str]:
    return words(document) if is_text else list(document)


def scorable(positions: Columns) -> np.ndarray:
    """(n_positions,) bool: a post that asks for nothing gets no score (it would fit everybody)."""
    return np.array(
        [
            bool(text.strip() or must or nice or certificates)
            for text, must, nice, certificates in zip(
                positions.text, positions.skills_must, positions.skills_nice, positions.certificates_must, strict=True
            )
        ],
        dtype=bool,
    )


__all__ = ["FAMILIES", "WEIGHTS", "WISHES", "Vocabulary", "scorable", "words"]
