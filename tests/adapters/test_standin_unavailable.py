"""The stand-in's unavailable tracks, as the real tidalapi sees them."""

from __future__ import annotations

import pytest
import requests
from tidalapi.exceptions import ObjectNotFound
from tidalapi_side import Session

from strandline.demo.model import Availability
from strandline.demo.server import StandIn


def test_placeholder_hides_what_the_track_was(tidal: StandIn, session: Session) -> None:
    track = tidal.account.track("Straßenbahn", "DJ Lampenfieber", version="Dub")
    playlist = tidal.account.playlist("Set", [track])
    tidal.account.withhold(track)

    (seen,) = session.playlist(playlist.uuid).items()

    assert (seen.id, seen.name, seen.artist.name) == (track.id, "Unavailable", "Unknown Artist")
    assert (seen.available, seen.stream_ready, seen.isrc) == (False, False, None)


def test_greyed_out_track_keeps_its_name(tidal: StandIn, session: Session) -> None:
    track = tidal.account.track("Straßenbahn")
    tidal.account.withhold(track, Availability.GREYED_OUT)

    seen = session.track(track.id)

    assert (seen.name, seen.available) == ("Straßenbahn", False)


@pytest.mark.parametrize("how", [Availability.GREYED_OUT, Availability.NOT_READY])
def test_withheld_track_does_not_play(tidal: StandIn, session: Session, how: Availability) -> None:
    track = tidal.account.track("Straßenbahn")
    seen = session.track(track.id)
    tidal.account.withhold(track, how)

    with pytest.raises(requests.HTTPError) as refused:
        seen.get_stream()

    assert refused.value.response.status_code == 401
    assert refused.value.response.json()["subStatus"] == 4005


def test_gone_track_stands_in_the_playlist_only(tidal: StandIn, session: Session) -> None:
    track = tidal.account.track("Straßenbahn")
    playlist = tidal.account.playlist("Set", [track])
    tidal.account.withhold(track, Availability.GONE)

    (seen,) = session.playlist(playlist.uuid).tracks()

    assert seen.available
    with pytest.raises(ObjectNotFound):
        session.track(track.id)
