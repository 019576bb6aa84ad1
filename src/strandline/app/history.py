"""The runs so far, from the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.app.session import open_session
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.db.journal import RunRow, StepRow
    from strandline.events import Progress


def history(config: Config, limit: int, progress: Progress | None = None) -> list[RunRow]:
    """The last ``limit`` runs, newest first. DatabaseError."""
    with open_session(config, progress) as session:
        return session.store.journal.history(limit)


def steps_of(
    config: Config, run: str, progress: Progress | None = None
) -> tuple[RunRow, list[StepRow]]:
    """One run with its steps in order. UsageError when there is no such run."""
    with open_session(config, progress) as session:
        row = session.store.journal.run(run)
        if row is None:
            raise unknown_run(run)
        return row, session.store.journal.steps(run)


def unknown_run(run: str) -> UsageError:
    """There is no such run."""
    return UsageError(
        f"There is no run {run!r}.", hint="`strandline history` lists them.", code="unknown_run"
    )
