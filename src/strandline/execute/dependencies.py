"""Dependencies between actions: links never dangle, folders are not half cleared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    Download,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import PLAYLISTS, TRACKS, LibPath, TrackId, folder_of, is_beside
from strandline.core.ledger_facts import renamed_in, renamed_path
from strandline.execute.run_actions import Export, Import

_MUSIC = (f"{PLAYLISTS}/", f"{TRACKS}/")


class DependencyTracker:
    """Tracks where audio really went and what did not come about."""

    def __init__(self) -> None:
        self._went: dict[LibPath, LibPath] = {}
        self._left: set[LibPath] = set()
        """Of these, what was known before any folder was renamed: an undo moves files first."""
        self._renamed: dict[str, str] = {}
        self._stayed: dict[str, str] = {}
        """Folders that were not renamed: the new name -> the one they kept."""
        self._absent: set[LibPath] = set()
        self._unavailable: set[LibPath] = set()
        self._given_up: set[TrackId | None] = set()
        self._damaged: set[LibPath] = set()
        """Where a damaged file stays, for what was to come in its stead did not."""
        self._closed: set[str] = set()
        self._kept: set[str] = set()
        self._linked: set[TrackId] = set()
        self._missed: set[TrackId] = set()
        """Tracks whose audio did not come."""
        self._unmoved: set[LibPath] = set()

    def went(self, action: Action, path: LibPath) -> None:
        """``action`` is done, and what it was about is at ``path`` now."""
        if isinstance(action, RenameFolder):
            self._renamed[folder_of(action.source)] = folder_of(path)
        elif path != action.path:
            self._is_at(action.path, path)

    def fell(self, action: Action, *, unavailable: bool = False) -> None:
        """``action`` did not come about; ``unavailable``: TIDAL does not have its audio."""
        if unavailable:
            self._unavailable.add(action.path)
            self._given_up.add(action.track)
        match action:
            case Download() | TakeBack() | Import():
                self._did_not_come(action)
            case Move() if is_beside(action.source):  # beside the folders: no place for links
                self._absent.add(action.path)
                self._unmoved.add(action.path)
            case Move():  # its audio is still where it was
                self._unmoved.add(action.path)
                self._is_at(action.path, self._here(action.source))
                self._kept.add(folder_of(action.source))
            case RenameFolder():
                self._stayed[folder_of(action.path)] = folder_of(action.source)
            case CreateFolder():
                self.close(action)
            case Unlink() | Trash():
                self._kept.add(folder_of(action.path))
                if action.track and isinstance(action, Unlink):
                    self._linked.add(action.track)
            case _:
                pass

    def _is_at(self, planned: LibPath, path: LibPath) -> None:
        self._went[planned] = path
        if not self._renamed:
            self._left.add(planned)

    def _where(self, planned: LibPath) -> LibPath | None:
        """Where what was to be there went, if elsewhere."""
        path = self._went.get(planned)
        if path is None or planned not in self._left:
            return path
        return renamed_in(self._renamed, path)

    def _did_not_come(self, action: Download | TakeBack | Import) -> None:
        self._absent.add(action.path)
        if action.replaces and action.replaces.type == "file":
            self._damaged.add(action.path)
        if action.track:
            self._missed.add(action.track)

    def close(self, action: CreateFolder | RenameFolder) -> None:
        """The folder is not where it was to be, nor where it was: nothing can be done in it."""
        self._closed.add(folder_of(action.path))

    def followed(self, action: Action) -> Action:
        """The action as it must be now: its audio came elsewhere, or its folder kept its name."""
        if not (self._went or self._stayed) or isinstance(action, RenameFolder):
            return action
        changes: dict[str, Any] = {"path": self._here(action.path)} if self._stayed else {}
        for name in ("source", "keeper"):
            if (place := getattr(action, name, None)) and place.startswith(_MUSIC):
                went = None if isinstance(action, Move) else self._where(place)
                changes[name] = went or self._here(place)
        if isinstance(action, Trash) and (place := action.successor):
            went = None if place in self._unmoved else self._where(place)
            changes["successor"] = went or self._here(place)
        if isinstance(action, Link):
            changes["path"] = _named_like(action, changes.get("path", action.path), self._went)
        same = all(getattr(action, name) == value for name, value in changes.items())
        return action if same else replace(action, **changes)

    def came_otherwise(self, link: Link) -> Link | None:
        """The link as it must be, if its audio came under another ending than planned."""
        came = self.followed(link)
        assert isinstance(came, Link)
        return None if extension_of(came.source) == extension_of(link.source) else came

    def _here(self, path: LibPath) -> LibPath:
        """A path as the folders are called now."""
        kept = self._stayed.get(folder := folder_of(path)) if self._stayed else None
        return renamed_path(path, folder, kept) if kept else path

    def leads_to_unavailable(self, action: Action) -> bool:
        """It would be a link to audio that TIDAL does not have."""
        return isinstance(action, (Link, Relink)) and action.source in self._unavailable

    def is_unavailable(self, track: TrackId | None) -> bool:
        """Whether TIDAL turned out not to have it."""
        return track in self._given_up

    def obstacle(self, action: Action) -> str | None:
        """Why ``action`` cannot be tried; None when it can."""
        if self._is_closed(action):
            return f"its folder {folder_of(action.path)!r} could not be prepared"
        match action:
            case Relink(because=Because.PRIMARY_MOVED, source=source) if source in self._damaged:
                return None  # it follows the folder of what stays there
            case Link() | Relink() if self._absent and action.source in self._absent:
                return "the audio it would lead to did not come"
            case RemoveFolder() if folder_of(action.path) in self._kept:
                return "not everything in it could be cleared"
            case Unlink(because=Because.RENAMED_IN_TIDAL) if self._may_come(action.track):
                return "the audio for the link that replaces it did not come, so it stays"
            case Trash(successor=str(successor)) if successor in self._absent:
                return "the audio that replaces it did not come, so it stays"
            case Trash(keeper=None) if action.track in self._linked:
                return "a link to it could not be removed"
            case _:
                return None if _writable(action) else "its name is not valid UTF-8"

    def _may_come(self, track: TrackId | None) -> bool:
        """Its audio failed to come, and TIDAL has it."""
        return track in self._missed and track not in self._given_up

    def _is_closed(self, action: Action) -> bool:
        if not self._closed or isinstance(action, (RenameFolder, Export)):
            return False
        return folder_of(action.path) in self._closed


def _named_like(action: Link, path: LibPath, went: Mapping[LibPath, LibPath]) -> LibPath:
    """A link has the extension of its audio."""
    came = went.get(action.source, action.source)
    old, new = extension_of(action.source), extension_of(came)
    if old != new and path.endswith(old):
        return LibPath(path[: len(path) - len(old)] + new)
    return path


def extension_of(path: LibPath) -> str:
    """With its dot; empty when there is none."""
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return dot + extension if stem else ""


def _writable(action: Action) -> bool:
    """Whether the journal can hold the action's paths."""
    try:
        f"{action.path}{getattr(action, 'source', '')}{getattr(action, 'file', '')}".encode()
    except UnicodeEncodeError:
        return False
    return True
