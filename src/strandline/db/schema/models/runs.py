"""The runs: journal, ends, plans; the library they are about; and what older versions noted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from strandline.db.schema.models.base import Base, utc_now


class SyncOperation(Base):
    """An operation of an older version; kept for its history."""

    __tablename__ = "sync_operations"

    id: Mapped[int] = mapped_column(primary_key=True)
    operation_type: Mapped[str] = mapped_column(String(50), index=True)
    status: Mapped[str] = mapped_column(String(20), index=True)
    playlist_id: Mapped[int | None] = mapped_column(ForeignKey("playlists.id"))
    track_id: Mapped[int | None] = mapped_column(ForeignKey("tracks.id"))
    action: Mapped[str | None] = mapped_column(String(50))
    source: Mapped[str | None] = mapped_column(String(20))
    target: Mapped[str | None] = mapped_column(String(20))
    details: Mapped[str | None] = mapped_column(Text)  # JSON
    error_message: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]


class SyncSnapshot(Base):
    """Snapshots of older versions, kept for their history, and one row of type ``tidal_account``:
    whether the last list of playlists was whole, and whose it was."""

    __tablename__ = "sync_snapshots"
    __table_args__: Any = (Index("idx_type_created", "snapshot_type", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    snapshot_type: Mapped[str] = mapped_column(String(20))
    snapshot_data: Mapped[str] = mapped_column(Text)  # JSON
    playlist_count: Mapped[int | None]
    track_count: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Run(Base):
    """One ``sync-execute`` or ``undo``."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    command: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(20))
    """running | done | partial | stopped | undone | interrupted"""
    planned: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    failed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    undoes: Mapped[str | None] = mapped_column(String(32))


class RunStep(Base):
    """One step of a run: its intent before it is carried out, what became of it after."""

    __tablename__ = "run_steps"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str | None] = mapped_column(String(20))
    path: Mapped[str | None] = mapped_column(String(1000))
    source: Mapped[str | None] = mapped_column(String(1000))
    track: Mapped[str | None] = mapped_column(String(255))
    playlist: Mapped[str | None] = mapped_column(String(255))
    because: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str | None] = mapped_column(String(20), index=True)
    """intent | done | failed | skipped | set_aside"""
    error: Mapped[str | None] = mapped_column(Text)
    trash_path: Mapped[str | None] = mapped_column(String(1000))
    target: Mapped[str | None] = mapped_column(String(1000))  # what the old link held
    replaced: Mapped[str | None] = mapped_column(String(1000))
    kind: Mapped[str | None] = mapped_column(String(10))
    inode: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)  # bytes
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    named_for: Mapped[str | None] = mapped_column(String(1000))
    at: Mapped[datetime | None]


class Library(Base):
    """The folder this database belongs to; normally one row."""

    __tablename__ = "library"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The random id in the folder's marker."""
    root: Mapped[str] = mapped_column(String(1000))
    """The library folder's full path when last used."""
    tidal_user_id: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    capabilities: Mapped[str | None] = mapped_column(Text)  # JSON


class LibraryLayout(Base):
    """Where the audio of a library lies; of one without a row, in its playlists' folders."""

    __tablename__ = "library_layouts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    library: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The random id in the folder's marker."""
    audio: Mapped[str] = mapped_column(String(20))
    """``playlist`` or ``pool``; ``to_pool`` or ``to_playlist`` while it is changed to that."""


class RunEnd(Base):
    """How a run ended, as its command said it; none where it was killed.

    A run that had nothing to do, or was stopped before it began, has a row here alone.
    """

    __tablename__ = "run_ends"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run: Mapped[str] = mapped_column(String(32), primary_key=True)
    command: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    code: Mapped[int]
    """The exit code."""
    error: Mapped[str | None] = mapped_column(String(40))
    """The word for scripts, such as ``mass_removal``."""
    message: Mapped[str | None] = mapped_column(Text)
    hint: Mapped[str | None] = mapped_column(Text)
    notes: Mapped[str | None] = mapped_column(Text)
    """What else the run has to say, a line each."""


class PlannedAction(Base):
    """What the last check decided, in the order of the plan; the next run decides anew."""

    __tablename__ = "planned_actions"

    seq: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(1000))
    source: Mapped[str | None] = mapped_column(String(1000))
    track: Mapped[str | None] = mapped_column(String(255))
    playlist: Mapped[str | None] = mapped_column(String(255))
    because: Mapped[str] = mapped_column(String(40))
    message: Mapped[str | None] = mapped_column(Text)
    """What a person has to decide."""


class LastCheck(Base):
    """When strandline last decided about a playlist; ``playlist`` is empty for all of them."""

    __tablename__ = "last_checks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    playlist: Mapped[str] = mapped_column(String(255), primary_key=True)
    """TIDAL's id."""
    at: Mapped[datetime]
