"""The journal: each step's intent before it is carried out, what became of it after (I9, I13).

A step is "done" only together with what it did to the ledger, in one commit, after the disk is
durable. So an open intent is exactly what a killed run left in doubt.
"""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from strandline.db.sqlite.bulk import execute_rows
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.inodes import from_column, to_column
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    from strandline.core.ids import LibPath, TrackId
    from strandline.core.ledger_facts import LedgerFact
    from strandline.core.states import Stamp
    from strandline.db.ledger import LedgerRows


class RunStatus(str, Enum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    """Finished, but some items failed or were skipped."""
    STOPPED = "stopped"
    """Ended by a full disk, a safety stop or another error that concerns every item."""
    UNDONE = "undone"
    INTERRUPTED = "interrupted"
    """Ctrl-C, or killed and settled by the next run."""


class StepState(str, Enum):
    """How a step stands."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    SET_ASIDE = "set_aside"
    """Cut off, and neither done nor undone: left as it is, and named to the person."""


class StepRow(NamedTuple):
    """A row of ``run_steps``, field for field; the plan's words (``action``, ``because``).

    Of a track whose id TIDAL replaced since, ``track`` is read as the new one.
    """

    run_id: str
    seq: int
    action: str | None
    path: str | None
    source: str | None = None
    track: str | None = None
    playlist: str | None = None
    because: str | None = None
    state: str | None = StepState.INTENT.value
    error: str | None = None
    trash_path: str | None = None
    target: str | None = None
    """What the old link held."""
    replaced: str | None = None
    """What gave way at ``path``, in the executor's words."""
    kind: str | None = None
    inode: int | None = None
    size: int | None = None  # bytes
    mtime_ns: int | None = None
    sha256: str | None = None
    named_for: str | None = None
    at: datetime | None = None


class RunRow(NamedTuple):
    """A row of ``runs``, field for field."""

    id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    planned: int
    done: int
    failed: int
    undoes: str | None


class Finished(NamedTuple):
    """What a finished step left that its intent did not say: another place, what tells the file."""

    seq: int
    path: LibPath | None = None
    stamp: Stamp | None = None
    sha256: str | None = None
    trash_path: str | None = None


def new_run(now: datetime) -> str:
    """An id that sorts by time and is unique among runs of the same moment; its last part is short.

    Two runs within a second are told apart by its millionths: the later one is ``last``.
    """
    return f"{now:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}"


class Journal:
    """Runs and their steps, on one connection. Every method that writes commits once."""

    def __init__(self, connection: sqlite3.Connection, ledger: LedgerRows) -> None:
        self._db = connection
        self._ledger = ledger
        self.begun: str | None = None
        """The run that began last on this connection."""

    def begin_run(
        self, command: str, now: datetime, planned: int, *, undoes: str | None = None
    ) -> str:
        """A new run's id. See ``new_run``."""
        self.begun = run = new_run(now)
        values = (run, command, stored(now), RunStatus.RUNNING.value, planned, undoes)
        with writing(self._db) as db:
            db.execute(
                "INSERT INTO runs (id, command, started_at, status, planned, undoes)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                values,
            )
        return run

    def plan_more(self, run: str, steps: int) -> None:
        """The run is found to have so many further steps."""
        with writing(self._db) as db:
            db.execute("UPDATE runs SET planned = planned + ? WHERE id = ?", (steps, run))

    def intent(self, steps: Iterable[StepRow], now: datetime) -> None:
        """What is about to be done, all in one commit; ``at`` is now."""
        at = stored(now)
        with writing(self._db) as db:
            execute_rows(db, _ADD_STEPS, _STEP, list(map(_planned, steps)), at)

    def done(
        self,
        run: str,
        finished: Iterable[Finished],
        changes: Iterable[LedgerFact],
        now: datetime,
    ) -> None:
        """The steps and what they mean for the ledger, in one commit. The disk is durable now.

        ``changes`` are not asked for where all steps made links: their intents say the same.
        """
        steps = list(finished)
        news = [_news(run, step) for step in steps if step != (step.seq, None, None, None, None)]
        numbers = json.dumps([step.seq for step in steps])
        with writing(self._db) as db:
            db.executemany(_ADD_NEWS, news)
            db.execute(_FINISH_STEPS, (stored(now), run, numbers))
            if self._ledger.linked(run, numbers, now) < len(steps):
                self._ledger.write(changes, now, run)

    def failed(self, run: str, steps: Iterable[tuple[int, str]], now: datetime) -> None:
        """Steps, by number, each with its error in words."""
        self._settle(run, StepState.FAILED, steps, now)

    def skipped(self, run: str, steps: Iterable[tuple[int, str]], now: datetime) -> None:
        """Steps, by number, each with the reason why it was not done."""
        self._settle(run, StepState.SKIPPED, steps, now)

    def set_aside(self, run: str, steps: Iterable[tuple[int, str]], now: datetime) -> None:
        """Steps, by number, each with what is found in the place of what it wanted."""
        self._settle(run, StepState.SET_ASIDE, steps, now)

    def finish_run(self, run: str, status: RunStatus, now: datetime) -> None:
        """Counts the steps into the run. A run that has ended keeps the time it ended."""
        with writing(self._db) as db:
            db.execute(_FINISH_RUN, {"run": run, "status": status.value, "now": stored(now)})

    def run(self, run: str) -> RunRow | None:
        """The run of that id, if there is one; a word of a person may be no text at all."""
        rows = self._runs("WHERE id = ?", run) if run.isascii() else []
        return rows[0] if rows else None

    def open_runs(self) -> list[RunRow]:
        """Runs that never said they ended, oldest first."""
        return self._runs("WHERE status = ? ORDER BY id", RunStatus.RUNNING.value)

    def history(self, limit: int = 50) -> list[RunRow]:
        """The last runs, newest first."""
        return self._runs("ORDER BY started_at DESC, id DESC LIMIT ?", limit)

    def last_run(self, command: str) -> RunRow | None:
        """The newest run of that command, if there was one."""
        rows = self._runs("WHERE command = ? ORDER BY rowid DESC LIMIT 1", command)
        return rows[0] if rows else None

    def open_intents(self) -> list[StepRow]:
        """Steps whose outcome only the disk knows, in the order they were meant to be done."""
        return self._steps("WHERE state = ? ORDER BY run_id, seq", StepState.INTENT.value)

    def unsettled(self) -> list[StepRow]:
        """What a person should know of: open steps, and those set aside since the last whole run.

        In the order they were meant to be done.
        """
        return self._steps(_UNSETTLED, StepState.SET_ASIDE.value)

    def renamed_since(self, run: str) -> list[tuple[str, str, str]]:
        """Every folder renamed after ``run``, as (run, old path, new path), in their order."""
        return list(self._db.execute(_RENAMED_SINCE, (run,)))

    def named_before(self, run: str) -> dict[tuple[str, str], str | None]:
        """For each (playlist, path) that strandline made before ``run``, what it was named for."""
        return {
            (playlist, path): name
            for playlist, path, name in self._db.execute(_NAMED_BEFORE, (run,))
        }

    def steps(self, run: str) -> list[StepRow]:
        """A run's steps in order."""
        return self._steps("WHERE run_id = ? ORDER BY seq", run)

    def trashed(self, tracks: Iterable[TrackId]) -> list[StepRow]:
        """Steps that put whole audio of these tracks into the trash, the newest first."""
        return self._steps(_TRASHED, json.dumps(list(tracks)))

    def undos(self, run: str) -> list[RunRow]:
        """The undos of ``run``, whole or not, that are not undone themselves."""
        return self._runs("WHERE undoes = ? AND status != 'undone'", run)

    def ended(self, runs: Iterable[str]) -> dict[str, RunRow]:
        """Those of these runs that have ended, by id."""
        found = (self.run(run) for run in runs)
        return {row.id: row for row in found if row is not None and row.finished_at is not None}

    def made(self, tracks: Iterable[TrackId]) -> dict[tuple[TrackId, int], set[str]]:
        """The sha256 of each file that was downloaded for these tracks, by track and size."""
        found: dict[tuple[TrackId, int], set[str]] = {}
        for track, size, sha256 in self._db.execute(_MADE, (json.dumps(list(tracks)),)):
            found.setdefault((track, size), set()).add(sha256)
        return found

    def written(self) -> Iterator[tuple[TrackId, str, str]]:
        """Every file that strandline wrote for a track, the oldest first: track, sha256, and by
        which settings ``reapply`` made it; empty for a download."""
        for track, sha256, settings in self._db.execute(_WRITTEN):
            yield track, sha256, settings or ""

    def lyrics(self) -> dict[str, TrackId]:
        """The sha256 of each file of lyrics that was written -> its track."""
        return dict(self._db.execute(_LYRICS))

    def trashed_in(self, run: str) -> list[StepRow]:
        """Steps of whatever run that put something into the trash of ``run``."""
        which = "WHERE trash_path > ?1 || '/' AND trash_path < ?1 || '0' AND state = 'done'"
        return self._steps(f"{which} ORDER BY run_id, seq", run)

    def emptied(self, run: str) -> dict[str, tuple[str, datetime | None]]:
        """Places in the trash of ``run`` that were emptied: by which run, and when."""
        rows = self._db.execute(_EMPTIED, (f"{run}/", f"{run}0"))  # 0 comes after /
        return {place: (by, _time(at)) for place, by, at in rows}

    def download_rate(self) -> float | None:
        """Bytes of stored audio a second, over the last runs with many downloads, if any."""
        row = self._db.execute(_DOWNLOAD_RATE).fetchone()
        return row[0] / row[1] if row[1] else None

    def _settle(
        self, run: str, state: StepState, steps: Iterable[tuple[int, str]], now: datetime
    ) -> None:
        at = stored(now)
        with writing(self._db) as db:
            db.executemany(
                "UPDATE run_steps SET state = ?, error = ?, at = ? WHERE run_id = ? AND seq = ?",
                ((state.value, words, at, run, seq) for seq, words in steps),
            )

    def _runs(self, which: str, value: str | int) -> list[RunRow]:
        rows = self._db.execute(f"SELECT {_RUN_COLUMNS} FROM runs {which}", (value,))  # noqa: S608
        return [
            RunRow(id_, command, datetime.fromisoformat(began), _time(ended), *rest)
            for id_, command, began, ended, *rest in rows
        ]

    def _steps(self, which: str, value: str) -> list[StepRow]:
        rows = self._db.execute(f"SELECT {_STEP_COLUMNS} FROM run_steps {which}", (value,))  # noqa: S608
        return [_step(*row) for row in rows]


def _planned(step: StepRow) -> tuple[Any, ...]:
    if step.inode is not None:
        step = step._replace(inode=to_column(step.inode))
    return _of_intent(step)


def _news(run: str, step: Finished) -> tuple[str | int | None, ...]:
    ino, size, mtime_ns = step.stamp or (None, None, None)
    stamp = (to_column(ino), size, mtime_ns)
    return (step.path, step.trash_path, *stamp, step.sha256, run, step.seq)


def _step(*columns: Any) -> StepRow:
    """With the types of the fields, where the column has another."""
    row = StepRow._make((*columns[:-1], _time(columns[-1])))
    return row if row.inode is None else row._replace(inode=from_column(row.inode))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_RUN_COLUMNS = ", ".join(RunRow._fields)
_TRACK = "coalesce((SELECT new_id FROM replaced_ids WHERE old_id = run_steps.track), track)"
_STEP_COLUMNS = ", ".join(_TRACK if name == "track" else name for name in StepRow._fields)
_INTENT = [name for name in StepRow._fields if name not in ("state", "error", "at")]
_of_intent = attrgetter(*_INTENT)
_STEP = f"('intent', ?1{', ?' * len(_INTENT)})"
_ADD_STEPS = f"INSERT INTO run_steps (state, at, {', '.join(_INTENT)}) VALUES {{rows}}"  # noqa: S608
_ADD_NEWS = """
    UPDATE run_steps SET
        path = coalesce(?, path), trash_path = coalesce(?, trash_path),
        inode = coalesce(?, inode), size = coalesce(?, size), mtime_ns = coalesce(?, mtime_ns),
        sha256 = coalesce(?, sha256)
    WHERE run_id = ? AND seq = ?
"""
_FINISH_STEPS = """
    UPDATE run_steps SET state = 'done', error = NULL, at = ?
    WHERE run_id = ? AND seq IN (SELECT value FROM json_each(?))
"""
_DOWNLOAD_RATE = """
    SELECT sum(bytes), sum(seconds) FROM (
        SELECT sum(size) * (count(*) - 1.0) / count(*) AS bytes,
            (julianday(max(at)) - julianday(min(at))) * 86400 AS seconds
        FROM run_steps WHERE action = 'download' AND state = 'done'
            AND run_id IN (SELECT id FROM runs ORDER BY started_at DESC LIMIT 20)
        GROUP BY run_id HAVING count(*) >= 10)
"""
_UNSETTLED = """
    WHERE state = 'intent' OR (
        state = ? AND at > coalesce(
            (SELECT max(finished_at) FROM runs WHERE command = 'sync-execute' AND status = 'done'),
            ''))
    ORDER BY run_id, seq
"""
_BEFORE = "(SELECT rowid FROM runs WHERE id = ?)"  # ids of one second do not tell the order
_RENAMED_SINCE = f"""
    SELECT run_id, source, path FROM run_steps JOIN runs ON runs.id = run_id
    WHERE runs.rowid > {_BEFORE} AND action = 'rename_folder' AND state = 'done'
    ORDER BY runs.rowid, seq
"""  # noqa: S608
_NAMED_BEFORE = f"""
    SELECT playlist, path, named_for FROM run_steps JOIN runs ON runs.id = run_id
    WHERE runs.rowid < {_BEFORE} AND state = 'done' AND playlist IS NOT NULL
        AND action IN ('download', 'move', 'link', 'relink', 'restore')
    ORDER BY runs.rowid, seq
"""  # noqa: S608
_TRASHED = f"""
    WHERE action = 'trash' AND state = 'done' AND sha256 IS NOT NULL AND trash_path IS NOT NULL
        AND because IS NOT 'damaged_on_disk' AND {_TRACK} IN (SELECT value FROM json_each(?))
    ORDER BY run_id DESC, seq
"""  # noqa: S608
_MADE = f"""
    SELECT {_TRACK}, size, sha256 FROM run_steps
    WHERE action = 'download' AND state = 'done' AND sha256 IS NOT NULL AND size IS NOT NULL
        AND {_TRACK} IN (SELECT value FROM json_each(?))
"""  # noqa: S608
_WRITTEN = f"""
    SELECT {_TRACK}, sha256, CASE WHEN action = 'reapply' THEN target END
    FROM run_steps JOIN runs ON runs.id = run_id
    WHERE action IN ('download', 'reapply') AND state = 'done' AND sha256 IS NOT NULL
        AND track IS NOT NULL
    ORDER BY runs.rowid, seq
"""  # noqa: S608
_LYRICS = f"""
    SELECT sha256, {_TRACK} FROM run_steps
    WHERE action = 'lyrics' AND state = 'done' AND sha256 IS NOT NULL AND track IS NOT NULL
"""  # noqa: S608
_EMPTIED = """
    SELECT source, run_id, at FROM run_steps
    WHERE action = 'empty' AND state = 'done' AND source > ? AND source < ?
"""
_FINISH_RUN = """
    UPDATE runs SET
        status = :status, finished_at = coalesce(finished_at, :now),
        done = (SELECT count(*) FROM run_steps WHERE run_id = :run AND state = 'done'),
        failed = (
            SELECT count(*) FROM run_steps
            WHERE run_id = :run AND state IN ('failed', 'set_aside'))
    WHERE id = :run
"""
