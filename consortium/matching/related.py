"""What the texts nearest to a text say: words related to it, and the occupations that its title stands near.

Relevance feedback (Rocchio 1971) and explicit semantic analysis (Gabrilovich & Markovitch 2007) in one form: a text is compared with
frozen reference texts, and what the nearest of them say becomes its row. Both sides get rows in the same way, so the score stays
one dot product of terms that are not negative, and each term is something to read: a word, an occupation.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from consortium.matching.problem import to_json, unjson
from consortium.matching.terms import Bag, counted, inverse, numbered, seen, stem, unit, weighed, whole_words, words

NEAREST_POSTS, MOST_WORDS, MOST_POSTS = 30, 80, 4_000
NEAREST_TITLES = 30
GROUP_SHARE = 0.7
"""What a vote gives to the occupation's small group, where it gives 1 to the occupation."""

PIVOT_SLOPE = 0.75
"""How far a reference text's own length counts, not the mean one: long texts are found as often as they deserve (Singhal et al. 1996)."""

_STRETCH = 256
Catalogue = tuple[tuple[str, str], ...]
"""Official titles and market names with the code of their occupation, such as 6-31-01-01."""


def nearest(rows: sparse.csr_matrix, across: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """(n_rows, n_texts), given the texts as columns (n_terms, n_texts): by how much each of the `k` nearest texts is nearer than the next one after them.

    What all texts share thus counts nothing; ties at the edge give 0, so that no order of the texts matters.
    """
    stretches = []
    for start in range(0, rows.shape[0], _STRETCH):
        near = (rows[start : start + _STRETCH] @ across).toarray()
        if near.shape[1] > k:
            near -= np.partition(near, -k - 1, axis=1)[:, -k - 1][:, None]
        stretches.append(sparse.csr_matrix(np.maximum(near, 0.0)))
    return sparse.vstack(stretches, format="csr") if stretches else sparse.csr_matrix((0, across.shape[1]))


def largest(rows: sparse.csr_matrix, most: int) -> sparse.csr_matrix:
    """Only each row's `most` largest values, and those equal to the last of them."""
    data = rows.data.copy()
    for start, stop in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        if stop - start > most:
            own = data[start:stop]
            own[own < np.partition(own, -most)[-most]] = 0.0
    kept = sparse.csr_matrix((data, rows.indices.copy(), rows.indptr.copy()), shape=rows.shape)
    kept.eliminate_zeros()
    return kept


@dataclass(frozen=True)
class References:
    """Reference texts. terms, counts : (n_texts, n_terms) how they are found; said : (n_texts, n_columns) what they say, in unit rows."""

    terms: tuple[str, ...]
    counts: sparse.csr_matrix
    said: sparse.csr_matrix
    k: int
    most: int

    @cached_property
    def _idf(self) -> np.ndarray:
        return inverse(seen(self.counts), self.counts.shape[0])

    @cached_property
    def _columns(self) -> dict[str, int]:
        return numbered(self.terms)

    @cached_property
    def _across(self) -> sparse.csr_matrix:
        return weighed(self.counts, self._idf, PIVOT_SLOPE).T.tocsr()

    def rows(self, bags: Sequence[Bag]) -> sparse.csr_matrix:
        """(n_bags, n_columns) of length one: what the nearest reference texts say of each bag; equal bags are read once."""
        place: dict[int, int] = {}
        which = np.array([place.setdefault(id(bag), len(place)) for bag in bags], dtype=np.int64)
        first = {id(bag): bag for bag in bags}
        own = weighed(counted([first[one] for one in place], self._columns), self._idf)
        told = nearest(own, self._across, self.k) @ self.said
        told.sort_indices()
        return unit(largest(told.tocsr(), self.most))[which] if len(bags) else sparse.csr_matrix((0, self.said.shape[1]))


@dataclass(frozen=True)
class Related:
    """The posts of a fit as reference texts that say their own whole words; it keeps nothing of any student.

    words : a column's word as it is most often written; the column stands for all words of its stem.
    """

    terms: tuple[str, ...]
    counts: sparse.csr_matrix
    words: tuple[str, ...]
    said: sparse.csr_matrix

    @staticmethod
    def of(texts: Iterable[str], bags: Iterable[Bag]) -> Related:
        """From the posts' texts and their bags of terms: each text once, at most MOST_POSTS drawn by their SHA-256."""
        distinct = dict(zip(texts, bags, strict=True))
        drawn = sorted(distinct, key=lambda text: hashlib.sha256(text.encode()).digest())[:MOST_POSTS]
        spelled = [Counter(whole_words(text)) for text in drawn]
        written: dict[str, Counter[str]] = {}
        for bag in spelled:
            for word, count in bag.items():
                written.setdefault(stem(word), Counter())[word] += count
        stems = sorted(written)
        bags_ = [distinct[text] for text in drawn]
        terms = tuple(sorted({term for bag in bags_ for term in bag}))
        said = [_stemmed(bag) for bag in spelled]
        shown = tuple(min(written[s], key=lambda word, own=written[s]: (-own[word], word)) for s in stems)  # type: ignore[misc]
        return Related(terms, counted(bags_, numbered(terms)), shown, counted(said, numbered(stems)))

    @cached_property
    def references(self) -> References:
        """Ready to be asked."""
        said = weighed(self.said, inverse(seen(self.said), self.said.shape[0]))
        return References(self.terms, self.counts, said, NEAREST_POSTS, MOST_WORDS)

    def packed(self) -> dict[str, np.ndarray]:
        """Plain arrays: counts are small whole numbers and weights follow from them."""
        arrays = {"related": to_json({"terms": list(self.terms), "words": list(self.words)})}
        for name, rows in (("counts", self.counts), ("said", self.said)):
            arrays |= {f"related.{name}.data": rows.data.astype(np.uint32), f"related.{name}.indices": rows.indices, f"related.{name}.indptr": rows.indptr}
        return arrays

    @staticmethod
    def unpacked(arrays: Mapping[str, np.ndarray]) -> Related:
        """The inverse of `packed`."""
        told = unjson(arrays["related"])
        rows = {}
        for name, width in (("counts", len(told["terms"])), ("said", len(told["words"]))):
            data, indices, indptr = (arrays[f"related.{name}.{part}"] for part in ("data", "indices", "indptr"))
            rows[name] = sparse.csr_matrix((data.astype(np.float64), indices, indptr), shape=(len(indptr) - 1, width))
        return Related(tuple(told["terms"]), rows["counts"], tuple(told["words"]), rows["said"])


def _stemmed(bag: Bag) -> Counter[str]:
    found: Counter[str] = Counter()
    for word, count in bag.items():
        found[stem(word)] += count
    return found


@lru_cache(maxsize=4)
def occupations(catalogue: Catalogue) -> tuple[tuple[str, ...], References]:
    """The columns (codes of occupations and small groups) and the titles as reference texts that vote for their occupation."""
    codes = tuple(sorted({code for _, code in catalogue} | {small_group(code) for _, code in catalogue}))
    bags = [Counter(words(title)) for title, _ in catalogue]
    terms = tuple(sorted({term for bag in bags for term in bag}))
    place = {code: column for column, code in enumerate(codes)}
    votes = sparse.lil_matrix((len(catalogue), len(codes)))
    for row, (_, code) in enumerate(catalogue):
        votes[row, place[small_group(code)]] = GROUP_SHARE
        votes[row, place[code]] = 1.0
    return codes, References(terms, counted(bags, numbered(terms)), votes.tocsr(), NEAREST_TITLES, len(codes))


def small_group(code: str) -> str:
    """6-31-01-01 → 6-31-01."""
    return "-".join(code.split("-")[:3])
