"""What the ledger holds after a step, the steps of an undo included."""

from __future__ import annotations

from strandline.core.actions import Action
from strandline.core.ledger import (
    EntryIs,
    FileIs,
    LedgerChange,
    Outcome,
    changes_of,
)
from strandline.core.states import Kind, LedgerEntry, LedgerFile
from strandline.execute.steps import Restore


def ledger_changes(
    action: Action, outcome: Outcome, known: LedgerFile | None
) -> list[LedgerChange]:
    """``known`` is the track's file before the step."""
    if isinstance(action, Restore):
        return _after_restore(action, outcome)
    return changes_of(action, outcome, known)


def _after_restore(action: Restore, outcome: Outcome) -> list[LedgerChange]:
    """A second copy that comes back is for the next scan to judge; a primary is one again."""
    if not (action.primary and action.playlist and action.track):
        return []
    size = outcome.stamp.size if outcome.stamp else None
    entry = LedgerEntry(action.playlist, action.track, outcome.path, Kind.PRIMARY, None)
    file = LedgerFile(action.track, outcome.path, outcome.stamp, size, outcome.sha256)
    return [EntryIs(entry), FileIs(file)]
