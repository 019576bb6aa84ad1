"""A track's lyrics, in TIDAL's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.lyrics import Lyrics, lyrics_of
from strandline.tidal.refusals import RefusedError

if TYPE_CHECKING:
    from strandline.core.ids import TrackId
    from strandline.tidal.client import TidalClient


NONE = 404
"""Also without TIDAL's own words: many tracks have no lyrics, and that must not end a run."""


def fetch_lyrics(client: TidalClient, track: TrackId) -> Lyrics | None:
    """None where TIDAL has none, which it says with a 404.

    RefusedError (anything else), LoginError, UnreachableError, TidalAnswerError. As with playback,
    a 401 that does not speak of the token is about the lyrics, and no reason for another login.
    """
    try:
        what = f"the lyrics of track {track}"
        answer = client.get(f"tracks/{track}/lyrics", what=what, playback=True)
    except RefusedError as error:
        if error.status == NONE:
            return None
        raise
    return lyrics_of(answer.document.get("lyrics"), answer.document.get("subtitles"))
