"""Which folder each playlist has: names given once, renames as a whole, names swapped."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass

from strandline.core.actions import Because, Conflict, CreateFolder, EntryState, RenameFolder
from strandline.core.favorites import short_id
from strandline.core.ids import (
    POOL_FOLDER,
    LibPath,
    PlaylistId,
    folder_of,
    folder_path,
    link_target,
    name_of,
)
from strandline.core.ledger_facts import FolderIs, renamed_path
from strandline.core.names import collision_key, free_name, is_name_for, nfc, safe_name
from strandline.core.states import (
    FoundFolder,
    Kind,
    Ledger,
    LedgerEntry,
    LedgerPlaylist,
    Scan,
    WantedPlaylist,
)


@dataclass(frozen=True, slots=True)
class FolderNames:
    """The folder of every playlist once the renames are done, and what leads there."""

    names: dict[PlaylistId, str]
    renamed: dict[str, str]
    """Today's name -> its new one."""
    actions: tuple[CreateFolder | RenameFolder, ...]
    conflicts: dict[PlaylistId, Conflict]
    facts: tuple[FolderIs, ...]
    followed: tuple[FolderIs, ...]
    """The user renamed these, and they are not to be renamed back."""


def choose_folders(
    wanted: Iterable[WantedPlaylist],
    others: Iterable[LedgerPlaylist],
    cleared: frozenset[PlaylistId],
    ledger: Ledger,
    scan: Scan,
    listed: Container[PlaylistId],
) -> FolderNames:
    """Folders for the playlists to be kept equal to TIDAL (``wanted``).

    ``others`` are the ledger's remaining playlists, whose folders stay as they are; those in
    ``cleared`` were deleted in TIDAL, so a new playlist of the same name may take the folder over.
    ``listed`` are those that TIDAL has.
    """
    playlists = sorted(wanted, key=lambda playlist: (playlist.name.casefold(), playlist.id))
    today = folders_today(ledger, scan)
    names = _names(playlists, list(others), cleared, ledger, scan, today)
    chosen = _Chosen(ledger, scan, today, names, cleared)
    for playlist in playlists:
        chosen.settle(playlist)
    for other, found in today.items():
        if other not in names:
            chosen.follow(other, found, listed=other in listed)
    return FolderNames(
        names,
        {folder_of(rename.source): folder_of(rename.path) for rename in chosen.renames()},
        tuple(chosen.actions),
        chosen.conflicts,
        tuple(chosen.facts),
        tuple(chosen.followed),
    )


def folders_today(ledger: Ledger, scan: Scan) -> dict[PlaylistId, FoundFolder]:
    """Where each playlist's folder is now: under its name, else renamed by the person.

    A renamed one has the same inode, and in it is what the ledger has of the playlist: the number
    alone is given to the next folder that is made once this one is gone.
    """
    today = _by_name(ledger, scan)
    if len(today) == len(ledger.playlists):
        return today
    owned = {folder.name for folder in today.values()}
    strays = {
        found.ino: found
        for found in scan.folders.values()
        if found.is_folder and found.name not in {*owned, POOL_FOLDER}
    }
    for id, known in ledger.playlists.items():
        found = strays.get(known.ino or 0) if id not in today else None
        if found and holds_what_is_ours(known, found, ledger, scan):
            today[id] = strays.pop(found.ino)
    return today


def _by_name(ledger: Ledger, scan: Scan) -> dict[PlaylistId, FoundFolder]:
    """Where two have one name, for a run was cut off before the other's was made, by inode."""
    today = {
        id: scan.folders[known.folder]
        for id, known in ledger.playlists.items()
        if known.folder in scan.folders
    }
    if len(today) > len({found.name for found in today.values()}):
        sure = {found.name for id, found in today.items() if ledger.playlists[id].ino == found.ino}
        return {
            id: found
            for id, found in today.items()
            if found.name not in sure or ledger.playlists[id].ino == found.ino
        }
    return today


def may_be_ours(known: LedgerPlaylist, found: FoundFolder, ledger: Ledger, scan: Scan) -> bool:
    """Whether a folder of the right inode is the playlist's; one that had nothing is by that."""
    mine = any(entry.playlist == known.id for entry in ledger.entries.values())
    return not mine or holds_what_is_ours(known, found, ledger, scan)


def holds_what_is_ours(
    known: LedgerPlaylist, found: FoundFolder, ledger: Ledger, scan: Scan
) -> bool:
    """Any entry of the playlist stands there, if only as a link that the person gave another name.

    What cannot be looked into may well be ours.
    """
    if found.name in scan.unreadable:
        return True
    entries = [entry for entry in ledger.entries.values() if entry.playlist == known.id]
    return any(
        _stands_in(found, known, entry, ledger, scan) for entry in entries
    ) or _holds_renamed(known, found, entries, ledger, scan)


def _holds_renamed(
    known: LedgerPlaylist,
    found: FoundFolder,
    entries: Iterable[LedgerEntry],
    ledger: Ledger,
    scan: Scan,
) -> bool:
    """The person gave everything in the folder another name as well: the very link or file."""
    targets, stamps, lost = set(), set(), set()
    for entry in entries:
        primary = ledger.audio_of(entry.track)
        if primary:
            targets.add(nfc(link_target(entry.path, primary.path)))
        else:
            lost.add(nfc(name_of(entry.path)))
        if entry.kind not in (Kind.SYMLINK, Kind.YOURS):
            stamps.add(entry.stamp or (primary.stamp if primary else None))
    links = (it for path, it in scan.links.items() if folder_of(path) == found.name)
    files = (it for path, it in scan.files.items() if folder_of(path) == found.name)
    return any(
        nfc(link.target) in targets
        or (known.id, link.target) in ledger.made
        or nfc(name_of(LibPath(link.target))) in lost
        for link in links
    ) or any(file.stamp in stamps for file in files)


def _stands_in(
    found: FoundFolder, known: LedgerPlaylist, entry: LedgerEntry, ledger: Ledger, scan: Scan
) -> bool:
    """By the text of a link; a file by its content or, under its name, by its size and time."""
    path = renamed_path(entry.path, known.folder, found.name)
    file, primary = scan.files.get(path), ledger.files.get(entry.track)
    if link := scan.links.get(path):
        led_to = primary.path if primary else entry.path  # its audio is lost: the usual name
        return nfc(name_of(LibPath(link.target))) == nfc(name_of(led_to))
    if file is None:
        return False
    seen = scan.evidence.get(path)
    if seen and primary and seen.sha256 and seen.sha256 == primary.sha256:
        return True
    stamp = entry.stamp or (primary.stamp if primary else None)
    same = stamp is not None and stamp[1:] == file.stamp[1:]
    return same or (seen is not None and seen.embedded == entry.track)


def _names(
    playlists: list[WantedPlaylist],
    others: list[LedgerPlaylist],
    cleared: frozenset[PlaylistId],
    ledger: Ledger,
    scan: Scan,
    today: dict[PlaylistId, FoundFolder],
) -> dict[PlaylistId, str]:
    """A name for each: the one given before, else a free one."""
    stay = [other for other in others if other.id not in cleared]
    held = {collision_key(today[o.id].name) for o in stay if o.id in today}
    names = {
        p.id: known.folder
        for p in playlists
        if (known := _kept(p, ledger))
        and (p.id in today or collision_key(known.folder) not in held)
    }
    fixed = held | {collision_key(name) for name in names.values()}
    fixed |= {collision_key(o.folder) for o in stay if o.id not in today}
    fixed |= {collision_key(name) for name in ledger.local}
    moving = {today[p.id].name for p in playlists if p.id in today and p.id not in names}
    occupied = {collision_key(name) for name in scan.folders if name not in moving}
    for playlist in playlists:
        if playlist.id in names:
            continue
        # a new playlist may take over a folder that is nobody's, or whose playlist was deleted
        taken = fixed | occupied if playlist.id in today else fixed
        names[playlist.id] = _new_name(playlist, taken, scan)
        fixed.add(collision_key(names[playlist.id]))
    return names


def _kept(playlist: WantedPlaylist, ledger: Ledger) -> LedgerPlaylist | None:
    """The ledger's folder, if TIDAL still calls the playlist what the folder was named for."""
    known = ledger.playlists.get(playlist.id)
    if known is None:
        return None
    if known.named_for is None:
        bears_it = is_name_for(known.folder, _base(playlist), short_id(playlist.id))
        return known if bears_it else None
    return known if known.named_for == playlist.name else None


def _new_name(playlist: WantedPlaylist, taken: set[str], scan: Scan) -> str:
    base, marked = _base(playlist), f" [{short_id(playlist.id)}]"
    again = safe_name(base, suffix=marked)
    if again in scan.folders and collision_key(again) not in taken:
        return again
    return free_name(base, "", short_id(playlist.id), taken)


def _base(playlist: WantedPlaylist) -> str:
    return playlist.name.strip() or "Untitled playlist"


class _Chosen:
    """Turns names into actions, one playlist after the other."""

    def __init__(
        self,
        ledger: Ledger,
        scan: Scan,
        today: dict[PlaylistId, FoundFolder],
        names: dict[PlaylistId, str],
        cleared: frozenset[PlaylistId],
    ) -> None:
        self.ledger, self.scan, self.today, self.names = ledger, scan, today, names
        self.cleared = cleared
        self.actions: list[CreateFolder | RenameFolder] = []
        self.conflicts: dict[PlaylistId, Conflict] = {}
        self.facts: list[FolderIs] = []
        self.followed: list[FolderIs] = []
        self._in_use = {collision_key(found.name): id for id, found in today.items() if id in names}

    def settle(self, playlist: WantedPlaylist) -> None:
        """One playlist's folder: stands, is renamed, is made, or something is in its way."""
        name = self.names[playlist.id]
        current = self.today.get(playlist.id) or self._adoptable(name)
        if current is None:
            because = self._why_made(playlist)
            self.actions.append(
                CreateFolder(folder_path(name), because, playlist.id, named_for=playlist.name)
            )
        elif not self._is_readable(current):
            self._refuse(playlist.id, current)
        elif current.name == name:
            self._fact(playlist, current)
        else:
            self._rename(playlist, current)

    def follow(self, other: PlaylistId, found: FoundFolder, *, listed: bool) -> None:
        """A folder that is not to be renamed, under the name the user gave it.

        Of a playlist that TIDAL has no more, what it was called is known from nowhere else.
        """
        self.names[other] = found.name
        if other in self.cleared and not self._is_readable(found):
            self._refuse(other, found)
        known = self.ledger.playlists[other]
        if known.folder != found.name:
            named_for = None if listed else known.named_for or known.folder
            fact = LedgerPlaylist(other, found.name, named_for, found.ino)
            self.followed.append(FolderIs(fact))

    def _is_readable(self, found: FoundFolder) -> bool:
        return found.is_folder and found.name not in self.scan.unreadable

    def _adoptable(self, name: str) -> FoundFolder | None:
        """A folder of that name, unless it is about to bear another one."""
        owner = self._in_use.get(collision_key(name))
        leaves = owner is not None and self.names[owner] != name
        return None if leaves else self.scan.folders.get(name)

    def renames(self) -> list[RenameFolder]:
        return [action for action in self.actions if isinstance(action, RenameFolder)]

    def _why_made(self, playlist: WantedPlaylist) -> Because:
        known = playlist.id in self.ledger.playlists
        return Because.MISSING_ON_DISK if known else Because.NEW_PLAYLIST

    def _rename(self, playlist: WantedPlaylist, current: FoundFolder) -> None:
        name, known = self.names[playlist.id], self.ledger.playlists[playlist.id]
        by_user = known.folder == name
        self.actions.append(
            RenameFolder(
                folder_path(name),
                Because.RENAMED_ON_DISK if by_user else Because.RENAMED_IN_TIDAL,
                playlist.id,
                source=folder_path(current.name),
                expected=EntryState("folder", current.dev, current.ino),
                named_for=playlist.name,
                aside=collision_key(name) in self._in_use,
            )
        )

    def _fact(self, playlist: WantedPlaylist, current: FoundFolder) -> None:
        fact = LedgerPlaylist(playlist.id, current.name, playlist.name, current.ino)
        if self.ledger.playlists.get(playlist.id) != fact:
            self.facts.append(FolderIs(fact))

    def _refuse(self, playlist: PlaylistId, current: FoundFolder) -> None:
        """Nothing is renamed that cannot be looked into."""
        self.names[playlist] = current.name
        self.conflicts[playlist] = unreadable_conflict(self.scan, current.name, playlist)


def unreadable_conflict(scan: Scan, name: str, playlist: PlaylistId | None) -> Conflict:
    """What is said of a place in ``Playlists`` behind which nobody could look."""
    path = folder_path(name)
    if name in scan.unreadable:
        because = Because.FOLDER_UNREADABLE
        message = f"{path} cannot be read ({scan.unreadable[name]})"
    else:
        because = Because.FOLDER_IN_THE_WAY
        message = f"{path} is a link or a file, where the folder of a playlist belongs"
    left = "nothing in this playlist was touched, and nothing that lies there is fetched again."
    return Conflict(path, because, playlist, message=f"{message}; {left}")
