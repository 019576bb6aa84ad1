"""sync-check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from strandline.cli.names import complete_playlist
from strandline.cli.options import Call, Place, command
from strandline.errors import Exit

if TYPE_CHECKING:
    from strandline.app.check import CheckOptions, CheckResult

playlist_option = click.option(
    "--playlist",
    "playlists",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_playlist,
    help="Only this playlist, by name or uuid; may be given several times.",
)
full_option = click.option(
    "--full",
    is_flag=True,
    help="Read every playlist and list every folder again, even those that seem unchanged.",
)
summary_option = click.option(
    "--summary",
    is_flag=True,
    help="Show a row a playlist; on a terminal this is how plans of more than 60 lines are shown.",
)


@command(
    "sync-check",
    json=True,
    example='strandline sync-check\nstrandline sync-check --playlist "Deep House" --out plan.json',
)
@click.option("--offline", is_flag=True, help="Do not ask TIDAL; use what it said last time.")
@full_option
@playlist_option
@click.option(
    "--out", metavar="PLAN.json", type=Place(path_type=Path), help="Save the plan for --plan."
)
@summary_option
@click.option("--exit-code", is_flag=True, help="Exit with 3 when there is something to do.")
def sync_check(
    call: Call,
    offline: bool,
    full: bool,
    playlists: tuple[str, ...],
    out: Path | None,
    summary: bool,
    exit_code: bool,
) -> int:
    """Show what a sync would do; touch nothing.

    Reads TIDAL, scans the library, and shows what would be done and why. Updates only the
    database.
    """
    from strandline.app.check import CheckOptions

    options = CheckOptions(playlists, full, offline, on_disk_too=call.json or out is not None)
    return check_and_show(call, options, out=out, summary=summary, exit_code=exit_code)


def check_and_show(
    call: Call,
    options: CheckOptions,
    *,
    out: Path | None = None,
    summary: bool = False,
    exit_code: bool = False,
    **as_execute: Any,
) -> int:
    """All of sync-check; ``as_execute`` are what a sync-execute would be called with."""
    from strandline.app.check import check
    from strandline.app.documents import check_document
    from strandline.app.plan_file import write_plan_file
    from strandline.cli.output import encode

    call.start_log()
    with call.showing() as progress:
        found = check(call.config, options, progress, **as_execute)
    if out:
        document = {"schema": "strandline.sync-check/1", **check_document(found)}
        write_plan_file(out, encode(document) + "\n")
    if call.json:
        call.output.document("sync-check", check_document(found))
    else:
        _show(call, found, options.playlists, summary=summary)
    if found.exit:
        return found.exit
    return Exit.CHANGES_PENDING if exit_code and found.plan.actions else Exit.DONE


def _show(call: Call, found: CheckResult, playlists: tuple[str, ...], *, summary: bool) -> None:
    """The plan, as far as was asked for; with ``--quiet`` nothing where there is nothing to do."""
    from strandline.cli import plan_view

    if call.quiet and found.in_sync and not found.exit and not found.alarms:
        return
    detail = plan_view.detail_for(summary=summary, verbose=call.verbose, playlists=playlists)
    plan_view.show(found, call.output, detail)
