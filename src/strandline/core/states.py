"""The three states that go into a decision: what TIDAL wants, what strandline made, what is there.

Rows that exist a hundred thousand times are named tuples (built in C from database rows and
directory entries); everything else is a frozen dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, is_beside, resolve

# ---------------------------------------------------------------- what TIDAL wants


class WantedTrack(NamedTuple):
    """A track as TIDAL last described it while it was available."""

    id: TrackId
    artist: str
    title: str
    version: str | None
    duration: int  # seconds, 0 if unknown
    isrc: str | None
    available: bool = True
    album: str | None = None
    lossless: bool = True
    """TIDAL has it lossless; else what comes is AAC."""
    explicit: bool | None = None
    mode: str | None = None
    """TIDAL's audio modes, ``STEREO`` or ``DOLBY_ATMOS``."""


@dataclass(frozen=True, slots=True)
class WantedPlaylist:
    """A playlist in TIDAL; ``tracks`` in TIDAL's order, each track once (the first position)."""

    id: PlaylistId
    name: str
    tracks: tuple[TrackId, ...]
    incomplete: str | None = None
    """Why this playlist may add but never remove; None when it was read whole."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What TIDAL wants. ``complete`` is about the list of playlists itself."""

    playlists: dict[PlaylistId, WantedPlaylist]
    tracks: dict[TrackId, WantedTrack]
    complete: bool = True
    incomplete_reason: str = ""
    leaving: dict[TrackId, WantedTrack] = field(default_factory=dict)
    """Tracks on disk that no playlist lists any more, as TIDAL last told of them."""
    alike: dict[TrackId, WantedTrack] = field(default_factory=dict)
    """Where ``tracks`` are a part: the others that have a recording's code of one leaving."""
    replacements: dict[TrackId, TrackId] = field(default_factory=dict)
    """What TIDAL itself says it put in the place of a track, of those that left."""
    hollow: dict[PlaylistId, str] = field(default_factory=dict)
    """Playlists that TIDAL lists by name alone, without data: their owners deleted them."""

    def may_list(self, playlist: PlaylistId, track: TrackId) -> bool:
        """Whether the playlist lists the track, as far as TIDAL told: unknown is not empty."""
        known = self.playlists.get(playlist)
        if known is None or known.incomplete:
            return known is not None or not self.complete
        return track in known.tracks


# ---------------------------------------------------------------- what strandline made


class Kind(str, Enum):
    """What an entry is on disk."""

    PRIMARY = "primary"
    SYMLINK = "symlink"
    HARDLINK = "hardlink"
    COPY = "copy"
    YOURS = "yours"
    """A person's own version or link, at a place where an entry of ours was, or would be."""


class Stamp(NamedTuple):
    """What tells that a regular file is still the one we knew."""

    ino: int
    size: int  # bytes
    mtime_ns: int


class LedgerEntry(NamedTuple):
    """One track in one playlist, as strandline left it."""

    playlist: PlaylistId
    track: TrackId
    path: LibPath
    kind: Kind
    named_for: str | None
    """The TIDAL name this file name was given for; None when the name is the user's own."""
    stamp: Stamp | None = None
    """Of a copy or hard link; a primary's is in its LedgerFile."""


class LedgerFile(NamedTuple):
    """The primary audio of a track. From an old database the stamp and hash may be unknown."""

    track: TrackId
    path: LibPath
    stamp: Stamp | None
    size: int | None
    sha256: str | None


class LedgerPlaylist(NamedTuple):
    """A playlist folder strandline made or took over."""

    id: PlaylistId
    folder: str
    named_for: str | None
    """The TIDAL name the folder was named for; None when it came from an old database."""
    ino: int | None = None


class MadeLink(NamedTuple):
    """For which entry strandline made a link, and in which folder."""

    playlist: PlaylistId
    track: TrackId
    folder: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What strandline made last time."""

    playlists: dict[PlaylistId, LedgerPlaylist]
    entries: dict[tuple[PlaylistId, TrackId], LedgerEntry]
    files: dict[TrackId, LedgerFile]
    local: frozenset[str] = frozenset()
    """Folders of playlists that are not TIDAL's, from an old database: not a file there is ours."""
    replaced: dict[TrackId, TrackId] = field(default_factory=dict)
    """Ids that TIDAL replaced and lists no more -> the newest one of the same recording."""
    shared: dict[TrackId, TrackId] = field(default_factory=dict)
    """Tracks whose audio is the file of another one -> that one: both are one recording."""
    made: dict[tuple[PlaylistId, str], TrackId] = field(default_factory=dict)
    """By playlist and text, the track for which strandline made a link that stands at no entry's
    place now: whatever name the person gave it, and whatever became of the audio, it is known.
    """
    ours: dict[int, MadeLink] = field(default_factory=dict)
    """By inode, the links at no entry's place that are the very ones that strandline made."""
    fetched: frozenset[str] = frozenset()
    """The sha256 of what was fetched for tracks of which there is no file now, but whose id one of
    the scan's bears.
    """

    def audio_of(self, track: TrackId) -> LedgerFile | None:
        """The track's file, or the one that it shares."""
        return self.files.get(track) or self.files.get(self.shared.get(track, track))


# ---------------------------------------------------------------- what is on disk


class Identity(str, Enum):
    """How a file was recognised; listed from the strongest evidence to the weakest."""

    LEDGER = "ledger"
    INODE = "inode"
    EMBEDDED_ID = "embedded_id"
    CONTENT = "content"


class FoundFile(NamedTuple):
    """A regular file below ``mp3/Playlists``."""

    path: LibPath
    dev: int
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @property
    def stamp(self) -> Stamp:
        """What the ledger keeps of it."""
        return Stamp(self.ino, self.size, self.mtime_ns)


class FoundLink(NamedTuple):
    """A symlink below ``mp3/Playlists``: its raw text, never followed."""

    path: LibPath
    dev: int
    ino: int
    target: str


class FoundFolder(NamedTuple):
    """A directory entry of ``mp3/Playlists`` itself, by bare name."""

    name: str
    dev: int
    ino: int
    is_folder: bool = True
    """False for a symlink or a file standing where a folder should: reported, never entered."""


class Evidence(NamedTuple):
    """What reading a file told about it; cached by (path, ino, size, mtime_ns, ctime_ns)."""

    embedded: TrackId | None = None
    sha256: str | None = None
    isrc: str | None = None
    duration: float | None = None  # seconds
    playable: bool = True
    """False: empty, truncated, or not audio at all."""


class CachedEvidence(NamedTuple):
    """Evidence of an earlier scan; good while everything but the path is unchanged."""

    path: LibPath
    ino: int
    size: int
    mtime_ns: int
    ctime_ns: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Scan:
    """What is on disk. ``evidence`` covers those files the ledger alone could not explain."""

    folders: dict[str, FoundFolder]
    files: dict[LibPath, FoundFile]
    links: dict[LibPath, FoundLink]
    others: frozenset[LibPath] = frozenset()
    """Anything else in a playlist folder: sub-folders, sockets, devices."""
    evidence: dict[LibPath, Evidence] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    """Folder name -> reason; what is in it is unknown, so nothing in it is touched."""
    unread: dict[LibPath, str] = field(default_factory=dict)
    """Audio that the ledger does not explain and that could not be read -> reason."""
    unnamed: dict[int, LibPath] = field(default_factory=dict)
    """Inode -> files whose names no database could hold, as they can be printed."""
    root: str = ""
    """The full path of ``<library>/mp3``."""
    led: dict[LibPath, FoundFile] = field(default_factory=dict)
    """By a link that leads to no file of ``files``: the regular file it leads to in the end.

    Its evidence is under the link's path.
    """

    def is_dangling(self, link: FoundLink) -> bool:
        """Whether a link leads to no file at all; behind what nobody could look at may be one."""
        target = self.pointed_at(link)
        return link.path not in self.led and target not in self.files and not self.hides(target)

    def hides(self, path: LibPath | None) -> bool:
        """Whether ``path`` is behind something in ``Playlists`` that could not be looked into."""
        if path is None or is_beside(path):
            return False
        found = self.folders.get(folder_of(path))
        return folder_of(path) in self.unreadable or (found is not None and not found.is_folder)

    def pointed_at(self, link: FoundLink) -> LibPath | None:
        """Where a link leads within ``Playlists``; None for everywhere else."""
        return resolve(link.path, link.target, self.root)
