"""Renaming folders by way of temporary names: all of them, or none; and after a kill, the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.actions import EntryState, RenameFolder
from strandline.core.ids import LibPath
from strandline.core.plan import Plan
from strandline.errors import ItemError
from strandline.execute.ports import StopFlag
from strandline.execute.temporary_names import (
    finish_rename,
    finish_renames,
    is_aside,
    move_aside,
    roll_back,
)
from strandline.library.files import LibraryFiles, temporary_folder_path
from tests.execute.things import ONE, A, B, C, at, cut_off, download, renames, seen, steps_of
from tests.stage import Stage


@pytest.fixture
def swap(stage: Stage) -> list[RenameFolder]:
    """Alpha and Beta are to swap names; each has a note that says which it is."""
    for name in ("Alpha", "Beta"):
        stage.put(f"{name}/{name}.txt", b"the user's")
    return [
        renames("Alpha", "Beta", seen(stage.shelf / "Alpha"), parked=True),
        renames("Beta", "Alpha", seen(stage.shelf / "Beta"), parked=True),
    ]


def notes(stage: Stage) -> set[str]:
    """Which folder stands under which name; ``waiting`` for a temporary one."""
    found = (path.relative_to(stage.shelf) for path in stage.shelf.glob("*/*.txt"))
    return {
        f"{path.stem} in {'waiting' if path.parts[0][0] == '.' else path.parts[0]}"
        for path in found
    }


AS_BEFORE = {"Alpha in Alpha", "Beta in Beta"}
SWAPPED = {"Alpha in Beta", "Beta in Alpha"}


def _onward(action: RenameFolder, files: LibraryFiles) -> None:
    files.rename_folder(temporary_folder_path(action.expected.ino), action.path, action.expected)


def test_a_kill_while_the_folders_wait_takes_them_back(
    stage: Stage, swap: list[RenameFolder]
) -> None:
    with stage.files() as files:
        for action in swap:
            move_aside(action, files)
        assert all(is_aside(action, files) for action in swap)
        assert notes(stage) == {"Alpha in waiting", "Beta in waiting"}
        finish_renames(swap, files)
        assert not any(is_aside(action, files) for action in swap)
    assert notes(stage) == AS_BEFORE


def test_a_kill_before_all_of_them_wait_takes_back_the_first(
    stage: Stage, swap: list[RenameFolder]
) -> None:
    with stage.files() as files:
        move_aside(swap[0], files)
        finish_renames(swap, files)
    assert notes(stage) == AS_BEFORE


@pytest.mark.parametrize("arrived", [0, 1])
def test_a_kill_after_one_has_arrived_takes_the_others_on(
    stage: Stage, swap: list[RenameFolder], arrived: int
) -> None:
    with stage.files() as files:
        for action in swap:
            move_aside(action, files)
        _onward(swap[arrived], files)
        finish_renames(swap, files)
    assert notes(stage) == SWAPPED


def test_a_folder_that_has_arrived_by_itself_takes_no_other_along(
    stage: Stage, swap: list[RenameFolder]
) -> None:
    """Gamma was renamed to a free name before; that says nothing of the two that swap."""
    stage.put("Delta/Delta.txt", b"the user's")
    alone = renames("Gamma", "Delta", seen(stage.shelf / "Delta"))
    with stage.files() as files:
        for action in swap:
            move_aside(action, files)
        finish_renames([alone, *swap], files)
    assert notes(stage) == AS_BEFORE | {"Delta in Delta"}


def test_all_go_back_when_one_cannot_go_on(stage: Stage, swap: list[RenameFolder]) -> None:
    with stage.files() as files:
        for action in swap:
            move_aside(action, files)
        _onward(swap[0], files)
        roll_back(swap, files)
    assert notes(stage) == AS_BEFORE


@pytest.mark.parametrize(("onward", "name"), [(True, "Beta"), (False, "Alpha")])
def test_a_folder_goes_the_other_way_where_its_name_is_taken(
    stage: Stage, swap: list[RenameFolder], onward: bool, name: str
) -> None:
    with stage.files() as files:
        move_aside(swap[0], files)
        if not onward:
            (stage.shelf / "Beta").rename(stage.shelf / "Gamma")
        stage.put(f"{name}/mine.txt", b"made meanwhile")
        finish_rename(swap[0], files, onward=onward)
    assert f"Alpha in {'Alpha' if onward else 'Beta'}" in notes(stage)


def test_a_folder_waits_on_while_both_its_names_are_taken(
    stage: Stage, swap: list[RenameFolder]
) -> None:
    with stage.files() as files:
        move_aside(swap[0], files)
        stage.put("Alpha/mine.txt", b"made meanwhile")
        finish_rename(swap[0], files, onward=False)
        assert is_aside(swap[0], files)
    assert notes(stage) == {"Alpha in waiting", "Beta in Beta", "mine in Alpha"}


@pytest.mark.parametrize("kind", ["a file", "another folder"])
def test_something_else_under_the_temporary_name_is_not_the_folder(
    stage: Stage, swap: list[RenameFolder], kind: str
) -> None:
    place = stage.root / "mp3" / temporary_folder_path(swap[0].expected.ino)
    (stage.shelf / "Alpha").rename(stage.home / "kept")
    if kind == "a file":
        place.write_bytes(b"the user's")
    else:
        place.mkdir()
    with stage.files() as files:
        assert not is_aside(swap[0], files)
        finish_rename(swap[0], files, onward=False)
    assert place.exists()


def test_only_a_folders_rename_can_stand_half_way(stage: Stage, swap: list[RenameFolder]) -> None:
    with stage.files() as files:
        assert not is_aside(download("A/x.mp3"), files)
        assert not is_aside(swap[0], files)


# ---------------------------------------------------------------- in a run


def _playlists(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "2").lists(C, "Gamma", "3")
    stage.sync()
    for name in ("Alpha", "Beta", "Gamma"):
        stage.put(f"{name}/{name}.txt", b"the user's")


def test_two_playlists_swap_names_while_a_third_gets_a_free_one(stage: Stage) -> None:
    _playlists(stage)
    stage.lists(A, "Beta", "1").lists(B, "Alpha", "2").lists(C, "Delta", "3")
    result = stage.sync()
    assert result.done == {"rename_folder": 3}
    assert notes(stage) == {"Alpha in Beta", "Beta in Alpha", "Gamma in Delta"}
    assert {p.folder for p in stage.ledger().playlists.values()} == {"Beta", "Alpha", "Delta"}
    assert not stage.pending().actions


def test_audio_that_leaves_a_folder_renamed_in_the_same_run_is_known_no_more(stage: Stage) -> None:
    _playlists(stage)
    content = stage.ledger().files[ONE].sha256
    stage.lists(A, "Omega")
    result = stage.sync()
    assert result.done == {"rename_folder": 1, "trash": 1}
    assert ONE not in stage.ledger().files
    (row,) = steps_of(stage, result.run, "trash")
    assert row.sha256 == content, "should it come back"


@pytest.mark.parametrize("name", ["Alpha", "Beta"])
def test_a_swap_that_cannot_be_ended_leaves_both_names_as_they_were(
    stage: Stage, name: str
) -> None:
    _playlists(stage)
    stage.lists(A, "Beta", "1").lists(B, "Alpha", "2").lists(C, "Delta", "3")
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan = stage.plan(store)
        (stage.shelf / name).rename(stage.shelf / "Mine")  # the user was here in between
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert result.done == {"rename_folder": 1}
    assert {item.code for item in result.skipped} == {"changed_meanwhile"}
    left = {other: "Mine" if other == name else other for other in ("Alpha", "Beta")}
    assert notes(stage) == {f"{was} in {now}" for was, now in left.items()} | {"Gamma in Delta"}


def test_folders_that_can_go_neither_on_nor_back_wait_for_the_next_run(stage: Stage) -> None:
    _playlists(stage)
    stage.lists(A, "Beta", "1").lists(B, "Alpha", "2").lists(C, "Delta", "3")
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan = stage.plan(store)
        real = files.rename_folder

        def rename_folder(source: str, path: LibPath, there: EntryState) -> EntryState:
            if ".strandline" in source and not (stage.shelf / "Alpha").exists():
                for name in ("Alpha", "Beta"):  # both wait; the user makes folders of their names
                    stage.put(f"{name}/mine.txt", b"made meanwhile")
            return real(source, path, there)

        files.rename_folder = rename_folder  # type: ignore[method-assign]
        result = stage.executor(files, store).run(plan, "sync-execute")
        waiting = {row.path for row in store.journal.open_intents()}
    assert result.done == {"rename_folder": 1}
    assert [item.code for item in result.failed] == ["name_taken", "name_taken"]
    assert waiting == {at("Alpha"), at("Beta")}, "only the next start can tell what becomes of them"
    for name in ("Alpha", "Beta"):
        (stage.shelf / name / "mine.txt").unlink()
        (stage.shelf / name).rmdir()
    stage.recover()
    assert notes(stage) == {"Alpha in Alpha", "Beta in Beta", "Gamma in Delta"}


def test_a_change_of_case_that_fails_half_way_is_taken_back(stage: Stage) -> None:
    """Where the disk takes both names for one, a folder parks on its way by itself."""
    _playlists(stage)
    plan = Plan((replace(renames("Gamma", "GAMMA", seen(stage.shelf / "Gamma")), playlist=C),))
    with stage.open() as store, stage.files() as files:
        real = files.rename_folder

        def rename_folder(source: str, path: LibPath, there: EntryState) -> EntryState:
            if path != at("GAMMA"):
                return real(source, path, there)
            real(source, temporary_folder_path(there.ino), there)
            raise ItemError("no permission")

        files.rename_folder = rename_folder  # type: ignore[method-assign]
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert [item.error for item in result.failed] == ["no permission"]
    assert notes(stage) == {"Alpha in Alpha", "Beta in Beta", "Gamma in Gamma"}


def test_a_name_taken_meanwhile_is_not_taken_over(stage: Stage) -> None:
    _playlists(stage)
    stage.lists(C, "Delta", "3")
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan = stage.plan(store)
        stage.put("Delta/mine.txt", b"made meanwhile")
        result = stage.executor(files, store).run(plan, "sync-execute")
    assert [item.code for item in result.failed] == ["name_taken"]
    assert notes(stage) == {"Alpha in Alpha", "Beta in Beta", "Gamma in Gamma", "mine in Delta"}


def test_ctrl_c_comes_too_late_for_a_rename_that_has_begun(stage: Stage) -> None:
    stage.lists("dddddddd-4", "Eta")
    _playlists(stage)
    stage.lists(A, "Beta", "1").lists(B, "Alpha", "2").lists(C, "Delta", "3")
    stage.lists("dddddddd-4", "Zeta")
    stop = StopFlag()
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        plan = stage.plan(store)
        real = files.rename_folder

        def rename_folder(*told: object) -> object:
            stop.set()
            return real(*told)  # type: ignore[arg-type]

        files.rename_folder = rename_folder  # type: ignore[method-assign,assignment]
        result = stage.executor(files, store, stop).run(plan, "sync-execute")
    assert result.done == {"rename_folder": 4}
    assert notes(stage) == {"Alpha in Beta", "Beta in Alpha", "Gamma in Delta"}


def test_folders_that_wait_are_brought_back_at_the_next_start(stage: Stage) -> None:
    _playlists(stage)
    stage.lists(A, "Beta", "1").lists(B, "Alpha", "2")
    run = cut_off(stage, "rename_folder", acted=False)
    for name in ("Alpha", "Beta"):
        folder = stage.shelf / name
        folder.rename(stage.root / "mp3" / temporary_folder_path(seen(folder).ino))
    stage.recover()
    assert notes(stage) == {"Alpha in Alpha", "Beta in Beta", "Gamma in Gamma"}
    assert {row.state for row in steps_of(stage, run, "rename_folder")} == {"skipped"}


def test_a_folder_that_cannot_leave_its_temporary_name_keeps_its_intent(stage: Stage) -> None:
    _playlists(stage)
    stage.lists(A, "Beta", "1").lists(B, "Alpha", "2")
    run = cut_off(stage, "rename_folder", acted=False)
    waiting = stage.root / "mp3" / temporary_folder_path(seen(stage.shelf / "Alpha").ino)
    (stage.shelf / "Alpha").rename(waiting)
    stage.put("Alpha/mine.txt", b"made meanwhile")
    lines = stage.recover()
    assert lines[0] == f"{at('Beta')} still waits for its name: something is in the way."
    assert {row.path: row.state for row in steps_of(stage, run, "rename_folder")} == {
        at("Beta"): "intent",
        at("Alpha"): "skipped",
    }
    (stage.shelf / "Alpha" / "mine.txt").unlink()
    (stage.shelf / "Alpha").rmdir()
    stage.recover()
    assert notes(stage) == {"Alpha in Alpha", "Beta in Beta", "Gamma in Gamma"}
