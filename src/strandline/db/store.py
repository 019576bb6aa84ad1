"""The store: everything strandline keeps, on one connection.

Only set-based SQL through the standard library's driver; the models describe the same tables for
migrations and for readers.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from strandline.db.engine import open_database
from strandline.db.writing import explain, file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path
    from types import TracebackType

    from strandline.core.ids import PlaylistId, TrackId
    from strandline.core.ledger import LedgerChange
    from strandline.core.states import Ledger, Snapshot
    from strandline.db.asked import AskedRows
    from strandline.db.contents import ContentRows
    from strandline.db.evidence import EvidenceRows
    from strandline.db.exports import ExportRows
    from strandline.db.finds import Finds
    from strandline.db.folders import FolderRows
    from strandline.db.history import History
    from strandline.db.journal import Journal
    from strandline.db.ledger import LedgerRows
    from strandline.db.library import LibraryRow
    from strandline.db.links_made import LinkMade, SharedLink
    from strandline.db.moves import MoveRows
    from strandline.db.packets import PacketRows
    from strandline.db.planned import PlannedRows
    from strandline.db.prints import PrintRows
    from strandline.db.qualities import QualityRows
    from strandline.db.recordings import RecordingRows
    from strandline.db.rekordbox import RekordboxRows
    from strandline.db.reports import Reports
    from strandline.db.reviews import ReviewRows
    from strandline.db.shelves import ShelfRows
    from strandline.db.snapshots import SnapshotRows
    from strandline.db.status_rows import StatusRows
    from strandline.db.track_rows import TrackRows


def utc_now() -> datetime:
    """Now, as the database keeps time: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Store:
    """One part for each idea, all on one connection; for one thread at a time.

    A part is imported when it is first used: a report needs two of them, a sync all.
    ``library`` is the library folder. The database must be of the current revision.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        library: Path,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._connection, self._library, self._clock = connection, library, clock

    @property
    def path(self) -> Path:
        """The database's file."""
        return file_of(self._connection)

    @cached_property
    def snapshots(self) -> SnapshotRows:
        from strandline.db.snapshots import SnapshotRows

        return SnapshotRows(self._connection, self._clock)

    @cached_property
    def ledger(self) -> LedgerRows:
        from strandline.db.ledger import LedgerRows

        return LedgerRows(self._connection, self._library)

    @cached_property
    def reviews(self) -> ReviewRows:
        from strandline.db.reviews import ReviewRows

        return ReviewRows(self._connection)

    @cached_property
    def recordings(self) -> RecordingRows:
        from strandline.db.recordings import RecordingRows

        return RecordingRows(self._connection)

    @cached_property
    def prints(self) -> PrintRows:
        from strandline.db.prints import PrintRows

        return PrintRows(self._connection)

    @cached_property
    def shelves(self) -> ShelfRows:
        from strandline.db.shelves import ShelfRows

        return ShelfRows(self._connection)

    @cached_property
    def evidence(self) -> EvidenceRows:
        from strandline.db.evidence import EvidenceRows

        return EvidenceRows(self._connection)

    @cached_property
    def folders(self) -> FolderRows:
        from strandline.db.folders import FolderRows

        return FolderRows(self._connection)

    @cached_property
    def contents(self) -> ContentRows:
        from strandline.db.contents import ContentRows

        return ContentRows(self._connection)

    @cached_property
    def packets(self) -> PacketRows:
        from strandline.db.packets import PacketRows

        return PacketRows(self._connection)

    @cached_property
    def qualities(self) -> QualityRows:
        from strandline.db.qualities import QualityRows

        return QualityRows(self._connection)

    @cached_property
    def statuses(self) -> StatusRows:
        from strandline.db.status_rows import StatusRows

        return StatusRows(self._connection)

    @cached_property
    def tracks(self) -> TrackRows:
        from strandline.db.track_rows import TrackRows

        return TrackRows(self._connection)

    @cached_property
    def asked(self) -> AskedRows:
        from strandline.db.asked import AskedRows

        return AskedRows(self._connection)

    @cached_property
    def journal(self) -> Journal:
        from strandline.db.journal import Journal

        return Journal(self._connection, self.ledger)

    @cached_property
    def planned(self) -> PlannedRows:
        from strandline.db.planned import PlannedRows

        return PlannedRows(self._connection)

    @cached_property
    def finds(self) -> Finds:
        from strandline.db.finds import Finds

        return Finds(self._connection)

    @cached_property
    def history(self) -> History:
        from strandline.db.history import History

        return History(self._connection)

    @cached_property
    def library(self) -> LibraryRow:
        from strandline.db.library import LibraryRow

        return LibraryRow(self._connection)

    @cached_property
    def exports(self) -> ExportRows:
        from strandline.db.exports import ExportRows

        return ExportRows(self._connection)

    @cached_property
    def moves(self) -> MoveRows:
        from strandline.db.moves import MoveRows

        return MoveRows(self._connection)

    @cached_property
    def rekordbox(self) -> RekordboxRows:
        from strandline.db.rekordbox import RekordboxRows

        return RekordboxRows(self._connection)

    @cached_property
    def reports(self) -> Reports:
        from strandline.db.reports import Reports

        return Reports(self._connection)

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

    def links_made(self, texts: Collection[str]) -> list[LinkMade]:
        """Each link that strandline made and that held one of these, the last one last."""
        from strandline.db.links_made import links_made

        return links_made(self._connection, texts)

    def shared_links(self) -> list[SharedLink]:
        """Each link that was put in the place of a person's file, those of one run together."""
        from strandline.db.links_made import shared_links

        return shared_links(self._connection)

    def imported(self) -> dict[TrackId, str]:
        """The tracks whose audio is a person's own file, each with the run that took that in."""
        from strandline.db.imports import imported

        return imported(self._connection)

    def apply(self, changes: Iterable[LedgerChange], now: datetime) -> None:
        """Changes of the ledger, in one commit."""
        self.ledger.apply(changes, now)
