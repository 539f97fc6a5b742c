"""Files of this machine that all its processes share in memory; what they hold can be made again at any time."""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path


def mapped(folder: Path, name: str, make: Callable[[], Iterable[bytes | memoryview]], *, keep: int) -> mmap.mmap:
    """A file of this machine in memory, made where it is missing: its pages are shared by all processes, and private to who would write.

    Of files whose names differ before the first dot, the `keep` newest stay. Two who make it at once make the same.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = folder / f"{name}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for piece in make():
                out.write(piece)
        os.replace(fresh, path)
        _tidy(folder, keep)
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _tidy(folder: Path, keep: int) -> None:
    newest: dict[str, float] = {}
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process tidies too
            owner = path.name.partition(".")[0]
            newest[owner] = max(newest.get(owner, 0.0), path.stat().st_mtime)
    stay = sorted(newest, key=lambda owner: -newest[owner])[:keep]
    for path in folder.iterdir():
        if path.name.partition(".")[0] not in stay:
            path.unlink(missing_ok=True)
