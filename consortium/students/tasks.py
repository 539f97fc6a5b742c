"""What students' data are forgotten in time: handed to the daily task of `shared.retention`."""

from __future__ import annotations

from datetime import datetime

from consortium.shared import retention
from consortium.students import lifecycle, service

retention.purges("codes")(service.forget_codes)
retention.purges("guardian-links")(service.forget_links)
retention.purges("tickets")(service.forget_tickets)


@retention.purges("moved")
def forget_moved(before: datetime) -> int:
    """Who moved to another college a year ago."""
    return service.erase_over_time(lifecycle.MOVED, before)


@retention.purges("graduates")
def forget_graduates(before: datetime) -> int:
    """Who graduated three years ago."""
    return service.erase_over_time(lifecycle.GRADUATED, before)
