"""``.strandline/moves.json``: every move of a primary, for DJ programs and scripts.

The moves themselves are committed with the steps that made them; the file is written once they are
durable, and again by the next run where one was killed in between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from strandline.core.moves_json import NotMovesError, moves_json, read_moves
from strandline.errors import LibraryError

if TYPE_CHECKING:
    from strandline.db.store import Store
    from strandline.library.files import LibraryFiles

NAME: Literal["moves.json"] = "moves.json"


def write_moves(files: LibraryFiles, store: Store) -> None:
    """Writes the file if it lacks a move. Raises LibraryError, DatabaseError."""
    if store.moves.unwritten():
        learn_moves(files, store)
        files.write_own(NAME, moves_json(store.moves.all()))
        store.moves.written()


def learn_moves(files: LibraryFiles, store: Store) -> None:
    """What the file has from before this database was there. Raises LibraryError.

    One that is of a newer version, or damaged, stays: only of its own the database knows all.
    """
    if store.moves.ever_written():
        return
    text = files.read_own(NAME, most=None)
    if text is None:
        return
    try:
        store.moves.learn(read_moves(text))
    except NotMovesError as error:
        raise LibraryError(
            f"{files.root}/.strandline/{NAME} cannot be read: {error}.",
            hint="Move it away; strandline then writes a new one.",
            code="moves_unreadable",
        ) from error
