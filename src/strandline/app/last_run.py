"""How the last sync ended, and of what a message was sent: a small file in the state folder.

Not in the database, which may be what keeps runs from succeeding.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

NAME = "last-run.json"


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last sync-execute of this state folder."""

    at: str = ""
    """When it ended, ISO 8601 in UTC."""
    code: int = 0
    """Its exit code."""
    reason: str = ""
    """Why it failed, for scripts; empty when it did not."""
    message: str = ""
    """The same for a person."""
    told: str = ""
    """The reason of which the last message told; empty when all was well then."""

    @property
    def is_known(self) -> bool:
        """Whether there was one."""
        return bool(self.at)

    def but_told(self, reason: str) -> LastRun:
        """The same, after a message of ``reason`` has been sent."""
        return replace(self, told=reason)


def load(state_dir: Path) -> LastRun:
    """The last run; an empty one where none is known."""
    try:
        document = json.loads((state_dir / NAME).read_text(encoding="utf-8"))
        known = {name: document[name] for name in asdict(LastRun()) if name in document}
        return LastRun(**known)
    except (OSError, ValueError, TypeError):
        return LastRun()


def save(state_dir: Path, run: LastRun) -> None:
    """Replace the file; what cannot be written is not kept."""
    temp = state_dir / f".{NAME}.{os.getpid()}"
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(run), file)
        os.replace(temp, state_dir / NAME)
    except OSError:
        return
