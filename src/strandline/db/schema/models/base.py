"""What all models share: the table of tables, UTC, and columns of a status."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Enum as EnumColumn
from sqlalchemy.orm import DeclarativeBase

from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus


def utc_now() -> datetime:
    """Now, as the database keeps time: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def status_column(kind: type[DownloadStatus | PlaylistSyncStatus | TrackSyncStatus]) -> EnumColumn:
    """A VARCHAR(20) that holds the enum's values and reads back as its members."""
    return EnumColumn(
        kind, native_enum=False, length=20, values_callable=lambda words: [w.value for w in words]
    )


class Base(DeclarativeBase):
    """All tables of strandline."""
