"""A cover is a picture or nothing."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from tidal_side import FakeTime, client_of

from strandline.core.ids import TrackId
from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.execute.ports import Cover, DownloadRequest
from strandline.execute.sources.tidal import TidalSource
from strandline.library.tags.picture import shrunk
from strandline.library.tags.write import TrackTags
from strandline.tidal import parse
from strandline.tidal.stream import AudioStreams, fetch_cover


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


@pytest.mark.parametrize(
    ("pixels", "asked", "side"),
    [
        (1000, "1280x1280", 1000),
        (640, "640x640", 640),
        (100, "160x160", 100),
        (1280, "1280x1280", 1280),
    ],
)
def test_a_cover_has_the_size_that_is_wanted(
    tidal: StandIn, tmp_path: Path, pixels: int, asked: str, side: int
) -> None:
    cover = _cover(tidal, tmp_path, pixels)
    assert cover is not None
    frame = av.CodecContext.create("mjpeg", "r").decode(av.Packet(cover.data))[0]
    assert isinstance(frame, av.VideoFrame)
    assert (frame.width, frame.height, cover.mime) == (side, side, "image/jpeg")
    assert [r.path.rpartition("/")[2] for r in tidal.requests] == [f"{asked}.jpg"]


def test_where_the_labels_own_picture_is_not_to_be_had_the_next_one_is_taken(
    tidal: StandIn, tmp_path: Path
) -> None:
    tidal.faults.on("/images/*/*/*/*/*/origin.jpg", effects.status(403), times=None)
    assert _cover(tidal, tmp_path, 2000) is not None
    assert [r.path.rpartition("/")[2] for r in tidal.requests] == ["origin.jpg", "1280x1280.jpg"]


def test_without_pixels_nobody_asks_for_a_cover(tidal: StandIn, tmp_path: Path) -> None:
    assert _cover(tidal, tmp_path, 0) is None
    assert tidal.requests == []


def test_a_picture_that_cannot_be_made_smaller_stays_as_it_is() -> None:
    broken = b"\xff\xd8\xff" + bytes(40)
    assert shrunk(broken, "image/jpeg", 100) == (broken, "image/jpeg")


def _cover(tidal: StandIn, folder: Path, pixels: int) -> Cover | None:
    track = tidal.account.track("Song")
    assert track.album is not None
    url = parse.picture(track.album.cover, "1280x1280")
    streams = AudioStreams(client_of(tidal, folder, FakeTime()))
    order = DownloadRequest(TrackTags(track_id=TrackId("7"), title="T", artist="A"), 100, url)
    return TidalSource(streams, "low", cover=pixels).cover(order)


def test_a_picture_that_was_missed_is_asked_for_with_the_albums_next_track() -> None:
    class Streams:
        answers = iter([None, (b"picture", "image/png")])

        def cover(self, url: str) -> tuple[bytes, str] | None:
            return next(self.answers)

    source = TidalSource(Streams(), "low")  # type: ignore[arg-type]
    first = DownloadRequest(
        TrackTags(track_id=TrackId("7"), title="T", artist="A"), 100, "https://cover/7"
    )
    second = DownloadRequest(
        TrackTags(track_id=TrackId("8"), title="U", artist="A"), 100, "https://cover/7"
    )
    assert source.cover(first) is None
    assert source.cover(second) == source.cover(first) == Cover(b"picture", "image/png")
