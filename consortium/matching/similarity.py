"""Exact best k on both sides under the mask, stretch by stretch, with a total order.

A score is kept as whole points (millionths), so rounding cannot depend on the cut; ties fall to the lottery, then the key.
"""

from __future__ import annotations

import hashlib

import numpy as np
from scipy import sparse

GRID = 1_000_000  # points of a score of 1


def lottery(seed: int, keys: np.ndarray) -> np.ndarray:
    """(n,) turn of every key, 0 first: the order of SHA-256(seed, key). One number per row and run, fit to be published."""
    drawn = [hashlib.sha256(f"{seed}:{key}".encode()).hexdigest() for key in keys]
    order = sorted(range(len(keys)), key=lambda i: (drawn[i], str(keys[i])))
    turns = np.empty(len(keys), dtype=np.int64)
    turns[order] = np.arange(len(keys))
    return turns


def points(rows: sparse.csr_matrix, columns: sparse.csr_matrix) -> np.ndarray:
    """(n_rows, n_columns) int64 points of every pair of a stretch."""
    product = (rows @ columns.T).toarray()
    return np.rint(np.asarray(product, dtype=np.float64) * GRID).astype(np.int64)


def best(scores: np.ndarray, mask: np.ndarray, turns: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best k columns of every row.

    scores, mask : (n_rows, n_columns); turns : (n_columns,) each column's lottery turn.
    Returns idx, points : (n_rows, k) int64, best first, -1 where there are fewer; only lawful pairs with points above 0.
    """
    n_rows, n_columns = scores.shape
    k_found = min(k, n_columns)
    idx = np.full((n_rows, k), -1, dtype=np.int64)
    got = np.full((n_rows, k), -1, dtype=np.int64)
    if k_found == 0 or n_rows == 0:
        return idx, got
    order = np.where(mask & (scores > 0), scores * n_columns + (n_columns - 1 - turns)[None, :], -1)
    if k_found < n_columns:
        part = np.argpartition(-order, k_found - 1, axis=1)[:, :k_found]
    else:
        part = np.broadcast_to(np.arange(n_columns), (n_rows, n_columns))
    values = np.take_along_axis(order, part, axis=1)
    rank = np.argsort(-values, axis=1, kind="stable")
    part, values = np.take_along_axis(part, rank, axis=1), np.take_along_axis(values, rank, axis=1)
    idx[:, :k_found] = np.where(values >= 0, part, -1)
    got[:, :k_found] = np.where(values >= 0, np.take_along_axis(scores, part, axis=1), -1)
    return idx, got


def merged(parts: list[tuple[np.ndarray, np.ndarray]], turns: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The best k of several lists of the same owners: idx, points (n_owners, k) each; `turns` by idx."""
    idx = np.concatenate([p[0] for p in parts], axis=1)
    got = np.concatenate([p[1] for p in parts], axis=1)
    n = len(turns)
    order = np.where(idx >= 0, got * n + (n - 1 - turns[np.maximum(idx, 0)]), -1)
    rank = np.argsort(-order, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(idx, rank, axis=1), np.take_along_axis(got, rank, axis=1)
