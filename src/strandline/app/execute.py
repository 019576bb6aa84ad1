"""sync-execute: lock, recover, look, judge, ask, do; nothing is touched before the last two."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.app.check import CheckResult, Look, compare, judged
from strandline.app.marking import learn_disk, mark, require_still_ready
from strandline.app.observe import observe, save
from strandline.app.place import require_library
from strandline.app.plan_file import narrowed, read_plan_file
from strandline.app.scope import link_kind
from strandline.app.session import Clock, Session, open_session
from strandline.app.source import audio_source
from strandline.core.actions import Conflict
from strandline.db.store import utc_now
from strandline.errors import Exit, SafetyStopError
from strandline.events import Silent
from strandline.execute.executor import Executor
from strandline.execute.ports import Settings, StopFlag
from strandline.execute.recovery import recover
from strandline.execute.result import Result, Undone
from strandline.library.files import LibraryFiles
from strandline.library.lock import lock_library
from strandline.library.marker import LibraryState, Verdict

if TYPE_CHECKING:
    from strandline.config import Config, Limit
    from strandline.events import Progress
    from strandline.tidal.client import TidalClient

COMMAND = "sync-execute"
NEW_KINDS = (Verdict.NEW, Verdict.TAKE_OVER)

Watch = Callable[[StopFlag], AbstractContextManager[object]]


def always(_: CheckResult) -> bool:
    """Consent given beforehand."""
    return True


@dataclass(frozen=True, slots=True)
class Order:
    """What to do, and how to reach the person."""

    look: Look = field(default_factory=Look)
    plan_file: Path | None = None
    max_removals: Limit | None = None
    confirm: Callable[[CheckResult], bool] = always
    """Shown the plan before the first step; False leaves everything as it is."""
    watch: Watch = lambda _stop: nullcontext()
    """While steps are carried out, whoever listens may set the flag to end the run soon."""


@dataclass(frozen=True, slots=True)
class ExecuteResult:
    """The plan, and what became of it; no ``result`` where there was nothing to do, or a no."""

    checked: CheckResult
    result: Result | None
    declined: bool = False

    @property
    def exit(self) -> Exit:
        """The run's own exit code, else that of what is incomplete or in conflict."""
        if self.result and self.result.exit:
            return self.result.exit
        return Exit.SOME_FAILED if self.conflicts else self.checked.exit

    @property
    def conflicts(self) -> list[Undone]:
        """What a person has to decide; strandline did nothing about it."""
        actions = self.checked.plan.actions
        return [
            Undone.of(action, action.message, "conflict")
            for action in actions
            if isinstance(action, Conflict)
        ]


def execute(
    config: Config, order: Order, progress: Progress | None = None, *, now: Clock = utc_now
) -> ExecuteResult:
    """Bring the library to where TIDAL is.

    Raises what ``check`` raises, and SafetyStopError before the first step; what happens after it
    is in the result.
    """
    wanted = read_plan_file(order.plan_file) if order.plan_file else None
    with open_session(config, progress, locked=True, now=now) as session:
        limit = order.max_removals or config.sync_max_removals
        state = _hold_library(session)
        client = session.client()
        checked = compare(session, order.look, client, state.verdict, limit)
        save(session, checked.seen, notes=state.verdict is not Verdict.TAKE_OVER)
        if wanted is not None:
            plan = narrowed(checked.plan, wanted)
            checked = judged(replace(checked, seen=replace(checked.seen, plan=plan)), limit)
        _stop_if_alarming(checked)
        return _carry_out(session, order, state, checked, client, limit)


def _hold_library(session: Session) -> LibraryState:
    """Lock and recover the library; a new one is left alone until the person has agreed."""
    root = session.config.library
    state = require_library(root, session.store)
    if state.verdict is Verdict.NEW:
        return state
    session.closing.enter_context(lock_library(root))
    state = require_library(root, session.store)
    with LibraryFiles(root) as files:
        if state.verdict is Verdict.FINISH:
            mark(session, files, state)
        for line in recover(files, session.store, session.now()):
            session.progress.note(line)
    return state


def _stop_if_alarming(checked: CheckResult) -> None:
    for alarm in checked.alarms:
        raise SafetyStopError(alarm.message, hint=alarm.hint, code=alarm.code)


def _carry_out(
    session: Session,
    order: Order,
    state: LibraryState,
    checked: CheckResult,
    client: TidalClient,
    limit: Limit,
) -> ExecuteResult:
    if not _work_in(checked) and state.verdict is not Verdict.TAKE_OVER:
        _note_synced(session, checked)
        return ExecuteResult(checked, None)
    if not order.confirm(checked):
        return ExecuteResult(checked, None, declined=True)
    with _library_files(session, state) as files:
        mark(session, files, state)
        checked = _with_real_links(session, files, state, checked, limit)
        stop = StopFlag()
        with order.watch(stop):
            result = _executor(session, files, client, stop).run(checked.plan, COMMAND)
    _look_again(session, checked)
    return ExecuteResult(checked, result)


def _work_in(checked: CheckResult) -> bool:
    return any(not isinstance(action, Conflict) for action in checked.plan.actions)


def _library_files(session: Session, state: LibraryState) -> LibraryFiles:
    """A new library is locked now; what appeared there since the first look ends the run."""
    root = session.config.library
    if state.verdict is Verdict.NEW:
        session.closing.enter_context(lock_library(root))
        if require_library(root, session.store).verdict is not Verdict.NEW:
            raise SafetyStopError(
                f"{root} was made a library by another run in the meantime.",
                hint="Run `strandline sync-check` and look again.",
                code="plan_stale",
            )
    return LibraryFiles(root)


def _with_real_links(
    session: Session,
    files: LibraryFiles,
    state: LibraryState,
    checked: CheckResult,
    limit: Limit,
) -> CheckResult:
    """The plan as it must be on this disk: one without symlinks gets copies."""
    disk = learn_disk(session, files, anew=state.verdict in NEW_KINDS)
    if link_kind(session.config, disk.to_json()) is checked.seen.policy.link_kind:
        return checked
    seen = observe(session, checked.seen.policy.only)
    checked = judged(replace(checked, seen=seen), limit)
    _stop_if_alarming(checked)
    return checked


def _executor(
    session: Session, files: LibraryFiles, client: TidalClient, stop: StopFlag
) -> Executor:
    config = session.config
    return Executor(
        files,
        session.store,
        audio_source(session, client),
        clock=session.now,
        settings=Settings(
            workers=config.download_workers,
            audio_format=config.audio_format,
            bitrate=config.audio_bitrate,
            quality=config.tidal_quality,
        ),
        stop=stop,
        progress=session.progress,
        check_library=lambda: require_still_ready(session),
    )


def _look_again(session: Session, checked: CheckResult) -> None:
    """The statuses after the run, from the disk itself; not of a library that went away."""
    try:
        require_still_ready(session)
    except SafetyStopError:
        return
    seen = observe(session, checked.seen.policy.only, Silent())
    save(session, seen)
    if seen.policy.only is None:
        session.store.statuses.playlists_synced(session.now())


def _note_synced(session: Session, checked: CheckResult) -> None:
    if checked.seen.policy.only is None:
        session.store.statuses.playlists_synced(session.now())
