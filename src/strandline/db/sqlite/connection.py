"""Opening the database: one SQLite file, the same settings for the driver and for SQLAlchemy.

The hot path uses the standard library's driver with explicit transactions; models and migrations
go through an SQLAlchemy engine, which is only imported when asked for.
"""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strandline.errors import BusyError, DatabaseError, RefusedRowError, StrandlineError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Engine

BUSY_SECONDS = 5.0
_SQLITE_URL = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<path>.*)", re.DOTALL)
_ANY_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?=/|memory)")
_ONLY_FILES = "Give a path, or sqlite:/// followed by a path."


def database_path(where: str | Path) -> Path:
    """The absolute path of the file that ``where`` (a path or a ``sqlite:///`` URL) names.

    Raises DatabaseError for other URLs, repeating only the scheme: the rest may hold a password.
    """
    text = str(where)
    if url := _SQLITE_URL.fullmatch(text):
        text = url["path"]
        if "?" in text:
            raise DatabaseError("The database URL has options (?…).", hint=_ONLY_FILES)
    elif other := _ANY_SCHEME.match(text):
        raise DatabaseError(
            f"A {other['scheme']}: database is not supported, only an SQLite file.",
            hint=_ONLY_FILES,
        )
    if text in ("", ":memory:") or "\0" in text:
        raise DatabaseError("The database setting names no file.", hint=_ONLY_FILES)
    return Path(os.path.abspath(os.path.expanduser(text)))


def open_database(where: str | Path) -> sqlite3.Connection:
    """A connection in autocommit mode; write inside ``transaction(connection)``.

    The file (0600) and its folder (0700) are made if they are not there. Raises DatabaseError.
    """
    path = database_path(where)
    with database_errors(path):
        make_room(path)
        connection = connect(path)
        try:
            configure(connection)
        except BaseException:
            connection.close()
            raise
    return connection


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """A bare autocommit connection to an existing file; ``mode`` is ``rw`` or ``ro``."""
    uri = f"{path.as_uri()}?mode={mode}"
    return sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def configure(connection: sqlite3.Connection, *, foreign_keys: bool = True) -> None:
    """The settings every connection has; the first statement also tells a damaged file."""
    connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
    if sys.platform == "darwin":  # a plain fsync there stops at the drive's cache
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of the block or nothing. The write lock is taken at once, so it never fails late."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def engine_for(where: str | Path, *, foreign_keys: bool = True, immediate: bool = False) -> Engine:
    """An SQLAlchemy engine with the same settings, for the models and for migrations.

    ``immediate``: every transaction takes the write lock at its start.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    path = database_path(where)

    def creator() -> sqlite3.Connection:
        connection = open_database(path)
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        return connection

    engine = create_engine(f"sqlite:///{path}", creator=creator, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # The driver's own transactions do not cover DDL; SQLAlchemy's then begin here.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """The border: what SQLite and the file system say about ``path``, in words to act on."""
    try:
        yield
    except sqlite3.Error as error:
        raise _explained(path, error) from error
    except BrokenPipeError:
        raise  # of whoever was being told about it, not of the database
    except OSError as error:
        raise DatabaseError(
            f"The database {path} cannot be used: {error.strerror or error}.",
            hint="Check the folder and its permissions, or name another file with --database-url.",
        ) from error


_REFUSED = ("SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_TOOBIG")


def _explained(path: Path, error: sqlite3.Error) -> StrandlineError:
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(
            f"The database {path} is in use by another program.", hint="Try again when it is done."
        )
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return DatabaseError(
            f"{path} is not an SQLite database, or it is damaged.",
            hint="Put a copy back (*.bak beside it), or name another file with --database-url.",
        )
    if name.startswith(_REFUSED):  # it can be used, but not so
        return RefusedRowError(
            f"The database {path} refused what was to be noted: {error}.",
            hint="Nothing of it was written. `strandline doctor` tells what is still open.",
        )
    return DatabaseError(
        f"The database {path} cannot be used: {error}.",
        hint="Check free space, the folder and its permissions.",
    )


def make_room(path: Path) -> None:
    """The folder and an empty file, private from the first moment on; what is there stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(21, "it is a folder", str(path))
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def stored(when: datetime) -> str:
    """A naive UTC time as the DateTime columns hold it (what SQLAlchemy writes)."""
    return when.isoformat(" ", "microseconds")
