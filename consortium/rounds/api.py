"""Resources of rounds: every step of the pages."""

from __future__ import annotations

import uuid
from typing import Any

from flask import jsonify

from consortium.applications import queries as applications
from consortium.matching import lottery
from consortium.positions import queries as positions
from consortium.rounds import queries, rules, service, wording
from consortium.rounds.models import Round, RoundPost, RoundRun, RoundTrial
from consortium.rounds.schemas import (
    ApprovalIn,
    BearersIn,
    BearersOut,
    CalendarIn,
    CandidatesQuery,
    CodeOut,
    LeaveIn,
    LineOut,
    ListIn,
    ListOut,
    LotteryOut,
    OptionOut,
    OptionsQuery,
    OrderIn,
    PostIn,
    PostOut,
    ResultLine,
    ResultOut,
    RoundCandidateOut,
    RoundIn,
    RoundOut,
    RoundRunOut,
    TrialIn,
    TrialOut,
    VerificationOut,
)
from consortium.shared.access import PUBLIC, TenantKind
from consortium.shared.errors import Invalid, NotFound
from consortium.shared.i18n import lazy_gettext as _l
from consortium.students import queries as students
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("rounds", __name__, tag="Rounds")


@resources.get("/rounds", ability="rounds.list")
@resources.input(PageQuery, location="query")
@resources.output(list[RoundOut])
def rounds(query_data: PageQuery) -> Any:
    """Rounds within reach, newest first."""
    return [_out(one) for one in queries.listing(acting(), query_data.page, query_data.size).rows]


@resources.post("/rounds", ability="rounds.write", creates=True)
@resources.input(RoundIn, location="json")
@resources.output(RoundOut, status_code=201)
def create(json_data: RoundIn) -> Any:
    """A round as a draft."""
    return _out(service.create(_values(json_data), by=acting()))


@resources.get("/rounds/<uuid:id>", ability="rounds.read")
@resources.output(RoundOut)
def one(id: uuid.UUID) -> Any:
    """One round."""
    return _out(queries.reachable(acting(), id))


@resources.patch("/rounds/<uuid:id>", ability="rounds.write", reach=queries.reachable)
@resources.input(RoundIn, location="json")
@resources.output(RoundOut)
def edit(id: uuid.UUID, json_data: RoundIn) -> Any:
    """Change a draft; of an announced round only names and instants to come."""
    found = queries.reachable(acting(), id)
    service.edit(found, _values(json_data), by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/announcement", ability="rounds.steer")
@resources.output(RoundOut)
def announce(id: uuid.UUID) -> Any:
    """Let everybody know, and commit to the lottery."""
    found = queries.reachable(acting(), id)
    service.announce(found, by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/freezing", ability="rounds.steer")
@resources.output(RoundOut)
def freeze(id: uuid.UUID) -> Any:
    """Freeze lists and orders once both are closed."""
    found = queries.reachable(acting(), id)
    service.freeze(found, by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/trials", ability="rounds.steer", reach=queries.reachable)
@resources.input(TrialIn, location="json")
@resources.output(TrialOut, status_code=202)
def try_out(id: uuid.UUID, json_data: TrialIn) -> Any:
    """Start a dry run under up to three scenarios."""
    return _trial(service.try_out(queries.reachable(acting(), id), json_data.scenarios, anew=json_data.anew, by=acting()))


@resources.get("/rounds/<uuid:id>/trials", ability="rounds.verify")
@resources.output(list[TrialOut])
def trials(id: uuid.UUID) -> Any:
    """Dry runs, newest first, with their figures."""
    return [_trial(trial) for trial in queries.trials(queries.reachable(acting(), id))]


@resources.post("/rounds/<uuid:id>/approval", ability="rounds.steer", reach=queries.reachable)
@resources.input(ApprovalIn, location="json")
@resources.output(RoundOut)
def approve(id: uuid.UUID, json_data: ApprovalIn) -> Any:
    """Choose the run that is published at the instant."""
    found = queries.reachable(acting(), id)
    run = queries.run_of(found, json_data.run)
    service.approve(found, run, publish_at=json_data.publish_at, reason=json_data.reason, by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/reconsideration", ability="rounds.steer")
@resources.output(RoundOut)
def reconsider(id: uuid.UUID) -> Any:
    """Take the choice back before its instant."""
    found = queries.reachable(acting(), id)
    service.reconsider(found, by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/cancellation", ability="rounds.steer")
@resources.output(RoundOut)
def cancel(id: uuid.UUID) -> Any:
    """It will not take place."""
    found = queries.reachable(acting(), id)
    service.cancel(found, by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/ending", ability="rounds.steer")
@resources.output(RoundOut)
def end(id: uuid.UUID) -> Any:
    """Close the books once the time to answer has ended."""
    found = queries.reachable(acting(), id)
    service.end(found, by=acting())
    return _out(found)


@resources.post("/rounds/<uuid:id>/second-round", ability="rounds.steer", creates=True, reach=queries.reachable)
@resources.input(CalendarIn, location="json")
@resources.output(RoundOut, status_code=201)
def second(id: uuid.UUID, json_data: CalendarIn) -> Any:
    """A second round with the open places, as a draft."""
    return _out(service.second(queries.reachable(acting(), id), json_data.model_dump(), by=acting()))


@resources.get("/rounds/<uuid:id>/lottery", ability=PUBLIC)
@resources.output(LotteryOut)
def draw(id: uuid.UUID) -> Any:
    """The commitment, and once results are out the seed and nonce."""
    found = queries.known(id)
    out = queries.is_out(found)
    seed, nonce = queries.seed_of(found) if out else (0, b"")
    return LotteryOut(
        commitment=found.commitment, committed_at=found.committed_at, seed=str(seed) if out else "", nonce=nonce.hex(), kept=out and lottery.keeps(found.commitment, seed, nonce)
    )


@resources.get("/rounds/<uuid:id>/verification", ability="rounds.verify")
@resources.output(list[VerificationOut])
def verification(id: uuid.UUID) -> Any:
    """Make the published assignment, or those of the latest dry run, again from the kept snapshot, and compare to the byte."""
    round_ = queries.reachable(acting(), id)
    chosen, tried = queries.chosen_run(round_), queries.trials(round_)
    runs = [chosen] if chosen is not None else queries.runs_of(tried[0]) if tried else []
    told = [(run, *service.verified(run)) for run in runs]
    return [VerificationOut(run=run.public_id, scenario=run.scenario, same=same, digest=run.digest, found=found) for run, same, found in told]


@resources.get("/rounds/<uuid:id>/list", ability="rounds.result", reach=queries.reachable)
@resources.input(OptionsQuery, location="query")
@resources.output(ListOut)
def own_list(id: uuid.UUID, query_data: OptionsQuery) -> Any:
    """One's own list, and a page of the other posts with the rules that stop them."""
    found, student = queries.reachable(acting(), id), students.student_of(acting())
    return _list(found, student, query_data)


@resources.post("/rounds/<uuid:id>/list", ability="rounds.rank", reach=queries.reachable)
@resources.input(ListIn, location="json")
@resources.output(ListOut)
def rank(id: uuid.UUID, json_data: ListIn) -> Any:
    """Hand in a list, or keep one."""
    actor, found = acting(), queries.reachable(acting(), id)
    student = students.student_of(actor)
    ids = [positions.id_of(key) for key in json_data.posts]
    if None in ids:
        raise Invalid({"posts": [_l("This post is not in the round.")]})
    use = service.hand_in if json_data.hand_in else service.note
    use(found, student, [number for number in ids if number is not None], fill=json_data.fill, by=actor)
    return _list(found, student, OptionsQuery())


@resources.post("/rounds/<uuid:id>/withdrawal", ability="rounds.rank")
@resources.output(ListOut)
def take_back(id: uuid.UUID) -> Any:
    """Leave the round, until lists close."""
    found, student = queries.reachable(acting(), id), students.student_of(acting())
    service.take_back(found, student, by=acting())
    return _list(found, student, OptionsQuery())


@resources.get("/rounds/<uuid:id>/result", ability="rounds.result")
@resources.output(ResultOut)
def result(id: uuid.UUID) -> Any:
    """One's own result and why, once results are out."""
    found, student = queries.reachable(acting(), id), students.student_of(acting())
    why = service.why(found, student)
    post = positions.by_ids([why.result.position_id]) if why.result is not None and why.result.position_id else {}
    sent = applications.public_ids([why.result.application_id]) if why.result is not None else {}
    return ResultOut(
        headline=str(why.headline), position=next((one.public_id for one in post.values()), None), application=next(iter(sent.values()), None), lottery_number=why.number,
        lines=[LineOut(place=line.place, title=line.title, state=line.state, text=line.text, more=list(line.more)) for line in why.lines], truth=str(wording.TRUTH),
    )  # fmt: skip


@resources.get("/rounds/<uuid:id>/demand", ability="rounds.read")
def demand(id: uuid.UUID) -> Any:
    """Places, lists and first choices of every post now."""
    found = queries.reachable(acting(), id)
    wanted = queries.demand(found)
    told = {one: wanted.get(one.position_id, queries.Demand()) for one in queries.posts(found)}
    return jsonify({str(one.position.public_id): {"places": one.places, "listed": here.listed, "first": here.first} for one, here in told.items()})


@resources.post("/rounds/<uuid:id>/posts", ability="rounds.take-part", reach=queries.reachable)
@resources.input(PostIn, location="json")
@resources.output(PostOut)
def take_part(id: uuid.UUID, json_data: PostIn) -> Any:
    """Put a post of one's own in, or change how it takes part."""
    actor, found = acting(), queries.reachable(acting(), id)
    number = positions.id_of(json_data.position)
    position = positions.by_ids([number]).get(number) if number is not None else None
    if position is None or position.tenant_id != actor.tenant_id:
        raise Invalid({"position": [_l("Choose one of your posts.")]})
    post = service.take_part(found, position, places=json_data.places, reserved=json_data.reserved, reserved_stay=json_data.reserved_stay, by=actor)
    return _post(found, post)


@resources.post("/rounds/<uuid:id>/post-withdrawals", ability="rounds.take-part", reach=queries.reachable)
@resources.input(LeaveIn, location="json")
@resources.output(PostOut)
def leave(id: uuid.UUID, json_data: LeaveIn) -> Any:
    """Take a post out, with a reason."""
    found = queries.reachable(acting(), id)
    post = _own(found, json_data.position)
    service.leave(post, by=acting(), reason=json_data.reason)
    return _post(found, post)


@resources.get("/rounds/<uuid:id>/candidates", ability="rounds.candidates", reach=queries.reachable)
@resources.input(CandidatesQuery, location="query")
@resources.output(list[RoundCandidateOut])
def candidates(id: uuid.UUID, query_data: CandidatesQuery) -> Any:
    """Who listed a post, by pseudonym, as the order stands."""
    actor, found = acting(), queries.reachable(acting(), id)
    mine = queries.posts(found, tenant_id=actor.tenant_id)
    post = next((one for one in mine if query_data.post in (None, one.position.public_id)), None)
    there = queries.candidates(post) if post is not None else []
    service.looked_at_candidates(post, there, by=actor)
    return [RoundCandidateOut(candidate=c.alias, place=c.place, refused=c.refused, facts=service.candidate_facts(c.student)) for c in there]


@resources.post("/rounds/<uuid:id>/orders", ability="rounds.order", reach=queries.reachable)
@resources.input(OrderIn, location="json")
@resources.output(list[RoundCandidateOut])
def order(id: uuid.UUID, json_data: OrderIn) -> Any:
    """The order of candidates, whole, and whom the enterprise cannot accept for the work."""
    found = queries.reachable(acting(), id)
    post = _own(found, json_data.post)
    service.order(post, json_data.order, json_data.refused, by=acting())
    return [RoundCandidateOut(candidate=c.alias, place=c.place, refused=c.refused, facts=service.candidate_facts(c.student)) for c in queries.candidates(post)]


@resources.post("/rounds/<uuid:id>/bearers", ability="rounds.bear", reach=queries.reachable)
@resources.input(BearersIn, location="json")
@resources.output(BearersOut)
def bear(id: uuid.UUID, json_data: BearersIn) -> Any:
    """Of which of one's own students a declaration holds, the whole list anew."""
    return BearersOut(unknown=service.bear(queries.reachable(acting(), id), json_data.code, json_data.numbers, by=acting()))


@resources.get("/rounds/<uuid:id>/results", ability="rounds.results", reach=queries.reachable)
@resources.input(PageQuery, location="query")
@resources.output(list[ResultLine])
def results(id: uuid.UUID, query_data: PageQuery) -> Any:
    """The lines that this side may read, once results are out."""
    actor, found = acting(), queries.reachable(acting(), id)
    rows = queries.results(found, actor, query_data.page, query_data.size).rows
    seed, _nonce = queries.seed_of(found)
    if actor.tenant_kind is TenantKind.COLLEGE:
        service.looked_at(found, rows, by=actor)

    def who(row: queries.ResultRow) -> str:
        if actor.tenant_kind is TenantKind.COLLEGE:
            return row.student.student_no
        if actor.tenant_kind is TenantKind.ENTERPRISE and row.position is not None:
            return service.alias(row.student, row.position)
        return lottery.shown(seed, str(row.student.public_id))

    hidden = actor.tenant_kind is TenantKind.ENTERPRISE  # an enterprise never learns where on a list it stood
    return [
        ResultLine(
            who=who(row), post=row.position.title if row.position else "", place=0 if hidden else row.result.place, basis=row.result.basis,
            answer=row.application_state or ("trouble" if row.result.trouble else ""),
        )
        for row in rows
    ]  # fmt: skip


def _own(found: Round, position: uuid.UUID) -> RoundPost:
    try:
        return queries.own_post(found, acting(), position)
    except NotFound:
        raise Invalid({"position": [_l("Choose one of your posts.")]}) from None


def _values(told: RoundIn) -> dict[str, Any]:
    there = {one.public_id: one.id for one in queries.colleges_to_choose()}
    if set(told.colleges) - set(there):
        raise Invalid({"colleges": [_l("Choose colleges from the list.")]})
    return told.model_dump() | {"colleges": [there[key] for key in told.colleges], "codes": [code.model_dump() for code in told.codes]}


def _out(found: Round) -> RoundOut:
    return RoundOut(
        id=found.public_id, state=found.state, phase=queries.phase(found), name=str(found.name), start_on=found.start_on, end_on=found.end_on, opens_at=found.opens_at,
        lists_close_at=found.lists_close_at, orders_close_at=found.orders_close_at, publish_at=found.publish_at, answers_until=queries.answer_until(found),
        most_ranked=found.most_ranked, majors=found.majors, year_from=found.year_from, year_to=found.year_to,
        codes=[CodeOut(code=code.code, kind=code.kind, name=str(code.name)) for code in found.codes], commitment=found.commitment, version=found.version,
    )  # fmt: skip


def _post(found: Round, post: RoundPost) -> PostOut:
    wanted = queries.demand(found, [post.position_id]).get(post.position_id, queries.Demand())
    p = positions.by_ids([post.position_id])[post.position_id]
    return PostOut(
        position=p.public_id, title=p.title, enterprise=str(p.tenant.name), state=post.state, places=post.places, reserved=post.reserved, listed=wanted.listed,
        first=wanted.first,
    )  # fmt: skip


def _option(option: queries.Option) -> OptionOut:
    p = option.post.position
    return OptionOut(
        position=p.public_id, title=p.title, enterprise=str(p.tenant.name), places=option.post.places, listed=option.demand.listed, first=option.demand.first,
        stops=list(option.stops),
    )  # fmt: skip


def _list(found: Round, student: Any, asked: OptionsQuery) -> ListOut:
    row = queries.list_of(found, student)
    mine = [choice.position_id for choice in row.choices] if row is not None else []
    own, others = queries.options(found, student, mine, query=asked.query, page=asked.page, size=min(asked.size, 50))
    return ListOut(
        state=row.state if row is not None else "", fill=bool(row and row.fill), lottery_number=queries.lottery_number(found, student),
        posts=[_option(one) for one in own], others=[_option(one) for one in others.rows], total=others.total,
    )  # fmt: skip


def _trial(trial: RoundTrial) -> TrialOut:
    runs = queries.runs_of(trial)
    return TrialOut(id=trial.public_id, state=trial.state, frozen=trial.frozen, scenarios=trial.scenarios, runs=[_run(run) for run in runs])


def _run(run: RoundRun) -> RoundRunOut:
    told = {name: rules.told(value) if name == "placed" else value for name, value in run.figures.items()}
    return RoundRunOut(
        id=run.public_id, scenario=run.scenario, figures=told, input_hash=run.input_hash, digest=run.digest, weights=run.weights, versions=run.versions
    )
