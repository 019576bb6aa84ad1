"""export match: which tracks and playlists rekordbox has, from a collection that it exported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.app.moves import Moves, require_readable, understood
from strandline.app.running import held_library
from strandline.core.exports import MovedPlace
from strandline.core.rekordbox import How, LibraryIndex, Matched, match
from strandline.db.store import utc_now
from strandline.errors import UsageError
from strandline.library.exports.rekordbox_reading import read_collection

if TYPE_CHECKING:
    from strandline.app.session import Clock, Session
    from strandline.config import Config
    from strandline.core.ids import LibPath
    from strandline.core.rekordbox import Collection
    from strandline.db.rekordbox import Changed
    from strandline.events import Progress

_ITSELF = "strandline"


@dataclass(frozen=True, slots=True)
class MatchResult:
    """What rekordbox has of the library."""

    file: str
    product: str
    in_file: int
    """Tracks of the collection that are files."""
    matched: Matched
    playlists: dict[int, str | None]
    """Rows of playlists -> TIDAL's ids."""
    names: dict[int, str]
    moved: tuple[MovedPlace, ...]
    """Where rekordbox looks for tracks that have moved, and where they are: full paths."""
    absent: tuple[tuple[str, str, str], ...]
    """Tracks on disk that rekordbox does not have: (id, artist, title)."""
    changed: Changed


def match_collection(
    config: Config, source: str, progress: Progress | None = None, *, now: Clock = utc_now
) -> MatchResult:
    """Read the ids that rekordbox gave back from its XML; nothing on disk is changed.

    Raises UsageError (no rekordbox XML, another library's), BusyError, LibraryError.
    """
    require_readable(source)
    with understood(source), Path(source).open("rb") as file:
        collection = read_collection(file)
    _require_rekordboxes(source, collection)
    with held_library(config, progress, now) as (session, files):
        moves, rows = Moves(session, files), session.store.rekordbox
        library = _library(session, moves)
        matched = match(collection, library)
        if not matched.tracks:
            raise UsageError(
                f"{source} holds no track of this library, so nothing was changed.",
                hint="rekordbox must have imported it first: `strandline export rekordbox`.",
                code="nothing_matched",
            )
        ids = {track.id for track in collection.tracks}
        changed = rows.save(matched, ids, session.now())
        now_at = {row: path for path, row in library.places[How.PLACE].items()}
        return MatchResult(
            os.path.realpath(source),
            collection.product,
            len(collection.tracks),
            matched,
            rows.tidal_ids([it.id for it in library.playlists]),
            {it.id: it.name for it in library.playlists},
            tuple(
                MovedPlace(it.path, now_at[row])
                for row, it in matched.tracks.items()
                if it.how is How.MOVED and row in now_at
            ),
            tuple(rows.absent()),
            changed,
        )


def _require_rekordboxes(source: str, collection: Collection) -> None:
    """The ids of other programs are not rekordbox's."""
    product = collection.product.casefold()
    if product.startswith("rekordbox"):
        return
    by = "strandline itself" if product.startswith(_ITSELF) else collection.product or "no program"
    raise UsageError(
        f"{source} was written by {by}, not by rekordbox, so its ids are not rekordbox's.",
        hint="In rekordbox: File > Export Collection in xml format.",
        code="not_rekordbox",
    )


def _library(session: Session, moves: Moves) -> LibraryIndex:
    """All places under both spellings of the library's folder: the real one and the settings'."""
    rows, mp3 = session.store.rekordbox, session.config.mp3_dir
    roots = dict.fromkeys((os.path.realpath(mp3), os.path.abspath(mp3)))
    by_id = rows.rows_of_tracks()
    left = {
        path: by_id[arrival.track]
        for path, arrival in moves.left().items()
        if arrival.track in by_id
    }
    places: dict[How, dict[LibPath, int]] = {
        How.PLACE: rows.files(),
        How.MOVED: left,
        How.LINK: rows.links(),
    }
    return LibraryIndex(
        {
            how: {f"{root}/{path}": row for root in reversed(roots) for path, row in at.items()}
            for how, at in places.items()
        },
        rows.playlists(),
    )
