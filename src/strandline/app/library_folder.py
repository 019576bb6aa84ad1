"""Is the library folder one that may be used, and is it the one the database knows?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.db.library import text_of
from strandline.errors import LibraryError, SafetyStopError
from strandline.library.marker import LibraryState, check_library

if TYPE_CHECKING:
    from strandline.db.store import Store

_CHOOSE = "Choose a folder of its own: --library, STRANDLINE_LIBRARY or `library` in the config."


def require_folder(library: Path) -> None:
    """Refuse what cannot be a library, before anything is made. Raises LibraryError."""
    if library == Path(library.anchor):
        raise LibraryError("The library cannot be the root of the file system.", hint=_CHOOSE)
    if library == Path(os.path.expanduser("~")):
        raise LibraryError("The library cannot be your home folder itself.", hint=_CHOOSE)
    for folder in (library, library / "mp3", library / "mp3" / "Playlists"):
        _require_no_file(folder)


def _require_no_file(folder: Path) -> None:
    try:
        if folder.is_dir() or not os.path.lexists(folder):
            return
    except OSError as error:
        raise LibraryError(f"{folder} cannot be used: {error.strerror}.", hint=_CHOOSE) from error
    raise LibraryError(f"{folder} is not a folder.", hint=f"Move it away. {_CHOOSE}")


def library_state(library: Path, store: Store) -> LibraryState:
    """What may be done with the folder, by its marker and the database. Changes nothing."""
    known = store.library.id()
    knows_files = store.library.knows_files()
    here = knows_files and known is None and _any_known_file(library / "mp3", store)
    was_here = store.library.root() == text_of(library)  # in a run that ended before its first file
    return check_library(library, known, knows_files=knows_files or was_here, files_here=here)


def _any_known_file(mp3_dir: Path, store: Store) -> bool:
    """Whether at least one of the database's files is there; for databases without an id."""
    inside = (path for path in store.library.file_paths() if _is_inside(path))
    return any(os.path.lexists(mp3_dir / path) for path in inside)


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and ".." not in path.split("/")


def require_library(library: Path, store: Store) -> LibraryState:
    """The state of a folder that may be worked on. Raises SafetyStopError, LibraryError."""
    require_folder(library)
    state = library_state(library, store)
    if stop := state.stop(store.path):
        raise stop
    return state


def account_of(store: Store) -> str | None:
    """The id of the TIDAL user whose library it is; None where nothing of anybody's is in it."""
    return store.library.tidal_user_id() if store.library.knows_files() else None


def require_account(store: Store, user: str) -> None:
    """Refuse another person's login. Raises SafetyStopError."""
    if (known := account_of(store)) in (None, user):
        return
    raise SafetyStopError(
        f"This library is of TIDAL user {known}, but the login is of user {user}.",
        hint="Log in as before (`strandline auth login`), or give the other account a library"
        " and a state folder of its own (STRANDLINE_LIBRARY, STRANDLINE_STATE_DIR).",
        code="other_account",
    )


def free_bytes(folder: Path) -> int | None:
    """Room on the disk of a folder that may still have to be made; None where nothing tells."""
    try:
        usage = shutil.disk_usage(folder)
        return usage.free if usage.total else None
    except FileNotFoundError:
        return free_bytes(folder.parent) if folder != folder.parent else None
    except OSError:
        return None
