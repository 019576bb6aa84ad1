"""Completing playlist names on the command line, fast: straight from the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import click
from click.shell_completion import CompletionItem

from strandline.cli.options import flags_of, load
from strandline.errors import StrandlineError


def complete_playlist(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Names that begin like this; none when there is no database yet."""
    folded = incomplete.casefold()
    names = (name for name in _names(ctx) if name.casefold().startswith(folded))
    return [CompletionItem(name) for name in sorted(names)]


def _names(ctx: click.Context) -> list[str]:
    from strandline.db.engine import connect, database_path
    from strandline.db.reports import Reports

    try:
        path = database_path(load(flags_of(ctx)).database_url)
        with closing(connect(path, mode="ro")) as connection:
            return list(Reports(connection).playlist_names().values())
    except (StrandlineError, sqlite3.Error):
        return []
