"""Which tables there are, and with which columns; no SQLAlchemy is imported for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection


def table_names(connection: Connection) -> set[str]:
    """The tables there are, SQLite's own left out."""
    rows = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
    )
    return {name for (name,) in rows}


def columns_of(connection: Connection, table: str) -> dict[str, str]:
    """Column name -> declared type, in order."""
    rows = connection.exec_driver_sql(f"PRAGMA table_info({quoted(table)})")
    return {row[1]: row[2] for row in rows}


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'
