"""The database as typed models. Columns of older databases stand first, in their old order.

Every DateTime is naive UTC. Every library path is relative to ``<library>/mp3`` with ``/``, except
the two columns whose docstring says otherwise. New columns go to the end of their class, so that a
fresh database and an upgraded one are alike to the letter.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus


def utc_now() -> datetime:
    """Now, as the database keeps time: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _status(kind: type[DownloadStatus | PlaylistSyncStatus | TrackSyncStatus]) -> EnumColumn:
    """A VARCHAR(20) that holds the enum's values and reads back as its members."""
    return EnumColumn(
        kind, native_enum=False, length=20, values_callable=lambda words: [w.value for w in words]
    )


class Base(DeclarativeBase):
    """All tables of strandline."""


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
        _status(DownloadStatus),
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
        _status(PlaylistSyncStatus),
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
        _status(TrackSyncStatus),
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


class SeenFile(Base):
    """What reading a file told, valid as long as inode, size and times are the same."""

    __tablename__ = "seen_files"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    inode: Mapped[int | None] = mapped_column(BigInteger)
    size: Mapped[int | None] = mapped_column(BigInteger)  # bytes
    mtime_ns: Mapped[int | None] = mapped_column(BigInteger)
    ctime_ns: Mapped[int | None] = mapped_column(BigInteger)
    embedded_id: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(String(64))
    isrc: Mapped[str | None] = mapped_column(String(20))
    duration: Mapped[float | None] = mapped_column(Float)  # seconds
    playable: Mapped[bool]


class SeenFolder(Base):
    """What listing a playlist's folder told, valid as long as the folder's stamp is the same."""

    __tablename__ = "seen_folders"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    playlist: Mapped[str] = mapped_column(String(255), primary_key=True)
    """Its id in TIDAL."""
    device: Mapped[int] = mapped_column(BigInteger)
    inode: Mapped[int] = mapped_column(BigInteger)
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    ctime_ns: Mapped[int] = mapped_column(BigInteger)
    held: Mapped[str] = mapped_column(String(64))
    """A digest of its names and of the texts of its links."""
    listed_at_ns: Mapped[int] = mapped_column(BigInteger)


class ContentHash(Base):
    """Which BLAKE3 the bytes with a given sha256 have: of bytes, not of a file, so it stays true.

    ``verify`` reads large files with the faster hash; where they differ, sha256 decides.
    """

    __tablename__ = "content_hashes"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)  # hex, as Track.file_hash
    blake3: Mapped[str] = mapped_column(String(64))  # hex


class PacketHash(Base):
    """Which encoded sound the bytes with a given sha256 hold, without tags and container.

    A file whose sha256 is another now, but whose packets are the same, was only retagged.
    """

    __tablename__ = "packet_hashes"
    __table_args__: Any = ({"sqlite_with_rowid": False},)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)  # hex, as Track.file_hash
    packets: Mapped[str] = mapped_column(String(64))  # BLAKE2b-256, hex


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


class PrimaryMove(Base):
    """A place that a track's audio has left, noted in the commit in which it is elsewhere."""

    __tablename__ = "moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(255), index=True)
    """TIDAL's id, as it was then."""
    old_path: Mapped[str] = mapped_column(String(1000))
    new_path: Mapped[str | None] = mapped_column(String(1000))
    """Null where the audio went away: should it come back elsewhere, it moves from here."""
    run: Mapped[str | None] = mapped_column(String(32))
    """Null where the person moved it, and a scan saw it."""
    at: Mapped[datetime]
    offset: Mapped[float | None] = mapped_column(Float)
    """Seconds by which the sound begins later than before; 0 of the same file, null: unknown."""
    in_file: Mapped[bool] = mapped_column(default=False, server_default=false(), index=True)
    """``moves.json`` has it."""


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


class AskedTrack(Base):
    """A track that TIDAL did not have when it was last asked for it."""

    __tablename__ = "asked_tracks"
    __table_args__ = ({"sqlite_with_rowid": False},)

    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    """TIDAL's id."""
    asked_at: Mapped[datetime]


class ReplacedId(Base):
    """An id that TIDAL replaced: files that bear it in their tags are the new one's."""

    __tablename__ = "replaced_ids"
    __table_args__ = ({"sqlite_with_rowid": False},)

    old_id: Mapped[str] = mapped_column(String(255), primary_key=True)
    new_id: Mapped[str] = mapped_column(String(255))


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


class ReviewItem(Base):
    """A file of a person's that may be a track; the row stays, so its number is never another's."""

    __tablename__ = "review_items"

    number: Mapped[int] = mapped_column(primary_key=True)
    sound: Mapped[str] = mapped_column(String(64), unique=True)
    """The hash of its packets: the same under any name and any tags."""
    file: Mapped[str] = mapped_column(String(1000))
    """Its full path when it was last seen."""
    size: Mapped[int] = mapped_column(BigInteger)  # bytes
    mtime_ns: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float | None] = mapped_column(Float)
    because: Mapped[str] = mapped_column(Text)
    open: Mapped[bool]
    """Nobody has said yet what it is."""


class ReviewCandidate(Base):
    """A track that a file may be; the likeliest has rank 1."""

    __tablename__ = "review_candidates"
    __table_args__ = ({"sqlite_with_rowid": False},)

    number: Mapped[int] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True)
    track: Mapped[str] = mapped_column(String(255))
    because: Mapped[str] = mapped_column(Text)


class ReviewAnswer(Base):
    """What a person said, or listening told: this sound is that track, or is not."""

    __tablename__ = "review_answers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    sound: Mapped[str] = mapped_column(String(64), primary_key=True)
    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10))
    """accept | reject"""
    seconds: Mapped[float | None] = mapped_column(Float)
    file: Mapped[str] = mapped_column(String(1000))
    answered_at: Mapped[datetime]
    heard: Mapped[str | None] = mapped_column(Text)
    """What was heard, where listening gave the answer and no person did."""


class SoundPrint(Base):
    """How a whole sound goes, by the hash of its packets."""

    __tablename__ = "sound_prints"

    sound: Mapped[str] = mapped_column(String(64), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    print: Mapped[bytes] = mapped_column(LargeBinary)
    """32 bits for each eighth of a second, the first byte of each the highest."""


class TrackPrint(Base):
    """How a track of TIDAL's begins; its sound itself was not kept."""

    __tablename__ = "track_prints"

    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    """That were heard."""
    print: Mapped[bytes] = mapped_column(LargeBinary)
    heard_at: Mapped[datetime]


class SharedRecording(Base):
    """A track whose audio is the file of another one: both are the same recording."""

    __tablename__ = "shared_recordings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    track: Mapped[str] = mapped_column(String(255), primary_key=True)
    holder: Mapped[str] = mapped_column(String(255))
    """The track whose file it is."""


class RecordingAnswer(Base):
    """What a person said of two ids, the smaller one first: one recording, or never."""

    __tablename__ = "recording_answers"
    __table_args__ = ({"sqlite_with_rowid": False},)

    one: Mapped[str] = mapped_column(String(255), primary_key=True)
    other: Mapped[str] = mapped_column(String(255), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10))
    """pin | forbid"""
    answered_at: Mapped[datetime]
    run: Mapped[str | None] = mapped_column(String(32))
    """The run that pinned them, whose undo takes it back; none where a person said it directly."""
