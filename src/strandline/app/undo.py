"""undo: take back what a run did, as a run of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from strandline.app.layout import layout_before
from strandline.app.run_end import kept_end
from strandline.app.running import (
    Watch,
    executor_for,
    held_library,
    refresh_statuses,
    unwatched,
)
from strandline.core.actions import Trash
from strandline.db.store import utc_now
from strandline.errors import UsageError
from strandline.execute.ports import StopFlag
from strandline.execute.run_actions import Restore
from strandline.execute.undo import reversal_of
from strandline.execute.undo import undo as undo_run

if TYPE_CHECKING:
    from strandline.app.session import Clock, Session
    from strandline.config import Config
    from strandline.core.actions import Action
    from strandline.events import Progress
    from strandline.execute.result import Result


_FILE_STAYS_AWAY = (Trash.name, Restore.name)
"""Steps that did not bring a file back."""


def undo(
    config: Config,
    run: str,
    progress: Progress | None = None,
    *,
    confirm: Callable[[Sequence[Action]], bool] = lambda _steps: True,
    watch: Watch = unwatched,
    now: Clock = utc_now,
) -> Result | None:
    """Undo ``run``; None when ``confirm`` (told the steps that take it back) says no.

    Raises UsageError (no such run, undone already), BusyError, SafetyStopError, LibraryError.
    """
    with kept_end(config, "undo", now) as end:
        with held_library(config, progress, now) as (session, files):
            end.session = session
            _require_steps(session, run)
            refresh_statuses(session, None)
            layout, of_pool = layout_before(session, run)
            files.pool = files.pool or of_pool
            reversal = reversal_of(run, files, session.store)
            if not confirm(reversal.actions):
                end.is_run = False
                return None
            if layout is not None:
                session.store.library.save_layout(layout)
            stop = StopFlag()
            with watch(stop):
                executor = executor_for(session, files, stop)
                result = undo_run(run, executor, files, session.store, session.now)
            # what is still merged stays pinned, or the next sync would fetch it
            kept = (*result.failed, *result.skipped)
            left = {it.track for it in kept if it.track and it.action in _FILE_STAYS_AWAY}
            session.store.recordings.forget_run(run, left)
            refresh_statuses(session, None)
        end.by(result, result.exit)
    return result


def _require_steps(session: Session, run: str) -> None:
    """A run that history knows by its end alone did nothing in the library."""
    past = session.store.history.run(run)
    if past is not None and session.store.journal.run(run) is None:
        raise UsageError(
            f"Run {run} ({past.command}) changed nothing in the library, so there is nothing to"
            " undo.",
            hint="What `export usb` put on a stick, the next one brings up to date.",
            code="not_undoable",
        )
