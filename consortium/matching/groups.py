"""Rows that are alike: which kind every row is of, so that a question is asked once of a kind and not of every row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from consortium.matching.problem import Columns

_MOST = 2**62


def codes(side: Columns, name: str) -> np.ndarray:
    """(n,) int64: a number for every different value of a column. Kept beside the columns, which never change."""
    kept: dict[str, np.ndarray] = side.__dict__.setdefault("_codes", {})
    if name not in kept:
        column = side.data[name]
        if column.dtype == object:
            number: dict[object, int] = {}
            kept[name] = np.fromiter((number.setdefault(value, len(number)) for value in column), np.int64, len(column))
        else:
            whole = column.astype(np.int64) if column.dtype.kind in "mMib" else np.ascontiguousarray(column).view(np.int64)
            kept[name] = np.unique(whole, return_inverse=True)[1].astype(np.int64)
    return kept[name]


def combined(columns: Sequence[np.ndarray], n_rows: int) -> np.ndarray:
    """(n_rows,) int64 whole numbers that are equal where all the (n_rows,) columns of small whole numbers are."""
    whole, size = np.zeros(n_rows, dtype=np.int64), 1
    for column in columns:
        width = int(column.max()) + 1 if n_rows else 1
        if size > _MOST // width:
            whole = np.unique(whole, return_inverse=True)[1].astype(np.int64)
            size = n_rows
        whole, size = whole * width + column, size * width
    return whole


def groups(side: Columns, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The kind of every row by some columns, (n,) int64, and one row of each kind, (n_kinds,). Kept likewise."""
    kept: dict[tuple[str, ...], tuple[np.ndarray, np.ndarray]] = side.__dict__.setdefault("_groups", {})
    if tuple(names) not in kept:
        whole = combined([codes(side, name) for name in names], len(side))
        _, first, kind = np.unique(whole, return_index=True, return_inverse=True)
        kept[tuple(names)] = kind.astype(np.int64), first
    return kept[tuple(names)]


def distinct_rows(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different rows of a bool table, and which of them every row is, (n_rows,) int64."""
    if not table.size:
        return table[:1], np.zeros(len(table), dtype=np.int64)
    packed = np.ascontiguousarray(np.packbits(table, axis=1))
    _, first, kind = np.unique(packed.view(np.dtype((np.void, packed.shape[1]))).ravel(), return_index=True, return_inverse=True)
    return table[first], kind.astype(np.int64)
