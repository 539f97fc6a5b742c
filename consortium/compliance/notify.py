"""Who is told of a filing's verdict and end, and of an override."""

from __future__ import annotations

from consortium.accounts import queries as accounts
from consortium.compliance.models import Filing, Override
from consortium.messages import service as messages
from consortium.messages.service import IN_APP, MAIL
from consortium.shared.access import COLLEGE_OFFICE, ENTERPRISE_OFFICE


def tell_decided(filing: Filing) -> None:
    """Who entered it, and the enterprise it is about."""
    kind = "filing-refused" if filing.refusal else "filing-verified"
    for person_id in _concerned(filing):
        messages.tell(
            person_id, kind, key=str(filing.public_id), link=f"/filings/{filing.public_id}", channels=(IN_APP, MAIL), number=filing.number, reason=filing.refusal
        )


def tell_ending(filing: Filing) -> None:
    """The same people, a month ahead."""
    day = filing.valid_until.isoformat()
    for person_id in _concerned(filing):
        messages.tell(
            person_id, "filing-ending", key=f"{filing.public_id}:{day}", link=f"/filings/{filing.public_id}", channels=(IN_APP, MAIL), number=filing.number, day=day
        )


def tell_overridden(override: Override) -> None:
    """The enterprise whose posts it is about."""
    for person_id in accounts.persons_in(override.enterprise_tenant_id, ENTERPRISE_OFFICE):
        messages.tell(
            person_id, "rule-overridden", key=str(override.public_id), link=f"/rule-overrides/{override.public_id}", rule=override.rule,
            college=override.college.name_zh, reason=override.reason,
        )  # fmt: skip


def _concerned(filing: Filing) -> list[int]:
    people = accounts.persons_in(filing.tenant_id, ENTERPRISE_OFFICE)
    if filing.entered_tenant_id != filing.tenant_id:
        people += accounts.persons_in(filing.entered_tenant_id, COLLEGE_OFFICE)
    return list(dict.fromkeys(people))
