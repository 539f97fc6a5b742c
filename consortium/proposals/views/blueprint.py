"""The blueprint of these pages, and their places in the menus."""

from __future__ import annotations

from consortium.shared.access import COLLEGE, STUDENT, ZONE
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.pages import Pages

pages = Pages("proposals", __name__)
pages.menu(_l("Matches"), "matches", icon="match", order=10, roles=STUDENT)
pages.menu(_l("Skill gaps"), "skill_gaps", icon="chart", order=35, roles=COLLEGE, under=("positions.index",))
pages.menu(_l("Matching runs"), "runs", icon="run", order=20, roles=ZONE)
