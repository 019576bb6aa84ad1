"""Single questions about a track, for finding out whether it can be had without fetching it."""

from __future__ import annotations

from strandline.core.ids import TrackId
from strandline.core.quality import Tier
from strandline.core.remote import RemoteTrack
from strandline.errors import UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import TidalClient
from strandline.tidal.playback import ask_playback
from strandline.tidal.refusals import RefusedError, Scope

ASKED = Tier.LOSSLESS
"""Whoever may have less gets less at this tier, not a refusal."""


def plays(client: TidalClient, track: TrackId) -> None:
    """Returns when TIDAL gives out its audio. RefusedError, LoginError, UnreachableError."""
    ask_playback(client, track, ASKED)


def described(client: TidalClient, track: TrackId) -> RemoteTrack | None:
    """The track in TIDAL's words, None when another one comes. RefusedError, LoginError,
    UnreachableError.
    """
    read = parse.track(client.get(f"tracks/{track}", what=f"track {track}").document)
    return read if read is not None and read.tidal_id == track else None


def offers(client: TidalClient, track: TrackId) -> bool:
    """False when TIDAL's own description says that it cannot be played. LoginError."""
    try:
        read = described(client, track)
    except RefusedError as error:
        return error.scope is not Scope.TRACK
    except UnreachableError:
        return True
    return read is None or read.available
