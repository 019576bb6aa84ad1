"""Which track TIDAL itself put in the place of one that it lists no more.

Asked of the public API with the same token, which may not be let in there: then nothing is known,
and nothing else depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from strandline.core.ids import TrackId
from strandline.errors import UnreachableError
from strandline.tidal import parse
from strandline.tidal.client import TidalClient

APART = 2.0
"""Seconds between two questions to TIDAL itself."""


def replacements_of(
    client: TidalClient, tracks: Iterable[TrackId]
) -> Iterator[tuple[TrackId, TrackId | None]]:
    """Each track with the one in its place, or None; ends at the first answer that tells nothing.

    LoginError, InterruptedRunError.
    """
    country = client.account().country_code
    for number, track in enumerate(tracks):
        if number and client.http.origin is None:
            client.http.limiter.sleep(APART)
        path = f"tracks/{track}/relationships/replacement"
        try:
            reply = client.http.get(path, {"countryCode": country}, openapi=True)
        except UnreachableError:
            return
        if reply.status not in (200, 404):
            return
        yield track, _replacement(reply.document, track) if reply.status == 200 else None


def _replacement(document: Any, track: TrackId) -> TrackId | None:
    data = parse.part(document, "data")
    id = parse.track_id(data.get("id")) if data.get("type") == "tracks" else None
    return None if id is None or str(id) == track else TrackId(str(id))
