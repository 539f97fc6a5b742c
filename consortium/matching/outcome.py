"""What a run gives back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from consortium.matching.requests import Unmet
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
    n_lawful : (n_positions,); assigned : (n_students,) position row or -1; place : (n_students,) its place in the student's list, 0 outside it;
    points : (n_students,) the score of the placement, -1 for none; row : (n_students,) row of seats (`market.Seats`) or -1; basis :
    (n_students,) what was declared beforehand and counted: fixed, reserved:code, priority:code, or ''; unmet : requests that
    cannot be met, each with what binds it.
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
    points: np.ndarray
    row: np.ndarray
    basis: np.ndarray
    unmet: tuple[Unmet, ...] = ()
    report: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 over keys, lists, assignment and its grounds, in the order of the keys: the same snapshot must give the same one."""
        told = hashlib.sha256()
        for keys in (self.student_keys, self.position_keys, self.basis):
            told.update("\x1f".join(map(str, keys)).encode())
        for array in (
            self.student_idx, self.student_points, self.position_idx, self.position_points, self.n_lawful, self.assigned, self.place,
            self.row,
        ):  # fmt: skip
            told.update(np.ascontiguousarray(array, dtype="<i8").tobytes())
        return told.hexdigest()


@dataclass(frozen=True)
class Kept:
    """What is kept of a run so that it can be asked again: its lists, as rows of what it read (-1 fills up).

    student_idx : (n_students, k); position_idx, position_points : (n_positions, k_positions).
    """

    student_idx: np.ndarray
    position_idx: np.ndarray
    position_points: np.ndarray

    @staticmethod
    def of(outcome: Outcome) -> Kept:
        """From the whole."""
        return Kept(outcome.student_idx, outcome.position_idx, outcome.position_points)

    def to_bytes(self) -> bytes:
        """npz, no pickle; row numbers and points (at most a few millions) fit 32 bits."""
        return saved({name: getattr(self, name).astype(np.int32) for name in ("student_idx", "position_idx", "position_points")})

    @staticmethod
    def from_bytes(raw: bytes) -> Kept:
        """The inverse of `to_bytes`."""
        return Kept(**{name: array.astype(np.int64) for name, array in loaded(raw).items()})
