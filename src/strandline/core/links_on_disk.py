"""Which of the ledger's links and copies are on disk now, before anything is done."""

from __future__ import annotations

from collections.abc import Iterable

from strandline.core.aligned_states import AlignedStates
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.ledger_facts import EntryGone, EntryIs, FileGone, FileIs, LedgerFact
from strandline.core.states import Kind, LedgerEntry
from strandline.core.track_cases import Case, TrackCases

Key = tuple[PlaylistId, TrackId]

_LINKS = (Kind.SYMLINK, Kind.HARDLINK, Kind.COPY)


def links_on_disk(
    states: AlignedStates,
    settled: Iterable[LedgerEntry],
    track_cases: TrackCases,
    facts: Iterable[LedgerFact],
) -> tuple[int, frozenset[Key]]:
    """How many entries stand in a primary's stead, and which of the ledger's do not stand at all.

    By the ledger as ``facts`` leave it, with today's paths; playlists that are not looked at have
    what the ledger says. A link that leads nowhere stands there, but for nothing.
    """
    count = sum(1 for entry in settled if entry.kind in _LINKS)
    absent: set[Key] = set()
    entries, files = _after(track_cases, facts)
    for key, entry in entries.items():
        case = track_cases.cases[entry.track]
        if entry.kind not in _LINKS:
            continue
        if not _is_there(states, track_cases, case, entry):
            absent.add(key)
        elif entry.track in files and not _is_dangling(states, entry):
            count += 1
    return count, frozenset(absent)


def _after(
    track_cases: TrackCases, facts: Iterable[LedgerFact]
) -> tuple[dict[Key, LedgerEntry], set[TrackId]]:
    """The entries and the tracks with a file, of all cases, once ``facts`` are believed."""
    cases = track_cases.cases.values()
    entries = {(p, case.track.id): entry for case in cases for p, entry in case.entries.items()}
    files = {case.track.id for case in cases if case.known or (case.leader and case.leader.known)}
    for fact in facts:
        match fact:
            case EntryIs(entry):
                entries[entry.playlist, entry.track] = entry
            case EntryGone(playlist, track):
                entries.pop((playlist, track), None)
            case FileIs(file):
                files.add(file.track)
            case FileGone(track):
                files.discard(track)
    return entries, files


def _is_there(
    states: AlignedStates, track_cases: TrackCases, case: Case, entry: LedgerEntry
) -> bool:
    looked_at = states.active | states.deleted
    if entry.playlist not in looked_at and not track_cases.leaves_out(entry.playlist, entry.track):
        return True
    if states.is_unknown(entry.path):
        return True
    if entry.kind is Kind.SYMLINK:
        return entry.path in states.links
    return entry.path in states.files and entry.path not in case.user_versions


def _is_dangling(states: AlignedStates, entry: LedgerEntry) -> bool:
    link = states.links.get(entry.path) if entry.kind is Kind.SYMLINK else None
    return link is not None and states.is_dangling(link)
