"""The tables as each revision leaves them, frozen: models move on, history does not."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)


def _tracks(metadata: MetaData, *more: Column[Any]) -> None:
    Table(
        "tracks",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("tidal_id", String(255), unique=True, index=True),
        Column("title", String(500), nullable=False),
        Column("artist", String(500), nullable=False),
        Column("album", String(500)),
        Column("album_artist", String(500)),
        Column("year", Integer),
        Column("genre", String(100)),
        Column("duration", Integer),
        Column("isrc", String(20)),
        Column("track_number", Integer),
        Column("volume_number", Integer),
        Column("explicit", Boolean),
        Column("popularity", Integer),
        Column("copyright", Text),
        Column("tidal_release_date", DateTime),
        Column("audio_quality", String(50)),
        Column("audio_modes", String(100)),
        Column("version", String(200)),
        Column("album_upc", String(50)),
        Column("album_release_date", DateTime),
        Column("album_cover_url", String(500)),
        Column("normalized_name", String(1000), nullable=False),
        Column("file_path", String(1000), index=True),
        Column("file_size_bytes", Integer),
        Column("file_format", String(10)),
        Column("file_hash", String(64)),
        Column("file_last_modified", DateTime),
        Column("rekordbox_content_id", String(255)),
        Column("created_at", DateTime, nullable=False),
        Column("updated_at", DateTime, nullable=False),
        Column("last_seen_in_tidal", DateTime),
        *more,
        Index("idx_artist_title", "artist", "title"),
        Index("idx_normalized_name", "normalized_name"),
    )


def _playlists(metadata: MetaData, *more: Column[Any], local: bool = False) -> None:
    """With ``local``, also for playlists that are not TIDAL's."""
    Table(
        "playlists",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("tidal_id", String(255), nullable=local, unique=True, index=True),
        Column("name", String(500), nullable=False, index=True),
        Column("description", Text),
        Column("creator_name", String(200)),
        Column("creator_id", String(100)),
        Column("duration", Integer),
        Column("num_tracks", Integer),
        Column("num_videos", Integer),
        Column("popularity", Integer),
        Column("public", Boolean),
        Column("picture_url", String(500)),
        Column("square_picture_url", String(500)),
        Column("created", DateTime),
        Column("last_updated", DateTime),
        Column("last_item_added_at", DateTime),
        Column("share_url", String(500)),
        Column("listen_url", String(500)),
        Column("local_folder_path", String(1000)),
        Column("rekordbox_playlist_id", String(255)),
        Column("created_at", DateTime, nullable=False),
        Column("updated_at", DateTime, nullable=False),
        Column("last_synced_at", DateTime),
        Column("last_seen_in_tidal", DateTime),
        Column("track_count_tidal", Integer, nullable=False),
        Column("track_count_local", Integer, nullable=False),
        Column("track_count_rekordbox", Integer, nullable=False),
        *more,
    )


def _playlist_tracks(metadata: MetaData, *more: Column[Any]) -> None:
    Table(
        "playlist_tracks",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("playlist_id", ForeignKey("playlists.id", ondelete="CASCADE"), nullable=False),
        Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), nullable=False),
        Column("position", Integer),
        Column("in_tidal", Boolean, nullable=False),
        Column("in_local", Boolean, nullable=False),
        Column("in_rekordbox", Boolean, nullable=False),
        Column("added_to_tidal", DateTime),
        Column("added_to_local", DateTime),
        Column("added_to_rekordbox", DateTime),
        Column("removed_from_tidal", DateTime),
        Column("created_at", DateTime, nullable=False),
        Column("updated_at", DateTime, nullable=False),
        *more,
        UniqueConstraint("playlist_id", "track_id", name="uq_playlist_track"),
        Index("idx_playlist", "playlist_id"),
        Index("idx_track", "track_id"),
        Index("idx_sync_state", "in_tidal", "in_local", "in_rekordbox"),
    )


def _sync_operations(metadata: MetaData, *more: Column[Any]) -> None:
    Table(
        "sync_operations",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("operation_type", String(50), nullable=False, index=True),
        Column("status", String(20), nullable=False, index=True),
        Column("playlist_id", ForeignKey("playlists.id")),
        Column("track_id", ForeignKey("tracks.id")),
        Column("action", String(50)),
        Column("source", String(20)),
        Column("target", String(20)),
        Column("details", Text),
        Column("error_message", Text),
        Column("created_at", DateTime, nullable=False, index=True),
        Column("started_at", DateTime),
        Column("completed_at", DateTime),
        *more,
    )


def _sync_snapshots(metadata: MetaData, *more: Column[Any]) -> None:
    Table(
        "sync_snapshots",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("snapshot_type", String(20), nullable=False),
        Column("snapshot_data", Text, nullable=False),
        Column("playlist_count", Integer),
        Column("track_count", Integer),
        Column("created_at", DateTime, nullable=False),
        *more,
        Index("idx_type_created", "snapshot_type", "created_at"),
    )


BASE = MetaData()
"""What databases made before the unified sync hold."""

UNIFIED = MetaData()
"""What the unified sync needs: the same tables with more columns, and new tables."""

for _table in (_tracks, _playlists, _playlist_tracks, _sync_operations, _sync_snapshots):
    _table(BASE)


def _status(name: str, first: str) -> Column[Any]:
    return Column(name, String(20), nullable=False, server_default=first, index=True)


_tracks(
    UNIFIED,
    _status("download_status", "not_downloaded"),
    Column("download_error", Text),
    Column("downloaded_at", DateTime),
    Column("last_verified_at", DateTime),
    Column("file_inode", BigInteger),
    Column("file_mtime_ns", BigInteger),
    Column("tidal_available", Boolean, nullable=False, server_default=text("1")),
    Column("unavailable_reason", String(50)),
)


def _of_playlists() -> tuple[Column[Any], ...]:
    return (
        _status("sync_status", "unknown"),
        Column("last_updated_tidal", DateTime),
        Column("last_synced_filesystem", DateTime),
        Column("named_for", String(500)),
        Column("folder_inode", BigInteger),
        Column("origin", String(20)),
        Column("incomplete_reason", Text),
        Column("last_full_read_at", DateTime),
        Column("removed_from_tidal", DateTime),
    )


_playlists(UNIFIED, *_of_playlists())
_playlist_tracks(
    UNIFIED,
    Column("is_primary", Boolean, nullable=False, server_default=text("0")),
    Column("symlink_path", String(1000)),
    Column("symlink_valid", Boolean),
    _status("sync_status", "unknown"),
    Column("synced_at", DateTime),
    Column("path", String(1000), index=True),
    Column("named_for", String(1000)),
    Column("link_kind", String(10)),
    Column("copy_inode", BigInteger),
    Column("copy_size", BigInteger),
    Column("copy_mtime_ns", BigInteger),
)
_sync_operations(UNIFIED)
_sync_snapshots(UNIFIED)
Table(
    "playlist_positions",
    UNIFIED,
    Column("playlist_id", ForeignKey("playlists.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("track_id", ForeignKey("tracks.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("item_uuid", String(64)),
    Column("added_at", DateTime),
    sqlite_with_rowid=False,
)
Table(
    "seen_files",
    UNIFIED,
    Column("path", String(1000), primary_key=True),
    Column("inode", BigInteger),
    Column("size", BigInteger),
    Column("mtime_ns", BigInteger),
    Column("ctime_ns", BigInteger),
    Column("embedded_id", String(255)),
    Column("sha256", String(64)),
    Column("isrc", String(20)),
    Column("duration", Float),
    Column("playable", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "runs",
    UNIFIED,
    Column("id", String(32), primary_key=True),
    Column("command", String(40), nullable=False),
    Column("started_at", DateTime, nullable=False, index=True),
    Column("finished_at", DateTime),
    Column("status", String(20), nullable=False),
    Column("planned", Integer, nullable=False, server_default=text("0")),
    Column("done", Integer, nullable=False, server_default=text("0")),
    Column("failed", Integer, nullable=False, server_default=text("0")),
    Column("undoes", String(32)),
)
Table(
    "run_steps",
    UNIFIED,
    Column("run_id", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("action", String(20)),
    Column("path", String(1000)),
    Column("source", String(1000)),
    Column("track", String(255)),
    Column("playlist", String(255)),
    Column("because", String(40)),
    Column("state", String(20), index=True),
    Column("error", Text),
    Column("trash_path", String(1000)),
    Column("target", String(1000)),
    Column("replaced", String(1000)),
    Column("kind", String(10)),
    Column("inode", BigInteger),
    Column("size", BigInteger),
    Column("mtime_ns", BigInteger),
    Column("sha256", String(64)),
    Column("named_for", String(1000)),
    Column("at", DateTime),
)
Table(
    "library",
    UNIFIED,
    Column("id", String(64), primary_key=True),
    Column("root", String(1000), nullable=False),
    Column("tidal_user_id", String(100)),
    Column("created_at", DateTime, nullable=False),
    Column("capabilities", Text),
)

FOLDERS = MetaData()
"""What is kept of listed folders: one table, a cache."""

Table(
    "seen_folders",
    FOLDERS,
    Column("playlist", String(255), primary_key=True),
    Column("device", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("ctime_ns", BigInteger, nullable=False),
    Column("held", String(64), nullable=False),
    Column("listed_at_ns", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

ASKED = MetaData()
"""When TIDAL was last asked for a track that it does not have: one table."""

Table(
    "asked_tracks",
    ASKED,
    Column("track", String(255), primary_key=True),
    Column("asked_at", DateTime, nullable=False),
    sqlite_with_rowid=False,
)

REPLACED = MetaData()
"""Ids of tracks that TIDAL replaced: one table."""

Table(
    "replaced_ids",
    REPLACED,
    Column("old_id", String(255), primary_key=True),
    Column("new_id", String(255), nullable=False),
    sqlite_with_rowid=False,
)

CONTENTS = MetaData()
"""A second hash of contents, which is faster to compute: one table, a cache."""

Table(
    "content_hashes",
    CONTENTS,
    Column("sha256", String(64), primary_key=True),
    Column("blake3", String(64), nullable=False),
    sqlite_with_rowid=False,
)

PACKETS = MetaData()
"""What contents sound like, whatever their tags: one table, a cache."""

Table(
    "packet_hashes",
    PACKETS,
    Column("sha256", String(64), primary_key=True),
    Column("packets", String(64), nullable=False),
    sqlite_with_rowid=False,
)

QUALITIES = MetaData()
"""What TIDAL says it has of each track, and in which quality the fetched ones came."""

Table(
    "track_tags",
    QUALITIES,
    Column("tidal_id", String(255), primary_key=True),
    Column("tags", String(200), nullable=False),
    sqlite_with_rowid=False,
)
Table(
    "audio_qualities",
    QUALITIES,
    Column("tidal_id", String(255), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("format", String(10), nullable=False),
    Column("asked", String(20), nullable=False),
    Column("got", String(20), nullable=False),
    Column("codec", String(20), nullable=False),
    Column("rate", Integer),
    Column("bits", Integer),
    Column("mode", String(30)),
    Column("fetched_at", DateTime, nullable=False),
    sqlite_with_rowid=False,
)

LOCAL = MetaData()
"""Playlists that are not TIDAL's, and so have no id: as the earlier tool had them at the end."""

_playlists(LOCAL, *_of_playlists(), local=True)
