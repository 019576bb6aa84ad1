"""What a use case works with, opened in order and closed in reverse: locks, database, TIDAL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from strandline.db.sqlite.connection import open_database
from strandline.db.store import Store, utc_now
from strandline.events import Progress, Silent

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.tidal.client import TidalClient

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Session:
    """The settings, the store of a database that is current, and who hears of progress."""

    config: Config
    store: Store
    progress: Progress
    now: Clock
    closing: ExitStack
    """Closed with the session; what a use case opens later goes on it."""

    def client(self) -> TidalClient:
        """The client of this run, closed with the session."""
        client = open_tidal(self.config, self.progress)
        self.closing.callback(client.close)
        return client


def open_tidal(config: Config, progress: Progress) -> TidalClient:
    """A client whose secrets never get into a text."""
    from strandline.app.logs import hide
    from strandline.tidal.client import open_client
    from strandline.tidal.token import secrets_of

    client = open_client(config, note=progress.note)
    hide(lambda: secrets_of(client.token_in_use))
    return client


@contextmanager
def open_session(
    config: Config,
    progress: Progress | None = None,
    *,
    locked: bool = False,
    now: Clock = utc_now,
) -> Iterator[Session]:
    """Open the database, brought up to date if it is old; with ``locked`` hold the state folder.

    Raises BusyError, DatabaseError, LibraryError. Reading alone needs no lock.
    """
    from strandline.db.schema.upgrade import open_current

    progress = progress or Silent()
    with ExitStack() as stack:
        if locked:
            _lock_state(config, stack)
        connection = open_current(config.database_url)
        if connection is None:
            if not locked:
                _lock_state(config, stack)
            _bring_up_to_date(config, progress, now)
            connection = open_database(config.database_url)
        store = stack.enter_context(Store(connection, config.library, now))
        yield Session(config, store, progress, now, stack)


def _lock_state(config: Config, stack: ExitStack) -> None:
    from strandline.app.command_name import command
    from strandline.library.lock import lock_state

    stack.enter_context(lock_state(config.state_dir, command.get()))


def _bring_up_to_date(config: Config, progress: Progress, now: Clock) -> None:
    from strandline.app.database import plays
    from strandline.db.schema.upgrade import ensure_current

    url = config.database_url
    ensure_current(url, mp3_dir=config.mp3_dir, now=now(), note=progress.note, is_whole=plays)
