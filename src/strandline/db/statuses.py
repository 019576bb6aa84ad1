"""The three statuses a reader of the database meets; plain words, stored as they stand here."""

from __future__ import annotations

from enum import Enum


class DownloadStatus(str, Enum):
    """Whether a track's audio is in the library."""

    NOT_DOWNLOADED = "not_downloaded"
    DOWNLOADING = "downloading"
    DOWNLOADED = "downloaded"
    ERROR = "error"


class PlaylistSyncStatus(str, Enum):
    """How a playlist's folder stands to TIDAL."""

    IN_SYNC = "in_sync"
    NEEDS_DOWNLOAD = "needs_download"
    NEEDS_UPDATE = "needs_update"
    NEEDS_REMOVAL = "needs_removal"
    UNKNOWN = "unknown"


class TrackSyncStatus(str, Enum):
    """How one entry, a track in a playlist, stands to what it should be on disk."""

    SYNCED = "synced"
    NEEDS_SYMLINK = "needs_symlink"
    NEEDS_MOVE = "needs_move"
    NEEDS_REMOVAL = "needs_removal"
    UNKNOWN = "unknown"
