"""The database's version, and bringing it up to date."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.db.schema.upgrade import ensure_current, revision_state
from strandline.db.sqlite.connection import database_path
from strandline.db.store import utc_now

if TYPE_CHECKING:
    from strandline.app.session import Clock
    from strandline.config import Config
    from strandline.events import Progress


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """``current`` is None for a database that is new or older than versions."""

    path: Path
    current: str | None
    head: str
    exists: bool

    @property
    def up_to_date(self) -> bool:
        """Nothing is left to upgrade."""
        return self.current == self.head


def database_state(config: Config) -> DatabaseState:
    """Look, and change nothing. DatabaseError."""
    path = database_path(config.database_url)
    state = revision_state(config.database_url)
    return DatabaseState(path, state.current, state.head, path.exists())


def plays(path: Path) -> bool:
    """Whether a file's audio is whole, read to its end."""
    from strandline.errors import DownloadError
    from strandline.library.audio.check import check_audio

    try:
        check_audio(path, expected_duration=None)
    except (DownloadError, OSError):
        return False
    return True


def upgrade_database(
    config: Config, progress: Progress, *, now: Clock = utc_now
) -> tuple[DatabaseState, Path | None]:
    """Bring it up to date; the copy that was made first, if there was anything to copy.

    Raises DatabaseError, BusyError. ``progress`` hears what could not be understood.
    """
    from strandline.library.lock import lock_state

    with lock_state(config.state_dir, "db upgrade"):
        url = config.database_url
        done = ensure_current(
            url, mp3_dir=config.mp3_dir, now=now(), note=progress.note, is_whole=plays
        )
    return database_state(config), done.copy if done else None
