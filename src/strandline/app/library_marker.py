"""The library's marker: binds folder and database, and learns what the disk can do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from strandline.app.layout import layout_of
from strandline.core.states import Kind
from strandline.db.library import text_of
from strandline.errors import LibraryError, SafetyStopError
from strandline.library.marker import (
    LibraryVerdict,
    check_library,
    claim_marker,
    confirm_marker,
)
from strandline.library.volume import Capabilities, disk_of, from_json, probe

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.app.session import Session
    from strandline.library.files import LibraryFiles
    from strandline.library.marker import LibraryState


def mark(session: Session, files: LibraryFiles, state: LibraryState) -> None:
    """Bind folder and database to each other; a run killed half way is finished by the next.

    The library's lock is held. READY costs a row that is compared.
    """
    store, now, root = session.store, session.now(), text_of(session.config.library)
    if state.verdict in (LibraryVerdict.NEW, LibraryVerdict.TAKE_OVER):
        new_id = uuid4().hex
        claim_marker(files, state, new_id, now)
        store.library.bind(new_id, root, now, layout_of(session))
        confirm_marker(files)
        files.sweep_temps()  # of a first run that was killed before this
    elif state.verdict is LibraryVerdict.FINISH:
        confirm_marker(files)
    known = store.library.id()
    assert known is not None
    store.library.bind(known, root, now)


def learn_disk(session: Session, files: LibraryFiles, *, anew: bool) -> Capabilities:
    """What the library's disk can do: remembered, or with ``anew``, and on another disk, tried out.

    Raises LibraryError when the chosen form of links does not exist there, and when another disk
    is mounted over the playlists: no file could be renamed into them.
    """
    files.require_one_disk()
    text = session.store.library.capabilities()
    known = from_json(text) if text else None
    if known is None or anew or known.disk != disk_of(files.root):
        known = probe(files)
        session.store.library.save_capabilities(known.to_json())
    _require_links(session.config.sync_link_mode, known)
    return known


def _require_links(mode: str, disk: Capabilities) -> None:
    possible = {Kind.SYMLINK.value: disk.symlinks, Kind.HARDLINK.value: disk.hardlinks}
    if not possible.get(mode, True):
        raise LibraryError(
            f"The library's disk has no {mode}s, which link_mode asks for.",
            hint='Set link_mode = "auto" in the config.',
        )


def require_still_ready(root: Path, known: str | None) -> None:
    """Before each batch: the folder is still the library of that id (I7).

    Raises SafetyStopError. Asks only the disk: the database is busy with the batch before.
    """
    state = check_library(root, known, knows_files=True, files_here=False)
    if state.verdict is not LibraryVerdict.READY:
        raise state.stop() or SafetyStopError(
            f"The marker of the library {root} is gone.",
            hint="Is the disk still mounted? Look, then run again.",
            code="library_missing",
        )
