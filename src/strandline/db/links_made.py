"""Which links strandline made, by the journal: for whom, and what tells each from its copies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import Stamp
from strandline.db.sqlite.inodes import from_column

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection

# A link's text, as ``core.ids.link_target`` has it: two ids of one recording may be in one folder.
# A row without a size is of a version that did not note the new link; its inode is that of the one
# before.
_FOLDER = "rtrim({0}, replace({0}, '/', ''))"
_TEXT = (
    f"CASE WHEN {_FOLDER.format('source')} = {_FOLDER.format('path')}"
    f" THEN substr(source, length({_FOLDER.format('source')}) + 1)"
    " WHEN source < 'Tracks/' THEN '../' || substr(source, length('Playlists/') + 1)"
    " ELSE '../../' || source END"
)
_LINKS_MADE = f"""
    SELECT playlist, {_TEXT}, coalesce(new_id, track), path, inode, size, mtime_ns
    FROM run_steps JOIN runs ON runs.id = run_id LEFT JOIN replaced_ids ON old_id = track
    WHERE state = 'done' AND action IN ('link', 'relink') AND kind = 'symlink'
        AND playlist IS NOT NULL AND {_TEXT} IN (SELECT value FROM json_each(?))
    ORDER BY runs.rowid, seq
"""  # noqa: S608


_SHARED = """
    SELECT run_id, path, source FROM runs JOIN run_steps ON run_id = runs.id
    WHERE command = 'dedupe-report' AND action = 'share' AND state = 'done'
    ORDER BY runs.rowid, seq
"""


class SharedLink(NamedTuple):
    """A link in the place of a person's file of the same sound, as it was made."""

    run: str
    path: LibPath
    source: LibPath
    """What it leads to."""


class LinkMade(NamedTuple):
    """A link as its step made it."""

    playlist: PlaylistId
    text: str
    track: TrackId
    path: LibPath
    """Its place then."""
    stamp: Stamp | None
    """What tells it from its copies; None where the journal does not know."""


def links_made(connection: sqlite3.Connection, texts: Collection[str]) -> list[LinkMade]:
    """Each link that was made and held one of these, the last one last."""
    rows = connection.execute(_LINKS_MADE, (json.dumps(list(texts)),)) if texts else ()
    return [
        LinkMade(playlist, text, track, path, _stamp(*stamp))
        for playlist, text, track, path, *stamp in rows
    ]


def shared_links(connection: sqlite3.Connection) -> list[SharedLink]:
    """Each that was made, those of one run together."""
    return [SharedLink(*row) for row in connection.execute(_SHARED)]


def _stamp(ino: int | None, size: int | None, mtime_ns: int | None) -> Stamp | None:
    if ino is None or size is None or mtime_ns is None:
        return None
    return Stamp(from_column(ino), size, mtime_ns)
