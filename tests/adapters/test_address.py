"""Only addresses on the internet are followed, and redirects no further than they."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import get, seconds_of
from tidal_side import AUDIO

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.errors import DownloadError
from strandline.tidal.address import check_address

FORBIDDEN = [
    "file:///etc/passwd", "ftp://example.com/x", "gopher://example.com", "data:audio/flac,x",
    "http://localhost/x", "http://LOCALHOST./x", "http://a.localhost/x", "http://127.0.0.1/x",
    "http://127.1/x", "http://0/x", "http://0x7f000001/x", "http://2130706433/x",
    "http://017700000001/x", "http://10.1.2.3/x", "http://172.16.0.1/x", "http://192.168.1.1/x",
    "http://169.254.169.254/x", "http://100.64.0.1/x", "http://[::1]/x", "http://[fe80::1]/x",
    "http://[fc00::1]/x", "http://[::ffff:127.0.0.1]/x", "http://[::ffff:10.0.0.1]/x",
    "http://[64:ff9b::7f00:1]/x", "http://[2002:7f00:1::]/x", "http://224.0.0.1/x",
    "http://printer/x", "http://nas.local/x", "http://db.internal/x", "http://router.lan/x",
    "http://user:pw@example.com/x", "http://example.com:99999/x", "http:///x", "http://", "",
    "//example.com/x", "http://exa mple.com/x", "http://example.com\\@127.0.0.1/",
    "http://ex\u0430mple.com/x", "http://example.com/\r\nHost: evil", "http://[::1", "http://./",
]  # fmt: skip


@pytest.mark.parametrize("url", FORBIDDEN)
def test_an_address_that_is_not_on_the_internet_is_not_followed(url: str) -> None:
    for origin in (None, "http://127.0.0.1:4711"):
        with pytest.raises(DownloadError) as caught:
            check_address(url, origin)
        assert caught.value.code == "forbidden_address"


@pytest.mark.parametrize(
    "url",
    [
        "https://sp-pr-cf.audio.tidal.com/mediatracks/a/0.mp4?token=1~x",
        "http://ab-pr-cf.audio.tidal.com/x.flac",
        "https://resources.tidal.com/images/a/b/640x640.jpg",
        "https://8.8.8.8/x",
        "https://[2606:4700:4700::1111]/x",
        "https://example.com:8443/x",
    ],
)
def test_a_public_address_is_followed(url: str) -> None:
    check_address(url, None)


def test_only_the_very_origin_of_the_stand_in_may_be_local() -> None:
    origin = "http://127.0.0.1:4711"
    check_address("http://127.0.0.1:4711/mediatracks/x", origin)
    for other in ("http://127.0.0.1:4712/", "https://127.0.0.1:4711/", "http://127.0.0.1/",
                  "http://x@127.0.0.1:4711/"):  # fmt: skip
        with pytest.raises(DownloadError):
            check_address(other, origin)


@given(st.text(max_size=60))
def test_no_text_of_an_address_is_a_crash(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/x", f"http://[{text}]/"):
        try:
            check_address(url, "http://127.0.0.1:4711")
        except DownloadError:
            continue


def test_a_redirect_of_audio_is_checked_as_the_address_was(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    with StandIn() as elsewhere:
        tidal.faults.on(AUDIO, effects.redirect(f"{elsewhere.url}/x"), times=None)
        with pytest.raises(DownloadError) as caught:
            get(tidal, tmp_path, track)
        assert caught.value.code == "forbidden_address"
        assert elsewhere.requests == []


def test_a_redirect_of_audio_within_the_origin_is_followed(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    moved = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"
    tidal.faults.on(AUDIO, effects.redirect(moved))
    assert seconds_of(get(tidal, tmp_path, track)[0].data) == pytest.approx(track.duration, abs=0.1)


def test_redirects_without_an_end_end(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")
    tidal.faults.on(AUDIO, effects.redirect(f"{tidal.url}/mediatracks/1-LOW/0.mp4"), times=None)
    with pytest.raises(DownloadError):
        get(tidal, tmp_path, track)
    assert len(tidal.asked(AUDIO)) < 10
