"""Decides about one track: a table one can read aloud, one case a sentence."""

from __future__ import annotations

from dataclasses import replace

from strandline.core.actions import (
    Because,
    Conflict,
    Download,
    EntryState,
    Link,
    Move,
    Relink,
    Unlink,
)
from strandline.core.entry_paths import CurrentEntry, EntryPaths, TargetEntry
from strandline.core.identity import Recognised
from strandline.core.ids import LibPath, PlaylistId, folder_of, in_pool, link_target
from strandline.core.ledger_facts import EntryGone, EntryIs, SharedGone, SharedIs, renamed_path
from strandline.core.pool import POOL, is_owed
from strandline.core.removals import Removals
from strandline.core.states import FoundLink, Kind, LedgerEntry, LedgerFile
from strandline.core.track_cases import Case, LedTo, TrackCases
from strandline.core.user_entries import UserLink


class TrackDecision(Removals):
    """The actions and facts of one case."""

    def __init__(
        self, track_cases: TrackCases, entry_paths: EntryPaths, case: Case, claimed: set[LibPath]
    ) -> None:
        super().__init__(track_cases, entry_paths, case, claimed)
        self._decide()

    def _decide(self) -> None:
        if self.case.leader:
            self._share(self.case.leader)
        elif self.case.election:
            self._primary(self.case.election.primary)
            for playlist in self.case.election.links:
                self._entry(playlist)
            if self.primary:
                self._clear_damaged()
            self._surplus()
        elif self.case.stays:
            self._follow(self.case.stays)
        else:
            self._see_ignored_links()
            self._forget_pooled()
        self._entries()
        if not self.case.holders and not self.case.unseen:
            self._is_listed_nowhere()
            if self.id in self.states.ledger.shared:
                self.facts.append(SharedGone(self.id))
        fetched = any(isinstance(action, Download) for action in self.actions)
        if fetched:
            self.forgone = self._forgone()
            self._follow_ending()
        self.case.led_to = LedTo(self.primary, self.link_kind, self.through, fetched)

    def _follow(self, audio: LibPath) -> None:
        """Nothing is moved now, but links lead where the audio is, and it is known as it is."""
        self.primary = audio
        self._add_file_fact(self.case.files[audio])
        for playlist in self.case.holders:
            current = self.entry_paths.current.get((playlist, self.id))
            if current and current.is_link and playlist not in self.case.user_links:
                self._check_link(playlist, current)

    def _entries(self) -> None:
        for playlist, entry in self.case.entries.items():
            if not self._is_wanted_by(playlist):
                self._gone(entry)
            else:
                self._yield_name(entry)
                self._see_left_out(entry)

    def _share(self, leader: Case) -> None:
        """The same recording under another id: every entry links to that one's file."""
        led_to = leader.led_to
        assert led_to
        self.primary, self.link_kind, self.through = led_to[:3]
        for playlist in self.case.holders:
            if playlist != POOL:
                self._entry(playlist)
        if self.primary:
            self._clear_damaged()
        self._surplus()
        gone = {action.path for action in self.actions}
        left = {e.path for p, e in self.case.entries.items() if not self._is_wanted_by(p)}
        stay = gone.union(left, self._copies_already())
        for path in sorted(self.case.gives_way - stay if self.primary else ()):
            self._trash(path, Because.SAME_RECORDING, None)
        if led_to.fetched:
            self._follow_ending()
        self._add_shared_fact(leader)

    def _forgone(self) -> list[Link | Relink | Unlink]:
        """It is to be fetched; should TIDAL not have it, this run is to know what becomes of it.

        It shares another one's file further then, if it did, or its links go.
        """
        holder = self.track_cases.cases.get(self.states.ledger.shared.get(self.id, self.id))
        led_to = holder.led_to if holder is not self.case and holder else None
        if led_to is None or not led_to.primary or self.case.damaged or self.case.user_links:
            return self._forgone_links()
        shared = replace(self.case, leader=holder, election=None)
        told = TrackDecision(self.track_cases, self.entry_paths, shared, self.claimed).actions
        return [it for it in told if isinstance(it, (Link, Relink, Unlink))]

    def _add_shared_fact(self, leader: Case) -> None:
        """Once it has no file of its own any more: a check may believe it, for links tell it."""
        there = leader.audio_path is not None
        if there and self.states.ledger.shared.get(self.id) != leader.track.id:
            self.facts.append(SharedIs(self.id, leader.track.id))

    # ------------------------------------------------------------ the primary

    def _primary(self, playlist: PlaylistId) -> None:
        target, audio = self.entry_paths.target.get((playlist, self.id)), self.case.audio
        own = self.case.user_links.get(playlist)
        if own and audio is None:  # a person's link stands for it
            self._audio_behind(playlist, own)
            return
        match target, audio:
            case None, _:  # its folder cannot be entered: what is there stays as it is
                self.primary = audio.file.path if audio else None
            case TargetEntry(), None if self.case.track.available:  # nowhere: fetch it
                self._fetch(playlist, target)
            case TargetEntry(), None:  # nowhere, and TIDAL does not have it now: wait
                self._unplayable()
            case TargetEntry(path=path), Recognised() if path == audio.file.path:  # there: keep it
                self.primary = path
                self._add_primary_fact(playlist, target, audio)
            case TargetEntry(), Recognised():  # elsewhere: move it here, never fetch it again
                self._move(playlist, target, audio)
        self._spare_link(playlist)

    def _audio_behind(self, playlist: PlaylistId, own: UserLink) -> None:
        """Other playlists' links lead to the person's; nothing is linked to or copied directly."""
        self._user_link(playlist, own)
        if own.audio:
            self.primary, self.link_kind = own.path, Kind.SYMLINK
            self.through = self.states.links[own.path].target
            known = self.case.known
            sha256 = known.sha256 if known else None
            self._add_fact(LedgerFile(self.id, own.path, None, own.audio.size, sha256))

    def _user_link(self, playlist: PlaylistId, own: UserLink) -> None:
        """A person's link is theirs; that it leads nowhere is said."""
        if own.audio:
            self._add_user_fact(playlist, own.path, None)
            return
        message = (
            f"{own.path} is a link of yours that leads to no audio now; it was left. Bring back "
            "what it leads to, or remove it to have the track fetched."
        )
        self._act(Conflict(own.path, Because.LINK_OF_YOURS, playlist, self.id, message=message))

    def _fetch(self, playlist: PlaylistId, target: TargetEntry) -> None:
        because = Because.DAMAGED_ON_DISK if self.case.damaged else self._why_new(playlist)
        self._act(
            Download(
                target.path,
                because,
                playlist,
                self.id,
                named_for=target.named_for,
                replaces=self._giving_way_at(target.path),
            )
        )
        self.primary = target.path

    def _clear_damaged(self) -> None:
        """What is broken goes to the trash, now that something whole stands in for it."""
        made_anew = {action.path for action in self.actions if isinstance(action, Relink)}
        for path in self.case.damaged:
            if path not in made_anew and self._may_clear(path):
                self._trash_damaged(path, None)

    def _may_clear(self, path: LibPath) -> bool:
        """A playlist that no longer wants it is for _gone, one out of scope is left as it is."""
        if self.id in self.states.ignored:
            return False
        owner = next((p for p, e in self.case.entries.items() if e.path == path), None)
        return owner is None or (owner in self.states.active and self._is_wanted_by(owner))

    def _giving_way_at(self, path: LibPath) -> EntryState | None:
        """Our own link, or a damaged file of this track, which goes to the trash (I22)."""
        if path in self.case.damaged and (self._may_clear(path) or self._is_left_behind(path)):
            return self._entry_at(path)
        return self._user_link_at(path)

    def _is_left_behind(self, path: LibPath) -> bool:
        """It was for a playlist that no longer wants it, whose folder another one takes over."""
        owners = [id for id, entry in self.case.entries.items() if entry.path == path]
        unwanted = all(not self._is_wanted_by(owner) for owner in owners)
        return unwanted and path not in self.case.user_versions

    def _move(self, playlist: PlaylistId, target: TargetEntry, audio: Recognised) -> None:
        source = audio.file.path
        leaves = self._ledger_owner(source)
        self._act(
            Move(
                target.path,
                self._why_moved(source, playlist, leaves),
                playlist,
                self.id,
                source=source,
                expected=self._entry_at(source),
                named_for=target.named_for,
                replaces=self._giving_way_at(target.path),
                leaves=leaves if leaves != playlist else None,
                sha256=audio.sha256,
            )
        )
        self.primary = target.path

    def _why_moved(
        self, source: LibPath, playlist: PlaylistId, leaves: PlaylistId | None
    ) -> Because:
        if in_pool(source) is not self.states.policy.pool and leaves not in (POOL, playlist):
            known = self.case.known  # whatever name the person gave it since
            if known and in_pool(known.path) is in_pool(source):
                return Because.LAYOUT
        if leaves == playlist and folder_of(source) == self.states.folder(playlist):
            return Because.RENAMED_IN_TIDAL
        if leaves is None or self._is_wanted_by(leaves):
            return Because.MOVED_ON_DISK
        deleted = leaves in self.states.deleted
        return Because.PLAYLIST_DELETED if deleted else Because.LEFT_PRIMARY_PLAYLIST

    def _spare_link(self, playlist: PlaylistId) -> None:
        """Our link beside the audio that the user moved into the same playlist."""
        entry = self.case.entries.get(playlist)
        if entry is None or playlist in self.case.user_links or self.primary is None:
            return
        if entry.path in self.states.links and self.primary != entry.path:
            self._unlink(entry.path, Because.MOVED_ON_DISK, None)
        else:
            self._spare_renamed_link(entry)

    def _spare_link_beside(self, playlist: PlaylistId) -> None:
        """Our link under another name, beside a file that stands at its old one."""
        if entry := self.case.entries.get(playlist):
            self._spare_renamed_link(entry)

    def _add_primary_fact(
        self, playlist: PlaylistId, target: TargetEntry, audio: Recognised
    ) -> None:
        entry = LedgerEntry(playlist, self.id, target.path, Kind.PRIMARY, target.named_for)
        if self.case.entries.get(playlist) != entry:
            # an undo may have left it in this folder as one of a playlist that is left out since
            left = (e for e in self.case.entries.values() if e.path == target.path)
            self.facts += (EntryGone(e.playlist, self.id) for e in left if self._is_passive(e))
            self.facts.append(EntryIs(entry))
        self._add_file_fact(audio)

    def _is_passive(self, entry: LedgerEntry) -> bool:
        return entry.playlist in self.states.passive

    # ------------------------------------------------------------ the other entries

    def _entry(self, playlist: PlaylistId) -> None:
        key = playlist, self.id
        current, target = self.entry_paths.current.get(key), self.entry_paths.target.get(key)
        active = self.states.is_active(playlist, self.id)
        if own := self.case.user_links.get(playlist):
            self._user_link(playlist, own)
            return
        match current, target:
            case CurrentEntry(path=path), _ if path in self.case.user_versions and not (
                self.primary and target and active
            ):
                self._add_user_fact(playlist, path, self.states.files[path])
            case _ if self.primary is None:
                return
            case CurrentEntry(is_link=False, path=path), TargetEntry() if self._leaves(path):
                self._link(playlist, target, Because.PRIMARY_MOVED)
            case CurrentEntry(is_link=True, path=path), TargetEntry() if (
                active and path != target.path
            ):
                # a link under a name that is no longer its own
                self._unlink(path, Because.RENAMED_IN_TIDAL, playlist)
                self._link(playlist, target, Because.RENAMED_IN_TIDAL)
            case CurrentEntry(is_link=True), _:  # a link: right, broken or wrong
                self._check_link(playlist, current)
            case CurrentEntry(), TargetEntry() if active:  # a file of this very track
                self._check_copy(playlist, current, target)
                self._spare_link_beside(playlist)
            case None, TargetEntry() if active:  # nothing there yet
                self._link(playlist, target, self._why_new(playlist))
            case None, TargetEntry() if self._is_owed(playlist):
                self._link(playlist, target, Because.PRIMARY_MOVED)

    def _is_owed(self, playlist: PlaylistId) -> bool:
        """A link where its audio was, unless a file is left there: damaged, or somebody's."""
        entry = self.case.entries.get(playlist)
        left = entry and entry.path in self.states.files and not self._leaves(entry.path)
        return not left and is_owed(entry, self.primary)

    def _leaves(self, path: LibPath) -> bool:
        """It is the audio, which moves to the pool."""
        audio = self.case.audio
        return audio is not None and path == audio.file.path != self.primary

    def _check_link(self, playlist: PlaylistId, current: CurrentEntry) -> None:
        assert self.primary
        link, kind = self.states.links[current.path], self.link_kind
        other_form = kind is not Kind.SYMLINK and self.states.is_active(playlist, self.id)
        if link.target == link_target(current.path, self.primary) and not other_form:
            entry = LedgerEntry(playlist, self.id, current.path, Kind.SYMLINK, current.named_for)
            self._add_entry_fact(entry)
            return
        pointed_at = self.states.pointed_at(link)
        if pointed_at is None or (pointed_at not in self.states.files):
            follows = self._will_be_renamed_away(link)
            because = Because.PRIMARY_MOVED if follows else Because.BROKEN_LINK
        elif link.target == link_target(current.path, self.primary):
            because = Because.LINK_MODE
        elif pointed_at in self.case.paths and pointed_at != self.primary:
            because = Because.PRIMARY_MOVED
        else:
            because = Because.WRONG_LINK
        target = TargetEntry(current.path, current.named_for)
        self._relink(playlist, target, because, kind if other_form else Kind.SYMLINK)

    def _will_be_renamed_away(self, link: FoundLink) -> bool:
        """A link that leads to the primary today, in a folder that this very plan renames."""
        assert self.primary
        before = self._before_rename(self.primary)
        here = self._before_rename(link.path)
        return before != self.primary and link.target == link_target(here, before)

    def _before_rename(self, path: LibPath) -> LibPath:
        """Where it lies until the plan's folder renames are done."""
        for old, new in self.states.folders.renamed.items():
            if new == folder_of(path):
                return renamed_path(path, new, old)
        return path

    def _check_copy(self, playlist: PlaylistId, current: CurrentEntry, target: TargetEntry) -> None:
        """A second file: our copy or hard link where those are wanted, else it gives way."""
        assert self.primary
        file, kind = self.states.files[current.path], self.link_kind
        entry, audio = self.case.entries.get(playlist), self.case.audio
        if audio is None:  # a person's link stands for the audio
            return
        if self._wanted_form(file, audio, kind) and current.path == target.path:
            named_for = current.named_for
            made = LedgerEntry(playlist, self.id, target.path, kind, named_for, file.stamp)
            self._add_entry_fact(made)
        elif entry and kind is entry.kind is Kind.COPY and self._is_as_made(entry, file):
            if current.path == target.path:
                self._relink(playlist, target, Because.STALE_COPY, kind)
            else:
                self._give_way(playlist, current, target, Because.STALE_COPY)
        elif self._gives_way(current.path, audio, entry):
            self._give_way(playlist, current, target, self._why_giving_way(current.path, entry))
        else:  # the same track in other bytes, a person's own version, which stays
            self._add_user_fact(playlist, current.path, file)

    def _why_giving_way(self, path: LibPath, entry: LedgerEntry | None) -> Because:
        if path in self.case.gives_way:
            return Because.SAME_RECORDING
        if not entry or entry.path != path or entry.kind not in (Kind.COPY, Kind.HARDLINK):
            return Because.SAME_AUDIO
        file, audio = self.states.files[path], self.case.audio
        old = entry.kind is Kind.HARDLINK and audio is not None and file.ino != audio.file.ino
        return Because.STALE_COPY if old else Because.LINK_MODE

    def _give_way(
        self, playlist: PlaylistId, current: CurrentEntry, target: TargetEntry, because: Because
    ) -> None:
        self._trash(current.path, because, playlist)
        self._link(playlist, target, because)

    def _surplus(self) -> None:
        """Further byte-equal files of the track beside its entry in a listing playlist."""
        current = {self.entry_paths.current.get((p, self.id)) for p in self.case.holders}
        entries = {found.path for found in current if found}
        for path in self.case.files:
            owner = self.track_cases.home(path, self.id)
            active = owner is not None and self.states.is_active(owner, self.id)
            if in_pool(path) and not self.states.policy.pool:  # a copy holds the audio from now on
                self._leave_pool(path)
                continue
            if path in entries or not active or self.primary is None or self._leaves(path):
                continue
            if path != self.primary and self._gives_way(path, self.case.audio, None):
                self._trash(path, self._why_giving_way(path, None), None)

    def _leave_pool(self, path: LibPath) -> None:
        """The file itself goes where its copy, or its other name, stands in a playlist already."""
        audio = self.case.audio
        copied = audio and self.primary and audio.file.path != path
        if copied and self._gives_way(path, audio, None):
            self._trash(path, Because.LAYOUT, None)
