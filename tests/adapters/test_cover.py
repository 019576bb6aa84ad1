"""A cover is a picture or nothing."""

from __future__ import annotations

from pathlib import Path

from tidal_side import FakeTime, client_of

from strandline.core.ids import TrackId
from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.execute.ports import Cover, Order
from strandline.execute.tidal_source import TidalSource
from strandline.library.tags import TrackTags
from strandline.tidal import parse
from strandline.tidal.stream import fetch_cover


def test_a_cover_is_a_picture_or_nothing(tidal: StandIn, tmp_path: Path) -> None:
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


def test_a_picture_whose_server_has_a_fault_is_asked_for_again(
    tidal: StandIn, tmp_path: Path
) -> None:
    track = tidal.account.track("Song")
    assert track.album is not None
    url = parse.picture(track.album.cover, "1280x1280")
    assert url is not None
    tidal.faults.on("/images/**", effects.status(503), times=2)
    assert fetch_cover(client_of(tidal, tmp_path, FakeTime()), url) is not None


def test_a_picture_that_was_missed_is_asked_for_with_the_albums_next_track() -> None:
    class Streams:
        answers = iter([None, (b"picture", "image/png")])

        def cover(self, url: str) -> tuple[bytes, str] | None:
            return next(self.answers)

    source = TidalSource(Streams(), "low")  # type: ignore[arg-type]
    first = Order(TrackTags(track_id=TrackId("7"), title="T", artist="A"), 100, "https://cover/7")
    second = Order(TrackTags(track_id=TrackId("8"), title="U", artist="A"), 100, "https://cover/7")
    assert source.cover(first) is None
    assert source.cover(second) == source.cover(first) == Cover(b"picture", "image/png")
