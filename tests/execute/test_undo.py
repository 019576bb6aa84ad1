"""What an undo brings back, what it leaves alone, and what it says of that."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from strandline.core.policy import Policy
from strandline.errors import DownloadError, Exit
from strandline.execute.result import Result
from strandline.execute.undo import reversal_of, undo
from tests.execute.things import A, B, C
from tests.stage import Stage, Ticks, audio, copies, hardlinks

SONG = "Artist 1 - Title 1.flac"
CANNOT = "cannot_undo"


def undone(stage: Stage, run: str) -> Result:
    with stage.open() as store, stage.files() as files:
        return undo(run, stage.executor(files, store), files, store, Ticks())


def status_of(stage: Stage, run: str) -> str:
    with stage.open() as store:
        row = store.journal.run(run)
        assert row
        return row.status


def _shared(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2")
    assert stage.sync().exit is Exit.DONE


def _retag(path: Path) -> None:
    tags = FLAC(path)
    tags["GENRE"] = "House"
    tags.save()
    later = path.stat().st_mtime + 3600
    os.utime(path, (later, later))


def _as(kind: Callable[[Policy], Policy], stage: Stage) -> None:
    stage.policy = kind(stage.policy)


# ---------------------------------------------------------------- brought back


def test_a_copy_that_followed_its_primary_is_the_old_one_again(stage: Stage) -> None:
    _as(copies, stage)
    _shared(stage)
    _retag(stage.shelf / "Alpha" / SONG)
    before = stage.tree()
    run = stage.sync()
    assert run.done == {"relink": 2}
    assert stage.tree() != before
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == before
    assert status_of(stage, run.run) == "undone"


def test_an_undo_that_was_cut_off_after_a_copy_went_brings_the_old_one_back(stage: Stage) -> None:
    _as(copies, stage)
    _shared(stage)
    _retag(stage.shelf / "Alpha" / SONG)
    before = stage.tree()
    run = stage.sync()
    (stage.shelf / "Gamma" / SONG).unlink()
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == before


def test_an_undo_that_was_cut_off_after_a_link_went_makes_the_old_one(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2")
    stage.sync()
    before = stage.tree()
    stage.lists(A, "Alpha", "2")
    run = stage.sync()
    (stage.shelf / "Gamma" / SONG).unlink()
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == before


def test_an_old_copy_that_is_no_longer_in_the_trash_cannot_come_back(stage: Stage) -> None:
    _as(copies, stage)
    _shared(stage)
    _retag(stage.shelf / "Alpha" / SONG)
    run = stage.sync()
    after = stage.tree()
    with stage.files() as files:
        files.empty_trash(run.run)
    result = undone(stage, run.run)
    assert {item.error for item in result.failed} == {"it is no longer in the trash"}
    assert stage.tree() == after


@pytest.mark.parametrize("kind", [copies, hardlinks])
def test_symlinks_that_became_copies_or_hard_links_are_symlinks_again(
    stage: Stage, kind: Callable[[Policy], Policy]
) -> None:
    _shared(stage)
    before = stage.tree()
    _as(kind, stage)
    run = stage.sync()
    assert run.done == {"relink": 3}
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == before


def test_a_first_run_undone_leaves_nothing_but_the_trash(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3")
    run = stage.sync()
    heard = stage.contents()
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == {}
    assert stage.contents() == heard
    ledger = stage.ledger()
    assert (ledger.playlists, ledger.entries, ledger.files) == ({}, {}, {})


def test_an_undo_can_be_undone(stage: Stage) -> None:
    _shared(stage)
    stage.lists(A, "Alpha", "2").drops(C)
    run = stage.sync()
    after = stage.tree()
    with stage.open() as store:
        row = store.journal.run(undone(stage, run.run).run)
    assert row
    assert (row.command, row.undoes) == ("undo", run.run)
    assert undone(stage, row.id).exit is Exit.DONE
    assert stage.tree() == after


def test_a_primary_that_came_back_is_the_tracks_file_again(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    stage.sync()
    before = stage.ledger()
    stage.lists(A, "Alpha")
    undone(stage, stage.sync().run)
    ledger = stage.ledger()
    assert ledger.files == before.files
    assert {e.path for e in ledger.entries.values()} == {e.path for e in before.entries.values()}


def test_what_failed_in_the_run_is_not_undone_but_the_rest_is(stage: Stage) -> None:
    def deliver(track: str) -> bytes:
        if track == "2":
            raise DownloadError("TIDAL does not offer track 2.", code="unavailable")
        return audio(track)

    stage.source.deliver = deliver
    stage.lists(A, "Alpha", "1", "2", "3")
    run = stage.sync()
    assert run.exit is Exit.SOME_FAILED
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == {}


def test_asking_what_an_undo_would_do_changes_nothing(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    run, tree = stage.sync(), stage.tree()
    with stage.open() as store, stage.files() as files:
        reversal = reversal_of(run.run, files, store)
    assert [action.name for action in reversal.actions] == ["trash", "remove_folder"]
    assert stage.tree() == tree


# ---------------------------------------------------------------- left alone


def _touch(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"tagged by the user")


def _replace(path: Path) -> None:
    path.rename(path.parents[4] / "kept")  # so that its inode is not given out again
    path.write_bytes(b"the user's")


def _point_elsewhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("../Alpha/elsewhere.flac")


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("path", "change", "action", "words"),
    [
        (f"Alpha/{SONG}", _touch, "download", "the file was written to since"),
        (f"Alpha/{SONG}", _replace, "download", "something else is there now"),
        (f"Alpha/{SONG}", _remove, "download", "it is gone"),
        (f"Beta/{SONG}", _point_elsewhere, "link", "something else is there now"),
        (f"Beta/{SONG}", _remove, "link", "it is gone"),
        (f"Beta/{SONG}", _replace, "link", "something else is there now"),
    ],
)
def test_what_the_user_changed_since_is_left_and_named(
    stage: Stage, path: str, change: Callable[[Path], None], action: str, words: str
) -> None:
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    run = stage.sync()
    change(stage.shelf / path)
    left = stage.tree().get(path)
    result = undone(stage, run.run)
    assert result.exit is Exit.SOME_FAILED
    (item,) = result.failed
    assert (item.action, item.path, item.code) == (action, f"Playlists/{path}", CANNOT)
    assert item.error == words
    assert stage.tree().get(path) == left
    assert status_of(stage, run.run) == "done", "so it can be tried again"


def _links_anew(stage: Stage) -> tuple[str, str]:
    """What is wanted makes a link anew: the action and the place."""
    _shared(stage)
    stage.lists(A, "Alpha", "2")
    return "relink", f"Gamma/{SONG}"


def _copies(stage: Stage) -> tuple[str, str]:
    """What is wanted makes a copy: the action and the place."""
    _as(copies, stage)
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    return "link", f"Beta/{SONG}"


@pytest.mark.parametrize("wants", [_links_anew, _copies])
def test_a_link_of_the_users_where_ours_or_a_copy_was_made_is_left(
    stage: Stage, wants: Callable[[Stage], tuple[str, str]]
) -> None:
    action, path = wants(stage)
    run = stage.sync()
    assert run.done[action] == 1
    _point_elsewhere(stage.shelf / path)
    result = undone(stage, run.run)
    assert [(item.action, item.code) for item in result.failed] == [(action, CANNOT)]
    assert stage.tree()[path] == "link ../Alpha/elsewhere.flac"


def test_a_copy_that_differs_from_the_primary_by_now_stays(stage: Stage) -> None:
    _, path = _copies(stage)
    run = stage.sync()
    _touch(stage.shelf / path)
    result = undone(stage, run.run)
    assert [item.code for item in result.skipped] == ["differs", "dependency"]
    assert path in stage.tree()
    assert status_of(stage, run.run) == "done"


def test_audio_that_is_no_longer_in_the_trash_is_named(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1", "2")
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = stage.sync()
    with stage.files() as files:
        files.empty_trash(run.run)
    result = undone(stage, run.run)
    assert [(item.action, item.error) for item in result.failed] == [
        ("trash", "it is no longer in the trash")
    ]


def test_a_moved_file_that_the_user_replaced_is_left(stage: Stage) -> None:
    _shared(stage)
    stage.lists(A, "Alpha", "2")
    run = stage.sync()
    (moved,) = (path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    _replace(moved)
    result = undone(stage, run.run)
    assert "move" in {item.action for item in result.failed}
    assert moved.read_bytes() == b"the user's"


def test_another_file_under_the_number_of_a_moved_one_is_left(stage: Stage) -> None:
    """Written in place, as one that was made once ours was removed may get its number."""
    _shared(stage)
    stage.lists(A, "Alpha", "2")
    run = stage.sync()
    (moved,) = (path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.write_bytes(b"the user's own")
    result = undone(stage, run.run)
    assert ("move", "the file was written to since") in {
        (item.action, item.error) for item in result.failed
    }
    assert moved.read_bytes() == b"the user's own"


def test_a_folder_of_the_users_under_the_number_of_a_renamed_one_keeps_its_name(
    stage: Stage,
) -> None:
    stage.lists(A, "Alpha", "1")
    stage.sync()
    stage.lists(A, "Omega", "1")
    run = stage.sync()
    (stage.shelf / "Omega" / SONG).unlink()
    (stage.shelf / "Omega" / "mine.flac").write_bytes(b"the user's")
    result = undone(stage, run.run)
    assert [(item.action, item.error) for item in result.failed] == [
        ("rename_folder", "a folder of yours is there now")
    ]
    assert "Omega/mine.flac" in stage.tree()


def test_a_folder_in_which_the_user_renamed_everything_gets_its_old_name(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    stage.sync()
    stage.lists(A, "Omega", "1")
    run = stage.sync()
    (stage.shelf / "Omega" / SONG).rename(stage.shelf / "Omega" / "my name.flac")
    assert undone(stage, run.run).exit is Exit.DONE
    assert "Alpha/my name.flac" in stage.tree()


@pytest.mark.parametrize("change", ["gone", "a file"])
def test_a_folder_that_is_no_longer_one_needs_no_removing(stage: Stage, change: str) -> None:
    stage.lists(A, "Alpha")
    run = stage.sync()
    (stage.shelf / "Alpha").rmdir()
    if change == "a file":
        (stage.shelf / "Alpha").write_bytes(b"the user's")
    tree = stage.tree()
    assert undone(stage, run.run).exit is Exit.DONE
    assert stage.tree() == tree


def test_a_folder_the_user_renamed_since_is_left(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1")
    stage.sync()
    stage.lists(A, "Omega", "1")
    run = stage.sync()
    (stage.shelf / "Omega").rename(stage.shelf / "Mine")
    result = undone(stage, run.run)
    assert [(item.action, item.error) for item in result.failed] == [
        ("rename_folder", "it was renamed again since, and is Playlists/Mine now")
    ]
    assert f"Mine/{SONG}" in stage.tree()


@pytest.mark.parametrize("target", ["/somewhere/else.flac", "../../../outside.flac"])
def test_a_link_that_led_out_of_the_library_is_not_made_again(stage: Stage, target: str) -> None:
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    stage.sync()
    link = stage.shelf / "Beta" / SONG
    link.unlink()
    link.symlink_to(target)
    run = stage.sync()
    assert run.done == {"relink": 1}
    result = undone(stage, run.run)
    assert [item.error for item in result.failed] == ["the link led out of the library"]
    assert stage.tree()[f"Beta/{SONG}"] == f"link ../Alpha/{SONG}"


# ---------------------------------------------------------------- not undone yet


@pytest.mark.parametrize("with_copy", [False, True], ids=["fetched", "moved there"])
def test_what_took_a_damaged_files_place_goes_and_the_damaged_file_stands_there_again(
    stage: Stage, with_copy: bool
) -> None:
    _shared(stage)
    path = stage.shelf / "Alpha" / SONG
    whole = path.read_bytes()
    if with_copy:
        (mine := stage.shelf / "Mine").mkdir()
        (mine / "copy.flac").write_bytes(whole)
    path.unlink()
    path.write_bytes(whole[: len(whole) // 2])
    before = {where: said for where, said in stage.tree().items() if where.startswith("mp3")}
    repaired = stage.sync()
    assert repaired.exit is Exit.DONE
    assert path.read_bytes() == whole

    assert undone(stage, repaired.run).exit is Exit.DONE

    after = {where: said for where, said in stage.tree().items() if where.startswith("mp3")}
    assert after == before
    if not with_copy:
        assert "damaged_on_disk" in {action.because.value for action in stage.pending().actions}
