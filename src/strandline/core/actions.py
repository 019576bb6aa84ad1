"""What a plan may hold: one small class an action, just the fields it needs, and its reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar, NamedTuple

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import Kind


class Because(str, Enum):
    """Why an action is in the plan, in a word a script can match."""

    NEW_PLAYLIST = "new_playlist"
    NEW_IN_PLAYLIST = "new_in_playlist"
    MISSING_ON_DISK = "missing_on_disk"
    DAMAGED_ON_DISK = "damaged_on_disk"
    RENAMED_IN_TIDAL = "renamed_in_tidal"
    RENAMED_ON_DISK = "renamed_on_disk"
    LEFT_PRIMARY_PLAYLIST = "left_primary_playlist"
    LEFT_PLAYLIST = "left_playlist"
    LEFT_EVERY_PLAYLIST = "left_every_playlist"
    PLAYLIST_DELETED = "playlist_deleted"
    MOVED_ON_DISK = "moved_on_disk"
    PRIMARY_MOVED = "primary_moved"
    BROKEN_LINK = "broken_link"
    WRONG_LINK = "wrong_link"
    SAME_AUDIO = "same_audio"
    SAME_RECORDING = "same_recording"
    STALE_COPY = "stale_copy"
    LINK_MODE = "link_mode"
    LAYOUT = "layout"
    IN_TRASH = "in_trash"
    OWN_FILE = "own_file"
    TRASH_KEEP_DAYS = "trash_keep_days"
    ASKED_FOR = "asked_for"
    LIBRARY_CHANGED = "library_changed"
    NO_LONGER_EXPORTED = "no_longer_exported"
    SETTINGS_CHANGED = "settings_changed"
    BETTER_QUALITY = "better_quality"
    LINK_OF_YOURS = "link_of_yours"
    FOLDER_IN_THE_WAY = "folder_in_the_way"
    FOLDER_UNREADABLE = "folder_unreadable"
    FILE_UNREADABLE = "file_unreadable"


class EntryState(NamedTuple):
    """A directory entry as it was seen; a step that takes it away first checks that it still is."""

    type: str  # "file", "link" or "folder"
    dev: int
    ino: int
    size: int = 0  # bytes; files only
    mtime_ns: int = 0  # files only
    target: str | None = None  # links only


@dataclass(frozen=True, slots=True)
class Action:
    """One change. ``path`` is where it happens (for a move or rename: the new place)."""

    name: ClassVar[str]
    path: LibPath
    because: Because
    playlist: PlaylistId | None = None
    track: TrackId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFolder(Action):
    """Make an empty playlist folder."""

    name: ClassVar[str] = "create_folder"
    named_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenameFolder(Action):
    """Rename a playlist folder as a whole, whatever is in it."""

    name: ClassVar[str] = "rename_folder"
    source: LibPath
    expected: EntryState
    named_for: str
    aside: bool = False
    """Goes by way of a temporary name: its new one is still in use (a swap, a case change)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFolder(Action):
    """Remove a playlist folder, if it is empty by then."""

    name: ClassVar[str] = "remove_folder"
    expected: EntryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Download(Action):
    """Fetch a track.

    The extension of ``path`` is a forecast: it follows the audio that comes, and so do the links
    to it.
    """

    name: ClassVar[str] = "download"
    named_for: str | None
    replaces: EntryState | None = None
    """What stands at ``path`` and gives way in the same instant: our own link, or a damaged file,
    which a Trash of the same plan speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Action):
    """Rename one of our audio files to where its primary belongs."""

    name: ClassVar[str] = "move"
    source: LibPath
    expected: EntryState
    named_for: str | None
    replaces: EntryState | None = None
    leaves: PlaylistId | None = None
    """The playlist whose entry the file was, where that is another one."""
    sha256: str | None = None
    """Of the file, where it is known."""


TRASH = "../.strandline/trash/"
"""The trash, as paths are written: relative to the folder that holds ``Playlists``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(Action):
    """Bring a track's audio back from the trash, where it would else be fetched: a kind of move."""

    name: ClassVar[str] = "move"
    place: str
    """Where it lies in the trash: the run that put it there, and its path then."""
    expected: EntryState
    sha256: str
    named_for: str | None
    replaces: EntryState | None = None
    """Our own link that stands at ``path`` and gives way."""

    @property
    def source(self) -> str:
        """Where it lies, relative to the folder that holds ``Playlists``."""
        return TRASH + self.place


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Action):
    """Make a link (or hard link, or copy) at ``path`` to the primary at ``source``."""

    name: ClassVar[str] = "link"
    source: LibPath
    kind: Kind
    named_for: str | None
    through: str | None = None
    """The text of the person's own link, where one stands at ``source`` for the audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relink(Action):
    """Point our link (or refresh our copy) at ``path`` to the primary at ``source``."""

    name: ClassVar[str] = "relink"
    source: LibPath
    kind: Kind
    named_for: str | None
    expected: EntryState
    through: str | None = None
    """The text of the person's own link, where one stands at ``source`` for the audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlink(Action):
    """Take one of our symlinks away."""

    name: ClassVar[str] = "unlink"
    expected: EntryState


@dataclass(frozen=True, slots=True, kw_only=True)
class Trash(Action):
    """Put a file into the run's trash, under its old relative path."""

    name: ClassVar[str] = "trash"
    expected: EntryState
    keeper: LibPath | None = None
    """The verified other copy that must be there first, when this is a second copy (I3)."""
    successor: LibPath | None = None
    """Where the audio comes that stands in for a damaged file: until then that stays (I22). Or
    where that lies which is the same recording."""
    back_to: str | None = None
    """The ``import`` whose trash it goes to, where the file came by one; else this run's."""
    damaged: bool = False
    """Whatever the reason to go: it no longer plays to its end, so it is no better to come back."""

    @property
    def is_replaced(self) -> bool:
        """Whether its successor is the track's own file, and not another id's of its recording."""
        return self.successor is not None and self.because is not Because.SAME_RECORDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Lyrics(Action):
    """Write the lyrics of a track into a file beside its audio, or take that file away."""

    name: ClassVar[str] = "lyrics"
    content: Callable[[], Iterable[bytes]] | None = field(default=None, compare=False, repr=False)
    sha256: str | None
    """Of the content; None: the file goes."""
    old: str | None = None
    """The sha256 of the file that gives way; None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(Action):
    """Something of the user's stands in the way; nothing is done about it but to say so."""

    name: ClassVar[str] = "conflict"
    message: str


ACTIONS: tuple[type[Action], ...] = (
    CreateFolder, RenameFolder, RemoveFolder, Download, Move, Link, Relink, Unlink, Trash, Conflict,
)  # fmt: skip
