"""What an uploaded file is, judged before anything parses it: size, kind, members, inflated size, cell references."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from dataclasses import dataclass, field

MOST_BYTES = 10 * 1024 * 1024
MOST_PICTURE_BYTES, MOST_PIXELS = 5 * 1024 * 1024, 80_000_000
MOST_INFLATED = 64 * 1024 * 1024
MOST_MEMBERS = 200
MOST_ROWS, MOST_COLUMNS, MOST_CSV_ROWS = 20_000, 100, 100_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_DEFINITIONS = (b"<!DOCTYPE", b"<!ENTITY", b"<\x00!\x00D", b"<\x00!\x00E")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Za-z]{1,4})([0-9]{1,8})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br=[\"']([0-9]{1,8})[\"']")

REFUSALS = frozenset(
    "empty too-large old-excel html not-a-table broken too-many-members inflates macros entities far-cells encoding too-many-rows"
    " no-header two-headers no-rows missing-columns reader-died gave-up".split()
)
"""Why a table is not read; the sentences are the importer's."""


class FileRefused(Exception):
    """A file that is not read: `code` of REFUSALS and the facts of its sentence."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be read: its kind (xlsx, csv), its hash."""

    kind: str
    sha256: str
    facts: dict[str, int] = field(default_factory=dict)


def inspect(data: bytes) -> Inspected:
    """Judge a file by its bytes, never by its name; raises FileRefused."""
    if not data.strip():
        raise FileRefused("empty")
    if len(data) > MOST_BYTES:
        raise FileRefused("too-large")
    told = hashlib.sha256(data).hexdigest()
    if data.startswith(_OLE):
        raise FileRefused("old-excel")
    if data.startswith(_ZIP):
        _scan_workbook(data)
        return Inspected("xlsx", told)
    head = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<?xml")):
        raise FileRefused("html")
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileRefused("not-a-table")
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise FileRefused("not-a-table")
    return Inspected("csv", told)


def inspect_picture(data: bytes) -> Inspected:
    """Judge a photo or scan (JPEG, PNG, PDF) by its bytes; raises FileRefused (empty, too-large, not-a-picture, broken)."""
    if not data:
        raise FileRefused("empty")
    if len(data) > MOST_PICTURE_BYTES:
        raise FileRefused("too-large", mb=MOST_PICTURE_BYTES // 1024 // 1024)
    told = hashlib.sha256(data).hexdigest()
    if data.startswith(b"\xff\xd8\xff"):
        if b"\xff\xd9" not in data[-4096:]:
            raise FileRefused("broken")
        return Inspected("jpeg", told)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        wide, high = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
        if data[12:16] != b"IHDR" or b"IEND" not in data[-64:] or not 0 < wide * high <= MOST_PIXELS:
            raise FileRefused("broken")
        return Inspected("png", told)
    if data.startswith(b"%PDF-"):
        if b"%%EOF" not in data[-2048:]:
            raise FileRefused("broken")
        return Inspected("pdf", told)
    raise FileRefused("not-a-picture")


def _scan_workbook(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            members = box.infolist()
            if len(members) > MOST_MEMBERS:
                raise FileRefused("too-many-members")
            names = {member.filename for member in members}
            if any("vbaproject" in name.lower() for name in names):
                raise FileRefused("macros")
            if sum(member.file_size for member in members) > MOST_INFLATED:
                raise FileRefused("inflates")
            if not any(name.lower().endswith("xl/workbook.xml") for name in names):
                raise FileRefused("not-a-table")
            left = MOST_INFLATED
            for member in members:
                if member.flag_bits & 0x1:
                    raise FileRefused("old-excel")
                left -= _scan_member(box, member, left)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, zipfile.zlib.error) as bad:  # type: ignore[attr-defined]
        raise FileRefused("broken") from bad


def _scan_member(box: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """Inflate and count in pieces; look for definitions and far cells on the way."""
    total, tail = 0, b""
    with box.open(member) as stream:
        while piece := stream.read(256 * 1024):
            total += len(piece)
            if total > left:
                raise FileRefused("inflates")
            window = tail + piece
            if any(mark in window for mark in _DEFINITIONS):  # in every member: a part may bear any name
                raise FileRefused("entities")
            _scan_cells(window)
            tail = window[-512:]
    return total


def _scan_cells(window: bytes) -> None:
    for letters, digits in _CELL.findall(window):
        if int(digits) > MOST_ROWS + 2 or column_number(letters.decode()) > MOST_COLUMNS:
            raise FileRefused("far-cells", rows=MOST_ROWS, columns=MOST_COLUMNS)
    for digits in _ROW.findall(window):
        # blank rows at the end are common; only absurd ones are refused here, the rest is ignored by the reader
        if int(digits) > 1_048_576:
            raise FileRefused("far-cells", rows=MOST_ROWS, columns=MOST_COLUMNS)


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


MOST_PAPER_BYTES = 5 * 1024 * 1024
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/RichMedia")
MEDIA = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg"}


def inspect_paper(data: bytes) -> Inspected:
    """Judge a scanned paper by its bytes: PDF without anything that acts, PNG or JPEG; raises FileRefused (empty, too-large, not-a-paper, active)."""
    if not data.strip():
        raise FileRefused("empty")
    if len(data) > MOST_PAPER_BYTES:
        raise FileRefused("too-large")
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]:
        if any(mark in data for mark in _ACTIVE):
            raise FileRefused("active")
        kind = "pdf"
    elif data.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in data[-64:]:
        kind = "png"
    elif data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data[-64:]:
        kind = "jpg"
    else:
        raise FileRefused("not-a-paper")
    return Inspected(kind, hashlib.sha256(data).hexdigest())
