"""What of the ledger's links and copies really stands on disk now, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable

from strandline.core.cases import Case, Docket
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.ledger import EntryGone, EntryIs, FileGone, FileIs, LedgerChange
from strandline.core.states import Kind, LedgerEntry
from strandline.core.world import World

Key = tuple[PlaylistId, TrackId]

_LINKS = (Kind.SYMLINK, Kind.HARDLINK, Kind.COPY)


def links_there(
    world: World,
    settled: Iterable[LedgerEntry],
    docket: Docket,
    notes: Iterable[LedgerChange],
) -> tuple[int, frozenset[Key]]:
    """How many entries stand in a primary's stead, and which of the ledger's do not stand at all.

    By the ledger as ``notes`` leave it, with today's paths; playlists that are not looked at have
    what the ledger says. A link that leads nowhere stands there, but for nothing.
    """
    count = sum(1 for entry in settled if entry.kind in _LINKS)
    absent: set[Key] = set()
    entries, files = _after(docket, notes)
    for key, entry in entries.items():
        case = docket.cases[entry.track]
        if entry.kind not in _LINKS:
            continue
        if not _is_there(world, docket, case, entry):
            absent.add(key)
        elif entry.track in files and not _is_dangling(world, entry):
            count += 1
    return count, frozenset(absent)


def _after(
    docket: Docket, notes: Iterable[LedgerChange]
) -> tuple[dict[Key, LedgerEntry], set[TrackId]]:
    """The entries and the tracks with a file, of all cases, once ``notes`` are believed."""
    cases = docket.cases.values()
    entries = {(p, case.track.id): entry for case in cases for p, entry in case.entries.items()}
    files = {case.track.id for case in cases if case.known or (case.leader and case.leader.known)}
    for note in notes:
        match note:
            case EntryIs(entry):
                entries[entry.playlist, entry.track] = entry
            case EntryGone(playlist, track):
                entries.pop((playlist, track), None)
            case FileIs(file):
                files.add(file.track)
            case FileGone(track):
                files.discard(track)
    return entries, files


def _is_there(world: World, docket: Docket, case: Case, entry: LedgerEntry) -> bool:
    looked_at = world.active | world.deleted
    if entry.playlist not in looked_at and not docket.leaves_out(entry.playlist, entry.track):
        return True
    if world.is_unknown(entry.path):
        return True
    if entry.kind is Kind.SYMLINK:
        return entry.path in world.links
    return entry.path in world.files and entry.path not in case.own_versions


def _is_dangling(world: World, entry: LedgerEntry) -> bool:
    link = world.links.get(entry.path) if entry.kind is Kind.SYMLINK else None
    return link is not None and world.is_dangling(link)
