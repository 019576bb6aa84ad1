"""Which paths of files are in strandline's own area: an old database may name files elsewhere."""

from __future__ import annotations


def ours(column: str = "file_path") -> str:
    """The condition in SQL. The pool is strandline's own only where the library has that layout."""
    playlists = f"{column} >= 'Playlists/' AND {column} < 'Playlists0'"
    pool = f"{column} >= 'Tracks/' AND {column} < 'Tracks0'"
    has_pool = "EXISTS (SELECT 1 FROM library_layouts WHERE audio <> 'playlist')"
    return f"({playlists} OR {pool} AND {has_pool})"
