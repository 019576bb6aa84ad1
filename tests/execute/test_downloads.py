"""The rules of downloading: with how much room, under which name, and what is told of it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from strandline.core.actions import Download
from strandline.core.plan import Plan
from strandline.errors import (
    Exit,
    ItemError,
    LibraryError,
    SafetyStopError,
)
from strandline.execute import download
from strandline.execute.ports import Cover, DownloadRequest, Fetched
from strandline.execute.prepare import Ready
from strandline.execute.result import Result
from strandline.library.files import Syscalls
from tests.execute.sources import Told, column, fails_with, run
from tests.execute.things import ONE, A, B, seen
from tests.execute.things import download as to_download
from tests.stage import Fetches, Stage, audio

SONG = "Artist 1 - Title 1.flac"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def temps(stage: Stage) -> list[Path]:
    return list((stage.root / ".strandline" / "tmp").glob("*"))


# ---------------------------------------------------------------- what comes is what is kept


def test_the_ledger_knows_the_file_that_came(stage: Stage) -> None:
    stage.lists(A, "Deep", "1")
    stage.sync()
    song = stage.shelf / "Deep" / SONG
    known, there = stage.ledger().files[ONE], seen(song)
    assert known.stamp == (there.ino, there.size, there.mtime_ns)
    assert known.sha256 == hashlib.sha256(song.read_bytes()).hexdigest()
    (entry,) = stage.ledger().entries.values()
    assert (entry.path, entry.named_for) == (f"Playlists/Deep/{SONG}", "Artist 1 - Title 1")


def test_the_albums_picture_is_in_the_tags(stage: Stage) -> None:
    from mutagen.flac import FLAC

    class WithCover(Fetches):
        def cover(self, order: DownloadRequest) -> Cover | None:
            return Cover(PNG, "image/png")

    stage.source = WithCover()
    stage.lists(A, "Deep", "1")
    stage.sync()
    (picture,) = FLAC(stage.shelf / "Deep" / SONG).pictures
    assert (picture.data, picture.mime) == (PNG, "image/png")


def test_while_it_comes_a_track_is_downloading_and_after_an_end_none_is(stage: Stage) -> None:
    statuses: list[object] = []

    def deliver(track: str) -> bytes:
        statuses.append(column(stage, track, "download_status"))
        raise LibraryError("The disk is full.", code="disk_full")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", "1", "2", "3")
    stage.sync()
    assert set(statuses) == {"downloading"}
    found = {track: column(stage, track, "download_status") for track in ("1", "2", "3")}
    assert found == {"1": "error", "2": "not_downloaded", "3": "not_downloaded"}


def test_a_download_with_another_extension_takes_the_place_of_our_link(stage: Stage) -> None:
    stage.lists(A, "Deep", "1")
    link = stage.shelf / "House" / "x.mp3"
    link.parent.mkdir()
    link.symlink_to("../Deep/x.mp3")
    planned = to_download("House/x.mp3", seen(link))
    assert _carried_out(stage, planned).done == {"download": 1}
    assert {path for path in stage.tree() if "/" in path} == {"House/x.flac"}


def test_a_link_that_is_the_users_by_now_stays_beside_the_download(stage: Stage) -> None:
    stage.lists(A, "Deep", "1")
    link = stage.shelf / "House" / "x.mp3"
    link.parent.mkdir()
    link.symlink_to("../Deep/x.mp3")
    planned = to_download("House/x.mp3", seen(link))

    def deliver(track: str) -> bytes:
        link.unlink()
        link.symlink_to("../elsewhere.mp3")
        return audio(track)

    stage.source.deliver = deliver
    assert _carried_out(stage, planned).done == {"download": 1}
    assert stage.tree()["House/x.mp3"] == "link ../elsewhere.mp3"
    assert "House/x.flac" in stage.tree()


def test_a_download_takes_the_place_of_our_link_in_one_instant(stage: Stage) -> None:
    stage.lists(A, "Deep", "1")
    link = stage.shelf / "House" / "x.flac"
    link.parent.mkdir()
    link.symlink_to("../Deep/x.flac")
    assert _carried_out(stage, to_download("House/x.flac", seen(link))).done == {"download": 1}
    assert not link.is_symlink()


def _carried_out(stage: Stage, *planned: Download) -> Result:
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        return stage.executor(files, store).run(Plan(planned), "sync-execute")


# ---------------------------------------------------------------- before the download


def test_a_name_that_is_taken_is_found_before_the_download_and_stops_no_other(
    stage: Stage,
) -> None:
    stage.lists(A, "Deep", "1", "2")
    taken = stage.shelf / "Deep" / SONG
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan = stage.plan(store)
        stage.put(f"Deep/{SONG}", b"the user's")
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert stage.source.asked == ["2"]
    assert [(item.track, item.code) for item in result.failed] == [("1", "name_taken")]
    assert result.done["download"] == 1
    assert taken.read_bytes() == b"the user's"


class Room(Syscalls):
    """A disk with so many free bytes."""

    free = 0

    def free_bytes(self, folder: int) -> int:
        return self.free


@pytest.mark.parametrize(
    ("quality", "form", "seconds", "kbit"),
    [
        ("low", "original", 100, 96),
        ("high", "original", 100, 320),
        ("lossless", "original", 100, 1040),
        ("hires", "flac", 100, 3360),
        ("lossless", "mp3", 100, 1040 + 320),  # both lie there while one is made of the other
        ("low", "original", None, 96 * 6),  # ten minutes are a long track
    ],
)
def test_a_download_needs_the_room_its_quality_and_length_ask_for(
    stage: Stage, quality: str, form: str, seconds: int | None, kbit: int
) -> None:
    needed = 100 * kbit * 125 + 5000
    stage.settings = replace(
        stage.settings, quality=quality, audio_format=form, bitrate=320, reserve=5000
    )
    stage.lists(A, "Deep", "1")
    with stage.open() as store:
        stage.snapshot(store)
        store._connection.execute("UPDATE tracks SET duration = ?", (seconds,))
    for free, enough in ((needed - 1, False), (needed, True)):
        room = Room()
        room.free = free
        stage.calls = lambda room=room: room  # type: ignore[misc]
        stage.source = Fetches(lambda _: b"")
        with stage.open() as store, stage.files() as files:
            planned = Plan((to_download(f"{free}/x.mp3"),))
            stage.executor(files, store).run(planned, "sync-execute")
        assert bool(stage.source.asked) is enough


# ---------------------------------------------------------------- while it runs


def test_progress_names_the_tracks_that_are_fetched_and_no_more(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress, before, prepare = Told(), list[bool](), download.prepare

    def prepared(order: DownloadRequest, *rest: Any) -> Ready:
        before.append(order.track in progress.names)
        return prepare(order, *rest)

    class Named(Fetches):
        def fetch(self, order: DownloadRequest, *rest: Any) -> Fetched:
            fetching.append(order.track in progress.names)
            return super().fetch(order, *rest)

    fetching = list[bool]()
    stage.source = Named()
    monkeypatch.setattr(download, "prepare", prepared)
    stage.lists(A, "Deep", "1", "2", "3")
    run(stage, progress=progress)
    assert (fetching, before) == ([True] * 3, [False] * 3)
    assert not progress.names


def test_progress_is_told_of_every_byte_and_every_track(stage: Stage) -> None:
    stage.source = fails_with("unavailable", "2")
    stage.lists(A, "Deep", "1", "2", "3")
    progress = Told()
    run(stage, progress=progress)
    assert progress.phases == [("create_folder", 1), ("download", 3)]
    assert progress.items == 4
    assert progress.bytes == len(audio("1")) + len(audio("3"))


def test_all_bytes_go_through_the_throttle(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    class Watched(download.Throttle):
        def wait_for(self, of_bytes: int) -> float:
            assert self._rate == 1 << 40
            taken.append(of_bytes)
            return super().wait_for(of_bytes)

    monkeypatch.setattr(download, "Throttle", Watched)
    stage.settings = replace(stage.settings, bytes_a_second=1 << 40)
    stage.lists(A, "Deep", "1", "2")
    assert stage.sync().exit is Exit.DONE
    assert sorted(taken) == sorted([len(audio("1")), len(audio("2"))])


def test_a_library_that_is_gone_ends_the_run_whatever_error_came_first(stage: Stage) -> None:
    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) > 2:
            raise SafetyStopError("It is not mounted any more.", code="library_missing")

    def deliver(track: str) -> bytes:
        raise ItemError("no such folder")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", *(str(number) for number in range(1, 9)))
    result = run(stage, check_library=check)
    assert result.exit is Exit.SAFETY_STOP
    assert result.failed == []
    assert {item.code for item in result.skipped} == {"library_missing"}


def test_what_goes_wrong_with_a_picture_leaves_no_temporary_file(stage: Stage) -> None:
    class NoCover(Fetches):
        def cover(self, order: DownloadRequest) -> Cover | None:
            raise ItemError("The picture is broken.")

    stage.source = NoCover()
    stage.lists(A, "Deep", "1")
    result = stage.sync()
    assert [item.error for item in result.failed] == ["The picture is broken."]
    assert temps(stage) == []


def test_a_run_that_ends_early_leaves_no_temporary_file(stage: Stage) -> None:
    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) > 2:
            raise SafetyStopError("It is not mounted any more.", code="library_missing")

    stage.lists(A, "Deep", *(str(number) for number in range(1, 9)))
    assert run(stage, check_library=check).exit is Exit.SAFETY_STOP
    assert temps(stage) == []


def test_a_bug_is_logged_whole_and_told_without_its_words(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    def deliver(track: str) -> bytes:
        raise ZeroDivisionError("token=secret")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", "1").lists(B, "House", "2")
    result = stage.sync()
    assert {item.error for item in result.failed} == {
        "a bug in strandline (ZeroDivisionError); the log has the details"
    }
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record.exc_info is not None for record in errors] == [True, True]


def test_an_error_of_the_track_itself_is_no_line_in_the_log(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.source = fails_with("unavailable", "1")
    stage.lists(A, "Deep", "1")
    stage.sync()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_track_the_database_does_not_describe_fails_alone(stage: Stage) -> None:
    stage.lists(A, "Deep", "1", "2")
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan = stage.plan(store)
        strange = replace(to_download("Deep/y.flac"), track="x1")
        unknown = replace(to_download("Deep/z.flac"), track="99")
        result = stage.executor(files, store).run(
            Plan((*plan.actions, strange, unknown)), "sync-execute"
        )
    assert [(item.track, item.code) for item in result.failed] == [
        ("x1", "unknown_track"),
        ("99", "unknown_track"),
    ]
    assert result.done["download"] == 2


@pytest.mark.parametrize(
    "came",
    [b"", b"<html>Sign in</html>", b"fLaC", audio("1")[:3000], audio("1")[:-30_000], bytes(4000)],
    ids=["empty", "page", "head", "beginning", "cut off", "zeros"],
)
def test_no_message_names_a_temporary_file(
    stage: Stage, came: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    progress = Told()
    stage.source.deliver = lambda _: came
    stage.lists(A, "Deep", "1")
    result = run(stage, progress=progress)
    (failed,) = result.failed
    said = [*progress.notes, failed.error, str(column(stage, "1", "download_error")), caplog.text]
    assert failed.error.startswith("Artist 1 - Title 1 ")
    assert not [text for text in said if "part-" in text]


def test_tracks_without_their_cover_are_counted_at_the_end(stage: Stage) -> None:
    stage.lists(A, "Deep", "1", "2")
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        store._connection.execute(
            "UPDATE tracks SET album_cover_url = 'https://resources.tidal.com/x.jpg'"
        )
        result = stage.executor(files, store).run(stage.plan(store), "sync-execute")
    assert result.exit is Exit.DONE
    assert result.notes == [
        "2 tracks have no cover in the tags: TIDAL's picture server did not give it."
    ]
