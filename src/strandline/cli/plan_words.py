"""The words for what a plan does and why, as somebody who plays records would say it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from strandline.cli.output import plural
from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    CreateFolder,
    Download,
    Link,
    Lyrics,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)

DEEDS: dict[type[Action], tuple[str, str]] = {
    CreateFolder: ("create {}", "folder"),
    RenameFolder: ("rename {}", "folder"),
    Download: ("download {}", "track"),
    Move: ("move {}", "track"),
    TakeBack: ("restore {} from the trash", "track"),
    Link: ("link {}", "track"),
    Relink: ("update {}", "link"),
    Unlink: ("remove {}", "link"),
    Trash: ("move {} to the trash", "file"),
    Lyrics: ("put {} in place or take away", "lyrics file"),
    RemoveFolder: ("remove {}", "folder"),
    Conflict: ("leave {} alone", "place"),
}
"""In the order in which they are told."""

REASONS = {
    Because.NEW_PLAYLIST: "a new playlist",
    Because.NEW_IN_PLAYLIST: "new in the playlist",
    Because.MISSING_ON_DISK: "missing on disk",
    Because.DAMAGED_ON_DISK: "damaged on disk",
    Because.RENAMED_IN_TIDAL: "artist or title changed in TIDAL",
    Because.RENAMED_ON_DISK: "renamed on disk",
    Because.LEFT_PRIMARY_PLAYLIST: "no longer in the playlist that held the file",
    Because.LEFT_PLAYLIST: "no longer in this playlist",
    Because.LEFT_EVERY_PLAYLIST: "no longer in any playlist",
    Because.PLAYLIST_DELETED: "the playlist is gone from TIDAL",
    Because.MOVED_ON_DISK: "the file was moved on disk",
    Because.PRIMARY_MOVED: "the file it leads to has moved",
    Because.BROKEN_LINK: "the link is broken",
    Because.WRONG_LINK: "the link leads elsewhere",
    Because.SAME_AUDIO: "the same audio is there already",
    Because.SAME_RECORDING: "the same recording is there already, under another id",
    Because.STALE_COPY: "the copy is out of date",
    Because.LINK_MODE: "by the setting link_mode",
    Because.LAYOUT: "by the layout of the library",
    Because.LIBRARY_CHANGED: "the library has changed",
    Because.NO_LONGER_EXPORTED: "the playlist is no longer in the export",
    Because.SETTINGS_CHANGED: "by today's settings",
    Because.BETTER_QUALITY: "TIDAL has it in better quality now",
    Because.LINK_OF_YOURS: "your own link leads to no audio now",
    Because.IN_TRASH: "already in the trash, nothing to download",
    Because.OWN_FILE: "a file of yours is this track",
    Because.TRASH_KEEP_DAYS: "in the trash for longer than trash_keep_days",
    Because.ASKED_FOR: "asked for",
    Because.FOLDER_IN_THE_WAY: "something else is there",
    Because.FOLDER_UNREADABLE: "the folder cannot be read",
    Because.FILE_UNREADABLE: "the file cannot be read",
}
_OF_FOLDERS = {
    Because.RENAMED_IN_TIDAL: "the playlist was renamed in TIDAL",
    Because.RENAMED_ON_DISK: "it was renamed on disk, and gets the playlist's name again",
}
_OF_MOVES = {
    Because.PLAYLIST_DELETED: "the playlist that held the file is gone from TIDAL",
    Because.MOVED_ON_DISK: "the file was found elsewhere on disk",
}
_OF_LEAVING = {
    Because.LEFT_PRIMARY_PLAYLIST: "no longer in this playlist, but in others",
    Because.PLAYLIST_DELETED: "the playlist is gone from TIDAL, others have the track",
}


def deed(kind: type[Action], count: int) -> str:
    """``move 3 tracks``."""
    words, thing = DEEDS[kind]
    return words.format(plural(count, thing))


def totals(actions: Iterable[Action]) -> str:
    """Every kind of action with its number."""
    counts = Counter(type(action) for action in actions)
    return ", ".join(deed(kind, counts[kind]) for kind in DEEDS if counts[kind])


def reason(kind: type[Action], because: Because) -> str:
    """Why, for this kind of action."""
    special: dict[Because, str] = {}
    if kind is RenameFolder:
        special = _OF_FOLDERS
    elif kind is Move:
        special = _OF_MOVES
    return special.get(because) or REASONS[because]


def reason_by_names(action: str | None, because: str | None) -> str:
    """The same for the words that the journal has; empty where no reason is known."""
    kinds = {kind.name: kind for kind in reversed(DEEDS)}
    known = {reason.value: reason for reason in Because}
    if because not in known:
        return ""
    return reason(kinds.get(action or "", Link), known[because])


def reason_of_leaving(because: Because) -> str:
    """Why audio moves out of a playlist's folder, said in that playlist."""
    return _OF_LEAVING.get(because) or reason(Move, because)
