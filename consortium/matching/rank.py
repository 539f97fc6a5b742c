"""Ranking from plain files, without web or database: JSON lines in, TREC run lines out, by the worker's own code."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from consortium.matching import pipeline
from consortium.matching.problem import BadProblem, Problem, columns
from consortium.matching.related import Catalogue
from consortium.matching.similarity import GRID
from consortium.matching.vocabulary import WEIGHTS, with_history

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

    `expand` may add columns known from a record's `major_code` (the caller has the catalogue); `catalogue`: titles of
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
    prepared = pipeline.prepare(
        problem, weights=WEIGHTS if past is None else with_history(), catalogue=catalogue, past=_events(past) if past else (), k=top
    )
    n_lines = 0
    with out.open("w", encoding="utf-8", newline="\n") as lines:
        for start in range(0, len(problem.students), CHUNK):
            stop = min(start + CHUNK, len(problem.students))
            chunk = pipeline.score_chunk(prepared, start, stop)
            for i in range(stop - start):
                for rank, (j, points) in enumerate(zip(chunk.idx[i], chunk.points[i], strict=True), 1):
                    if j < 0:
                        break
                    query, document = problem.students.key[start + i], problem.positions.key[j]
                    lines.write(f"{query} Q0 {document} {rank} {points / GRID:.6f} consortium\n")
                    n_lines += 1
    return n_lines


def _events(path: Path) -> list[tuple[str, str, float]]:
    found = []
    for number, raw in enumerate(path.read_bytes().splitlines(), 1):
        try:
            who, document, grade = raw.decode("utf-8").split("\t")
            if not 0 <= float(grade) < float("inf"):
                raise ValueError(grade)
        except ValueError:
            if not raw.strip():
                continue
            raise MalformedLine(f"{path.name}, line {number}: who, document and a grade of at least 0 expected, separated by tabs") from None
        found.append((who, document, float(grade)))
    return found


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The checked records of a file of JSON lines; raises MalformedLine, which names the line."""
    seen: set[str] = set()
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            where = f"{path.name}, line {number}"
            if not raw.strip():
                continue
            try:
                record = json.loads(raw.decode("utf-8"))
            except (UnicodeDecodeError, ValueError, RecursionError) as broken:
                raise MalformedLine(f"{where}: not a JSON object in UTF-8 ({type(broken).__name__})") from None
            if not isinstance(record, dict):
                raise MalformedLine(f"{where}: an object expected, {type(record).__name__} found")
            key = record.get("id")
            if isinstance(key, int) and not isinstance(key, bool):
                record["id"] = key = str(key)
            if not isinstance(key, str) or not key or any(c.isspace() for c in key):
                raise MalformedLine(f"{where}: \"id\" must be a text without blanks")
            if key in seen:
                raise MalformedLine(f"{where}: id {key!r} stands twice")
            seen.add(key)
            for name in ("title", "text"):
                if not isinstance(record.get(name, ""), str):
                    raise MalformedLine(f"{where}: {name!r} must be a text")
            skills = record.get("skills", [])
            if not isinstance(skills, list) or not all(isinstance(s, str) for s in skills):
                raise MalformedLine(f"{where}: \"skills\" must be a list of texts")
            for said in (key, record.get("title", ""), record.get("text", ""), *skills):
                if "\x00" in said or "\x1f" in said:
                    raise MalformedLine(f"{where}: a control character (NUL or unit separator)")
                if any("\ud800" <= sign <= "\udfff" for sign in said):
                    raise MalformedLine(f"{where}: a lone surrogate is no character")
            yield record


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
