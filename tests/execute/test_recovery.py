"""After a kill, the disk says what became of each step that was begun."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.errors import Exit
from strandline.execute.recovery import recover
from strandline.library.files import Syscalls
from tests.execute.things import A, B, C, cut_off, seen, steps_of
from tests.stage import START, Stage, copies, hardlinks


def _shared(stage: Stage) -> None:
    """Track 1 is primary in Alpha and linked from the two others."""
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2")


def _with(kind: Callable[..., object]) -> Callable[[Stage], None]:
    def before(stage: Stage) -> None:
        stage.policy = kind(stage.policy)  # type: ignore[assignment]
        _shared(stage)

    return before


def _nothing(stage: Stage) -> None:
    pass


def _symlinks_again(stage: Stage) -> None:
    stage.policy = Stage(stage.home).policy


def _only_three_listed(stage: Stage) -> None:
    stage.lists(A, "Alpha", "2").lists(B, "Beta", "3").lists(C, "Gamma", "2")


Change = Callable[[Stage], object]
CUTS: dict[str, tuple[str, Change, Change]] = {
    "making a folder": ("create_folder", _nothing, _shared),
    "giving a download its name": ("download", _nothing, _shared),
    "making a link": ("link", _nothing, _shared),
    "making a hard link": ("link", _nothing, _with(hardlinks)),
    "making a copy": ("link", _nothing, _with(copies)),
    "moving a primary": ("move", _shared, lambda stage: stage.lists(A, "Alpha", "2")),
    "pointing a link elsewhere": ("relink", _shared, lambda s: s.lists(A, "Omega", "1", "2")),
    "links in the place of copies": ("trash", _with(copies), _symlinks_again),
    "removing a link": ("unlink", _shared, lambda stage: stage.lists(B, "Beta", "3")),
    "taking audio away": ("trash", _shared, _only_three_listed),
    "renaming a folder": ("rename_folder", _shared, lambda s: s.lists(B, "Delta", "1", "3")),
    "removing a folder": ("remove_folder", _shared, lambda stage: stage.drops(C)),
}  # fmt: skip


@pytest.fixture(params=CUTS)
def cut(request: pytest.FixtureRequest, stage: Stage) -> tuple[Stage, str, Change]:
    action, before, change = CUTS[request.param]
    before(stage)
    assert stage.sync().exit is Exit.DONE
    change(stage)
    return stage, action, change


def _end_of(stage: Stage, home: Path) -> dict[str, str]:
    """The tree of a run that nobody killed."""
    other = stage.clone(home)
    other.policy = stage.policy
    assert other.sync().exit is Exit.DONE
    return other.tree()


def test_what_was_done_before_the_kill_counts_as_done(
    cut: tuple[Stage, str, Change], tmp_path: Path
) -> None:
    stage, action, _ = cut
    end = _end_of(stage, tmp_path / "uncut")
    run = cut_off(stage, action, acted=True)
    tree = stage.tree()
    lines = stage.recover()
    assert stage.tree() == tree
    assert len(lines) == 1
    assert "was cut off; what it had done is kept" in lines[0]
    rows = steps_of(stage, run, action)
    assert {row.state for row in rows} == {"done"}
    assert not {row.path for row in rows} & {to_do.path for to_do in stage.pending().actions}
    assert stage.sync().exit is Exit.DONE
    assert stage.tree() == end
    assert not stage.pending().actions


def test_what_was_not_begun_is_dropped_and_planned_anew(
    cut: tuple[Stage, str, Change], tmp_path: Path
) -> None:
    stage, action, _ = cut
    end = _end_of(stage, tmp_path / "uncut")
    run = cut_off(stage, action, acted=False)
    tree = stage.tree()
    stage.recover()
    after = {row.state for row in steps_of(stage, run, action)}
    if action == "link" and stage.tree() != tree:
        assert after == {"done"}, "what gave way to a link took its name along: it is made at once"
    else:
        assert after == {"skipped"}
        assert stage.tree() == tree
        words = {row.error for row in steps_of(stage, run, action)}
        assert words == {"the run was cut off before this step"}
    assert stage.sync().exit is Exit.DONE
    assert stage.tree() == end


def test_settling_once_more_changes_nothing(cut: tuple[Stage, str, Change]) -> None:
    stage, action, _ = cut
    cut_off(stage, action, acted=True)
    stage.recover()
    tree, ledger = stage.tree(), stage.ledger()
    assert stage.recover() == []
    assert (stage.tree(), stage.ledger()) == (tree, ledger)


# ---------------------------------------------------------------- what recovery makes durable


class Watched(Syscalls):
    """Notes which folders were synced to the medium."""

    def __init__(self) -> None:
        self.synced: list[str] = []

    def fsync_folder(self, fd: int) -> None:
        self.synced.append(os.readlink(f"/proc/self/fd/{fd}"))
        super().fsync_folder(fd)


@pytest.mark.parametrize(
    ("name", "folders"),
    [
        ("moving a primary", ["mp3/Playlists/Alpha", "mp3/Playlists/Beta"]),
        ("making a link", ["mp3/Playlists/Beta", "mp3/Playlists/Gamma"]),
        ("renaming a folder", ["mp3/Playlists"]),
        ("taking audio away", ["mp3/Playlists/Alpha", ".strandline/trash"]),
    ],
)
def test_what_the_killed_run_did_is_durable_before_the_journal_says_done(
    stage: Stage, name: str, folders: list[str]
) -> None:
    action, before, change = CUTS[name]
    before(stage)
    stage.sync()
    change(stage)
    cut_off(stage, action, acted=True)
    calls = Watched()
    stage.calls = lambda: calls
    with stage.open() as store, stage.files() as files:
        done = store.journal.done

        def noted(*rows: object) -> None:
            calls.synced.append("done")
            done(*rows)  # type: ignore[arg-type]

        store.journal.done = noted  # type: ignore[method-assign]
        recover(files, store, START)
    before_done = calls.synced[: calls.synced.index("done")]
    assert {str(stage.root / folder) for folder in folders} <= set(before_done)


# ---------------------------------------------------------------- the run itself


def test_a_run_that_was_cut_off_is_interrupted_and_ended(stage: Stage) -> None:
    _shared(stage)
    run = cut_off(stage, "download", acted=True)
    stage.recover()
    with stage.open() as store:
        (run,) = store.journal.history(1)
        assert not store.journal.open_runs()
    assert run.status == "interrupted"
    assert run.finished_at is not None
    assert run.done == 4  # three folders and a track


def test_no_track_stays_in_the_act_of_downloading_and_no_temp_is_left(stage: Stage) -> None:
    _shared(stage)
    cut_off(stage, "download", acted=False)
    temps = stage.root / ".strandline" / "tmp"
    (temps / "part-0123").write_bytes(b"half a track")
    with stage.open() as store:
        query = "UPDATE tracks SET download_status = 'downloading' WHERE tidal_id = '2'"
        store._connection.execute(query)
    stage.recover()
    assert not list(temps.iterdir())
    with stage.open() as store:
        query = "SELECT count(*) FROM tracks WHERE download_status = 'downloading'"
        assert store._connection.execute(query).fetchone() == (0,)


def test_nothing_is_told_after_a_run_that_came_to_its_end(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    assert stage.recover() == []


# ---------------------------------------------------------------- neither the old nor the new state

SONG = "Artist 1 - Title 1.flac"


def _told(stage: Stage, run: str, action: str, words: str) -> None:
    """Recovery leaves the disk alone, tells of it, and the journal keeps it as failed."""
    tree = stage.tree()
    lines = stage.recover()
    assert stage.tree() == tree
    assert any(line.startswith(f"{action} ") and words in line for line in lines), lines
    errors = [row.error for row in steps_of(stage, run, action) if row.state == "failed"]
    assert errors
    assert all(error and error.startswith("cut off: ") and words in error for error in errors)


def test_a_folder_that_is_at_neither_name_is_told(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(B, "Delta", "1", "3")
    run = cut_off(stage, "rename_folder", acted=True)
    (stage.shelf / "Delta").rename(stage.shelf / "Elsewhere")
    _told(stage, run, "rename_folder", "neither there nor at Playlists/Beta")


def test_a_moved_file_that_is_at_neither_name_is_told(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    moved = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.rename(stage.home / "taken by the user.flac")
    _told(stage, run, "move", f"neither there nor at Playlists/Alpha/{SONG}")


def test_another_file_in_the_place_of_the_moved_one_is_not_it(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    moved = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.rename(stage.home / "taken by the user.flac")
    moved.write_bytes(b"the user's")
    _told(stage, run, "move", "neither there nor at")


def test_a_trashed_file_that_the_user_took_out_again_is_told(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    _only_three_listed(stage)
    run = cut_off(stage, "trash", acted=True)
    (trashed,) = (stage.root / ".strandline" / "trash").glob(f"*/Playlists/*/{SONG}")
    trashed.rename(stage.home / "taken out.flac")
    _told(stage, run, "trash", "neither there nor in the trash")


def test_a_file_in_the_place_of_a_link_is_told_and_left(stage: Stage) -> None:
    _shared(stage)
    cut_off(stage, "link", acted=True)
    for path in (stage.shelf / "Beta" / SONG, stage.shelf / "Gamma" / SONG):
        path.unlink()
        path.write_bytes(b"the user's")
    (stage.shelf / "Gamma" / "Artist 2 - Title 2.flac").unlink()
    (stage.shelf / "Gamma" / "Artist 2 - Title 2.flac").mkdir()
    tree = stage.tree()
    lines = stage.recover()
    assert stage.tree() == tree
    assert sorted("file" if "another file" in line else "folder" for line in lines[:3]) == [
        "file", "file", "folder",
    ]  # fmt: skip


def test_a_link_that_leads_elsewhere_is_told_and_left(stage: Stage) -> None:
    _shared(stage)
    run = cut_off(stage, "link", acted=True)
    for path in stage.shelf.glob("*/*"):
        if path.is_symlink():
            path.unlink()
            path.symlink_to("../elsewhere.flac")
    _told(stage, run, "link", "another link stands there")


@pytest.mark.parametrize("kind", [copies, hardlinks])
def test_what_only_looks_like_the_copy_or_hard_link_is_told_and_left(
    stage: Stage, kind: Callable[..., object]
) -> None:
    _with(kind)(stage)
    run = cut_off(stage, "link", acted=True)
    for name in ("Beta", "Gamma"):
        path = stage.shelf / name / SONG
        data = path.read_bytes()
        path.unlink()
        path.write_bytes(data if kind is hardlinks else data[::-1])
    (stage.shelf / "Gamma" / "Artist 2 - Title 2.flac").unlink()
    (stage.shelf / "Gamma" / "Artist 2 - Title 2.flac").write_bytes(b"short")
    _told(stage, run, "link", "another file stands there")


def test_a_copy_whose_primary_is_gone_is_told_and_left(stage: Stage) -> None:
    _with(copies)(stage)
    run = cut_off(stage, "link", acted=True)
    for path in (stage.shelf / "Alpha").iterdir():
        path.unlink()
    _told(stage, run, "link", "another file stands there")


def test_a_link_to_audio_that_is_gone_is_not_made_after_all(stage: Stage) -> None:
    _shared(stage)
    run = cut_off(stage, "link", acted=False)
    for path in (stage.shelf / "Alpha").iterdir():
        path.unlink()
    tree = stage.tree()
    stage.recover()
    assert stage.tree() == tree
    assert {row.state for row in steps_of(stage, run, "link")} == {"skipped"}


@pytest.mark.parametrize("change", ["another inode", "another size"])
def test_a_download_is_known_by_its_inode_and_size(stage: Stage, change: str) -> None:
    stage.lists(A, "Alpha", "1")
    run = cut_off(stage, "download", acted=True)
    song = stage.shelf / "Alpha" / SONG
    if change == "another size":
        song.write_bytes(song.read_bytes() + b"more")
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
