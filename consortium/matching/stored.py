"""Arrays as bytes and back without copying: what a run keeps, fit to be mapped into memory and read in part.

A file is a line of JSON (name, type, shape and place of every array) and the arrays, each on a multiple of 64 bytes. No pickle. Texts are
UTF-8 end to end with the place where each ends, so that one row of many is read alone.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from scipy import sparse

from consortium.matching.problem import (
    CODES,
    POSITION_COLUMNS,
    STUDENT_COLUMNS,
    TEXT,
    Columns,
    Problem,
    objects,
    to_json,
    unjson,
    unknown_column,
)

_MAGIC, _ALIGN = b"CONSORT1", 64
KINDS: Mapping[str, Mapping[str, str]] = {"students": STUDENT_COLUMNS, "positions": POSITION_COLUMNS}
Arrays = Mapping[str, np.ndarray]


def saved(arrays: Arrays) -> bytes:
    """Arrays as bytes."""
    return b"".join(pieces(arrays))


def pieces(arrays: Arrays) -> Iterator[bytes | memoryview]:
    """The same piece by piece, to be written without a copy of the whole."""
    head: dict[str, tuple[str, list[int], int]] = {}
    parts: list[bytes | memoryview] = []
    at = 0
    for name, array in arrays.items():
        whole = np.ascontiguousarray(array)
        head[name] = (whole.dtype.str, list(whole.shape), at)
        filled = -whole.nbytes % _ALIGN
        parts += [whole.reshape(-1).view(np.uint8).data, bytes(filled)]
        at += whole.nbytes + filled
    told = json.dumps(head, separators=(",", ":")).encode()
    told += b" " * (-(len(_MAGIC) + 8 + len(told)) % _ALIGN)
    yield b"".join([_MAGIC, len(told).to_bytes(8, "little"), told])
    yield from parts


def loaded(raw: Any) -> dict[str, np.ndarray]:
    """The inverse of `saved`, from bytes or a map of a file, whose pages are then read when they are needed. Raises ValueError."""
    view = memoryview(raw if not isinstance(raw, bytes) else bytearray(raw))  # the compiled loops know arrays that may be written
    if bytes(view[:2]) == b"PK":  # kept by an earlier release
        with np.load(io.BytesIO(view), allow_pickle=False) as box:
            return {name: box[name] for name in box.files}
    if bytes(view[:8]) != _MAGIC:
        raise ValueError("these bytes were not kept by a run")
    start = 16 + int.from_bytes(view[8:16], "little")
    head = json.loads(bytes(view[16:start]))
    found = {}
    for name, (kind, shape, at) in head.items():
        n = int(np.prod(shape, dtype=np.int64))
        found[name] = np.frombuffer(view, np.dtype(kind), n, start + at).reshape(shape) if n else np.zeros(shape, np.dtype(kind))
    return found


def packed(problem: Problem) -> dict[str, np.ndarray]:
    """The problem as plain arrays."""
    told = {"on": problem.on.isoformat(), "seed": problem.seed, "open": problem.open_to_all}
    return {"problem": to_json(told), **packed_side(problem.students), **packed_side(problem.positions)}


def unpacked(arrays: Arrays) -> Problem:
    """The inverse of `packed`; a column is read when it is asked for."""
    told = unjson(arrays["problem"])
    students, positions = (unpacked_side(side, arrays) for side in KINDS)
    return Problem(students, positions, date.fromisoformat(told["on"]), told["seed"], told["open"])


def packed_side(side: Columns) -> dict[str, np.ndarray]:
    """One side as plain arrays."""
    arrays = _texts(f"{side.side}.key", side.key)
    for name, kind in KINDS[side.side].items():
        place, column = f"{side.side}.{name}", side.data[name]
        if kind == CODES:
            arrays |= _texts(place, [code for codes in column for code in codes])
            arrays[f"{place}.rows"] = np.cumsum([len(codes) for codes in column], dtype=np.int64)
        elif kind == TEXT:
            arrays |= _texts(place, column)
        else:
            arrays[place] = column
    return arrays


def unpacked_side(side: str, arrays: Arrays) -> Columns:
    """The inverse of `packed_side`."""
    whole = slice(None)
    if f"{side}.key" in arrays:
        return _of_earlier_release(side, arrays)
    return Columns(side, _read(arrays, f"{side}.key", TEXT, whole), Stored(side, arrays))


def _of_earlier_release(side: str, arrays: Arrays) -> Columns:
    """Columns that were kept as JSON."""
    key, data = objects(unjson(arrays[f"{side}.key"])), {}
    for name, kind in KINDS[side].items():
        raw = arrays.get(f"{side}.{name}")
        if raw is None:
            data[name] = unknown_column(kind, len(key))
        elif kind == TEXT:
            data[name] = objects(unjson(raw))
        else:
            data[name] = objects([tuple(codes) for codes in unjson(raw)]) if kind == CODES else raw
    return Columns(side, key, data)


class Stored(Mapping[str, np.ndarray]):
    """The columns of one side in their bytes; what was read once stays."""

    def __init__(self, side: str, arrays: Arrays) -> None:
        self._side, self._arrays, self._kinds = side, arrays, KINDS[side]
        self._seen: dict[str, np.ndarray] = {}
        self._n = len(arrays[f"{side}.key.ends"])

    def _is_kept(self, name: str) -> bool:
        """Whether an earlier release that kept these bytes knew the column."""
        return f"{self._side}.{name}" in self._arrays or f"{self._side}.{name}.bytes" in self._arrays

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._seen and not self._is_kept(name):
            self._seen[name] = unknown_column(self._kinds[name], self._n)
        elif name not in self._seen:
            self._seen[name] = _read(self._arrays, f"{self._side}.{name}", self._kinds[name], slice(None))
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)

    def take(self, rows: np.ndarray | slice) -> dict[str, np.ndarray]:
        """The columns of some rows; the others are not read."""
        return {name: self._taken(name, kind, rows) for name, kind in self._kinds.items()}

    def _taken(self, name: str, kind: str, rows: np.ndarray | slice) -> np.ndarray:
        if name in self._seen or kind not in (TEXT, CODES) or not self._is_kept(name):
            return np.asarray(self[name][rows])
        return _read(self._arrays, f"{self._side}.{name}", kind, rows)


def packed_rows(name: str, rows: sparse.csr_matrix) -> dict[str, np.ndarray]:
    """Feature rows as plain arrays."""
    return {f"{name}.data": rows.data, f"{name}.indices": rows.indices, f"{name}.indptr": rows.indptr}


def unpacked_rows(name: str, arrays: Arrays, n_columns: int) -> sparse.csr_matrix:
    """The inverse of `packed_rows`."""
    data, indices, indptr = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    rows = sparse.csr_matrix((len(indptr) - 1, n_columns))
    rows.data, rows.indices, rows.indptr = data, indices, indptr  # the constructor would read them all
    rows.has_sorted_indices = rows.has_canonical_format = True
    return rows


def chained(parts: Sequence[Arrays]) -> dict[str, np.ndarray]:
    """The sides and rows of several stretches end to end, without reading them; what counts on goes on counting."""
    whole = {}
    for name in parts[0] if parts else ():
        columns = [part[name] for part in parts]
        kind = name.rpartition(".")[2]
        if kind == "indptr":
            columns = [columns[0][:1], *(column[1:] for column in columns)]
        if kind in ("ends", "rows", "indptr"):
            before, told = 0, []
            for column in columns:
                told.append(column.astype(np.int64) + before)
                before = int(told[-1][-1]) if len(column) else before
            columns = told
        whole[name] = np.concatenate(columns)
        if kind == "indptr" and whole[name][-1] < 2**31:
            whole[name] = whole[name].astype(np.int32)
    return whole


def without(raw: bytes, key: str, columns: Collection[str]) -> tuple[bytes, int] | None:
    """A stored problem with nothing in these columns of one student's row, and which row that is; None where she is not in it."""
    arrays = loaded(raw)
    if "students.key.ends" not in arrays:
        return None
    side = unpacked_side("students", arrays)
    at = int(np.searchsorted(side.key, key)) if len(side.key) else 0
    if at >= len(side.key) or side.key[at] != key:
        return None
    data = dict(side.data)
    for name in columns:
        kind = STUDENT_COLUMNS[name]
        data[name] = np.array(data[name], copy=True)
        data[name][at] = "" if kind == TEXT else () if kind == CODES else unknown_column(kind, 1)[0]
    return saved({**arrays, **packed_side(Columns("students", side.key, data))}), at


def _texts(name: str, column: Sequence[str] | np.ndarray) -> dict[str, np.ndarray]:
    told = [text.encode() for text in column]
    ends = np.cumsum([len(text) for text in told], dtype=np.int64)
    return {f"{name}.bytes": np.frombuffer(b"".join(told), dtype=np.uint8), f"{name}.ends": ends}


def _read(arrays: Arrays, place: str, kind: str, rows: np.ndarray | slice) -> np.ndarray:
    if kind not in (TEXT, CODES):
        return arrays[place]
    raw, ends = arrays[f"{place}.bytes"].data, arrays[f"{place}.ends"]
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    if kind == TEXT:
        return objects([sys.intern(str(raw[a:b], "utf-8")) for a, b in zip(starts[rows].tolist(), ends[rows].tolist(), strict=True)])
    last = arrays[f"{place}.rows"]
    first = np.concatenate([[0], last[:-1]]) if len(last) else last
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    found = []
    for a, b in zip(first[rows].tolist(), last[rows].tolist(), strict=True):
        codes = tuple(sys.intern(str(raw[starts[c] : ends[c]], "utf-8")) for c in range(a, b))
        found.append(known.setdefault(codes, codes))
    return objects(found)
