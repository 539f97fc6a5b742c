"""Who is told when an agreement is drafted."""

from __future__ import annotations

from consortium.agreements import queries
from consortium.agreements.models import Agreement
from consortium.messages import service as messages


def tell_drafted(agreement: Agreement) -> None:
    """The student, and for an internship the college's office; the enterprise was told of the acceptance itself."""
    people = [agreement.application.student.person_id]
    if agreement.kind == "internship":
        people += queries.office_of_college(agreement.college_tenant_id)
    for person_id in people:
        messages.tell(
            person_id, "agreement-drafted", key=str(agreement.public_id), link=f"/agreements/{agreement.public_id}",
            title=agreement.application.position.title,
        )  # fmt: skip
