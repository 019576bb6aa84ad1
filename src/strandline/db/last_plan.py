"""What the last check decided: which actions it planned, and when it was."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from strandline.db.sqlite.bulk import execute_rows
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

    from strandline.core.actions import Action
    from strandline.core.ids import PlaylistId


class Planned(NamedTuple):
    """An action that the next run would carry out, should nothing change until then."""

    action: str
    path: str
    source: str | None
    track: str | None
    playlist: str | None
    because: str
    message: str | None = None
    """What a person has to decide."""


class LastPlanRows:
    """The plan of the last check, and of later checks of single playlists."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(
        self,
        actions: Iterable[Action],
        now: datetime,
        only: Collection[PlaylistId] | None = None,
    ) -> None:
        """A check decided about these playlists (None: all); what it does not plan is as it is."""
        rows = [_row(action) for action in actions]
        scope = json.dumps(list(only or ()))
        with relaxed(self._db), writing(self._db) as db:
            if only is None:
                db.execute("DELETE FROM planned_actions")
                db.execute("DELETE FROM last_checks")
                db.execute("INSERT INTO last_checks VALUES ('', ?)", (stored(now),))
            else:
                db.execute(_FORGET, (scope,))
                db.execute(_CHECKED, (stored(now), scope))
            execute_rows(db, _ADD, _ROW, rows)

    def of(self, tracks: Collection[str], playlists: Collection[str] = ()) -> list[Planned]:
        """What is planned for these tracks, and about these playlists' folders, in its order."""
        rows = self._db.execute(_OF, (json.dumps(list(tracks)), json.dumps(list(playlists))))
        return [Planned(*row) for row in rows]

    def leaving(self) -> list[Planned]:
        """Files and links that are planned to leave with what TIDAL lists, and stand there yet."""
        return [Planned(*row) for row in self._db.execute(_LEAVING)]

    def tracked(self) -> int:
        """Files and links that the playlists have on disk."""
        return int(self._db.execute(_TRACKED).fetchone()[0])

    def in_playlist(self, playlist: str) -> list[Planned]:
        """What is planned in a playlist."""
        return [Planned(*row) for row in self._db.execute(_IN, (playlist,))]

    def at(self, path: str) -> list[Planned]:
        """What is planned for that very path."""
        return [Planned(*row) for row in self._db.execute(_AT, (path,))]

    def checked(self) -> dict[str, datetime]:
        """When each playlist was decided about since the last whole check; that is under ``''``."""
        rows = self._db.execute("SELECT playlist, at FROM last_checks")
        return {playlist: datetime.fromisoformat(at) for playlist, at in rows}


def _row(action: Action) -> Planned:
    return Planned(
        action.name,
        action.path,
        getattr(action, "source", None),
        action.track,
        action.playlist,
        action.because.value,
        getattr(action, "message", None),
    )


_COLUMNS = ", ".join(Planned._fields)
_ROW = f"({', '.join('?' * len(Planned._fields))})"
_ADD = f"INSERT INTO planned_actions ({_COLUMNS}) VALUES {{rows}}"  # noqa: S608
_FORGET = "DELETE FROM planned_actions WHERE playlist IN (SELECT value FROM json_each(?))"
_CHECKED = """
    INSERT OR REPLACE INTO last_checks (playlist, at) SELECT value, ?1 FROM json_each(?2)
"""
_OF = f"""
    SELECT {_COLUMNS} FROM planned_actions
    WHERE track IN (SELECT value FROM json_each(?))
        OR (track IS NULL AND playlist IN (SELECT value FROM json_each(?)))
    ORDER BY seq
"""  # noqa: S608
_STANDING = """
    FROM playlist_tracks WHERE path IS NOT NULL AND coalesce(link_kind, '') <> 'yours'
"""
_TRACKED = f"SELECT count(*) {_STANDING}"
_LEAVING = f"""
    SELECT {_COLUMNS} FROM planned_actions
    WHERE action IN ('trash', 'unlink')
        AND because IN ('left_playlist', 'playlist_deleted', 'left_every_playlist')
        AND path IN (SELECT path {_STANDING})
"""  # noqa: S608
_IN = f"SELECT {_COLUMNS} FROM planned_actions WHERE playlist = ? ORDER BY seq"  # noqa: S608
_AT = f"SELECT {_COLUMNS} FROM planned_actions WHERE path = ? ORDER BY seq"  # noqa: S608
