"""What is known of a playlist that the settings leave out: nothing is done there, it is seen."""

from __future__ import annotations

from strandline.core.actions import Because
from strandline.core.entry_paths import CurrentEntry
from strandline.core.ledger_facts import EntryGone, EntryIs, FileGone
from strandline.core.missing_audio import MissingAudio
from strandline.core.states import Kind, LedgerEntry


class LeftOutEntries(MissingAudio):
    """Decides about entries that are left as they are."""

    def _see_left_out(self, entry: LedgerEntry) -> None:
        """It is what stands there: a link, ours by whatever name, or a file, of whatever kind.

        What stands nowhere any more is held no longer (``TrackCases``), and so forgotten.
        """
        key = entry.playlist, self.id
        if not self.track_cases.leaves_out(entry.playlist, self.id) or self._is_not_seen(entry):
            return
        current = self.entry_paths.current.get(key)
        elected = self.case.election
        holds_it = elected is not None and elected.audio and elected.primary == entry.playlist
        if entry.path in self.case.user_versions and not holds_it:
            self._add_user_fact(entry.playlist, entry.path, self.states.files[entry.path])
        elif current is None:
            self._see_damaged(entry)
        elif not current.is_link:
            self._see_second(entry, current)
        elif self.primary is None and entry.playlist not in self.case.user_links:
            link = LedgerEntry(*key, current.path, Kind.SYMLINK, current.named_for)
            self._add_entry_fact(link)

    def _see_ignored_links(self) -> None:
        """Without whole audio: links to a damaged file of it lead there, others serve nobody."""
        if self.id not in self.states.ignored or self.case.unseen:
            return
        for playlist in self.case.holders:
            current = self.entry_paths.current.get((playlist, self.id))
            theirs = playlist in self.case.user_links or playlist in self.states.passive
            if current is None or not current.is_link or theirs:
                continue
            if self.case.damaged:
                self._keep_link(playlist, current)
            else:
                self._unlink(current.path, Because.BROKEN_LINK, playlist)

    def _forget_left_out(self, entry: LedgerEntry) -> None:
        """Nothing stands there; nor is its audio believed there, which nobody is to bring back."""
        self.facts.append(EntryGone(entry.playlist, self.id))
        known = self.case.known
        if known and known.path == entry.path and self.case.audio_path is None:
            self.facts.append(FileGone(self.id))

    def _is_not_seen(self, entry: LedgerEntry) -> bool:
        return self.case.unseen or self.states.is_unknown(entry.path)

    def _see_damaged(self, entry: LedgerEntry) -> None:
        """Where another file is the primary now, what was damaged is a bad copy of it."""
        if entry.kind is Kind.PRIMARY and self.primary and entry.path in self.case.damaged:
            stamp = self.states.files[entry.path].stamp
            self.facts.append(EntryIs(entry._replace(kind=Kind.COPY, stamp=stamp)))

    def _see_second(self, entry: LedgerEntry, current: CurrentEntry) -> None:
        """A copy or a hard link, by what it is today; one as it was made keeps its stamp."""
        path, audio = current.path, self.case.audio
        file = self.states.files[path]
        if audio and path == audio.file.path:
            if self.case.stays and entry.kind is Kind.PRIMARY:
                self._add_entry_fact(entry._replace(path=path, named_for=current.named_for))
            return
        kind = Kind.HARDLINK if audio and audio.file.ino == file.ino else Kind.COPY
        if (kind, path) != (entry.kind, entry.path):
            self._add_entry_fact(
                LedgerEntry(entry.playlist, self.id, path, kind, current.named_for, file.stamp)
            )
