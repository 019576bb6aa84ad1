"""sync-execute."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from strandline.cli.after_run import after_failure, after_run
from strandline.cli.asking import confirmed
from strandline.cli.check import (
    check_and_show,
    full_option,
    playlist_option,
    summary_option,
)
from strandline.cli.options import Call, Place, command
from strandline.cli.output import Output, clean
from strandline.core.safety_stops import OPTIONS
from strandline.errors import Exit, UsageError

if TYPE_CHECKING:
    from strandline.app.check import CheckResult
    from strandline.app.execute import ExecuteResult
    from strandline.app.running import Watch
    from strandline.config.keys import Limit
    from strandline.execute.ports import StopFlag


class LimitType(click.ParamType[Any]):
    """``40`` or ``25%``."""

    name = "limit"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Limit:
        """A Limit; click tells of what is none."""
        from strandline.config.keys import Limit

        try:
            return Limit.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


ALL = "all"


def accept_option(name: str, what: str) -> Callable[[Any], Any]:
    """``--accept-x`` on a terminal, ``--accept-x 30`` anywhere."""
    return click.option(
        f"--accept-{name}",
        f"accept_{name}",
        metavar="[N]",
        is_flag=False,
        flag_value=ALL,
        help=f"Go on where {what}: at most N, or without N as many as the plan shows.",
    )


@command(
    "sync-execute",
    json=True,
    example="strandline sync-execute\nstrandline sync-execute --yes --json  # from a timer",
)
@full_option
@playlist_option
@click.option(
    "--plan",
    "plan_file",
    metavar="PLAN.json",
    type=Place(path_type=Path),
    help="Do exactly this plan of sync-check --out; refuse if it no longer fits.",
)
@summary_option
@click.option("-n", "--dry-run", is_flag=True, help="Show what would be done, as sync-check does.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
@click.option(
    "--max-removals",
    metavar="N|P%",
    type=LimitType(),
    help="Stop when more files and links than this would be removed (default: 25%).",
)
@accept_option("removals", "many files and links would be removed")
@accept_option("refetch", "many tracks would be downloaded again")
def sync_execute(
    call: Call,
    full: bool,
    playlists: tuple[str, ...],
    plan_file: Path | None,
    summary: bool,
    dry_run: bool,
    yes: bool,
    max_removals: Limit | None,
    accept_removals: str | None,
    accept_refetch: str | None,
) -> int:
    """Make the library mirror TIDAL.

    Checks as sync-check does, shows the plan, asks, and carries it out. Ctrl-C finishes the current
    track and stops; what is done stays done, and the next run goes on from there.
    """
    if not dry_run and not yes and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.", hint="Give --yes to go without being asked."
        )
    accepted = _accepted(
        yes=yes and not dry_run, mass_removal=accept_removals, mass_refetch=accept_refetch
    )
    from strandline.app.check import CheckOptions

    options = CheckOptions(playlists, full, on_disk_too=call.json)
    if dry_run:
        return check_and_show(
            call,
            options,
            summary=summary,
            plan_file=plan_file,
            max_removals=max_removals,
            accepted=accepted,
        )
    from strandline.app.documents import execute_document
    from strandline.app.execute import SyncRequest, execute

    call.start_log()
    plans = _Plans(call, playlists, summary=summary, yes=yes)
    with call.showing() as progress:
        request = SyncRequest(
            options,
            plan_file,
            max_removals,
            accepted,
            confirm=plans.confirm,
            stopped=plans.show_stopped,
            watch=interruptible(call, progress.note),
        )
        with after_failure(call):
            ended = execute(call.config, request, progress)
    if call.json:
        call.output.document("sync-execute", execute_document(ended))
    _report(call, ended)
    after_run(call, ended)
    return ended.exit


def _accepted(*, yes: bool, **asked: str | None) -> dict[str, int | None]:
    """What a person agrees to beyond the safety stops, by code: at most so many, or None."""
    found: dict[str, int | None] = {}
    for code, value in asked.items():
        example = f"{OPTIONS[code]} 30"
        if value == ALL:
            if yes:
                raise UsageError(
                    "With --yes nobody reads the plan before it is carried out.",
                    hint=f"Say how many are accepted, such as {example}.",
                )
            found[code] = None
        elif value is not None:
            if not value.isdecimal():
                raise UsageError(f"{value!r} is not a number.", hint=f"Such as {example}.")
            found[code] = int(value)
    return found


class _Plans:
    """Shows the plan of a run: to ask about it, or before a safety stop is told."""

    def __init__(self, call: Call, playlists: tuple[str, ...], *, summary: bool, yes: bool) -> None:
        self._call, self._playlists, self._summary, self._yes = call, playlists, summary, yes

    def confirm(self, found: CheckResult) -> bool:
        """Shows and asks, unless the answer was given beforehand."""
        call = self._call
        if self._yes and not (call.verbose or self._summary):
            _warn_of_room(call, found)
            return True
        self._show(found)
        if self._yes:
            return True
        if found.new_library:
            call.output.warn(f"A new library will be created in {call.config.library}.")
        for alarm in found.alarms:
            call.output.warn(f"Accepted, if you go ahead: {clean(alarm.message)}")
        return confirmed("Go ahead?")

    def show_stopped(self, found: CheckResult) -> None:
        """The plan that is not carried out, short where nobody can turn pages."""
        if not self._call.json:
            self._show(found, stopped=True)

    def _show(self, found: CheckResult, *, stopped: bool = False) -> None:
        from strandline.cli import plan_view

        call = self._call
        call.hide_progress()
        output = Output(on_stderr=True) if call.json else call.output
        detail = plan_view.detail_for(
            summary=self._summary, verbose=call.verbose, playlists=self._playlists
        )
        if stopped and detail is plan_view.Detail.FIT:
            detail = plan_view.Detail.SHORT
        plan_view.show(found, output, detail, alarms=False)


def _warn_of_room(call: Call, found: CheckResult) -> None:
    """Before the first step, where no plan is shown; the other warnings come at the end."""
    for warning in found.warnings:
        if warning.code == "little_room":
            call.output.warn(f"Warning: {clean(warning.message)}")


def interruptible(call: Call, note: Callable[[str], None]) -> Watch:
    """The first Ctrl-C (or SIGTERM) asks for the end, the second one breaks off at once."""
    return partial(_watching, call, note)


@contextmanager
def _watching(call: Call, note: Callable[[str], None], stop: StopFlag) -> Iterator[None]:
    telling, again = threading.Lock(), threading.Event()

    def heard(_number: int, _frame: FrameType | None) -> None:
        if telling.locked():  # the second one comes while the first is still being answered
            again.set()
            return
        if stop.is_set():
            _break_off(call)
        stop.set()
        with telling:
            note("Stopping after the current track; press Ctrl-C again to abort at once.")
        if again.is_set():
            _break_off(call)

    before = {which: signal.signal(which, heard) for which in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)


def _break_off(call: Call) -> NoReturn:
    """Leave without waiting for threads that wait for the network: as good as a kill.

    The next run settles what was in hand, as after any kill.
    """
    from strandline.cli import failure

    try:
        with suppress(RuntimeError):
            call.hide_progress()
        failure.fail_broken_off(json=call.json)
        sys.stdout.flush()
    finally:
        os._exit(Exit.INTERRUPTED)


def _report(call: Call, ended: ExecuteResult) -> None:
    from strandline.cli import plan_view, run_view

    output = call.output
    if ended.declined:
        output.warn("Nothing was done.")
        return
    run_view.show_emptied(ended, output)
    if ended.result is None:
        if not (call.quiet and ended.checked.in_sync and not ended.exit):
            plan_view.show(ended.checked, output)
        return
    run_view.show(ended.result, output)
    run_view.show_left(ended, output)
