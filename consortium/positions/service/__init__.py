"""Writing, judging, publishing and ending posts; seats, templates, files, and shares passed on purpose. Flushes; the edge commits."""

from __future__ import annotations

from consortium.positions.service.files import (
    EXPORTED,
    SHAPES,
    RosterJudge,
    export_lines,
    import_conflicts,
    import_differences,
    import_rows,
    import_undo,
    likely,
    meant,
    rule_lines,
    template,
    told,
)
from consortium.positions.service.filling import DEPTHS, FIELDS, as_values
from consortium.positions.service.judging import Judgement, Line, Share, judged, judged_as_saved
from consortium.positions.service.lawful import stops
from consortium.positions.service.overrides import answer_override, ask_override
from consortium.positions.service.seats import give_back_seat, take_seat
from consortium.positions.service.templates import drop_template, keep_template, values_of
from consortium.positions.service.wages import set_minimum_wage
from consortium.positions.service.writing import (
    close,
    copied,
    create,
    edit,
    expire_overdue,
    keep,
    pause,
    publish,
    remove,
    repeated,
    warn_expiring,
)

__all__ = [
    "DEPTHS", "EXPORTED", "FIELDS", "SHAPES", "Judgement", "Line", "RosterJudge", "Share", "answer_override", "as_values", "ask_override", "close",
    "copied", "create", "drop_template", "edit", "expire_overdue", "export_lines", "give_back_seat", "import_conflicts", "import_differences",
    "import_rows", "import_undo", "judged", "judged_as_saved", "keep", "keep_template", "likely", "meant", "pause", "publish", "remove", "repeated",
    "rule_lines", "set_minimum_wage", "stops", "take_seat", "template", "told", "values_of", "warn_expiring",
]  # fmt: skip
