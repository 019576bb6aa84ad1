"""Completing names on the command line, fast: straight from the database."""

from __future__ import annotations

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
    from strandline.app.completion import known_playlists

    try:
        return known_playlists(load(flags_of(ctx)))
    except StrandlineError:
        return []


def complete_run(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """``last`` and the runs, newest first: by their short forms, or by whole ids once begun so."""
    from strandline.app.completion import known_runs
    from strandline.cli.moments import local

    try:
        runs = known_runs(load(flags_of(ctx)))
    except StrandlineError:
        runs = []
    items = [CompletionItem("last", help="the newest one")] if "last".startswith(incomplete) else []
    for run in runs:
        told = f"{run.command}, {local(run.started_at)}, {run.status}"
        names = [name for name in (run.short, run.id) if name.startswith(incomplete)]
        items += [CompletionItem(name, help=told) for name in names[:1]]
    return items
