"""From the stand-in TIDAL to tagged files in a library, in every quality and format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stage import Stage, Ticks
from tidal_side import AUDIO, INFO, FakeTime, client_of

from strandline.demo import effects
from strandline.demo.model import Quality
from strandline.demo.server import StandIn
from strandline.errors import Exit
from strandline.execute.executor import Executor
from strandline.execute.result import Result
from strandline.execute.sources.tidal import TidalSource
from strandline.library.audio.headers import read_identity
from strandline.tidal.snapshot import TidalSnapshotService
from strandline.tidal.stream import AudioStreams


class House:
    """A library that is filled from the stand-in."""

    def __init__(self, tidal: StandIn, home: Path) -> None:
        self.tidal = tidal
        self.stage = Stage(home)
        self.client = client_of(tidal, home / "state", FakeTime())
        self.streams = AudioStreams(self.client)

    def close(self) -> None:
        self.streams.close()
        self.client.close()

    def sync(self, quality: str, form: str, workers: int = 2) -> Result:
        stage = self.stage
        lossless = quality in ("lossless", "hires")
        stage.policy = replace(stage.policy, audio_format=form, lossless=lossless)
        settings = replace(
            stage.settings, audio_format=form, bitrate=192, quality=quality, workers=workers
        )
        with stage.open() as store, stage.files() as files:
            TidalSnapshotService(self.client, store.snapshots).take(full=True)
            source = TidalSource(self.streams, quality)
            executor = Executor(files, store, source, clock=Ticks(), settings=settings)
            return executor.run(stage.plan(store), "sync-execute")

    def songs(self) -> list[Path]:
        return sorted(path for path in self.stage.shelf.glob("*/*") if path.is_file())


@pytest.fixture
def house(tidal: StandIn, tmp_path: Path) -> Iterator[House]:
    house = House(tidal, tmp_path)
    yield house
    house.close()


@pytest.mark.parametrize("form", ["mp3", "flac", "original"])
@pytest.mark.parametrize("quality", ["low", "high", "lossless", "hires"])
def test_every_quality_in_every_format_is_whole_and_tagged(
    house: House, quality: str, form: str
) -> None:
    track = house.tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=3)
    house.tidal.account.playlist("Deep", [track])
    assert house.sync(quality, form).exit is Exit.DONE
    (song,) = house.songs()
    kept = ".flac" if quality in ("lossless", "hires") else ".m4a"
    assert song.suffix == (".mp3" if form == "mp3" else kept)
    found = read_identity(song)
    assert found.embedded == str(track.id)
    assert found.duration == pytest.approx(3, abs=0.1)
    assert not house.stage.pending().actions
    assert house.tidal.leaks == []


def test_a_track_that_only_comes_lossy_takes_its_links_along(house: House) -> None:
    """The plan forecasts FLAC from what TIDAL said; what comes is AAC."""
    account = house.tidal.account
    track = account.track("Song", quality=Quality.LOSSLESS, duration=2)
    account.playlist("Deep", [track])
    account.playlist("House", [track])
    for refused in ("HI_RES_LOSSLESS", "LOSSLESS"):
        house.tidal.faults.on(
            INFO,
            effects.status(403),
            query={"audioquality": refused},
            times=None,
        )
    assert house.sync("lossless", "flac").exit is Exit.DONE
    assert {song.suffix for song in house.songs()} == {".m4a"}
    assert len(house.songs()) == 2
    assert not house.stage.pending().actions


@pytest.mark.parametrize(
    ("effect", "code"),
    [
        (effects.preview, "preview"),
        (effects.encrypted, "encrypted"),
    ],
    ids=["preview", "encrypted"],
)
def test_what_is_not_the_whole_open_track_is_refused_with_its_reason(
    house: House, effect: object, code: str
) -> None:
    track = house.tidal.account.track("Song", duration=2)
    house.tidal.account.playlist("Deep", [track])
    made = effect() if callable(effect) else effect
    house.tidal.faults.on(INFO, made, times=None)
    result = house.sync("lossless", "flac")
    assert [item.code for item in result.failed] == [code]
    assert house.songs() == []


def test_thirty_tracks_from_four_connections_arrive_once_each(house: House) -> None:
    account = house.tidal.account
    tracks = [account.track(f"Song {number}", duration=2) for number in range(30)]
    account.playlist("Deep", tracks)
    result = house.sync("lossless", "original", workers=4)
    assert result.done["download"] == 30
    assert len({song.read_bytes() for song in house.songs()}) == 30
    assert len(house.tidal.asked(AUDIO)) == 30
