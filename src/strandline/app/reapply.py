"""reapply: existing files follow today's settings; looked at, shown, asked, done, and undoable.

A part plugs in as a planner: a function from what was looked at to a ``Proposal`` of steps. Steps
of any kind that the executor knows will do; a file that is made anew is a ``Reapply`` with its
``prepare``. Playlist folders and links that the steps touch follow in the same proposal, or in
``after``, which is asked once the files are there.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from strandline.app.layout import library_files
from strandline.app.library_folder import free_bytes, require_library
from strandline.app.lyrics_files import lyrics_steps
from strandline.app.observe import Observed, observe_whole
from strandline.app.run_end import RunEnd, kept_end
from strandline.app.running import (
    Watch,
    executor_for,
    hold_library,
    refresh_statuses,
    unwatched,
)
from strandline.app.scope import playlists_named
from strandline.app.session import Clock, Session, open_session
from strandline.app.source import audio_source
from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    EntryState,
    Link,
    Relink,
    RemoveFolder,
)
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.ledger_facts import with_facts
from strandline.core.plan import Plan
from strandline.core.pool import of_no_playlist, pool_entries
from strandline.core.reapply import Part, Proposal, together
from strandline.core.states import Kind, Ledger
from strandline.db.store import utc_now
from strandline.errors import Exit, UsageError
from strandline.execute.ports import StopFlag
from strandline.execute.run_actions import Reapply
from strandline.library.marker import LibraryVerdict
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.config import Config
    from strandline.core.ledger_facts import LedgerFact
    from strandline.events import Progress
    from strandline.execute.ports import AudioSourcePort
    from strandline.execute.result import Result

COMMAND = "reapply"


@dataclass(frozen=True, slots=True)
class View:
    """What a part decides by: the three states as they are now, and what a sync would do."""

    session: Session
    observed: Observed
    """Of the whole library."""
    ledger: Ledger
    """What strandline made, with what the scan has just recognised.

    What lies in the pool are entries of the playlist ``POOL`` here; no step that is carried out
    speaks of it.
    """
    only: frozenset[PlaylistId] | None
    """The playlists of ``--playlist``; None for all."""
    unsettled: frozenset[TrackId]
    """Tracks about which the next sync has something to do: they are left to that first."""
    source: Callable[[], AudioSourcePort]
    """Opens the way to TIDAL, for steps that need it while they are carried out: in any thread,
    and once for all of them. Raises StrandlineError."""
    before: Proposal = field(default_factory=Proposal)
    """What the parts before this one propose, which is done before."""
    last_words: list[Callable[[], Iterable[str]]] = field(default_factory=list)
    """What a part has to say at the end of the run: lines for a person."""

    def in_scope(self, track: TrackId) -> bool:
        """Whether one of the playlists meant has the track."""
        if self.only is None:
            return True
        entries = self.ledger.entries
        return any((playlist, track) in entries for playlist in self.only)


Planner = Callable[[View], Proposal]


@dataclass(frozen=True, slots=True)
class Reapplied:
    """What would be done, and what became of it."""

    parts: tuple[Part, ...]
    proposal: Proposal
    free: int | None = None
    """Bytes free on the library's disk."""
    dry_run: bool = False
    declined: bool = False
    result: Result | None = None

    @property
    def exit(self) -> Exit:
        """With ``--dry-run`` whether there is something to do."""
        if self.dry_run:
            return Exit.CHANGES_PENDING if self.proposal.actions else Exit.DONE
        return self.result.exit if self.result else Exit.DONE

    @property
    def little_room(self) -> bool:
        """Whether the disk may be too full for all of it."""
        return self.free is not None and self.free < self.proposal.bytes


def _agreed(_: Reapplied) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ReapplyRequest:
    """What is to follow the settings, and how to reach the person."""

    parts: Sequence[Part]
    playlists: Sequence[str] = ()
    dry_run: bool = False
    confirm: Callable[[Reapplied], bool] = _agreed
    """Shown what would be done; False leaves everything as it is."""
    watch: Watch = unwatched


def planners() -> Mapping[Part, Planner]:
    """Of each part that there is, what proposes its steps."""
    from strandline.app.reapply_audio import propose_audio
    from strandline.app.reapply_layout import propose_layout
    from strandline.app.reapply_names import propose_names
    from strandline.app.reapply_tags import propose_tags

    return {
        Part.LAYOUT: propose_layout,
        Part.NAMES: propose_names,
        Part.AUDIO: propose_audio,
        Part.TAGS: propose_tags,
    }


def reapply(
    config: Config,
    request: ReapplyRequest,
    progress: Progress | None = None,
    *,
    now: Clock = utc_now,
) -> Reapplied:
    """Let existing files follow today's settings.

    Raises UsageError (no part, no such playlist, no library yet), BusyError, SafetyStopError,
    LibraryError, DatabaseError; what happens after the first step is in the result.
    """
    chosen = [part for part in Part if part in request.parts]
    _require_parts(chosen)
    with _noted(config, request, now) as end:
        with open_session(config, progress, locked=True, now=now) as session:
            end.session = session
            _require_ready(session, dry_run=request.dry_run)
            ended = _carry_out(session, request, chosen)
        end.is_run = ended.result is not None
        end.by(ended.result, ended.exit)
    return ended


def _require_parts(chosen: Sequence[Part]) -> None:
    known = planners()
    for part in chosen:
        if part not in known:
            raise UsageError(
                f"`reapply --{part.value}` is not in this version yet.", code="not_yet"
            )


def _noted(config: Config, request: ReapplyRequest, now: Clock) -> AbstractContextManager[RunEnd]:
    """Looking alone is no run, however it ends."""
    return (
        nullcontext(RunEnd(COMMAND, now())) if request.dry_run else kept_end(config, COMMAND, now)
    )


def _require_ready(session: Session, *, dry_run: bool) -> None:
    root = session.config.library
    state = require_library(root, session.store) if dry_run else hold_library(session)
    if state.verdict is LibraryVerdict.READY:
        return
    if state.verdict is LibraryVerdict.TAKE_OVER:
        raise UsageError(
            f"The library in {root} was not taken over yet.",
            hint="Run `strandline sync-execute` once first.",
            code="not_taken_over",
        )
    raise UsageError(
        f"There is no library of this database in {root} yet.",
        hint="`strandline sync-execute` creates it.",
        code="no_library",
    )


def _carry_out(session: Session, request: ReapplyRequest, chosen: Sequence[Part]) -> Reapplied:
    """Look, propose, ask, do."""
    from strandline.app.reapply_layout import begin_layout, require_alone, settle_at_once

    if Part.LAYOUT in chosen:
        require_alone(chosen, request.playlists)
    view = _view(session, request)
    known, proposals = planners(), list[Proposal]()
    for part in chosen:
        proposed = known[part](replace(view, before=together(proposals)))
        actions = tuple(of_no_playlist(proposed.actions))
        proposals.append(replace(proposed, actions=actions))
    proposal = _with_lyrics(together(proposals), view)
    free = free_bytes(session.config.library)
    looked = Reapplied(tuple(chosen), proposal, free, dry_run=request.dry_run)
    of_layout = Part.LAYOUT in chosen and not request.dry_run
    if request.dry_run or not looked.proposal.actions:
        if of_layout:
            settle_at_once(session)
        return looked
    if not request.confirm(looked):
        return replace(looked, declined=True)
    fetches = any(isinstance(it, Reapply) and it.fetch for it in looked.proposal.actions)
    source = view.source() if fetches else None
    if of_layout:
        begin_layout(session)
    with library_files(session) as files:
        stop = StopFlag()
        work = _Work(looked.proposal.actions, view.observed.plan.facts)
        with request.watch(stop):
            executor = executor_for(session, files, stop, source)
            result = executor.run(
                work,
                COMMAND,
                after=lambda: tags_after(work.actions, view, chosen),
                at_last=lambda: copies_after(work.actions, view),
            )
    result.notes += (line for words in view.last_words for line in words())
    refresh_statuses(session, None)
    return replace(looked, result=result)


def _with_lyrics(proposal: Proposal, view: View) -> Proposal:
    """Files of lyrics go where the audio goes."""
    plan = Plan(proposal.actions, view.observed.plan.facts)
    steps = lyrics_steps(plan, view.observed.ledger, view.observed.lyrics, view.observed.scan)
    emptied = [it for it in proposal.actions if isinstance(it, RemoveFolder)]
    others = (it for it in proposal.actions if not isinstance(it, RemoveFolder))
    return replace(proposal, actions=(*others, *steps, *emptied)) if steps else proposal


def _view(session: Session, request: ReapplyRequest) -> View:
    only = playlists_named(request.playlists, session.store.reports.playlist_names())
    observed = observe_whole(session)
    ledger = with_facts(observed.ledger, observed.plan.facts)
    ledger = replace(ledger, entries=ledger.entries | pool_entries(ledger.files))
    return View(session, observed, ledger, only, _unsettled(observed), _Source(session))


class _Source:
    """The way to TIDAL, opened by whoever needs it first."""

    def __init__(self, session: Session) -> None:
        self._session, self._opening = session, threading.Lock()
        self._opened: AudioSourcePort | None = None

    def __call__(self) -> AudioSourcePort:
        with self._opening:
            if self._opened is None:
                self._opened = audio_source(self._session, self._session.client())
            return self._opened


def _unsettled(observed: Observed) -> frozenset[TrackId]:
    """Conflicts are for the person, and no sync changes anything about them."""
    return frozenset(
        action.track
        for action in observed.plan.actions
        if action.track and not isinstance(action, Conflict)
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What the executor is given."""

    actions: tuple[Action, ...]
    facts: tuple[LedgerFact, ...] = ()
    agreed: tuple[LedgerFact, ...] = ()
    forgone: tuple[Action, ...] = ()
    following: tuple[Link, ...] = ()


def tags_after(actions: Sequence[Action], view: View, chosen: Sequence[Part]) -> Sequence[Action]:
    """Of audio that was made anew with the tags it had: what the settings want of those."""
    made = {it.track for it in actions if isinstance(it, Reapply) and it.part == Part.AUDIO.value}
    if Part.TAGS not in chosen or not made:
        return ()
    now = replace(view, observed=(observed := observe_whole(view.session)), before=Proposal())
    now = replace(now, ledger=with_facts(observed.ledger, observed.plan.facts))
    now = replace(now, unsettled=_unsettled(observed))
    return [it for it in planners()[Part.TAGS](now).actions if it.track in made]


def copies_after(actions: Sequence[Action], view: View) -> list[Relink]:
    """Copies and hard links of files that were made anew, which are made anew as well."""
    made = {action.track: action for action in actions if isinstance(action, Reapply)}
    return list(_stale(made, view)) if made else []


def _stale(made: Mapping[TrackId | None, Reapply], view: View) -> Iterator[Relink]:
    root, shared = view.session.config.mp3_dir, view.ledger.shared
    for entry in view.ledger.entries.values():
        action = made.get(shared.get(entry.track, entry.track))
        if action is None or entry.kind not in (Kind.COPY, Kind.HARDLINK):
            continue
        primary, copy = _seen(root / action.path), _seen(root / entry.path)
        if primary is None or copy is None or _is_of(copy, primary, entry.kind):
            continue
        yield Relink(
            entry.path,
            Because.STALE_COPY,
            entry.playlist,
            entry.track,
            source=action.path,
            kind=entry.kind,
            named_for=entry.named_for,
            expected=copy,
        )


def _is_of(copy: EntryState, primary: EntryState, kind: Kind) -> bool:
    """Whether it is a copy, or another name, of the file as that is now."""
    if kind is Kind.HARDLINK:
        return (copy.dev, copy.ino) == (primary.dev, primary.ino)
    return (copy.size, copy.mtime_ns) == (primary.size, primary.mtime_ns)


def _seen(path: Path) -> EntryState | None:
    try:
        at = os.lstat(path)
    except OSError:
        return None
    if not stat.S_ISREG(at.st_mode):
        return None
    return EntryState("file", at.st_dev, at.st_ino, at.st_size, mtime_of(at))
