"""Audio from TIDAL's streams: into a temporary file, and nothing is left of what fails."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from strandline.core.ids import TrackId
from strandline.errors import DownloadError, LibraryError
from strandline.execute.ports import Cover, DownloadRequest
from strandline.execute.sources.tidal import TidalSource
from strandline.library.files import LibraryFiles
from strandline.library.tags.write import TrackTags
from strandline.tidal.playback import PlaybackRequest
from strandline.tidal.source import AudioSource

ORDER = DownloadRequest(
    TrackTags(track_id=TrackId("7"), title="T", artist="A"), 100, "https://cover/7"
)


SOURCE = AudioSource("bts", ("https://x",), "mp4a.40.2", "audio/mp4", ".m4a", "HIGH", mode="STEREO")


class Streams:
    """Delivers a few bytes, or fails on the way."""

    def __init__(self, fails: BaseException | None = None) -> None:
        self.fails, self.asked = fails, list[object]()

    def fetch(self, wanted: PlaybackRequest, sink: Callable[..., Any], **more: Any) -> AudioSource:
        self.asked.append((wanted.track, wanted.quality, more["duration"]))
        sink(SOURCE).write(b"music")
        more["count"](5)
        if self.fails:
            raise self.fails
        return SOURCE

    def cover(self, url: str) -> tuple[bytes, str] | None:
        self.asked.append(url)
        return (url.encode(), "image/png") if "7" in url else None


@pytest.fixture
def files(tmp_path: Path) -> Iterator[LibraryFiles]:
    (tmp_path / "mp3").mkdir()
    with LibraryFiles(tmp_path) as files:
        yield files


def test_a_track_is_asked_for_in_the_wanted_quality_with_its_length(files: LibraryFiles) -> None:
    streams, counted = Streams(), list[int]()
    with TidalSource(streams, "hires").fetch(ORDER, files, counted.append).temp as temp:  # type: ignore[arg-type]
        assert temp.path.read_bytes() == b"music"
    assert streams.asked == [("7", "hires", 100)]
    assert counted == [5]


def test_what_tidal_says_is_below_the_floor_is_not_even_fetched(files: LibraryFiles) -> None:
    streams, counted = Streams(), list[int]()
    with pytest.raises(DownloadError) as caught:
        TidalSource(streams, "hires", "lossless").fetch(ORDER, files, counted.append)  # type: ignore[arg-type]
    assert caught.value.code == "below_floor"
    assert "quality_floor" in caught.value.message
    assert counted == []
    assert list((files.root / ".strandline" / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("fails", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), LibraryError),
        (DownloadError("It came cut off."), DownloadError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_what_fails_on_the_way_leaves_no_temporary_file(
    files: LibraryFiles, fails: BaseException, told: type[BaseException]
) -> None:
    with pytest.raises(told):
        TidalSource(Streams(fails), "low").fetch(ORDER, files, lambda _: None)  # type: ignore[arg-type]
    assert list((files.root / ".strandline" / "tmp").iterdir()) == []


def test_the_picture_of_an_album_is_asked_for_once(files: LibraryFiles) -> None:
    streams = Streams()
    source = TidalSource(streams, "low")  # type: ignore[arg-type]
    assert source.cover(ORDER) == source.cover(ORDER) == Cover(b"https://cover/7", "image/png")
    assert streams.asked == ["https://cover/7"]


def test_without_a_picture_there_is_none() -> None:
    streams = Streams()
    source = TidalSource(streams, "low")  # type: ignore[arg-type]
    assert source.cover(DownloadRequest(ORDER.tags, 100, None)) is None
    assert streams.asked == []
    assert source.cover(DownloadRequest(ORDER.tags, 100, "https://cover/none")) is None
