"""undo: take back what a run did, as a run of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from strandline.app.ending import kept_end
from strandline.app.running import Watch, executor_for, held_library, look_again, unwatched
from strandline.db.store import utc_now
from strandline.execute.ports import StopFlag
from strandline.execute.undo import reversal_of
from strandline.execute.undo import undo as undo_run

if TYPE_CHECKING:
    from strandline.app.session import Clock
    from strandline.config import Config
    from strandline.events import Progress
    from strandline.execute.result import Result


def undo(
    config: Config,
    run: str,
    progress: Progress | None = None,
    *,
    confirm: Callable[[int], bool] = lambda _steps: True,
    watch: Watch = unwatched,
    now: Clock = utc_now,
) -> Result | None:
    """Undo ``run``; None when ``confirm`` (told how many steps) says no.

    Raises UsageError (no such run, undone already), BusyError, SafetyStopError, LibraryError.
    """
    with kept_end(config, "undo", now) as end:
        with held_library(config, progress, now) as (session, files):
            end.session = session
            look_again(session, None)
            reversal = reversal_of(run, files, session.store)
            if not confirm(len(reversal.actions)):
                end.is_run = False
                return None
            stop = StopFlag()
            with watch(stop):
                executor = executor_for(session, files, stop)
                result = undo_run(run, executor, files, session.store, session.now)
            look_again(session, None)
        end.by(result, result.exit)
    return result
