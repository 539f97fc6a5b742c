"""Text, skills, majors and wishes as sparse rows that both sides share.

Each family of evidence is a block of columns, its rows of unit length and scaled by the square root of the family's weight, so that
a score is one dot product and its parts by family and term are the element-wise product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching import history
from consortium.matching.history import Events, Learnt
from consortium.matching.problem import YES, Columns, to_json, unjson
from consortium.matching.related import Catalogue, Related, occupations
from consortium.matching.terms import IDF_POWER, bag_of, counted, inverse, numbered, spoken, weighed, words

WEIGHTS: Mapping[str, float] = {
    "title": 0.045,  # what the student wants × the post's title
    "wish": 0.045,  # what the student wants × the post's duties
    "text": 0.09,  # courses and projects × title and duties
    "occupation": 0.12,  # occupations that the wish and the title stand near
    "wish_related": 0.155,  # words of posts like the wish × words of posts like the post
    "text_related": 0.155,  # the same for courses and projects
    "history": 0.0,  # words of posts that were chosen before; takes part where there is a history
    "skills": 0.20,
    "certificates": 0.05,
    "major": 0.10,  # major, class, category, related occupations
    "place": 0.04,  # where the student wants to be, the zone among it
}
FAMILIES = tuple(WEIGHTS)
WISHES = frozenset({"title", "wish", "occupation", "wish_related", "history", "place"})
"""What the student reports as a wish: left out of an enterprise's order, else wishes could be gamed."""

MOST_WEIGHT = 1_000
"""So that points of a million rows can be told apart in 64 bits."""

HISTORY_SHARE = 0.2
"""The weight of the history in a run that has one; all others give way alike."""
RANKED_HISTORY = 0.5
"""The same where judged choices are given to `rank`: best on the development sets; in runs it waits for proof on real choices."""

RELATED = ("wish_related", "text_related")
"""Families of related words: the few posts nearest to the wish (to all text where there is none), more posts near the text; for a post always all of its text."""

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
TEXTS = frozenset({"title", "wish", "text"})


STRETCH = 10_000  # students whose terms are held at a time
Bags = Mapping[str, Sequence[Mapping[str, int]]]
"""Of every family, every row's terms and how often each stands there."""


@dataclass(frozen=True)
class Vocabulary:
    """A frozen, versioned vocabulary: fitted once on both sides, applied to either. Raises ValueError for unusable weights.

    terms : of every family its terms, sorted, (n_terms,); idf : (n_terms,) float64 beside them; weights : of every family.
    related, catalogue, learnt : the posts' texts, the titles of occupations, and the past choices that speak for a row.
    The columns of a feature row are the families' terms, family after family.
    """

    terms: Mapping[str, tuple[str, ...]]
    idf: Mapping[str, np.ndarray]
    weights: Mapping[str, float]
    related: Related
    catalogue: Catalogue
    learnt: Learnt

    @staticmethod
    def fit(students: Columns, positions: Columns, weights: Mapping[str, float] = WEIGHTS, catalogue: Catalogue = (), past: Events = ()) -> Vocabulary:
        """Learn terms and IDF from both sides; a term that stands on one side only cannot score and is left out. Students are read in stretches."""
        seen: dict[str, Counter[str]] = {family: Counter() for family in STUDENT_SIDE}
        for start in range(0, len(students), STRETCH):
            for family, counts in _seen(_bags(students.take(slice(start, start + STRETCH)))).items():
                seen[family].update(counts)
        return Vocabulary._fitted(seen, len(students), _bags(positions), positions, weights, catalogue, past)

    @staticmethod
    def fit_transform(
        students: Columns, positions: Columns, weights: Mapping[str, float] = WEIGHTS, catalogue: Catalogue = (), past: Events = ()
    ) -> tuple[Vocabulary, sparse.csr_matrix, sparse.csr_matrix]:
        """`fit`, then `transform` of both sides, reading every text once."""
        left, right = _bags(students), _bags(positions)
        one = Vocabulary._fitted(_seen(left), len(students), right, positions, weights, catalogue, past)
        return one, one._rows(left, students), one._rows(right, positions)

    @staticmethod
    def _fitted(
        seen: Mapping[str, Counter[str]], n_students: int, right: Bags, positions: Columns, weights: Mapping[str, float], catalogue: Catalogue,
        past: Events,
    ) -> Vocabulary:  # fmt: skip
        if set(weights) != set(FAMILIES) or not all(0 <= weight <= MOST_WEIGHT for weight in weights.values()):
            raise ValueError(f"weights must be numbers from 0 to {MOST_WEIGHT:,} and name exactly {', '.join(FAMILIES)}")
        related = Related.of((f"{title}\n{text}" for title, text in zip(positions.title, positions.text, strict=True)), right["text"])
        rows = related.rows(right["text"], related.many)[0] if past else sparse.csr_matrix((len(positions), len(related.words)))
        learnt = history.learnt(past, positions.key, rows)
        terms = {"occupation": occupations(catalogue).codes, "history": related.words} | dict.fromkeys(RELATED, related.words)
        idf = {}
        for family, in_right in _seen(right).items():
            in_left = seen[family]
            shared = sorted(in_left.keys() & in_right.keys())
            n_seen = np.array([in_left[term] + in_right[term] for term in shared], dtype=np.float64)
            terms[family] = tuple(shared)
            idf[family] = inverse(n_seen, n_students + len(positions))
        return Vocabulary({family: terms[family] for family in FAMILIES}, idf, dict(weights), related, catalogue, learnt)

    @cached_property
    def _columns(self) -> dict[str, dict[str, int]]:
        return {family: numbered(self.terms[family]) for family in self.idf}

    def transform(self, side: Columns) -> sparse.csr_matrix:
        """Rows (n, n_columns) float64 of one side; unknown terms are passed over."""
        return self._rows(_bags(side), side)

    def _rows(self, bags: Bags, side: Columns) -> sparse.csr_matrix:
        if not len(side):
            return sparse.csr_matrix((0, self.n_columns))
        blocks = {family: weighed(counted(bags[family], self._columns[family]), idf) for family, idf in self.idf.items()}
        blocks["occupation"] = occupations(self.catalogue).rows(bags["title"])
        near = self.related
        if side.side == "students":
            wish = [own or text for own, text in zip(bags["wish"], bags["text"], strict=True)]
            blocks |= {"wish_related": near.rows(wish, near.few)[0], "text_related": near.rows(bags["text"], near.many)[0]}
            blocks["history"] = self.learnt.of_students(side)
        else:
            blocks["wish_related"], blocks["text_related"] = near.rows(bags["text"], near.few, near.many)
            blocks["history"] = blocks["text_related"] if self.learnt.names else sparse.csr_matrix(blocks["text_related"].shape)
        whole = sparse.hstack([blocks[family] * np.sqrt(self.weights[family]) for family in FAMILIES], format="csr")
        whole.sort_indices()
        return whole

    @property
    def n_columns(self) -> int:
        """How long a feature row is."""
        return sum(map(len, self.terms.values()))

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
        terms = {family: list(self.terms[family]) for family in self.idf}
        told = {"terms": terms, "weights": dict(self.weights), "catalogue": [list(pair) for pair in self.catalogue]}
        return {"vocabulary": to_json(told)} | self.learnt.packed() | self.related.packed() | {f"idf.{family}": values for family, values in self.idf.items()}

    @staticmethod
    def unpacked(arrays: Mapping[str, np.ndarray]) -> Vocabulary:
        """The inverse of `packed`."""
        told = unjson(arrays["vocabulary"])
        related, catalogue = Related.unpacked(arrays), tuple((title, code) for title, code in told["catalogue"])
        own = {family: tuple(terms) for family, terms in told["terms"].items()}
        terms = own | dict.fromkeys((*RELATED, "history"), related.words) | {"occupation": occupations(catalogue).codes}
        idf = {family: arrays[f"idf.{family}"] for family in FAMILIES if family in own}
        return Vocabulary({family: terms[family] for family in FAMILIES}, idf, told["weights"], related, catalogue, Learnt.unpacked(arrays))


def _bags(side: Columns) -> Bags:
    """The terms of one side; a text that stands in several families or rows is read once."""
    read: dict[str, Counter[str]] = {}

    def bag(text: str) -> Counter[str]:
        if text not in read:
            read[text] = bag_of(text)
        return read[text]

    readers = STUDENT_SIDE if side.side == "students" else POSITION_SIDE
    found: dict[str, list[Mapping[str, int]]] = {}
    for family, reader in readers.items():
        documents = reader(side)
        if family not in TEXTS:
            found[family] = [Counter(codes) for codes in documents]
        elif documents and isinstance(documents[0], tuple):
            found[family] = [sum((bag(part) for part in parts), Counter()) for parts in documents]
        else:
            found[family] = [bag(text) for text in documents]
    return found


def _seen(bags: Bags) -> dict[str, Counter[str]]:
    """Of every family: in how many rows each term stands."""
    return {family: Counter(term for bag in own for term in bag) for family, own in bags.items()}


def with_history(weights: Mapping[str, float] = WEIGHTS, share: float = HISTORY_SHARE) -> dict[str, float]:
    """The weights where there is a history, which takes `share` of all; what was learnt of it stays as it was learnt."""
    if weights["history"] > 0:
        return dict(weights)
    return {family: weight * (1 - share) for family, weight in weights.items()} | {"history": share}


def without_history(weights: Mapping[str, float] = WEIGHTS) -> dict[str, float]:
    """The weights where there is none: the others take its share alike."""
    rest = sum(weights.values()) - weights["history"]
    share = sum(weights.values()) / rest if rest > 0 else 1.0
    return {family: weight * share for family, weight in weights.items()} | {"history": 0.0}


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


__all__ = ["FAMILIES", "IDF_POWER", "WEIGHTS", "WISHES", "Vocabulary", "scorable", "spoken", "with_history", "without_history", "words"]
