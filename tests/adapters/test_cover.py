"""A cover is a picture or nothing."""

from __future__ import annotations

from pathlib import Path

from tidal_side import FakeTime, client_of

from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.tidal.stream import fetch_cover


def test_a_cover_is_a_picture_or_nothing(tidal: StandIn, tmp_path: Path) -> None:
    from strandline.tidal import parse

    track = tidal.account.track("Song")
    assert track.album is not None
    url = parse.picture(track.album.cover, "1280x1280")
    assert url is not None
    client = client_of(tidal, tmp_path, FakeTime())
    cover = fetch_cover(client, url)
    assert cover is not None
    assert cover[1] == "image/jpeg"
    for effect in (effects.html(), effects.status(404), effects.reset(0.5), effects.huge(20 << 20),
                   effects.redirect("http://10.0.0.1/"), effects.empty_body()):  # fmt: skip
        tidal.faults.clear()
        tidal.faults.on("/images/**", effect, times=None)
        assert fetch_cover(client, url) is None
    assert fetch_cover(client, "file:///etc/passwd") is None
    assert tidal.leaks == []
