"""An undo that could not take back all is asked for again: what it did is not asked of it twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from strandline.core.policy import Policy
from strandline.errors import Exit, SafetyStopError
from strandline.execute.executor import Executor
from strandline.execute.ports import StopFlag
from strandline.execute.undo import NOTHING_LEFT, NOTHING_MORE, undo
from tests.execute.test_undo import status_of, undone
from tests.execute.things import A, B, C
from tests.stage import Stage, Ticks, copies, hardlinks

DELETED = "dddddddd-4"


def _symlinks(policy: Policy) -> Policy:
    return policy


@pytest.mark.parametrize("kind", [_symlinks, copies, hardlinks])
def test_a_second_undo_names_only_what_is_left_and_a_third_ends_well(
    stage: Stage, kind: Callable[[Policy], Policy]
) -> None:
    """Folders renamed and made, audio moved, fetched and trashed, links made, led anew and gone."""
    stage.policy = kind(stage.policy)
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2")
    stage.lists(DELETED, "Delta", "5")
    stage.sync()
    before = {place: said for place, said in stage.tree().items() if place.startswith("mp3")}
    stage.lists(A, "New", "2").lists(B, "Beta", "1", "4").lists(C, "Gamma", "1")
    stage.drops(DELETED)
    run = stage.sync()
    fetched = stage.shelf / "Beta" / "Artist 4 - Title 4.flac"
    (kept := stage.shelf.parent.parent / "kept").hardlink_to(fetched)
    fetched.unlink()
    fetched.write_bytes(b"the user's")
    blocked = "Playlists/Beta/Artist 4 - Title 4.flac"
    assert [item.path for item in undone(stage, run.run).failed] == [blocked]

    again = undone(stage, run.run)
    assert [item.path for item in again.failed] == [blocked]
    assert (again.exit, again.notes) == (Exit.SOME_FAILED, [NOTHING_MORE])

    fetched.unlink()
    kept.rename(fetched)
    assert undone(stage, run.run).exit is Exit.DONE
    after = {place: said for place, said in stage.tree().items() if place.startswith("mp3")}
    assert after == before
    assert status_of(stage, run.run) == "undone"


def test_an_undo_of_what_made_nothing_that_is_there_says_so(stage: Stage) -> None:
    stage.lists(A, "Alpha")
    run = stage.sync()
    (stage.shelf / "Alpha").rmdir()
    result = undone(stage, run.run)
    assert (result.exit, result.notes) == (Exit.DONE, [NOTHING_LEFT])


def test_an_undo_that_was_interrupted_can_be_asked_for_again(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    run = stage.sync()
    stop = StopFlag()
    stop.set()
    with stage.open() as store, stage.files() as files:
        result = undo(run.run, stage.executor(files, store, stop), files, store, Ticks())
    assert result.exit is Exit.INTERRUPTED
    assert status_of(stage, run.run) == "done"
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == {}


def test_an_undo_that_had_to_stop_can_be_asked_for_again(stage: Stage) -> None:
    def gone() -> None:
        raise SafetyStopError("It is not mounted any more.", code="library_missing")

    stage.lists(A, "Alpha", "1")
    run = stage.sync()
    with stage.open() as store, stage.files() as files:
        executor = Executor(files, store, stage.source, clock=Ticks(), check_library=gone)
        assert undo(run.run, executor, files, store, Ticks()).exit is Exit.SAFETY_STOP
    assert status_of(stage, run.run) == "done"
