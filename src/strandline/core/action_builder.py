"""Builds a track's actions and facts, each in one place, precondition included."""

from __future__ import annotations

from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    Download,
    EntryState,
    Link,
    Move,
    Relink,
    Trash,
    Unlink,
)
from strandline.core.entry_paths import EntryPaths, TargetEntry
from strandline.core.identity import Recognised
from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, in_pool
from strandline.core.ledger_facts import (
    EntryGone,
    EntryIs,
    FileGone,
    FileIs,
    LedgerFact,
    renamed_fact,
)
from strandline.core.plan import KeptForOthers
from strandline.core.pool import POOL
from strandline.core.states import FoundFile, Kind, LedgerEntry, LedgerFile
from strandline.core.track_cases import Case, TrackCases


class ActionBuilder:
    """The actions and facts of one case, collected as they are found."""

    def __init__(
        self, track_cases: TrackCases, entry_paths: EntryPaths, case: Case, claimed: set[LibPath]
    ) -> None:
        self.track_cases, self.states, self.entry_paths, self.case = (
            track_cases,
            track_cases.states,
            entry_paths,
            case,
        )
        self.claimed = claimed
        self.id = case.track.id
        self.actions: list[Action] = []
        self.facts: list[LedgerFact] = []
        self.kept: list[KeptForOthers] = []
        self.forgone: list[Link | Relink | Unlink] = []
        self.following: list[Link] = []
        self.primary: LibPath | None = None
        """Where the audio is once the plan is done; None if there will be none."""
        self.link_kind = self.states.policy.link_kind
        self.through: str | None = None
        """The text of the person's link that stands at ``primary``."""

    @property
    def waits(self) -> bool:
        """Whether its facts are to wait, for a check to save only what the scan alone saw.

        While something is to be done about the track, or a folder with files of it is to be
        renamed, they do: what is true only after an action is seen once the action is done.
        """
        to_do = any(not isinstance(action, Conflict) for action in self.actions)
        return to_do or self._is_carried_along()

    def yields(self, given: set[LibPath]) -> list[LedgerFact]:
        """Of the facts that wait: those about places that another track's action takes.

        Nothing of this track stands there any more, and no two may be believed at one place: but
        that a link is ours is known from its entry alone, until audio has come in its stead. And
        what the audio holds now, where copies of it are made: they are believed to hold the same.
        """
        lost = {
            key: entry.path
            for key, entry in self.case.entries.items()
            if entry.path in given and not self._fetches_over_link(entry.path)
        }
        facts = [fact for fact in self.facts if self._tells_of_another_place(fact, lost)]
        if self._takes_old_place():
            facts += [n for n in self.facts if _is_primary(n) and not self._leaves_a_link(n)]
        facts += self._owing_no_link()
        known, audio = self.case.known, self.case.audio
        if self.case.leader:  # the audio is another track's; its own file goes by an action
            if known and known.path not in {*self.case.files, *self.case.damaged}:
                facts.append(FileGone(self.id))
        elif facts and known and known.path in lost.values():
            facts.append(FileIs(_file(self.id, audio)) if audio else FileGone(self.id))
        elif self._copies_other_content():
            facts += [n for n in self.facts if isinstance(n, FileIs) or _is_primary(n)]
        return [self._before_renames(fact) for fact in facts]

    def _fetches_over_link(self, path: LibPath) -> bool:
        fetched = (it.path for it in self.actions if isinstance(it, Download))
        return path in self.states.links and path in fetched

    def _owing_no_link(self) -> list[LedgerFact]:
        """What comes into the pool from elsewhere leaves no place where a link has to stand."""
        if not any(isinstance(it, (Download, Move)) and in_pool(it.path) for it in self.actions):
            return []
        had = {id for id, it in self.case.entries.items() if it.kind is Kind.PRIMARY}
        return [n for n in self.facts if isinstance(n, EntryGone) and n.playlist in had]

    def _before_renames(self, fact: LedgerFact) -> LedgerFact:
        """The fact as it is believed until its folder is renamed; then its path follows."""
        ledger, owners = self.states.ledger.playlists, self.track_cases.owners
        names = {
            new: known.folder
            for new in self.states.folders.renamed.values()
            if (owner := owners.get(new)) and (known := ledger.get(owner))
        }
        return renamed_fact(names, fact)

    def _leaves_a_link(self, fact: LedgerFact) -> bool:
        """Our link is to go from the entry's folder, where the person may have given it another
        name: without its entry nobody would know it.
        """
        entry = self.case.entries.get(fact.entry.playlist) if isinstance(fact, EntryIs) else None
        return entry is not None and any(
            isinstance(action, Unlink) and folder_of(action.path) == folder_of(entry.path)
            for action in self.actions
        )

    def _takes_old_place(self) -> bool:
        """A link or copy is made where the primary was: it must not be taken for that."""
        known, audio = self.case.known, self.case.audio
        if known is None or audio is None:
            return False
        return audio.file.path != known.path and any(
            isinstance(action, Link) and action.path == known.path for action in self.actions
        )

    def _copies_other_content(self) -> bool:
        known, audio = self.case.known, self.case.audio
        if known is None or audio is None or audio.sha256 in (None, known.sha256):
            return False
        if self.case.leader:
            return False
        return any(isinstance(a, Link | Relink) and a.kind is Kind.COPY for a in self.actions)

    def _tells_of_another_place(self, fact: LedgerFact, lost: dict[PlaylistId, LibPath]) -> bool:
        match fact:
            case EntryGone(playlist=playlist):
                return playlist in lost
            case EntryIs(entry):
                return lost.get(entry.playlist, entry.path) != entry.path
            case _:
                return False

    def _is_carried_along(self) -> bool:
        if not (renamed := {*self.states.folders.renamed.values()}):
            return False
        paths = {*self.case.paths, *(entry.path for entry in self.case.entries.values())}
        return any(folder_of(path) in renamed for path in paths)

    def _is_wanted_by(self, playlist: PlaylistId) -> bool:
        return self.id in self.states.wanted_sets.get(playlist, ())

    def _add_file_fact(self, audio: Recognised) -> None:
        fact = _file(self.id, audio)
        self._add_fact(fact._replace(stamp=None) if self._old_copy_waits(audio) else fact)

    def _old_copy_waits(self, audio: Recognised) -> bool:
        """For a run of its playlist: with the stamp of the audio that of the copy is believed."""
        return any(
            (copy := self.case.files.get(entry.path))
            and copy.sha256 not in (None, audio.sha256)
            and not self.states.is_active(playlist, self.id)
            and not (self.states.policy.pool and self.track_cases.leaves_out(playlist, self.id))
            for playlist, entry in self.case.entries.items()
            if entry.kind is Kind.COPY and entry.path not in self.case.user_versions
        )

    def _add_fact(self, fact: LedgerFile) -> None:
        if self.case.known != fact:
            self.facts.append(FileIs(fact))

    def _act(self, action: Action) -> None:
        self.actions.append(action)

    def _entry_at(self, path: LibPath) -> EntryState:
        seen = self.states.entry_at(path)
        assert seen is not None
        return seen

    def _user_link_at(self, path: LibPath) -> EntryState | None:
        return self._entry_at(path) if path in self.states.links else None

    def _ledger_owner(self, path: LibPath) -> PlaylistId | None:
        """The playlist whose entry this file was, by the ledger."""
        for playlist, entry in self.case.entries.items():
            if entry.path == path and entry.kind is Kind.PRIMARY:
                return playlist
        return None

    def _why_new(self, playlist: PlaylistId) -> Because:
        if playlist in self.case.entries:
            return Because.MISSING_ON_DISK
        playlists = self.case.holders if playlist == POOL else [playlist]
        known = not self.states.ledger.playlists.keys().isdisjoint(playlists)
        return Because.NEW_IN_PLAYLIST if known else Because.NEW_PLAYLIST

    def _add_entry_fact(self, entry: LedgerEntry) -> None:
        if self.case.entries.get(entry.playlist) != entry:
            self.facts.append(EntryIs(entry))

    def _link(self, playlist: PlaylistId, target: TargetEntry, because: Because) -> None:
        assert self.primary
        damaged = target.path in self.case.damaged and self.states.policy.link_kind is Kind.COPY
        if damaged and self.case.audio:  # else its ending is a forecast, and the copy's as well
            self._relink(playlist, target, Because.DAMAGED_ON_DISK, Kind.COPY)
            return
        self._act(
            Link(
                target.path,
                because,
                playlist,
                self.id,
                source=self.primary,
                kind=self.link_kind,
                named_for=target.named_for,
                through=self.through,
            )
        )

    def _relink(
        self,
        playlist: PlaylistId,
        target: TargetEntry,
        because: Because,
        kind: Kind,
        source: LibPath | None = None,
    ) -> None:
        """To the primary, unless another ``source`` is given."""
        source = source or self.primary
        assert source
        self._act(
            Relink(
                target.path,
                because,
                playlist,
                self.id,
                source=source,
                kind=kind,
                named_for=target.named_for,
                expected=self._entry_at(target.path),
                through=self.through,
            )
        )

    def _add_user_fact(self, playlist: PlaylistId, path: LibPath, file: FoundFile | None) -> None:
        """A person's file (or, without one, their link) stands there, under a name of theirs."""
        stamp = file.stamp if file else None
        self._add_entry_fact(LedgerEntry(playlist, self.id, path, Kind.YOURS, None, stamp))

    def _unlink(self, path: LibPath, because: Because, playlist: PlaylistId | None) -> None:
        self._act(self._unlinking(path, because, playlist))

    def _unlinking(self, path: LibPath, because: Because, playlist: PlaylistId | None) -> Unlink:
        return Unlink(path, because, playlist, self.id, expected=self._entry_at(path))

    def _trash(self, path: LibPath, because: Because, playlist: PlaylistId | None) -> None:
        """A second file of audio that stays: the first one is verified before it goes (I3).

        Of one file with two names the other must still be there; a copy of ours that is out of
        date has no equal to verify.
        """
        if path in self.case.gives_way:
            self._replace_by_recording(path, playlist)
            return
        audio, copy = self.case.audio, self.case.files.get(path)
        equal = audio and copy and copy.sha256 and copy.sha256 == audio.sha256
        second_name = audio is not None and audio.file.ino == self.states.files[path].ino
        keeper = self.primary if equal or second_name else None
        self._act(
            Trash(path, because, playlist, self.id, expected=self._entry_at(path), keeper=keeper)
        )

    def _replace_by_recording(self, path: LibPath, playlist: PlaylistId | None) -> None:
        """The same recording stands in for it, in other bytes: until that is there, it stays."""
        audio = self.case.audio
        at_rest = self.primary if audio and audio.file.path == self.primary else None
        at = path, Because.SAME_RECORDING, playlist, self.id
        self._act(Trash(*at, expected=self._entry_at(path), successor=at_rest))


def _file(track: TrackId, audio: Recognised) -> LedgerFile:
    file = audio.file
    return LedgerFile(track, file.path, file.stamp, file.size, audio.sha256)


def _is_primary(fact: LedgerFact) -> bool:
    return isinstance(fact, EntryIs) and fact.entry.kind is Kind.PRIMARY
