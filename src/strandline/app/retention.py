"""trash_keep_days: what has lain in the trash long enough, and can be had again, goes for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.app.layout import library_files
from strandline.app.run_end import RunEnd
from strandline.app.running import Watch, executor_for, unwatched
from strandline.app.trash import EMPTY, Emptied, emptied_by
from strandline.core.actions import Because
from strandline.core.ids import TrackId
from strandline.core.retention import Made, TrashedFile, is_due, is_old, may_go
from strandline.errors import StrandlineError
from strandline.execute.ports import StopFlag
from strandline.execute.trash import Restoration, trashed
from strandline.library.files import LibraryFiles
from strandline.tidal.probe import described

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.tidal.client import TidalClient

MOST = 200
"""Files looked at in one run: each is read, and TIDAL is asked for its track."""


def empty_expired(
    session: Session, client: TidalClient, watch: Watch = unwatched
) -> Emptied | None:
    """Empty what ``trash_keep_days`` says; None where there is nothing to be emptied.

    Call with the library locked, after a run that ended with 0. What goes wrong is told and no
    failure of that run: the trash is looked at again after the next one.
    """
    if not session.config.sync_trash_keep_days:
        return None
    try:
        return _empty(session, client, watch)
    except StrandlineError as error:
        session.progress.note(f"The trash was not emptied: {error.message}")
        return None


def _empty(session: Session, client: TidalClient, watch: Watch) -> Emptied | None:
    stop = StopFlag()
    with library_files(session) as files, watch(stop):
        due, made = _due(session, files)
        work = _expired(due, made, files, client, stop)
        if not work.actions or stop.is_set():
            return None
        end = RunEnd(EMPTY, session.now())
        result = executor_for(session, files, stop).run(work, EMPTY)
        emptied = emptied_by(result, session)
        end.run, end.notes = result.run, emptied.notes
        end.by(result, result.exit)
        session.store.history.ended(end.row(session.now()))
        return emptied


def _due(session: Session, files: LibraryFiles) -> tuple[list[TrashedFile], Made]:
    """What is old enough, oldest run first, and may be what strandline made."""
    journal, now, days = session.store.journal, session.now(), session.config.sync_trash_keep_days
    found, exports = [], session.store.exports.made()
    for id, run in journal.ended(files.trash_runs()).items():
        if not is_old(run.finished_at, now=now, days=days):
            continue
        rows = {row.trash_path: row for row in journal.steps(id) if row.trash_path}
        for one in trashed(files, session.store, id):
            row = rows.get(one.place)
            track = TrackId(row.track) if row and row.track else None
            ours = exports.get(row.path or "", ()) if row else ()
            written = row.replaced if row and row.replaced in ours else None
            at = (run.command, run.finished_at, one.place, one.path)
            found.append(TrashedFile(*at, track, one.size, written))
    made = journal.made({file.track for file in found if file.track})
    return [file for file in found if is_due(file, made, now=now, days=days)], made


def _expired(
    due: list[TrashedFile],
    made: Made,
    files: LibraryFiles,
    client: TidalClient,
    stop: StopFlag,
) -> Restoration:
    """Files that are ours to the byte: old exports, and tracks that TIDAL offers now."""
    from strandline.execute.run_actions import Empty
    from strandline.library.hashing.sha256 import sha256_file

    work = Restoration()
    offered: dict[TrackId, bool] = {}
    for file in due[:MOST]:
        if stop.is_set():
            break
        place = files.root / ".strandline" / "trash" / file.place
        seen = files.see_trashed(file.place)
        if seen is None or seen.type != "file" or (file.track or file.written) is None:
            continue
        try:
            sha256 = sha256_file(place)
        except OSError:
            continue
        if not may_go(file, sha256, made, {file.track} if file.track else ()):
            continue
        try:
            if file.track and file.track not in offered:
                offered[file.track] = _is_offered(client, file.track)
        except StrandlineError:  # it lies in the trash until TIDAL answers again
            break
        if file.track is None or offered[file.track]:
            work.actions.append(
                Empty(
                    file.path,
                    Because.TRASH_KEEP_DAYS,
                    None,
                    file.track,
                    source=file.place,
                    expected=seen,
                    sha256=sha256,
                )
            )
    return work


def _is_offered(client: TidalClient, track: TrackId) -> bool:
    """Whether TIDAL itself says now that the track can be played. Raises what it cannot tell."""
    from strandline.tidal.refusals import RefusedError, Scope

    try:
        read = described(client, track)
    except RefusedError as error:
        if error.scope is Scope.TRACK:
            return False
        raise
    return read is not None and read.available
