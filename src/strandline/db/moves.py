"""Where the audio of tracks was before, as rows; written with the ledger, in the same commit."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from strandline.core.moves import PrimaryMove
from strandline.db import moves_sql as sql
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from strandline.core.ids import LibPath, TrackId


class MoveRows:
    """All moves of primaries, and which of them ``moves.json`` has."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def all(self) -> Iterator[PrimaryMove]:
        """The oldest first. Of a track whose id TIDAL replaced since, under the new one."""
        for track, old, new, run, at, offset in self._db.execute(sql.ALL):
            yield PrimaryMove(track, old, new, run, datetime.fromisoformat(at), offset)

    def file_paths(self) -> Iterator[tuple[TrackId, LibPath]]:
        """Where the audio of each track is that has some."""
        return iter(self._db.execute(sql.FILE_PATHS))

    def unwritten(self) -> bool:
        """Whether ``moves.json`` lacks any."""
        return bool(self._db.execute(sql.UNWRITTEN).fetchone()[0])

    def ever_written(self) -> bool:
        """Whether this database has written ``moves.json``, or read it, before."""
        return bool(self._db.execute(sql.EVER_WRITTEN).fetchone()[0])

    def written(self) -> None:
        """``moves.json`` has all of them now, and it is durable."""
        with writing(self._db) as db:
            db.execute(sql.WRITTEN)

    def measured(
        self, track: TrackId, path: LibPath, offset: float | None, run: str, now: datetime
    ) -> None:
        """By how many seconds the sound begins later in the file that a run put at ``path``.

        None: nobody knows. Without a move there, another file came in the same place. Said twice,
        it is the same.
        """
        values = {"track": track, "path": path, "offset": offset, "run": run, "now": stored(now)}
        with writing(self._db) as db:
            if not db.execute(sql.MEASURED, values).rowcount:
                db.execute(sql.CHANGED_IN_PLACE, values)

    def learn(self, moves: Sequence[PrimaryMove]) -> None:
        """Those that another database wrote into ``moves.json``: they were before all others."""
        with writing(self._db) as db:
            first = db.execute(sql.FIRST).fetchone()[0] - len(moves)
            db.executemany(
                sql.LEARN,
                ((id, *it[:4], stored(it.at), it.offset) for id, it in enumerate(moves, first)),
            )
