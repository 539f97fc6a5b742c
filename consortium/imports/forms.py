"""What comes in with an upload."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField

from consortium.imports.wording import MODES
from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import HouseForm, options


class UploadForm(HouseForm):
    """One file."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file first."))], description=_l(".xlsx with at most 20,000 rows, or .csv with at most 100,000; 10 MB"))
    mode = RadioField(_l("What shall the file do?"), choices=options(MODES.items()), default="both")

    def offer(self, modes: Iterable[str]) -> Self:
        """Only the modes that this kind of row has."""
        self.mode.choices = options((name, MODES[name]) for name in modes)
        return self
