"""Bringing a library into another layout: what is there changes its place, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import LibPath, PlaylistId, TrackId, folder_of, in_pool, name_of, stem_of
from strandline.core.policy import Policy
from strandline.core.states import Ledger, Scan, Snapshot, WantedPlaylist, WantedTrack


def relayout(
    snapshot: Snapshot, ledger: Ledger, scan: Scan, policy: Policy, *, pool: bool, begun: bool
) -> tuple[Action, ...]:
    """The steps that bring all audio into the pool, or out of it, in order.

    Where that was ``begun`` and cut off, links may be missing, or lead to where the audio was.

    Decided as a sync would whose playlists list just what is on disk: no settings leave any out.
    What TIDAL changed, and what is missing or damaged, is left to the next sync.
    """
    whole = Policy(
        policy.link_kind,
        policy.audio_format,
        policy.lossless,
        policy.track_template,
        policy.primary_priority,
        pool=pool,
    )
    plan = SyncDecisionEngine(whole).decide(_as_on_disk(snapshot, ledger), ledger, scan)
    return tuple(_of_layout(plan.actions, begun=begun))


def _as_on_disk(snapshot: Snapshot, ledger: Ledger) -> Snapshot:
    """Of no track is anything fetched, and none gets another name."""
    held: dict[PlaylistId, list[TrackId]] = defaultdict(list)
    for playlist, track in ledger.entries:
        held[playlist].append(track)
    playlists = {
        id: WantedPlaylist(id, known.named_for or known.folder, tuple(held[id]))
        for id, known in ledger.playlists.items()
    }
    paths = {entry.track: entry.path for entry in ledger.entries.values()}
    told = snapshot.leaving | snapshot.tracks
    tracks = {id: told.get(id) or _by_name(id, path) for id, path in paths.items()}
    return Snapshot(playlists, {id: it._replace(available=False) for id, it in tracks.items()})


def _by_name(track: TrackId, path: LibPath) -> WantedTrack:
    """One that TIDAL tells nothing of, as its file is called."""
    artist, dash, title = stem_of(name_of(path)).partition(" - ")
    return WantedTrack(track, artist if dash else "", title if dash else artist, None, 0, None)


def _of_layout(actions: Iterable[Action], *, begun: bool) -> Iterator[Action]:
    """The moves, what they bring about, and the folders in which that is done."""
    several = list(actions)
    of_layout = (it for it in several if it.because is Because.LAYOUT)
    moved = {it.track for it in of_layout if isinstance(it, Move | Trash)}
    folders = {folder_of(it.path) for it in several if _is_about(it, moved, begun=begun)}
    for action in several:
        made = isinstance(action, CreateFolder) and folder_of(action.path) in folders
        if made or isinstance(action, RenameFolder) or _is_about(action, moved, begun=begun):
            yield action


def _is_about(action: Action, moved: set[TrackId | None], *, begun: bool) -> bool:
    match action:
        case RemoveFolder() | Move():
            return action.because is Because.LAYOUT
        case Link() | Relink():
            return begun or action.track in moved
        case Trash() | Unlink():
            return action.track in moved
        case _:
            return False


def leads_into_pool(actions: Iterable[Action]) -> bool | None:
    """Which way steps of a change of layout lead; None where there are none of that."""
    moves = (it for it in actions if isinstance(it, Move) and it.because is Because.LAYOUT)
    return next((in_pool(move.path) for move in moves), None)
