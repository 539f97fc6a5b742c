"""What the texts nearest to a text say: words related to it, and the occupations that its title stands near.

Relevance feedback (Rocchio 1971) and explicit semantic analysis (Gabrilovich & Markovitch 2007) in one form: a text is compared with
frozen reference texts, and what the nearest of them say becomes its row. Both sides get rows in the same way, so the score stays
one dot product of terms that are not negative, and each term is something to read: a word, an occupation.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from consortium.matching.problem import to_json, unjson
from consortium.matching.terms import Bag, counted, inverse, numbered, seen, stem, unit, weighed, whole_words, words

MOST_WORDS, MOST_POSTS = 80, 4_000
NEAREST_TITLES = 15
LEAST_SHARE = 0.05
"""What says less than this share of a row's strongest word or occupation is left out: weak tails tell nothing and cost time."""

GROUP_SHARE = 0.7
"""What a vote gives to the occupation's small group, where it gives 1 to the occupation."""

PIVOT_SLOPE = 0.75
"""How far a reference text's own length counts, not the mean one: long texts are found as often as they deserve (Singhal et al. 1996)."""

_STRETCH = 256
_CHINESE = re.compile(r"[\u3400-\u9fff]")
Catalogue = tuple[tuple[str, str], ...]
"""Official titles and market names with the code of their occupation, such as 6-31-01-01."""


def nearest(rows: sparse.csr_matrix, across: sparse.csr_matrix, k: int) -> sparse.csr_matrix:
    """(n_rows, n_texts), given the texts as columns (n_terms, n_texts), nothing negative on either side: by how much each of the `k` nearest texts is nearer than the next one after them.

    What all texts share thus counts nothing; ties at the edge give 0, so that no order of the texts matters.
    """
    stretches = []
    for start in range(0, rows.shape[0], _STRETCH):
        near = (rows[start : start + _STRETCH] @ across).tocsr()
        for begin, end in zip(near.indptr[:-1], near.indptr[1:], strict=True):
            if end - begin > k:
                own = near.data[begin:end]
                np.maximum(own - np.partition(own, -k - 1)[-k - 1], 0.0, out=own)
        near.eliminate_zeros()
        stretches.append(near)
    return sparse.vstack(stretches, format="csr") if stretches else sparse.csr_matrix((0, across.shape[1]))


def largest(rows: sparse.csr_matrix, most: int, least: float = 0.0) -> sparse.csr_matrix:
    """Only each row's `most` largest values, and those equal to the last of them; nothing below the share `least` of the row's largest."""
    data = rows.data.copy()
    for start, stop in zip(rows.indptr[:-1], rows.indptr[1:], strict=True):
        if stop - start > 1:
            own = data[start:stop]
            edge = np.partition(own, -most)[-most] if stop - start > most else 0.0
            own[own < max(edge, least * own.max())] = 0.0
    kept = sparse.csr_matrix((data, rows.indices.copy(), rows.indptr.copy()), shape=rows.shape)
    kept.eliminate_zeros()
    return kept


Asked = tuple[sparse.csr_matrix, np.ndarray]


@dataclass(frozen=True)
class References:
    """Reference texts. terms, counts : (n_texts, n_terms) how they are found; said : (n_texts, n_columns) what they say, in unit rows.

    k : how many are heard; power : of how much nearer each is, 1 as it stands, 0.5 its root, which lets the farther ones be heard.
    """

    terms: tuple[str, ...]
    counts: sparse.csr_matrix
    said: sparse.csr_matrix
    k: int
    most: int
    power: float = 1.0

    @cached_property
    def _idf(self) -> np.ndarray:
        return inverse(seen(self.counts), self.counts.shape[0])

    @cached_property
    def _columns(self) -> dict[str, int]:
        return numbered(self.terms)

    @cached_property
    def _across(self) -> sparse.csr_matrix:
        return weighed(self.counts, self._idf, PIVOT_SLOPE).T.tocsr()

    def asked(self, bags: Sequence[Bag]) -> Asked:
        """Each different bag's weighed row, and which of them every bag is."""
        place: dict[int, int] = {}
        which = np.array([place.setdefault(id(bag), len(place)) for bag in bags], dtype=np.int64)
        first = {id(bag): bag for bag in bags}
        return weighed(counted([first[one] for one in place], self._columns), self._idf), which

    def rows(self, asked: Asked) -> sparse.csr_matrix:
        """(n_bags, n_columns), not of length one: what the nearest reference texts say of each bag."""
        own, which = asked
        near = nearest(own, self._across, self.k)
        near.data **= self.power
        told = (near @ self.said).tocsr()
        told.sort_indices()
        return largest(told, self.most, LEAST_SHARE)[which]


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
    def _said(self) -> sparse.csr_matrix:
        return weighed(self.said, inverse(seen(self.said), self.said.shape[0]))

    @cached_property
    def few(self) -> References:
        """To be asked for the few nearest posts, each by how near it is: sharp, for a wish or a title."""
        return References(self.terms, self.counts, self._said, 15, MOST_WORDS)

    @cached_property
    def many(self) -> References:
        """To be asked for more posts, heard more evenly: broad, for courses and duties."""
        return References(self.terms, self.counts, self._said, 30, MOST_WORDS, 0.5)

    def rows(self, bags: Sequence[Bag], *heard: References) -> list[sparse.csr_matrix]:
        """For each way of hearing, `few` or `many`, (n_bags, n_words) of length one: words of the posts near each bag."""
        asked = self.few.asked(bags)
        return [unit(references.rows(asked)) for references in heard]

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


@dataclass(frozen=True)
class Occupations:
    """Titles that vote for their occupation. codes : the columns, occupations and small groups; asked : Chinese titles and others,
    since a word's rarity is that of its own language."""

    codes: tuple[str, ...]
    asked: tuple[References, ...]

    def rows(self, bags: Sequence[Bag]) -> sparse.csr_matrix:
        """(n_bags, n_codes) of length one: what the nearest titles vote for."""
        empty = sparse.csr_matrix((len(bags), len(self.codes)))
        return unit(sum((references.rows(references.asked(bags)) for references in self.asked), start=empty).tocsr())


@lru_cache(maxsize=4)
def occupations(catalogue: Catalogue) -> Occupations:
    """The occupations that a catalogue of titles can vote for."""
    codes = tuple(sorted({code for _, code in catalogue} | {small_group(code) for _, code in catalogue}))
    place = {code: column for column, code in enumerate(codes)}
    asked = []
    for chinese in (True, False):
        own = [(title, code) for title, code in catalogue if bool(_CHINESE.search(title)) == chinese]
        bags = [Counter(words(title)) for title, _ in own]
        terms = tuple(sorted({term for bag in bags for term in bag}))
        columns = np.array([[place[code], place[small_group(code)]] for _, code in own], dtype=np.int32).reshape(-1, 2)
        parts = (np.tile([1.0, GROUP_SHARE], len(own)), columns.ravel(), np.arange(0, columns.size + 1, 2))
        votes = sparse.csr_matrix(parts, shape=(len(own), len(codes)))
        votes.sort_indices()
        if own:
            asked.append(References(terms, counted(bags, numbered(terms)), votes, NEAREST_TITLES, len(codes)))
    return Occupations(codes, tuple(asked))


def small_group(code: str) -> str:
    """6-31-01-01 → 6-31-01."""
    return "-".join(code.split("-")[:3])
