"""Some playlists or all of them: conditions with ``:all`` and ``:only``, and their values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from strandline.core.ids import PlaylistId

PLAYLISTS = """(:all OR playlist_id IN (
    SELECT id FROM playlists WHERE tidal_id IN (SELECT value FROM json_each(:only))))"""
"""Of a row with a ``playlist_id``."""

_ONLY = "SELECT id FROM playlists WHERE tidal_id IN (SELECT value FROM json_each(:only))"


def narrowed(statement: str, only: Collection[PlaylistId] | None) -> str:
    """``statement`` with its ``{entries}`` or ``{tracks}`` filled in.

    They are conditions on a row of ``playlist_tracks`` (it is of one of the playlists) and of
    ``tracks`` (one of the playlists lists or holds it); for all playlists none at all, and for a
    few of them something an index serves.
    """
    if only is None:
        return statement.format(entries="1", tracks="1")
    entries = f"playlist_id IN ({_ONLY})"
    tracks = f"tracks.id IN (SELECT track_id FROM playlist_tracks WHERE {entries})"  # noqa: S608
    return statement.format(entries=entries, tracks=tracks)


def scope(only: Collection[PlaylistId] | None) -> dict[str, str | bool]:
    """The values of ``:all`` and ``:only``; None for all playlists."""
    return {"all": only is None, "only": json.dumps(list(only or ()))}
