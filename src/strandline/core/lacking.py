"""What becomes of a track without audio: TIDAL does not have it now, or may turn out not to."""

from __future__ import annotations

from collections.abc import Iterator

from strandline.core.actions import Because, Conflict, Link, Relink, Unlink
from strandline.core.draft import Draft
from strandline.core.ids import LibPath, PlaylistId, link_target
from strandline.core.ledger import EntryGone, FileGone
from strandline.core.places import Place, Standing
from strandline.core.states import Kind, LedgerEntry


class Lacking(Draft):
    """The words of a verdict on what cannot be had."""

    def _unplayable(self) -> None:
        for path in self.case.damaged:
            message = f"{path} is damaged, and TIDAL does not offer the track now; it was left."
            self._act(Conflict(path, Because.DAMAGED_ON_DISK, None, self.id, message=message))
        for unlink in self._links_to_nothing():
            self._act(unlink)
        for playlist in self.case.holders:
            entry = self.case.entries.get(playlist)
            standing = self.places.standing.get((playlist, self.id))
            if standing and standing.is_link and self.case.damaged:
                self._keep_link(playlist, standing)
            if not standing and entry and self._is_lost(entry.path):
                self.notes.append(EntryGone(playlist, self.id))
        known = self.case.known
        if known and self._is_lost(known.path):
            self.notes.append(FileGone(self.id))

    def _keep_link(self, playlist: PlaylistId, standing: Standing) -> None:
        """A link to damaged audio stays: it follows its folder, and is known by a new name."""
        if playlist in self.case.own_links or playlist in self.world.passive:
            return
        link, name = self.world.links[standing.path], standing.named_for
        audio = self.world.meant(link)
        if audio not in self.case.damaged:
            return
        if link.target == link_target(standing.path, audio):
            entry = LedgerEntry(playlist, self.id, standing.path, Kind.SYMLINK, name)
            self._note_entry(entry)
        else:
            place = Place(standing.path, name)
            self._relink(playlist, place, Because.PRIMARY_MOVED, Kind.SYMLINK, audio)

    def _links_to_nothing(self) -> Iterator[Unlink]:
        """What stands for the track's entries while there is no audio, not even a damaged file."""
        for playlist in self.case.holders:
            standing = self.places.standing.get((playlist, self.id))
            active = self.world.is_active(playlist, self.id) and not self.case.damaged
            if standing and standing.is_link and active:
                yield self._unlinking(standing.path, Because.BROKEN_LINK, playlist)

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
            standing, place = self.places.standing.get(key), self.places.places.get(key)
            if self.primary is None or standing is None or not standing.is_link:
                continue
            new = place.path if place else None
            if {*made.difference(led), self.primary}.isdisjoint(
                {new, standing.path}
            ) and playlist not in self.case.own_links:
                because, kind, name = Because.RENAMED_IN_TIDAL, Kind.SYMLINK, standing.named_for
                common = (standing.path, because, playlist, self.id)
                link = Link(*common, source=self.primary, kind=kind, named_for=name)
                self.following.append(link)

    def _is_led(self, relink: Relink) -> bool:
        """What the settings leave out keeps its name."""
        playlist = relink.playlist
        is_link = relink.kind is Kind.SYMLINK
        return is_link and playlist is not None and self.world.is_active(playlist, self.id)

    def _is_lost(self, path: LibPath) -> bool:
        """Nothing of the track is there, and the folder could be read."""
        return path not in self.case.damaged and not self.world.is_unknown(path)
