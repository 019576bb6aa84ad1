"""The store: everything strandline keeps, on one connection.

Only set-based SQL through the standard library's driver; the models describe the same tables for
migrations and for readers.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Self

from strandline.db.sqlite.connection import open_database
from strandline.db.sqlite.writing import explain, file_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path
    from types import TracebackType

    from strandline.core.ids import PlaylistId, TrackId
    from strandline.core.ledger_facts import LedgerFact
    from strandline.core.states import Ledger, Snapshot
    from strandline.db.content_hashes import ContentHashRows
    from strandline.db.evidence import EvidenceRows
    from strandline.db.exports import ExportRows
    from strandline.db.folder_cache import FolderCacheRows
    from strandline.db.folder_states import FolderStateRows
    from strandline.db.history import History
    from strandline.db.journal import Journal
    from strandline.db.last_plan import LastPlanRows
    from strandline.db.ledger import LedgerRows
    from strandline.db.library import LibraryRow
    from strandline.db.links_made import LinkMade, SharedLink
    from strandline.db.moves import MoveRows
    from strandline.db.packets import PacketRows
    from strandline.db.qualities import QualityRows
    from strandline.db.recordings import RecordingRows
    from strandline.db.rekordbox import RekordboxRows
    from strandline.db.reports import Reports
    from strandline.db.reviews import ReviewRows
    from strandline.db.snapshots import SnapshotRows
    from strandline.db.sound_prints import SoundPrintRows
    from strandline.db.status_rows import StatusRows
    from strandline.db.track_search import TrackSearch
    from strandline.db.tracks import TrackRows
    from strandline.db.unavailable_tracks import AskedRows


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
    def sound_prints(self) -> SoundPrintRows:
        from strandline.db.sound_prints import SoundPrintRows

        return SoundPrintRows(self._connection)

    @cached_property
    def folder_states(self) -> FolderStateRows:
        from strandline.db.folder_states import FolderStateRows

        return FolderStateRows(self._connection)

    @cached_property
    def evidence(self) -> EvidenceRows:
        from strandline.db.evidence import EvidenceRows

        return EvidenceRows(self._connection)

    @cached_property
    def folder_cache(self) -> FolderCacheRows:
        from strandline.db.folder_cache import FolderCacheRows

        return FolderCacheRows(self._connection)

    @cached_property
    def content_hashes(self) -> ContentHashRows:
        from strandline.db.content_hashes import ContentHashRows

        return ContentHashRows(self._connection)

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
        from strandline.db.tracks import TrackRows

        return TrackRows(self._connection)

    @cached_property
    def unavailable(self) -> AskedRows:
        from strandline.db.unavailable_tracks import AskedRows

        return AskedRows(self._connection)

    @cached_property
    def journal(self) -> Journal:
        from strandline.db.journal import Journal

        return Journal(self._connection, self.ledger)

    @cached_property
    def last_plan(self) -> LastPlanRows:
        from strandline.db.last_plan import LastPlanRows

        return LastPlanRows(self._connection)

    @cached_property
    def track_search(self) -> TrackSearch:
        from strandline.db.track_search import TrackSearch

        return TrackSearch(self._connection)

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

    def apply(self, changes: Iterable[LedgerFact], now: datetime) -> None:
        """Changes of the ledger, in one commit."""
        self.ledger.apply(changes, now)
