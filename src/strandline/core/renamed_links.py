"""Links of ours to which the person gave another name, in the folder of their playlist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from strandline.core.ids import LibPath, PlaylistId, TrackId, is_entry, name_of
from strandline.core.names import nfc
from strandline.core.pool import POOL
from strandline.core.states import FoundLink, Kind, Ledger, Scan

if TYPE_CHECKING:
    from strandline.core.aligned_states import AlignedStates
    from strandline.core.track_cases import Case


def strays(ledger: Ledger, scan: Scan) -> list[FoundLink]:
    """The links at no entry's place."""
    places = {entry.path for entry in ledger.entries.values()}
    return [link for path, link in scan.links.items() if path not in places]


def lacks_links(ledger: Ledger, scan: Scan) -> bool:
    """Whether links of entries are missing: some of the strays are theirs, then."""
    links = scan.links
    return any(e.kind is Kind.SYMLINK and e.path not in links for e in ledger.entries.values())


class RenamedLinks:
    """Finds them among the links that the ledger does not know, in some playlists' folders."""

    def __init__(self, states: AlignedStates, playlists: Iterable[PlaylistId]) -> None:
        self._states = states
        folders = {id: states.folder(id) for id in playlists}
        self.inside = states.paths_in({name for name in folders.values() if name})
        """All files and links in each of the folders."""
        self._known = {
            entry.path
            for entry in states.entries.values()
            if entry.track in states.wanted_sets.get(entry.playlist, ())
        }
        self._made = {id: self._made_in(id, folder) for id, folder in folders.items()}
        self._unclaimed = {id: self._unclaimed_in(id, folder) for id, folder in folders.items()}
        self._strays = {id: self._strays_among(found) for id, found in self._unclaimed.items()}
        self._stray_of: dict[tuple[PlaylistId, TrackId], LibPath] = {}

    def of(self, playlist: PlaylistId, case: Case) -> LibPath | None:
        """The entry's link under another name; None if there is none, as in the pool."""
        if playlist == POOL:
            return None
        if made := self._made[playlist].get(case.track.id):
            return made
        found = self._unclaimed[playlist]
        links = [
            path for target in sorted(case.paths) for path in found.get(LibPath(nfc(target)), ())
        ]
        return self._likeliest(links, case.track.id) or self._stray(playlist, case)

    def _likeliest(self, links: list[LibPath], track: TrackId) -> LibPath | None:
        """The first; of those that other ids of the recording have, too, one with the right id."""
        mates = self._states.mates.get(track)
        if not links or not mates:
            return links[0] if links else None
        own = [path for path in links if f"[{track}]" in path]
        free = [path for path in links if not any(f"[{mate}]" in path for mate in mates)]
        return (own or free or links)[0]

    def _made_in(self, playlist: PlaylistId, folder: str | None) -> dict[TrackId, LibPath]:
        """By the track that strandline made them for, as far as that has none in its place."""
        found: dict[TrackId, LibPath] = {}
        ledger = self._states.ledger
        for path, link in self._strange_in(folder) if ledger.made else ():
            if made := ledger.made.get((playlist, link.target)):
                track = ledger.replaced.get(made, made)
                if self._states.mates.get(track):  # the text may be that of another id's link
                    continue
                entry = self._states.entries.get((playlist, track))
                if entry and entry.kind is Kind.SYMLINK and entry.path not in self._states.links:
                    found.setdefault(track, path)
        return found

    def _unclaimed_in(
        self, playlist: PlaylistId, folder: str | None
    ) -> dict[LibPath, list[LibPath]]:
        """The others, by what they lead to; a Mac, or what came from one, spells it otherwise."""
        found: dict[LibPath, list[LibPath]] = {}
        made = {*self._made[playlist].values()}
        for path, link in self._strange_in(folder):
            leads = {self._states.pointed_at(link), self._states.meant(link)}
            for target in {LibPath(nfc(target)) for target in leads if target}:
                if path not in made:
                    found.setdefault(target, []).append(path)
        return found

    def _strange_in(self, folder: str | None) -> Iterator[tuple[LibPath, FoundLink]]:
        """The links in a playlist's folder that the ledger does not know."""
        for path in sorted(self.inside.get(folder or "", ())):
            link = self._states.links.get(path)
            if link and path not in self._known and is_entry(path):
                yield path, link

    def _strays_among(self, unclaimed: dict[LibPath, list[LibPath]]) -> dict[str, list[LibPath]]:
        """Those of them that lead to nothing, by the name of what they led to.

        A link at the place of any entry is that one's, wanted or not: a name alone tells less.
        """
        found: dict[str, list[LibPath]] = {}
        places = {entry.path for entry in self._states.entries.values()} if unclaimed else set()
        for target, path in ((target, paths[0]) for target, paths in unclaimed.items()):
            dangles = self._states.is_dangling(self._states.links[path])
            if dangles and is_entry(target) and path not in places:
                found.setdefault(name_of(target), []).append(path)
        return found

    def _stray(self, playlist: PlaylistId, case: Case) -> LibPath | None:
        """The same of a link that was not made anew when its primary, or its folder, moved."""
        key, entry = (playlist, case.track.id), case.entries.get(playlist)
        if entry is None or entry.kind is not Kind.SYMLINK or entry.path in self._states.links:
            return None
        if key not in self._stray_of:
            names = {name_of(entry.path)} | ({name_of(case.known.path)} if case.known else set())
            names = {nfc(name) for name in names}
            paths = {path for name in names for path in self._strays[playlist].get(name, ())}
            paths -= set(self._stray_of.values())
            if len(paths) == 1:
                self._stray_of[key] = paths.pop()
        return self._stray_of.get(key)
