"""After a kill, the disk says what became of each step that was begun."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strandline.errors import Exit
from strandline.execute.recovery import recover
from strandline.library.files import Syscalls
from tests.execute.things import A, B, C, at, cut_off, seen, steps_of
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
    after = {(row.state, row.error) for row in steps_of(stage, run, action)}
    if action == "link":  # what gave way to it may have taken its name along: it is made at once
        assert after == {("done", None)}
    else:
        assert after == {("skipped", "the run was cut off before this step")}
        assert stage.tree() == tree
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


def _told(stage: Stage, run: str, action: str, *words: str) -> None:
    """Recovery leaves the disk alone, tells of each step, and the journal keeps it as failed."""
    tree = stage.tree()
    lines = stage.recover()
    assert stage.tree() == tree
    rows = steps_of(stage, run, action)
    assert [(row.state, row.error) for row in rows] == [
        ("failed", f"cut off: {said}") for said in words
    ]
    assert lines[:-1] == [
        f"{action} {row.path} was cut off, and {said}: left as it is."
        for row, said in zip(rows, words, strict=True)
    ]


def test_a_folder_that_is_at_neither_name_is_told(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(B, "Delta", "1", "3")
    run = cut_off(stage, "rename_folder", acted=True)
    (stage.shelf / "Delta").rename(stage.shelf / "Elsewhere")
    _told(stage, run, "rename_folder", "the folder is neither there nor at Playlists/Beta")


def test_a_moved_file_that_is_at_neither_name_is_told(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    moved = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.rename(stage.home / "taken by the user.flac")
    _told(stage, run, "move", f"the file is neither there nor at Playlists/Alpha/{SONG}")


def test_another_file_in_the_place_of_the_moved_one_is_not_it(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(A, "Alpha", "2")
    run = cut_off(stage, "move", acted=True)
    moved = next(path for path in stage.shelf.glob(f"*/{SONG}") if not path.is_symlink())
    moved.rename(stage.home / "taken by the user.flac")
    moved.write_bytes(b"the user's")
    _told(stage, run, "move", f"the file is neither there nor at Playlists/Alpha/{SONG}")


def test_a_trashed_file_that_the_user_took_out_again_is_told(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    _only_three_listed(stage)
    run = cut_off(stage, "trash", acted=True)
    (trashed,) = (stage.root / ".strandline" / "trash").glob(f"*/Playlists/*/{SONG}")
    trashed.rename(stage.home / "taken out.flac")
    _told(stage, run, "trash", "the file is neither there nor in the trash")


def _one_link(stage: Stage, kind: Callable[..., object] | None = None) -> tuple[Path, str]:
    """Where a link, hard link or copy stands whose making was cut off; and the run."""
    if kind:
        stage.policy = kind(stage.policy)  # type: ignore[assignment]
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    return stage.shelf / "Beta" / SONG, cut_off(stage, "link", acted=True)


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_something_else_in_the_place_of_a_link_is_told_and_left(stage: Stage, there: str) -> None:
    path, run = _one_link(stage)
    path.unlink()
    if there == "file":
        path.write_bytes(b"the user's")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to("../elsewhere.flac")
    _told(stage, run, "link", f"another {there} stands there")


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (hardlinks, lambda data: data),  # another file, though of the same bytes
        (copies, lambda data: data[::-1]),
        (copies, lambda data: data + b"more"),
        (copies, lambda data: data[:-1]),
    ],
)
def test_what_only_looks_like_the_hard_link_or_copy_is_told_and_left(
    stage: Stage, kind: Callable[..., object], change: Callable[[bytes], bytes]
) -> None:
    path, run = _one_link(stage, kind)
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(change(data))
    _told(stage, run, "link", "another file stands there")


@pytest.mark.parametrize("kind", [hardlinks, copies])
def test_a_hard_link_or_copy_whose_primary_is_gone_is_told_and_left(
    stage: Stage, kind: Callable[..., object]
) -> None:
    _, run = _one_link(stage, kind)
    (stage.shelf / "Alpha" / SONG).rename(stage.home / "kept")
    _told(stage, run, "link", "another file stands there")


@pytest.mark.parametrize("kind", [hardlinks, copies])
def test_a_symlink_in_the_place_of_a_hard_link_or_copy_is_told_and_left(
    stage: Stage, kind: Callable[..., object]
) -> None:
    path, run = _one_link(stage, kind)
    path.unlink()
    path.symlink_to(f"../Alpha/{SONG}")
    _told(stage, run, "link", "another link stands there")


def test_a_link_to_audio_that_is_gone_is_not_made_after_all(stage: Stage) -> None:
    stage.lists(A, "Alpha", "1").lists(B, "Beta", "1")
    run = cut_off(stage, "link", acted=False)
    (stage.shelf / "Alpha" / SONG).unlink()
    tree = stage.tree()
    stage.recover()
    assert stage.tree() == tree
    assert [row.state for row in steps_of(stage, run, "link")] == ["skipped"]


def test_a_link_that_was_gone_before_it_could_be_pointed_elsewhere_is_made(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    stage.lists(A, "Omega", "1", "2")
    run = cut_off(stage, "relink", acted=False)
    (stage.shelf / "Beta" / SONG).unlink()
    stage.recover()
    assert stage.tree()[f"Beta/{SONG}"] == f"link ../Omega/{SONG}"
    states = {row.path: row.state for row in steps_of(stage, run, "relink")}
    assert states.pop(at(f"Beta/{SONG}")) == "done"
    assert set(states.values()) == {"skipped"}


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
    _shared(stage)
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
    _shared(stage)
    stage.sync()
    _only_three_listed(stage)
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
    _shared(stage)
    stage.sync()
    if action == "move":
        stage.lists(A, "Alpha", "2")
    else:
        _only_three_listed(stage)
    run = cut_off(stage, action, acted=True)
    stage.put(f"Alpha/{SONG}", b"the user's")
    stage.recover()
    assert (stage.shelf / "Alpha" / SONG).read_bytes() == b"the user's"
    assert [row.state for row in steps_of(stage, run, action)] == ["done"]


def test_a_file_that_got_a_number_in_the_trash_is_found_there(stage: Stage) -> None:
    _shared(stage)
    stage.sync()
    _only_three_listed(stage)
    run = cut_off(stage, "trash", acted=True)
    (trashed,) = (stage.root / ".strandline" / "trash").glob(f"*/Playlists/*/{SONG}")
    trashed.rename(trashed.with_name("Artist 1 - Title 1~2.flac"))
    trashed.write_bytes(b"was there before")
    (trashed.parent / "a third").write_bytes(b"of another step")
    stage.recover()
    (row,) = steps_of(stage, run, "trash")
    assert row.state == "done"
    assert row.trash_path == f"{run}/Playlists/Alpha/Artist 1 - Title 1~2.flac"


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
