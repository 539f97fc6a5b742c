"""What a run gives back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from consortium.matching.stored import loaded, saved


@dataclass(frozen=True)
class ChunkResult:
    """What one stretch of students gave.

    start, stop : rows of students; idx, points : (stop − start, k) best positions of each;
    position_idx, position_points : (n_positions, k) best students of each *within the stretch*, as rows of the whole;
    n_lawful : (n_positions,) lawful students of the stretch; class_pairs, class_students : (n_classes, n_sectors) lawful pairs, and
    students with at least one lawful position there.
    """

    start: int
    stop: int
    idx: np.ndarray
    points: np.ndarray
    position_idx: np.ndarray
    position_points: np.ndarray
    n_lawful: np.ndarray
    class_pairs: np.ndarray
    class_students: np.ndarray

    def to_bytes(self) -> bytes:
        """Plain arrays, no pickle, in 32 bits where all fits into them."""
        names = ("idx", "points", "position_idx", "position_points", "n_lawful", "class_pairs", "class_students")
        return saved({**{name: _narrow(getattr(self, name)) for name in names}, "cut": np.array([self.start, self.stop])})

    @staticmethod
    def from_bytes(raw: bytes) -> ChunkResult:
        """The inverse of `to_bytes`."""
        box = loaded(raw)
        start, stop = (int(v) for v in box.pop("cut"))
        return ChunkResult(start, stop, **{name: array.astype(np.int64) for name, array in box.items()})


def _narrow(array: np.ndarray) -> np.ndarray:
    fits = not array.size or (array.max() < 2**31 and array.min() >= -(2**31))
    return array.astype(np.int32) if fits else array


@dataclass(frozen=True)
class Outcome:
    """A whole run: both top-k lists, the stable assignment, the report, the digest.

    student_idx, student_points : (n_students, k); position_idx, position_points : (n_positions, k); -1 fills up;
    n_lawful : (n_positions,); assigned : (n_students,) position row or -1; place : (n_students,) its place in the student's list.
    """

    student_keys: np.ndarray
    position_keys: np.ndarray
    student_idx: np.ndarray
    student_points: np.ndarray
    position_idx: np.ndarray
    position_points: np.ndarray
    n_lawful: np.ndarray
    assigned: np.ndarray
    place: np.ndarray
    report: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over keys, lists and assignment, in the order of the keys: the same snapshot must give the same one."""
        told = hashlib.sha256()
        for keys in (self.student_keys, self.position_keys):
            told.update("\x1f".join(map(str, keys)).encode())
        for array in (
            self.student_idx, self.student_points, self.position_idx, self.position_points, self.n_lawful, self.assigned, self.place,
        ):  # fmt: skip
            told.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        return told.hexdigest()
