"""A case: all that bears on one changed track. Elections are held here, over all cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from strandline.core.aligned_states import AlignedStates
from strandline.core.changed_tracks import is_as_left, is_fresh_copy
from strandline.core.identity import Recognised, as_second_names
from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, in_pool, is_entry
from strandline.core.pool import POOL, is_owed
from strandline.core.primary import Election, Rank, TrackFile, by_link, elect
from strandline.core.renamed_links import RenamedLinks
from strandline.core.shared_recordings import of_its_holder, seconds_of_others, share
from strandline.core.states import (
    FoundFile,
    Identity,
    Kind,
    LedgerEntry,
    LedgerFile,
    WantedTrack,
)
from strandline.core.user_entries import UserLink, playlist_folders, user_links, user_versions


class LedTo(NamedTuple):
    """Where a track's audio is once the plan is done, and how entries lead there."""

    primary: LibPath | None
    link_kind: Kind
    through: str | None
    fetched: bool


@dataclass(slots=True)
class Case:
    """One track in question. ``holders`` list it, best rank first."""

    track: WantedTrack
    holders: list[PlaylistId]
    entries: dict[PlaylistId, LedgerEntry]
    known: LedgerFile | None
    files: dict[LibPath, Recognised]
    damaged: dict[LibPath, Recognised]
    election: Election | None = None
    stays: LibPath | None = None
    """Without an election, for no playlist may be changed that lists it: where its audio is."""
    unseen: bool = False
    """Its audio is known to lie where nobody could look: it is left as it is, everywhere (I23)."""
    unread: list[LibPath] = field(default_factory=list)
    """Files that could not be read and may be its audio."""
    user_links: dict[PlaylistId, UserLink] = field(default_factory=dict)
    """A person's links where entries of ours were."""
    user_versions: set[LibPath] = field(default_factory=set)
    """A person's files where links or copies of ours were."""
    paths: set[LibPath] = field(default_factory=set)
    """Wherever links to this track may rightly lead: its files, and where the ledger had it."""
    leader: Case | None = None
    """The track whose file stands for this one: both are the same recording."""
    gives_way: frozenset[LibPath] = frozenset()
    """Files of its own that go for that."""
    led_to: LedTo | None = None
    """Once it is decided: what the tracks that follow this one link to."""

    @property
    def audio(self) -> Recognised | None:
        """The file that is, or becomes, the primary."""
        if self.leader:
            return self.leader.audio
        chosen = self.election.audio if self.election else self.stays
        return self.files[chosen] if chosen else None

    @property
    def is_absent(self) -> bool:
        """Nothing of it is on disk, and TIDAL does not offer it now."""
        if self.leader:
            return self.leader.is_absent
        return not (self.track.available or self.files or self.damaged)

    @property
    def audio_path(self) -> LibPath | None:
        """Where it is, or the person's link that stands for it."""
        if self.leader:
            return self.leader.audio_path
        if self.audio or self.election is None:
            return self.audio.file.path if self.audio else None
        own = self.user_links.get(self.election.primary)
        return own.path if own and own.audio else None


class TrackCases:
    """The cases of all changed tracks, with their elections."""

    def __init__(self, states: AlignedStates, tracks: set[TrackId]) -> None:
        self.states = states
        self.owners = self._owners()
        self._left_out = states.left_out
        self._folders = playlist_folders(states)
        self.ranks: dict[PlaylistId, Rank] = {
            id: states.policy.rank(id, name) for id, name in states.names.items()
        }
        holders = states.holders_of(tracks)
        entries = self._entries_of(tracks)
        self._seconds = seconds_of_others(states, entries)
        self.cases = {
            track: self._open(track, holders.get(track, []), entries.get(track, {}))
            for track in sorted(tracks)
        }
        listed = (playlist for case in self.cases.values() for playlist in case.holders)
        left = (playlist for case in self.cases.values() for playlist in case.entries)
        self.renamed = RenamedLinks(states, {*listed, *left})
        self._let_go_of_what_is_gone()
        for case in self.cases.values():
            case.election = self._elect(case)
            case.stays = None if case.election else self._staying(case)
        share(self)

    def home(self, path: LibPath, track: TrackId) -> PlaylistId | None:
        """The playlist that lists the track and in whose folder the file lies directly."""
        if not is_entry(path):
            return None
        owner = self.owners.get(folder_of(path))
        return owner if owner and track in self.states.wanted_sets[owner] else None

    def leaves_out(self, playlist: PlaylistId, track: TrackId) -> bool:
        """Whether the settings leave the entry as it is: its playlist as a whole, or its track."""
        if playlist in self._left_out:
            return True
        ignored = track in self.states.ignored
        return ignored and (playlist in self.states.active or playlist in self.states.deleted)

    def is_anothers(self, folder: str, playlist: PlaylistId) -> bool:
        """Whether a playlist that TIDAL has keeps the folder: another, or this one itself."""
        owner = self.owners.get(folder)
        return owner is not None and (owner != playlist or playlist not in self.states.deleted)

    def _let_go_of_what_is_gone(self) -> None:
        """What the settings leave out holds what stands there, and nothing else.

        What is gone from it is not made again, so nothing is kept for it either.
        """
        gone: dict[PlaylistId, set[TrackId]] = defaultdict(set)
        for case in self.cases.values():
            left = [it for it in case.holders if self.leaves_out(it, case.track.id)]
            for playlist in left:
                if not self._stands(playlist, case):
                    case.holders.remove(playlist)
                    gone[playlist].add(case.track.id)
        if gone and self.states.policy.pool:
            gone[POOL] = set(self._only_in_pool())
        for playlist, tracks in gone.items():
            self.states.wanted_sets[playlist] -= tracks

    def _only_in_pool(self) -> Iterable[TrackId]:
        """What no playlist holds any more; what is ignored stays all the same."""
        for case in self.cases.values():
            if case.holders == [POOL] and case.track.id not in self.states.ignored:
                case.holders.clear()
                yield case.track.id

    def _stands(self, playlist: PlaylistId, case: Case) -> bool:
        """Whether anything of the track is in the playlist's folder, under whatever name."""
        path = case.entries[playlist].path
        if is_owed(case.entries[playlist], case.known.path if case.known else None):
            return True
        if case.unseen or self.states.is_unknown(path) or path in self.states.links:
            return True
        files = case.files.keys() | case.damaged.keys() | case.user_versions
        at_home = any(self.home(copy, case.track.id) == playlist for copy in case.files)
        return path in files or at_home or self.renamed.of(playlist, case) is not None

    def _owners(self) -> dict[str, PlaylistId]:
        folders = ((self.states.folder(id), id) for id in self.states.wanted)
        return {folder: id for folder, id in folders if folder}

    def _entries_of(self, tracks: set[TrackId]) -> dict[TrackId, dict[PlaylistId, LedgerEntry]]:
        found: dict[TrackId, dict[PlaylistId, LedgerEntry]] = defaultdict(dict)
        for (playlist, track), entry in self.states.entries.items():
            if track in tracks:
                found[track][playlist] = entry
        return found

    def _open(
        self, track: TrackId, holders: list[PlaylistId], entries: dict[PlaylistId, LedgerEntry]
    ) -> Case:
        states = self.states
        theirs = self._seconds.get(track, ())
        found = [it for it in states.recogniser.recognise(track) if it.file.path not in theirs]
        known = states.ledger_files.get(track)
        first = known or states.ledger_files.get(states.ledger.shared.get(track, track))
        named = as_second_names(found, entries.values())
        files = {r.file.path: r for r in named if r.playable}
        files |= of_its_holder(self, track, entries.values(), files)
        damaged = {r.file.path: r for r in found if not r.playable}
        damaged |= self._damaged_files(entries.values(), first)
        whole = files | self._second_files(entries.values(), first, files)
        if damaged:
            whole, damaged = _with_all_names(whole, damaged)
        case = Case(
            states.track(track),
            sorted(holders, key=self.ranks.__getitem__),
            entries,
            known,
            whole,
            damaged,
            user_links=user_links(states, self._folders, entries.values(), files, known),
        )
        case.user_versions = user_versions(states, entries.values(), case.files, first)
        case.paths = {*files, *damaged, *({first.path} if first else ())}
        case.paths |= {entry.path for entry in entries.values() if entry.kind is Kind.PRIMARY}
        if known and self.states.unread:
            case.unread = self.states.perhaps(known, lost=not files)
        case.unseen = bool(case.unread) or (bool(self.states.unknown) and self._is_unseen(case))
        return case

    def _is_unseen(self, case: Case) -> bool:
        """Unless it was found again in a playlist that lists it: moved there, or a second file."""
        known, track = case.known, case.track.id
        if known is None or not self.states.is_unknown(known.path):
            second = (e for e in case.entries.values() if e.kind in (Kind.COPY, Kind.HARDLINK))
            return not case.files and any(self.states.is_unknown(entry.path) for entry in second)
        moved = (path for path, it in case.files.items() if it.identity is Identity.INODE)
        return not any(self.home(path, track) for path in moved)

    def _second_files(
        self,
        entries: Iterable[LedgerEntry],
        known: LedgerFile | None,
        files: dict[LibPath, Recognised],
    ) -> dict[LibPath, Recognised]:
        """Copies and hard links of ours, as we left them: any may become the primary."""
        primary = self._primary_of(known, files) if known else None
        found = {}
        for entry in entries:
            file = self.states.files.get(entry.path)
            if file is None or entry.path in files:
                continue
            second_name = known is not None and file.stamp == known.stamp
            if known and known.track != entry.track:  # or it is the other one's, moved here
                second_name &= known.path in self.states.files
            second_name |= primary is not None and file.ino == primary.file.ino
            seen = self.states.evidence.get(entry.path)
            if second_name or is_as_left(entry, file, known, seen):
                # The ledger's hash is of the file with its stamp, and of copies of that file.
                same = known and _has_its_content(entry, file, known)
                sha256 = known.sha256 if known and same else None
                sha256 = seen.sha256 if seen and seen.sha256 else sha256
                found[entry.path] = Recognised(file, Identity.LEDGER, sha256)
        return found

    def _primary_of(self, known: LedgerFile, files: dict[LibPath, Recognised]) -> Recognised | None:
        """The ledger's file, if it is there; that may be the one of another id."""
        found = self.states.recogniser.recognise(known.track)
        shared = (it for it in found if it.playable and it.file.path == known.path)
        return files.get(known.path) or next(shared, None)

    def _damaged_files(
        self, entries: Iterable[LedgerEntry], known: LedgerFile | None
    ) -> dict[LibPath, Recognised]:
        """Copies and hard links of ours that no longer play; and left out, what was a primary."""
        found = {}
        for entry in entries:
            seen, file = self.states.evidence.get(entry.path), self.states.files.get(entry.path)
            if seen is None or file is None or seen.playable:
                continue
            was_primary = entry.kind is Kind.PRIMARY and known and known.path != entry.path
            left = was_primary and self.leaves_out(entry.playlist, entry.track)
            if left or _was_made_by_us(entry, file, known):
                found[entry.path] = Recognised(file, Identity.LEDGER, seen.sha256, playable=False)
        return found

    # ------------------------------------------------------------ elections

    def _elect(self, case: Case) -> Election | None:
        if case.unseen:
            return None
        candidates = [id for id in case.holders if self.states.is_active(id, case.track.id)]
        if self.states.policy.pool:
            wanting = [id for id in candidates if id != POOL]  # those left as they are ask for none
            candidates = [POOL] if wanting and POOL in candidates else []
        files = self._eligible(case, candidates)
        own = [id for id in case.holders if id in case.user_links]
        if own and all(copy.home is None for copy in files):
            free = [id for id in candidates if id not in own]
            if holder := self._holding_a_link(case, own, files, free):
                return by_link(holder, case.holders)
            candidates = free
        taken = {copy.home for copy in self._files(case, case.user_versions)}
        free = [id for id in candidates if id not in taken]
        return elect(files, case.holders, self.ranks, free or candidates)

    def _staying(self, case: Case) -> LibPath | None:
        """The ledger's primary, in a playlist that lets go of it, while others need it.

        Under whatever name the person gave it there: the very file before a copy of it.
        """
        path = case.known.path if case.known and case.holders and not case.unseen else None
        at = {entry.path: entry.kind for entry in case.entries.values()}
        if path and in_pool(path) and path in case.files:
            return path
        if path is None or at.get(path) is not Kind.PRIMARY:
            return None
        if path in case.files:
            return path
        others = [p for p in case.files.keys() - at.keys() if folder_of(p) == folder_of(path)]
        return min(
            others, key=lambda p: (case.files[p].identity is not Identity.INODE, p), default=None
        )

    def _eligible(self, case: Case, candidates: list[PlaylistId]) -> list[TrackFile]:
        """The files to elect from: a person's version only where nothing of ours can serve."""
        versions = self._files(case, case.user_versions)
        ours = self._files(case, case.files.keys() - case.user_versions)
        if self.states.policy.pool:  # a version of theirs never leaves its playlist
            return _for_the_pool(ours, {entry.path for entry in case.entries.values()})
        taken = {copy.home for copy in versions}
        at_home = any(copy.home for copy in ours)
        if ours and (at_home or not taken.issuperset(candidates)):
            return ours
        return ours + versions

    def _files(self, case: Case, paths: Collection[LibPath]) -> list[TrackFile]:
        return [
            TrackFile(path, found.identity, self._keeping(path, case), self._is_primary(case, path))
            for path, found in case.files.items()
            if path in paths
        ]

    def _keeping(self, path: LibPath, case: Case) -> PlaylistId | None:
        """The playlist that may keep the file; beside the pool, one that is left as it is."""
        home, track = self.home(path, case.track.id), case.track.id
        if home in (None, POOL) or not self.states.policy.pool:
            return home
        return None if self.states.is_active(home, track) else home

    def _holding_a_link(
        self,
        case: Case,
        own: list[PlaylistId],
        files: list[TrackFile],
        free: list[PlaylistId],
    ) -> PlaylistId | None:
        """The playlist in which a person's link stands for the audio, the ledger's own first.

        While the link at the primary's place leads nowhere, nothing is fetched to stand beside it.
        """
        links = sorted((not self._is_primary(case, case.user_links[id].path), id) for id in own)
        for _, id in links:
            if case.user_links[id].audio:
                return id
        is_second, first = links[0]
        return None if free and (files or is_second) else first

    def _is_primary(self, case: Case, path: LibPath) -> bool:
        return case.known is not None and case.known.path == path


def _for_the_pool(files: list[TrackFile], entries: set[LibPath]) -> list[TrackFile]:
    """What may go there, and is no entry, comes before its equal that a playlist may keep."""
    free = [it for it in files if it.home in (None, POOL) and it.path not in entries]
    kept = (it for it in files if it.is_primary or it.identity is Identity.INODE)
    return files if any(kept) or not free else free


def _was_made_by_us(entry: LedgerEntry, file: FoundFile, known: LedgerFile | None) -> bool:
    """Whatever is in it now: a hard link is by its inode, another one is the person's."""
    if entry.kind is Kind.HARDLINK:
        stamp = entry.stamp or (known.stamp if known else None)
        return stamp is not None and stamp.ino == file.ino
    return entry.kind is Kind.COPY


def _has_its_content(entry: LedgerEntry, file: FoundFile, known: LedgerFile) -> bool:
    """A copy bears the primary's times; a hard link with another inode is of an older file."""
    if known.stamp is None:
        return True
    if entry.kind is Kind.HARDLINK:
        return file.ino == known.stamp.ino
    return is_fresh_copy(file, known.stamp)


def _with_all_names(
    files: dict[LibPath, Recognised], damaged: dict[LibPath, Recognised]
) -> tuple[dict[LibPath, Recognised], dict[LibPath, Recognised]]:
    """A damaged file is damaged under each of its names (hard links)."""
    inodes = {found.file[1:3] for found in damaged.values()}
    names = {path: found for path, found in files.items() if found.file[1:3] in inodes}
    whole = {path: found for path, found in files.items() if path not in names}
    return whole, damaged | {path: it._replace(playable=False) for path, it in names.items()}
