"""import: the files that a person already has take the places of tracks, instead of downloads."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.import_steps import import_steps
from strandline.app.layout import library_files
from strandline.app.library_folder import require_library
from strandline.app.library_marker import learn_disk, mark
from strandline.app.listening import (
    Listened,
    ToHear,
    by_file,
    hear,
    keep,
    require_ears,
    to_hear,
)
from strandline.app.observe import scanning
from strandline.app.own_files import (
    Found,
    Noted,
    Unreadable,
    compare,
    decided_before,
    find_files,
    note_doubtful,
)
from strandline.app.run_end import RunEnd, kept_end
from strandline.app.running import (
    Watch,
    executor_for,
    hold_library,
    refresh_statuses,
    unwatched,
)
from strandline.app.scope import policy_for
from strandline.app.session import Clock, Session, open_session
from strandline.core.actions import (
    Action,
    Because,
    Download,
    Link,
)
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import LibPath, TrackId, stem_of
from strandline.core.matching.matching import Accepted, Matches
from strandline.db.store import utc_now
from strandline.errors import Exit, UsageError
from strandline.execute.ports import StopFlag
from strandline.library.lock import lock_library
from strandline.library.marker import LibraryVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from strandline.config import Config
    from strandline.core.ledger_facts import LedgerFact
    from strandline.core.plan import Plan
    from strandline.core.states import Ledger, Scan, Snapshot
    from strandline.events import Progress
    from strandline.execute.result import Result
    from strandline.library.marker import LibraryState
    from strandline.tidal.client import TidalClient

COMMAND = "import"
COPY, HARDLINK, MOVE = MODES = ("copy", "hardlink", "move")


class Taken(NamedTuple):
    """A file that is taken, and where it comes to lie."""

    match: Accepted
    path: LibPath


class Spare(NamedTuple):
    """A file of a track for which another is taken, or that the library has; ``of`` is that one."""

    file: str
    track: TrackId
    of: str
    because: str


class Stream(NamedTuple):
    """A track that a list names as a stream of TIDAL's; there is no file to take."""

    entry: str
    track: TrackId
    because: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What every file was found to be, and what became of those that were taken."""

    found: Found
    matches: Matches
    taken: tuple[Taken, ...]
    spare: tuple[Spare, ...]
    noted: Mapping[str, Noted]
    """The doubtful files, for ``review``."""
    mode: str = COPY
    dry_run: bool = False
    declined: bool = False
    new_library: bool = False
    result: Result | None = None
    streams: tuple[Stream, ...] = ()
    listened: Listened | None = None
    """With ``--listen``."""

    @property
    def unreadable(self) -> list[Unreadable]:
        """Files that are no sound, or that nobody can read."""
        return self.found.unreadable

    @property
    def exit(self) -> Exit:
        """With ``--dry-run`` whether there is something to take."""
        if self.dry_run:
            return Exit.CHANGES_PENDING if self.taken else Exit.DONE
        return self.result.exit if self.result else Exit.DONE


def _agreed(_: object) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What to look at, how to take it, and how to reach the person."""

    paths: Sequence[Path]
    mode: str = COPY
    dry_run: bool = False
    confirm: Callable[[ImportResult], bool] = _agreed
    """Shown what would be taken; False leaves everything as it is."""
    watch: Watch = unwatched
    listen: bool = False
    """To the doubtful files, and to how the tracks begin that they may be."""
    may_fetch: Callable[[ToHear], bool] = _agreed
    """Shown what would be fetched for that; False leaves all of them to be reviewed."""


def import_files(
    config: Config,
    request: ImportRequest,
    progress: Progress | None = None,
    *,
    now: Clock = utc_now,
) -> ImportResult:
    """Recognise the person's files by the last snapshot, and give them their places.

    Raises UsageError (no such path, no snapshot, a library that was not taken over), BusyError,
    SafetyStopError, LibraryError, DatabaseError.
    """
    if request.listen:
        require_ears()
    with _noted(config, request, now) as end:
        with open_session(config, progress, locked=True, now=now) as session:
            end.session = session
            state = _state(session, dry_run=request.dry_run)
            done = _Importing(session, request, state).carry_out()
        end.is_run = done.result is not None
        end.by(done.result, done.exit)
    return done


def _noted(config: Config, request: ImportRequest, now: Clock) -> AbstractContextManager[RunEnd]:
    """Looking alone is no run, however it ends."""
    return (
        nullcontext(RunEnd(COMMAND, now())) if request.dry_run else kept_end(config, COMMAND, now)
    )


def _state(session: Session, *, dry_run: bool) -> LibraryState:
    if dry_run:
        state = require_library(session.config.library, session.store)
    else:
        state = hold_library(session)
    if state.verdict is LibraryVerdict.TAKE_OVER:
        raise UsageError(
            f"The library in {session.config.library} was not taken over yet.",
            hint="Run `strandline sync-execute` once, then import.",
            code="not_taken_over",
        )
    return state


class View(NamedTuple):
    """The three states and what a sync would do, if TIDAL had every track."""

    snapshot: Snapshot
    ledger: Ledger
    scan: Scan
    plan: Plan


@dataclass(slots=True)
class _Importing:
    """One import with its session open."""

    session: Session
    request: ImportRequest
    state: LibraryState

    def carry_out(self) -> ImportResult:
        """Look, match, ask, do."""
        view = self._view()
        if not view.snapshot.tracks:
            raise UsageError(
                "There is nothing to compare your files with: no playlist was read yet.",
                hint="Run `strandline sync-check` first.",
                code="no_snapshot",
            )
        client = self._client()
        looked = self._matched(view, client)
        if self.request.dry_run or not looked.taken:
            return looked
        if not self.request.confirm(looked):
            return replace(looked, declined=True)
        return replace(looked, result=self._do(looked, view))

    def _view(self) -> View:
        """What a person has need not be on offer any more, so TIDAL's saying so counts for none."""
        session, policy = self.session, policy_for(self.session, None)
        snapshot, ledger = session.store.load_snapshot(), session.store.load_ledger()
        wanted = {id: it._replace(available=True) for id, it in snapshot.tracks.items()}
        scan = scanning(session, session.progress).scan(ledger, snapshot)
        plan = SyncDecisionEngine(policy).decide(replace(snapshot, tracks=wanted), ledger, scan)
        return View(snapshot, ledger, scan, plan)

    def _client(self) -> TidalClient | None:
        """With ``--listen``; LoginError before anything is looked at."""
        if not self.request.listen:
            return None
        client = self.session.client()
        client.token()
        return client

    def _matched(self, view: View, client: TidalClient | None) -> ImportResult:
        session = self.session
        mp3 = os.path.realpath(session.config.mp3_dir)
        ours = {f"{mp3}/{file.path}" for file in view.ledger.files.values()}
        ours |= {f"{mp3}/{entry.path}" for entry in view.ledger.entries.values()}
        found = find_files(self.request.paths, session, ours)
        decided = decided_before(found.files, session.store)
        matches = compare(found, view.snapshot.tracks.values(), decided)
        noted = note_doubtful(found, matches, session.store)
        listened = None
        if client is not None:
            listened = self._listened(matches, noted, view, client)
            heard = by_file(listened)
            matches = compare(found, view.snapshot.tracks.values(), decided, heard)
            noted |= note_doubtful(found, matches, session.store)
        taken, spare = _sorted_out(matches, view)
        new = self.state.verdict is LibraryVerdict.NEW
        told = (found, matches, tuple(taken), tuple(spare), noted, self.request.mode)
        streams = tuple(_stream(track, entry, view) for track, entry in found.streams.items())
        return ImportResult(
            *told, dry_run=self.request.dry_run, new_library=new, streams=streams, listened=listened
        )

    def _listened(
        self, matches: Matches, noted: Mapping[str, Noted], view: View, client: TidalClient
    ) -> Listened:
        """What was heard; in a real run what that decides is kept, as if a person had said it."""
        sounds = {path: it.sound for path, it in noted.items()}
        asked = to_hear(matches, view.snapshot.tracks, sounds, self.session.store)
        if asked.fetch and not self.request.may_fetch(asked):
            return Listened(declined=True)
        listened = hear(self.session, asked, client)
        if not self.request.dry_run:
            keep(self.session, asked, listened)
        return listened

    def _do(self, looked: ImportResult, view: View) -> Result:
        session = self.session
        if self.state.verdict is LibraryVerdict.NEW:
            session.closing.enter_context(lock_library(session.config.library))
        with library_files(session) as files:
            mark(session, files, self.state)
            if self.state.verdict is LibraryVerdict.NEW:
                learn_disk(session, files, anew=True)
                view = self._view()
            actions = tuple(import_steps(looked, view, self.request.mode, session.progress))
            work = _Work(actions, view.plan.facts, view.plan.agreed)
            stop = StopFlag()
            with self.request.watch(stop):
                result = executor_for(session, files, stop).run(work, COMMAND)
        refresh_statuses(session, None)
        return result


@dataclass(frozen=True, slots=True)
class _Work:
    """What the executor is given."""

    actions: tuple[Action, ...]
    facts: tuple[LedgerFact, ...]
    agreed: tuple[LedgerFact, ...]
    forgone: tuple[Action, ...] = ()
    following: tuple[Link, ...] = field(default=())


def _sorted_out(matches: Matches, view: View) -> tuple[list[Taken], list[Spare]]:
    """The files that come into the library; and those that are of no use there."""
    wanted = {it.track: it for it in view.plan.actions if isinstance(it, Download) and it.track}
    taken: list[Taken] = []
    spare = [
        Spare(it.file.path, it.track, it.of.path, "another file of this track is taken")
        for it in matches.duplicates
    ]
    for match in matches.accepted:
        planned = wanted.get(match.track)
        if planned is not None and planned.because is not Because.DAMAGED_ON_DISK:
            taken.append(Taken(match, _with_ending(planned.path, match.file.path)))
            continue
        known = view.ledger.audio_of(match.track)
        why = "the library has this track" if known else "no playlist that is synced has it"
        spare.append(Spare(match.file.path, match.track, known.path if known else "", why))
    return taken, spare


def _stream(track: TrackId, entry: str, view: View) -> Stream:
    """By its id alone: what it is, and whether a sync brings it."""
    if view.ledger.audio_of(track):
        return Stream(entry, track, "the library has this track")
    listed = track in view.snapshot.tracks
    why = "a stream: the next sync fetches it" if listed else "a stream of no playlist of yours"
    return Stream(entry, track, why)


def _with_ending(path: LibPath, file: str) -> LibPath:
    """The place of a track under the ending that the person's file has."""
    folder, _, name = path.rpartition("/")
    return LibPath(f"{folder}/{stem_of(name)}{os.path.splitext(file)[1].lower()}")
