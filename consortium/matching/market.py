"""The market of a round: rows of seats with their caps, who sits there already, and the contracts that compete for the rest.

**Seats of joint classes.** A post's seats are rows: its open ones, and those reserved for a code. Rows lie within the post's kind, this
within its enterprise, so quotas stay laminar and the choice greedy. Who bears the code asks for a reserved seat first and for an open one
after; everybody else for an open one and, unless reserved seats are to stay, for a reserved one after. On a reserved seat its members come
before all other contracts of the enterprise (else a cap above would undo the reservation), elsewhere they compete like anybody. This is the
model of slot-specific priorities (Kominers & Sönmez 2016) with reserved slots filled first. An enterprise that is offered two seats by one
student might choose both, but deferred acceptance never offers a second before the first is refused: greedy over rows of seats is a
substitutable completion (Hatfield & Kominers 2016) of the choice over students, so the outcome is stable over contracts (student, row of
seats), no student can gain by another list, and which row of a post is held is nobody's wish.

**Fixed pairs** (accepted offers, continuing placements) sit down before anybody else and never move: their seats are taken off the caps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from consortium.matching import preferences, requests
from consortium.matching.assignment import UNLIMITED, Capacities, assign
from consortium.matching.preferences import NO_PRIORITY, Contracts
from consortium.matching.problem import YES, Columns, Problem, no_codes, reserved_seats
from consortium.matching.requests import Judge, Unmet


@dataclass(frozen=True)
class Seats:
    """Rows of seats: row j is what is open of position j, the rows after them are reserved.

    post : (n_rows,) int64 position row; code : of every row whom it is reserved for, '' for nobody; stays : (n_rows,) bool.
    """

    post: np.ndarray
    code: tuple[str, ...]
    stays: np.ndarray


@dataclass(frozen=True)
class Market:
    """All that an assignment is made from, and what is told of it afterwards.

    found : contracts over rows of seats, by student and in the student's order; whole, left : capacities with and without the seats of
    the fixed; of each contract rank : (n,) int64 the post's place in the student's list, points : the enterprise's, group : the priority
    group, order : the place in the post's own order (NO_PRIORITY for none of either), member : (n,) bool a reserved seat asked for by who
    bears its code. fixed : (n_students,) int64 row of seats of the fixed, -1 for none; absent : (n_students,) bool whose fixed pair cannot
    be kept, so that nothing is proposed meanwhile.
    """

    found: Contracts
    seats: Seats
    whole: Capacities
    left: Capacities
    rank: np.ndarray
    points: np.ndarray
    group: np.ndarray
    order: np.ndarray
    member: np.ndarray
    fixed: np.ndarray
    absent: np.ndarray
    unmet: tuple[Unmet, ...]

    @property
    def declares(self) -> bool:
        """Whether reserved seats or priorities count for any contract."""
        return bool(self.member.any() or (self.group != NO_PRIORITY).any())

    def assigned(self) -> np.ndarray:
        """(n_students,) int64: the contract each student holds in the end, -1 for none and for the fixed."""
        return assign(self.found, self.left, len(self.fixed))

    def rows_of(self, held: np.ndarray) -> np.ndarray:
        """(n_students,) int64: the row of seats each student has, the fixed included, -1 for none."""
        return np.where(held >= 0, self.found.position[held], self.fixed) if len(self.found) else self.fixed


def of(
    problem: Problem, listed: tuple[np.ndarray, np.ndarray, np.ndarray], points: np.ndarray, turns: tuple[np.ndarray, np.ndarray], judge: Judge
) -> Market:
    """The market of lists (student, position, place of every contract) and the enterprise's (n,) points of each."""
    students, positions = problem.students, problem.positions
    seats, whole, unmet = _seats(problem)
    fixed, absent, also = requests.settled(problem, seats.post, seats.code, seats.stays, whole, turns[0], judge)
    left = _less(whole, fixed[fixed >= 0])
    busy = (fixed >= 0) | absent
    if busy.any():
        free = ~busy[listed[0]]
        listed, points = (listed[0][free], listed[1][free], listed[2][free]), points[free]
    student, position, place = listed
    group = preferences.priority_groups(students, positions, student, position)
    order = preferences.own_orders(students, positions, student, position)
    row, which, member = _asked(students.priority, seats, student, position)
    if len(seats.post) > len(positions):
        student, position, place, points = student[which], position[which], place[which], points[which]
        group = None if group is None else group[which]
        order = None if order is None else order[which]
        in_order = _count_up(student)
        merit = preferences.merits((student, position), points, turns, ((~member).astype(np.int64), group, order))
    else:
        in_order = place
        merit = preferences.merits((student, position), points, turns, (group, order))
    whole_group, whole_order = (np.full(len(student), NO_PRIORITY, dtype=np.int64) if one is None else one for one in (group, order))
    refused = (*unmet, *also, *requests.ranked(problem, judge))
    return Market(Contracts(student, row, in_order, merit), seats, whole, left, place, points, whole_group, whole_order, member, fixed, absent, refused)


def rest(
    problem: Problem, assigned: np.ndarray, row: np.ndarray, declined: Collection[str], rankings: Mapping[str, Sequence[str]]
) -> Problem:
    """The problem of a second round: students without a place, posts with free seats, and what is left of seats and caps.

    assigned, row : (n_students,) position and row of seats of everybody; see `pipeline.again` for the others, and for what is refused.
    """
    students, positions = problem.students, problem.positions
    back = np.isin(students.key.astype(str), np.array(sorted(declined), dtype=str))
    _sensible(students, assigned, back, declined, rankings)
    kept = (assigned >= 0) & ~back
    seats, whole, _ = _seats(problem)
    left = _less(whole, row[kept])
    open_posts = _open(seats, left, len(positions))
    fewer = dict(positions.data)
    by_post = np.zeros(len(positions), dtype=np.int64)
    np.add.at(by_post, seats.post, left.seats)
    fewer["places"] = by_post
    for name, caps, of in (("family_left", left.family_cap, left.family), ("firm_left", left.firm_cap, left.firm)):
        room = caps[of[: len(positions)]]
        fewer[name] = np.where(room == UNLIMITED, fewer[name], room)
    fewer["reserved"] = no_codes(len(positions))
    for reserved in range(len(positions), len(seats.post)):
        fewer["reserved"][seats.post[reserved]] += (f"{seats.code[reserved]}={left.seats[reserved]}",)
    there = {str(key) for key in positions.key[open_posts]}
    own = dict(students.data)
    for name in ("ranking", "refused", "fixed"):
        own[name] = own[name].copy()
    for i in np.flatnonzero(~kept):
        own["ranking"][i] = tuple(rankings.get(str(students.key[i]), (key for key in students.ranking[i] if key in there)))
        if back[i]:
            own["refused"][i] += (str(positions.key[assigned[i]]),)
            own["fixed"][i] = ()
    sides = Columns("students", students.key, own), Columns("positions", positions.key, fewer)
    return replace(problem, students=sides[0].take(np.flatnonzero(~kept)), positions=sides[1].take(open_posts))


def _sensible(students: Columns, assigned: np.ndarray, back: np.ndarray, declined: Collection[str], rankings: Mapping[str, Sequence[str]]) -> None:
    placed = {str(key) for key in students.key[assigned >= 0]}
    if strange := sorted(set(declined) - placed):
        raise ValueError(f"student {strange[0]!r} has no place to decline")
    if strange := sorted(set(rankings) - {str(key) for key in students.key[(assigned < 0) | back]}):
        raise ValueError(f"student {strange[0]!r} has a place or is not known, so may not rank in the second round")


def _open(seats: Seats, left: Capacities, n_positions: int) -> np.ndarray:
    """Rows of posts with a free seat and room above it."""
    free = (left.seats > 0) & (left.family_cap[left.family] > 0) & (left.firm_cap[left.firm] > 0)
    return np.flatnonzero(np.bincount(seats.post[free], minlength=n_positions))


def _asked(borne: np.ndarray, seats: Seats, student: np.ndarray, position: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every contract with a row of seats: that row, the contract with the post it comes from, whether it is a member's; (n,) each."""
    n_posts, n = len(seats.post) - sum(1 for code in seats.code if code), len(position)
    if n_posts == len(seats.post):
        return position, np.arange(n), np.zeros(n, dtype=bool)
    rows, whole, order, members = [position], [np.arange(n)], [np.zeros(n, np.int64)], [np.zeros(n, bool)]
    by_post = np.argsort(position, kind="stable")
    first, last = np.searchsorted(position[by_post], [seats.post[n_posts:], seats.post[n_posts:] + 1])
    for number, row in enumerate(range(n_posts, len(seats.post))):
        here = by_post[first[number] : last[number]]
        bears = np.array([seats.code[row] in borne[i] for i in student[here]], dtype=bool)
        if seats.stays[row]:
            here, bears = here[bears], bears[bears]
        rows.append(np.full(len(here), row))
        whole.append(here)
        order.append(np.where(bears, number - len(seats.post), number + 1))
        members.append(bears)
    at_row, which, member = (np.concatenate(parts) for parts in (rows, whole, members))
    by_turn = np.lexsort((np.concatenate(order), which))
    return at_row[by_turn].astype(np.int64), which[by_turn], member[by_turn]


def _count_up(student: np.ndarray) -> np.ndarray:
    """1, 2, 3 … within each student's contracts."""
    return np.arange(len(student)) - np.searchsorted(student, student) + 1


def _less(whole: Capacities, rows: np.ndarray) -> Capacities:
    """What is left when some rows of seats are taken, each entry one seat."""
    if not len(rows):
        return whole

    def less(cap: np.ndarray, group: np.ndarray) -> np.ndarray:
        taken = np.bincount(group[rows], minlength=len(cap))
        return np.where(cap == UNLIMITED, cap, np.maximum(cap - taken, 0))

    seats = less(whole.seats, np.arange(len(whole.seats)))
    return Capacities(seats, whole.family, whole.firm, less(whole.family_cap, whole.family), less(whole.firm_cap, whole.firm))


def _seats(problem: Problem) -> tuple[Seats, Capacities, list[Unmet]]:
    """Rows of seats with their capacities; reservations beyond what there is are cut and named."""
    positions, unmet = problem.positions, []
    n = len(positions)
    total = np.full(n, len(problem.students)) if problem.open_to_all else np.maximum(positions.places, 0)
    by_post = _capacities(problem, total.astype(np.int64))
    open_seats = by_post.seats.copy()
    rows: list[tuple[int, str, int, bool]] = []
    wanted: tuple[Counter[int], Counter[int]] = Counter(), Counter()
    for j in np.flatnonzero([bool(codes) for codes in positions.reserved]):
        for code, seats in reserved_seats(positions.reserved[j]):
            kept = min(seats, int(open_seats[j]))
            if kept < seats:
                unmet.append(Unmet("", str(positions.key[j]), requests.RESERVED, requests.POST, seats - kept, code))
            open_seats[j] -= kept
            rows.append((int(j), code, kept, bool(positions.reserved_stay[j] == YES)))
            wanted[0][int(by_post.family[j])] += kept
            wanted[1][int(by_post.firm[j])] += kept
    for counted, caps, of, bound in ((wanted[0], by_post.family_cap, by_post.family, requests.FAMILY), (wanted[1], by_post.firm_cap, by_post.firm, requests.FIRM)):
        for group, reserved in sorted(counted.items()):
            if reserved > caps[group]:
                first = next(j for j, *_ in rows if of[j] == group)
                unmet.append(Unmet("", str(positions.key[first]), requests.RESERVED, bound, reserved - int(caps[group])))
    post = np.concatenate([np.arange(n), np.array([j for j, *_ in rows], dtype=np.int64)]).astype(np.int64)
    stays = np.concatenate([np.zeros(n, bool), np.array([stay for *_, stay in rows], dtype=bool)])
    all_seats = np.concatenate([open_seats, np.array([kept for _, _, kept, _ in rows], dtype=np.int64)])
    whole = Capacities(all_seats, by_post.family[post], by_post.firm[post], by_post.family_cap, by_post.firm_cap)
    return Seats(post, ("",) * n + tuple(code for _, code, _, _ in rows), stays), whole, unmet


def _capacities(problem: Problem, seats: np.ndarray) -> Capacities:
    """Of every post its seats, its kind within the enterprise, and the enterprise, with what may be filled there; jobs know no cap above."""
    positions = problem.positions
    families: dict[str, int] = {}
    firms: dict[str, int] = {}
    family, firm = np.zeros(len(positions), np.int64), np.zeros(len(positions), np.int64)
    family_cap: list[int] = []
    firm_cap: list[int] = []
    for j in range(len(positions)):
        if problem.open_to_all or positions.kind[j] == "job":
            names = (f"job:{positions.key[j]}", f"job:{positions.key[j]}")
            rooms = (UNLIMITED, UNLIMITED)
        else:
            own = f"{positions.enterprise[j]}"
            names = (f"{own}/{positions.family[j]}", own)
            rooms = (_cap(positions.family_left[j], positions.family_room[j]), _cap(positions.firm_left[j], positions.firm_room[j]))
        for name, room, known, caps, column in (
            (names[0], rooms[0], families, family_cap, family),
            (names[1], rooms[1], firms, firm_cap, firm),
        ):
            if name not in known:
                known[name] = len(caps)
                caps.append(room)
            else:
                caps[known[name]] = min(caps[known[name]], room) if room != UNLIMITED else caps[known[name]]
            column[j] = known[name]
    return Capacities(seats, family, firm, np.array(family_cap, dtype=np.int64), np.array(firm_cap, dtype=np.int64))


def _cap(left: int, room: int) -> int:
    """What posts of a group may fill together; a post's own room where only that is known."""
    known = left if left >= 0 else room
    return int(known) if known >= 0 else UNLIMITED
