"""Decides about a track without audio: TIDAL does not have it now, or may turn out not to."""

from __future__ import annotations

from collections.abc import Iterator

from strandline.core.action_builder import ActionBuilder
from strandline.core.actions import Because, Conflict, Link, Relink, Unlink
from strandline.core.entry_paths import CurrentEntry, TargetEntry
from strandline.core.ids import LibPath, PlaylistId, link_target
from strandline.core.ledger_facts import EntryGone, FileGone
from strandline.core.states import Kind, LedgerEntry


class MissingAudio(ActionBuilder):
    """Decides about audio that cannot be had."""

    def _unplayable(self) -> None:
        for path in self.case.damaged:
            message = f"{path} is damaged, and TIDAL does not offer the track now; it was left."
            self._act(Conflict(path, Because.DAMAGED_ON_DISK, None, self.id, message=message))
        for unlink in self._links_to_nothing():
            self._act(unlink)
        for playlist in self.case.holders:
            entry = self.case.entries.get(playlist)
            current = self.entry_paths.current.get((playlist, self.id))
            if current and current.is_link and self.case.damaged:
                self._keep_link(playlist, current)
            if not current and entry and self._is_lost(entry.path):
                self.facts.append(EntryGone(playlist, self.id))
        known = self.case.known
        if known and self._is_lost(known.path):
            self.facts.append(FileGone(self.id))

    def _keep_link(self, playlist: PlaylistId, current: CurrentEntry) -> None:
        """A link to damaged audio stays: it follows its folder, and is known by a new name."""
        if playlist in self.case.user_links or playlist in self.states.passive:
            return
        link, name = self.states.links[current.path], current.named_for
        audio = self.states.meant(link)
        if audio not in self.case.damaged:
            return
        if link.target == link_target(current.path, audio):
            entry = LedgerEntry(playlist, self.id, current.path, Kind.SYMLINK, name)
            self._add_entry_fact(entry)
        else:
            target = TargetEntry(current.path, name)
            self._relink(playlist, target, Because.PRIMARY_MOVED, Kind.SYMLINK, audio)

    def _links_to_nothing(self) -> Iterator[Unlink]:
        """What stands for the track's entries while there is no audio, not even a damaged file."""
        for playlist in self.case.holders:
            current = self.entry_paths.current.get((playlist, self.id))
            active = self.states.is_active(playlist, self.id) and not self.case.damaged
            if current and current.is_link and active:
                yield self._unlinking(current.path, Because.BROKEN_LINK, playlist)

    def _forgone_links(self) -> list[Link | Relink | Unlink]:
        going = {action.path for action in self.actions if isinstance(action, Unlink)}
        return [link for link in self._links_to_nothing() if link.path not in going]

    def _follow_ending(self) -> None:
        """The ending of what is fetched is a forecast; a link that stands has to go by what came.

        One that is made anew by the plan gets the right name at once; any other is found where it
        stands, which may be under another name than it would be given today. So is one that the
        plan leads there.
        """
        made = {action.path for action in self.actions if isinstance(action, (Link, Relink))}
        led = {it.path for it in self.actions if isinstance(it, Relink) and self._is_led(it)}
        for playlist in self.case.holders:
            key = playlist, self.id
            current, target = self.entry_paths.current.get(key), self.entry_paths.target.get(key)
            if self.primary is None or current is None or not current.is_link:
                continue
            new = target.path if target else None
            if {*made.difference(led), self.primary}.isdisjoint(
                {new, current.path}
            ) and playlist not in self.case.user_links:
                because, kind, name = Because.RENAMED_IN_TIDAL, Kind.SYMLINK, current.named_for
                common = (current.path, because, playlist, self.id)
                link = Link(*common, source=self.primary, kind=kind, named_for=name)
                self.following.append(link)

    def _is_led(self, relink: Relink) -> bool:
        """What the settings leave out keeps its name."""
        playlist = relink.playlist
        is_link = relink.kind is Kind.SYMLINK
        return is_link and playlist is not None and self.states.is_active(playlist, self.id)

    def _is_lost(self, path: LibPath) -> bool:
        """Nothing of the track is there, and the folder could be read."""
        return path not in self.case.damaged and not self.states.is_unknown(path)
