"""Keeping how each run ended, also where it was stopped before it began."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from sqlite3 import Error as SQLiteError
from typing import TYPE_CHECKING

from strandline.db.history import Ending, History
from strandline.db.journal import new_run
from strandline.errors import ConfigError, Exit, StrandlineError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from strandline.app.session import Clock, Session
    from strandline.config import Config
    from strandline.execute.result import Result

_PATIENCE = 500
"""Milliseconds to wait for another run that writes: it is only the history."""


@dataclass(slots=True)
class RunEnd:
    """What is to be kept of a run; ``session`` is known once it is open."""

    command: str
    began_at: datetime
    run: str | None = None
    """Its id, if it is known here; else the session knows whether it began."""
    session: Session | None = None
    code: int = 0
    error: StrandlineError | None = None
    notes: list[str] = field(default_factory=list)
    is_run: bool = True
    """False: wrong usage, or a person said no."""

    def by(self, result: Result | None, code: int) -> None:
        """It ended as its result says."""
        self.code = code
        if result is not None:
            self.error = result.stopped
            self.notes += result.notes

    def row(self, now: datetime) -> Ending:
        """What the database keeps."""
        begun = self.session.store.journal.begun if self.session else self.run
        error, message, hint = _words(self.error)
        return Ending(
            begun or new_run(self.began_at),
            self.command,
            self.began_at,
            now,
            self.code,
            error,
            message,
            hint,
            tuple(self.notes),
        )


@contextmanager
def kept_end(config: Config, command: str, now: Clock) -> Iterator[RunEnd]:
    """While a run goes on; whatever it raises goes on, too, after it was noted."""
    end = RunEnd(command, now())
    try:
        yield end
    except StrandlineError as error:
        end.code, end.error = int(error.exit), error
        end.is_run = type(error) not in (UsageError, ConfigError)
        raise
    except KeyboardInterrupt:
        end.code = Exit.INTERRUPTED
        raise
    except Exception as error:
        end.code = Exit.BUG
        end.error = StrandlineError(f"A bug in strandline: {type(error).__name__}.", code="bug")
        raise
    except BaseException:
        end.is_run = False  # as good as killed
        raise
    finally:
        if end.is_run:
            _keep(config, end.row(now()))


def _keep(config: Config, row: Ending) -> None:
    """A history that cannot be written is no reason for a run to end otherwise."""
    from strandline.app.logs import log_end
    from strandline.db.schema.upgrade import open_current

    log_end(row.code, row.message or "", row.run)
    with suppress(StrandlineError, SQLiteError):
        connection = open_current(config.database_url)
        if connection is None:
            return
        with closing(connection):
            connection.execute(f"PRAGMA busy_timeout = {_PATIENCE}")
            History(connection).ended(row)


def _words(error: StrandlineError | None) -> tuple[str | None, str | None, str | None]:
    if error is None:
        return None, None, None
    from strandline.app.logs import redacted

    return error.code, redacted(error.message), redacted(error.hint) or None
