"""The runs so far: which there were, how each ended, and which one a person means."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.session import open_session
from strandline.core.run_ids import LAST, KnownRun, runs_meant, short_of
from strandline.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from strandline.app.session import Session
    from strandline.config import Config
    from strandline.db.history import PastRun, PastStep
    from strandline.events import Progress

KILLED = "killed"
"""The status of a run that never said how it ended and that nobody carries out now."""
_NAMED = 5


class LookBack(NamedTuple):
    """Runs, newest first, with what each carried out; ``steps`` only where they were asked for.

    ``folders`` are the names of the playlists that have those today.
    """

    runs: list[PastRun]
    counts: dict[str, dict[str, int]]
    steps: list[PastStep] | None = None
    folders: Mapping[str, str] = MappingProxyType({})


def history(
    config: Config,
    limit: int,
    progress: Progress | None = None,
    *,
    since: datetime | None = None,
) -> list[PastRun]:
    """The last ``limit`` runs, newest first. DatabaseError."""
    with open_session(config, progress) as session:
        return _runs(session, limit, since)


def look_back(config: Config, limit: int, since: datetime | None = None) -> LookBack:
    """The last runs, with their steps where they are asked for since a moment. DatabaseError."""
    with open_session(config) as session:
        runs = _runs(session, limit, since)
        return _told(session, runs, steps=since is not None)


def run_of(config: Config, word: str) -> LookBack:
    """The run that ``word`` means, with its steps in order. UsageError when there is none."""
    with open_session(config) as session:
        past = session.store.history
        found = past.run(chosen_run(word, past.known()))
        assert found
        return _told(session, [_as_it_is(config, found)], steps=True)


def run_to_undo(config: Config, word: str) -> str:
    """The id of the run that ``word`` means to ``undo``. UsageError when there is none."""
    with open_session(config) as session:
        return chosen_run(word, session.store.history.known(), to_undo=True)


def chosen_run(word: str, known: list[KnownRun], *, to_undo: bool = False) -> str:
    """The one run that ``word`` means; ``known`` are all, newest first. UsageError."""
    found = runs_meant(word, known, to_undo=to_undo)
    if len(found) == 1:
        return found[0]
    if found:
        raise _several(word, found)
    if word == LAST:
        raise _nothing_yet(to_undo=to_undo)
    raise unknown_run(word)


def unknown_run(run: str) -> UsageError:
    """There is no such run."""
    return UsageError(
        f"There is no run {run!r}.", hint="`strandline history` lists them.", code="unknown_run"
    )


def _several(word: str, found: Collection[str]) -> UsageError:
    named = ", ".join(list(found)[:_NAMED]) + (", …" if len(found) > _NAMED else "")
    return UsageError(
        f"{len(found)} runs begin with {word!r}: {named}.",
        hint=f"Give one of them, or its last part, such as {short_of(next(iter(found)))}.",
        code="ambiguous_run",
    )


def _nothing_yet(*, to_undo: bool) -> UsageError:
    message = "There is no run that could be undone." if to_undo else "There were no runs yet."
    return UsageError(message, hint="`strandline history` lists the runs.", code="unknown_run")


def _runs(session: Session, limit: int, since: datetime | None) -> list[PastRun]:
    runs = session.store.history.runs(limit, since)
    return [_as_it_is(session.config, run) for run in runs]


def _as_it_is(config: Config, run: PastRun) -> PastRun:
    """A run that has not ended either goes on now, or was killed."""
    if run.status != "running":
        return run
    from strandline.library.lock import is_held

    return run if is_held(config.state_dir) else run._replace(status=KILLED)


def _told(session: Session, runs: list[PastRun], *, steps: bool) -> LookBack:
    past, ids = session.store.history, [run.id for run in runs]
    if not steps:
        return LookBack(runs, past.counts(ids))
    return LookBack(runs, past.counts(ids), past.steps(ids), session.store.reports.folders())
