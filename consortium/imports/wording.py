"""What is said of files that are not read."""

from __future__ import annotations

from typing import Any

from consortium.shared.i18n import gettext as _
from consortium.shared.i18n import lazy_gettext as _l

WORDS: dict[str, Any] = {
    "empty": _l("The file is empty."),
    "too-large": _l("The file has more than 10 MB. Split it into several files."),
    "old-excel": _l("This is an old .xls workbook, or one protected by a password. Open it in Excel, remove the password, and save it as .xlsx."),
    "html": _l("This is a web page, not a workbook. Open it in Excel and save it as .xlsx."),
    "not-a-table": _l("This file is neither an .xlsx workbook nor a .csv table."),
    "not-xlsx": _l("This is not an .xlsx workbook, though it is named so: it holds plain text. Open it in Excel or WPS and save it as .xlsx, or name it .csv."),
    "broken": _l("The workbook is damaged and cannot be read. Save it again in Excel."),
    "too-many-members": _l("The workbook has too many parts. Save only the sheet that is needed."),
    "inflates": _l("The workbook unpacks to more than 64 MB. Remove unused sheets, pictures and formats."),
    "macros": _l("The workbook holds macros. Save it as .xlsx without macros."),
    "entities": _l("The workbook holds definitions that are not read here. Save it again in Excel."),
    "far-cells": _l("The sheet reaches beyond %(rows)s rows or %(columns)s columns. Delete the empty rows and columns at its end."),
    "encoding": _l("The characters of this file cannot be read. Save it as CSV UTF-8."),
    "too-many-rows": _l("The table has more than %(rows)s rows. Split it into several files."),
    "no-header": _l("No row with known column names was found among the first two rows. Use the template."),
    "two-headers": _l("The table has two rows of column names. Keep one."),
    "no-rows": _l("There is no row below the column names."),
    "missing-columns": _l("These columns are needed and were not found: %(columns)s. Use the template."),
    "gave-up": _l("Reading this file failed three times. Save it again as .xlsx, without pictures and formats, or divide it."),
    "expired": _l("This file was not imported within thirty days; its content was destroyed. Upload it again."),
    "reader-died": _l("The file could not be read within the limits of time and memory. Save it again as .xlsx, without pictures and formats."),
}

MODES: dict[str, Any] = {
    "both": _l("Add new rows and update those that are there"),
    "new": _l("Add new rows only"),
    "update": _l("Update only rows that are there"),
    "fill": _l("Only fill what is empty, in rows that are there"),
    "snapshot": _l("The file is the full list: who is not in it has left (they are listed first)"),
}
"""What a file does to what is there; nothing is ever deleted by it."""

HISTORY: tuple[tuple[str, Any], ...] = (
    ("filename", _l("File")), ("kind", _l("What")), ("uploaded_at", _l("Uploaded")), ("applied_at", _l("Imported")), ("stage", _l("State")), ("mode", _l("Mode")),
    ("rows", _l("Rows")), ("new", _l("New")), ("updated", _l("Updated")), ("unchanged", _l("Unchanged")), ("error", _l("Errors")),
    ("conflict", _l("Conflicts")), ("skipped", _l("Left aside")), ("ended", _l("Not in the file")),
)  # fmt: skip
"""Columns of the list of imports."""

ENTERPRISES: tuple[tuple[str, Any], ...] = (
    ("name", _l("Enterprise")), ("name_en", _l("Name in English")), ("credit_code", _l("Unified social credit code")), ("industry", _l("Industry")), ("place", _l("Place")),
    ("staff", _l("Employees")), ("interns", _l("Interns")), ("most", _l("Interns at most")), ("state", _l("State")),
)  # fmt: skip
"""Columns of the list of enterprises."""

TROUBLE: dict[str, Any] = {
    "rights-ended": _l("Whoever asked for this import may no longer do so. Nothing more was written."),
    "changed-meanwhile": _l("The register changed since the check: some rows are now in conflict, and you chose all or none. Nothing was written."),
    "undo-stopped": _l("The undo stopped after three tries. Ask for it again to go on with the rest."),
    "stopped": _l("The import stopped after three tries. Rows written so far stay; import again to go on with the rest."),
}


def trouble(code: str) -> str:
    """Why an import did not come to its end; '' where it did."""
    return str(TROUBLE.get(code, ""))


def refusal(code: str, facts: dict[str, Any]) -> str:
    """The sentence of a refusal."""
    words = WORDS.get(code)
    return str(words) % facts if words is not None else _("The file was refused.")
