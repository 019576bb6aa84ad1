"""One item fails, and what leads to it follows what is there: immutable files and folders."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from strandline.errors import Exit
from strandline.execute.result import Result
from strandline.library.files import Syscalls
from tests.execute.things import A, B, C
from tests.stage import Stage, copies, hardlinks

ONE, TWO = "Artist 1 - Title 1.flac", "Artist 2 - Title 2.flac"


class Immutable(Syscalls):
    """Some inodes cannot be renamed, as after ``chattr +i``."""

    stuck: set[int]

    def rename_noreplace(self, old: int, name: str, new: int, new_name: str) -> None:
        if os.stat(name, dir_fd=old, follow_symlinks=False).st_ino in self.stuck:
            raise PermissionError(errno.EPERM, "Operation not permitted")
        super().rename_noreplace(old, name, new, new_name)


def immutable(stage: Stage, *names: str) -> None:
    calls = Immutable()
    calls.stuck = {(stage.shelf / name).stat().st_ino for name in names}
    stage.calls = lambda: calls


def dangling(stage: Stage) -> list[str]:
    return [
        str(path.relative_to(stage.shelf)) for path in stage.shelf.rglob("*") if not path.exists()
    ]


def failed(result: Result) -> list[tuple[str, str]]:
    return [(item.action, Path(item.path).parent.name) for item in result.failed]


@pytest.fixture(params=["symlinks", "copies", "hard links"])
def shared(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """1 is primary in Alpha, linked from Beta and Gamma."""
    forms = {"copies": copies, "hard links": hardlinks}
    if form := forms.get(request.param):
        stage.policy = form(stage.policy)
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1").lists(C, "Gamma", "1")
    assert stage.sync().exit is Exit.DONE
    return stage


def test_links_follow_the_renamed_folder_of_a_file_that_cannot_be_moved(shared: Stage) -> None:
    stage = shared
    heard = stage.heard()
    immutable(stage, f"Alpha/{ONE}")
    stage.lists(A, "Omega", "2")
    for _night in range(3):
        result = stage.sync()
        assert result.exit is Exit.SOME_FAILED
        assert ("move", "Beta") in failed(result) or stage.policy.link_kind.value != "symlink"
        assert dangling(stage) == []
    assert {said for folder, said in stage.heard() if folder == "Gamma"} == {
        said for folder, said in heard if folder == "Gamma"
    }
    stage.calls = Syscalls
    assert stage.sync().exit is Exit.DONE
    assert stage.pending().actions == ()
    assert {folder for folder, _ in stage.heard()} == {"Omega", "Beta", "Gamma"}


def test_a_folder_that_cannot_be_renamed_keeps_its_name_and_all_else_is_done(
    shared: Stage,
) -> None:
    stage = shared
    immutable(stage, "Alpha")
    stage.lists(A, "Omega", "1", "2", "3").lists(B, "Beta", "1", "2")
    for _night in range(2):
        result = stage.sync()
        assert failed(result) == [("rename_folder", "Playlists")]
        assert result.missed == []
        assert dangling(stage) == []
    assert (stage.shelf / "Alpha" / "Artist 3 - Title 3.flac").is_file()
    assert (stage.shelf / "Beta" / TWO).exists()
    stage.calls = Syscalls
    assert stage.sync().exit is Exit.DONE
    assert stage.pending().actions == ()


def test_two_playlists_whose_folders_cannot_swap_names_go_on_under_the_old_ones(
    shared: Stage,
) -> None:
    stage = shared
    immutable(stage, "Gamma")
    stage.lists(A, "Gamma", "1", "2").lists(C, "Alpha", "1", "2")
    result = stage.sync()
    assert set(failed(result)) == {("rename_folder", "Playlists")}
    assert dangling(stage) == []
    assert (stage.shelf / "Gamma" / TWO).exists(), "in the playlist that lists it"
    stage.calls = Syscalls
    assert stage.sync().exit is Exit.DONE
    assert stage.pending().actions == ()


def test_a_primary_that_cannot_leave_still_takes_links_of_new_playlists(shared: Stage) -> None:
    stage = shared
    immutable(stage, f"Alpha/{ONE}")
    stage.lists(A, "Alpha", "2").lists("dddddddd-4", "Delta", "1")
    result = stage.sync()
    assert result.exit is Exit.SOME_FAILED
    assert (stage.shelf / "Delta" / ONE).exists()
    assert dangling(stage) == []


def test_audio_beside_the_folders_that_cannot_be_moved_home_is_named_and_waited_for(
    stage: Stage,
) -> None:
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1").lists(C, "Gamma", "1")
    assert stage.sync().exit is Exit.DONE
    (stage.shelf / "Alpha" / ONE).rename(stage.shelf / ONE)
    immutable(stage, ONE)
    for _night in range(2):
        result = stage.sync()
        assert result.exit is Exit.SOME_FAILED
        assert "move" in {item.action for item in result.failed}
        assert not {item.code for item in [*result.failed, *result.skipped]} & {"bug"}
    stage.calls = Syscalls
    assert stage.sync().exit is Exit.DONE
    assert dangling(stage) == []
    assert stage.pending().actions == ()
    assert sorted(stage.source.asked) == ["1", "2"]
