"""What the database says of each entry that has a place on disk."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

ENTRIES = """
    SELECT p.tidal_id, t.tidal_id, e.path, e.is_primary, coalesce(e.link_kind, 'symlink'),
        e.symlink_valid, t.file_path, t.file_hash, t.file_size_bytes, t.file_mtime_ns, e.in_tidal
    FROM playlist_tracks e JOIN playlists p ON p.id = e.playlist_id
    JOIN tracks t ON t.id = e.track_id WHERE e.path IS NOT NULL
"""


class Row(NamedTuple):
    """An entry of the database with a place on disk."""

    playlist: str
    track: str
    path: str
    is_primary: bool
    kind: str
    valid: bool | None
    file_path: str | None
    file_hash: str | None
    size: int | None
    mtime_ns: int | None
    listed: bool
    """In TIDAL; what is not stays for a link that is left out, and is mended as little."""

    @property
    def holds_audio(self) -> bool:
        """It is the track's file, or a link to that in the pool."""
        return bool(self.is_primary or (self.file_path or "").startswith("Tracks/"))

    def vouches_for(self, path: Path) -> bool:
        """Whether size and time of the file are what the database has."""
        seen = path.stat()
        return (self.size, self.mtime_ns) == (seen.st_size, seen.st_mtime_ns)
