"""What reading files told, kept so that an unchanged file is read only once (``seen_files``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from strandline.core.ids import LibPath, TrackId
from strandline.core.states import CachedEvidence, Evidence
from strandline.db.packets import PacketRows
from strandline.db.sqlite.inodes import from_column, to_column
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping


class EvidenceRows:
    """The scan's cache. A row counts only while inode, size and both times are the same."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def load(self) -> dict[LibPath, CachedEvidence]:
        """Everything there is, by path."""
        return {row[0]: _cached(*row) for row in self._db.execute(_LOAD)}

    def at(self, path: LibPath) -> CachedEvidence | None:
        """What is known of the file at that path, whatever it is by now."""
        row = self._db.execute(f"{_LOAD} AND path = ?", (path,)).fetchone()
        return _cached(*row) if row else None

    def damaged_at(self, paths: Iterable[LibPath]) -> list[CachedEvidence]:
        """Of the files that were seen at these paths, those that do not play to their end."""
        return [_cached(*row) for row in self._db.execute(_DAMAGED, (json.dumps(list(paths)),))]

    def save(self, rows: Iterable[CachedEvidence]) -> None:
        """Puts or replaces, in one commit; none for no rows."""
        if values := [_row(row) for row in rows]:
            with writing(self._db) as db:
                db.executemany(_SAVE, values)

    def packets(self, contents: Iterable[str]) -> dict[str, str]:
        """Hashes of packets, by sha256: those that are known of these contents."""
        return PacketRows(self._db).of(contents)

    def learn_packets(self, pairs: Mapping[str, str]) -> None:
        """Puts or replaces, in one commit; none for no pairs."""
        PacketRows(self._db).learn(pairs)

    def forget(self, paths: Iterable[LibPath]) -> None:
        """Drops what is known of these paths, in one commit; none for no paths."""
        if values := [(path,) for path in paths]:
            with writing(self._db) as db:
                db.executemany("DELETE FROM seen_files WHERE path = ?", values)


def _cached(
    path: LibPath,
    inode: int,
    size: int,
    mtime_ns: int,
    ctime_ns: int,
    embedded: TrackId | None,
    sha256: str | None,
    isrc: str | None,
    duration: float | None,
    playable: int,
) -> CachedEvidence:
    evidence = Evidence(embedded, sha256, isrc, duration, playable == 1)
    return CachedEvidence(path, from_column(inode), size, mtime_ns, ctime_ns, evidence)


def _row(cached: CachedEvidence) -> tuple[str | int | float | None, ...]:
    return (cached.path, to_column(cached.ino), *cached[2:5], *cached.evidence)


_LOAD = """
    SELECT path, inode, size, mtime_ns, ctime_ns, embedded_id, sha256, isrc, duration, playable
    FROM seen_files
    WHERE inode IS NOT NULL AND size IS NOT NULL AND mtime_ns IS NOT NULL AND ctime_ns IS NOT NULL
"""
_DAMAGED = f"{_LOAD} AND NOT playable AND path IN (SELECT value FROM json_each(?))"  # noqa: S608
_SAVE = """
    INSERT OR REPLACE INTO seen_files
        (path, inode, size, mtime_ns, ctime_ns, embedded_id, sha256, isrc, duration, playable)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
