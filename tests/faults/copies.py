"""A person with all there is of theirs, copied: what many tests begin with is synced once."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from copy import copy
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from strandline.config import Config
from strandline.db.sqlite.inodes import to_column
from tests.faults.person import Person

Someone = TypeVar("Someone", bound=Person)
INODES = {
    "playlists": "folder_inode",
    "tracks": "file_inode",
    "playlist_tracks": "copy_inode",
    "run_steps": "inode",
    "seen_files": "inode",
    "seen_folders": "inode",
}
"""Where the database knows an entry of the disk by its number."""
PATHS = {"library": "root", "playlist_tracks": "symlink_path", "run_steps": "source"}
"""Where it has the full path of something."""
SEEN = ("seen_files", "seen_folders")
"""Where by its time of change, too, which no copy can have."""


def copy_of(person: Someone, folder: Path) -> Someone:
    """The same person in another folder, as if all had happened there."""
    here: dict[int, str] = {}

    def copied(source: str, target: str) -> None:
        """Hard links stay hard links."""
        first = here.setdefault(os.stat(source).st_ino, target)
        if first is target:
            shutil.copy2(source, target)
        else:
            os.link(first, target)

    shutil.copytree(person.folder, folder, symlinks=True, copy_function=copied)
    _know(folder, person.folder, _numbers(person.folder, folder))
    other = copy(person)
    vars(other).update(_moved(vars(person), person.folder, folder))
    return other


def _numbers(source: Path, target: Path) -> Iterator[tuple[int, int, int]]:
    """Of every entry: its inode there, its inode and time of change here."""
    for folder, folders, names in os.walk(source):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            here = os.lstat(target / os.path.relpath(path, source))
            yield to_column(os.lstat(path).st_ino), to_column(here.st_ino), here.st_ctime_ns


def _know(folder: Path, first: Path, numbers: Iterator[tuple[int, int, int]]) -> None:
    """The database knows its own library."""
    with closing(sqlite3.connect(folder / "state" / "strandline.db")) as db, db:
        db.execute("CREATE TEMP TABLE entries (old INTEGER PRIMARY KEY, new, ctime_ns)")
        db.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", numbers)
        for table, column in INODES.items():
            and_time = ", ctime_ns = entries.ctime_ns" if table in SEEN else ""
            db.execute(
                f"UPDATE {table} SET {column} = entries.new{and_time} "
                f"FROM entries WHERE entries.old = {table}.{column}"
            )
        for table, column in PATHS.items():
            below = f"UPDATE {table} SET {column} = ? || substr({column}, ?)"
            known = (str(folder), len(str(first)) + 1, f"{first}/")
            db.execute(f"{below} WHERE instr({column}, ?) = 1", known)


def _moved(value: Any, old: Path, new: Path) -> Any:
    """With each path below ``old`` where it is below ``new``."""
    match value:
        case Path() if value.is_relative_to(old):
            return new / value.relative_to(old)
        case str():
            return value.replace(str(old), str(new))
        case dict():
            return {_moved(k, old, new): _moved(v, old, new) for k, v in value.items()}
        case Config():
            every = {one.name: getattr(value, one.name) for one in fields(value)}
            return replace(value, **_moved(every, old, new))
    return value
