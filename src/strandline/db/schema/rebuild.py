"""Giving a table its exact new shape, however an older program had built it.

SQLite cannot change a table much in place, and old databases differ in details (index names,
inline or named constraints). So the table is made anew under its own name and every row copied:
afterwards an upgraded database and a fresh one are the same to the letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, DateTime, Integer
from sqlalchemy.schema import CreateIndex, CreateTable, DefaultClause

from strandline.db.schema.tables import columns_of, quoted, table_names
from strandline.db.sqlite.connection import stored

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from sqlalchemy import Column, Connection, MetaData, Table


def create(connection: Connection, table: Table) -> None:
    """Make the table and its indexes, in an order that is always the same."""
    connection.execute(CreateTable(table))
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        connection.execute(CreateIndex(index))


def make_or_rebuild(connection: Connection, tables: MetaData, *, now: datetime) -> None:
    """Give the database all of ``tables``; what is in those that are there stays. See rebuild."""
    there = table_names(connection)
    for table in tables.sorted_tables:
        if table.name in there:
            rebuild(connection, table, now=now)
        else:
            create(connection, table)


def rebuild(
    connection: Connection, table: Table, *, now: datetime, without: Collection[str] = ()
) -> None:
    """Give the existing table the shape of ``table``; rows, ids and unknown columns stay.

    ``without`` names columns that are let go. Needs a transaction with foreign keys off: with
    them on, dropping the old table would take the rows that refer to it along.
    """
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("tables are only rebuilt with foreign keys off")
    old = f"old {table.name}"
    columns = columns_of(connection, table.name)
    kept = [name for name in columns if name in table.c or name not in without]
    # Otherwise references, views and triggers elsewhere would follow the old table's new name.
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    _drop_indexes(connection, table.name)
    connection.exec_driver_sql(f"ALTER TABLE {quoted(table.name)} RENAME TO {quoted(old)}")
    connection.execute(CreateTable(table))
    for name in kept:
        if name not in table.c:
            _add_unknown(connection, table.name, name, columns[name])
    _copy(connection, old, table, kept, now)
    connection.exec_driver_sql(f"DROP TABLE {quoted(old)}")
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        connection.execute(CreateIndex(index))
    connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")


def _drop_indexes(connection: Connection, table: str) -> None:
    rows = connection.exec_driver_sql(f"PRAGMA index_list({quoted(table)})").all()
    for row in rows:
        if row[3] == "c":  # made by CREATE INDEX; the others go with the table
            connection.exec_driver_sql(f"DROP INDEX {quoted(row[1])}")


def _add_unknown(connection: Connection, table: str, name: str, declared: str) -> None:
    kind = quoted(declared) if declared else ""
    connection.exec_driver_sql(f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(name)} {kind}")


def _copy(connection: Connection, old: str, table: Table, kept: list[str], now: datetime) -> None:
    values = {name: quoted(name) for name in kept}
    for column in table.c:
        there = column.name in kept
        if not (column.nullable or column.primary_key) and (there or not column.server_default):
            values[column.name] = _required(column, there, now)
    into, chosen = ", ".join(map(quoted, values)), ", ".join(values.values())
    connection.exec_driver_sql(
        f"INSERT INTO {quoted(table.name)} ({into}) SELECT {chosen} FROM {quoted(old)}"  # noqa: S608
    )


def _required(column: Column[Any], there: bool, now: datetime) -> str:
    """SQL for a required column that a sloppy old table may have left null, or out."""
    default = column.server_default
    if isinstance(default, DefaultClause):
        text = default.arg
        fallback = "'" + text + "'" if isinstance(text, str) else str(text)
    elif isinstance(column.type, DateTime):
        fallback = f"'{stored(now)}'"
    else:
        fallback = "0" if isinstance(column.type, (Integer, Boolean)) else "''"
    return f"COALESCE({quoted(column.name)}, {fallback})" if there else fallback
