"""What the lists of playlists lack: gone from TIDAL, or left out by a list that lags.

TIDAL answers from several replicas, and a list may be older than one that was read before. So a
known playlist that is no longer listed is asked for itself, and as long as it answers, the lists
are read again. Gone is what TIDAL itself does not find, or what others made and every reading of
the lists leaves out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum

from strandline.core.ids import PlaylistId
from strandline.core.remote import KnownPlaylist, Origin, RemotePlaylist
from strandline.errors import UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import TidalClient
from strandline.tidal.listing import Listing, read_lists
from strandline.tidal.pages import READINGS
from strandline.tidal.refusals import RefusedError

MOST_MISSING = 100
"""Playlists that are asked for one by one; if all of these are gone, so are the others."""
GONE = (404, 410)


class Whereabouts(Enum):
    """What TIDAL says of a playlist that it does not list."""

    GONE = "gone"
    OWN = "own"
    FOLLOWED = "followed"
    UNKNOWN = "unknown"


_THERE = {Whereabouts.OWN, Whereabouts.FOLLOWED}


def list_playlists(
    client: TidalClient,
    user_id: str,
    known: Mapping[PlaylistId, KnownPlaylist],
    *,
    now: datetime,
    thorough: bool = False,
) -> Listing:
    """The account's playlists; what they lack of ``known`` is gone or in ``kept``.

    UnreachableError when neither of the two lists could be had at all.
    """
    listing = read_lists(client, user_id, known, thorough=thorough)
    for reading in range(1, READINGS + 1):
        missing = known.keys() - listing.ids if not listing.reasons else set()
        found = _ask_for(client, user_id, missing)
        lags = bool(missing) and _lags(listing, known, now)
        doubtful = lags or not _THERE.isdisjoint(found.values())
        if not doubtful or listing.retired or reading == READINGS:
            break
        client.http.rest(reading)
        listing = read_lists(client, user_id, known, thorough=True)
    _judge(listing, found, lags=lags)
    _look_into_hollow(client, user_id, listing)
    return listing


def _lags(listing: Listing, known: Mapping[PlaylistId, KnownPlaylist], now: datetime) -> bool:
    """Whether some entry is older than what was read before; so may be all that it lacks."""
    return any(
        (old := known.get(id)) is not None and old.is_newer_than(playlist, now)
        for id, playlist in listing.playlists.items()
    )


def _judge(listing: Listing, found: Mapping[PlaylistId, Whereabouts], *, lags: bool) -> None:
    """Own playlists cannot be there and not be listed; those of others were let go of."""
    doubtful = {id for id, state in found.items() if state is not Whereabouts.GONE}
    if listing.retired and doubtful:
        listing.reasons.append(
            f"TIDAL offers only one of its two lists, and {len(doubtful)} known playlists are not"
            " in it"
        )
        return
    for id, state in found.items():
        if lags:
            listing.kept[id] = (
                "TIDAL's list of playlists is older than one read before, and lacks it"
            )
        elif state is Whereabouts.OWN:
            listing.kept[id] = "TIDAL has it, but its list of playlists lacks it"
        elif state is Whereabouts.UNKNOWN:
            listing.kept[id] = "TIDAL does not list it, and could not be asked whether it is gone"


def _ask_for(
    client: TidalClient, user_id: str, missing: set[PlaylistId]
) -> dict[PlaylistId, Whereabouts]:
    asked = sorted(missing)[:MOST_MISSING]
    found = {id: _whereabouts(client, user_id, id) for id in asked}
    all_gone = all(state is Whereabouts.GONE for state in found.values())
    rest = Whereabouts.GONE if all_gone else Whereabouts.UNKNOWN
    return dict.fromkeys(missing, rest) | found


def _whereabouts(client: TidalClient, user_id: str, id: PlaylistId) -> Whereabouts:
    try:
        read = ask_for_header(client, user_id, id, "a playlist that is no longer listed")
    except RefusedError as error:
        return Whereabouts.GONE if error.status in GONE else Whereabouts.UNKNOWN
    except UnreachableError:
        return Whereabouts.UNKNOWN
    if read is None:
        return Whereabouts.UNKNOWN
    return Whereabouts.OWN if read.origin is Origin.OWN else Whereabouts.FOLLOWED


def _look_into_hollow(client: TidalClient, user_id: str, listing: Listing) -> None:
    """An entry without data: TIDAL may have the playlist all the same, or not be sure now."""
    for id, name in sorted(listing.hollow.items())[:MOST_MISSING]:
        try:
            read = ask_for_header(client, user_id, id, f"the playlist {name!r}")
        except RefusedError:
            continue
        except UnreachableError as error:
            listing.reasons.append(f"the playlist {name!r} could not be read: {error.message}")
            continue
        if read is not None:
            listing.unite(read)


def ask_for_header(
    client: TidalClient, user_id: str, id: PlaylistId, what: str
) -> RemotePlaylist | None:
    """What TIDAL says of one playlist now; None if it is of another. The client's errors."""
    answer = client.get(f"playlists/{id}", what=what)
    read = parse.playlist(answer.document, user_id)
    if read is None or read.tidal_id.casefold() != id.casefold():
        return None
    return replace(read, tidal_id=id, etag=answer.etag)
