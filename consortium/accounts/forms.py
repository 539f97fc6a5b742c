"""What comes in: sign-in, passwords, invitations."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.validators import Optional, Regexp

from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import REQUIRED, HouseForm, at_most


class SignInForm(HouseForm):
    """Name and password."""

    login = StringField(_l("Sign-in name"), [REQUIRED, at_most(80)], render_kw={"autocomplete": "username"})
    password = PasswordField(
        _l("Password"), [REQUIRED, at_most(128)], render_kw={"autocomplete": "current-password"}
    )


class PasswordForm(HouseForm):
    """A new password, proved by the present one."""

    old = PasswordField(
        _l("Present password"), [REQUIRED, at_most(128)], render_kw={"autocomplete": "current-password"}
    )
    new = PasswordField(
        _l("New password"),
        [REQUIRED, at_most(128)],
        description=_l("At least ten characters; a sentence is easier to remember than signs."),
        render_kw={"autocomplete": "new-password"},
    )


class AcceptForm(HouseForm):
    """The password with which an invited person begins."""

    password = PasswordField(
        _l("Password"),
        [REQUIRED, at_most(128)],
        description=_l("At least ten characters; if you already have an account, its password."),
        render_kw={"autocomplete": "new-password"},
    )


class InviteForm(HouseForm):
    """A colleague to invite; the roles offered are those the inviter may give."""

    name = StringField(_l("Name"), [REQUIRED, at_most(80)])
    login = StringField(
        _l("Sign-in name"),
        [
            REQUIRED,
            at_most(80),
            Regexp(r"^[A-Za-z0-9._@+-]+$", message=_l("Letters, digits and . _ @ + - only, such as wang.lei.")),
        ],
    )
    email = EmailField(_l("Mail address"), [Optional(), at_most(160)])
    role = SelectField(_l("Role"), [REQUIRED])
