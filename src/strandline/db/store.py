"""The store: everything strandline keeps, on one connection.

Only set-based SQL through the standard library's driver; the models describe the same tables for
migrations and for readers.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from strandline.db.contents import ContentRows
from strandline.db.engine import open_database
from strandline.db.evidence import EvidenceRows
from strandline.db.folders import FolderRows
from strandline.db.journal import Journal
from strandline.db.ledger import LedgerRows
from strandline.db.library import LibraryRow
from strandline.db.reports import Reports
from strandline.db.shelves import ShelfRows
from strandline.db.snapshots import SnapshotRows
from strandline.db.status_rows import StatusRows
from strandline.db.track_rows import TrackRows
from strandline.db.writing import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path
    from types import TracebackType

    from strandline.core.ids import PlaylistId
    from strandline.core.ledger import LedgerChange
    from strandline.core.states import Ledger, Snapshot


def utc_now() -> datetime:
    """Now, as the database keeps time: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Store:
    """One part for each idea, all on one connection; for one thread at a time.

    ``library`` is the library folder. The database must be of the current revision.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        library: Path,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connection = connection
        self.snapshots = SnapshotRows(connection, clock)
        self.ledger = LedgerRows(connection, library)
        self.shelves = ShelfRows(connection)
        self.evidence = EvidenceRows(connection)
        self.folders = FolderRows(connection)
        self.contents = ContentRows(connection)
        self.statuses = StatusRows(connection)
        self.tracks = TrackRows(connection)
        self.journal = Journal(connection, self.ledger)
        self.library = LibraryRow(connection)
        self.reports = Reports(connection)

    @classmethod
    def open(
        cls, database: str | Path, library: Path, clock: Callable[[], datetime] = utc_now
    ) -> Self:
        """The store of a database file or ``sqlite:///`` URL. Raises DatabaseError."""
        return cls(open_database(database), library, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes; an error of SQLite's comes out as a DatabaseError."""
        try:
            if isinstance(error, sqlite3.Error):
                explain(self._connection, error)
        finally:
            self.close()

    def close(self) -> None:
        """Give the file back; every finished transaction is durable already."""
        self._connection.close()

    def load_snapshot(self, only: Collection[PlaylistId] | None = None) -> Snapshot:
        """What TIDAL wanted when it was last asked; with ``only``, of these playlists' tracks."""
        return self.snapshots.load(only)

    def load_ledger(self, only: Collection[PlaylistId] | None = None) -> Ledger:
        """What strandline made last time; with ``only``, in these playlists."""
        return self.ledger.load(only)

    def apply(self, changes: Iterable[LedgerChange], now: datetime) -> None:
        """Changes of the ledger, in one commit."""
        self.ledger.apply(changes, now)
