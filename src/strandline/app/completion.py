"""What a shell completes, read as fast as can be: the database alone, without a session."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from strandline.db.history import History
from strandline.db.reports import Reports
from strandline.db.sqlite.connection import connect, database_path

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.core.ids import PlaylistId
    from strandline.db.history import PastRun

RUNS = 30
"""The newest runs are offered; older ones are found by ``history``."""


def known_playlists(config: Config) -> list[str]:
    """The playlists' names; none where there is no database that can be read."""
    return list(stored_playlists(config).values())


def stored_playlists(config: Config) -> dict[PlaylistId, str]:
    """The playlists' names by id; none where there is no database that can be read."""
    try:
        with closing(connect(database_path(config.database_url), mode="ro")) as connection:
            return Reports(connection).playlist_names()
    except sqlite3.Error:
        return {}


def known_runs(config: Config) -> list[PastRun]:
    """The newest runs, newest first; none where there is no database that can be read."""
    try:
        with closing(connect(database_path(config.database_url), mode="ro")) as connection:
            return History(connection).runs(RUNS)
    except sqlite3.Error:
        return []
