"""Whose each path is today: what an undo or a restore records overwrites nobody's entry.

A journal speaks of the tracks and entries of its time. Since then an id may have been replaced, a
file or link moved: what goes is the entry that stands there now, and what comes does not push an
entry out of the ledger that stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from strandline.core.actions import Action, Because, Link, Move, Trash, Unlink
from strandline.core.ids import LibPath, PlaylistId, TrackId, in_pool
from strandline.core.states import Kind, Ledger, LedgerEntry
from strandline.execute.run_actions import GiveBack, Restore
from strandline.library.files import LibraryFiles


class HeldElsewhereError(Exception):
    """The playlist has the track at another place now, or the track its audio; the text says so."""


class Owners:
    """The entries of a ledger by their places, and the audio that ``actions`` bring."""

    def __init__(self, ledger: Ledger, files: LibraryFiles, actions: Collection[Action]) -> None:
        self._ledger, self._files = ledger, files
        self._entries = {entry.path: entry for entry in ledger.entries.values()}
        self._tracks = {file.path: file.track for file in ledger.files.values()}
        self._coming: dict[LibPath, TrackId] = {}
        self._going: dict[LibPath, TrackId | None] = {}
        """With the track that the journal says it is."""
        for action in actions:
            if isinstance(action, (Unlink, Trash, GiveBack)):
                self._going[action.path] = action.track
            if isinstance(action, Move):
                self._going[action.source] = action.track
                self._coming[action.path] = self._track_at(action.source, action)
        for action in actions:
            if isinstance(action, Restore) and action.primary and action.track:
                self._coming[action.path] = self._stands_for(action) or action.track

    def of_today(self, action: Action) -> list[Action]:
        """The action as it speaks of today's entries. Raises HeldElsewhereError."""
        match action:
            case Unlink() | Trash() | GiveBack():
                return [self._goes(action)]
            case Move():
                return self._moves(action)
            case Link():
                track = self._coming.get(action.source) or self._track_at(action.source, action)
                if action.track and self._ledger.shared.get(action.track) == track:
                    track = action.track  # its link leads to the other one's file
                self._require_nowhere_else(action.playlist, track, action.path)
                return [replace(action, track=track)]
            case Restore():
                return [self._comes_back(action)]
            case _:
                return [action]

    def _track_at(self, path: LibPath, action: Action) -> TrackId:
        track = self._tracks.get(path) or action.track
        assert track
        return track

    def _goes(self, action: Unlink | Trash | GiveBack) -> Action:
        if entry := self._entries.get(action.path):
            return replace(action, playlist=entry.playlist, track=entry.track)
        held = action.track and self._elsewhere(action.playlist, action.track, action.path)
        return replace(action, playlist=None) if held else action

    def _moves(self, action: Move) -> list[Action]:
        """A link of the playlist under another name gives way to the audio."""
        track, home = self._track_at(action.source, action), action.playlist
        known = self._ledger.files.get(track)
        if known and known.path != action.source and self._stands(known.path):
            raise HeldElsewhereError(f"the audio of its track is at {known.path} now")
        entry = self._entries.get(action.source)
        leaves = entry.playlist if entry and entry.playlist != home else None
        moved = replace(action, track=track, leaves=leaves)
        other = self._elsewhere(home, track, action.path)
        seen = self._files.see(other.path) if other else None
        if other and seen and other.kind is Kind.SYMLINK and seen.type == "link":
            return [Unlink(other.path, Because.MOVED_ON_DISK, home, track, expected=seen), moved]
        self._require_nowhere_else(home, track, action.path)
        return [moved]

    def _stands_for(self, action: Restore) -> TrackId | None:
        """Of a file that gives its place back to the one before it: the track it is of today."""
        path, track = action.path, action.track
        entry = self._entries.get(path)
        return entry.track if entry and track and self._going.get(path) == track else track

    def _comes_back(self, action: Restore) -> Restore:
        """A file beside the entry of its track is nobody's: the next scan judges it."""
        action = replace(action, track=self._stands_for(action))
        held = action.track and self._elsewhere(action.playlist, action.track, action.path)
        return replace(action, playlist=None, primary=False) if held else action

    def _require_nowhere_else(
        self, playlist: PlaylistId | None, track: TrackId, path: LibPath
    ) -> None:
        if in_pool(path):
            return
        if playlist is None:
            raise HeldElsewhereError("it was a second one, beside the entry of its playlist")
        if other := self._elsewhere(playlist, track, path):
            raise HeldElsewhereError(f"the playlist has its track at {other.path} now")

    def _elsewhere(
        self, playlist: PlaylistId | None, track: TrackId, path: LibPath
    ) -> LedgerEntry | None:
        entry = self._ledger.entries.get((playlist, track)) if playlist else None
        if entry is None or entry.path == path or entry.path in self._going:
            return None
        return entry if self._stands(entry.path) else None

    def _stands(self, path: LibPath) -> bool:
        return self._files.see(path) is not None
