"""Undoing a run, and bringing files back from the trash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stage import Stage, Ticks

from strandline.core.ids import TrackId
from strandline.errors import Exit, UsageError
from strandline.execute.result import Result
from strandline.execute.trash import restoration, trashed
from strandline.execute.undo import undo

A, B, C = "aaaaaaaa-1", "bbbbbbbb-2", "cccccccc-3"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2", "3")
    stage.put("Alpha/notes.txt", b"cue points")
    assert stage.sync().exit is Exit.DONE
    return stage


def undone(stage: Stage, run: str) -> Result:
    with stage.open() as store, stage.files() as files:
        return undo(run, stage.executor(files, store), files, store, Ticks())


CHANGES: dict[str, Callable[[Stage], object]] = {
    "a track left its primary playlist": lambda stage: stage.lists(A, "Alpha", "2"),
    "a track left every playlist": lambda stage: (
        stage.lists(A, "Alpha", "2").lists(B, "Beta", "3").lists(C, "Gamma", "2", "3")
    ),
    "a playlist was renamed": lambda stage: stage.lists(A, "Omega", "1", "2"),
    "two playlists swapped names": lambda stage: stage.lists(A, "Beta", "1", "2").lists(
        B, "Alpha", "1", "3"
    ),
    "a playlist was deleted": lambda stage: stage.drops(B),
    "all but one were deleted": lambda stage: stage.drops(A).drops(B),
    "a track came": lambda stage: stage.lists(A, "Alpha", "1", "2", "7").lists(C, "Gamma", "7"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_after_an_undo_the_library_is_as_before(stage: Stage, change: str) -> None:
    before, heard = stage.tree(), stage.contents()
    CHANGES[change](stage)
    run = stage.sync()
    assert run.exit is Exit.DONE
    assert stage.tree() != before
    result = undone(stage, run.run)
    assert result.exit is Exit.DONE, result
    assert stage.tree() == before
    assert heard <= stage.contents()
    assert "next sync does the same again" in result.notes[-1]
    with stage.open() as store:
        row = store.journal.run(run.run)
        assert row
        assert row.status == "undone"


@pytest.mark.parametrize("change", CHANGES)
def test_the_next_sync_does_again_what_was_undone(stage: Stage, change: str) -> None:
    CHANGES[change](stage)
    run = stage.sync()
    after = stage.tree()
    undone(stage, run.run)
    assert stage.sync().exit is Exit.DONE
    assert stage.tree() == after
    assert not stage.pending().actions


def test_what_changed_since_is_left_and_named(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1", "2", "7").lists(B, "Beta", "1", "3", "7")
    run = stage.sync()
    path = stage.shelf / "Alpha" / "Artist 7 - Title 7.flac"
    path.write_bytes(path.read_bytes() + b"tagged by the user")
    result = undone(stage, run.run)
    assert result.exit is Exit.SOME_FAILED
    assert [(item.action, item.track) for item in result.failed] == [("download", "7")]
    assert path.exists()
    assert "Beta/Artist 7 - Title 7.flac" not in stage.tree()


def test_a_run_is_undone_once_and_must_exist(stage: Stage) -> None:
    stage.lists(A, "Alpha", "2")
    run = stage.sync()
    undone(stage, run.run)
    with pytest.raises(UsageError, match="undone already"):
        undone(stage, run.run)
    with pytest.raises(UsageError, match="no run"):
        undone(stage, "20260101-000000-dead")


def test_the_trash_lists_its_files_and_brings_one_back(stage: Stage) -> None:
    stage.lists(A, "Alpha").lists(B, "Beta").lists(C, "Gamma")
    run = stage.sync().run
    with stage.open() as store, stage.files() as files:
        listed = trashed(files, store)
        assert {item.run for item in listed} == {run}
        path = next(item.path for item in listed if item.path.endswith("Title 3.flac"))
        work = restoration(files, store, run, only=[path])
        result = stage.executor(files, store).run(work, "trash-restore")
        assert result.done == {"restore": 1}
        assert store.load_ledger().files[TrackId("3")].path == path
        assert len(trashed(files, store, run)) == len(listed) - 1
    assert path.removeprefix("Playlists/") in stage.tree()


def test_a_restored_file_never_replaces_another(stage: Stage) -> None:
    stage.lists(A, "Alpha").lists(B, "Beta").lists(C, "Gamma")
    run = stage.sync().run
    mine = stage.put("Alpha/Artist 1 - Title 1.flac", b"mine")
    with stage.open() as store, stage.files() as files:
        result = stage.executor(files, store).run(restoration(files, store, run), "trash-restore")
    assert [item.code for item in result.failed] == ["name_taken"]
    assert mine.read_bytes() == b"mine"
