"""Plans carried out on a real folder and a real database."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from tests.stage import Fetches, Stage, audio, hardlinks

from strandline.core.actions import Because, Download, EntryState, Link, Trash, Unlink
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.plan import Plan
from strandline.core.states import Kind
from strandline.errors import DownloadError, Exit
from strandline.execute.executor import batches, families

A, B = "aaaaaaaa-1", "bbbbbbbb-2"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def status_of(stage: Stage, track: str) -> tuple[str, str | None]:
    with stage.open() as store:
        query = "SELECT download_status, download_error FROM tracks WHERE tidal_id = ?"
        row: tuple[str, str | None] = store._connection.execute(query, (track,)).fetchone()
        return row


def test_a_track_in_two_playlists_is_downloaded_once_and_linked_once(stage: Stage) -> None:
    stage.lists(A, "Deep", "1", "2").lists(B, "House", "1")
    result = stage.sync()
    assert result.exit is Exit.DONE, result
    assert sorted(stage.source.asked) == ["1", "2"]
    tree = stage.tree()
    assert tree["House/Artist 1 - Title 1.flac"] == "link ../Deep/Artist 1 - Title 1.flac"
    assert tree["Deep/Artist 1 - Title 1.flac"].startswith("file ")
    assert result.done == {"create_folder": 2, "download": 2, "link": 1}


def test_a_second_run_plans_nothing(stage: Stage) -> None:
    stage.lists(A, "Deep", "1", "2").lists(B, "House", "1")
    stage.sync()
    pending = stage.pending()
    assert not pending.actions
    assert not pending.facts


def test_one_failed_download_stops_no_other_and_its_links_are_skipped(stage: Stage) -> None:
    def deliver(track: str) -> bytes:
        if track == "1":
            raise DownloadError("TIDAL does not offer track 1.", code="unavailable")
        return audio(track)

    stage.source.deliver = deliver
    stage.lists(A, "Deep", "1", "2").lists(B, "House", "1", "3")
    result = stage.sync()
    assert result.exit is Exit.SOME_FAILED
    assert [(item.action, item.track, item.code) for item in result.failed] == [
        ("download", "1", "unavailable")
    ]
    assert [(item.action, item.track) for item in result.skipped] == [("link", "1")]
    assert result.done["download"] == 2
    assert status_of(stage, "1") == ("error", "TIDAL does not offer track 1.")
    stage.source.deliver = audio
    assert stage.sync().exit is Exit.DONE
    assert status_of(stage, "1") == ("downloaded", None)


@pytest.mark.parametrize(
    "lie",
    [b"", b"<html>nothing here</html>", audio("9")[: len(audio("9")) // 2]],
    ids=["empty", "a web page", "cut off"],
)
def test_what_is_no_whole_audio_never_gets_a_name(stage: Stage, lie: bytes) -> None:
    stage.source.deliver = lambda _: lie
    stage.lists(A, "Deep", "9")
    result = stage.sync()
    assert result.exit is Exit.SOME_FAILED
    assert stage.tree() == {"Deep": "folder"}
    assert not list((stage.root / ".strandline" / "tmp").iterdir())


def test_audio_that_comes_cut_off_is_asked_for_once_more(stage: Stage) -> None:
    answers = [audio("1")[:20_000], audio("1")]
    stage.source.deliver = lambda _: answers.pop(0)
    stage.lists(A, "Deep", "1")
    assert stage.sync().exit is Exit.DONE
    assert stage.source.asked == ["1", "1"]


def test_a_bug_in_one_item_is_reported_and_the_rest_is_done(stage: Stage) -> None:
    def deliver(track: str) -> bytes:
        if track == "1":
            raise ZeroDivisionError
        return audio(track)

    stage.source.deliver = deliver
    stage.lists(A, "Deep", "1", "2")
    result = stage.sync()
    assert [item.code for item in result.failed] == ["bug"]
    assert result.done["download"] == 1


def test_links_follow_a_download_that_comes_with_another_extension(stage: Stage) -> None:
    stage.policy = replace(stage.policy, audio_format="mp3")  # plans .mp3, gets .flac
    stage.lists(A, "Deep", "1").lists(B, "House", "1")
    result = stage.sync()
    assert result.exit is Exit.DONE, result
    assert stage.tree()["House/Artist 1 - Title 1.flac"] == "link ../Deep/Artist 1 - Title 1.flac"


def test_mp3_is_encoded_and_tagged_with_the_track_id(stage: Stage) -> None:
    from strandline.library.audio.headers import read_identity

    stage.policy = replace(stage.policy, audio_format="mp3")
    stage.settings = replace(stage.settings, audio_format="mp3", bitrate=128)
    stage.lists(A, "Deep", "1")
    assert stage.sync().exit is Exit.DONE
    found = read_identity(stage.shelf / "Deep" / "Artist 1 - Title 1.mp3")
    assert found.embedded == "1"
    assert found.duration == pytest.approx(1.0, abs=0.1)


def test_a_name_taken_meanwhile_is_not_overwritten(stage: Stage) -> None:
    stage.lists(A, "Deep", "1")
    mine = stage.shelf / "Deep" / "Artist 1 - Title 1.flac"

    def deliver(track: str) -> bytes:
        mine.write_bytes(b"mine")
        return audio(track)

    stage.source.deliver = deliver
    result = stage.sync()
    assert [item.code for item in result.failed] == ["name_taken"]
    assert mine.read_bytes() == b"mine"
    assert status_of(stage, "1")[0] == "error"


def _run(stage: Stage, *actions: Trash | Unlink | Link | Download) -> object:
    with stage.open() as store, stage.files() as files:
        return stage.executor(files, store).run(Plan(actions), "sync-execute")


def _seen(path: Path) -> EntryState:
    found = path.lstat()
    return EntryState("file", found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@pytest.mark.parametrize("keeper", ["gone", "another size", "same size, other bytes"])
def test_a_second_copy_stays_when_the_first_is_not_its_equal(stage: Stage, keeper: str) -> None:
    copy = stage.put("Deep/copy.mp3", b"music")
    kept = stage.put("House/kept.mp3", {"gone": b"", "another size": b"x"}.get(keeper, b"MUSIC"))
    if keeper == "gone":
        kept.unlink()
    _run(
        stage,
        Trash(
            LibPath("Playlists/Deep/copy.mp3"),
            Because.SAME_AUDIO,
            expected=_seen(copy),
            keeper=LibPath("Playlists/House/kept.mp3"),
        ),
    )
    assert copy.read_bytes() == b"music"


def test_a_file_is_not_its_own_keeper_but_a_hard_link_may_go(stage: Stage) -> None:
    copy = stage.put("Deep/copy.mp3", b"music")
    path = LibPath("Playlists/Deep/copy.mp3")
    action = Trash(path, Because.SAME_AUDIO, expected=_seen(copy), keeper=path)
    _run(stage, action)
    assert copy.exists()
    os.link(copy, stage.shelf / "Deep" / "first.mp3")
    _run(stage, replace(action, keeper=LibPath("Playlists/Deep/first.mp3")))
    assert not copy.exists()


def test_a_link_is_never_made_to_nothing(stage: Stage) -> None:
    (stage.shelf / "Deep").mkdir()
    _run(
        stage,
        Link(
            LibPath("Playlists/Deep/x.mp3"),
            Because.NEW_IN_PLAYLIST,
            PlaylistId(A),
            TrackId("1"),
            source=LibPath("Playlists/House/x.mp3"),
            kind=Kind.SYMLINK,
            named_for=None,
        ),
    )
    assert stage.tree() == {"Deep": "folder"}


def test_a_primary_stays_while_a_link_to_it_could_not_be_removed(stage: Stage) -> None:
    stage.lists(A, "Deep", "1").lists(B, "House", "1")
    stage.sync()
    link = stage.shelf / "House" / "Artist 1 - Title 1.flac"
    with stage.open() as store, stage.files() as files:
        stage.lists(A, "Deep").lists(B, "House")
        stage.snapshot(store)
        plan = stage.plan(store)
        link.unlink()
        link.symlink_to("elsewhere")  # the user was here in between
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert [(item.action, item.code) for item in result.skipped] == [
        ("unlink", "changed_meanwhile"),
        ("trash", "dependency"),
    ]
    assert "Deep/Artist 1 - Title 1.flac" in stage.tree()


def test_downloads_run_side_by_side_and_their_temps_stay_bounded(stage: Stage) -> None:
    together = threading.Barrier(3, timeout=20)
    most: list[int] = []

    def deliver(track: str) -> bytes:
        if track in ("10", "11", "12"):
            together.wait()
        most.append(len(list((stage.root / ".strandline").glob("tmp/*"))))
        return audio(track)

    stage.source.deliver = deliver
    stage.settings = replace(stage.settings, workers=3, encoders=2)
    stage.lists(A, "Deep", *(str(number) for number in range(10, 40)))
    result = stage.sync()
    assert result.done["download"] == 30
    assert max(most) <= 3 + 2 * 2 + 1


def test_hard_links_share_one_file(stage: Stage) -> None:
    stage.policy = hardlinks(stage.policy)
    stage.lists(A, "Deep", "1").lists(B, "House", "1")
    assert stage.sync().exit is Exit.DONE
    one, two = (stage.shelf / name / "Artist 1 - Title 1.flac" for name in ("Deep", "House"))
    assert one.samefile(two)
    assert not stage.pending().actions


def test_a_folder_with_files_of_the_user_stays_and_that_is_no_failure(stage: Stage) -> None:
    stage.lists(A, "Deep", "1").lists(B, "House", "2")
    stage.sync()
    with stage.open() as store, stage.files() as files:
        stage.drops(A)
        stage.snapshot(store)
        plan = stage.plan(store)
        stage.put("Deep/notes.txt", b"cues")
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert result.exit is Exit.DONE
    assert [item.code for item in result.skipped] == ["not_empty"]
    assert stage.tree()["Deep/notes.txt"].startswith("file ")
    assert not stage.pending().actions


def test_batches_are_of_one_kind_and_a_file_comes_with_the_link_it_gives_way_to() -> None:
    seen = EntryState("file", 1, 2)
    x, y = LibPath("Playlists/A/x"), LibPath("Playlists/A/y")

    def link(path: LibPath) -> Link:
        return Link(path, Because.SAME_AUDIO, source=y, kind=Kind.SYMLINK, named_for=None)

    def trash(path: LibPath) -> Trash:
        return Trash(path, Because.SAME_AUDIO, expected=seen)

    listed = [list(alike) for alike in families([trash(x), trash(y), link(y), link(x)])]
    assert [[step.seq for step in alike] for alike in listed] == [[1, 4, 2, 3]]
    assert [[step.seq for step in batch] for batch in batches(listed[0], 2)] == [[1, 4], [2, 3]]


def test_a_source_asked_for_nothing_is_not_asked(stage: Stage) -> None:
    stage.source = Fetches(deliver=lambda _: pytest.fail("asked"))
    assert stage.sync().exit is Exit.DONE
