"""Opening a database: what is made, what is refused, and what a current one costs."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from old_databases import NOW, OldDatabase, change, contents, row
from sqlalchemy import select
from sqlalchemy.orm import Session

from strandline.db.schema.models import Playlist, PlaylistPosition, PlaylistTrack, Track
from strandline.db.schema.upgrade import HEAD, create_fresh, ensure_current, revision_state
from strandline.db.sqlite.connection import (
    database_path,
    engine_for,
    open_database,
    stored,
    transaction,
)
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus
from strandline.errors import BusyError, DatabaseError, Exit


def silent(line: str) -> None:
    """Hears nothing."""


def current(path: Path | str) -> object:
    return ensure_current(path, mp3_dir=Path("/music"), now=NOW, note=silent)


def insert_and_be_interrupted(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO t VALUES (2)")
    raise KeyboardInterrupt


# ---------------------------------------------------------------- what names a database


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("sqlite:////a/b.db", "/a/b.db"),
        ("sqlite+pysqlite:////a/b.db", "/a/b.db"),
        ("/a/../b.db", "/b.db"),
        (Path("/a/ü?#%20.db"), "/a/ü?#%20.db"),
        ("/a/12:30.db", "/a/12:30.db"),
    ],
)
def test_path_or_sqlite_url_names_a_file(where: str | Path, path: str) -> None:
    assert database_path(where) == Path(path)


def test_relative_paths_and_the_home_folder_are_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/dj")
    assert database_path("sqlite:///x.db") == tmp_path / "x.db"
    assert database_path("~/x.db") == Path("/home/dj/x.db")


@pytest.mark.parametrize(
    "where",
    [
        "postgresql://dj:secret@host/music",
        "mysql+pymysql://dj:secret@host/music",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        ":memory:",
        "",
        "sqlite:////a.db?mode=ro",
        "file:///a.db",
        "sqlite://host/a.db",
    ],
)
def test_anything_else_is_refused_without_repeating_a_password(where: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        database_path(where)
    assert refused.value.exit is Exit.USAGE
    assert refused.value.hint
    assert "secret" not in refused.value.message


# ---------------------------------------------------------------- opening


def test_new_database_is_private_and_durable(tmp_path: Path) -> None:
    path = tmp_path / "new" / "strandline.db"
    with closing(open_database(f"sqlite:///{path}")) as connection:
        told = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        connection.execute("CREATE TABLE t (x)")
        modes = [stat.S_IMODE(p.stat().st_mode) for p in path.parent.iterdir()]
    assert told == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    assert len(modes) == 3
    assert set(modes) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
        with transaction(connection):
            connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(KeyboardInterrupt), transaction(connection):
            insert_and_be_interrupted(connection)
        assert connection.execute("SELECT x FROM t").fetchall() == [(1,)]


def test_folder_in_the_place_of_the_database_is_refused(tmp_path: Path) -> None:
    for deed in (open_database, current, revision_state):
        with pytest.raises(DatabaseError, match="it is a folder"):
            deed(tmp_path)


@pytest.mark.parametrize(
    "content", [b"\xff\xd8 a picture " * 99, b"SQLite format 3\0" + b"x" * 999]
)
def test_file_that_is_no_database_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    for deed in (open_database, current, revision_state):
        with pytest.raises(DatabaseError, match="not an SQLite database"):
            deed(path)
    assert path.read_bytes() == content


def test_damaged_old_database_is_refused_and_stays(tmp_path: Path) -> None:
    old = OldDatabase(tmp_path / "x.db")
    old.add_all("tracks", [{"id": n, "title": "x" * 400} for n in range(1, 200)])
    content = bytearray(old.path.read_bytes())
    content[len(content) // 2 :] = b"\xa5" * (len(content) - len(content) // 2)
    old.path.write_bytes(content)
    with pytest.raises(DatabaseError, match="damaged"):
        current(old.path)
    assert row(old.path, "SELECT count(*) FROM sqlite_master WHERE name = 'runs'") == (0,)


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseError, match=r"file/x\.db"):
        current(tmp_path / "file" / "x.db")


def test_database_another_program_writes_to_is_busy_not_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = OldDatabase(tmp_path / "x.db")
    monkeypatch.setattr("strandline.db.sqlite.connection.BUSY_SECONDS", 0.01)
    with closing(sqlite3.connect(old.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BusyError):
            current(old.path)
        other.execute("ROLLBACK")


# ---------------------------------------------------------------- versions


def test_new_database_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "state" / "x.db"
    assert revision_state(path) == (None, HEAD)
    assert not path.exists()
    assert current(path) is not None
    assert revision_state(path) == (HEAD, HEAD)
    assert current(path) is None
    assert list(path.parent.glob("*.bak")) == []


def test_empty_file_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.touch()
    assert current(path) is not None
    assert revision_state(path).current == HEAD


def test_emptied_version_table_alone_becomes_a_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    change(path, "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    assert current(path) is not None
    assert revision_state(path).current == HEAD


def test_database_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    create_fresh(path)
    change(path, "UPDATE alembic_version SET version_num = '0099_from_tomorrow'")
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="newer version") as refused:
        current(path)
    assert refused.value.exit == 2
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.db"]


def test_database_of_another_program_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    change(path, "CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="another program"):
        current(path)
    assert path.read_bytes() == before


def test_models_without_a_version_are_taken_over_too(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    create_fresh(path)
    change(path, "DROP TABLE alembic_version")
    assert current(path) is not None
    assert revision_state(path).current == HEAD


def test_current_database_is_recognised_without_heavy_imports(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    create_fresh(path)
    code = (
        "import sys; from datetime import datetime; from pathlib import Path\n"
        "from strandline.db.schema.upgrade import ensure_current\n"
        f"assert ensure_current({str(path)!r}, mp3_dir=Path('/m'), now=datetime(2026, 1, 1), "
        "note=print) is None\n"
        "print(sorted({'sqlalchemy', 'alembic', 'mako'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[]\n", "")


# ---------------------------------------------------------------- models


def test_models_start_with_the_first_statuses_and_read_back_as_enums(tmp_path: Path) -> None:
    create_fresh(tmp_path / "x.db")
    with Session(engine_for(tmp_path / "x.db")) as session:
        track = Track(tidal_id="1", title="T", artist="A", normalized_name="a - t")
        playlist = Playlist(tidal_id="u", name="P")
        playlist.entries.append(PlaylistTrack(track=track))
        playlist.positions.append(PlaylistPosition(position=0, track_id=1))
        session.add(playlist)
        session.commit()
        session.expire_all()
        (entry,) = session.scalars(select(PlaylistTrack))
        assert entry.track.download_status is DownloadStatus.NOT_DOWNLOADED
        assert entry.playlist.sync_status is PlaylistSyncStatus.UNKNOWN
        assert (entry.is_primary, entry.sync_status) == (False, TrackSyncStatus.UNKNOWN)
        assert entry.track.tidal_available
    assert row(tmp_path / "x.db", "SELECT download_status FROM tracks") == ("not_downloaded",)


def test_deleted_playlist_takes_its_entries_along_and_no_track(tmp_path: Path) -> None:
    create_fresh(tmp_path / "x.db")
    with Session(engine_for(tmp_path / "x.db")) as session:
        playlist = Playlist(tidal_id="u", name="P")
        track = Track(title="T", artist="A", normalized_name="n")
        playlist.entries.append(PlaylistTrack(track=track))
        session.add(playlist)
        session.commit()
        session.delete(playlist)
        session.commit()
    told = contents(tmp_path / "x.db")
    assert (len(told["playlist_tracks"]), len(told["tracks"])) == (0, 1)


def test_times_written_by_the_driver_are_read_by_the_models(tmp_path: Path) -> None:
    create_fresh(tmp_path / "x.db")
    with closing(open_database(tmp_path / "x.db")) as connection:
        connection.execute(
            "INSERT INTO tracks (title, artist, normalized_name, created_at, updated_at) "
            "VALUES ('T', 'A', 'n', ?, ?)",
            (stored(NOW), stored(NOW)),
        )
    with Session(engine_for(tmp_path / "x.db")) as session:
        track = session.scalars(select(Track)).one()
        assert track.created_at == NOW
        track.updated_at = NOW
        session.commit()
    assert row(tmp_path / "x.db", "SELECT created_at, updated_at FROM tracks") == (stored(NOW),) * 2
