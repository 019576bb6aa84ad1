"""Undo, restore and recovery long after the run: whatever they may name is still known."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from strandline.app.doctor import Health, examine
from strandline.app.trash import restore
from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.demo.model import Track
from strandline.errors import Exit
from tests.scenarios.home import Home


@pytest.fixture
def x(home: Home) -> Track:
    return home.account.track("x", "Ana")


@pytest.fixture
def y(home: Home) -> Track:
    return home.account.track("y", "Ana")


def run_of(done: object) -> str:
    result = getattr(done, "result", None)
    assert result is not None
    return str(result.run)


def nights(home: Home, number: int = 2) -> None:
    for _ in range(number):
        home.sync()


def told_by_doctor(home: Home) -> list[tuple[Health, str]]:
    """What is said of the journal, after the line on the database itself."""
    parts = examine(home.config, offline=True)
    return [(part.health, part.message) for part in parts if part.name == "database"][1:]


@pytest.fixture
def deleted(home: Home, x: Track, y: Track) -> tuple[Home, str]:
    """Classics is deleted in TIDAL, its files went to the trash, and two nights have passed."""
    classics = home.account.playlist("Classics", [x, y])
    home.account.playlist("Others", [home.account.track("z", "Ana")])
    home.sync()
    home.account.delete(classics)
    run = run_of(home.sync())
    nights(home)
    return home, run


CLASSICS = ["Classics/Ana - x.flac", "Classics/Ana - y.flac"]


def test_files_of_a_playlist_deleted_nights_ago_come_back_from_the_trash(
    deleted: tuple[Home, str],
) -> None:
    home, run = deleted
    assert home.trash == [f"Playlists/{path}" for path in CLASSICS]
    result = restore(home.config, run)
    assert result.exit is Exit.DONE
    assert result.done["restore"] == 2
    assert [path for path in home.tree if path in CLASSICS] == CLASSICS
    assert told_by_doctor(home) == [(Health.OK, "every run ended, and every step is settled")]
    home.sync()


def test_the_deletion_of_a_playlist_can_be_undone_nights_later(deleted: tuple[Home, str]) -> None:
    home, run = deleted
    result = undo(home.config, run)
    assert result
    assert result.exit is Exit.DONE
    assert [path for path in home.tree if path in CLASSICS] == CLASSICS
    again = undo(home.config, result.run)
    assert again
    assert again.exit is Exit.DONE, "an undo can be undone"
    assert not [path for path in home.tree if path in CLASSICS]
    nights(home)


def test_restored_after_the_playlist_came_back_under_another_name(
    home: Home, x: Track, y: Track
) -> None:
    set_ = home.account.playlist("Set", [x, y])
    home.sync()
    home.account.remove(set_, x)
    run = run_of(home.sync())
    home.account.rename(set_, "Summer set")
    nights(home)
    assert restore(home.config, run).exit is Exit.DONE
    assert home.tree == ["Summer set/Ana - x.flac", "Summer set/Ana - y.flac"]


def test_restored_after_another_playlist_got_the_name(home: Home, x: Track, y: Track) -> None:
    old = home.account.playlist("Set", [x])
    home.account.playlist("Others", [y])
    home.sync()
    home.account.delete(old)
    run = run_of(home.sync())
    home.account.playlist("Set", [y])
    nights(home)
    before = home.contents
    assert restore(home.config, run).exit is Exit.DONE
    assert "Set/Ana - x.flac" in home.tree
    nights(home)
    assert home.contents == before


def test_a_track_that_was_fetched_again_keeps_its_file_when_the_old_one_is_restored(
    home: Home, x: Track, y: Track
) -> None:
    a = home.account.playlist("A", [x, y])
    home.sync()
    home.account.remove(a, x)
    run = run_of(home.sync())
    home.account.playlist("B", [x])
    home.account.playlist("C", [x])
    trash, aside = home.config.library / ".strandline" / "trash", home.folder / "aside"
    trash.rename(aside)  # else the file would come from there
    home.sync()
    aside.rename(trash)
    before = home.contents
    assert restore(home.config, run).exit is Exit.DONE
    home.sync()
    assert not [path for path in home.playlists.rglob("*") if not path.exists()]
    assert home.contents == before
    assert home.words(home.check()) == []


def test_nothing_is_restored_over_a_file_in_the_folders_place(deleted: tuple[Home, str]) -> None:
    home, run = deleted
    (home.playlists / "Classics").write_text("mine")
    result = restore(home.config, run)
    assert result.exit is Exit.SOME_FAILED
    assert len(home.trash) == 2
    assert (home.playlists / "Classics").read_text() == "mine"
    home.sync()
    (home.playlists / "Classics").unlink()
    assert restore(home.config, run).exit is Exit.DONE


def test_an_undo_after_the_trash_was_emptied_names_what_is_gone(deleted: tuple[Home, str]) -> None:
    home, run = deleted
    from strandline.app.trash import empty

    empty(home.config, [run])
    result = undo(home.config, run)
    assert result
    (why,) = {item.error for item in result.failed}
    assert why.startswith("it was removed from the trash for good on ")
    assert result.exit is Exit.SOME_FAILED
    nights(home)


# ---------------------------------------------------------------- databases of 0.1.0


def database(home: Home) -> Path:
    return home.folder / "state" / "strandline.db"


def wedge(home: Home, run: str) -> None:
    """What 0.1.0 left: the file is back on disk, the step is open, the playlist's row is gone."""
    with closing(sqlite3.connect(database(home))) as db, db:
        db.execute("PRAGMA foreign_keys = ON")
        row = db.execute(
            "SELECT path, track, playlist, trash_path, inode, size, mtime_ns, sha256"
            " FROM run_steps WHERE run_id = ? AND action = 'trash' LIMIT 1",
            (run,),
        ).fetchone()
        path, track, playlist, trash_path, *told = row
        db.execute("DELETE FROM playlists WHERE tidal_id = ?", (playlist,))
        db.execute(
            "INSERT INTO runs (id, command, started_at, status, planned)"
            " VALUES ('20990101-000000-wedged', 'trash restore', '2099-01-01', 'running', 1)"
        )
        db.execute(
            "INSERT INTO run_steps (run_id, seq, action, path, track, playlist, source, because,"
            " state, kind, inode, size, mtime_ns, sha256) VALUES ('20990101-000000-wedged', 1,"
            " 'restore', ?, ?, ?, ?, 'missing_on_disk', 'intent', 'primary', ?, ?, ?, ?)",
            (path, track, playlist, trash_path, *told),
        )
    here = home.library / "mp3" / path
    here.parent.mkdir(exist_ok=True)
    (home.library / ".strandline" / "trash" / trash_path).rename(here)


def test_a_database_that_0_1_0_wedged_gets_out_of_it_by_itself(deleted: tuple[Home, str]) -> None:
    home, run = deleted
    wedge(home, run)
    assert told_by_doctor(home) == [
        (Health.WARN, "Run 20990101-000000-wedged was cut off with 1 steps open")
    ]
    found = verify(home.config)
    assert found.unsettled == (), "the disk tells that the step was done"
    home.account.playlist("New", [home.account.track("n", "Ana")])
    home.sync()
    assert {"New/Ana - n.flac", "Classics/Ana - x.flac"} <= set(home.tree)
    assert told_by_doctor(home) == [(Health.OK, "every run ended, and every step is settled")]
    assert verify(home.config).exit is Exit.DONE
    assert restore(home.config, run).exit is Exit.DONE, "the other file"
    assert [path for path in home.tree if path in CLASSICS] == CLASSICS
    nights(home)


def spoil(home: Home, column: str, value: str | None) -> None:
    with closing(sqlite3.connect(database(home))) as db, db:
        db.execute(
            f"UPDATE run_steps SET {column} = ? WHERE run_id LIKE '%wedged'",
            (value,),
        )


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("track", "404404"),
        ("action", "teleport"),
        ("because", "no_reason"),
        ("path", "../../etc/x"),
        ("path", ""),
    ],
)
def test_a_step_that_cannot_be_settled_is_set_aside_and_named_and_ends_no_run(
    deleted: tuple[Home, str], column: str, value: str
) -> None:
    home, run = deleted
    with closing(sqlite3.connect(database(home))) as db:
        row = db.execute("SELECT * FROM playlists WHERE name = 'Classics'").fetchone()
    wedge(home, run)
    with closing(sqlite3.connect(database(home))) as db, db:  # only the step itself is at fault
        db.execute(f"INSERT INTO playlists VALUES ({', '.join('?' * len(row))})", row)
    spoil(home, column, value)
    before = home.contents
    undone = undo(home.config, run)
    assert undone is not None, "an undo is no longer kept from its work"
    assert [health for health, _ in told_by_doctor(home)] == [Health.WARN]
    ((_, message),) = told_by_doctor(home)
    assert "was set aside: " in message
    assert [step.state for step in verify(home.config).unsettled] == ["set_aside"]
    home.account.playlist("New", [home.account.track("n", "Ana")])
    home.sync()
    assert before <= home.contents
    assert told_by_doctor(home) == [(Health.OK, "every run ended, and every step is settled")]


def test_a_database_taken_back_from_a_backup_is_settled_by_the_disk(
    home: Home, x: Track, y: Track
) -> None:
    """The copy was made while a run was at work; the disk has gone on since."""
    a = home.account.playlist("A", [x, y])
    b = home.account.playlist("B", [x])
    home.sync()
    home.account.remove(a, x)
    run = run_of(home.sync())
    with closing(sqlite3.connect(database(home))) as db, db:
        db.execute("UPDATE runs SET status = 'running' WHERE id = ?", (run,))
        db.execute("UPDATE run_steps SET state = 'intent' WHERE run_id = ?", (run,))
        with closing(sqlite3.connect(home.folder / "backup.db")) as copy:
            db.commit()
            db.backup(copy)
    home.account.rename(b, "Beta")
    home.account.remove(b, x)
    home.account.add(a, x)
    nights(home)
    before = home.contents
    for end in ("-wal", "-shm"):
        Path(f"{database(home)}{end}").unlink(missing_ok=True)
    (home.folder / "backup.db").rename(database(home))
    nights(home)
    assert home.contents == before
    assert home.words(home.check()) == []
    assert home.tree == ["A/Ana - x.flac", "A/Ana - y.flac", "Beta/"]


def test_verify_knows_what_a_killed_run_had_done(home: Home, x: Track, y: Track) -> None:
    """The move is on the disk, and the database has only that it was begun."""
    a = home.account.playlist("A", [x, y])
    home.account.playlist("B", [x])
    home.sync()
    with closing(sqlite3.connect(database(home))) as db:
        before = "\n".join(db.iterdump())
    home.account.remove(a, x)
    run = run_of(home.sync())
    with closing(sqlite3.connect(database(home))) as db:
        rows = db.execute("SELECT * FROM run_steps WHERE run_id = ?", (run,)).fetchall()
        columns = [column for _, column, *_ in db.execute("PRAGMA table_info(run_steps)")]
    for end in ("", "-wal", "-shm"):
        Path(f"{database(home)}{end}").unlink(missing_ok=True)
    with closing(sqlite3.connect(database(home))) as db, db:
        db.executescript(before)
        db.execute(
            "INSERT INTO runs (id, command, started_at, status, planned)"
            " VALUES (?, 'sync-execute', '2020-01-01', 'running', 1)", (run,),
        )  # fmt: skip
        state = columns.index("state")
        for row in rows:
            begun = (*row[:state], "intent", *row[state + 1 :])
            db.execute(f"INSERT INTO run_steps VALUES ({', '.join('?' * len(row))})", begun)
    found = verify(home.config)
    assert (found.missing, found.broken_links, found.unsettled) == ((), (), ())
    assert found.exit is Exit.DONE


def test_an_old_copy_comes_back_into_its_folder_as_that_is_called_today(home: Home) -> None:
    from mutagen.flac import FLAC

    x = home.account.track("x", "Ana")
    home.account.playlist("Alpha", [x])
    b = home.account.playlist("Beta", [x])
    home.configure('[audio]\nformat = "original"\n[sync]\nlink_mode = "copy"\n')
    home.sync()
    old = (home.playlists / "Beta/Ana - x.flac").read_bytes()
    tags = FLAC(home.playlists / "Alpha/Ana - x.flac")
    tags["comment"] = "mine"
    tags.save()
    run = run_of(home.sync())
    assert (home.playlists / "Beta/Ana - x.flac").read_bytes() != old
    home.account.rename(b, "Omega")
    home.sync()
    result = undo(home.config, run)
    assert result
    assert result.failed == []
    assert (home.playlists / "Omega/Ana - x.flac").read_bytes() == old
    home.sync()
    assert home.words(home.check()) == []


@pytest.mark.parametrize("verified", [False, True])
def test_a_damaged_file_that_left_every_playlist_is_no_better_for_being_restored(
    home: Home, x: Track, y: Track, verified: bool
) -> None:
    a = home.account.playlist("A", [x, y])
    home.sync()
    file = home.playlists / "A" / "Ana - x.flac"
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    if verified:
        verify(home.config)
    home.account.remove(a, x)
    run = run_of(home.sync())
    assert restore(home.config, run).exit is Exit.DONE
    assert file.read_bytes() == whole[: len(whole) // 2]
    home.account.add(a, x)
    assert home.words(home.sync())[0] == "download A/Ana - x.flac (damaged_on_disk)"
    assert file.read_bytes() == whole
    assert verify(home.config).exit is Exit.DONE


@pytest.mark.parametrize("title", ["x", "x (new)"])
def test_a_damaged_file_does_not_come_back_beside_what_replaced_it(
    home: Home, x: Track, title: str
) -> None:
    """The person has changed the new file, so the undo leaves that alone."""
    from mutagen.flac import FLAC

    home.account.playlist("A", [x])
    home.sync()
    file = home.playlists / "A" / "Ana - x.flac"
    file.write_bytes(file.read_bytes()[:20_000])
    x.title = title
    run = run_of(home.sync(full=True))
    tree = home.tree
    tags = FLAC(home.playlists / tree[0])
    tags["comment"] = "mine"
    tags.save()
    result = undo(home.config, run)
    assert result
    assert [item.code for item in result.failed] == ["cannot_undo"] * 2
    assert "it is damaged, and what replaced it stays" in {it.error for it in result.failed}
    assert home.tree == tree
    assert home.words(home.check()) == []
