"""sync-check: snapshot, scan, decide, judge; the library is never touched (I16)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from strandline.app.asking import ask_again, sorted_refusals
from strandline.app.library_folder import account_of, require_account, require_library
from strandline.app.lost_links import lost_links
from strandline.app.needs import NOTHING, Needs, needs_of
from strandline.app.new_files import settings_for_new_files
from strandline.app.observe import Observed, observe, save
from strandline.app.plan_file import narrowed, read_plan_file
from strandline.app.plan_warnings import Warn, purchase_warning, room_warning, warnings_of
from strandline.app.replacements import ask_for_replacements
from strandline.app.scope import excluded_of, ignored_of, playlists_named, scope_of, wishes_of
from strandline.app.session import Clock, Session, open_session
from strandline.app.unfinished_steps import note_what_is_done
from strandline.config.keys import Limit
from strandline.core.run_ids import short_of
from strandline.core.safety_stops import OPTIONS, Alarm, Ways, alarms
from strandline.db.sqlite.bulk import no_collection
from strandline.db.store import utc_now
from strandline.errors import Exit, StrandlineError
from strandline.execute.ports import RESERVE
from strandline.library.marker import LibraryVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from strandline.config import Config
    from strandline.core.after_recovery import AfterRecovery
    from strandline.core.ids import PlaylistId
    from strandline.core.plan import Plan
    from strandline.core.plan_json import ActionKey
    from strandline.db.reports import UnavailableTrack
    from strandline.events import Progress
    from strandline.tidal.client import TidalClient

EVERYTHING = Limit(100, percent=True)


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """What to look at, and how thoroughly."""

    playlists: tuple[str, ...] = ()
    """Names or uuids; none means all."""
    full: bool = False
    """Read every playlist and list every folder anew, unchanged ones too."""
    offline: bool = False
    """Use the last snapshot."""
    on_disk_too: bool = False
    """Name the unavailable tracks that the disk has as well."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """What TIDAL did not tell whole; without a playlist it is the list of them."""

    playlist: PlaylistId | None
    name: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found."""

    observed: Observed
    alarms: tuple[Alarm, ...]
    incomplete: tuple[Incomplete, ...]
    verdict: LibraryVerdict
    names: dict[PlaylistId, str]
    """Of every playlist that TIDAL or the disk has."""
    needs: Needs = NOTHING
    """What the downloads need of room and time."""
    excluded: frozenset[PlaylistId] = frozenset()
    """Playlists that the settings leave out."""
    warnings: tuple[Warn, ...] = ()
    """What a person may have meant otherwise; it stops nothing."""
    unavailable: tuple[UnavailableTrack, ...] = ()
    """Wanted tracks that TIDAL does not give out now."""
    not_asked: StrandlineError | None = None
    """Why some of them were not asked for again: a refusal that is about no track."""
    link_mode: str = "auto"
    """The setting by which links are made."""
    ignored: int = 0
    """Tracks, in playlists that are not left out, that the settings ignore."""
    cut_off: str | None = None
    """The last run, in its short form, where it ended before it was done."""

    @property
    def plan(self) -> Plan:
        """What a run would do."""
        return self.observed.plan

    @property
    def new_library(self) -> bool:
        """Whether a run would make the library first."""
        return self.verdict is LibraryVerdict.NEW

    @property
    def in_sync(self) -> bool:
        """Nothing to do, and nothing that is not known."""
        return not self.plan.actions and not self.incomplete

    @property
    def exit(self) -> Exit:
        """The exit code, but for ``--exit-code``."""
        if self.incomplete:
            return Exit.SOME_FAILED
        return self.not_asked.exit if self.not_asked else Exit.DONE

    @property
    def missing(self) -> tuple[UnavailableTrack, ...]:
        """The unavailable tracks that the disk does not have either."""
        return tuple(track for track in self.unavailable if not track.on_disk)


def check(
    config: Config,
    options: CheckOptions,
    progress: Progress | None = None,
    *,
    plan_file: Path | None = None,
    max_removals: Limit | None = None,
    accepted: Mapping[str, int | None] | None = None,
    now: Clock = utc_now,
) -> CheckResult:
    """Compare TIDAL, database and disk; save what was observed.

    With ``plan_file``, ``max_removals`` and ``accepted`` it is what a sync-execute with these would
    find: the steps of the saved plan, and the safety stops that it would raise.

    Raises LoginError, UnreachableError, SafetyStopError (the library is not there), UsageError
    (no such playlist, no plan in the file), BusyError, DatabaseError, LibraryError.
    """
    wanted = read_plan_file(plan_file, config.sync_link_mode) if plan_file else None
    limit = max_removals or config.sync_max_removals
    with open_session(config, progress, locked=True, now=now) as session:
        verdict = require_library(config.library, session.store).verdict
        then = note_what_is_done(session) if verdict is LibraryVerdict.READY else None
        client = None if options.offline else session.client()
        found = compare(session, options, client, verdict, limit, then)
        save(
            session, found.observed, facts=verdict is not LibraryVerdict.TAKE_OVER and then is None
        )
        if found.plan.facts:
            named = unavailable_in(session, options, found.observed, found.names)
            found = replace(found, unavailable=named)
    found = as_wanted(found, wanted, limit)
    return replace(found, alarms=tuple(not_accepted(found.alarms, accepted or {})))


def as_wanted(found: CheckResult, wanted: list[ActionKey] | None, limit: Limit) -> CheckResult:
    """With no step but those of a plan file, if there is one. Raises SafetyStopError."""
    if wanted is None:
        return found
    plan = narrowed(found.plan, wanted)
    return judged(replace(found, observed=replace(found.observed, plan=plan)), limit)


def not_accepted(alarms: Iterable[Alarm], accepted: Mapping[str, int | None]) -> Iterator[Alarm]:
    """The safety stops that nobody agreed to; ``accepted`` has a number (None: any) by code."""
    for alarm in alarms:
        most = accepted.get(alarm.code, 0)
        if most is not None and not 0 < alarm.entries <= most:
            too_few = f" {OPTIONS[alarm.code]} {most} is not enough." if most else ""
            yield alarm._replace(message=alarm.message + too_few)


def compare(
    session: Session,
    options: CheckOptions,
    client: TidalClient | None,
    verdict: LibraryVerdict,
    limit: Limit,
    then: AfterRecovery | None = None,
) -> CheckResult:
    """A snapshot (with a ``client``), a scan, a plan and what is alarming about it.

    ``then``: what recovery does before a run looks.
    """
    not_asked = None
    if client is not None:
        with sorted_refusals(client):
            take_snapshot(session, client, full=options.full)
        not_asked = ask_again(session, client)
        ask_for_replacements(session, client)
    names = session.store.reports.playlist_names()
    observed = observe(
        session, playlists_named(options.playlists, names), anew=options.full, then=then
    )
    excluded = excluded_of(session, observed.policy, names)
    needs = needs_of(session, observed)
    found = CheckResult(
        observed,
        (),
        incomplete_in(observed),
        verdict,
        names,
        needs,
        excluded,
        (
            *warnings_of(observed.policy, names, excluded, observed.snapshot, observed.plan.kept),
            *purchase_warning(observed.plan, observed.snapshot, observed.scan),
            *lost_links(session.store, observed.plan, observed.scan.root),
            *settings_for_new_files(session.config, session.store),
            *room_warning(needs.bytes, needs.free_bytes, RESERVE),
        ),
        unavailable_in(session, options, observed, names),
        not_asked,
    )
    ignored = session.store.reports.ignored(ignored_of(session), scope_of(observed.policy, names))
    mode = session.config.sync_link_mode
    cut_off = _cut_off(session)
    return judged(replace(found, ignored=ignored, link_mode=mode, cut_off=cut_off), limit)


def _cut_off(session: Session) -> str | None:
    last = session.store.journal.last_run("sync-execute")
    early = ("running", "interrupted", "stopped")  # no run goes on while this one looks
    return short_of(last.id) if last and last.status in early else None


def unavailable_in(
    session: Session, options: CheckOptions, observed: Observed, names: Mapping[PlaylistId, str]
) -> tuple[UnavailableTrack, ...]:
    """What TIDAL does not have, in scope."""
    only = scope_of(observed.policy, names)
    ignored = ignored_of(session)
    return session.store.reports.unavailable(only, ignored, on_disk_too=options.on_disk_too)


def judged(found: CheckResult, limit: Limit) -> CheckResult:
    """With the alarms that its plan raises."""
    observed = found.observed
    allowed = limit.of(observed.extent.entries)
    raised = alarms(
        observed.plan,
        observed.snapshot,
        observed.ledger,
        allowed=allowed,
        tracked=observed.extent.entries,
        files=observed.extent.files,
        ways=Ways(found.names, observed.policy.exclude, found.cut_off),
    )
    return replace(found, alarms=tuple(raised))


def take_snapshot(session: Session, client: TidalClient, *, full: bool) -> None:
    """Read TIDAL into the database. Raises SafetyStopError for another person's account."""
    from strandline.tidal.snapshot import TidalSnapshotService

    config = session.config
    _require_same_account(session, client)
    service = TidalSnapshotService(
        client,
        session.store.snapshots,
        include_followed=config.tidal_favorite_playlists,
        wishes=wishes_of(config),
        progress=session.progress,
        now=session.now,
        read_again=timedelta(days=config.tidal_full_refresh_days),
    )
    with no_collection():
        service.take(full)


def _require_same_account(session: Session, client: TidalClient) -> None:
    """Another account's playlists would look like the deletion of all of these."""
    if account_of(session.store) is not None:
        require_account(session.store, client.confirm().user_id)


def incomplete_in(observed: Observed) -> tuple[Incomplete, ...]:
    """The playlists in scope that may add but never remove, and the list itself."""
    found = [
        Incomplete(id, playlist.name, playlist.incomplete)
        for id, playlist in observed.snapshot.playlists.items()
        if playlist.incomplete is not None and observed.policy.in_scope(id, playlist.name)
    ]
    if not observed.snapshot.complete:
        found.insert(0, Incomplete(None, None, observed.snapshot.incomplete_reason))
    return tuple(found)
