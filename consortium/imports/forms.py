"""What comes in with an upload."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired

from consortium.shared.i18n import lazy_gettext as _l
from consortium.web.forms import HouseForm


class UploadForm(HouseForm):
    """One file."""

    file = FileField(_l("File"), [FileRequired(_l("Choose a file first."))], description=_l(".xlsx or .csv, at most 10 MB and 20,000 rows"))
