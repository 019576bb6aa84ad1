"""history and undo."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from strandline.cli.options import Call, command
from strandline.cli.output import Output, clean
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.db.journal import RunRow, StepRow


@command(
    "history",
    json=True,
    example="strandline history\nstrandline history 20261122-153000-ab12cd34",
)
@click.argument("run", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, help="Show at most N runs.")
def history(call: Call, run: str | None, limit: int) -> None:
    """Show the runs so far, newest first; with RUN every step of that one."""
    from strandline.app.history import history as runs_of
    from strandline.app.history import steps_of

    if run is None:
        _show_runs(call, runs_of(call.config, limit))
    else:
        _show_steps(call, *steps_of(call.config, run))


def _show_runs(call: Call, runs: list[RunRow]) -> None:
    if call.json:
        from strandline.app.documents import history_document

        call.output.document("history", history_document(runs, None))
        return
    headings = ("run", "command", "status", ">planned", ">done", ">failed", "began (UTC)")
    call.output.table(headings, [_row(row) for row in runs])
    if not runs:
        call.output.talk("There were no runs yet.")


def _row(row: RunRow) -> tuple[str, ...]:
    counts = (str(row.planned), str(row.done), str(row.failed))
    return (row.id, row.command, row.status, *counts, f"{row.started_at:%Y-%m-%d %H:%M:%S}")


def _show_steps(call: Call, row: RunRow, steps: list[StepRow]) -> None:
    if call.json:
        from strandline.app.documents import history_document

        call.output.document("history", history_document([row], steps))
        return
    output = call.output
    output.line(f"Run {row.id} ({row.command}): {row.status}, {row.done} of {row.planned} done.")
    for step in steps:
        _show_step(step, output)


def _show_step(step: StepRow, output: Output) -> None:
    line = f"{step.state or '':8} {step.action or '':13} {clean(step.path or '')}"
    if step.source:
        line += f"  ({clean(step.source)})"
    output.line(line + (f": {clean(step.error)}" if step.error else ""))


@command("undo", json=True, example="strandline undo 20261122-153000-ab12cd34")
@click.argument("run")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
def undo(call: Call, run: str, yes: bool) -> int:
    """Take back what a run did, as far as possible.

    Files come back from the trash, links and names are as before, and what was downloaded goes to
    the trash. TIDAL is not changed: the next sync would do the same again.
    """
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.", hint="Give --yes to go without being asked."
        )
    from strandline.app.documents import undo_document
    from strandline.app.undo import undo as undo_run
    from strandline.cli import run_view
    from strandline.cli.execute import interruptible

    call.start_log()

    def confirm(steps: int) -> bool:
        call.hide_progress()
        question = f"Take back the {steps} steps of run {run}?"
        return yes or click.confirm(question, default=False, err=True)

    with call.showing() as progress:
        result = undo_run(
            call.config,
            run,
            progress,
            confirm=confirm,
            watch=interruptible(call, progress.note),
        )
    if result is None:
        call.output.warn("Nothing was done.")
        return 0
    if call.json:
        call.output.document("undo", undo_document(run, result))
    run_view.show(result, call.output)
    return result.exit
