"""Only lawful pairs are scored: students dealt into blocks, each with an index of the posts that may be open to it.

A block is a set of students that some rules treat alike, and the posts that these rules leave open. It is divided as long as that
saves more additions than one more index costs; what the rules not used for the division say is kept as rows of bits (0 or 1 for every
post of the block), so results do not depend on how the students were divided.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import sparse

from consortium.matching.eligibility import Table
from consortium.matching.groups import combined

INDEX_COST = 256  # an entry of an index costs about as much as scoring its post for so many students
WORTH = 0.9  # a division must leave at most so much of the work
TILE = 4096  # posts: their scores are 32 kB; at most 65,536, the numbers within a tile being uint16
SMALL = 64  # students a block is not divided below


@dataclass(frozen=True)
class Tile:
    """As many posts of a block as a core's cache holds scores of, and the inverted index of their rows.

    begin : the first of them in the block; posts : (n_tile,) int64 rows of positions; starts, post, weight : of every column the posts
    that have it (numbers within the tile) and how much, (n_columns + 1,) uint32, (nnz,) uint16, (nnz,) float64; scorable : (n_tile,) uint8.
    """

    begin: int
    posts: np.ndarray
    starts: np.ndarray
    post: np.ndarray
    weight: np.ndarray
    scorable: np.ndarray


@dataclass(frozen=True)
class Block:
    """Posts that are scored together.

    posts : (n_block,) int64 rows of positions, by sector; keep : (n_rules_rows, n_block) uint8; row_of : of every rule left the kind of
    every student, and the row of `keep` of each kind; segment : (n_segments + 1,) int64 where each sector begins, sector : (n_segments,).
    """

    posts: np.ndarray
    tiles: tuple[Tile, ...]
    keep: np.ndarray
    row_of: tuple[tuple[np.ndarray, np.ndarray], ...]
    segment: np.ndarray
    sector: np.ndarray


@dataclass(frozen=True)
class Piece:
    """Students of one block, by signature: rows[run[r] : run[r + 1]] are alike before the law.

    rows : (n,) int64; run : (n_runs + 1,) int64; kept : (n_runs, n_rules) int64 rows of the block's `keep`; kind : (n_runs,) int64 major class.
    """

    block: Block
    rows: np.ndarray
    run: np.ndarray
    kept: np.ndarray
    kind: np.ndarray


@dataclass
class Plan:
    """Students of a whole run dealt into blocks; indexes are built when a stretch first needs them.

    tables : the rules that stop some pair; lawful, scorable : (n_positions,) bool; position_rows : (n_positions, n_columns);
    kind : (n_students,) int64 row of the major class, sector : (n_positions,) int64.
    """

    tables: Sequence[Table]
    lawful: np.ndarray
    scorable: np.ndarray
    position_rows: sparse.csr_matrix
    kind: np.ndarray
    sector: np.ndarray
    block_of: np.ndarray = field(init=False)
    signature: np.ndarray = field(init=False)
    _posts: list[np.ndarray] = field(init=False)
    _built: dict[int, Block] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        n_students = len(self.kind)
        self.block_of, self._posts = _divided(self.tables, n_students, np.flatnonzero(self.lawful))
        self.signature = combined([self.block_of, self.kind, *(table.student for table in self.tables)], n_students)

    @property
    def n_blocks(self) -> int:
        """How many blocks the students were dealt into."""
        return len(self._posts)

    def pieces(self, start: int, stop: int, most: int) -> Iterator[Piece]:
        """The students of a stretch, at most `most` in a piece; those to whom nothing is open are left out."""
        order = start + np.lexsort((self.signature[start:stop], self.block_of[start:stop]))
        cuts = np.flatnonzero(np.diff(self.block_of[order], prepend=-1, append=-1))
        for begin, end in pairwise(cuts.tolist()):
            block = self._block(int(self.block_of[order[begin]]))
            if len(block.posts):
                for at in range(begin, end, most):
                    yield self._piece(block, order[at : min(at + most, end)])

    def allows(self, students: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """(n,) bool: whether these pairs of rows are lawful."""
        allowed = self.lawful[positions].copy()
        for table in self.tables:
            allowed &= table.open[table.student[students], table.position[positions]]
        return allowed

    def _piece(self, block: Block, rows: np.ndarray) -> Piece:
        run = np.flatnonzero(np.diff(self.signature[rows], prepend=-1, append=-1))
        first = rows[run[:-1]]
        kept = [row[student[first]] for student, row in block.row_of]
        return Piece(block, rows, run, np.stack(kept, axis=1) if kept else np.zeros((len(first), 0), np.int64), self.kind[first])

    def _block(self, number: int) -> Block:
        if number not in self._built:
            posts = self._posts[number]
            posts = posts[np.argsort(self.sector[posts], kind="stable")]
            of_sector = self.sector[posts]
            segment = np.flatnonzero(np.diff(of_sector, prepend=-1, append=-1))
            keep, row_of = self._kept(np.flatnonzero(self.block_of == number), posts)
            tiles = tuple(self._tile(begin, posts[begin : begin + TILE]) for begin in range(0, len(posts), TILE))
            self._built[number] = Block(posts, tiles, keep, row_of, segment, of_sector[segment[:-1]])
        return self._built[number]

    def _tile(self, begin: int, posts: np.ndarray) -> Tile:
        turned = self.position_rows[posts].tocsc()
        turned.sort_indices()
        starts, post, weight = turned.indptr.astype(np.uint32), turned.indices.astype(np.uint16), turned.data.astype(np.float64)
        return Tile(begin, posts, starts, post, weight, self.scorable[posts].astype(np.uint8))

    def _kept(self, students: np.ndarray, posts: np.ndarray) -> tuple[np.ndarray, tuple[tuple[np.ndarray, np.ndarray], ...]]:
        """Rows of bits for the kinds of students that occur in a block, of the rules that still stop some pair of it."""
        rows: list[np.ndarray] = []
        row_of: list[tuple[np.ndarray, np.ndarray]] = []
        n_rows = 0
        for table in self.tables:
            occurring = np.unique(table.student[students])
            bits = table.open[occurring][:, table.position[posts]]
            if not bits.all():
                place = np.full(len(table.open), -1, dtype=np.int64)
                place[occurring] = np.arange(n_rows, n_rows + len(bits))
                n_rows += len(bits)
                rows.append(bits.astype(np.uint8))
                row_of.append((table.student, place))
        return np.ascontiguousarray(np.concatenate(rows)) if rows else np.zeros((0, len(posts)), np.uint8), tuple(row_of)


def _divided(tables: Sequence[Table], n_students: int, posts: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The block of every student, (n_students,) int64, and the posts of every block."""
    block_of = np.zeros(n_students, dtype=np.int64)
    found: list[np.ndarray] = []
    waiting = [(np.arange(n_students), posts, tuple(range(len(tables))))]
    while waiting:
        students, open_posts, left = waiting.pop()
        best, least = None, WORTH * (len(students) + INDEX_COST) * len(open_posts)
        for t in left if len(students) > SMALL else ():
            n_kind = np.bincount(tables[t].student[students], minlength=len(tables[t].open))
            n_open = tables[t].open @ np.bincount(tables[t].position[open_posts], minlength=tables[t].open.shape[1])
            work = float(((n_kind + INDEX_COST) * n_open)[n_kind > 0].sum())
            if work < least:
                best, least = t, work
        if best is None:
            block_of[students] = len(found)
            found.append(open_posts)
            continue
        table = tables[best]
        order = students[np.argsort(table.student[students], kind="stable")]
        cuts = np.flatnonzero(np.diff(table.student[order], prepend=-1, append=-1))
        rest = tuple(t for t in left if t != best)
        for begin, end in pairwise(cuts.tolist()):
            of_kind = table.student[order[begin]]
            waiting.append((order[begin:end], open_posts[table.open[of_kind, table.position[open_posts]]], rest))
    return block_of, found
