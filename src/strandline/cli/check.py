"""sync-check."""

from __future__ import annotations

from pathlib import Path

import click

from strandline.cli.names import complete_playlist
from strandline.cli.options import Call, command
from strandline.errors import Exit

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


@command(
    "sync-check",
    json=True,
    example='strandline sync-check\nstrandline sync-check --playlist "Deep House" --out plan.json',
)
@click.option("--offline", is_flag=True, help="Do not ask TIDAL; use what it said last time.")
@full_option
@playlist_option
@click.option(
    "--out", metavar="PLAN.json", type=click.Path(path_type=Path), help="Save the plan for --plan."
)
@click.option("--exit-code", is_flag=True, help="Exit with 3 when there is something to do.")
def sync_check(
    call: Call,
    offline: bool,
    full: bool,
    playlists: tuple[str, ...],
    out: Path | None,
    exit_code: bool,
) -> int:
    """Show what a sync would do; touch nothing.

    Reads TIDAL, scans the library, and shows what would be done and why. Updates only the
    database.
    """
    from strandline.app.check import Look, check
    from strandline.app.documents import check_document
    from strandline.app.plan_file import write_plan_file
    from strandline.cli import plan_view
    from strandline.cli.output import encode

    call.start_log()
    with call.showing() as progress:
        look = Look(playlists, full, offline, on_disk_too=call.json or out is not None)
        found = check(call.config, look, progress)
    if out:
        document = {"schema": "strandline.sync-check/1", **check_document(found)}
        write_plan_file(out, encode(document) + "\n")
    if call.json:
        call.output.document("sync-check", check_document(found))
    else:
        plan_view.show(found, call.output, verbose=call.verbose)
    if found.exit:
        return found.exit
    return Exit.CHANGES_PENDING if exit_code and found.plan.actions else Exit.DONE
