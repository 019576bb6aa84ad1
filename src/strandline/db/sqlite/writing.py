"""Writing: one transaction, and SQLite's errors in words a person can act on."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.db.sqlite.connection import database_errors, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def writing(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All of the block or nothing. Raises DatabaseError or BusyError."""
    try:
        with transaction(connection):
            yield connection
    except sqlite3.Error as error:
        explain(connection, error)


@contextmanager
def relaxed(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Commits that do not wait for the disk: a power cut may take what the next run finds anew.

    The next durable commit makes them durable, for the log is one file written in order.
    """
    connection.execute("PRAGMA synchronous = NORMAL")
    try:
        yield connection
    finally:
        connection.execute("PRAGMA synchronous = FULL")


def file_of(connection: sqlite3.Connection) -> Path:
    """The database's file, whose name may be no text."""
    sql = "SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'"
    return Path(os.fsdecode(connection.execute(sql).fetchone()[0]))


def explain(connection: sqlite3.Connection, error: sqlite3.Error) -> None:
    """Raises what ``error`` means for the person who runs strandline."""
    with database_errors(file_of(connection)):
        raise error
