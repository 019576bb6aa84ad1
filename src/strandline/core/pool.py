"""The pool layout: one folder owns all audio, and every playlist's holds links to it alone.

It is decided as one more playlist, which lists whatever another one does. What leaves the decision
speaks of no such playlist: nothing is stored of it but where each track's file is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    CreateFolder,
    Download,
    EntryState,
    Move,
    RemoveFolder,
)
from strandline.core.ids import POOL_FOLDER, TRACKS, LibPath, PlaylistId, TrackId, in_pool
from strandline.core.ledger_facts import EntryGone, EntryIs, LedgerFact
from strandline.core.states import Kind, LedgerEntry, LedgerFile

if TYPE_CHECKING:
    from strandline.core.aligned_states import AlignedStates
    from strandline.core.plan import KeptForOthers

POOL = PlaylistId("the pool")
"""No id of TIDAL's is like it."""


def pool_entries(
    files: Mapping[TrackId, LedgerFile],
) -> dict[tuple[PlaylistId, TrackId], LedgerEntry]:
    """What the pool holds. Its names are given once: nothing that stands there is renamed."""
    return {
        (POOL, track): LedgerEntry(POOL, track, file.path, Kind.PRIMARY, None)
        for track, file in files.items()
        if in_pool(file.path)
    }


def is_owed(entry: LedgerEntry | None, primary: LibPath | None) -> bool:
    """Whether the playlist's audio is in the pool by now, and a link in its place not made yet."""
    had_it = entry is not None and entry.kind is Kind.PRIMARY and not in_pool(entry.path)
    return had_it and primary is not None and in_pool(primary)


def of_no_playlist(actions: Iterable[Action]) -> Iterator[Action]:
    """The actions as all others may know them."""
    for action in actions:
        found = replace(action, playlist=None) if action.playlist == POOL else action
        if isinstance(found, Move) and found.leaves == POOL:
            found = replace(found, leaves=None)
        yield found


def without_pool(facts: Iterable[LedgerFact]) -> list[LedgerFact]:
    """The facts that the ledger is to hear of."""
    return [
        fact
        for fact in facts
        if not (isinstance(fact, EntryIs) and fact.entry.playlist == POOL)
        and not (isinstance(fact, EntryGone) and fact.playlist == POOL)
    ]


def by_playlists(kept: Iterable[KeptForOthers]) -> Iterator[KeptForOthers]:
    """What stays in a playlist for the sake of others, the pool aside."""
    for one in kept:
        if one.playlist != POOL:
            yield one._replace(holders=tuple(id for id in one.holders if id != POOL))


def unreadable_pool(why: str | None) -> Conflict:
    """What is said when nobody could look into its folder; ``why`` is None for no folder there."""
    is_none = f"{TRACKS} is a link or a file, where the folder of all audio belongs"
    message = is_none if why is None else f"{TRACKS} cannot be read ({why})"
    because = Because.FOLDER_IN_THE_WAY if why is None else Because.FOLDER_UNREADABLE
    left = "nothing is fetched until it can be used, and no audio was touched."
    return Conflict(LibPath(TRACKS), because, message=f"{message}; {left}")


def folder_of_pool(
    states: AlignedStates, actions: Iterable[Action], leaving: Iterable[LibPath]
) -> Iterator[CreateFolder | RemoveFolder]:
    """It is made with the first file, and goes with the last one that another layout takes out."""
    there, path = states.scan.folders.get(POOL_FOLDER), LibPath(TRACKS)
    if states.policy.pool:
        come = (it for it in actions if isinstance(it, (Download, Move)))
        if there is None and any(in_pool(it.path) for it in come):
            yield CreateFolder(path, Because.LAYOUT, named_for=TRACKS)
        return
    if there is None or POOL_FOLDER in states.unknown:
        return
    if {*leaving}.issuperset(states.paths_in({POOL_FOLDER})[POOL_FOLDER]):
        seen = EntryState("folder", there.dev, there.ino)
        yield RemoveFolder(path, Because.LAYOUT, expected=seen)
