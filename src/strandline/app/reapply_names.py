"""reapply --names: files and links are named as the template says today.

What a sync does when TIDAL changes a name is done here for names that another template gave. A name
that you gave stays yours, and one that fits the template already is not given anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from strandline.app.reapply_files import UNSETTLED
from strandline.core.actions import Because, Link, Relink
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import in_pool
from strandline.core.names import names_for
from strandline.core.reapply import Left, Proposal
from strandline.core.states import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strandline.app.reapply import View
    from strandline.core.actions import Action
    from strandline.core.ids import PlaylistId, TrackId
    from strandline.core.states import Ledger, LedgerEntry, Snapshot

YOUR_NAME = "you gave it this name"
IN_POOL = "what lies in mp3/Tracks keeps its name"
_STALE = "\0"
"""A name that TIDAL never had: what was named for it is to be named anew."""


def propose_names(view: View) -> Proposal:
    """Moves of the files, and links under their new names, in the order of a plan."""
    stale, left = _stale(view)
    if not stale:
        return Proposal(left=tuple(left))
    tracks = {entry.track for entry in stale}
    return Proposal(tuple(_renames(view, stale, tracks)), tuple(left))


def _stale(view: View) -> tuple[list[LedgerEntry], list[Left]]:
    """The entries whose names are not the template's; and those that stay as they are, with why."""
    template, wanted = view.session.config.names_track, view.observed.snapshot.tracks
    stale: list[LedgerEntry] = []
    left: list[Left] = []
    unsettled = _unsettled(view)
    for entry in sorted(view.ledger.entries.values(), key=lambda entry: entry.path):
        track = wanted.get(entry.track)
        if track is None or entry.kind is Kind.YOURS or not _is_meant(entry, view):
            continue
        if names_for(entry.path, track, template):
            continue
        if in_pool(entry.path):
            left.append(Left(entry.path, entry.track, IN_POOL))
        elif entry.named_for is None:
            left.append(Left(entry.path, entry.track, YOUR_NAME))
        elif entry.track in unsettled:
            left.append(Left(entry.path, entry.track, UNSETTLED))
        else:
            stale.append(entry)
    return stale, left


def _unsettled(view: View) -> frozenset[TrackId]:
    """But for those of which links alone are lacking, which come with the names: of a run that was
    cut off, say.
    """
    actions = view.observed.plan.actions
    others = (it.track for it in actions if not isinstance(it, (Link, Relink)))
    return view.unsettled.intersection(filter(None, others))


def _is_meant(entry: LedgerEntry, view: View) -> bool:
    return view.only is None or entry.playlist in view.only


def _renames(view: View, stale: list[LedgerEntry], tracks: set[TrackId]) -> Iterator[Action]:
    """What a sync would do, had TIDAL given these entries' tracks other names.

    Only what is about them: nothing else follows from it.
    """
    seen = view.observed
    ledger, snapshot = _named_otherwise(seen.ledger, stale), _on_offer(seen.snapshot, tracks)
    plan = SyncDecisionEngine(seen.policy).decide(snapshot, ledger, seen.scan)
    for action in plan.actions:
        if action.track in tracks:
            renamed = action.because is Because.RENAMED_IN_TIDAL
            yield replace(action, because=Because.SETTINGS_CHANGED) if renamed else action


def _named_otherwise(ledger: Ledger, stale: list[LedgerEntry]) -> Ledger:
    keys: set[tuple[PlaylistId, TrackId]] = {(entry.playlist, entry.track) for entry in stale}
    entries = {
        key: entry._replace(named_for=_STALE) if key in keys else entry
        for key, entry in ledger.entries.items()
    }
    return replace(ledger, entries=entries)


def _on_offer(snapshot: Snapshot, tracks: set[TrackId]) -> Snapshot:
    """What is here can be renamed, whatever TIDAL has today."""
    wanted = {
        id: track._replace(available=True) if id in tracks else track
        for id, track in snapshot.tracks.items()
    }
    return replace(snapshot, tracks=wanted)
