"""Bringing a database to this version: made new, taken over, upgraded, or refused untouched.

On a current database this costs one small query; SQLAlchemy and Alembic are imported only when
there is something to do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from strandline.db.schema.legacy import Note, Report, Takeover
from strandline.db.schema.legacy_versions import is_of_strandline, is_the_earlier_tools
from strandline.db.sqlite.connection import (
    configure,
    connect,
    database_errors,
    database_path,
    make_room,
    transaction,
)
from strandline.errors import DatabaseError

REVISIONS = (
    "0001_base",
    "0002_unified_sync",
    "0003_seen_folders",
    "0004_content_hashes",
    "0005_packet_hashes",
    "0006_audio_qualities",
    "0007_asked_tracks",
    "0008_local_playlists",
    "0009_replaced_ids",
    "0010_run_ends",
    "0011_reviews",
    "0012_hand_over",
    "0013_recordings",
    "0014_sound_prints",
    "0015_library_layouts",
)
"""All of them, oldest first, so that telling old from newer needs no Alembic."""

HEAD = REVISIONS[-1]
_VERSION_TABLE = (  # with the blanks Alembic writes, so that fresh equals upgraded
    "CREATE TABLE alembic_version (\n\tversion_num VARCHAR(32) NOT NULL, \n\t"
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n)"
)


class Revisions(NamedTuple):
    """``current`` is None where the database is new, empty, or older than versions."""

    current: str | None
    head: str


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What ``ensure_current`` did."""

    before: str | None
    after: str
    copy: Path | None
    """The copy of the old database; None for a new one."""
    report: Report


class _Found(NamedTuple):
    current: str | None
    tables: frozenset[str]
    """Not looked up when the version is current."""


def revision_state(url: str | Path) -> Revisions:
    """The database's revision and this version's, without changing anything. DatabaseError."""
    return Revisions(_look(database_path(url)).current, HEAD)


def open_current(url: str | Path) -> sqlite3.Connection | None:
    """A connection as ``open_database`` gives it; None where something is to be upgraded or made.

    Nothing is changed in a database that is not of this version. Raises DatabaseError.
    """
    path = database_path(url)
    with database_errors(path):
        if not path.is_file():
            return None
        connection = connect(path)
        try:
            if _version(connection) == HEAD:
                configure(connection)
                return connection
        except BaseException:
            connection.close()
            raise
    connection.close()
    return None


def ensure_current(
    url: str | Path,
    *,
    mp3_dir: Path,
    now: datetime,
    note: Note,
    is_whole: Callable[[Path], bool] = lambda _path: True,
) -> Upgraded | None:
    """Make the database current; None if it was.

    ``mp3_dir`` is ``<library>/mp3``, ``now`` naive UTC. ``note`` is told the path of the copy made
    before an upgrade and every line of the report. Raises DatabaseError for a database that is of a
    newer version, of another program, or damaged; it is then as it was.
    """
    path = database_path(url)
    found = _look(path)
    if found.current == HEAD:
        return None
    _refuse(path, found)
    if not found.tables:
        create_fresh(path)
        return Upgraded(None, HEAD, None, Report())
    takeover = Takeover(mp3_dir, now, note, is_whole=is_whole)
    upgrade(path, takeover)
    return Upgraded(found.current, HEAD, takeover.copy, takeover.report)


def upgrade(url: str | Path, takeover: Takeover) -> None:
    """Run the migrations up to this version, all in one transaction. Raises DatabaseError."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    path = database_path(url)
    config = Config()
    config.set_main_option("script_location", "strandline.db:migrations")
    config.attributes.update(takeover=takeover, database=path)
    with database_errors(path):
        try:
            command.upgrade(config, HEAD)
        except DBAPIError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise error.orig from error
            raise


def create_fresh(url: str | Path) -> None:
    """Make a new database as the migrations would, without Alembic. Raises DatabaseError."""
    path = database_path(url)
    statements = _schema()
    with database_errors(path):
        make_room(path)
        with closing(connect(path)) as connection:
            configure(connection)
            with transaction(connection):
                # Another process may have been faster: then there is nothing left to do.
                if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                    for statement in statements:
                        connection.execute(statement)
                    connection.execute("INSERT INTO alembic_version VALUES (?)", (HEAD,))


@cache
def _schema() -> list[str]:
    """What makes the tables of a fresh database."""
    from sqlalchemy.dialects.sqlite import dialect
    from sqlalchemy.schema import CreateIndex, CreateTable

    from strandline.db.schema.models import Base

    made: list[CreateTable | CreateIndex] = []
    for table in Base.metadata.sorted_tables:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        made += [CreateTable(table), *map(CreateIndex, indexes)]
    return [_VERSION_TABLE, *(str(statement.compile(dialect=dialect())) for statement in made)]


def _look(path: Path) -> _Found:
    with database_errors(path):
        if not path.exists():
            return _Found(None, frozenset())
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder", str(path))
        with closing(connect(path)) as connection:
            current = _version(connection)
            tables = frozenset() if current == HEAD else _tables(connection)
    return _Found(current, tables)


def _version(connection: sqlite3.Connection) -> str | None:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return str(row[0]) if row else None


def _known_columns(path: Path) -> dict[str, set[str]]:
    with database_errors(path), closing(connect(path)) as connection:
        return {
            table: {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for table in ("tracks", "playlists")
        }


def _tables(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
    )
    return frozenset(name for (name,) in rows)


def _refuse(path: Path, found: _Found) -> None:
    """Leave alone what this version does not understand."""
    if found.current and found.current not in REVISIONS and is_of_strandline(found.current):
        raise DatabaseError(
            f"The database {path} is of a newer version of strandline ({found.current}).",
            hint="Use that version, or name another database with --database-url.",
        )
    if found.current in REVISIONS or not found.tables - {"alembic_version"}:
        return
    if not is_the_earlier_tools(found.tables, _known_columns(path)):
        raise DatabaseError(
            f"{path} is the database of another program.",
            hint="Name another file with --database-url.",
        )
