"""history and undo."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from strandline.cli.asking import confirmed
from strandline.cli.names import complete_run
from strandline.cli.options import Call, command
from strandline.cli.output import plural
from strandline.core.run_ids import LAST, short_of
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.core.actions import Action

_SHOWN, _ALL = 50, 1_000_000


class Since(click.ParamType[Any]):
    """``1d``, ``12h``, ``yesterday``, ``2026-11-22``."""

    name = "age"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """A naive UTC time; click tells of what is none."""
        from strandline.app.ages import parse_since

        try:
            return parse_since(str(value), datetime.now(UTC).replace(tzinfo=None))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@command(
    "history",
    json=True,
    example="strandline history --since 1d  # what is new since yesterday\n"
    "strandline history last\n"
    "strandline history ab12cd34",
)
@click.argument("run", required=False, shell_complete=complete_run)
@click.option(
    "--since",
    metavar="AGE",
    type=Since(),
    help="Only runs since then, and what came and went: 1d, 12h, yesterday, 2026-11-22.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Show at most N runs.  [default: 50]")
def history(call: Call, run: str | None, since: datetime | None, limit: int | None) -> None:
    """Show the runs so far, newest first; with RUN every step of that one.

    RUN is an id, its short form, the beginning of either, or `last`. Runs that were stopped before
    they began are listed, too.
    """
    from strandline.app.documents import history_document
    from strandline.app.history import look_back, run_of
    from strandline.cli import history_view

    if run is not None and (since or limit):
        raise UsageError("--since and --limit choose among runs, and RUN names one.")
    back = run_of(call.config, run) if run else look_back(call.config, _most(since, limit), since)
    if call.json:
        call.output.document("history", history_document(back))
    elif run is not None:
        history_view.show_run(back, call.output, verbose=call.verbose)
    else:
        history_view.show_runs(back, call.output, verbose=call.verbose)
        if not back.runs:
            call.output.talk(_none(since))


def _most(since: datetime | None, limit: int | None) -> int:
    """All since a moment, else the last ones."""
    return limit or (_ALL if since else _SHOWN)


def _none(since: datetime | None) -> str:
    return "There were no runs since then." if since else "There were no runs yet."


@command("undo", json=True, example="strandline undo last\nstrandline undo ab12cd34")
@click.argument("run", shell_complete=complete_run)
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
def undo(call: Call, run: str, yes: bool) -> int:
    """Take back what a run did, as far as possible.

    Files come back from the trash, links and names are as before, and what was downloaded goes to
    the trash. TIDAL is not changed: the next sync would do the same again. RUN is an id, its short
    form, the beginning of either, or `last`: the newest run that changed something, is no undo and
    is not undone.
    """
    from strandline.app.documents import undo_document
    from strandline.app.history import look_back, run_of, run_to_undo
    from strandline.app.undo import undo as undo_run
    from strandline.cli import run_view, undo_words
    from strandline.cli.execute import interruptible

    call.start_log()
    word, run = run, run_to_undo(call.config, run)
    past = run_of(call.config, run)
    if word == LAST:
        undo_words.show_which(look_back(call.config, 1).runs[0], past.runs[0], call.output)
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.", hint="Give --yes to go without being asked."
        )

    def confirm(steps: Sequence[Action]) -> bool:
        call.hide_progress()
        if yes or not steps:
            return True
        for line in undo_words.lines(past, steps):
            call.output.warn(line)
        question = f"Take back {plural(len(steps), 'step')} of run {short_of(run)}?"
        return confirmed(question)

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
