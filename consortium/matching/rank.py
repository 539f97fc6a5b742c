"""Ranking from plain files, without web or database: JSON lines in, TREC run lines out, by the worker's own code."""

from __future__ import annotations

import json
import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from consortium.matching import pipeline
from consortium.matching.problem import MOST_TEXT, BadProblem, Problem, columns
from consortium.matching.related import Catalogue
from consortium.matching.similarity import GRID
from consortium.matching.vocabulary import RANKED_HISTORY, WEIGHTS, with_history

CHUNK = 200


class MalformedLine(ValueError):
    """A line that is no usable record; the message names file and line."""


def rank_files(
    students: Path,
    positions: Path,
    top: int,
    out: Path,
    expand: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    catalogue: Catalogue = (),
    past: Path | None = None,
) -> int:
    """Write `query Q0 document rank score consortium` for the best `top` of every student; returns the lines written.

    Lines appear under `out` only when all are written. `expand` may add columns known from a record's `major_code` (the caller has the catalogue); `catalogue`: titles of
    occupations; `past`: earlier choices (a student's id, major's code or wish, document, grade; separated by tabs). Raises MalformedLine,
    and ValueError for `top` below 1.
    """
    if top < 1:
        raise ValueError("top must be at least 1")
    problem = Problem(
        columns("students", [_student(r, expand) for r in read_records(students)]),
        columns("positions", [_position(r) for r in read_records(positions)]),
        date(2000, 1, 1),
        open_to_all=True,
    )
    weights, events = (WEIGHTS, ()) if past is None else (with_history(share=RANKED_HISTORY), _events(past))
    k = min(top, max(len(problem.positions), 1))
    prepared = pipeline.prepare(problem, weights=weights, catalogue=catalogue, past=events, k=k)
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="\n") as lines:
            n_lines = sum(lines.write(line) > 0 for line in _run_lines(prepared))
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return n_lines


def _run_lines(prepared: pipeline.Prepared) -> Iterator[str]:
    students, positions = prepared.problem.students, prepared.problem.positions
    for start in range(0, len(students), CHUNK):
        chunk = pipeline.score_chunk(prepared, start, min(start + CHUNK, len(students)))
        for query, idx, points in zip(students.key[start : chunk.stop], chunk.idx, chunk.points, strict=True):
            for rank, (j, got) in enumerate(zip(idx[idx >= 0].tolist(), points.tolist(), strict=False), 1):
                yield f"{query} Q0 {positions.key[j]} {rank} {got / GRID:.6f} consortium\n"


def _events(path: Path) -> list[tuple[str, str, float]]:
    found = []
    for number, raw in enumerate(path.read_bytes().removeprefix(BOM_UTF8).splitlines(), 1):
        where = f"{path.name}, line {number}"
        if not raw.strip():
            continue
        parts = _text(raw, where).split("\t")
        if len(parts) != 3:
            raise MalformedLine(f"{where}: who, document and grade expected, separated by tabs; {len(parts)} found")
        try:
            grade = float(parts[2])
        except ValueError:
            grade = -1.0
        if not 0 <= grade < float("inf"):
            raise MalformedLine(f"{where}, grade: a finite number of at least 0 expected, {parts[2][:40]!r} found")
        found.append((parts[0], parts[1], grade))
    return found


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The checked records of a file of JSON lines; raises MalformedLine, which names file, line, field, and what to do about it.

    UTF-8, with or without a byte order mark; lines end with LF or CRLF; blank lines and fields of other names are passed over.
    """
    seen: set[str] = set()
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            where = f"{path.name}, line {number}"
            raw = raw.removeprefix(BOM_UTF8) if number == 1 else raw
            if not raw.strip():
                continue
            try:
                record = json.loads(_text(raw, where))
            except (ValueError, RecursionError) as broken:
                if isinstance(broken, MalformedLine):
                    raise
                at = f", column {broken.colno}" if isinstance(broken, json.JSONDecodeError) else ""
                raise MalformedLine(f"{where}{at}: not a JSON object; write one object on each line") from None
            if not isinstance(record, dict):
                raise MalformedLine(f"{where}: an object expected, {type(record).__name__} found; write {{\"id\": …, \"title\": …, \"text\": …}}")
            record["id"] = key = _key(record, where)
            if key in seen:
                raise MalformedLine(f"{where}, field \"id\": {key!r} stands twice; give every line its own id")
            seen.add(key)
            for name in ("title", "text"):
                if not isinstance(record.get(name, ""), str):
                    raise MalformedLine(f"{where}, field {name!r}: a text expected, {type(record[name]).__name__} found; leave the field out or write \"\"")
                _clean(record.get(name, ""), f"{where}, field {name!r}")
            skills = record.get("skills", [])
            if not isinstance(skills, list) or not all(isinstance(s, str) for s in skills):
                raise MalformedLine(f"{where}, field \"skills\": a list of texts expected; write [] for none")
            for skill in skills:
                _clean(skill, f"{where}, field \"skills\"")
            yield record


def _key(record: dict[str, Any], where: str) -> str:
    key = record.get("id")
    if isinstance(key, int) and not isinstance(key, bool):
        key = str(key)
    if not isinstance(key, str) or not key or any(c.isspace() for c in key):
        found = "missing" if "id" not in record else f"{str(record['id'])[:40]!r} found"
        raise MalformedLine(f"{where}, field \"id\": a text or whole number without blanks expected, {found}")
    _clean(key, f"{where}, field \"id\"")
    return key


def _text(raw: bytes, where: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise MalformedLine(f"{where}, byte {broken.start + 1}: not UTF-8; save the file as UTF-8") from None


def _clean(said: str, where: str) -> None:
    if "\x00" in said or "\x1f" in said:
        raise MalformedLine(f"{where}: a control character (NUL or unit separator); remove it")
    if len(said) > MOST_TEXT:
        raise MalformedLine(f"{where}: at most {MOST_TEXT:,} characters expected, {len(said):,} found; shorten it")
    try:
        said.encode()
    except UnicodeEncodeError:
        raise MalformedLine(f"{where}: a lone surrogate is no character; remove it") from None


def _student(record: dict[str, Any], expand: Callable[[dict[str, Any]], dict[str, Any]] | None) -> dict[str, Any]:
    title, text = record.get("title", ""), record.get("text", "")
    row = {
        "key": record["id"],
        "wish": title,
        "text": f"{title}\n{text}".strip(),
        "skills": [s.casefold() for s in record.get("skills", [])],
    }
    return row | (expand(record) if expand else {})


def _position(record: dict[str, Any]) -> dict[str, Any]:
    title, text = record.get("title", ""), record.get("text", "")
    return {
        "key": record["id"],
        "title": title,
        "text": text or title,
        "skills_nice": [s.casefold() for s in record.get("skills", [])],
    }


__all__ = ["BadProblem", "MalformedLine", "rank_files", "read_records"]
