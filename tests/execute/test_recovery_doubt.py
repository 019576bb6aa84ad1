"""Where the disk holds neither the old nor the new state, recovery leaves it and says so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.core.plan_json import key_of
from strandline.core.policy import Policy
from strandline.execute.undo import undo
from tests.execute.things import (
    A,
    B,
    KilledError,
    Watched,
    at,
    cut_off,
    die_at,
    one_leaves_all,
    seen,
    shared,
    steps_of,
)
from tests.stage import Stage, Ticks, copies, hardlinks

SONG = "Artist 1 - Title 1.flac"


def _told(stage: Stage, run: str, action: str, *words: str) -> None:
    """Recovery leaves the disk alone, tells of each step, and the journal keeps it as failed."""
    tree = stage.tree()
    lines = stage.recover()
    assert stage.tree() == tree
    rows = steps_of(stage, run, action)
    assert [(row.state, row.error) for row in rows] == [
        ("set_aside", f"cut off: {said}") for said in words
    ]
    assert lines[:-1] == [
        f"{action} {row.path} was cut off, and {said}: left as it is."
        for row, said in zip(rows, words, strict=True)
    ]


def test_a_folder_that_is_at_neither_name_is_told(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    stage.lists(B, "Delta", "1", "3")
    run = cut_off(stage, "rename_folder", acted=True)
    (stage.shelf / "Delta").rename(stage.shelf / "Elsewhere")
    _told(stage, run, "rename_folder", "the folder is neither there nor at Playlists/Beta")


def test_a_folder_of_the_persons_that_got_the_inode_number_is_not_ours(stage: Stage) -> None:
    """They removed ours and made one of that name; undoing the run does not rename it."""
    shared(stage)
    stage.sync()
    stage.lists(B, "Delta", "1", "3")
    run = cut_off(stage, "rename_folder", acted=False)
    theirs = stage.shelf / "Delta"
    (stage.shelf / "Beta").rename(theirs)  # the same number, by other means
    for path in theirs.iterdir():
        path.rename(stage.home / path.name)
    (theirs / "mine.txt").write_text("mine")
    stage.recover()
    assert {row.state for row in steps_of(stage, run, "rename_folder")} == {"skipped"}
    with stage.open() as store, stage.files() as files:
        undo(run, stage.executor(files, store), files, store, Ticks())
    assert (theirs / "mine.txt").read_text() == "mine"


def test_a_moved_file_that_is_at_neither_name_is_told(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    moved = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.rename(stage.home / "taken by the user.flac")
    _told(stage, run, "move", f"the file is neither there nor at Playlists/Alpha/{SONG}")


def test_another_file_in_the_place_of_the_moved_one_is_not_it(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    moved = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.rename(stage.home / "taken by the user.flac")
    moved.write_bytes(b"the user's")
    _told(stage, run, "move", f"the file is neither there nor at Playlists/Alpha/{SONG}")


def test_a_file_of_the_persons_that_got_the_inode_number_is_left_to_the_next_scan(
    stage: Stage,
) -> None:
    shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    theirs = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    shutil.copy(theirs, stage.home / "taken by the user.flac")
    theirs.write_bytes(b"the user's")  # the same number, by other means
    stage.recover()
    assert {row.state for row in steps_of(stage, run, "move")} == {"skipped"}
    assert stage.ledger().files["1"].path == at(f"Alpha/{SONG}")
    assert theirs.read_bytes() == b"the user's"


def test_a_trashed_file_that_the_user_took_out_again_is_told(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    one_leaves_all(stage)
    run = cut_off(stage, "trash", acted=True)
    (trashed,) = (stage.root / ".strandline" / "trash").glob(f"*/Playlists/*/{SONG}")
    trashed.rename(stage.home / "taken out.flac")
    _told(stage, run, "trash", "the file is neither there nor in the trash")


def _one_link(stage: Stage, kind: Callable[[Policy], Policy] | None = None) -> tuple[Path, str]:
    """Where a link, hard link or copy stands whose making was cut off; and the run."""
    if kind:
        stage.policy = kind(stage.policy)
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    return stage.shelf / "Beta" / SONG, cut_off(stage, "link", acted=True)


def _rewritten(change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    """Another file is put there, with other bytes or the same."""

    def happens(path: Path) -> None:
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(change(data))

    return happens


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _symlink(target: str) -> Callable[[Path], object]:
    def happens(path: Path) -> None:
        path.unlink()
        path.symlink_to(target)

    return happens


def _primary_goes(path: Path) -> None:
    (path.parents[1] / "Alpha" / SONG).rename(path.parents[4] / "kept")


DOUBTFUL: dict[str, tuple[Callable[[Policy], Policy] | None, Callable[[Path], object], str]] = {
    "link: a file": (None, _rewritten(lambda _: b"the user's"), "file"),
    "link: a folder": (None, _folder, "folder"),
    "link: to elsewhere": (None, _symlink("../elsewhere.flac"), "link"),
    "hard link: another file of its bytes": (hardlinks, _rewritten(lambda data: data), "file"),
    "hard link: its primary is gone": (hardlinks, _primary_goes, "file"),
    "hard link: a symlink": (hardlinks, _symlink(f"../Alpha/{SONG}"), "link"),
    "copy: other bytes": (copies, _rewritten(lambda data: data[::-1]), "file"),
    "copy: longer": (copies, _rewritten(lambda data: data + b"more"), "file"),
    "copy: shorter": (copies, _rewritten(lambda data: data[:-1]), "file"),
    "copy: its primary is gone": (copies, _primary_goes, "file"),
    "copy: a symlink": (copies, _symlink(f"../Alpha/{SONG}"), "link"),
}


@pytest.mark.parametrize("case", DOUBTFUL)
def test_what_only_stands_where_our_link_or_copy_was_made_is_told_and_left(
    stage: Stage, case: str
) -> None:
    kind, happens, there = DOUBTFUL[case]
    path, run = _one_link(stage, kind)
    happens(path)
    _told(stage, run, "link", f"another {there} is there")


def test_a_link_to_audio_that_is_gone_is_not_made_after_all(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    run = cut_off(stage, "link", acted=False)
    (stage.shelf / "Alpha" / SONG).unlink()
    tree = stage.tree()
    stage.recover()
    assert stage.tree() == tree
    assert [row.state for row in steps_of(stage, run, "link")] == ["skipped"]


def test_a_link_that_was_gone_before_it_could_be_pointed_elsewhere_is_left_to_the_next_plan(
    stage: Stage,
) -> None:
    shared(stage)
    stage.sync()
    stage.lists(A, "Omega", "1", "2")
    run = cut_off(stage, "relink", acted=False)
    (stage.shelf / "Beta" / SONG).unlink()
    shown = [key_of(step) for step in stage.pending().actions]
    stage.recover()
    assert f"Beta/{SONG}" not in stage.tree()
    assert {row.state for row in steps_of(stage, run, "relink")} == {"skipped"}
    assert [key_of(step) for step in stage.pending().actions] == shown
    stage.sync()
    assert stage.tree()[f"Beta/{SONG}"] == f"link ../Omega/{SONG}"
    assert not stage.pending().actions


def test_a_folder_that_is_a_link_by_now_is_not_entered(stage: Stage) -> None:
    path, run = _one_link(stage)
    path.parent.rename(stage.home / "moved")
    path.parent.symlink_to(stage.home / "moved")
    stage.recover()
    (row,) = steps_of(stage, run, "link")
    assert row.state != "done"
    assert (stage.home / "moved" / SONG).is_symlink()


# ---------------------------------------------------------------- half way on old disks


def test_a_moved_file_under_both_names_keeps_the_new_one(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    (moved,) = (path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    old = stage.shelf / "Alpha" / SONG
    os.link(moved, old)
    stage.recover()
    assert not old.exists()
    assert moved.exists()
    assert [row.state for row in steps_of(stage, run, "move")] == ["done"]


def test_a_trashed_file_under_both_names_is_in_the_trash_alone(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    one_leaves_all(stage)
    run = cut_off(stage, "trash", acted=True)
    (trashed,) = (stage.root / ".strandline" / "trash").glob(f"*/Playlists/*/{SONG}")
    old = stage.shelf / "Alpha" / SONG
    os.link(trashed, old)
    stage.recover()
    assert not old.exists()
    (row,) = steps_of(stage, run, "trash")
    assert row.state == "done"
    assert row.trash_path
    assert (stage.root / ".strandline" / "trash" / row.trash_path).samefile(trashed)


@pytest.mark.parametrize("action", ["move", "trash"])
def test_another_file_under_the_old_name_is_the_users_and_stays(stage: Stage, action: str) -> None:
    shared(stage)
    stage.sync()
    if action == "move":
        stage.lists(A, "Alpha", "2")
    else:
        one_leaves_all(stage)
    run = cut_off(stage, action, acted=True)
    stage.put(f"Alpha/{SONG}", b"the user's")
    stage.recover()
    assert (stage.shelf / "Alpha" / SONG).read_bytes() == b"the user's"
    assert [row.state for row in steps_of(stage, run, action)] == ["done"]


def test_a_file_that_got_a_number_in_the_trash_is_found_there(stage: Stage) -> None:
    shared(stage)
    stage.sync()
    one_leaves_all(stage)
    run = cut_off(stage, "trash", acted=True)
    (trashed,) = (stage.root / ".strandline" / "trash").glob(f"*/Playlists/*/{SONG}")
    trashed.rename(trashed.with_name("Artist 1 - Title 1~2.flac"))
    trashed.write_bytes(b"was there before")
    (trashed.parent / "a third").write_bytes(b"of another step")
    stage.recover()
    (row,) = steps_of(stage, run, "trash")
    assert row.state == "done"
    assert row.trash_path == f"{run}/Playlists/Alpha/Artist 1 - Title 1~2.flac"


@pytest.mark.parametrize("change", ["another inode", "another size", "another time"])
def test_a_download_is_known_by_its_inode_size_and_time(stage: Stage, change: str) -> None:
    stage.lists(A, "Alpha", "1")
    run = cut_off(stage, "download", acted=True)
    song = stage.shelf / "Alpha" / SONG
    if change == "another size":
        song.write_bytes(song.read_bytes() + b"more")
    elif change == "another time":  # a tagger writes in the room that was left for tags
        os.utime(song, ns=(1, 1))
    else:
        data = song.read_bytes()
        song.rename(stage.home / "kept")  # so that its inode is not given out again
        song.write_bytes(data)
    stage.recover()
    assert [row.state for row in steps_of(stage, run, "download")] == ["skipped"]


def test_a_folder_that_is_there_is_made_whoever_made_it(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    run = cut_off(stage, "create_folder", acted=False)
    (stage.shelf / "Alpha").mkdir()
    stage.recover()
    assert [row.state for row in steps_of(stage, run, "create_folder")] == ["done"]
    assert stage.ledger().playlists[A].ino == seen(stage.shelf / "Alpha").ino


def test_a_file_in_the_place_of_a_folder_is_no_folder(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    run = cut_off(stage, "create_folder", acted=False)
    (stage.shelf / "Alpha").write_bytes(b"the user's")
    stage.recover()
    assert [row.state for row in steps_of(stage, run, "create_folder")] == ["skipped"]


def test_a_copy_whose_primary_cannot_be_read_is_told_and_left(stage: Stage) -> None:
    _, run = _one_link(stage, copies)
    primary = stage.shelf / "Alpha" / SONG
    primary.unlink()
    primary.mkdir()
    _told(stage, run, "link", f"{at(f'Alpha/{SONG}')}: cannot be read: Is a directory.")


# ---------------------------------------------------------------- back from the trash


@pytest.mark.parametrize("acted", [True, False])
def test_an_undo_that_was_killed_while_audio_came_back(stage: Stage, *, acted: bool) -> None:
    stage.lists(A, "Alpha", "1", "2")
    stage.sync()
    files_before, tree = stage.ledger().files, stage.tree()
    stage.lists(A, "Alpha", "2")
    run = stage.sync().run
    calls = Watched()
    with stage.open() as store, stage.files() as files:
        die_at(store, "restore", acted=acted)
        with pytest.raises(KilledError):
            undo(run, stage.executor(files, store), files, store, Ticks())
        (row,) = store.journal.open_intents()
    stage.calls = lambda: calls
    stage.recover()
    (row,) = steps_of(stage, row.run_id, "restore")
    assert row.state == ("done" if acted else "skipped")
    assert (stage.ledger().files == files_before) is acted
    assert (stage.tree() == tree) is acted
    folder = f"{stage.root}/.strandline/trash/{run}/Playlists/Alpha"
    assert (folder in calls.synced) is acted, "it left the trash for good"
