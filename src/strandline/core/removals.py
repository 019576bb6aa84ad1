"""Decides about what a playlist no longer lists: it goes, stays for others, or was never ours."""

from __future__ import annotations

from collections.abc import Iterator

from strandline.core.actions import Because, Download, Move, Trash, Unlink
from strandline.core.changed_tracks import is_as_left, is_fresh_copy
from strandline.core.identity import Recognised
from strandline.core.ids import LibPath, PlaylistId, folder_of, in_pool
from strandline.core.ledger_facts import EntryGone, FileGone
from strandline.core.left_out import LeftOutEntries
from strandline.core.plan import KeptForOthers
from strandline.core.states import FoundFile, Kind, LedgerEntry


class Removals(LeftOutEntries):
    """Decides about entries that TIDAL no longer wants."""

    def _trash_damaged(self, path: LibPath, owner: PlaylistId | None) -> None:
        """Until what comes in its stead has come, or if another is gone, the file stays."""
        comes = [a.path for a in self.actions if isinstance(a, (Download, Move))]
        stands = self.primary if self.primary in self.states.files else None
        successor, seen = next(iter(comes), stands), self._entry_at(path)
        because = Because.DAMAGED_ON_DISK
        self._act(Trash(path, because, owner, self.id, expected=seen, successor=successor))

    def _spare_renamed_link(self, entry: LedgerEntry) -> None:
        """Our link, which the user gave another name, where no link is to be."""
        if entry.kind is not Kind.SYMLINK or entry.path in self.states.links:
            return
        link = self.track_cases.renamed.of(entry.playlist, self.case)
        if link and link != self.primary and not self._stands_for_another(entry, link):
            self._unlink(link, Because.MOVED_ON_DISK, None)

    def _stands_for_another(self, entry: LedgerEntry, link: LibPath) -> bool:
        """Another playlist that lists the track has the folder, and with it the link, by now.

        Or another id of the same recording has it.
        """
        if self.entry_paths.was_old_ids(link, self.id):
            return True
        others = [(p, self.id) for p in self.case.holders if p != entry.playlist]
        ids = self.states.mates.get(self.id, ())
        others += ((p, id) for id in ids for p in self.states.wanted)
        current = map(self.entry_paths.current.get, others)
        return any(found is not None and found.path == link for found in current)

    def _gives_way(
        self, path: LibPath, audio: Recognised | None, entry: LedgerEntry | None
    ) -> bool:
        """Only for audio that is still there in another file, byte for byte, or that we copied."""
        if audio is None:
            return False
        if path in self.case.gives_way:
            return True
        file = self.states.files[path]
        if file.ino == audio.file.ino:
            return True
        if entry and self._is_as_made(entry, file):
            return True
        copy = self.case.files.get(path)
        return bool(copy and copy.sha256 and copy.sha256 == audio.sha256)

    def _wanted_form(self, file: FoundFile, audio: Recognised, kind: Kind) -> bool:
        if kind is Kind.HARDLINK:
            return file.ino == audio.file.ino
        copy = self.case.files.get(file.path)
        if copy and copy.sha256 and audio.sha256:  # content decides, whatever the times say
            return kind is Kind.COPY and copy.sha256 == audio.sha256
        return kind is Kind.COPY and is_fresh_copy(file, audio.file)

    def _copies_already(self) -> Iterator[LibPath]:
        """Files of its own that are just what would be made in their stead."""
        for playlist in self.case.holders:
            current, audio = self.entry_paths.current.get((playlist, self.id)), self.case.audio
            if current is None or audio is None or current.path not in self.case.gives_way:
                continue
            if self._wanted_form(self.states.files[current.path], audio, self.link_kind):
                yield current.path

    def _is_as_made(self, entry: LedgerEntry, file: FoundFile) -> bool:
        return is_as_left(entry, file, self.case.known, self.states.evidence.get(file.path))

    def _gone(self, entry: LedgerEntry) -> None:
        """The ledger has it, TIDAL does not; where nobody could look, nothing is gone."""
        if self.track_cases.leaves_out(entry.playlist, self.id):
            self._forget_left_out(entry)
            return
        unseen = self.case.unseen and entry.path not in self.states.links
        if unseen or self.states.is_unknown(entry.path):
            return
        if entry.playlist in self.case.user_links or entry.path in self.case.user_versions:
            self._forget(entry)  # a person's: not ours to clear
        else:
            self._spare_renamed_link(entry)
            self._take_away(entry)

    def _take_away(self, entry: LedgerEntry) -> None:
        path, playlist = entry.path, entry.playlist
        because = (
            Because.PLAYLIST_DELETED if playlist in self.states.deleted else Because.LEFT_PLAYLIST
        )
        audio = self.case.audio
        if path in self.case.damaged and self.case.holders:
            self._take_away_damaged(entry)
        elif self._is_anothers(path) or self._is_taken_away(path):  # another entry's by now
            self._forget(entry)
        elif path in self.states.links:  # our link
            self._unlink(path, because, playlist)
        elif self._is_needed(entry):  # the primary of others: it moves, if not now, then later
            if self.case.election is None:
                self._keep(entry)
        elif path not in self.states.files:  # nothing: only the ledger remembers
            self._forget(entry)
        elif not self.case.holders:  # the last playlist let go of it
            self._let_go(entry, because)
        elif self._is_as_left(path) or self._gives_way(path, audio, entry):
            self._trash(path, because, playlist)  # a second file, no longer listed here
        else:  # not the file we left there
            self._forget(entry)

    def _take_away_damaged(self, entry: LedgerEntry) -> None:
        """Only where something whole stands in for it; it may be the next playlist's by now."""
        if self.primary and self._is_renamed(entry):  # beside it, and links of others lead there
            self._trash_damaged(entry.path, None)
            self._keep(entry)
        elif self.primary:
            self._trash_damaged(entry.path, entry.playlist)
        elif self.track_cases.is_anothers(folder_of(entry.path), entry.playlist):
            self._forget(entry)

    def _forget(self, entry: LedgerEntry) -> None:
        """Nothing is to be done; but links to a file that is lost are in question from now on."""
        self.facts.append(EntryGone(entry.playlist, self.id))
        known = self.case.known
        lost = self.case.holders and self.case.audio_path is None
        if lost and known and known.path == entry.path:
            self.facts.append(FileGone(self.id))

    def _is_anothers(self, path: LibPath) -> bool:
        return path in self.claimed or path in self.entry_paths.ledgered

    def _is_taken_away(self, path: LibPath) -> bool:
        return any(
            isinstance(action, (Trash, Unlink)) and action.path == path for action in self.actions
        )

    def _is_as_left(self, path: LibPath) -> bool:
        """The file we had as primary, while a person's version stands for the track elsewhere."""
        known = self.case.known
        return known is not None and known[1:3] == (path, self.states.files[path].stamp)

    def _is_needed(self, entry: LedgerEntry) -> bool:
        """Links lead here. Without an election none of their playlists may be changed now."""
        if self.case.leader:
            return False
        if self.case.election is None:
            there = entry.path in self.states.files or self._is_renamed(entry)
            return there and bool(self.case.holders) and entry.kind is Kind.PRIMARY
        return self.case.election.audio == entry.path

    def _is_renamed(self, entry: LedgerEntry) -> bool:
        """It is the primary that stays, and may have another name by now."""
        known = self.case.known
        return self.case.stays is not None and known is not None and known.path == entry.path

    def _keep(self, entry: LedgerEntry) -> None:
        path = self.case.stays if self._is_renamed(entry) else None
        path = path or entry.path
        self._add_entry_fact(entry._replace(path=path))
        self.kept.append(KeptForOthers(path, entry.playlist, self.id, tuple(self.case.holders)))

    def _let_go(self, entry: LedgerEntry, because: Because) -> None:
        file, files = self.states.files[entry.path], self.case.files
        ours = entry.path in files or entry.path in self.case.damaged
        ours = ours or any(copy.file.ino == file.ino for copy in files.values())
        if not ours:
            self.facts.append(EntryGone(entry.playlist, self.id))
            return
        if because is Because.LEFT_PLAYLIST:
            because = Because.LEFT_EVERY_PLAYLIST
        seen, damaged = self._entry_at(entry.path), entry.path in self.case.damaged
        at = entry.path, because, entry.playlist, self.id
        self._act(Trash(*at, expected=seen, damaged=damaged))

    def _is_listed_nowhere(self) -> None:
        """No playlist lists it: what has no file of its own on disk any more is forgotten.

        Nor is a file its own that is another track's by now, which takes one name for another's.
        """
        known, files = self.case.known, self.case.files.keys() | self.case.damaged.keys()
        if known and (known.path not in files or self._is_anothers(known.path)):
            self.facts.append(FileGone(self.id))

    def _yield_name(self, entry: LedgerEntry) -> None:
        """A name under which nothing of it stands any more, and that another track is given now.

        What stands under a name of the person's where nothing is renamed is known by that.
        """
        key = entry.playlist, self.id
        target, current = self.entry_paths.target.get(key), self.entry_paths.current.get(key)
        mine = target is not None and target.path == entry.path
        if mine or entry.path not in self.claimed:
            return
        if current is None:
            self.facts.append(EntryGone(*key))
        elif current.path != entry.path and not self.states.is_active(*key):
            self._add_entry_fact(entry._replace(path=current.path))

    def _forget_pooled(self) -> None:
        """Gone from the pool, it is not brought back for playlists that are left as they are."""
        known = self.case.known
        if known is None or self.case.unseen or not in_pool(known.path):
            return
        if self._is_lost(known.path) and known.path not in self.states.files:
            self.facts.append(FileGone(self.id))
