"""Which tracks may have changed? All others are settled by comparing three rows each.

This is what makes a check of an unchanged library of 100,000 entries cost a pass over its rows:
the decisions proper are made only for the tracks named here.
"""

from __future__ import annotations

from strandline.core.aligned_states import AlignedStates
from strandline.core.ids import (
    TRACKS,
    PlaylistId,
    TrackId,
    folder_path,
    in_pool,
    link_from_elsewhere,
    link_target,
)
from strandline.core.names import display_name
from strandline.core.pool import POOL
from strandline.core.shared_recordings import with_recordings
from strandline.core.states import Evidence, FoundFile, Kind, LedgerEntry, LedgerFile, Stamp

COPY_TOLERANCE_NS = 2_000_000_000
"""File systems without links keep modification times to two seconds."""


def changed_tracks(states: AlignedStates) -> set[TrackId]:
    """Tracks with at least one entry that is not exactly as the ledger left it."""
    changed = states.recogniser.tracks_with_evidence()
    settled = _Settled(states)
    held: dict[PlaylistId, set[TrackId]] = {id: set() for id in states.wanted_sets}
    for entry in states.entries.values():
        playlist, track = entry[0], entry[1]
        if playlist in held:
            held[playlist].add(track)
        if track not in changed and not settled.holds(entry):
            changed.add(track)
    for playlist, wanted in states.wanted_sets.items():
        changed |= wanted - held[playlist]
    return with_recordings(states, changed)


class _Settled:
    """Tells whether an entry is wanted, under its name, in its folder, and on disk as it was left.

    Asked a hundred thousand times, so no path is taken apart and nothing is made that is not kept.
    """

    def __init__(self, states: AlignedStates) -> None:
        self._states = states
        self._wanted, self._files, self._links = states.wanted_sets, states.files, states.links
        self._primaries, self._link_kind = states.ledger_files, states.policy.link_kind
        folders = ((id, states.folder(id)) for id in states.ledger.playlists)
        self._prefixes = {id: f"{folder_path(folder)}/" for id, folder in folders if folder}
        self._shared = states.ledger.shared
        self._pool = states.policy.pool
        if self._pool:
            self._prefixes[POOL] = f"{TRACKS}/"
        self._names: dict[TrackId, str | None] = {}

    def holds(self, entry: LedgerEntry) -> bool:
        playlist, track, path, kind, named_for, _ = entry
        wanted, prefix = self._wanted.get(playlist), self._prefixes.get(playlist)
        if wanted is None or prefix is None or track not in wanted or not path.startswith(prefix):
            return False
        if named_for is not None and named_for != self._name(track):
            return False
        known = self._primaries.get(track)
        if known is None and kind is not Kind.PRIMARY and track in self._shared:
            known = self._primaries.get(self._shared[track])
        if known is None or in_pool(known.path) is not self._pool:
            return False
        if kind is Kind.PRIMARY:
            file = self._files.get(path)
            return file is not None and known.path == path and file[2:5] == known.stamp
        if kind is not self._link_kind and self._states.is_active(playlist, track):
            return False
        if kind is Kind.SYMLINK:
            link = self._links.get(path)
            return link is not None and (
                link.target == link_from_elsewhere(known.path)
                or (track in self._shared and link.target == link_target(path, known.path))
            )
        return self._stands_otherwise(entry, known)

    def _stands_otherwise(self, entry: LedgerEntry, known: LedgerFile) -> bool:
        """A hard link is the primary by another name; a copy is as it was made."""
        file = self._files.get(entry.path)
        if file is None or known.stamp is None or entry.path == known.path:
            return False
        if entry.kind is Kind.HARDLINK:
            return file.ino == known.stamp.ino and known.path in self._files
        return file.stamp == entry.stamp and is_fresh_copy(file, self._files.get(known.path))

    def _name(self, track: TrackId) -> str | None:
        if track not in self._names:
            known = self._states.snapshot.tracks.get(track)
            self._names[track] = display_name(known) if known else None
        return self._names[track]


def is_as_left(
    entry: LedgerEntry, file: FoundFile, known: LedgerFile | None, seen: Evidence | None
) -> bool:
    """Whether a copy or hard link of ours is as it was made: by its stamp, or by its content.

    On another disk, or one that numbers its files anew, all stamps differ. Older ledgers have no
    stamp of hard links, which was then that of the primary.
    """
    if entry.path != file.path or entry.kind not in (Kind.COPY, Kind.HARDLINK):
        return False
    stamp = entry.stamp
    if entry.kind is Kind.HARDLINK and stamp is None and known:
        stamp = known.stamp
    content = seen.sha256 if seen else None
    return file.stamp == stamp or (known is not None and content in {known.sha256} - {None})


def is_fresh_copy(copy: FoundFile | Stamp, primary: FoundFile | Stamp | None) -> bool:
    """A copy bears its primary's size and modification time, as finely as the disk keeps it."""
    if primary is None or copy.size != primary.size:
        return False
    grain = max(_grain(copy.mtime_ns), _grain(primary.mtime_ns))
    return abs(copy.mtime_ns - primary.mtime_ns) <= grain


def _grain(mtime_ns: int) -> int:
    """How coarse the clock may be that gave this time: that of FAT, of HFS+, of exFAT, or fine."""
    return next((grain for grain in (COPY_TOLERANCE_NS, 10**9, 10**7) if not mtime_ns % grain), 0)
