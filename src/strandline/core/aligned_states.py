"""The three states aligned: as if the folder renames were done, indexed for deciding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from strandline.core.actions import EntryState
from strandline.core.folder_names import FolderNames, choose_folders
from strandline.core.identity import Recogniser
from strandline.core.ids import POOL_FOLDER, LibPath, PlaylistId, TrackId, folder_of
from strandline.core.ledger_facts import renamed_in, renamed_path
from strandline.core.policy import Policy
from strandline.core.pool import POOL, pool_entries, unreadable_pool
from strandline.core.shared_recordings import groups_in, mates_in
from strandline.core.states import (
    Evidence,
    FoundFile,
    FoundLink,
    Kind,
    Ledger,
    LedgerEntry,
    LedgerFile,
    Scan,
    Snapshot,
    WantedTrack,
)


def ignored_in(policy: Policy, ledger: Ledger) -> frozenset[TrackId]:
    """The tracks that the settings ignore, also under the ids that TIDAL gave them since."""
    ignore = policy.ignore
    return ignore | {new for old, new in ledger.replaced.items() if old in ignore}


class AlignedStates:
    """What every decision looks at. Paths are those after the folder renames."""

    def __init__(self, snapshot: Snapshot, ledger: Ledger, scan: Scan, policy: Policy) -> None:
        self.snapshot, self.ledger, self.scan, self.policy = snapshot, ledger, scan, policy
        self.ignored = ignored_in(policy, ledger)
        self.names = {
            id: known.named_for or known.folder for id, known in ledger.playlists.items()
        } | {id: playlist.name for id, playlist in snapshot.playlists.items()}
        self.active, self.passive, self.deleted = self._sort_playlists()
        self.folders = self._choose_folders()
        self.active -= self.folders.conflicts.keys()
        self.passive |= self.folders.conflicts.keys()
        self._follow_renames()
        self.unread = {self._new(path): why for path, why in scan.unread.items()}
        self.unread |= dict.fromkeys(scan.unnamed.values(), "its name is not UTF-8")
        """Files that may be anyone's -> why they could not be read."""
        self.unknown = frozenset(scan.unreadable) | {
            name for name, found in scan.folders.items() if not found.is_folder
        }
        """Names in ``Playlists`` behind which nobody could look."""
        self.wanted: dict[PlaylistId, tuple[TrackId, ...]] = {}
        self.wanted_sets: dict[PlaylistId, frozenset[TrackId]] = {}
        self._want()
        if policy.pool:
            self._open_pool()
        self.groups = groups_in(self)
        self.mates = mates_in(self)
        self.recogniser = Recogniser(
            self._not_local(), self.evidence, self.ledger_files, self.entries.values(), snapshot
        )

    def _not_local(self) -> dict[LibPath, FoundFile]:
        """All files but those of playlists that are not TIDAL's: they are nobody's but theirs."""
        local = self.ledger.local
        if not local:
            return self.files
        return {path: file for path, file in self.files.items() if folder_of(path) not in local}

    # ------------------------------------------------------------ playlists

    def _sort_playlists(self) -> tuple[set[PlaylistId], set[PlaylistId], frozenset[PlaylistId]]:
        """Active: to be made equal to TIDAL. Passive: left as they are. Deleted: cleared."""
        active: set[PlaylistId] = set()
        passive: set[PlaylistId] = set()
        deleted: set[PlaylistId] = set()
        for id, name in self.names.items():
            if not self.policy.in_scope(id, name):
                passive.add(id)
            elif id in self.snapshot.playlists:
                active.add(id)
            else:
                gone = self.snapshot.complete and not self.policy.keep_deleted
                (deleted if gone else passive).add(id)
        return active, passive, frozenset(deleted)

    @property
    def left_out(self) -> frozenset[PlaylistId]:
        """The passive ones that the settings leave out, not just this run."""
        if self.policy.only is not None:
            return frozenset()
        kept = self.snapshot.complete and self.policy.keep_deleted
        return frozenset(
            id
            for id in self.passive - {POOL}
            if not self.policy.in_scope(id, self.names[id])
            or (kept and id not in self.snapshot.playlists)
        )

    def is_active(self, playlist: PlaylistId, track: TrackId) -> bool:
        """Whether the entry is to be made equal to TIDAL; others are left as they are."""
        return playlist in self.active and track not in self.ignored

    def _choose_folders(self) -> FolderNames:
        wanted = [self.snapshot.playlists[id] for id in self.active]
        others = [p for id, p in self.ledger.playlists.items() if id not in self.active]
        listed = self.snapshot.playlists
        cleared = self.deleted
        if self.ignored:  # what is ignored stays, and so does its folder
            entries = self.ledger.entries
            cleared -= {playlist for playlist, track in entries if track in self.ignored}
        return choose_folders(wanted, others, cleared, self.ledger, self.scan, listed)

    def _follow_renames(self) -> None:
        """Every path as it will be; cheap where nothing is renamed."""
        scan, ledger, renamed = self.scan, self.ledger, self.folders.renamed
        self.files: dict[LibPath, FoundFile] = scan.files
        self.links: dict[LibPath, FoundLink] = scan.links
        self.evidence: dict[LibPath, Evidence] = scan.evidence
        self.others: Iterable[LibPath] = scan.others
        self.led: dict[LibPath, FoundFile] = scan.led
        self.entries: dict[tuple[PlaylistId, TrackId], LedgerEntry] = ledger.entries
        self.ledger_files: dict[TrackId, LedgerFile] = ledger.files
        names = [
            (p.folder, self.folders.names.get(id, p.folder)) for id, p in ledger.playlists.items()
        ]
        new_names = {old: new for old, new in names if old != new}
        self._moved = dict(names) | new_names  # where one playlist took over another's folder
        if not renamed and not new_names:
            return
        self.files = {
            new: f._replace(path=new) for p, f in scan.files.items() if (new := self._new(p))
        }
        self.links = {
            new: f._replace(path=new) for p, f in scan.links.items() if (new := self._new(p))
        }
        self.evidence = {self._new(path): seen for path, seen in scan.evidence.items()}
        self.others = [self._new(path) for path in scan.others]
        self.led = {self._new(path): found for path, found in scan.led.items()}
        self.entries, self.ledger_files = self._entries_after()

    def folder(self, playlist: PlaylistId) -> str | None:
        """The folder a playlist has after the renames; None if it never had one."""
        if name := self.folders.names.get(playlist):
            return name
        known = self.ledger.playlists.get(playlist)
        return known.folder if known else None

    def _new(self, path: LibPath) -> LibPath:
        return renamed_in(self.folders.renamed, path)

    def _entries_after(
        self,
    ) -> tuple[dict[tuple[PlaylistId, TrackId], LedgerEntry], dict[TrackId, LedgerFile]]:
        """By the ledger's names of the folders; a file may also lie in one by today's.

        Of two playlists that the ledger has in one folder, what is in it goes with its playlist.
        """
        ledger = self.ledger
        own = {
            id: self._moved | {known.folder: self.folders.names.get(id, known.folder)}
            for id, known in ledger.playlists.items()
            if self._moved[known.folder] != self.folders.names.get(id, known.folder)
        }
        entries, files = {}, {}
        of_files = {}
        for key, entry in ledger.entries.items():
            moved = own.get(key[0], self._moved)
            entries[key] = entry._replace(path=renamed_in(moved, entry.path))
            if entry.kind is Kind.PRIMARY:
                of_files[entry.track, entry.path] = moved
        for track, file in ledger.files.items():
            moved = of_files.get((track, file.path), self._moved)
            known = folder_of(file.path) in moved
            path = renamed_in(moved, file.path) if known else self._new(file.path)
            files[track] = file._replace(path=path)
        return entries, files

    # ------------------------------------------------------------ what is wanted

    def _want(self) -> None:
        """The tracks each playlist is to hold; unknown is not empty (I6)."""
        held: dict[PlaylistId, list[TrackId]] = defaultdict(list)
        careful = self.passive | {
            id for id in self.active if self.snapshot.playlists[id].incomplete is not None
        }
        if careful:
            for playlist, track in self.entries:
                if playlist in careful:
                    held[playlist].append(track)
        self._hold_ignored(held)
        for id in self.active:
            tracks = self.snapshot.playlists[id].tracks
            if not self.ignored.isdisjoint(tracks):
                tracks = tuple(it for it in tracks if self.is_active(id, it) or it in held[id])
            self.wanted[id] = tuple(dict.fromkeys([*tracks, *held[id]])) if held[id] else tracks
        for id in self.passive | (self.deleted & held.keys()):
            self.wanted[id] = tuple(held[id])
        self.wanted_sets = {id: frozenset(tracks) for id, tracks in self.wanted.items()}

    def _hold_ignored(self, held: dict[PlaylistId, list[TrackId]]) -> None:
        """What is ignored is wanted just where it is already."""
        for playlist, track in self.entries if self.ignored else ():
            if track in self.ignored and playlist not in self.passive:
                held[playlist].append(track)

    def _open_pool(self) -> None:
        """One more playlist: it wants what the others do, and what is ignored where it has it."""
        entries = pool_entries(self.ledger_files)
        held = {track for _, track in entries}
        self.entries = self.entries | entries
        self.names[POOL], self.folders.names[POOL] = POOL_FOLDER, POOL_FOLDER
        ranked = sorted(self.wanted, key=lambda id: self.policy.rank(id, self.names[id]))
        listed = dict.fromkeys(track for id in ranked for track in self.wanted[id])
        if POOL_FOLDER in self.unknown:
            why = self.scan.unreadable.get(POOL_FOLDER)
            self.folders.conflicts[POOL] = unreadable_pool(why)
            self.passive.add(POOL)
            listed = {track: None for track in listed if track in held}
        else:
            self.active.add(POOL)
        listed = {track: None for track in listed if track not in self.ignored or track in held}
        listed |= dict.fromkeys(track for track in held if track in self.ignored)
        self.wanted[POOL], self.wanted_sets[POOL] = tuple(listed), frozenset(listed)

    def holders_of(self, tracks: set[TrackId]) -> dict[TrackId, list[PlaylistId]]:
        """For each of ``tracks`` the playlists that list it."""
        holders: dict[TrackId, list[PlaylistId]] = defaultdict(list)
        for id, listed in self.wanted_sets.items():
            for track in listed & tracks:
                holders[track].append(id)
        return holders

    def track(self, id: TrackId) -> WantedTrack:
        """What TIDAL says of a track, or last said; one it never spoke of is unavailable."""
        known = self.snapshot.tracks.get(id) or self.snapshot.leaving.get(id)
        return known or WantedTrack(id, "", "", None, 0, None, available=False)

    # ------------------------------------------------------------ what is on disk

    def entry_at(self, path: LibPath) -> EntryState | None:
        """What the scan saw at a path, as the precondition of a step."""
        if file := self.files.get(path):
            return EntryState("file", file.dev, file.ino, file.size, file.mtime_ns)
        if link := self.links.get(path):
            return EntryState("link", link.dev, link.ino, target=link.target)
        return None

    @cached_property
    def links_of_ours(self) -> frozenset[LibPath]:
        """Places of links that the ledger knows, whoever has the folder by now."""
        return frozenset(it.path for it in self.entries.values() if it.kind is Kind.SYMLINK)

    def is_unknown(self, path: LibPath) -> bool:
        """Whether nobody could look there: what is known to lie there is not missing (I23)."""
        return bool(self.unknown) and self.scan.hides(path)

    def perhaps(self, known: LedgerFile, *, lost: bool) -> list[LibPath]:
        """Files that could not be read and may be this one, by place; a ``lost`` one's by inode."""
        ino = known.stamp.ino if lost and known.stamp is not None else None
        unnamed = self.scan.unnamed.get(ino) if ino is not None else None
        return [
            path
            for path in self.unread
            if path in (known.path, unnamed)
            or (ino is not None and path in self.files and self.files[path].ino == ino)
        ]

    def pointed_at(self, link: FoundLink) -> LibPath | None:
        """Where a link leads within ``Playlists``; None for everywhere else."""
        return self.scan.pointed_at(link)

    def meant(self, link: FoundLink) -> LibPath | None:
        """The same as the ledger had it: where a link led when its folder had its old name."""
        path = self.pointed_at(link)
        if path is None or (moved := self._moved.get(folder_of(path))) is None:
            return path
        return renamed_path(path, folder_of(path), moved)

    def is_dangling(self, link: FoundLink) -> bool:
        """Whether a link leads to no file now, before any folder is renamed."""
        folder = folder_of(link.path)
        old = next((old for old, new in self.folders.renamed.items() if new == folder), folder)
        return self.scan.is_dangling(link._replace(path=renamed_path(link.path, folder, old)))

    def paths_in(self, folders: set[str]) -> dict[str, list[LibPath]]:
        """All files and links in each of ``folders``, sub-folders included."""
        inside: dict[str, list[LibPath]] = {folder: [] for folder in folders}
        if not inside:
            return inside
        for path in self._all_paths():
            if (folder := folder_of(path)) in inside:
                inside[folder].append(path)
        return inside

    def _all_paths(self) -> Iterator[LibPath]:
        yield from self.files
        yield from self.links
        yield from self.others
