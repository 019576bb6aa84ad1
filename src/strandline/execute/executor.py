"""Doing a plan: intent, precondition, act, fsync, done. Cut off anywhere, the next run goes on."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from strandline.core.actions import (
    Action,
    Conflict,
    Download,
    Link,
    Move,
    Relink,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, link_target
from strandline.db.journal import RunStatus
from strandline.db.sqlite.bulk import no_collection
from strandline.db.store import Store
from strandline.errors import SafetyStopError, StrandlineError
from strandline.events import Progress, Silent
from strandline.execute.batch import Batch
from strandline.execute.circuit_breaker import Waiting
from strandline.execute.download import Downloads
from strandline.execute.folder_renames import Renames
from strandline.execute.lyrics_files import lyrics_step
from strandline.execute.moves_file import write_moves
from strandline.execute.ports import (
    AudioSourcePort,
    Clock,
    ExecutionPlan,
    RunSettings,
    StopFlag,
)
from strandline.execute.reapplying import Reapplying
from strandline.execute.refetching import Refetching
from strandline.execute.result import Result
from strandline.execute.run_actions import Reapply
from strandline.execute.run_log import RunLog, Step
from strandline.library.files import LibraryFiles

log = logging.getLogger(__name__)

GIVES_WAY = "gives_way"
REPLACES = "replaces"


def _nothing_to_check() -> None: ...


class Executor:
    """Carries out one plan at a time. The caller holds the lock and has recovered before.

    ``check_library`` is called before each batch; it raises SafetyStopError when the folder is no
    longer the library's (unmounted, another marker). It leaves the database alone, which another
    thread may be writing.
    """

    def __init__(
        self,
        files: LibraryFiles,
        store: Store,
        source: AudioSourcePort,
        *,
        clock: Clock,
        settings: RunSettings | None = None,
        stop: StopFlag | None = None,
        progress: Progress | None = None,
        check_library: Callable[[], None] = _nothing_to_check,
        waiting: Waiting | None = None,
    ) -> None:
        self._files = files
        self._store = store
        self._source = source
        self._clock = clock
        self._settings = settings or RunSettings()
        self._stop = stop or StopFlag()
        self._progress = progress or Silent()
        self._check_library = check_library
        self._waiting = waiting or Waiting()

    def run(
        self,
        work: ExecutionPlan,
        command: str,
        *,
        undoes: str | None = None,
        after: Callable[[], Sequence[Action]] = tuple,
        at_last: Callable[[], Sequence[Action]] = tuple,
    ) -> Result:
        """Carry out ``work``. One item's error never stops another; the Result names each.

        ``after`` is asked for further steps of one kind once something was done: what follows from
        all of it; and then ``at_last``.

        What stops everything (a full disk, a library that is gone, Ctrl-C) ends the run cleanly
        and is in the Result too. Nothing of strandline's own is raised once the run has begun.
        """
        actions = [action for action in work.actions if not isinstance(action, Conflict)]
        run = self._store.journal.begin_run(command, self._clock(), len(actions), undoes=undoes)
        run_log = RunLog(self._store, run, actions, self._clock)
        try:
            self._store.apply((*work.facts, *work.agreed), self._clock())
            self._carry_out(actions, run_log)
            self._forgo(work.forgone, run_log)
            self._follow(work.following, run_log)
            self._write_lyrics(run_log)
            for further in (after, at_last):
                if run_log.result.done and not self._stop.is_set() and not run_log.result.stopped:
                    self._carry_out_further(further(), run_log)
        except StrandlineError as error:
            run_log.result.stopped = error
        self._close(run_log)
        return run_log.result

    def _carry_out(self, actions: Sequence[Action], run_log: RunLog) -> None:
        with no_collection():
            listed = list(families(actions))
            gc.freeze()  # they stay to the end: no need to walk them again and again
        try:
            for alike in listed:
                kind = type(alike[0].action)
                number = sum(isinstance(step.action, kind) for step in alike)
                self._progress.phase(kind.name, total=number if kind is Download else len(alike))
                if not self._stop.is_set():
                    self._carry_out_alike(alike, run_log)
        finally:
            gc.unfreeze()
        run_log.result.interrupted = self._stop.is_set() and run_log.unfinished

    def _carry_out_further(self, actions: Sequence[Action], run_log: RunLog) -> None:
        if actions:
            self._progress.phase(actions[0].name, total=len(actions))
            self._carry_out_alike(run_log.extend(actions), run_log)

    def _forgo(self, actions: Sequence[Action], run_log: RunLog) -> None:
        """What follows from the tracks that TIDAL turned out not to have."""
        due = [action for action in actions if run_log.dependencies.is_unavailable(action.track)]
        due = [it for it in due if not isinstance(it, (Link, Relink)) or self._files.see(it.source)]
        if due and not self._stop.is_set():
            self._carry_out_alike(run_log.extend(due), run_log)

    def _follow(self, links: Sequence[Link], run_log: RunLog) -> None:
        """What follows from audio that came under another ending than was forecast."""
        due = [
            (link, came) for link in links if (came := run_log.dependencies.came_otherwise(link))
        ]
        if not due or self._stop.is_set():
            return
        old = [unlink for link, came in due if (unlink := self._old_link(link, came))]
        standing = {unlink.path for unlink in old}
        new = [came for link, came in due if link.path in standing]
        for some in (old, new):
            if some:
                self._carry_out_alike(run_log.extend(some), run_log)

    def _write_lyrics(self, run_log: RunLog) -> None:
        """Beside the tracks that came; what stands there already, whosever it is, stays."""
        steps = [lyrics_step(action, path, words) for action, path, words in run_log.lyrics]
        due = [step for step in steps if self._files.hash_of_export(step.path) is None]
        if due:
            self._carry_out_alike(run_log.extend(due), run_log)

    def _old_link(self, link: Link, came: Link) -> Unlink | None:
        """What takes the link away that stands there still; None if it is none of ours by now."""
        seen = self._files.see(link.path)
        sources = (link.source, came.source)
        if seen is None or seen.target not in {link_target(link.path, to) for to in sources}:
            return None
        return Unlink(link.path, link.because, link.playlist, link.track, expected=seen)

    def _carry_out_alike(self, steps: Sequence[Step], run_log: RunLog) -> None:
        """Steps of one kind. Downloads should not wait for one another, so they stay together."""
        kind = type(steps[0].action)
        if kind is Download:
            self._check_library()
            self._downloads(run_log).carry_out(steps)
        elif kind is Reapply:
            self._check_library()
            self._make_anew(steps, run_log)
        elif kind is RenameFolder:  # two playlists may be swapping names
            self._check_library()
            Renames(self._files, run_log, self._stop).carry_out(steps)
            self._progress.advance(len(steps))
        else:
            some = batches(steps, self._settings.batch)
            batch = Batch(self._files, run_log, self._stop)
            for number in batch.carry_out(some, self._check_library):
                self._progress.advance(number)

    def _make_anew(self, steps: Sequence[Step], run_log: RunLog) -> None:
        """Those that need no TIDAL first."""
        fetched = [step for step in steps if isinstance(step.action, Reapply) and step.action.fetch]
        others = [step for step in steps if step not in fetched]
        if others:
            self._reapplying(run_log).carry_out(others)
        if fetched and not self._stop.is_set() and run_log.result.stopped is None:
            self._downloads(run_log, Refetching).carry_out(fetched)

    def _downloads(self, run_log: RunLog, kind: type[Downloads] = Downloads) -> Downloads:
        return kind(
            self._files,
            self._store,
            self._source,
            run_log,
            settings=self._settings,
            clock=self._clock,
            stop=self._stop,
            progress=self._progress,
            check_library=self._check_library,
            waiting=self._waiting,
        )

    def _reapplying(self, run_log: RunLog) -> Reapplying:
        return Reapplying(
            self._files,
            self._store,
            run_log,
            settings=self._settings,
            stop=self._stop,
            progress=self._progress,
            check_library=self._check_library,
            clock=self._clock,
        )

    def _close(self, run_log: RunLog) -> None:
        """Report the rest as not done and end the run in the journal, if the database still can."""
        result = run_log.result
        if result.interrupted:
            run_log.close("the run was interrupted", "interrupted")
        elif result.stopped:
            run_log.close(result.stopped.message, result.stopped.code)
        try:
            self._store.journal.finish_run(result.run, RunStatus(result.status), self._clock())
        except StrandlineError:
            log.exception("The end of run %s could not be saved", result.run)
        if not isinstance(result.stopped, SafetyStopError):  # it may not be the library any more
            self._write_moves(result)

    def _write_moves(self, result: Result) -> None:
        """What cannot be written is no failure: the next run does it."""
        try:
            write_moves(self._files, self._store)
        except StrandlineError as error:
            result.notes.append(f"The list of moves is not up to date: {error.message}")


def families(actions: Sequence[Action]) -> Iterator[list[Step]]:
    """Neighbours of one kind, in order; a file that gives way comes with what takes its place.

    Cut off between a file and its link, the entry would be gone and its name forgotten; a damaged
    file and its successor change places in one step (I22).
    """
    steps = [Step(seq, action) for seq, action in enumerate(actions, 1)]
    gone = {step.action.path: step.seq for step in steps if isinstance(step.action, Trash)}
    after = {
        step.action.path: step
        for step in (steps if gone else ())
        if isinstance(step.action, Link) and gone.get(step.action.path, step.seq) < step.seq
    }
    arranged = list(_arranged(steps, after) if after else steps)
    old = _replaced(arranged, after) if gone else {}
    arranged = list(_beside_successors(arranged, old)) if old else arranged
    together = _together(arranged, old)
    for _, alike in groupby(arranged, key=lambda step: _family(step, after, together)):
        yield list(alike)


def _replaced(steps: Sequence[Step], after: Mapping[LibPath, Step]) -> dict[LibPath, list[Step]]:
    """Damaged files, by the path of what stands in for them in the same run."""
    successors = {s.action.path for s in steps if isinstance(s.action, (Download, Move))}
    old: dict[LibPath, list[Step]] = {}
    for step in steps:
        action = step.action
        if not isinstance(action, Trash) or action.path in after:
            continue
        if action.is_replaced and action.successor and action.successor in successors:
            old.setdefault(action.successor, []).append(step)
    return old


def _together(steps: Sequence[Step], old: Mapping[LibPath, Sequence[Step]]) -> dict[int, str]:
    """By the number of a step, a family of its own: a successor with the files it replaces."""
    found: dict[int, str] = {}
    for step in steps if old else ():
        if isinstance(step.action, (Download, Move)) and step.action.path in old:
            name = Download.name if isinstance(step.action, Download) else REPLACES
            found |= {one.seq: name for one in (step, *old[step.action.path])}
    return found


def _beside_successors(
    steps: Sequence[Step], old: Mapping[LibPath, Sequence[Step]]
) -> Iterator[Step]:
    elsewhere = {step.seq for several in old.values() for step in several}
    for step in steps:
        if step.seq not in elsewhere:
            yield step
            if isinstance(step.action, (Download, Move)):
                yield from old.get(step.action.path, ())


def _arranged(steps: Sequence[Step], after: Mapping[LibPath, Step]) -> Iterator[Step]:
    """``after``: the links that take the place of a file."""
    for step in steps:
        if isinstance(step.action, Trash) and step.action.path in after:
            yield step
            yield after[step.action.path]
        elif not (isinstance(step.action, Link) and step.action.path in after):
            yield step


def _family(step: Step, after: Mapping[LibPath, Step], together: Mapping[int, str]) -> str:
    """Making links and pointing them elsewhere is one kind of work."""
    action = step.action
    if step.seq in together:
        return together[step.seq]
    if after and isinstance(action, (Link, Trash)) and action.path in after:
        return GIVES_WAY
    return Link.name if isinstance(action, Relink) else action.name


def batches(alike: Sequence[Step], size: int) -> list[Sequence[Step]]:
    """An even number of steps at a time."""
    width = max(2, size - size % 2)
    return [alike[at : at + width] for at in range(0, len(alike), width)]
