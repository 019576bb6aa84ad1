"""The history: every run with how it ended, those included that never began."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from strandline.core.names import with_version
from strandline.core.run_ids import KnownRun, short_of
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable


class PastRun(NamedTuple):
    """One run. Times are naive UTC; ``code`` is null where nobody could say how it ended."""

    id: str
    command: str
    started_at: datetime
    ended_at: datetime | None
    status: str
    planned: int
    done: int
    failed: int
    undoes: str | None
    code: int | None = None
    error: str | None = None
    message: str | None = None
    hint: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """The last part of its id."""
        return short_of(self.id)


class PastStep(NamedTuple):
    """A step of a run, with the names of its track and playlist as they are known today."""

    run: str
    seq: int
    action: str | None
    path: str | None
    source: str | None
    track: str | None
    artist: str | None
    title: str | None
    playlist: str | None
    name: str | None
    because: str | None
    state: str | None
    error: str | None
    trash_path: str | None
    at: datetime | None


class Ending(NamedTuple):
    """How a run ended, in the words of its command."""

    run: str
    command: str
    started_at: datetime
    ended_at: datetime
    code: int
    error: str | None = None
    message: str | None = None
    hint: str | None = None
    notes: tuple[str, ...] = ()


class History:
    """Runs and their steps as a person asks for them; it writes nothing but how a run ended."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def ended(self, end: Ending) -> None:
        """Keep how a run ended. A power cut may take it: the journal knows what was done."""
        row: dict[str, Any] = end._asdict()
        row["notes"] = "\n".join(end.notes) or None
        row |= {"started_at": stored(end.started_at), "ended_at": stored(end.ended_at)}
        with relaxed(self._db), writing(self._db) as db:
            db.execute(_ENDED, row)

    def runs(self, limit: int, since: datetime | None = None) -> list[PastRun]:
        """The last runs, newest first; with ``since`` only those that began (or ended) after it."""
        values = {"limit": limit, "since": stored(since) if since else ""}
        return [_run(row) for row in self._db.execute(_RUNS, values)]

    def run(self, run: str) -> PastRun | None:
        """The run of that id, if there is one."""
        row = self._db.execute(_RUN, {"run": run}).fetchone()
        return _run(row) if row else None

    def known(self) -> list[KnownRun]:
        """All runs, newest first, as far as choosing one needs it."""
        return [
            KnownRun(run, changed == 1, command == "undo", undone == 1)
            for run, command, changed, undone in self._db.execute(_KNOWN)
        ]

    def counts(self, runs: Iterable[str]) -> dict[str, dict[str, int]]:
        """For each run how many steps of each kind were carried out."""
        counts: dict[str, dict[str, int]] = defaultdict(dict)
        for run, action, number in self._db.execute(_COUNTS, (json.dumps(list(runs)),)):
            counts[run][action] = number
        return counts

    def steps(self, runs: Collection[str]) -> list[PastStep]:
        """Their steps, the oldest first."""
        rows = self._db.execute(_STEPS_OF_RUNS, {"runs": json.dumps(list(runs))})
        return [_step(row) for row in rows]

    def steps_about(self, tracks: Collection[str], playlists: Collection[str]) -> list[PastStep]:
        """What was done with tracks, and with the folders of playlists; the oldest first."""
        values = {"tracks": json.dumps(list(tracks)), "playlists": json.dumps(list(playlists))}
        return [_step(row) for row in self._db.execute(_STEPS_ABOUT, values)]

    def steps_in(self, playlist: str) -> list[PastStep]:
        """What was done in a playlist; the oldest first."""
        return [_step(row) for row in self._db.execute(_STEPS_IN, {"playlist": playlist})]

    def last_step_at(self, path: str) -> PastStep | None:
        """The newest step that had to do with that very path, or put a file there in the trash."""
        row = self._db.execute(_STEP_AT, {"path": path}).fetchone()
        return _step(row) if row else None


def _run(row: tuple[Any, ...]) -> PastRun:
    id_, command, began, ended, *rest, notes = row
    times = datetime.fromisoformat(began), _time(ended)
    return PastRun._make((id_, command, *times, *rest, tuple((notes or "").splitlines())))


def _step(row: tuple[Any, ...]) -> PastStep:
    *fields, version, at = row
    step = PastStep._make((*fields, _time(at)))
    if version is None or step.title is None:
        return step
    return step._replace(title=with_version(step.title, version))


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


_ENDED = """
    INSERT OR REPLACE INTO run_ends
        (run, command, started_at, ended_at, code, error, message, hint, notes)
    VALUES (:run, :command, :started_at, :ended_at, :code, :error, :message, :hint, :notes)
"""
_ALL_RUNS = """
    SELECT id, runs.command, runs.started_at, coalesce(finished_at, ended_at) AS ended_at, status,
        planned, done, failed, undoes,
        coalesce(code, CASE status WHEN 'done' THEN 0 WHEN 'partial' THEN 4 END),
        error, message, hint, notes
    FROM runs LEFT JOIN run_ends ON run = id
    UNION ALL
    SELECT run, command, started_at, ended_at,
        CASE code WHEN 0 THEN 'done' WHEN 4 THEN 'partial' WHEN 130 THEN 'interrupted'
            ELSE 'stopped' END,
        0, 0, 0, NULL, code, error, message, hint, notes
    FROM run_ends WHERE run NOT IN (SELECT id FROM runs)
"""
# A clock may be put back between two runs: the one that began later is the newer one even so.
_BEGAN = """
    (SELECT id AS began, rowid AS place, max(started_at) OVER (ORDER BY rowid) AS latest FROM runs)
"""
_NEWEST_FIRST = "ORDER BY coalesce(latest, started_at) DESC, place DESC, past.id DESC"
_RUNS = f"""
    SELECT past.* FROM ({_ALL_RUNS}) AS past LEFT JOIN {_BEGAN} ON began = past.id
    WHERE started_at >= :since OR ended_at >= :since
    {_NEWEST_FIRST} LIMIT :limit
"""  # noqa: S608
_RUN = f"SELECT * FROM ({_ALL_RUNS}) WHERE id = :run"  # noqa: S608
_KNOWN = f"""
    SELECT id, command,
        EXISTS (SELECT 1 FROM run_steps WHERE run_id = past.id AND state = 'done'
            AND action IS NOT 'empty'),
        status = 'undone' OR EXISTS (
            SELECT 1 FROM runs WHERE undoes = past.id AND status IN ('done', 'partial') AND done)
    FROM ({_ALL_RUNS}) AS past LEFT JOIN {_BEGAN} ON began = past.id
    {_NEWEST_FIRST}
"""  # noqa: S608
_COUNTS = """
    SELECT run_id, action, count(*) FROM run_steps
    WHERE run_id IN (SELECT value FROM json_each(?)) AND state = 'done' AND action IS NOT NULL
    GROUP BY run_id, action
"""
# Of a track whose id TIDAL replaced since, the new one.
_TRACK = "coalesce((SELECT new_id FROM replaced_ids WHERE old_id = run_steps.track), track)"
_STEPS = f"""
    SELECT run_id, seq, action, run_steps.path, source, {_TRACK}, artist, title,
        playlist, playlists.name, because, state, error, trash_path, version, at
    FROM run_steps JOIN runs ON runs.id = run_id
    LEFT JOIN tracks ON tracks.tidal_id = {_TRACK}
    LEFT JOIN playlists ON playlists.tidal_id = playlist
"""  # noqa: S608
_ORDER = "ORDER BY runs.rowid, seq"
_STEPS_OF_RUNS = f"{_STEPS} WHERE run_id IN (SELECT value FROM json_each(:runs)) {_ORDER}"  # noqa: S608
# All steps are looked through: an index would have to be kept with each step of each run.
_STEPS_ABOUT = f"""
    {_STEPS} WHERE run_steps.track IN (SELECT value FROM json_each(:tracks))
        OR run_steps.track IN (
            SELECT old_id FROM replaced_ids WHERE new_id IN (SELECT value FROM json_each(:tracks)))
        OR (action IN ('create_folder', 'rename_folder', 'remove_folder')
            AND playlist IN (SELECT value FROM json_each(:playlists)))
    {_ORDER}
"""  # noqa: S608
_STEPS_IN = f"{_STEPS} WHERE playlist = :playlist {_ORDER}"
_STEP_AT = f"""
    {_STEPS} WHERE run_steps.path = :path OR source = :path OR trash_path = :path
    ORDER BY runs.rowid DESC, seq DESC LIMIT 1
"""
