"""sync-execute: lock, recover, look, judge, ask, do; nothing is touched before the last two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.app.check import (
    CheckOptions,
    CheckResult,
    as_wanted,
    compare,
    judged,
    not_accepted,
    unavailable_in,
)
from strandline.app.export import AfterSync
from strandline.app.layout import library_files
from strandline.app.library_folder import require_library
from strandline.app.library_marker import learn_disk, mark
from strandline.app.observe import observe, save, without_facts
from strandline.app.plan_file import read_plan_file
from strandline.app.retention import empty_expired
from strandline.app.run_end import RunEnd, kept_end
from strandline.app.running import (
    Watch,
    executor_for,
    hold_library,
    list_moves,
    refresh_statuses,
    unwatched,
)
from strandline.app.scope import link_kind
from strandline.app.session import Clock, Session, open_session
from strandline.app.source import audio_source
from strandline.app.trash import Emptied
from strandline.core.actions import Conflict
from strandline.core.plan_json import key_of
from strandline.db.store import utc_now
from strandline.errors import Exit, SafetyStopError
from strandline.execute.ports import StopFlag
from strandline.execute.result import FetchedTrack, NotDone, Result
from strandline.library.files import LibraryFiles
from strandline.library.lock import lock_library
from strandline.library.marker import LibraryState, LibraryVerdict

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.config.keys import Limit
    from strandline.core.plan_json import ActionKey
    from strandline.db.reports import Saved
    from strandline.events import Progress
    from strandline.tidal.app_clients import LoginWay
    from strandline.tidal.client import TidalClient

COMMAND = "sync-execute"


def always(_: CheckResult) -> bool:
    """Consent given beforehand."""
    return True


def unshown(_: CheckResult) -> None:
    """Nobody reads the plan."""


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """What to do, and how to reach the person."""

    options: CheckOptions = field(default_factory=CheckOptions)
    plan_file: Path | None = None
    max_removals: Limit | None = None
    accepted: Mapping[str, int | None] = field(default_factory=dict)
    """Codes of safety stops that the person agrees to: at most so many (None: all)."""
    confirm: Callable[[CheckResult], bool] = always
    """Shown the plan before the first step; False leaves everything as it is."""
    stopped: Callable[[CheckResult], None] = unshown
    """Shown the plan that a safety stop is about to be raised for."""
    watch: Watch = unwatched


@dataclass(frozen=True, slots=True)
class ExecuteResult:
    """The plan, and what became of it; no ``result`` where there was nothing to do, or a no."""

    checked: CheckResult
    result: Result | None
    declined: bool = False
    saved: Saved | None = None
    """What links save, after a run."""
    asked: str = "lossless"
    """The quality that is asked for, in the configuration's word."""
    form: str = "original"
    """The format that is wanted: mp3, aiff, flac or original."""
    way: LoginWay | None = None
    """How the login was made, where TIDAL itself sends the audio."""
    emptied: Emptied | None = None
    """What was removed from the trash for good, for it had lain there long enough."""

    @property
    def kept_lossy(self) -> list[FetchedTrack]:
        """What came lossy where FLAC or AIFF is wanted: it is kept as it is."""
        wants = self.form in ("flac", "aiff")
        items = self.result.items if self.result and wants else []
        return [item for item in items if not item.path.endswith((".flac", ".aiff"))]

    @property
    def lower(self) -> list[FetchedTrack]:
        """What this run fetched in lower quality than was asked for."""
        return self.result.lower if self.result else []

    @property
    def exit(self) -> Exit:
        """The run's own exit code, else that of what is incomplete or in conflict."""
        if self.result and self.result.exit:
            return self.result.exit
        return Exit.SOME_FAILED if self.conflicts else self.checked.exit

    @property
    def conflicts(self) -> list[NotDone]:
        """What a person has to decide; strandline did nothing about it."""
        actions = self.checked.plan.actions
        return [
            NotDone.of(action, action.message, "conflict")
            for action in actions
            if isinstance(action, Conflict)
        ]


def execute(
    config: Config, request: SyncRequest, progress: Progress | None = None, *, now: Clock = utc_now
) -> ExecuteResult:
    """Bring the library to where TIDAL is.

    Raises what ``check`` raises, and SafetyStopError before the first step; what happens after it
    is in the result.
    """
    mode, file = config.sync_link_mode, request.plan_file
    wanted = read_plan_file(file, mode) if file else None
    with kept_end(config, COMMAND, now) as end:
        with open_session(config, progress, locked=True, now=now) as session:
            end.session = session
            run = _Run(session, request, hold_library(session), session.client())
            ended = run.carry_out(wanted)
            end.run, end.session = session.store.journal.begun, None
            if ended.exit is Exit.DONE and not ended.declined:
                emptied = empty_expired(session, run.client, request.watch)
                ended = replace(ended, emptied=emptied)
            by_tidal = config.download_source == "tidal"
            way = run.login_way if by_tidal else None
            ended = replace(ended, asked=config.tidal_quality, form=config.audio_format, way=way)
        _note_end(end, ended)
    return ended


def _note_end(end: RunEnd, ended: ExecuteResult) -> None:
    """A no is no run; what was left open is kept in words, with what ended it early."""
    end.is_run = not ended.declined
    end.by(ended.result, ended.exit)
    end.error = end.error or ended.checked.not_asked
    end.notes += [
        f"{item.name or 'The list of playlists'} could not be read completely: {item.reason}"
        for item in ended.checked.incomplete
    ]
    end.notes += [f"{item.path}: {item.error}" for item in ended.conflicts]


@dataclass(slots=True)
class _Run:
    """One sync-execute with its session open and, unless it is new, its library held."""

    session: Session
    request: SyncRequest
    state: LibraryState
    client: TidalClient

    @property
    def limit(self) -> Limit:
        return self.request.max_removals or self.session.config.sync_max_removals

    @property
    def login_way(self) -> LoginWay | None:
        token = self.client.token_in_use
        return token.way if token else None

    def carry_out(self, wanted: list[ActionKey] | None) -> ExecuteResult:
        """Look, judge, ask, do."""
        checked = self._options(wanted)
        self._stop_if_alarming(checked)
        if not _is_work(checked) and self.state.verdict is not LibraryVerdict.TAKE_OVER:
            list_moves(self.session)
            self._note_synced(checked)
            return ExecuteResult(self._named_unavailable(checked), None)
        if not self.request.confirm(checked):
            return ExecuteResult(checked, None, declined=True)
        checked, result = self._do(checked, wanted)
        if result is None:
            return ExecuteResult(checked, None, declined=True)
        if refresh_statuses(self.session, checked.observed.policy.only):
            self._note_synced(checked)
            checked = self._named_unavailable(checked)
        return ExecuteResult(checked, result, saved=self.session.store.reports.status().dedupe)

    def _named_unavailable(self, checked: CheckResult) -> CheckResult:
        """With the tracks that TIDAL turned out not to have."""
        found = unavailable_in(self.session, self.request.options, checked.observed, checked.names)
        return replace(checked, unavailable=found)

    def _options(self, wanted: list[ActionKey] | None) -> CheckResult:
        session, verdict = self.session, self.state.verdict
        checked = compare(session, self.request.options, self.client, verdict, self.limit)
        if verdict is LibraryVerdict.TAKE_OVER:
            save(session, checked.observed, facts=False)
        else:  # what is in the ledger now is not believed once more, after what follows from it
            save(session, checked.observed)
            checked = replace(checked, observed=without_facts(checked.observed))
        return as_wanted(checked, wanted, self.limit)

    def _do(
        self, checked: CheckResult, wanted: list[ActionKey] | None
    ) -> tuple[CheckResult, Result | None]:
        """No result where this disk makes it another plan, and the person does not want that."""
        source = audio_source(self.session, self.client)
        with self._files() as files:
            mark(self.session, files, self.state)
            agreed = {key_of(action) for action in checked.plan.actions}
            checked = self._with_real_links(files, checked, wanted)
            others = {key_of(action) for action in checked.plan.actions} != agreed
            if others and not self.request.confirm(checked):
                return checked, None
            stop = StopFlag()
            exports = AfterSync(self.session, files)
            with self.request.watch(stop):
                executor = executor_for(self.session, files, stop, source)
                result = executor.run(checked.plan, COMMAND, after=exports)
            result.failed += exports.refused
        return checked, result

    def _files(self) -> LibraryFiles:
        """A new library is locked now; what appeared there since the first look ends the run."""
        root = self.session.config.library
        if self.state.verdict is LibraryVerdict.NEW:
            self.session.closing.enter_context(lock_library(root))
            if require_library(root, self.session.store).verdict is not LibraryVerdict.NEW:
                raise SafetyStopError(
                    f"{root} was made a library by another run in the meantime.",
                    hint="Run `strandline sync-check` and look again.",
                    code="plan_stale",
                )
        return library_files(self.session)

    def _with_real_links(
        self, files: LibraryFiles, checked: CheckResult, wanted: list[ActionKey] | None
    ) -> CheckResult:
        """The plan as it must be on this disk: one without symlinks gets copies."""
        fresh = self.state.verdict in (LibraryVerdict.NEW, LibraryVerdict.TAKE_OVER)
        disk = learn_disk(self.session, files, anew=fresh)
        if link_kind(self.session.config, disk.to_json()) is checked.observed.policy.link_kind:
            return checked
        observed = observe(self.session, checked.observed.policy.only)
        checked = as_wanted(
            judged(replace(checked, observed=observed), self.limit), wanted, self.limit
        )
        self._stop_if_alarming(checked)
        return checked

    def _stop_if_alarming(self, checked: CheckResult) -> None:
        for alarm in not_accepted(checked.alarms, self.request.accepted):
            self.request.stopped(checked)
            raise SafetyStopError(alarm.message, hint=alarm.hint, code=alarm.code)

    def _note_synced(self, checked: CheckResult) -> None:
        if checked.observed.policy.only is None:
            self.session.store.statuses.playlists_synced(self.session.now())


def _is_work(checked: CheckResult) -> bool:
    return any(not isinstance(action, Conflict) for action in checked.plan.actions)
