"""Looking: what TIDAL wants, what strandline made, what is on disk, and the plan that follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from strandline.app.scope import policy_for, scope_of
from strandline.app.statuses import exceptions_in
from strandline.core.decide import SyncDecisionEngine
from strandline.db.bulk import no_collection
from strandline.library.scan import FilesystemScanService

if TYPE_CHECKING:
    from collections.abc import Collection

    from strandline.app.session import Session
    from strandline.core.ids import PlaylistId
    from strandline.core.plan import Plan
    from strandline.core.policy import Policy
    from strandline.core.states import Ledger, Scan, Snapshot
    from strandline.events import Progress


@dataclass(frozen=True, slots=True)
class Observed:
    """Three states and the plan they make, under one policy."""

    policy: Policy
    snapshot: Snapshot
    ledger: Ledger
    scan: Scan
    plan: Plan


def observe(
    session: Session, only: Collection[PlaylistId] | None, progress: Progress | None = None
) -> Observed:
    """Read the database and the disk, and decide. Changes nothing but the cache of the scan."""
    policy = policy_for(session, only)
    store = session.store
    service = FilesystemScanService(
        session.config.mp3_dir, store.evidence, progress=progress or session.progress
    )
    with no_collection():
        snapshot, ledger = store.load_snapshot(), store.load_ledger()
        scan = service.scan(ledger, snapshot)
        plan = SyncDecisionEngine(policy).decide(snapshot, ledger, scan)
    return Observed(policy, snapshot, ledger, scan, plan)


def save(session: Session, seen: Observed, *, notes: bool = True) -> None:
    """Save the observed state: statuses, and with ``notes`` what was recognised on disk.

    Without them (a library that this database is about to take over) nothing is believed yet.
    """
    now = session.now()
    if notes:
        session.store.apply(seen.plan.notes, now)
    found = exceptions_in(seen.plan, seen.snapshot, seen.scan)
    session.store.statuses.save(
        tracks=found.tracks,
        entries=found.entries,
        playlists=found.playlists,
        broken=found.broken,
        now=now,
        scope=scope_of(seen.policy, session.store.reports.playlist_names()),
    )
