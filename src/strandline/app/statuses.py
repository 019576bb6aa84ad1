"""What a plan means for the statuses in the database: only the exceptions are named."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from strandline.core.actions import (
    Action,
    Conflict,
    Download,
    Link,
    Move,
    Relink,
    TakeBack,
    Trash,
    Unlink,
)
from strandline.core.ids import PLAYLISTS, LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import IdReplaced
from strandline.core.states import Kind
from strandline.db.statuses import DownloadStatus, PlaylistSyncStatus, TrackSyncStatus

if TYPE_CHECKING:
    from strandline.core.plan import Plan
    from strandline.core.states import Ledger, Scan, Snapshot

_BY_ACTION: dict[type[Action], TrackSyncStatus] = {
    Unlink: TrackSyncStatus.NEEDS_REMOVAL,
    Trash: TrackSyncStatus.NEEDS_REMOVAL,
    Link: TrackSyncStatus.NEEDS_SYMLINK,
    Relink: TrackSyncStatus.NEEDS_SYMLINK,
    Move: TrackSyncStatus.NEEDS_MOVE,
    TakeBack: TrackSyncStatus.UNKNOWN,
    Download: TrackSyncStatus.UNKNOWN,
    Conflict: TrackSyncStatus.UNKNOWN,
}
_WEIGHT = {kind: weight for weight, kind in enumerate(_BY_ACTION)}
"""Of two actions about one entry the later one here tells what becomes of it."""


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Everything that is not synced, downloaded or in sync."""

    tracks: dict[TrackId, DownloadStatus] = field(default_factory=dict)
    entries: dict[tuple[PlaylistId, TrackId], TrackSyncStatus] = field(default_factory=dict)
    playlists: dict[PlaylistId, PlaylistSyncStatus] = field(default_factory=dict)
    broken: frozenset[LibPath] = frozenset()
    absent: frozenset[tuple[PlaylistId, TrackId]] = frozenset()
    """Entries whose link does not stand there."""


def exceptions_in(
    plan: Plan,
    snapshot: Snapshot,
    scan: Scan,
    ledger: Ledger,
    scope: Collection[PlaylistId] | None = None,
) -> Exceptions:
    """By what the plan would do, what TIDAL left open, and what the scan found dangling.

    ``scope`` are the playlists that the plan is about; None means all.
    """
    absent = dict.fromkeys(plan.absent, TrackSyncStatus.NEEDS_SYMLINK)
    broken = broken_links(scan)
    numbered = {note.old: note.new for note in plan.facts if isinstance(note, IdReplaced)}
    lost = {
        (entry.playlist, numbered.get(entry.track, entry.track))  # as the plan calls it
        for entry in (ledger.entries.values() if broken else ())
        if entry.path in broken
        and entry.kind is Kind.SYMLINK
        and (scope is None or entry.playlist in scope)
    }
    return Exceptions(
        tracks=dict.fromkeys(plan.missing, DownloadStatus.NOT_DOWNLOADED),
        entries=absent | _entries(plan.actions),
        playlists=_playlists(plan, snapshot, ledger.playlists, lost),
        broken=broken,
        absent=plan.absent,
    )


def _entries(actions: Iterable[Action]) -> dict[tuple[PlaylistId, TrackId], TrackSyncStatus]:
    about: dict[tuple[PlaylistId, TrackId], type[Action]] = {}
    for action in actions:
        if action.playlist is None or action.track is None:
            continue
        if isinstance(action, Move) and action.leaves is not None:
            about.setdefault((action.leaves, action.track), Trash)
        key, kind = (action.playlist, action.track), type(action)
        if key not in about or _WEIGHT[kind] > _WEIGHT[about[key]]:
            about[key] = kind
    return {key: _BY_ACTION[kind] for key, kind in about.items()}


def _playlists(
    plan: Plan,
    snapshot: Snapshot,
    known: Iterable[PlaylistId],
    lost: Iterable[tuple[PlaylistId, TrackId]],
) -> dict[PlaylistId, PlaylistSyncStatus]:
    """Deleted beats incomplete, which beats downloads, which beat everything else.

    ``lost`` are entries that lead nowhere now. Where the plan brings back what they lead to, their
    playlist is not in sync, though nothing is done in it.

    What is left of a deleted playlist with nothing to be done about it is as it is to be: the
    settings keep it, and a warning says so.
    """
    coming = {action.track for action in plan.actions if isinstance(action, Download)}
    moving = {action.track for action in plan.actions if isinstance(action, (Move, TakeBack))}
    about = [
        (playlist, action.track)
        for action in plan.actions
        for playlist in (action.playlist, getattr(action, "leaves", None))
    ]
    about += ((playlist, track) for playlist, track in lost if track in coming | moving)
    found: dict[PlaylistId, PlaylistSyncStatus] = {}
    for playlist, track in about:
        fetches = track is not None and track in coming
        status = PlaylistSyncStatus.NEEDS_DOWNLOAD if fetches else PlaylistSyncStatus.NEEDS_UPDATE
        if playlist and found.get(playlist) is not PlaylistSyncStatus.NEEDS_DOWNLOAD:
            found[playlist] = status
    for id, playlist in snapshot.playlists.items():
        if playlist.incomplete is not None:
            found[id] = PlaylistSyncStatus.UNKNOWN
    if not snapshot.complete:  # what the list does not name may be there all the same
        unnamed = set(known) - snapshot.playlists.keys()
        found |= dict.fromkeys(unnamed, PlaylistSyncStatus.UNKNOWN)
    cleared = dict.fromkeys(found.keys() & plan.deleted, PlaylistSyncStatus.NEEDS_REMOVAL)
    return found | dict.fromkeys(plan.deleted, PlaylistSyncStatus.IN_SYNC) | cleared


def broken_links(scan: Scan) -> frozenset[LibPath]:
    """Links that lead to no file in the library; behind what nobody could look at may be one."""
    files = scan.files
    return frozenset(
        path
        for path, link in scan.links.items()
        if _shortcut(path, link.target) not in files and scan.is_dangling(link)
    )


def _shortcut(link: LibPath, text: str) -> str:
    """Where a link leads that has the form of strandline's own; for others, nowhere."""
    if link.count("/") != 2 or text[:3] != "../":
        return ""
    return text[6:] if text[3:6] == "../" else f"{PLAYLISTS}/{text[3:]}"
