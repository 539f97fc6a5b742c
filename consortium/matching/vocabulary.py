"""Text, skills, majors and wishes as sparse rows that both sides share (TF-IDF: Salton & Buckley 1988).

Each family of evidence is a block of columns, its rows of unit length and scaled by the square root of the family's weight, so that
a score is one dot product and its parts by family and term are the element-wise product.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import rjieba
from scipy import sparse

from consortium.matching.problem import YES, Columns, to_json, unjson

WEIGHTS: Mapping[str, float] = {
    "title": 0.16,  # what the student wants × the post's title
    "wish": 0.17,  # what the student wants × the post's duties
    "text": 0.22,  # courses and projects × title and duties
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


def spoken(text: str) -> frozenset[str]:
    """The words of a text as people read them: no single characters, no pairs across two words, no fragments."""
    text = text.lower()
    han = {w for run in _HAN.findall(text) for w in rjieba.cut(run) if len(w) > 1}
    return frozenset(w for w in {*han, *_LATIN.findall(text)} if len(w) > 1 and w not in STOP)


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
    "text": lambda p: list(zip(p.title, p.text, strict=True)),
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


IDF_POWER = 1.5
"""Rare terms weigh more than plain IDF gives them: steadily better on judged Chinese titles and posts, level on English tasks."""

Bags = Mapping[str, Sequence[Mapping[str, int]]]
"""Of every family, every row's terms and how often each stands there."""


@dataclass(frozen=True)
class Vocabulary:
    """A frozen, versioned vocabulary: fitted once on both sides, applied to either. Raises ValueError for unusable weights.

    terms : of every family its terms, sorted, (n_terms,); idf : (n_terms,) float64 beside them; weights : of every family.
    The columns of a feature row are the families' terms, family after family.
    """

    terms: Mapping[str, tuple[str, ...]]
    idf: Mapping[str, np.ndarray]
    weights: Mapping[str, float]

    @staticmethod
    def fit(students: Columns, positions: Columns, weights: Mapping[str, float] = WEIGHTS) -> Vocabulary:
        """Learn terms and IDF from both sides; a term that stands on one side only cannot score and is left out."""
        return Vocabulary._fitted(_bags(students), _bags(positions), weights)

    @staticmethod
    def fit_transform(
        students: Columns, positions: Columns, weights: Mapping[str, float] = WEIGHTS
    ) -> tuple[Vocabulary, sparse.csr_matrix, sparse.csr_matrix]:
        """`fit`, then `transform` of both sides, reading every text once."""
        left, right = _bags(students), _bags(positions)
        one = Vocabulary._fitted(left, right, weights)
        return one, one._rows(left, len(students)), one._rows(right, len(positions))

    @staticmethod
    def _fitted(left: Bags, right: Bags, weights: Mapping[str, float]) -> Vocabulary:
        if set(weights) != set(FAMILIES) or not all(0 <= weight < float("inf") for weight in weights.values()):
            raise ValueError(f"weights must be finite, not negative, and name exactly {', '.join(FAMILIES)}")
        terms, idf = {}, {}
        for family in FAMILIES:
            in_left, in_right = (Counter(term for bag in side[family] for term in bag) for side in (left, right))
            shared = sorted(in_left.keys() & in_right.keys())
            seen = np.array([in_left[term] + in_right[term] for term in shared], dtype=np.float64)
            n_documents = len(left[family]) + len(right[family])
            terms[family] = tuple(shared)
            idf[family] = ((np.log((1 + n_documents) / (1 + seen)) + 1) ** IDF_POWER).round(9)
        return Vocabulary(terms, idf, dict(weights))

    def transform(self, side: Columns) -> sparse.csr_matrix:
        """Rows (n, n_columns) float64 of one side; unknown terms are passed over."""
        return self._rows(_bags(side), len(side))

    def _rows(self, bags: Bags, n_rows: int) -> sparse.csr_matrix:
        blocks = [self._block(family, bags[family]) for family in FAMILIES]
        whole = sparse.hstack(blocks, format="csr") if n_rows else sparse.csr_matrix((0, sum(map(len, self.terms.values()))))
        whole.sort_indices()
        return whole

    def _block(self, family: str, bags: Sequence[Mapping[str, int]]) -> sparse.csr_matrix:
        """(n_rows, n_terms): (1 + log count) × IDF, rows of length √weight."""
        column_of = {term: column for column, term in enumerate(self.terms[family])}
        ends, columns_, counts = [0], [], []
        for bag in bags:
            for column, count in sorted((column_of[term], count) for term, count in bag.items() if term in column_of):
                columns_.append(column)
                counts.append(count)
            ends.append(len(columns_))
        idx = np.array(columns_, dtype=np.int32)
        data = (1.0 + np.log(np.array(counts, dtype=np.float64))) * self.idf[family][idx]
        starts = np.array(ends, dtype=np.int32)
        row = np.repeat(np.arange(len(bags)), np.diff(starts))
        length = np.sqrt(np.bincount(row, weights=data * data, minlength=len(bags)))
        data *= np.sqrt(self.weights[family]) / length[row]
        return sparse.csr_matrix((data, idx, starts), shape=(len(bags), len(self.terms[family])))

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


def _bags(side: Columns) -> Bags:
    """The terms of one side; a text that stands in several families or rows is read once."""
    read: dict[str, Counter[str]] = {}

    def bag(text: str) -> Counter[str]:
        if text not in read:
            read[text] = Counter(words(text))
        return read[text]

    readers = STUDENT_SIDE if side.side == "students" else POSITION_SIDE
    found: dict[str, list[Mapping[str, int]]] = {}
    for family in FAMILIES:
        documents = readers[family](side)
        if family not in _TEXTS:
            found[family] = [Counter(codes) for codes in documents]
        elif documents and isinstance(documents[0], tuple):
            found[family] = [sum((bag(part) for part in parts), Counter()) for parts in documents]
        else:
            found[family] = [bag(text) for text in documents]
    return found


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


__all__ = ["FAMILIES", "WEIGHTS", "WISHES", "Vocabulary", "scorable", "spoken", "words"]
