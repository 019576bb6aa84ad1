"""What is known of a playlist that the settings leave out: nothing is done there, it is seen."""

from __future__ import annotations

from strandline.core.actions import Because
from strandline.core.lacking import Lacking
from strandline.core.ledger import EntryGone, EntryIs, FileGone
from strandline.core.places import Standing
from strandline.core.states import Kind, LedgerEntry


class LeftOut(Lacking):
    """The words of a verdict on entries that are left as they are."""

    def _see_left_out(self, entry: LedgerEntry) -> None:
        """It is what stands there: a link, ours by whatever name, or a file, of whatever kind.

        What stands nowhere any more is held no longer (``Docket``), and so forgotten.
        """
        key = entry.playlist, self.id
        if not self.docket.leaves_out(entry.playlist, self.id) or self._is_not_seen(entry):
            return
        standing = self.places.standing.get(key)
        elected = self.case.election
        holds_it = elected is not None and elected.audio and elected.primary == entry.playlist
        if entry.path in self.case.own_versions and not holds_it:
            self._note_yours(entry.playlist, entry.path, self.world.files[entry.path])
        elif standing is None:
            self._see_damaged(entry)
        elif not standing.is_link:
            self._see_second(entry, standing)
        elif self.primary is None and entry.playlist not in self.case.own_links:
            link = LedgerEntry(*key, standing.path, Kind.SYMLINK, standing.named_for)
            self._note_entry(link)

    def _see_ignored_links(self) -> None:
        """Without whole audio: links to a damaged file of it lead there, others serve nobody."""
        if self.id not in self.world.ignored or self.case.unseen:
            return
        for playlist in self.case.holders:
            standing = self.places.standing.get((playlist, self.id))
            theirs = playlist in self.case.own_links or playlist in self.world.passive
            if standing is None or not standing.is_link or theirs:
                continue
            if self.case.damaged:
                self._keep_link(playlist, standing)
            else:
                self._unlink(standing.path, Because.BROKEN_LINK, playlist)

    def _forget_left_out(self, entry: LedgerEntry) -> None:
        """Nothing stands there; nor is its audio believed there, which nobody is to bring back."""
        self.notes.append(EntryGone(entry.playlist, self.id))
        known = self.case.known
        if known and known.path == entry.path and self.case.audio_path is None:
            self.notes.append(FileGone(self.id))

    def _is_not_seen(self, entry: LedgerEntry) -> bool:
        return self.case.unseen or self.world.is_unknown(entry.path)

    def _see_damaged(self, entry: LedgerEntry) -> None:
        """Where another file is the primary now, what was damaged is a bad copy of it."""
        if entry.kind is Kind.PRIMARY and self.primary and entry.path in self.case.damaged:
            stamp = self.world.files[entry.path].stamp
            self.notes.append(EntryIs(entry._replace(kind=Kind.COPY, stamp=stamp)))

    def _see_second(self, entry: LedgerEntry, standing: Standing) -> None:
        """A copy or a hard link, by what it is today; one as it was made keeps its stamp."""
        path, audio = standing.path, self.case.audio
        file = self.world.files[path]
        if audio and path == audio.file.path:
            if self.case.stays and entry.kind is Kind.PRIMARY:
                self._note_entry(entry._replace(path=path, named_for=standing.named_for))
            return
        kind = Kind.HARDLINK if audio and audio.file.ino == file.ino else Kind.COPY
        if (kind, path) != (entry.kind, entry.path):
            self._note_entry(
                LedgerEntry(entry.playlist, self.id, path, kind, standing.named_for, file.stamp)
            )
