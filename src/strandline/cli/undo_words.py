"""What an undo is about to do, as a person reads it before the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from strandline.cli.history_view import result_of
from strandline.cli.moments import local
from strandline.cli.output import Output, clean

if TYPE_CHECKING:
    from strandline.app.history import LookBack
    from strandline.core.actions import Action
    from strandline.db.history import PastRun

SHOWN = 10
"""Steps that are named."""

_WORDS = {
    "trash": "to the trash",
    "restore": "back from the trash",
    "unlink": "remove link",
    "link": "link again",
    "relink": "link as before",
    "move": "move back to",
    "give_back": "give back",
    "put_back": "as it was before",
    "lyrics": "lyrics",
    "create_folder": "create folder",
    "remove_folder": "remove folder",
    "rename_folder": "rename folder back to",
}


def title(run: PastRun) -> str:
    """``run ab12cd34 (sync-execute, 2026-11-28 08:43)``."""
    return f"run {run.short} ({run.command}, {local(run.started_at)})"


def show_which(newest: PastRun, meant: PastRun, output: Output) -> None:
    """Where a person may mean a newer run, which cannot be undone."""
    if newest.id != meant.id and newest.command == "export usb":
        output.warn(
            f"The last run was an `export usb` ({newest.short}), which cannot be undone."
            f" This takes back {title(meant)}."
        )


def lines(past: LookBack, steps: Sequence[Action]) -> Iterator[str]:
    """What the run did, and what takes it back."""
    run = past.runs[0]
    yield clean(f"This takes back {title(run)}: {result_of(run, past.counts.get(run.id, {}))}")
    for step in steps[:SHOWN]:
        yield clean(f"    {_WORDS.get(step.name, step.name.replace('_', ' '))}: {step.path}")
    if len(steps) > SHOWN:
        yield f"    … and {len(steps) - SHOWN:,} more"
