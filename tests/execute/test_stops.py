"""Runs that stop early: a full disk, no login, no service, Ctrl-C; what is done stays done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.ids import LibPath
from strandline.errors import Exit, LibraryError, LoginError, SafetyStopError, UnreachableError
from strandline.execute.executor import Executor
from strandline.execute.ports import StopFlag
from tests.execute.things import A, B
from tests.stage import Stage, Ticks, audio


def test_a_full_disk_ends_the_run_and_everything_else_is_named_as_not_done(stage: Stage) -> None:
    def deliver(track: str) -> bytes:
        if track == "2":
            raise LibraryError("The disk is full.", code="disk_full")
        return audio(track)

    stage.source.deliver = deliver
    stage.lists(A, "Deep", "1", "2", "3").lists(B, "House", "1")
    result = stage.sync()
    assert result.exit is Exit.SOME_FAILED
    assert result.stopped
    assert result.stopped.code == "disk_full"
    assert [item.track for item in result.failed] == ["2"]
    assert {"3"} <= {item.track for item in result.skipped} <= {"1", "3"}
    stage.source.deliver = audio
    assert stage.sync().exit is Exit.DONE


def test_a_disk_without_room_is_noticed_before_the_download(stage: Stage) -> None:
    stage.settings = replace(stage.settings, reserve=1 << 60)
    stage.lists(A, "Deep", "1")
    result = stage.sync()
    assert result.stopped
    assert result.stopped.code == "disk_full"
    assert stage.source.asked == []


def test_a_login_that_is_gone_ends_the_downloads_but_not_the_rest(stage: Stage) -> None:
    stage.lists(A, "Deep", "1").lists(B, "House", "1")
    stage.sync()
    (stage.shelf / "House" / "Artist 1 - Title 1.flac").unlink()

    def deliver(track: str) -> bytes:
        raise LoginError("TIDAL no longer accepts the login.")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", "1", *(str(number) for number in range(10, 40)))
    result = stage.sync()
    assert result.exit is Exit.LOGIN
    assert len(stage.source.asked) < 10
    assert result.done["link"] == 1


def test_a_service_that_is_away_is_not_asked_for_every_track(stage: Stage) -> None:
    def deliver(track: str) -> bytes:
        raise UnreachableError("TIDAL is not there.")

    stage.source.deliver = deliver
    stage.lists(A, "Deep", *(str(number) for number in range(10, 60)))
    result = stage.sync()
    assert result.exit is Exit.UNREACHABLE
    assert len(stage.source.asked) < 12
    assert len(result.failed) + len(result.skipped) == 50


def test_ctrl_c_finishes_the_item_in_hand_and_leaves_the_rest(stage: Stage) -> None:
    stop = StopFlag()

    def deliver(track: str) -> bytes:
        stop.set()
        return audio(track)

    stage.source.deliver = deliver
    stage.lists(A, "Deep", *(str(number) for number in range(10, 30)))
    result = stage.sync(stop)
    assert result.exit is Exit.INTERRUPTED
    assert 1 <= result.done["download"] <= 4
    assert {item.code for item in result.skipped} == {"interrupted"}
    stage.source.deliver = audio
    assert stage.sync().exit is Exit.DONE


def test_ctrl_c_between_links_keeps_those_that_are_made(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.lists(A, "Deep", "1", "2", "3", "4", "5")
    stage.sync()
    stop = StopFlag()
    with stage.open() as store, stage.files() as files:
        real = files.make_link

        def make_link(path: LibPath, target: str) -> None:
            real(path, target)
            stop.set()

        monkeypatch.setattr(files, "make_link", make_link)
        stage.lists(B, "House", "1", "2", "3", "4", "5")
        stage.snapshot(store)
        result = stage.executor(files, store, stop).run(stage.plan(store), "sync-execute")
        assert not store.journal.open_intents()
    assert result.exit is Exit.INTERRUPTED
    assert result.done["link"] == 1
    assert stage.sync().done["link"] == 4


def test_the_library_is_looked_at_before_each_batch(stage: Stage) -> None:
    looks: list[int] = []

    def check() -> None:
        looks.append(1)
        if len(looks) == 3:
            raise SafetyStopError("It is not mounted any more.", code="library_missing")

    stage.lists(A, "Deep", "1", "2", "3")
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        executor = Executor(
            files, store, stage.source, clock=Ticks(), settings=stage.settings, check_library=check
        )
        result = executor.run(stage.plan(store), "sync-execute")
    assert result.exit is Exit.SAFETY_STOP
    assert result.done["download"] == 0
    assert stage.tree() == {"Deep": "folder"}
