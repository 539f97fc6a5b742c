"""The place of posts among the pages: one blueprint, its entries in the menus."""

from __future__ import annotations

from consortium.positions import queries
from consortium.shared.access import COLLEGE, COLLEGE_OFFICE, ENTERPRISE, ZONE
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.pages import Pages

pages = Pages("positions", "consortium.positions")
pages.menu(_l("Posts"), "index", icon="post", order=20, roles=ENTERPRISE)
pages.menu(_l("Posts"), "index", icon="post", order=30, roles=ZONE | COLLEGE)
pages.menu(_l("Overrides"), "overrides", icon="law", order=55, roles=ZONE, under=("dashboards.rules", "compliance.filings",))
pages.menu(_l("Overrides"), "overrides", icon="law", order=55, roles=COLLEGE_OFFICE, count=queries.overrides_waiting, under=("dashboards.rules", "compliance.filings",))
