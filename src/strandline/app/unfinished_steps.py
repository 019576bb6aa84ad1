"""Unfinished steps: what runs that were cut off left open, and what recovery could not settle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strandline.db.journal import StepState

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.core.after_recovery import AfterRecovery
    from strandline.db.store import Store


@dataclass(frozen=True, slots=True)
class UnfinishedStep:
    """A step of which only the disk knows the outcome, or not even that."""

    run: str
    action: str | None
    path: str | None
    state: str
    """``intent``: open, the next run settles it; ``set_aside``: it is for a person to look at."""
    error: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether the next run still settles it."""
        return self.state == StepState.INTENT.value

    @property
    def said(self) -> str:
        """In a line."""
        if self.is_open:
            return f"{self.action} {self.path} of run {self.run} is still open"
        return f"{self.action} {self.path} of run {self.run} was set aside: {self.error}"


def unfinished_steps(store: Store) -> tuple[UnfinishedStep, ...]:
    """Open steps, and those set aside since the last run that did all of its plan."""
    return tuple(
        UnfinishedStep(row.run_id, row.action, row.path, row.state or "", row.error)
        for row in store.journal.unsettled()
    )


def cut_off_runs(store: Store) -> list[str]:
    """Runs that never ended; ask only while no run can be going on."""
    return [run.id for run in store.journal.open_runs()]


def note_what_is_done(session: Session) -> AfterRecovery | None:
    """What a killed run did is in the database before anything is decided from it.

    Returned is what the next run does first beyond that. Changes nothing on the disk. Raises
    LibraryError, DatabaseError.
    """
    if not session.store.journal.open_intents():
        return None
    from strandline.app.layout import library_files
    from strandline.execute.recovery import note_done  # takes its time; hardly ever needed

    with library_files(session) as files:
        return note_done(files, session.store, session.now())
