"""Completing playlist names on the command line, fast: straight from the database."""

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
