"""trash list, restore, empty."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from strandline.cli.asking import confirmed
from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.moments import local
from strandline.cli.names import complete_run
from strandline.cli.options import Call, command
from strandline.cli.output import clean, plural
from strandline.core.run_ids import short_of
from strandline.core.sizes import size
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.app.trash import TrashedRun

_SHOWN = 10

trash = LazyGroup(
    name="trash",
    help="Files removed by earlier syncs: list, restore, empty.",
    table={
        "list": Lazy("trash", "list_command", "Show what is in the trash."),
        "restore": Lazy("trash", "restore_command", "Bring files back to where they were."),
        "empty": Lazy("trash", "empty_command", "Remove files for good."),
    },
)


class Age(click.ParamType[Any]):
    """``30d``, ``12h``, ``2w``."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """A timedelta; click tells of what is none."""
        from strandline.app.ages import parse_age

        try:
            return parse_age(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@command("list", json=True, example="strandline trash list\nstrandline trash list ab12cd34")
@click.argument("run", required=False, shell_complete=complete_run)
def list_command(call: Call, run: str | None) -> None:
    """Show what is in the trash, run by run; of one RUN, or with --verbose, every file."""
    from strandline.app.documents import trash_document
    from strandline.app.trash import list_trash, trash_of

    runs = list_trash(call.config) if run is None else [trash_of(call.config, run)]
    if call.json:
        call.output.document("trash-list", trash_document(runs))
    for one in runs:
        call.output.line(clean(_line(one)))
        if call.verbose or run is not None:
            for file in one.files:
                call.output.line(f"    {clean(file.path)}")
    if not runs:
        call.output.line("The trash is empty.")
    elif run is None:
        example = clean(short_of(runs[-1].run))
        call.output.talk(
            f"`strandline trash list {example}` names the files of that run;"
            f" `strandline trash restore {example}` brings them back."
        )


def _line(run: TrashedRun) -> str:
    """``ab12cd34  2026-11-22 16:30  1 file, 66.5 kB``."""
    when = f"{local(run.began)}  " if run.began else ""
    yours = " of yours, imported" if run.imported else ""
    return f"{short_of(run.run)}  {when}{plural(len(run.files), 'file')}{yours}, {size(run.size)}"


@command(
    "restore",
    json=True,
    example="strandline trash restore last\n"
    'strandline trash restore ab12cd34 "Playlists/Deep House/x.mp3"',
)
@click.argument("run", shell_complete=complete_run)
@click.argument("paths", metavar="[PATH]...", nargs=-1)
def restore_command(call: Call, run: str, paths: tuple[str, ...]) -> int:
    """Bring files removed by a sync back to where they were.

    Nothing that is there now is replaced. The next sync may remove again what TIDAL does not list.
    RUN is an id, its short form, the beginning of either, or `last`.
    """
    from strandline.app.documents import restore_document
    from strandline.app.trash import restore, run_in_trash
    from strandline.cli import run_view
    from strandline.cli.execute import interruptible

    call.start_log()
    run = run_in_trash(call.config, run)
    with call.showing() as progress:
        watch = interruptible(call, progress.note)
        result = restore(call.config, run, paths, progress, watch=watch)
    if call.json:
        call.output.document("trash-restore", restore_document(result))
    _show_restored(call, result.run)
    run_view.show(result, call.output)
    return result.exit


def _show_restored(call: Call, run: str) -> None:
    """Each file that came back, and what may become of it."""
    from strandline.app.history import run_of

    steps = run_of(call.config, run).steps or []
    back = [it.path for it in steps if it.action == "restore" and it.state == "done" and it.path]
    for path in back if call.verbose else back[:_SHOWN]:
        call.output.line(f"Restored: {clean(path)}")
    if len(back) > _SHOWN and not call.verbose:
        call.output.line(f"… and {len(back) - _SHOWN:,} more (--verbose shows all)")
    if back:
        call.output.line("The next sync may remove again what TIDAL does not list.")


@command(
    "empty",
    json=True,
    example="strandline trash empty --older-than 30d\nstrandline trash empty --yes",
)
@click.argument("runs", metavar="[RUN]...", nargs=-1, shell_complete=complete_run)
@click.option(
    "--older-than",
    metavar="AGE",
    type=Age(),
    help="Only runs before that: 30d, 12h, 2w; never imported files, unless RUN names them.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
def empty_command(
    call: Call, runs: tuple[str, ...], older_than: timedelta | None, yes: bool
) -> int:
    """Delete for good what earlier syncs removed. This is the only command that destroys audio."""
    from strandline.app.documents import empty_document
    from strandline.app.trash import chosen_runs, empty, list_trash
    from strandline.cli import run_view

    there = {run.run: run for run in list_trash(call.config)}
    doomed = chosen_runs(list(there.values()), runs, older_than)
    if doomed and not yes and not _agreed(sum(there[run].size for run in doomed), len(doomed)):
        call.output.warn("Nothing was removed.")
        return 0
    if not doomed:
        if call.json:
            call.output.document("trash-empty", empty_document(None, None))
        call.output.line("There was nothing to empty.")
        return 0
    call.start_log()
    emptied, result = empty(call.config, doomed)
    if call.json:
        call.output.document("trash-empty", empty_document(emptied, result))
    call.output.line(f"{plural(len(emptied.runs), 'run')} emptied, {size(emptied.bytes)} freed.")
    run_view.show_not_done(result, call.output)
    return result.exit


def _agreed(count: int, runs: int) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.", hint="Give --yes to go without being asked."
        )
    question = f"Remove {size(count)} of {plural(runs, 'run')} for good?"
    return confirmed(question)
