"""How good a ranking is, against judged grades: nDCG@10, MRR, MAP, recall, with paired bootstrap intervals over queries.

nDCG: Järvelin & Kekäläinen 2002, gain 2^grade - 1; intervals: percentiles of resampled queries (Efron 1979), the same draws for all
systems, so that differences are paired.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from consortium.matching.rank import MalformedLine, read_records

METRICS = ("nDCG@10", "MRR", "MAP", "recall@10", "recall@50")
DRAWS = 2_000


@dataclass(frozen=True)
class Judged:
    """One judged set. grades : (n_queries, n_documents) int64, documents in a fixed random order; least: the grade that counts as relevant."""

    name: str
    queries: tuple[str, ...]
    documents: tuple[str, ...]
    grades: np.ndarray
    least: int


def judged(folder: Path, least: int = 0) -> Judged:
    """Read queries.jsonl, corpus.jsonl and qrels.tsv (query, document, grade); raises MalformedLine.

    `least` 0: grade 2 and above count as relevant where the set has such grades, else grade 1.
    The documents stand in a fixed random order, so that ties and silence never profit from a file's order.
    """
    queries, documents = ([str(r["id"]) for r in read_records(folder / f"{side}.jsonl")] for side in ("queries", "corpus"))
    documents = [documents[i] for i in np.random.RandomState(0).permutation(len(documents))]
    row, column = ({key: i for i, key in enumerate(keys)} for keys in (queries, documents))
    grades = np.zeros((len(queries), len(documents)), dtype=np.int64)
    for number, line in enumerate((folder / "qrels.tsv").read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split()
        if not parts:
            continue
        if len(parts) != 3 or parts[0] not in row or parts[1] not in column or not parts[2].isdigit():
            raise MalformedLine(f"qrels.tsv, line {number}: a known query, a known document and a grade expected")
        grades[row[parts[0]], column[parts[1]]] = int(parts[2])
    return Judged(folder.name, tuple(queries), tuple(documents), grades, least or (2 if grades.max(initial=0) > 1 else 1))


def per_query(scores: np.ndarray, grades: np.ndarray, least: int) -> np.ndarray:
    """(n_judged_queries, 5) METRICS of every query that has a relevant document.

    scores : (n_queries, n_documents), -inf where a document was not listed; ties keep the documents' order.
    """
    discount = 1 / np.log2(np.arange(2, 12))
    found = []
    for own, grade in zip(scores, grades, strict=True):
        if not (grade >= least).any():
            continue
        order = np.argsort(-own, kind="stable")
        relevant = (grade >= least)[order]
        at = np.flatnonzero(relevant) + 1
        gain, ideal = 2.0 ** grade[order][:10] - 1, 2.0 ** np.sort(grade)[::-1][:10] - 1
        ndcg = (gain * discount[: len(gain)]).sum() / (ideal * discount[: len(ideal)]).sum()
        precision = (np.arange(1, len(at) + 1) / at).mean()
        found.append((ndcg, 1 / at[0], precision, relevant[:10].sum() / len(at), relevant[:50].sum() / len(at)))
    return np.array(found, dtype=np.float64).reshape(-1, len(METRICS))


def intervals(values: np.ndarray, seed: int = 1) -> np.ndarray:
    """(3, n_columns): mean, 2.5 % and 97.5 % bootstrap bounds over the rows of (n_queries, n_columns); one seed, one choice of rows."""
    draws = np.random.RandomState(seed).randint(len(values), size=(DRAWS, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5], axis=0)
    return np.stack([values.mean(axis=0), low, high])


def scores_of_run(path: Path, of: Judged) -> np.ndarray:
    """(n_queries, n_documents) scores of TREC run lines; -inf for what the run does not list."""
    row, column = ({key: i for i, key in enumerate(keys)} for keys in (of.queries, of.documents))
    scores = np.full(of.grades.shape, -np.inf)
    for line in path.read_text(encoding="utf-8").splitlines():
        query, _, document, _, score, _ = line.split(" ")
        scores[row[query], column[document]] = float(score)
    return scores


def texts(path: Path, keys: tuple[str, ...]) -> list[str]:
    """Title and text of every record in the order of `keys`: what plain search is given."""
    told: Mapping[str, str] = {str(r["id"]): f"{r.get('title', '')}\n{r.get('text', '')}".strip() for r in read_records(path)}
    return [told[key] for key in keys]


__all__ = ["DRAWS", "METRICS", "Judged", "MalformedLine", "intervals", "judged", "per_query", "scores_of_run", "texts"]
