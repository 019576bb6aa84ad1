"""Which tracks could be out of order? All others are settled by comparing three rows each.

This is what makes a check of an unchanged library of 100,000 entries cost a pass over its rows:
the decisions proper are made only for the tracks named here.
"""

from __future__ import annotations

from strandline.core.ids import PlaylistId, TrackId, folder_of, link_target
from strandline.core.names import tidal_name
from strandline.core.states import FoundFile, Kind, LedgerEntry, LedgerFile
from strandline.core.world import World

COPY_TOLERANCE_NS = 2_000_000_000
"""File systems without links keep modification times to two seconds."""


def tracks_in_question(world: World) -> set[TrackId]:
    """Tracks with at least one entry that is not exactly as the ledger left it."""
    questions = world.recogniser.tracks_with_evidence()
    names: dict[TrackId, str] = {}
    folders = {id: world.folder(id) for id in world.ledger.playlists}
    for entry in world.entries.values():
        if entry.track not in questions and not _is_settled(world, entry, names, folders):
            questions.add(entry.track)
    for playlist, tracks in world.wanted_sets.items():
        known = {track for track in tracks if (playlist, track) in world.entries}
        if len(known) < len(tracks):
            questions |= tracks - known
    return questions


def _is_settled(
    world: World,
    entry: LedgerEntry,
    names: dict[TrackId, str],
    folders: dict[PlaylistId, str | None],
) -> bool:
    """Wanted, under its name, in its folder, and on disk as it was left."""
    playlist, track, path, kind, named_for, _ = entry
    wanted = world.wanted_sets.get(playlist)
    if wanted is None or track not in wanted or folder_of(path) != folders.get(playlist):
        return False
    known = world.ledger_files.get(track)
    if known is None or not stands_as_left(world, entry, known):
        return False
    if kind is not Kind.PRIMARY and kind is not world.policy.link_kind and playlist in world.active:
        return False
    return named_for is None or named_for == _name(world, track, names)


def _name(world: World, track: TrackId, names: dict[TrackId, str]) -> str | None:
    if track not in names:
        known = world.snapshot.tracks.get(track)
        if known is None:
            return None
        names[track] = tidal_name(known)
    return names[track]


def stands_as_left(world: World, entry: LedgerEntry, known: LedgerFile) -> bool:
    """Whether an entry is on disk just as strandline left it, given its track's primary."""
    if entry.kind is Kind.SYMLINK:
        link = world.links.get(entry.path)
        return link is not None and link.target == link_target(entry.path, known.path)
    file = world.files.get(entry.path)
    if file is None or known.stamp is None:
        return False
    if entry.kind is Kind.PRIMARY:
        return known.path == entry.path and file.stamp == known.stamp
    if entry.kind is Kind.HARDLINK:
        return file.ino == known.stamp.ino
    return file.stamp == entry.stamp and is_fresh_copy(file, world.files.get(known.path))


def is_fresh_copy(copy: FoundFile, primary: FoundFile | None) -> bool:
    """A copy bears its primary's size and modification time."""
    if primary is None or copy.size != primary.size:
        return False
    return abs(copy.mtime_ns - primary.mtime_ns) <= COPY_TOLERANCE_NS
