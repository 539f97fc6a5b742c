"""What comes in about an enterprise."""

from __future__ import annotations

from wtforms import DateField, IntegerField, StringField, TextAreaField
from wtforms.validators import Optional

from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, HouseForm, VersionedForm, at_most, between


class EnterpriseForm(VersionedForm):
    """The firm's own facts."""

    staff = IntegerField(_l("Employees on duty"), [Optional(), between(0, 1_000_000)], description=_l("The share of interns is counted from this."))
    staff_as_of = DateField(_l("Counted on"), [Optional()])
    address = StringField(_l("Address"), [at_most(200)])
    about = TextAreaField(_l("About the enterprise"), [at_most(2000)])


class FamilyForm(HouseForm):
    """A kind of post."""

    name = StringField(_l("Kind of post"), [REQUIRED, at_most(80)])
    family_staff = IntegerField(_l("Employees in it"), [REQUIRED, between(0, 1_000_000)])


class VisitForm(HouseForm):
    """A college's visit to a host."""

    visited_on = DateField(_l("Visited on"), [REQUIRED])
    decided_on = DateField(_l("Decided on"), [Optional()])
    published_on = DateField(_l("Made public on"), [Optional()])
