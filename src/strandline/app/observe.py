"""Looking: what TIDAL wants, what strandline made, what is on disk, and the plan that follows.

In a library that is as it was left the three states are never made: each folder is compared with
what the database has of it, name by name. They are made of the playlists in which something
differs and of those that share a differing track, and of all of them where that is not enough.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.layout import layout_of
from strandline.app.lyrics_files import LyricsFile, with_lyrics, without_lyrics
from strandline.app.scope import policy_for, scope_of
from strandline.app.statuses import exceptions_in
from strandline.app.taken_back import from_trash
from strandline.core.decide import SyncDecisionEngine
from strandline.core.safety_stops import REFETCHED_UNASKED, refetched
from strandline.core.states import Kind
from strandline.db.sqlite.bulk import no_collection
from strandline.execute.stray_links import knowing_fetched, knowing_strays
from strandline.library.scan.folder_cache import FolderCache
from strandline.library.scan.service import FilesystemScanService
from strandline.library.scan.unchanged import FolderComparison, compare_folders

if TYPE_CHECKING:
    from collections.abc import Collection

    from strandline.app.session import Session
    from strandline.core.after_recovery import AfterRecovery
    from strandline.core.ids import PlaylistId
    from strandline.core.plan import Plan
    from strandline.core.policy import Policy
    from strandline.core.states import Ledger, Scan, Snapshot
    from strandline.events import Progress
    from strandline.library.scan.unchanged import FolderChecker

MOST_IN_QUESTION = 1 / 4
"""Of the playlists; where more are, making the states of all of them is faster."""


class Extent(NamedTuple):
    """How much there is, whatever part of it the states hold."""

    tracks: int
    """That some playlist lists."""
    entries: int
    """In the ledger."""
    files: int = 0
    """Tracks that the database holds as downloaded; only counted where many are fetched again."""


@dataclass(frozen=True, slots=True)
class Observed:
    """Three states and the plan they make, under one policy.

    The states may lack what is settled: entries and tracks of playlists with nothing to do.
    """

    policy: Policy
    snapshot: Snapshot
    ledger: Ledger
    scan: Scan
    plan: Plan
    extent: Extent
    lyrics: tuple[LyricsFile, ...] = ()
    """Files of lyrics that strandline wrote and that stand there; they are not in the scan."""


def observe(
    session: Session,
    only: Collection[PlaylistId] | None,
    progress: Progress | None = None,
    *,
    anew: bool = False,
    checker: FolderChecker | None = None,
    then: AfterRecovery | None = None,
) -> Observed:
    """Read the database and the disk, and decide. Changes nothing but the caches of the scan.

    With ``anew`` every folder is listed, whatever its stamp says, and by the ``checker`` if that is
    given and the library is one that can be looked at folder by folder. ``then`` makes it the
    states as they will be.
    """
    policy, progress = policy_for(session, only), progress or session.progress
    service = scanning(session, progress)
    observed = None
    if then is None and _may_be_partial(policy, session):
        observed = _observe_part(session, policy, service, progress, anew=anew, checker=checker)
    observed = observed or _observe_all(session, policy, service, then)
    if refetched(observed.plan, observed.ledger) > REFETCHED_UNASKED:
        files, _ = session.store.ledger.how_many()
        observed = replace(observed, extent=observed.extent._replace(files=files))
    plan = from_trash(observed.plan, session.store, session.config.library)
    return replace(
        observed, plan=with_lyrics(plan, observed.ledger, observed.lyrics, observed.scan)
    )


def observe_whole(session: Session) -> Observed:
    """The three states whole, for deciding about files that are as strandline left them."""
    policy = policy_for(session, None)
    return _observe_all(session, policy, scanning(session, session.progress), None)


def scanning(session: Session, progress: Progress, *, pool: bool = False) -> FilesystemScanService:
    """What looks at the library as it is laid out; with ``pool`` into mp3/Tracks in any case."""
    return FilesystemScanService(
        session.config.mp3_dir,
        session.store.evidence,
        progress=progress,
        pool=pool or layout_of(session).has_pool,
    )


def _observe_all(
    session: Session, policy: Policy, service: FilesystemScanService, then: AfterRecovery | None
) -> Observed:
    with no_collection():
        snapshot, ledger = session.store.load_snapshot(), session.store.load_ledger()
        if then is None:
            scan = service.scan(ledger, snapshot)
        else:
            ledger = then.ledger_then(ledger)
            scan = then.scan_then(service.scan(then.ledger_now(ledger), snapshot))
        ledger = knowing_strays(ledger, scan, session.store)
        ledger = knowing_fetched(ledger, scan, session.store)
        scan, lyrics = without_lyrics(scan, session.store, session.config.mp3_dir)
        plan = SyncDecisionEngine(policy).decide(snapshot, ledger, scan)
    extent = Extent(_tracks_in(snapshot, policy), len(ledger.entries))
    return Observed(policy, snapshot, ledger, scan, plan, extent, lyrics)


def _tracks_in(snapshot: Snapshot, policy: Policy) -> int:
    """Of the playlists that the settings want read."""
    if not policy.left_out:
        return len(snapshot.tracks)
    wanted = snapshot.playlists.keys() - policy.left_out
    return len({track for id in wanted for track in snapshot.playlists[id].tracks})


def _observe_part(
    session: Session,
    policy: Policy,
    service: FilesystemScanService,
    progress: Progress,
    *,
    anew: bool,
    checker: FolderChecker | None = None,
) -> Observed | None:
    """The same from a part of the states; None where a part is not enough."""
    folder_states, folders = session.store.folder_states, session.store.folder_cache
    folder_cache = FolderCache({} if anew else folders.load(), time.time_ns())
    loaded = folder_states.load(hashes=checker is not None)
    comparison = compare_folders(session.config.mp3_dir, loaded, folder_cache, progress, checker)
    folders.save(folder_cache.fresh)
    comparison.except_for(folder_states.holding(comparison.tracks))
    if len(comparison.changed) > MOST_IN_QUESTION * (
        len(comparison.changed) + len(comparison.unchanged)
    ):
        return None
    snapshot = session.store.load_snapshot(comparison.changed)
    ledger = session.store.load_ledger(comparison.changed)
    scan = service.scan_but(comparison.unchanged.values(), ledger) if snapshot.complete else None
    if scan is None:
        return None
    ledger = knowing_strays(ledger, scan, session.store)
    ledger = knowing_fetched(ledger, scan, session.store)
    scan, lyrics = without_lyrics(scan, session.store, session.config.mp3_dir)
    plan = SyncDecisionEngine(policy).decide(snapshot, ledger, scan)
    plan = _with_unchanged(plan, comparison, scan)
    extent = Extent(folder_states.tracks, folder_states.entries)
    return Observed(policy, snapshot, ledger, scan, plan, extent, lyrics)


def _may_be_partial(policy: Policy, session: Session) -> bool:
    """Whether a playlist with nothing to do can be told by its folder.

    Scopes, copies and the pool cannot, nor what still lies in that on the way to another layout,
    nor recordings, which are told by all tracks together.
    """
    if policy.is_scoped or policy.recordings or layout_of(session).has_pool:
        return False
    if session.store.ledger.shares_recordings():
        return False
    return policy.link_kind is Kind.SYMLINK


def _with_unchanged(plan: Plan, comparison: FolderComparison, scan: Scan) -> Plan:
    """The tally of the whole library. What links elsewhere lead to was counted as foreign."""
    files, links = comparison.counted
    names = {folder.name for folder in comparison.unchanged.values()}
    targets = sum(1 for path in scan.files if path.split("/", 2)[1] in names)
    tally = plan.tally
    whole = replace(
        tally,
        tracks=tally.tracks + files,
        links=tally.links + links,
        foreign_files=tally.foreign_files - targets,
    )
    return replace(plan, tally=whole)


def save(session: Session, observed: Observed, *, facts: bool = True) -> None:
    """Save the observed state: statuses, and with ``facts`` what was recognised on disk.

    Without them (a library that this database is about to take over) nothing is believed yet.
    """
    now = session.now()
    if facts:
        session.store.apply(observed.plan.facts, now)
    scope = scope_of(observed.policy, session.store.reports.playlist_names())
    found = exceptions_in(observed.plan, observed.snapshot, observed.scan, observed.ledger, scope)
    session.store.statuses.save(
        tracks=found.tracks,
        entries=found.entries,
        playlists=found.playlists,
        broken=found.broken,
        absent=found.absent,
        now=now,
        scope=scope,
        all_seen=observed.policy.only is None,
    )
    session.store.last_plan.save(observed.plan.actions, now, observed.policy.only)


def without_facts(observed: Observed) -> Observed:
    """The same, once its facts are in the ledger."""
    return replace(observed, plan=replace(observed.plan, facts=()))
