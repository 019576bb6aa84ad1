"""After a kill, the disk says what became of each step that was begun."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from strandline.core.ledger_facts import EntryGone
from strandline.core.plan_json import key_of
from strandline.core.policy import Policy
from strandline.errors import Exit
from strandline.execute.recovery import recover
from tests.execute.things import (
    ONE,
    A,
    B,
    C,
    Watched,
    cut_off,
    one_leaves_all,
    shared,
    steps_of,
)
from tests.stage import START, Stage, copies, hardlinks


def _with(kind: Callable[[Policy], Policy]) -> Callable[[Stage], None]:
    def before(stage: Stage) -> None:
        stage.policy = kind(stage.policy)
        shared(stage)

    return before


def _nothing(stage: Stage) -> None:
    pass


def _symlinks_again(stage: Stage) -> None:
    stage.policy = Stage(stage.home).policy


Change = Callable[[Stage], object]
CUTS: dict[str, tuple[str, Change, Change]] = {
    "making a folder": ("create_folder", _nothing, shared),
    "giving a download its name": ("download", _nothing, shared),
    "making a link": ("link", _nothing, shared),
    "making a hard link": ("link", _nothing, _with(hardlinks)),
    "making a copy": ("link", _nothing, _with(copies)),
    "moving a primary": ("move", shared, lambda stage: stage.lists(A, "Alpha", "2")),
    "pointing a link elsewhere": ("relink", shared, lambda s: s.lists(A, "Omega", "1", "2")),
    "links in the place of copies": ("trash", _with(copies), _symlinks_again),
    "removing a link": ("unlink", shared, lambda stage: stage.lists(B, "Beta", "3")),
    "taking audio away": ("trash", shared, one_leaves_all),
    "renaming a folder": ("rename_folder", shared, lambda s: s.lists(B, "Delta", "1", "3")),
    "removing a folder": ("remove_folder", shared, lambda stage: stage.drops(C)),
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
    shown = [key_of(step) for step in stage.pending().actions]
    stage.recover()
    after = {(row.state, row.error) for row in steps_of(stage, run, action)}
    assert after == {("skipped", "the run was cut off before this step")}
    assert stage.tree() == tree
    assert [key_of(step) for step in stage.pending().actions] == shown
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
    shared(stage)
    run = cut_off(stage, "download", acted=True)
    stage.recover()
    with stage.open() as store:
        (run,) = store.journal.history(1)
        assert not store.journal.open_runs()
    assert run.status == "interrupted"
    assert run.finished_at is not None
    assert run.done == 4  # three folders and a track


def test_no_track_stays_in_the_act_of_downloading_and_no_temp_is_left(stage: Stage) -> None:
    shared(stage)
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
    shared(stage)
    stage.sync()
    assert stage.recover() == []


def test_a_link_in_a_folder_that_was_renamed_after_the_kill_is_not_taken_for_gone(
    stage: Stage,
) -> None:
    shared(stage)
    stage.sync()
    stage.lists(B, "Beta", "3")
    cut_off(stage, "unlink", acted=False)
    (stage.shelf / "Beta").rename(stage.shelf / "Mine")
    stage.recover()
    assert (B, ONE) in stage.ledger().entries
    stage.sync()
    assert (B, ONE) not in stage.ledger().entries
    assert sorted(path.name for path in (stage.shelf / "Beta").iterdir()) == [
        "Artist 3 - Title 3.flac"
    ]


def test_where_a_copy_lies_that_gave_way_before_the_kill_is_known(stage: Stage) -> None:
    _with(copies)(stage)
    assert stage.sync().exit is Exit.DONE
    primary = stage.shelf / "Alpha" / "Artist 1 - Title 1.flac"
    tags = FLAC(primary)
    tags["GENRE"] = "House"
    tags.save()
    os.utime(primary, (primary.stat().st_mtime + 3600,) * 2)
    run = cut_off(stage, "relink", acted=True)
    stage.recover()
    rows = steps_of(stage, run, "relink")
    assert rows
    trash = stage.root / ".strandline" / "trash"
    assert all(row.trash_path and (trash / row.trash_path).is_file() for row in rows)


def test_a_link_renamed_after_the_kill_goes_though_its_entry_is_forgotten(stage: Stage) -> None:
    """It is known by what the journal has of its making; the person's copy of it is theirs."""
    shared(stage)
    stage.sync()
    stage.lists(B, "Beta", "3")
    cut_off(stage, "unlink", acted=False)
    beta = stage.shelf / "Beta"
    link = beta / "Artist 1 - Title 1.flac"
    (beta / "mine.flac").symlink_to(link.readlink())
    link.rename(beta / "odd.flac")
    stage.recover()
    assert (B, ONE) not in stage.ledger().entries
    stage.sync()
    assert sorted(path.name for path in beta.iterdir()) == ["Artist 3 - Title 3.flac", "mine.flac"]
    assert stage.pending().actions == ()


def test_a_link_made_before_the_kill_is_known_as_one_of_a_whole_run(stage: Stage) -> None:
    shared(stage)
    cut_off(stage, "link", acted=True)
    stage.recover()
    with stage.open() as store:
        made = store.links_made({"../Alpha/Artist 1 - Title 1.flac"})
    stamps = {row.path: row.stamp for row in made}
    assert len(stamps) == 2
    for path, stamp in stamps.items():
        at = (stage.root / "mp3" / path).lstat()
        assert stamp == (at.st_ino, at.st_size, at.st_mtime_ns)


def test_a_link_of_the_person_with_the_number_of_one_that_is_gone_is_theirs(stage: Stage) -> None:
    """A file system gives the number of what is gone to what comes next."""
    shared(stage)
    stage.sync()
    link = stage.shelf / "Beta" / "Artist 1 - Title 1.flac"
    os.utime(link, ns=(0, 1), follow_symlinks=False)
    stage.lists(B, "Beta", "3")
    with stage.open() as store:
        stage.snapshot(store)
        store.apply([EntryGone(B, ONE)], START)
    link.rename(link.with_name("mine.flac"))
    assert stage.pending().actions == ()
