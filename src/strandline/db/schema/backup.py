"""A backup of the database beside itself, before a migration touches it."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

from strandline.db.sqlite.connection import connect


def copy_beside(path: Path, *, before: str, now: datetime) -> Path:
    """Copy what is committed in ``path`` to ``<name>.<time>.before-<revision>.bak``, durably.

    A file of that name is always whole: the copy gets it only when it is on the disk. Another
    connection may hold the write lock meanwhile. Raises sqlite3.Error and OSError.
    """
    unfinished = path.with_name(f"{path.name}.before-{before}.part")
    os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600))
    try:
        _copy(path, unfinished)
    except BaseException:
        os.truncate(unfinished, 0)  # a full disk gets its room back
        raise
    final = _free_name(path, f"{path.name}.{now:%Y%m%d-%H%M%S}.before-{before}")
    os.rename(unfinished, final)
    _sync(path.parent)
    return final


def _copy(path: Path, unfinished: Path) -> None:
    with closing(connect(path)) as source, closing(connect(unfinished)) as target:
        source.backup(target)
        # Out of WAL: one file that stands for itself, with nothing beside it to lose.
        target.execute("PRAGMA journal_mode = DELETE").fetchone()
    _sync(unfinished)


def _free_name(path: Path, stem: str) -> Path:
    """``stem``.bak, or with a number where an earlier copy has that name."""
    number, name = 1, f"{stem}.bak"
    while path.with_name(name).exists():
        number, name = number + 1, f"{stem}.{number + 1}.bak"
    return path.with_name(name)


def _sync(path: Path) -> None:
    """On the disk, whether file or folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
