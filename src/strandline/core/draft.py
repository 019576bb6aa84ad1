"""The words of a verdict: each action and note is built in one place, precondition included."""

from __future__ import annotations

from strandline.core.actions import Action, Because, Link, Relink, Seen, Trash, Unlink
from strandline.core.cases import Case, Docket
from strandline.core.identity import Recognised
from strandline.core.ids import LibPath, PlaylistId
from strandline.core.ledger import EntryIs, FileIs, LedgerChange
from strandline.core.places import Place, Places
from strandline.core.states import Kind, LedgerEntry, LedgerFile


class Draft:
    """The actions and notes on one case, as they are found."""

    def __init__(self, docket: Docket, places: Places, case: Case, claimed: set[LibPath]) -> None:
        self.docket, self.world, self.places, self.case = docket, docket.world, places, case
        self.claimed = claimed
        self.id = case.track.id
        self.actions: list[Action] = []
        self.notes: list[LedgerChange] = []
        self.primary: LibPath | None = None
        """Where the audio is once the plan is done; None if there will be none."""

    def _is_wanted_by(self, playlist: PlaylistId) -> bool:
        return self.id in self.world.wanted_sets.get(playlist, ())

    def _note_file(self, audio: Recognised) -> None:
        file = audio.file
        fact = LedgerFile(self.id, file.path, file.stamp, file.size, audio.sha256)
        if self.case.known != fact:
            self.notes.append(FileIs(fact))

    def _act(self, action: Action) -> None:
        self.actions.append(action)

    def _seen(self, path: LibPath) -> Seen:
        seen = self.world.seen(path)
        assert seen is not None
        return seen

    def _own_link_at(self, path: LibPath) -> Seen | None:
        return self._seen(path) if path in self.world.links else None

    def _ledger_owner(self, path: LibPath) -> PlaylistId | None:
        """The playlist whose entry this file was, by the ledger."""
        for playlist, entry in self.case.entries.items():
            if entry.path == path and entry.kind is Kind.PRIMARY:
                return playlist
        return None

    def _why_new(self, playlist: PlaylistId) -> Because:
        if playlist in self.case.entries:
            return Because.MISSING_ON_DISK
        known = playlist in self.world.ledger.playlists
        return Because.NEW_IN_PLAYLIST if known else Because.NEW_PLAYLIST

    def _note_entry(self, entry: LedgerEntry) -> None:
        if self.case.entries.get(entry.playlist) != entry:
            self.notes.append(EntryIs(entry))

    def _link(self, playlist: PlaylistId, place: Place, because: Because) -> None:
        assert self.primary
        self._act(
            Link(
                place.path,
                because,
                playlist,
                self.id,
                source=self.primary,
                kind=self.world.policy.link_kind,
                named_for=place.named_for,
            )
        )

    def _relink(self, playlist: PlaylistId, place: Place, because: Because, kind: Kind) -> None:
        assert self.primary
        self._act(
            Relink(
                place.path,
                because,
                playlist,
                self.id,
                source=self.primary,
                kind=kind,
                named_for=place.named_for,
                seen=self._seen(place.path),
            )
        )

    def _unlink(self, path: LibPath, because: Because, playlist: PlaylistId | None) -> None:
        self._act(Unlink(path, because, playlist, self.id, seen=self._seen(path)))

    def _trash(self, path: LibPath, because: Because, playlist: PlaylistId | None) -> None:
        """A second file of audio that stays: the first one is verified before it goes (I3).

        A second name of one file, or a copy of ours that is out of date, has no equal to verify.
        """
        audio, copy = self.case.audio, self.case.copies.get(path)
        equal = audio and copy and copy.sha256 and copy.sha256 == audio.sha256
        second_name = audio is not None and audio.file.ino == self.world.files[path].ino
        keeper = self.primary if equal and not second_name else None
        self._act(Trash(path, because, playlist, self.id, seen=self._seen(path), keeper=keeper))
