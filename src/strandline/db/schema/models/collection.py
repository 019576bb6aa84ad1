"""What TIDAL wants and the disk has: tracks, playlists, and their entries in order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from strandline.db.schema.models.base import Base, status_column, utc_now
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus


class Track(Base):
    """A track, in TIDAL or on disk only (``tidal_id`` null)."""

    __tablename__ = "tracks"
    __table_args__: Any = (
        Index("idx_artist_title", "artist", "title"),
        Index("idx_normalized_name", "normalized_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    tidal_id: Mapped[str | None] = mapped_column(String(255), unique=True, index=True)
    title: Mapped[str] = mapped_column(String(500))
    artist: Mapped[str] = mapped_column(String(500))
    album: Mapped[str | None] = mapped_column(String(500))
    album_artist: Mapped[str | None] = mapped_column(String(500))
    year: Mapped[int | None]
    genre: Mapped[str | None] = mapped_column(String(100))
    duration: Mapped[int | None]  # seconds
    isrc: Mapped[str | None] = mapped_column(String(20))
    track_number: Mapped[int | None]
    volume_number: Mapped[int | None]
    explicit: Mapped[bool | None]
    popularity: Mapped[int | None]
    copyright: Mapped[str | None] = mapped_column(Text)
    tidal_release_date: Mapped[datetime | None]
    audio_quality: Mapped[str | None] = mapped_column(String(50))
    audio_modes: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[str | None] = mapped_column(String(200))
    album_upc: Mapped[str | None] = mapped_column(String(50))
    album_release_date: Mapped[datetime | None]
    album_cover_url: Mapped[str | None] = mapped_column(String(500))
    normalized_name: Mapped[str] = mapped_column(String(1000))
    file_path: Mapped[str | None] = mapped_column(String(1000), index=True)
    """The primary. Text of an old database that names no place in the library is kept as it was."""
    file_size_bytes: Mapped[int | None]
    file_format: Mapped[str | None] = mapped_column(String(10))
    file_hash: Mapped[str | None] = mapped_column(String(64))  # sha256, hex
    file_last_modified: Mapped[datetime | None]
    rekordbox_content_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    last_seen_in_tidal: Mapped[datetime | None]

    download_status: Mapped[DownloadStatus] = mapped_column(
        status_column(DownloadStatus),
        default=DownloadStatus.NOT_DOWNLOADED,
        server_default=DownloadStatus.NOT_DOWNLOADED.value,
        index=True,
    )
    download_error: Mapped[str | None] = mapped_column(Text)
    downloaded_at: Mapped[datetime | None]
    last_verified_at: Mapped[datetime | None]
    file_inode: Mapped[int | None] = mapped_column(BigInteger)
    file_mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    tidal_available: Mapped[bool] = mapped_column(default=True, server_default=true())
    unavailable_reason: Mapped[str | None] = mapped_column(String(50))

    entries: Mapped[list[PlaylistTrack]] = relationship(
        back_populates="track", cascade="all, delete-orphan", passive_deletes=True
    )


class Playlist(Base):
    """A playlist of the account, its own or followed; or a local one of an old database."""

    __tablename__ = "playlists"

    id: Mapped[int] = mapped_column(primary_key=True)
    tidal_id: Mapped[str | None] = mapped_column(String(255), unique=True, index=True)
    """Null for a local one, which strandline leaves as it is."""
    name: Mapped[str] = mapped_column(String(500), index=True)
    description: Mapped[str | None] = mapped_column(Text)
    creator_name: Mapped[str | None] = mapped_column(String(200))
    creator_id: Mapped[str | None] = mapped_column(String(100))
    duration: Mapped[int | None]  # seconds
    num_tracks: Mapped[int | None]
    num_videos: Mapped[int | None]
    popularity: Mapped[int | None]
    public: Mapped[bool | None]
    picture_url: Mapped[str | None] = mapped_column(String(500))
    square_picture_url: Mapped[str | None] = mapped_column(String(500))
    created: Mapped[datetime | None]
    last_updated: Mapped[datetime | None]
    last_item_added_at: Mapped[datetime | None]
    share_url: Mapped[str | None] = mapped_column(String(500))
    listen_url: Mapped[str | None] = mapped_column(String(500))
    local_folder_path: Mapped[str | None] = mapped_column(String(1000))
    """``mp3/Playlists/<name>/``, relative to the library. Kept as it was if not understood."""
    rekordbox_playlist_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    last_synced_at: Mapped[datetime | None]
    last_seen_in_tidal: Mapped[datetime | None]
    track_count_tidal: Mapped[int] = mapped_column(default=0)
    track_count_local: Mapped[int] = mapped_column(default=0)
    track_count_rekordbox: Mapped[int] = mapped_column(default=0)

    sync_status: Mapped[PlaylistSyncStatus] = mapped_column(
        status_column(PlaylistSyncStatus),
        default=PlaylistSyncStatus.UNKNOWN,
        server_default=PlaylistSyncStatus.UNKNOWN.value,
        index=True,
    )
    last_updated_tidal: Mapped[datetime | None]
    last_synced_filesystem: Mapped[datetime | None]
    named_for: Mapped[str | None] = mapped_column(String(500))
    """The TIDAL name the folder was named for."""
    folder_inode: Mapped[int | None] = mapped_column(BigInteger)
    origin: Mapped[str | None] = mapped_column(String(20))  # own | followed | favorites
    incomplete_reason: Mapped[str | None] = mapped_column(Text)
    """Null when the last snapshot read the playlist whole."""
    last_full_read_at: Mapped[datetime | None]
    removed_from_tidal: Mapped[datetime | None]

    entries: Mapped[list[PlaylistTrack]] = relationship(
        back_populates="playlist", cascade="all, delete-orphan", passive_deletes=True
    )
    positions: Mapped[list[PlaylistPosition]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="PlaylistPosition.position"
    )


class PlaylistTrack(Base):
    """An entry: one track in one playlist, and what stands for it on disk."""

    __tablename__ = "playlist_tracks"
    __table_args__: Any = (
        UniqueConstraint("playlist_id", "track_id", name="uq_playlist_track"),
        Index("idx_playlist", "playlist_id"),
        Index("idx_track", "track_id"),
        Index("idx_sync_state", "in_tidal", "in_local", "in_rekordbox"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    playlist_id: Mapped[int] = mapped_column(ForeignKey("playlists.id", ondelete="CASCADE"))
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"))
    position: Mapped[int | None]
    in_tidal: Mapped[bool] = mapped_column(default=False)
    in_local: Mapped[bool] = mapped_column(default=False)
    in_rekordbox: Mapped[bool] = mapped_column(default=False)
    added_to_tidal: Mapped[datetime | None]
    added_to_local: Mapped[datetime | None]
    added_to_rekordbox: Mapped[datetime | None]
    removed_from_tidal: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

    is_primary: Mapped[bool] = mapped_column(default=False, server_default=false())
    symlink_path: Mapped[str | None] = mapped_column(String(1000))
    """The full path of the link, where this entry is not the primary."""
    symlink_valid: Mapped[bool | None]
    """False when the link exists and its target does not."""
    sync_status: Mapped[TrackSyncStatus] = mapped_column(
        status_column(TrackSyncStatus),
        default=TrackSyncStatus.UNKNOWN,
        server_default=TrackSyncStatus.UNKNOWN.value,
        index=True,
    )
    synced_at: Mapped[datetime | None]
    path: Mapped[str | None] = mapped_column(String(1000), index=True)
    """Where this entry is, primary or link."""
    named_for: Mapped[str | None] = mapped_column(String(1000))
    """The TIDAL name the file name was given for; null when it is the user's own name."""
    link_kind: Mapped[str | None] = mapped_column(String(10))
    """symlink | hardlink | copy | yours (a person's own version or link stands there)"""
    copy_inode: Mapped[int | None] = mapped_column(BigInteger)
    copy_size: Mapped[int | None] = mapped_column(BigInteger)
    copy_mtime_ns: Mapped[int | None] = mapped_column(BigInteger)

    playlist: Mapped[Playlist] = relationship(back_populates="entries")
    track: Mapped[Track] = relationship(back_populates="entries")


class PlaylistPosition(Base):
    """One position of a playlist in TIDAL's order; the same track may stand at several."""

    __tablename__ = "playlist_positions"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    playlist_id: Mapped[int] = mapped_column(
        ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)  # from 0, without gaps
    track_id: Mapped[int] = mapped_column(ForeignKey("tracks.id", ondelete="CASCADE"), index=True)
    item_uuid: Mapped[str | None] = mapped_column(String(64))
    added_at: Mapped[datetime | None]


class SharedRecording(Base):
    """A track whose audio is the file of another one: both are the same recording."""

    __tablename__ = "shared_recordings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    holder: Mapped[str] = mapped_column(String(255))
    """The track whose file it is."""


class ReplacedId(Base):
    """An id that TIDAL replaced: files that bear it in their tags are the new one's."""

    __tablename__ = "replaced_ids"
    __table_args__ = ({"sqlite_with_rowid": False},)

    old_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    new_id: Mapped[str] = mapped_column(String(255))


class AskedTrack(Base):
    """A track that TIDAL did not have when it was last asked for it."""

    __tablename__ = "asked_tracks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    """TIDAL's id."""
    asked_at: Mapped[datetime]


class TrackTag(Base):
    """What TIDAL says it has of a track, whoever asks for it."""

    __tablename__ = "track_tags"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    tidal_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    tags: Mapped[str] = mapped_column(String(200))
    """``LOSSLESS, HIRES_LOSSLESS``; empty where TIDAL says that there are none."""


class TrackTempo(Base):
    """What TIDAL says of a track's tempo and key; no row where it never said either."""

    __tablename__ = "track_tempos"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    tidal_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    bpm: Mapped[float | None] = mapped_column(Float)
    key: Mapped[str | None] = mapped_column(String(10))
    """As DJ programs write it: ``F#m``."""


class AudioQuality(Base):
    """What was asked for a track and what came, by the content of the file made of it.

    There is no row of what an earlier version fetched: its quality is unknown, not lower.
    """

    __tablename__ = "audio_qualities"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    tidal_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the file as it was published, hex."""
    format: Mapped[str] = mapped_column(String(10))
    """Its extension: a file that was only retagged since still has it."""
    asked: Mapped[str] = mapped_column(String(20))  # low | high | lossless | hires
    got: Mapped[str] = mapped_column(String(20))
    codec: Mapped[str] = mapped_column(String(20))
    """As it came, before any encoding; so are rate, bits and mode."""
    rate: Mapped[int | None]  # Hz
    bits: Mapped[int | None]  # a sample; null for a lossy codec
    mode: Mapped[str | None] = mapped_column(String(30))
    """TIDAL's word: ``STEREO`` …"""
    fetched_at: Mapped[datetime]
