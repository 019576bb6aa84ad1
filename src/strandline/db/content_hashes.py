"""Which BLAKE3 the bytes with a given sha256 have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping


class ContentHashRows:
    """Pairs of hashes (``content_hashes``), true of bytes wherever they lie. Losing them costs
    time only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def load(self) -> dict[str, str]:
        """BLAKE3 by sha256, both in hex."""
        return dict(self._db.execute("SELECT sha256, blake3 FROM content_hashes"))

    def learn(self, pairs: Mapping[str, str]) -> None:
        """Puts or replaces, in one commit, and forgets what no track has; none for no pairs."""
        if pairs:
            with writing(self._db) as db:
                db.executemany("INSERT OR REPLACE INTO content_hashes VALUES (?, ?)", pairs.items())
                db.execute(_FORGET)


_FORGET = """
    DELETE FROM content_hashes
    WHERE sha256 NOT IN (SELECT file_hash FROM tracks WHERE file_hash IS NOT NULL)
"""
