"""Is this folder the library that the database knows? ``.strandline/library.json`` tells.

The marker holds a random id, which the database stores, too. Taking a library over with another
database (the old one was lost) gives it a new id and keeps the former ones, so that the old
database, should it come back, finds out. A new id goes through a claim: ``claim.json`` first,
then the database, then ``claim.json`` becomes ``library.json``; a run killed anywhere in between
is finished by the next one.

    marker        database's id     it knows it      verdict
    (claim = database's id)         any              FINISH: killed while marking; confirm it
    none          none              no               NEW
    none          none              yes, some here   NEW: a database older than markers
    none          none              yes, none here   MISSING
    none          any               no               NEW
    none          any               yes              MISSING: not mounted, or not this folder
    id            the same          any              READY
    id            none              no               TAKE_OVER: the database is a fresh one
    id            none              yes              OTHER_DATABASE
    id            a former one      any              OTHER_DATABASE: taken over since
    id            any other         yes              MISSING: this is another library
    id            any other         no               OTHER_DATABASE

It knows the library where it has a path of a file in it, or was bound to this very folder.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from strandline.errors import LibraryError, SafetyStopError
from strandline.library.files import LibraryFiles

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from strandline.library.files.control import OwnFile

SCHEMA = "strandline.library/1"
_ID = re.compile(r"[0-9a-f]{32}")
_FORMER_IDS = 20


@dataclass(frozen=True, slots=True)
class Marker:
    """``id`` is a uuid4's hex; ``former`` the ids before this one, the latest first."""

    id: str
    created: str
    former: tuple[str, ...] = ()


class LibraryVerdict(str, Enum):
    """See the table above."""

    READY = "ready"
    NEW = "new"
    TAKE_OVER = "take_over"
    FINISH = "finish"
    MISSING = "missing"
    OTHER_DATABASE = "other_database"


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What a run may do with the folder at ``root``."""

    verdict: LibraryVerdict
    root: Path
    marker: Marker | None = None

    def stop(self, database: Path | None = None) -> SafetyStopError | None:
        """Why nothing may be touched (exit 5); None when the run may go on.

        ``database``: its file, to be named where moving it away is a way on.
        """
        own = f"the database {database}" if database else "the database"
        if self.verdict is LibraryVerdict.MISSING:
            return self._missing(own)
        if self.verdict is LibraryVerdict.OTHER_DATABASE:
            return SafetyStopError(
                f"The library {self.root} belongs to another database.",
                hint=f"Use that one (`--database-url`), or move {own} away: a fresh one "
                "takes the library over without downloading again.",
                code="library_on_other_database",
            )
        return None

    def _missing(self, own: str) -> SafetyStopError:
        what = "another library than the one" if self.marker else "not there, or not the library"
        return SafetyStopError(
            f"{self.root} is {what} that the database belongs to.",
            hint="Mount the disk, or set `library` to the right folder. If this folder is right, "
            f"move {own} away: a fresh one takes over what is here.",
            code="library_missing",
        )


def read_marker(root: Path) -> Marker | None:
    """The marker of the library at ``root``; None without one. A damaged one is a LibraryError."""
    if not root.is_dir():
        return None
    with LibraryFiles(root) as files:
        marker = _read(files, "library.json")
    if marker is _DAMAGED:
        raise LibraryError(
            f"{root}/.strandline/library.json is damaged.",
            hint="Put it back from a backup, or remove it and move the database away: a fresh "
            "database takes over what is here.",
        )
    return marker


_DAMAGED = Marker("", "")


def _read(files: LibraryFiles, name: OwnFile) -> Marker | None:
    content = files.read_own(name)
    return None if content is None else _parse(content)


def _parse(content: bytes) -> Marker:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return _DAMAGED
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        return _DAMAGED
    former = found.get("former", [])
    ids = [str(one) for one in (found.get("id"), *(former if isinstance(former, list) else ()))]
    if not all(_ID.fullmatch(one) for one in ids):
        return _DAMAGED
    return Marker(ids[0], str(found.get("created")), tuple(ids[1:]))


def _content(marker: Marker) -> bytes:
    document: dict[str, object] = {
        "schema": SCHEMA,
        "id": marker.id,
        "created": marker.created,
        "former": list(marker.former),
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def check_library(
    root: Path, known_id: str | None, *, knows_files: bool, files_here: bool = True
) -> LibraryState:
    """May this database work on this folder? Reads the marker; changes nothing.

    ``knows_files``: the database has a path of at least one audio file, or was bound to this very
    folder. ``files_here``: at least one of those is found below ``root`` (asked only of databases
    older than markers).
    Raises LibraryError when the marker is damaged.
    """
    marker = read_marker(root)
    claim = _read_claim(root)
    claimed = claim.id if claim else None
    verdict = judge(marker, claimed, known_id, knows_files=knows_files, files_here=files_here)
    return LibraryState(verdict, root, marker)


def _read_claim(root: Path) -> Marker | None:
    if not root.is_dir():
        return None
    with LibraryFiles(root) as files:
        return _read(files, "claim.json")


def judge(
    marker: Marker | None,
    claimed: str | None,
    known_id: str | None,
    *,
    knows_files: bool,
    files_here: bool,
) -> LibraryVerdict:
    """The table above, from its first line to its last."""
    if known_id is not None and claimed == known_id:
        return LibraryVerdict.FINISH
    if marker is None:
        recognised = not knows_files or (known_id is None and files_here)
        return LibraryVerdict.NEW if recognised else LibraryVerdict.MISSING
    if marker.id == known_id:
        return LibraryVerdict.READY
    if known_id is None and not knows_files:
        return LibraryVerdict.TAKE_OVER
    if known_id is None or known_id in marker.former or not knows_files:
        return LibraryVerdict.OTHER_DATABASE
    return LibraryVerdict.MISSING


def claim_marker(files: LibraryFiles, state: LibraryState, new_id: str, now: datetime) -> None:
    """First step of marking (NEW, TAKE_OVER): announces ``new_id`` (a uuid4's hex).

    The caller then commits ``new_id`` to the database and calls ``confirm_marker``.
    """
    old = state.marker
    former = (old.id, *old.former)[:_FORMER_IDS] if old else ()
    files.write_own("claim.json", [_content(Marker(new_id, now.isoformat(), former))])


def confirm_marker(files: LibraryFiles) -> None:
    """Last step of marking (NEW, TAKE_OVER, FINISH): the claim becomes the marker."""
    files.rename_own("claim.json", "library.json")
