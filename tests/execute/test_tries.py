"""How often a track is asked for, and when TIDAL is asked for nothing more."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from strandline.errors import DownloadError, Exit, UnreachableError
from strandline.execute.ports import StopFlag
from tests.execute.sources import Told, column, fails_with, run
from tests.execute.things import A, B, steps_of
from tests.stage import Fetches, Stage, audio

SONG = "Artist 1 - Title 1.flac"


# ---------------------------------------------------------------- once more, or not


@pytest.mark.parametrize("code", ["truncated", "undecodable", "empty"])
def test_what_comes_damaged_is_asked_for_twice_and_no_more(stage: Stage, code: str) -> None:
    stage.source = fails_with(code, "1")
    stage.lists(A, "Deep", "1")
    progress = Told()
    result = run(stage, progress=progress)
    assert stage.source.asked == ["1", "1"]
    assert [item.code for item in result.failed] == [code]
    (note,) = progress.notes
    assert note == f"Track 1 cannot be had. Playlists/Deep/{SONG} is fetched once more."


@pytest.mark.parametrize("code", ["refused", "wrong_duration", "preview"])
def test_what_cannot_be_had_is_asked_for_once(stage: Stage, code: str) -> None:
    stage.source = fails_with(code, "1")
    stage.lists(A, "Deep", "1")
    run = stage.sync().run
    assert stage.source.asked == ["1"]
    (row,) = steps_of(stage, run, "download")
    assert (row.state, row.error) == ("failed", "Track 1 cannot be had.")


def test_after_ctrl_c_nothing_is_asked_for_again_and_nothing_queued_is_begun(stage: Stage) -> None:
    stop, queued = StopFlag(), threading.Semaphore(0)

    def deliver(track: str) -> bytes:
        for _ in range(3):
            queued.acquire(timeout=20)
        stop.set()
        raise DownloadError("It came cut off.", code="truncated")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", *(str(number) for number in range(10, 30)))
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        begins = store.statuses.track_downloading

        def begun(*told: Any) -> None:
            begins(*told)
            queued.release()

        store.statuses.track_downloading = begun  # type: ignore[method-assign]
        result = stage.executor(files, store, stop).run(stage.plan(store), "sync-execute")
    assert result.exit is Exit.INTERRUPTED
    assert stage.source.asked == ["10"]
    assert [item.track for item in result.failed] == ["10"]
    assert {item.code for item in result.skipped} == {"interrupted"}
    assert len(result.skipped) == 19


@pytest.mark.parametrize("code", ["wrong_duration", "preview", "refused"])
def test_the_same_failure_again_and_again_makes_no_track_unavailable(
    stage: Stage, code: str
) -> None:
    stage.source = fails_with(code, "1")
    stage.lists(A, "Deep", "1")
    for _ in range(3):
        stage.sync()
    assert column(stage, "1", "tidal_available") == 1
    assert column(stage, "1", "download_error") == "Track 1 cannot be had."


# ---------------------------------------------------------------- giving up


def away(*tracks: str) -> Fetches:
    def deliver(track: str) -> bytes:
        if track in tracks:
            raise UnreachableError("TIDAL is not there.")
        return audio(track)

    return Fetches(deliver)


def test_tidal_away_for_four_tracks_in_a_row_is_no_reason_to_give_up(stage: Stage) -> None:
    stage.source = away("12", "13", "14", "15")
    stage.lists(A, "Deep", *(str(number) for number in range(10, 16)))
    result = stage.sync()
    assert result.exit is Exit.SOME_FAILED
    assert result.done["download"] == 2
    assert len(result.failed) == 4


def test_tidal_away_for_all_of_a_few_tracks_is_none_of_their_faults(stage: Stage) -> None:
    stage.source = away("10", "11")
    stage.lists(A, "Deep", "10", "11")
    result = stage.sync()
    assert result.exit is Exit.UNREACHABLE
    assert result.failed == []
    assert [item.code for item in result.skipped] == ["unreachable"] * 2
    assert column(stage, "10", "download_error") is None


def test_a_track_that_comes_says_that_tidal_is_there(stage: Stage) -> None:
    came = threading.Event()

    class Watching(Told):
        def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
            super().advance(items, of_bytes=of_bytes)
            if self.items == 1 + 4 + 1:  # a folder, four that failed, one that came
                came.set()

    def deliver(track: str) -> bytes:
        if track == "14":
            return audio(track)
        if track > "14":
            came.wait(20)
        raise UnreachableError("TIDAL is not there.")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", *(str(number) for number in range(10, 19)))
    result = run(stage, progress=Watching())
    assert result.stopped is None
    assert len(result.failed) == 8


def test_another_error_in_between_says_that_tidal_is_there(stage: Stage) -> None:
    def deliver(track: str) -> bytes:
        if track == "5":
            raise DownloadError("Not this one.", code="unavailable")
        raise UnreachableError("TIDAL is not there.")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", *(str(number) for number in range(1, 10)))
    assert stage.sync().stopped is None


def test_tidal_away_for_five_tracks_in_a_row_ends_the_downloads(stage: Stage) -> None:
    stage.source = away(*(str(number) for number in range(1, 30)))
    stage.lists(A, "Deep", *(str(number) for number in range(1, 30))).lists(B, "House", "29")
    result = stage.sync()
    assert result.exit is Exit.UNREACHABLE
    assert [item.code for item in result.skipped if item.action == "link"] == ["dependency"]
    assert result.failed == [], "it is not about these tracks, so none of them is marked"
    left = [item for item in result.skipped if item.action == "download"]
    assert {(item.error, item.code) for item in left} == {
        ("not done: TIDAL is not there.", "unreachable")
    }
    assert len(left) == 29
    assert 5 <= len(stage.source.asked) <= 5 + 3, "what was under way may still come to its end"
    assert column(stage, "1", "download_status") == "not_downloaded"
