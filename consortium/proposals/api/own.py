"""Resources of a student's own say: the search, saved searches, doubts, weights; and the zone's counts of doubts."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.matching.vocabulary import FAMILIES
from consortium.positions import queries as positions
from consortium.proposals import queries, service, snapshot
from consortium.proposals.api.blueprint import resources
from consortium.proposals.models import Alert
from consortium.proposals.schemas import (
    AlertIn,
    AlertOut,
    DoubtCountOut,
    DoubtIn,
    DoubtOut,
    NextOut,
    PostOut,
    PostsOut,
    PostsQuery,
    SwitchIn,
    WeightsIn,
    WeightsOut,
)
from consortium.proposals.wording.own import DOUBTS, FULL
from consortium.reference import law
from consortium.shared.errors import Invalid
from consortium.shared.i18n import language
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.web.gate import acting


@resources.get("/posts", ability="proposals.matches")
@resources.input(PostsQuery, location="query")
@resources.output(PostsOut)
def posts(query_data: PostsQuery) -> Any:
    """All open posts by filters, and what stands in the way of each that does not fit; at most 50 a page."""
    told = query_data.model_dump()
    page, size = told.pop("page"), told.pop("size")
    student, asked = students.student_of(acting()), queries.cleaned(told)
    may = queries.consenting(student.id)
    fitting = snapshot.fitting_ids(student) if may and asked["fits"] else None
    listing = queries.posts(asked, page, size, only=fitting if asked["fits"] == "yes" else None, but=fitting if asked["fits"] == "no" else None)
    stopped = snapshot.what_stops(student, listing.rows) if may else {}
    n_asked = queries.asked_counts([p.id for p in listing.rows])
    return PostsOut(
        total=listing.total,
        posts=[
            PostOut(
                position=p.public_id, title=p.title, enterprise=str(p.tenant.name), kind=p.kind, place=p.place_code, pay_fen=p.pay_fen, places=p.seats.places,
                free=p.seats.places - p.seats.taken, applied=n if (n := n_asked.get(p.id, 0)) == 0 or n >= 5 else None, begins_on=p.start_on,
                fits=p.id not in stopped if may else None, stopped_by=stopped.get(p.id, ""),
                why=law.rule(stopped[p.id]).title(language()) if p.id in stopped else "",
            )
            for p in listing.rows
        ],
    )  # fmt: skip


@resources.post("/matches/<uuid:id>/doubts", ability="proposals.choose", creates=True, reach=positions.reachable)
@resources.input(DoubtIn, location="json")
@resources.output(DoubtOut, status_code=201)
def doubt(id: uuid.UUID, json_data: DoubtIn) -> Any:
    """Say that a reason is not right: its fact, its weight, or the whole post."""
    actor = acting()
    student, position = students.student_of(actor), positions.reachable(actor, id)
    if json_data.what not in DOUBTS:
        raise Invalid({"what": [_l("One of %(choices)s.", choices=", ".join(DOUBTS))]})
    view = service.explained(student, position, queries.match_of(student, position))
    return DoubtOut(mend=service.doubt(student, position, view, json_data.item, json_data.what, by=actor, said=json_data.said))


@resources.get("/matches/weights", ability="proposals.matches")
@resources.output(WeightsOut)
def weights() -> Any:
    """What counts how much for this student, in thousandths."""
    return _weights(students.student_of(acting()).id)


@resources.post("/matches/weights", ability="proposals.choose")
@resources.input(WeightsIn, location="json")
@resources.output(WeightsOut)
def weigh(json_data: WeightsIn) -> Any:
    """Set some of them (1000, 500 or 0), or put all back with `reset`."""
    actor = acting()
    student = students.student_of(actor)
    service.weigh(student, dict.fromkeys(FAMILIES, FULL) if json_data.reset else json_data.weights, by=actor)
    return _weights(student.id)


@resources.get("/alerts", ability="proposals.matches")
@resources.output(list[AlertOut])
def alerts() -> Any:
    """The student's saved searches."""
    return [_alert(one) for one in queries.alerts_of(students.student_of(acting()).id)]


@resources.post("/alerts", ability="proposals.choose", creates=True)
@resources.input(AlertIn, location="json")
@resources.output(AlertOut, status_code=201)
def keep_search(json_data: AlertIn) -> Any:
    """Keep a search; new posts that it finds are told once a day."""
    actor = acting()
    return _alert(service.keep_search(students.student_of(actor), json_data.name, json_data.asked, by=actor))


@resources.post("/alerts/<uuid:id>/switch", ability="proposals.choose", reach=lambda actor, id: queries.reachable_alert(students.student_of(actor).id, id))
@resources.input(SwitchIn, location="json")
@resources.output(AlertOut)
def switch_alert(id: uuid.UUID, json_data: SwitchIn) -> Any:
    """Tell of it, or be silent."""
    actor = acting()
    found = queries.reachable_alert(students.student_of(actor).id, id)
    service.switch(found, json_data.on, by=actor)
    return _alert(found)


@resources.post("/alerts/<uuid:id>/removal", ability="proposals.choose")
@resources.output({}, status_code=204)
def remove_alert(id: uuid.UUID) -> Any:
    """Forget a search."""
    actor = acting()
    service.remove_search(queries.reachable_alert(students.student_of(actor).id, id), by=actor)
    return ""


@resources.get("/what-if/next", ability="proposals.matches")
@resources.output(list[NextOut])
def next_answer() -> Any:
    """Fields not filled in yet that the matcher reads, with how many posts a yes would open; most first."""
    student = students.student_of(acting())
    found = (snapshot.next_answers(student) or []) if queries.consenting(student.id) else []
    return [NextOut(field=name, opens=opens, lists=lists) for name, opens, lists in found]


@resources.get("/doubts", ability="proposals.doubts")
@resources.output(list[DoubtCountOut])
def doubts() -> Any:
    """What students call not right about reasons: counts, none of fewer than five students."""
    return [
        DoubtCountOut(about=about, what=what, times=n if whom >= 5 else None) for (about, what), (n, whom) in sorted(queries.doubts_counted().items())
    ]


def _weights(student_id: int) -> WeightsOut:
    own = queries.leanings_of(student_id)
    return WeightsOut(weights={family: own.get(family, FULL) for family in FAMILIES})


def _alert(one: Alert) -> AlertOut:
    return AlertOut(id=one.public_id, name=one.name, asked=one.asked, on=one.on)
