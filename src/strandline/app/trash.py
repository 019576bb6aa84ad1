"""The trash: what runs took away, bringing it back, and letting go of it for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from strandline.app.history import chosen_run
from strandline.app.layout import library_files
from strandline.app.library_folder import require_folder, require_library
from strandline.app.run_end import kept_end
from strandline.app.running import (
    Watch,
    executor_for,
    held_library,
    refresh_statuses,
    unwatched,
)
from strandline.app.session import Clock, Session, open_session
from strandline.core.ids import LibPath
from strandline.core.run_ids import KnownRun
from strandline.db.store import utc_now
from strandline.errors import UsageError
from strandline.execute.ports import StopFlag
from strandline.execute.trash import (
    IMPORT,
    Trashed,
    emptying,
    restoration,
    tell_damaged,
    trashed,
)
from strandline.library.files import LibraryFiles

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.db.store import Store
    from strandline.events import Progress
    from strandline.execute.result import Result

RESTORE, EMPTY = "trash restore", "trash empty"


@dataclass(frozen=True, slots=True)
class Emptied:
    """What was removed from the trash for good."""

    run: str
    """The run that did it, as history has it."""
    runs: tuple[str, ...]
    """Those whose trash it was."""
    files: int
    bytes: int

    @property
    def notes(self) -> list[str]:
        """A line for the history."""
        return [f"Emptied the trash of {', '.join(self.runs)}."] if self.runs else []


@dataclass(frozen=True, slots=True)
class TrashedRun:
    """What one run took away."""

    run: str
    files: tuple[Trashed, ...]
    imported: bool = False
    """They are a person's own, which that run had taken in."""

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def began(self) -> datetime | None:
        """When the run began, as its name says; naive UTC. None where it tells no time."""
        try:
            return datetime.strptime(self.run[:15], "%Y%m%d-%H%M%S")  # noqa: DTZ007 - naive UTC
        except ValueError:
            return None


def list_trash(config: Config, progress: Progress | None = None) -> list[TrashedRun]:
    """Every run that has files in the trash, oldest first. SafetyStopError, LibraryError."""
    require_folder(config.library)
    if not config.library.is_dir():
        with open_session(config, progress) as session:
            require_library(config.library, session.store)
        return []
    with open_session(config, progress) as session, library_files(session) as files:
        found = trashed(files, session.store)
        return [
            TrashedRun(run, tuple(group), _is_import(session.store, run))
            for run, group in groupby(found, lambda one: one.run)
        ]


def trash_of(config: Config, word: str) -> TrashedRun:
    """What the run that ``word`` means took away. UsageError where none of it is in the trash."""
    listed = list_trash(config)
    run = _meant(config, word, listed)
    for one in listed:
        if one.run == run:
            return one
    raise _not_there(f"The trash of run {run!r} does not hold anything.")


def _is_import(store: Store, run: str) -> bool:
    row = store.journal.run(run)
    return row is not None and row.command == IMPORT


def restore(
    config: Config,
    run: str,
    paths: tuple[str, ...] = (),
    progress: Progress | None = None,
    *,
    watch: Watch = unwatched,
    now: Clock = utc_now,
) -> Result:
    """Bring files of a run back to where they were, as a run of its own; nothing is replaced.

    ``paths`` are as ``list_trash`` gives them; none means all. Raises UsageError for what is not
    in the trash, BusyError, SafetyStopError, LibraryError.
    """
    with kept_end(config, RESTORE, now) as end:
        with held_library(config, progress, now) as (session, files):
            end.session = session
            _require_not_emptied(session, run)
            _require_there(files, session.store, run, paths)
            refresh_statuses(session, None)
            work = restoration(files, session.store, run, {LibPath(path) for path in paths} or None)
            stop = StopFlag()
            with watch(stop):
                result = executor_for(session, files, stop).run(work, RESTORE)
            tell_damaged(work.actions, files, session.store)
            refresh_statuses(session, None)
        end.by(result, result.exit)
    return result


def run_in_trash(config: Config, word: str) -> str:
    """The id of the run that ``word`` means, of those in the history and in the trash."""
    return _meant(config, word, list_trash(config))


def _meant(config: Config, word: str, listed: list[TrashedRun]) -> str:
    with open_session(config) as session:
        known = session.store.history.known()
    past = {one.id for one in known}
    others = [KnownRun(one.run) for one in listed if one.run not in past]
    return chosen_run(word, known + others, to_undo=True)


def _require_not_emptied(session: Session, run: str) -> None:
    """Said before anything else where all of it is gone for good."""
    emptied = session.store.journal.emptied(run)
    at = max((at for _, at in emptied.values() if at), default=None)
    taken = [row for row in session.store.journal.steps(run) if row.trash_path]
    if at and all(row.trash_path in emptied for row in taken):
        raise _not_there(f"The trash of run {run} was emptied on {at:%Y-%m-%d}: nothing is left.")


def _require_there(files: LibraryFiles, store: Store, run: str, paths: tuple[str, ...]) -> None:
    there = {str(one.path) for one in trashed(files, store, run)}
    for row in store.journal.steps(run):  # a person's file lies in the trash of its import
        if row.trash_path and row.path and files.see_trashed(row.trash_path):
            there.add(row.path)
    missing = sorted(set(paths) - there)
    if missing or not there:
        what = missing[0] if missing else "anything"
        raise _not_there(f"The trash of run {run!r} does not hold {what}.")


def _not_there(message: str) -> UsageError:
    hint = "See `strandline trash list`."
    return UsageError(message, hint=hint, code="not_in_trash")


def empty(
    config: Config,
    runs: Sequence[str],
    progress: Progress | None = None,
    *,
    now: Clock = utc_now,
) -> tuple[Emptied, Result]:
    """Remove for good what these runs took away.

    What cannot be removed is in the result. Raises what ended it early, BusyError, LibraryError.
    """
    with kept_end(config, EMPTY, now) as end:
        with held_library(config, progress, now) as (session, files):
            end.session = session
            work = emptying(files, session.store, runs)
            result = executor_for(session, files, StopFlag()).run(work, EMPTY)
            emptied = emptied_by(result, session)
            end.notes += emptied.notes
            if result.stopped:
                raise result.stopped
            for run in runs:  # what is left are folders
                files.empty_trash(run)
            files.flush()
        end.by(result, result.exit)
    return emptied, result


def emptied_by(result: Result, session: Session) -> Emptied:
    """What a run of that kind has removed, by its steps."""
    steps = session.store.journal.steps(result.run)
    done = [step for step in steps if step.state == "done"]
    runs = sorted({(step.source or "").partition("/")[0] for step in done})
    return Emptied(result.run, tuple(runs), len(done), sum(step.size or 0 for step in done))


def chosen_runs(
    there: Sequence[TrashedRun],
    runs: tuple[str, ...],
    older_than: timedelta | None,
    *,
    now: Clock = utc_now,
) -> list[str]:
    """Those of ``runs`` (none: all) that are old enough, by the time in their names.

    By age alone no file goes that the person had imported: only with all, or by the run's name.
    """
    known = [KnownRun(one.run) for one in reversed(there)]
    meant = {chosen_run(run, known) for run in runs}
    chosen = [
        one
        for one in there
        if one.run in meant or (not runs and (older_than is None or not one.imported))
    ]
    if older_than is None:
        return [one.run for one in chosen]
    limit = now() - older_than  # a run whose name tells no time counts as new
    return [one.run for one in chosen if one.began and one.began < limit]
