"""What one action's fate means for later ones: links never dangle, folders are not half cleared."""

from __future__ import annotations

from dataclasses import replace

from strandline.core.actions import (
    Action,
    CreateFolder,
    Download,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, TrackId, folder_of


class Routes:
    """Remembers where audio really went and what did not come about."""

    def __init__(self) -> None:
        self._went: dict[LibPath, LibPath] = {}
        self._absent: set[LibPath] = set()
        self._closed: set[str] = set()
        self._kept: set[str] = set()
        self._linked: set[TrackId] = set()

    def went(self, action: Action, path: LibPath) -> None:
        """``action`` is done, and what it was about is at ``path`` now."""
        if path != action.path:
            self._went[action.path] = path

    def fell(self, action: Action) -> None:
        """``action`` did not come about."""
        match action:
            case Download():
                self._absent.add(action.path)
            case Move():
                self._absent.add(action.path)
                self._kept.add(folder_of(action.source))
            case CreateFolder() | RenameFolder():
                self._closed.add(folder_of(action.path))
            case Unlink() | Trash():
                self._kept.add(folder_of(action.path))
                if action.track and isinstance(action, Unlink):
                    self._linked.add(action.track)
            case _:
                pass

    def followed(self, action: Action) -> Action:
        """The action as it must be now that its audio came with another extension."""
        if not (self._went and isinstance(action, (Link, Relink)) and action.source in self._went):
            return action
        source = self._went[action.source]
        old, new = extension_of(action.source), extension_of(source)
        path = action.path
        if isinstance(action, Link) and old != new and path.endswith(old):
            path = LibPath(path[: len(path) - len(old)] + new)
        return replace(action, source=source, path=path)

    def obstacle(self, action: Action) -> str | None:
        """Why ``action`` cannot be tried; None when it can."""
        if self._is_closed(action):
            return f"its folder {folder_of(action.path)!r} could not be prepared"
        match action:
            case Link() | Relink() if self._absent and action.source in self._absent:
                return "the audio it would lead to did not come"
            case RemoveFolder() if folder_of(action.path) in self._kept:
                return "not everything in it could be cleared"
            case Trash(keeper=None) if action.track in self._linked:
                return "a link to it could not be removed"
            case _:
                return None if _writable(action) else "its name is not valid UTF-8"

    def _is_closed(self, action: Action) -> bool:
        if not self._closed or isinstance(action, RenameFolder):
            return False
        return folder_of(action.path) in self._closed


def extension_of(path: LibPath) -> str:
    """With its dot; empty when there is none."""
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return dot + extension if stem else ""


def _writable(action: Action) -> bool:
    """Whether the journal can hold the action's paths."""
    try:
        f"{action.path}{getattr(action, 'source', '')}".encode()
    except UnicodeEncodeError:
        return False
    return True
