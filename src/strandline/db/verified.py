"""Noting that every file was verified, written while the files are still being read."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from strandline.db import status_sql as sql
from strandline.db.sqlite.connection import open_database, stored
from strandline.db.sqlite.writing import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path


@contextmanager
def all_verified(database: str | Path, now: datetime) -> Iterator[Callable[[], None]]:
    """Notes it of every primary if the call is made, and nothing if the block is left without.

    The rows are written on a connection and in a thread of their own. Nobody else can write until
    the block is left. Raises DatabaseError or BusyError.
    """
    values = {"now": stored(now), "all": True, "tracks": "[]", "but": "[]"}
    with closing(open_database(database)) as connection, ThreadPoolExecutor(1) as thread:
        try:
            connection.execute("BEGIN IMMEDIATE")
            written = thread.submit(connection.execute, sql.VERIFIED, values)

            def keep() -> None:
                written.result()
                connection.commit()

            try:
                yield keep
            finally:
                written.exception()  # waits
                connection.rollback()  # of nothing, once it is kept
        except sqlite3.Error as error:
            explain(connection, error)
