"""A hundred thousand rows at a time."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

_Value = str | int | None
_MOST = 32_000
"""Parameters of a statement; SQLite takes 32,766."""


@contextmanager
def no_collection() -> Iterator[None]:
    """The collector stays off: it would walk all the new tuples again and again, for nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def execute_rows(
    db: sqlite3.Connection,
    statement: str,
    row: str,
    rows: Sequence[Sequence[_Value]],
    *common: _Value,
) -> None:
    """One statement for all rows, where ``{rows}`` stands.

    ``row`` is one of them in SQL: ``?1``, ``?2`` … are the values that all have in common, each
    ``?`` is a value of its own. Other threads go on meanwhile: a statement for each row would stop
    them as often.
    """
    most = _MOST // max(1, row.count("?"))
    for at in range(0, len(rows), most):
        part = rows[at : at + most]
        sql = _with_rows(statement, row, len(part))
        db.execute(sql, [*common, *chain.from_iterable(part)])


@lru_cache(maxsize=4)
def _with_rows(statement: str, row: str, count: int) -> str:
    return statement.replace("{rows}", ", ".join([row] * count))
