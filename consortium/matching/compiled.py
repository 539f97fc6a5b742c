"""The hot loops compiled by numba; `plain` says the same in NumPy. Importing this raises ImportError where numba is missing.

The search keeps a dense accumulator over the posts of a tile, adds the lists of the student's terms into it (term at a time), and picks
the best by the maxima of strided columns, so that hardly anything branches. Sums are float64, in the order of the columns, without fused or
reordered additions: bit for bit those of scipy's product, hence the same whole points. A float32 accumulator is a tenth quicker to add into, but then
every candidate must be scored again in float64, from rows that lie in no cache: dearer in all (measured). 32-bit whole units, where one pair
in forty is scored again, are a fifth quicker with everything open, but half as slow again where a fifth is lawful, which is what users have. Loops release the interpreter's lock;
threads are dealt pieces by `similarity`, never by numba, so forked workers are safe.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

GRID = 1e6
FLOOR = 0.49e-6  # what has at least one point lies above 0.5e-6
NEAR = 1.01e-6  # two scores that may round to the same point are no further apart
LANES = 64
GROUP = 8 * LANES  # scores that share a row of lanes: eight to a lane


def _compiled(function: Callable[..., Any]) -> Any:
    """Compiled once and kept on disk; an installation that can be written nowhere compiles anew in each process."""
    try:
        return njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # numba finds no folder for its cache
        return njit(nogil=True, error_model="numpy")(function)


@_compiled
def _sunk(heap: Any, size: int, key: int) -> None:
    """Replace the least of the first `size`, a heap, by `key`."""
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key


@_compiled
def _sorted(heap: Any) -> None:
    """Order a heap, largest first, in its place."""
    for size in range(len(heap) - 1, 0, -1):
        least, last = heap[0], heap[size]
        _sunk(heap, size, last)
        heap[size] = least


@_compiled
def _halved(keys: Any) -> tuple[int, int]:
    """Keep about the larger half of different keys, never less, by bisection; how many stay, at the front, and what all of them reach."""
    half, low, high = len(keys) // 2, keys[0], keys[0]
    for at in range(len(keys)):
        low, high = min(low, keys[at]), max(high, keys[at] + 1)
    kept = len(keys)  # at least half reach `low`, fewer reach `high`; keys differ, so the two meet at half
    while kept > half + half // 8 and high - low > 1:
        middle = (low + high) // 2
        reached = 0
        for at in range(len(keys)):
            reached += keys[at] >= middle
        if reached >= half:
            low, kept = middle, reached
        else:
            high = middle
    n = 0
    for at in range(len(keys)):
        key = keys[at]
        keys[n] = key
        n += key >= low
    for at in range(n, len(keys)):
        keys[at] = -1
    return n, low


@_compiled
def _reached(top: Any, bound: float) -> int:
    """How many reach a bound."""
    reached: Any = np.int32(0)
    for lane in range(len(top)):
        reached = np.int32(reached + (top[lane] >= bound))
    return reached


@_compiled
def _limit(top: Any, k: int, low: float, guess: float) -> float:
    """A value that at least k of the maxima reach and few more do, by bisection; `low` where no more than k reach that."""
    if _reached(top, low) <= k:
        return low
    high = low
    for lane in range(len(top)):
        high = max(high, top[lane])
    middle = guess if low < guess < high else 0.5 * (low + high)
    for _ in range(24):
        reached = _reached(top, middle)
        if reached >= k:
            low = middle
            if reached <= k + 3:
                break
        else:
            high = middle
        middle = 0.5 * (low + high)
    return low


@_compiled
def _kept_best(keys: Any, n: int, k: int, best: Any) -> None:
    """The k largest of n different keys, largest first."""
    if n <= 96:
        for a in range(n):
            key, rank = keys[a], 0
            for b in range(n):
                rank += keys[b] > key
            if rank < k:
                best[rank] = key
    else:
        for a in range(k):
            best[a] = -1
        for a in range(n):
            if keys[a] > best[0]:
                _sunk(best, len(best), keys[a])
        _sorted(best)


@_compiled
def _passed(score: Any, least: Any, top: Any, rise: Any) -> None:
    """Of every lane of every group the maximum of its scores, and of what its scores have above the limits; one pass that vectorises."""
    for group in range(len(score) // GROUP):
        own, limits = score[group * GROUP : (group + 1) * GROUP], least[group * GROUP : (group + 1) * GROUP]
        tops, rises = top[group * LANES : (group + 1) * LANES], rise[group * LANES : (group + 1) * LANES]
        for lane in range(LANES):
            most = own[lane]
            above = most - limits[lane]
            for row in range(1, 8):
                other = own[lane + row * LANES]
                left = other - limits[lane + row * LANES]
                most = other if other > most else most
                above = left if left > above else above
            tops[lane] = most
            rises[lane] = above


@_compiled
def _folded(top: Any, into: Any) -> None:
    """The maxima of strided columns of maxima; the last stride may be shorter."""
    lanes = len(into)
    for lane in range(lanes):
        into[lane] = top[lane]
    for base in range(lanes, len(top), lanes):
        part = top[base : base + lanes]
        for lane in range(len(part)):
            other = part[lane]
            into[lane] = other if other > into[lane] else into[lane]


@_compiled
def _collected(top: Any, bound: float, value: Any, least: Any, lane_at: Any, near: Any) -> int:
    """Note in `near` which values reach their own least, where it is given, else the bound; only lanes that reach the bound are looked into."""
    n_lanes = 0
    for base in range(0, len(top), LANES):
        part = top[base : base + LANES]
        if _reached(part, bound):
            for lane in range(LANES):
                lane_at[n_lanes] = base * 8 + lane
                n_lanes += part[lane] >= bound
    n = 0
    own_limits = len(least) > 0
    for c in range(n_lanes):
        j = lane_at[c]
        for _row in range(8):
            near[n] = j
            n += value[j] >= (least[j] if own_limits else bound)
            j += np.uint64(LANES)
    return n


@_compiled
def count(
    run: Any, kept: Any, kind: Any, keep: Any, posts: Any, segment: Any, sector: Any, n_lawful: Any, class_pairs: Any, class_students: Any
) -> None:
    """Figures of one piece; see `plain.count`."""
    allowed = np.empty(len(posts), np.uint8)
    for r in range(len(run) - 1):
        n_alike = run[r + 1] - run[r]
        _open_to(allowed, keep, kept[r], 0)
        for j in range(len(posts)):
            n_lawful[posts[j]] += allowed[j] * n_alike
        for g in range(len(sector)):
            inside = 0
            for j in range(segment[g], segment[g + 1]):
                inside += allowed[j]
            if inside:
                class_pairs[kind[r], sector[g]] += inside * n_alike
                class_students[kind[r], sector[g]] += n_alike


@_compiled
def _open_to(allowed: Any, keep: Any, kept: Any, begin: int) -> None:
    """What all rules leave open, from post `begin` of the block on."""
    n = len(allowed)
    for j in range(n):
        allowed[j] = 1
    for rule in range(len(kept)):
        bits = keep[kept[rule], begin : begin + n]
        for j in range(n):
            allowed[j] &= bits[j]


@_compiled
def search(
    row_starts: Any, row_columns: Any, row_weights: Any, rows: Any, run: Any, kept: Any, keep: Any, begin: int,
    starts: Any, post: Any, weight: Any, posts: Any, scorable: Any, student_turns: Any, position_turns: Any, start: int,
    best: Any, found: Any, filled: Any, limit: Any,
) -> None:  # fmt: skip
    """One tile; see `plain.search`. What may belong to a post's best is only noted; full notes are halved, which is rare."""
    width, k = found.shape[1], best.shape[1]
    n_posts, n_students, n_positions = len(posts), len(student_turns), len(position_turns)
    padded = (n_posts + GROUP - 1) // GROUP * GROUP
    n_lanes = padded // 8
    folds = LANES
    while folds < 4 * k and folds < n_lanes:
        folds *= 2
    start_of = np.full(padded, -np.inf)
    score = np.full(padded, -np.inf)
    least = np.full(padded, np.inf)
    to_come = np.empty(padded, np.int64)
    noted = np.zeros(padded, np.int64)
    allowed = np.empty(n_posts, np.uint8)
    top, rise, folded = np.empty(n_lanes), np.empty(n_lanes), np.empty(folds)
    lane_at = np.empty(n_lanes + 1, np.uint64)
    near = np.empty(padded + 1, np.uint64)
    keys = np.empty(padded + k, np.int64)
    no_limits = np.empty(0)
    guess = FLOOR
    for j in range(n_posts):
        least[j] = max(FLOOR, limit[posts[j]])
        to_come[j] = n_positions - 1 - position_turns[posts[j]]
        noted[j] = filled[posts[j]]
    for r in range(len(run) - 1):
        _open_to(allowed, keep, kept[r], begin)
        n_open = 0
        for j in range(n_posts):
            open_here = allowed[j] & scorable[j]
            n_open += open_here
            start_of[j] = 0.0 if open_here else -np.inf
        if n_open == 0:
            continue
        for at in range(run[r], run[r + 1]):
            i = rows[at]
            for j in range(padded):  # not score[:] = start_of: its refusal of other shapes takes seconds to compile
                score[j] = start_of[j]
            for term in range(np.uint64(row_starts[i]), np.uint64(row_starts[i + 1])):
                column, own = row_columns[term], row_weights[term]
                for entry in range(np.uint64(starts[column]), np.uint64(starts[column + np.uint32(1)])):
                    score[post[entry]] += own * weight[entry]
            _passed(score, least, top, rise)
            mine = best[i - start]
            if mine[k - 1] >= 0:
                edge = max(FLOOR, (mine[k - 1] // n_positions - 0.51) / GRID)
            else:
                if n_lanes > folds:
                    _folded(top, folded)
                    guess = _limit(folded, k, FLOOR, guess)
                else:
                    guess = _limit(top, k, FLOOR, guess)
                edge = max(FLOOR, guess - NEAR)
            n = _collected(top, edge, score, no_limits, lane_at, near)
            if n:
                n_good: Any = 0
                while n_good < k and mine[n_good] >= 0:
                    keys[n_good] = mine[n_good]
                    n_good += 1
                for c in range(n):
                    points = np.int64(np.rint(score[near[c]] * GRID))
                    keys[n_good] = points * n_positions + to_come[near[c]]
                    n_good += points > 0
                _kept_best(keys, n_good, k, mine)
            turn = n_students - 1 - student_turns[i]
            n = _collected(rise, 0.0, score, least, lane_at, near)
            for c in range(n):
                j = near[c]
                points = np.int64(np.rint(score[j] * GRID))
                if points > 0:
                    notes = found[posts[j]]
                    notes[noted[j]] = points * n_students + turn
                    noted[j] += 1
                    if noted[j] == width:
                        noted[j], key = _halved(notes)
                        least[j] = max(FLOOR, (key // n_students - 0.51) / GRID)
    for j in range(n_posts):
        limit[posts[j]] = least[j]
        filled[posts[j]] = noted[j]


@_compiled
def pair_scores(
    left_starts: Any, left_columns: Any, left_weights: Any, right_starts: Any, right_columns: Any, right_weights: Any,
    left: Any, right: Any, n_columns: int,
) -> Any:  # fmt: skip
    """(n,) float64: the dot products of rows left[c] and right[c]; quick where equal `left` stand together."""
    found = np.empty(len(left))
    dense = np.zeros(n_columns)
    now = -1
    for c in range(len(left)):
        if left[c] != now:
            if now >= 0:
                for at in range(left_starts[now], left_starts[now + 1]):
                    dense[left_columns[at]] = 0.0
            now = left[c]
            for at in range(left_starts[now], left_starts[now + 1]):
                dense[left_columns[at]] = left_weights[at]
        total = 0.0
        for at in range(right_starts[right[c]], right_starts[right[c] + 1]):
            total += dense[right_columns[at]] * right_weights[at]
        found[c] = total
    return found


@_compiled
def _raised(heap: Any, size: int, merit: Any, contract: int) -> None:
    """Push a contract into a heap whose root has the least merit."""
    at = size
    while at > 0:
        above = (at - 1) // 2
        if merit[heap[above]] <= merit[contract]:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = contract


@_compiled
def _lowered(heap: Any, size: int, merit: Any) -> None:
    """Take the root away from a heap of `size`."""
    last, at, size = heap[size - 1], 0, size - 1
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        if child + 1 < size and merit[heap[child + 1]] < merit[heap[child]]:
            child += 1
        if merit[heap[child]] >= merit[last]:
            break
        heap[at] = heap[child]
        at = child
    if size:
        heap[at] = last


@_compiled
def deferred(
    first: Any, last: Any, student: Any, position: Any, merit: Any, group: Any, cap: Any, starts: Any, n_kept: int
) -> Any:
    """(n_students,) int64: one proposal at a time; see `plain.deferred`. The order of proposals does not matter (McVitie & Wilson 1971)."""
    n_students, n_levels = len(first), len(group)
    held = np.full(n_students, -1, np.int64)
    following = first.copy()
    heads = np.zeros(len(cap), np.int64)
    size = np.zeros(len(cap), np.int64)
    heap = np.empty(n_kept, np.int32)
    for beginner in range(n_students):
        i = beginner
        while i >= 0 and following[i] < last[i]:
            contract = following[i]
            following[i] += 1
            post = position[contract]
            full = -1
            for level in range(n_levels):
                g = group[level, post]
                if heads[g] >= cap[g]:
                    full = g
                    break
            out = -1
            if full >= 0:
                if heads[full] == 0:
                    continue
                of_full = heap[starts[full] : starts[full + 1]]
                while held[student[of_full[0]]] != of_full[0]:
                    _lowered(of_full, size[full], merit)
                    size[full] -= 1
                out = int(of_full[0])
                if merit[out] > merit[contract]:
                    continue
                held[student[out]] = -1
                for level in range(n_levels):
                    heads[group[level, position[out]]] -= 1
            held[i] = contract
            for level in range(n_levels):
                g = group[level, post]
                heads[g] += 1
                if starts[g + 1] > starts[g]:
                    of_group = heap[starts[g] : starts[g + 1]]
                    _raised(of_group, size[g], merit, contract)
                    size[g] += 1
            i = student[out] if out >= 0 else -1
    return held


@_compiled
def nearest(columns: Any, weights: Any, starts: Any, rows: Any, weight: Any, allowed: Any, turns: Any, k: int) -> Any:
    """(2, k) int64 rows and points of the best k of an inverted index for one row of the other side; see `plain.nearest`."""
    n_rows = len(allowed)
    padded = (n_rows + GROUP - 1) // GROUP * GROUP
    n_lanes = padded // 8
    folds = LANES
    while folds < 4 * k and folds < n_lanes:
        folds *= 2
    score = np.zeros(padded)
    for term in range(len(columns)):
        own = weights[term]
        column = columns[term]
        for entry in range(np.uint64(starts[column]), np.uint64(starts[column + np.uint32(1)])):
            score[rows[entry]] += own * weight[entry]
    for j in range(n_rows):
        score[j] = score[j] if allowed[j] else 0.0
    top, folded = np.empty(n_lanes), np.empty(folds)
    for group in range(n_lanes // LANES):
        own_scores, tops = score[group * GROUP : (group + 1) * GROUP], top[group * LANES : (group + 1) * LANES]
        for lane in range(LANES):
            most = own_scores[lane]
            for row in range(1, 8):
                other = own_scores[lane + row * LANES]
                most = other if other > most else most
            tops[lane] = most
    if n_lanes > folds:
        _folded(top, folded)
        edge = _limit(folded, k, FLOOR, 0.0)
    else:
        edge = _limit(top, k, FLOOR, 0.0)
    edge = max(FLOOR, edge - NEAR)
    near = np.empty(padded + 1, np.uint64)
    n = _collected(top, edge, score, np.empty(0), np.empty(n_lanes + 1, np.uint64), near)
    keys, best, found = np.empty(n, np.int64), np.full(k, -1, np.int64), np.full((2, k), -1, np.int64)
    n_good: Any = 0
    for c in range(n):
        j = near[c]
        points = np.int64(np.rint(score[j] * GRID))
        keys[n_good] = points * n_rows + (n_rows - 1 - turns[j])
        near[n_good] = j
        n_good += points > 0
    _kept_best(keys, n_good, k, best)
    for c in range(n_good):
        if keys[c] >= best[k - 1]:
            for a in range(k):
                if best[a] == keys[c]:
                    found[0, a] = near[c]
                    found[1, a] = keys[c] // n_rows
    return found
