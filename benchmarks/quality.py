"""Match quality on judged sets: `consortium rank` beside BM25 and plain TF-IDF, paired.

    consortium evaluate SET [SET …]

Peers are given title and text of every record, as the product is. Where a set has graded judgements (2 and above), the product is also
measured with history: in five folds, every document is scored by a ranking that learnt from the judgements of the other folds; near-duplicates
stay in one fold, else memory would pass for learning.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import rjieba
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

sys.path.insert(0, str(Path(__file__).parent))

import record
from record import Row

from consortium.matching import evaluation
from consortium.matching.evaluation import METRICS, Judged

LEARNT = "consortium with history"
LEAD = 1.25  # how many times the best peer's MAP the product should reach
RUN = re.compile(r"[\u3400-\u9fff]+|[a-z0-9+#.]+")
FOLDS, NEAR = 5, 0.5
Rank = Callable[[Path, Path, int, Path, Path | None], object]


def search_words(text: str) -> list[str]:
    """Words as a search engine takes them."""
    return [w for run in RUN.findall(text.lower()) for w in (rjieba.cut_for_search(run) if run[0] > "\u33ff" else [run])]


def han(text: str) -> list[str]:
    """Chinese characters in ones and twos, other words whole."""
    found: list[str] = []
    for run in RUN.findall(text.lower()):
        found += [*run, *(run[i : i + 2] for i in range(len(run) - 1))] if run[0] > "\u33ff" else [run]
    return found


def folds(documents: list[str]) -> np.ndarray:
    """(n_documents,) fold of each; documents closer than NEAR by TF-IDF characters are together."""
    rows = TfidfVectorizer(analyzer=han, sublinear_tf=True).fit_transform(documents)
    near = rows @ rows.T
    near.data = (near.data > NEAR).astype(np.float64)
    near.eliminate_zeros()
    n_groups, group = connected_components(near, directed=False)
    return np.asarray(np.random.RandomState(0).permutation(n_groups)[group] % FOLDS)


def tfidf(vectoriser: TfidfVectorizer, queries: list[str], documents: list[str]) -> np.ndarray:
    """(n_queries, n_documents) cosine of TF-IDF rows."""
    rows = vectoriser.fit_transform([*queries, *documents])
    return np.asarray((rows[: len(queries)] @ rows[len(queries) :].T).toarray())


def bm25(analyser: Callable[[str], list[str]], queries: list[str], documents: list[str], k1: float = 1.5, b: float = 0.75) -> np.ndarray:
    """(n_queries, n_documents) scores as bm25s gives them by default (Lucene's form; Robertson & Zaragoza 2009)."""
    counter = CountVectorizer(analyzer=analyser)
    counts = counter.fit_transform(documents).astype(np.float64).tocsr()
    length = np.asarray(counts.sum(axis=1)).ravel()
    n_seen = np.bincount(counts.indices, minlength=counts.shape[1])
    idf = np.log(1 + (len(documents) - n_seen + 0.5) / (n_seen + 0.5))
    row = np.repeat(np.arange(len(documents)), np.diff(counts.indptr))
    saturated = counts.data / (counts.data + k1 * (1 - b + b * length[row] / length.mean()))
    weights = sparse.csr_matrix((saturated * idf[counts.indices], counts.indices, counts.indptr), shape=counts.shape)
    return np.asarray((counter.transform(queries) @ weights.T).toarray(), dtype=np.float64)


PEERS: dict[str, Callable[[list[str], list[str]], np.ndarray]] = {
    "TF-IDF char_wb(2,4)": lambda q, d: tfidf(TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True), q, d),
    "TF-IDF words": lambda q, d: tfidf(TfidfVectorizer(analyzer=search_words, sublinear_tf=True), q, d),
    "TF-IDF characters": lambda q, d: tfidf(TfidfVectorizer(analyzer=han, sublinear_tf=True), q, d),
    "BM25 words": lambda q, d: bm25(search_words, q, d),
    "BM25 characters": lambda q, d: bm25(han, q, d),
}


def measured(folder: Path, rank: Rank) -> dict[str, np.ndarray]:
    """Per-query METRICS (n_queries, 5) of every system on one set."""
    of = evaluation.judged(folder)
    queries, documents = (evaluation.texts(folder / f"{side}.jsonl", keys) for side, keys in (("queries", of.queries), ("corpus", of.documents)))
    found = {"consortium": evaluation.per_query(_ranked(folder, of, rank), of.grades, of.least)}
    if of.least > 1:
        found[LEARNT] = evaluation.per_query(_with_history(folder, of, rank, documents), of.grades, of.least)
    return found | {name: evaluation.per_query(peer(queries, documents), of.grades, of.least) for name, peer in PEERS.items()}


def rows(name: str, systems: dict[str, np.ndarray]) -> list[Row]:
    """The table of one set: each metric of each system with its interval, then the product's MAP against the best peer, query by query."""
    if not len(systems["consortium"]):
        return [Row(f"{name}: queries with a relevant document", 0.0, "")]
    table = [
        Row(f"{name}, {system}: {metric}", round(float(mean), 4), "", interval=(round(float(low), 4), round(float(high), 4)))
        for system, values in systems.items()
        for metric, mean, low, high in zip(METRICS, *evaluation.intervals(values), strict=True)
    ]
    own, at = systems["consortium"], METRICS.index("MAP")
    best = max((system for system in systems if system in PEERS), key=lambda system: float(systems[system][:, at].mean()))
    mean, low, high = evaluation.intervals(own[:, [at]] - systems[best][:, [at]])[:, 0]
    table.append(Row(f"{name}: MAP above {best}", round(float(mean), 4), "", interval=(round(float(low), 4), round(float(high), 4))))
    peer = float(systems[best][:, at].mean())
    return [*table, record.at_least(f"{name}: MAP, times that of {best}", float(own[:, at].mean()) / peer if peer else float("inf"), "×", LEAD)]


def run(folders: Iterable[Path], rank: Rank) -> bool:
    """Measure, print, write; whether every goal holds."""
    return record.write("quality", [row for folder in folders for row in rows(folder.name, measured(folder, rank))], seed=1)


def _ranked(folder: Path, of: Judged, rank: Rank, history: str = "") -> np.ndarray:
    with tempfile.TemporaryDirectory() as place:
        out, events = Path(place) / "run.tsv", Path(place) / "history.tsv"
        events.write_text(history, encoding="utf-8")
        rank(folder / "queries.jsonl", folder / "corpus.jsonl", max(len(of.documents), 1), out, events if history else None)
        return evaluation.scores_of_run(out, of)


def _with_history(folder: Path, of: Judged, rank: Rank, documents: list[str]) -> np.ndarray:
    scores, fold = np.full(of.grades.shape, -np.inf), folds(documents)
    for held_out in range(FOLDS):
        known = [(i, j) for i, j in np.argwhere(of.grades > 0) if fold[j] != held_out]
        history = "".join(f"{of.queries[i]}\t{of.documents[j]}\t{of.grades[i, j]}\n" for i, j in known)
        scores[:, fold == held_out] = _ranked(folder, of, rank, history)[:, fold == held_out]
    return scores
