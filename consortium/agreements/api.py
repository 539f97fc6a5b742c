"""Resources of agreements."""

from __future__ import annotations

import uuid
from typing import Any

from consortium.agreements import queries, rules, service
from consortium.agreements.models import Agreement
from consortium.agreements.schemas import AgreementLine, AgreementOut, AwaitedOut, SignatureOut
from consortium.reference import law
from consortium.shared.i18n import language
from consortium.web.gate import acting
from consortium.web.resources import PageQuery, Resources

resources = Resources("agreements", __name__, tag="Agreements")


@resources.get("/agreements", ability="agreements.list")
@resources.input(PageQuery, location="query")
@resources.output(list[AgreementLine])
def agreements(query_data: PageQuery) -> Any:
    """Agreements within reach, newest first."""
    rows = queries.listing(acting(), query_data.page, size=query_data.size).rows
    for one in rows:
        service.opened(one, by=acting())
    return [
        AgreementLine(
            id=a.public_id, kind=a.kind, state=a.state, version=a.version, title=a.terms["title"], student=a.terms["student"],
            enterprise=a.terms["enterprise"], next_party=rules.next_party([(s.party, s.signed_at is not None) for s in a.signatures]),
        )
        for a in rows
    ]  # fmt: skip


@resources.get("/agreements/<uuid:id>", ability="agreements.read")
@resources.output(AgreementOut)
def agreement(id: uuid.UUID) -> Any:
    """One agreement."""
    found = queries.reachable(acting(), id)
    service.opened(found, by=acting())
    return _out(found)


@resources.get("/applications/<uuid:id>/agreement", ability="agreements.read")
@resources.output(AgreementOut)
def of_application(id: uuid.UUID) -> Any:
    """The agreement drafted from an application."""
    found = queries.of_application(acting(), id)
    service.opened(found, by=acting())
    return _out(found)


def _out(a: Agreement) -> AgreementOut:
    lang = language()
    return AgreementOut(
        id=a.public_id, kind=a.kind, state=a.state, version=a.version, application=a.application.public_id, terms=a.terms,
        missing=rules.missing(a.kind, a.terms),
        signatures=[SignatureOut(party=s.party, turn=s.turn, signed_at=s.signed_at) for s in a.signatures],
        awaited=[AwaitedOut(rule=one.code, stage=one.stage, state=one.state, blocks=one.blocks, overridden=one.overridden, words=law.rule(one.code).words(lang)) for one in queries.checklist(a)],
    )  # fmt: skip
