"""Which packets of sound the bytes with a given sha256 hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from strandline.db.ours import ours
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from strandline.core.ids import LibPath


class PacketRows:
    """Hashes of packets by sha256 (``packet_hashes``), true of bytes wherever they lie. Losing
    them costs a full decode of a file that somebody retagged."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def of(self, contents: Iterable[str]) -> dict[str, str]:
        """The hash of the packets by sha256, both in hex, of those that are known."""
        asked = json.dumps(list(contents))
        return dict(self._db.execute(_OF, (asked,)))

    def unknown(self, most: int) -> list[tuple[LibPath, str]]:
        """Path and sha256 of files of the ledger whose packets nobody has read; the first ones."""
        return list(self._db.execute(_UNKNOWN, (most,)))

    def learn(self, pairs: Mapping[str, str]) -> None:
        """Puts or replaces, in one commit, and forgets what nobody has; none for no pairs."""
        if pairs:
            with writing(self._db):
                self._db.executemany(_LEARN, pairs.items())
                self._db.execute(_FORGET)

    def note(self, pairs: Mapping[str, str]) -> None:
        """The same of files that are about to come, without waiting for the disk."""
        if pairs:
            with relaxed(self._db), writing(self._db):
                self._db.executemany(_LEARN, pairs.items())


_LEARN = "INSERT OR REPLACE INTO packet_hashes VALUES (?, ?)"
_OF = """
    SELECT sha256, packets FROM packet_hashes
    WHERE sha256 IN (SELECT value FROM json_each(?))
"""
_UNKNOWN = f"""
    SELECT file_path, file_hash FROM tracks
    WHERE tidal_id IS NOT NULL AND file_hash IS NOT NULL AND file_inode IS NOT NULL
        AND {ours("+file_path")}
        AND instr(file_path, '/../') = 0
        AND file_hash NOT IN (SELECT sha256 FROM packet_hashes)
    LIMIT ?
"""  # noqa: S608
# What lies in the trash may come back, under the hash its run noted.
_FORGET = """
    DELETE FROM packet_hashes
    WHERE sha256 NOT IN (SELECT file_hash FROM tracks WHERE file_hash IS NOT NULL)
        AND sha256 NOT IN (SELECT sha256 FROM seen_files WHERE sha256 IS NOT NULL)
        AND sha256 NOT IN (SELECT sha256 FROM run_steps WHERE sha256 IS NOT NULL)
"""
