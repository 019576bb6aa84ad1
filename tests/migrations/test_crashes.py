"""Killed, out of room, or raced: the database is the old one or the new one, the copy whole."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from earlier_versions import DECEMBER
from old_databases import DIALECTS, NOW, OldDatabase, contents, row, rows

from strandline.db.schema import backup
from strandline.db.schema.upgrade import HEAD, REVISIONS, create_fresh, ensure_current
from strandline.errors import DatabaseError

OPCODES_A_CALL = 100
"""SQLite calls the progress handler about every so many of its own instructions."""


def silent(line: str) -> None:
    """Hears nothing."""


def in_a_process_of_its_own(deed: Callable[[], object]) -> int:
    """The wait status of a forked child that does ``deed`` and nothing else."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            deed()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


@pytest.fixture(params=["base", "December"])
def old(tmp_path: Path, request: pytest.FixtureRequest) -> OldDatabase:
    if request.param == "December":
        return december(tmp_path)
    old = OldDatabase(tmp_path / "strandline.db")
    old.playlist(1, "P", local_folder_path="Playlists/P", last_synced_at="2024-01-01 00:00:00")
    old.add_all(
        "tracks", [{"id": n, "tidal_id": str(n), "file_path": f"mp3/{n}.mp3"} for n in range(1, 41)]
    )
    old.add_all(
        "playlist_tracks", [{"playlist_id": 1, "track_id": n, "position": n} for n in range(1, 41)]
    )
    return old


def december(folder: Path) -> OldDatabase:
    """With what only later versions of the earlier tool have."""
    old = OldDatabase(folder / "strandline.db", DECEMBER)
    old.playlist(1, "P", local_folder_path="Playlists/P", source="tidal")
    for number in (2, 3):
        old.playlist(number, f"Mine {number}", tidal_id=None, source="local")
    for number in range(1, 11):
        old.track(number, file_paths=f'["Playlists/P/{number}.mp3"]')
        old.entry(1 + number % 3, number, position=number)
    return old


def migrate(path: Path) -> object:
    return ensure_current(path, mp3_dir=path.parent, now=NOW, note=silent)


def killed_by(call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill this process when SQLite has worked so long; 0 never does."""
    seen, real = [0], sqlite3.connect

    def tick() -> int:
        seen[0] += 1
        if seen[0] == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def connect(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = real(*args, **options)
        connection.set_progress_handler(tick, OPCODES_A_CALL)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connect)


def sound(path: Path) -> bool:
    return row(path, "PRAGMA integrity_check") == ("ok",)


def test_killed_anywhere_is_old_or_new_and_the_next_run_ends_the_same(
    old: OldDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pristine, before = tmp_path / "pristine", contents(old.path)
    shutil.copy(old.path, pristine)
    migrate(old.path)
    after = contents(old.path)
    states, call, alive = set(), 1, False
    while not alive:
        home = tmp_path / f"killed-{call}"
        home.mkdir()
        path = shutil.copy(pristine, home / "strandline.db")
        with monkeypatch.context() as context:
            status = in_a_process_of_its_own(
                lambda: (killed_by(call, context), migrate(path))  # noqa: B023 - run at once
            )
        alive = os.waitstatus_to_exitcode(status) == 0
        assert sound(path)
        now = contents(path)
        assert now in (before, after)
        states.add("new" if now == after else "old")
        for copy in home.glob("*.bak"):
            assert sound(copy)
            assert contents(copy) == before
        migrate(path)
        assert contents(path) == after
        call += 6
    assert states == {"old", "new"}
    assert call > 100, "too few points to mean anything"
    print(call)


@pytest.mark.parametrize("point", ["open", "fsync", "rename"])
def test_killed_while_copying_leaves_no_half_copy_under_its_name(
    old: OldDatabase, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    before = contents(old.path)

    def die(*args: object, **options: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with monkeypatch.context() as context:
        context.setattr(backup.os, point, die)
        assert os.WIFSIGNALED(in_a_process_of_its_own(lambda: migrate(old.path)))
    assert contents(old.path) == before
    assert list(old.path.parent.glob("*.bak")) == []
    migrate(old.path)
    (copy,) = old.path.parent.glob("*.bak")
    assert contents(copy) == before


def test_full_disk_while_copying_stops_before_anything_changed(
    old: OldDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(old.path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(backup.os, "fsync", full)
        with pytest.raises(DatabaseError, match="No space left"):
            migrate(old.path)
    assert contents(old.path) == before
    (part,) = old.path.parent.glob("*.part")
    assert part.stat().st_size == 0


def test_copy_is_a_working_old_database_named_for_time_and_revision(
    old: OldDatabase, tmp_path: Path
) -> None:
    before = contents(old.path)
    notes: list[str] = []
    done = ensure_current(old.path, mp3_dir=tmp_path, now=NOW, note=notes.append)
    assert done is not None
    copy = done.copy
    assert copy == tmp_path / f"strandline.db.20261120-212223.before-{REVISIONS[1]}.bak"
    assert str(copy) in notes[0]
    assert notes[1:] == done.report.lines
    assert copy.stat().st_mode & 0o777 == 0o600
    assert contents(copy) == before
    again = ensure_current(copy, mp3_dir=tmp_path, now=NOW, note=silent)
    assert again is not None
    assert contents(copy) == contents(old.path)


def test_copy_never_replaces_an_earlier_one(old: OldDatabase, tmp_path: Path) -> None:
    earlier = tmp_path / f"strandline.db.20261120-212223.before-{REVISIONS[1]}.bak"
    earlier.write_bytes(b"earlier")
    done = ensure_current(old.path, mp3_dir=tmp_path, now=NOW, note=silent)
    assert done is not None
    assert done.copy == tmp_path / f"strandline.db.20261120-212223.before-{REVISIONS[1]}.2.bak"
    assert earlier.read_bytes() == b"earlier"


def test_commits_that_still_stand_in_the_wal_are_in_the_copy(
    old: OldDatabase, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(old.path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("PRAGMA wal_autocheckpoint = 0")
        with other:
            other.execute("UPDATE tracks SET title = 'late'")
        done = ensure_current(old.path, mp3_dir=tmp_path, now=NOW, note=silent)
    assert done is not None
    assert done.copy is not None
    assert rows(done.copy, "SELECT DISTINCT title FROM tracks") == [("late",)]
    assert rows(old.path, "SELECT DISTINCT title FROM tracks") == [("late",)]


@pytest.mark.parametrize("kind", ["old", "new"])
def test_several_at_once_upgrade_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "strandline.db"
    if kind == "old":
        OldDatabase(path, DIALECTS["from the models"]).track(1)
    create_fresh(tmp_path / "warm.db")  # imports, so that the children meet
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                migrate(path)
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert row(path, "SELECT version_num FROM alembic_version") == (HEAD,)
    assert len(list(tmp_path.glob("*.bak"))) == (1 if kind == "old" else 0)
