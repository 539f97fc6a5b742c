"""What agreements do about earlier news, the telling of their own, and the declaration of their list as an export."""

from __future__ import annotations

from consortium.agreements import notify, service, wording
from consortium.agreements.events import agreement_drafted
from consortium.agreements.models import Agreement
from consortium.applications.events import acceptance_asked_after, acceptance_taken_back, application_accepted
from consortium.imports.kinds import Export, offer
from consortium.shared.db import db
from consortium.shared.i18n import lazy_gettext as _l

offer(
    Export(
        name="agreements",
        title=_l("Agreements"),
        ability="agreements.export",
        available=wording.EXPORTED,
        shapes={"list": tuple(name for name, _ in wording.EXPORTED)},
        lines=service.export_lines,
        list_endpoint="agreements.index",
        filters=("kind", "state"),
        states=frozenset({"kind", "state"}),
    )
)


@application_accepted.listen
def draft(application_id: int) -> None:
    """An accepted offer becomes a draft, in the transaction of the acceptance."""
    service.draft_from(application_id)


@agreement_drafted.listen
def tell(agreement_id: int) -> None:
    """The parties who are not looking at it already."""
    notify.tell_drafted(db.session.get_one(Agreement, agreement_id))


@acceptance_asked_after.listen
def is_it_signed(application_id: int) -> bool:
    """Once somebody has signed, an acceptance is no longer the student's alone to take back."""
    return service.is_signed(application_id)


@acceptance_taken_back.listen
def drop_the_draft(application_id: int) -> None:
    """A draft that nobody has signed goes with the acceptance."""
    service.drop_draft(application_id)
