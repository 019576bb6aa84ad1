"""Audio in the best quality that TIDAL gives; what it has in none is unavailable."""

from __future__ import annotations

from pathlib import Path

import pytest
from streams import get, seconds_of
from tidal_side import INFO, client_of

from strandline.demo import effects
from strandline.demo.model import Availability, Quality
from strandline.demo.server import StandIn
from strandline.tidal.refusals import RefusedError, Scope


@pytest.mark.parametrize(
    ("asked", "delivered", "codec", "extension"),
    [
        ("low", "LOW", "mp4a.40.2", ".m4a"),
        ("high", "HIGH", "mp4a.40.2", ".m4a"),
        ("lossless", "LOSSLESS", "flac", ".flac"),
        ("hires", "HI_RES_LOSSLESS", "flac", ".m4a"),
    ],
)
def test_each_quality_comes_whole(
    tidal: StandIn, tmp_path: Path, asked: str, delivered: str, codec: str, extension: str
) -> None:
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    sink, source = get(tidal, tmp_path, track, asked)
    assert (source.quality, source.codec, source.extension) == (delivered, codec, extension)
    assert seconds_of(sink.data) == pytest.approx(9, abs=0.1)
    assert sink.restarts == 0
    assert tidal.leaks == []


def test_a_track_that_has_less_than_asked_for_comes_as_it_is(
    tidal: StandIn, tmp_path: Path
) -> None:
    track = tidal.account.track("Song", quality=Quality.HIGH)
    assert get(tidal, tmp_path, track, "hires")[1].quality == "HIGH"


def test_a_quality_that_is_refused_is_replaced_by_the_next_best(
    tidal: StandIn, tmp_path: Path
) -> None:
    track = tidal.account.track("Song")
    for refused in ("HI_RES_LOSSLESS", "LOSSLESS"):
        tidal.faults.on(INFO, effects.status(403), query={"audioquality": refused}, times=None)
    assert get(tidal, tmp_path, track, "hires")[1].quality == "HIGH"


@pytest.mark.parametrize("number", [4006, 4010, 4032, 4033, 4035])
def test_what_is_not_about_the_track_is_asked_at_one_tier(
    tidal: StandIn, tmp_path: Path, number: int
) -> None:
    track = tidal.account.track("Song")
    tidal.faults.on(INFO, effects.status(401, sub_status=number), times=None)
    with pytest.raises(RefusedError) as caught:
        get(tidal, tmp_path, track)
    assert caught.value.scope in (Scope.ACCOUNT, Scope.PLACE)
    assert len(tidal.asked(INFO)) == 1
    assert tidal.logins.refreshes == 0


@pytest.mark.parametrize(
    "how", [Availability.NOT_READY, Availability.GONE, Availability.GREYED_OUT]
)
def test_an_unavailable_track_is_asked_for_at_every_tier(
    tidal: StandIn, tmp_path: Path, how: Availability
) -> None:
    track = tidal.account.track("Song")
    tidal.account.withhold(track, how)
    with pytest.raises(RefusedError) as caught:
        get(tidal, tmp_path, track, "hires")
    assert caught.value.scope is Scope.TIER
    assert len(tidal.asked(INFO)) == 4


def test_an_expired_token_is_renewed_for_a_track_too(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    client_of(tidal, tmp_path).confirm()
    tidal.logins.expire()
    assert get(tidal, tmp_path, track)[0].data
    assert tidal.logins.refreshes == 1
