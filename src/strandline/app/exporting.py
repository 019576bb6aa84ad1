"""Files of exports: which of those that stand somewhere are strandline's, and what is to do."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from strandline.core.actions import Action, Because, Link
from strandline.core.ids import LibPath
from strandline.core.ledger_facts import LedgerFact
from strandline.core.moves_json import moves_csv, moves_json
from strandline.core.stick import MUSIC, PLAYLISTS
from strandline.errors import ItemError, SafetyStopError, UsageError
from strandline.execute.moves_file import learn_moves
from strandline.execute.result import NotDone
from strandline.execute.run_actions import Export
from strandline.library.exports.spool import Spool
from strandline.library.files.exports import EXPORTS
from strandline.library.marker import read_marker

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.library.files import LibraryFiles

MANIFEST = ".strandline-export.json"
"""In a folder of exports: which files strandline wrote there, with their content's sha256."""
_NOT_OURS = "not_ours"
ELSEWHERE = "Move it away, or choose another place with --to."
Content = Callable[[], Iterable[bytes]]


def place_of(to: str) -> str:
    """The full path that a person's ``--to`` means. Raises UsageError for what can be none."""
    path = os.path.expanduser(to)
    if to == "-":
        raise UsageError(
            "An export is not written to standard output.",
            hint="Name a file or a folder; `./-` is a file called `-`.",
            code="no_place",
        )
    try:
        mode = os.stat(path).st_mode
    except OSError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise UsageError(
            f"{to} is neither a file nor a folder.",
            hint="Choose another place with --to.",
            code="no_place",
        )
    return os.path.realpath(path)


def require_folder(folder: str) -> None:
    """Raises UsageError where a file cannot be written into ``folder``, which makes none."""
    if not os.path.isdir(folder):
        raise UsageError(
            f"There is no folder {folder}.",
            hint="Make it first, or choose another place with --to.",
            code="no_folder",
        )


def as_written(folder: str, library: str) -> str:
    """A place below ``<library>/exports`` is written as one of the library's.

    Both are full paths without links. Raises UsageError for one in what else strandline keeps
    there.
    """
    if folder == f"{library}/exports" or folder.startswith(f"{library}/exports/"):
        return folder[len(library) + 1 :]
    kept = {".strandline": "its own data", "mp3": "the music"}
    for own, what in kept.items():
        if f"{folder}/".startswith(f"{library}/{own}/"):
            raise UsageError(
                f"{folder} is where strandline keeps {what}.",
                hint="Choose another place with --to.",
                code="to_in_library",
            )
    return folder


def not_a_folder(library: str, inside: str) -> str | None:
    """The first part of a folder of the library's that is a link or a file; None where none is."""
    path = library
    for part in inside.split("/"):
        path = f"{path}/{part}"
        if os.path.islink(path) or (os.path.lexists(path) and not os.path.isdir(path)):
            return path
    return None


@dataclass(frozen=True, slots=True)
class Exporting:
    """Work for the executor."""

    actions: Sequence[Action]
    facts: tuple[LedgerFact, ...] = ()
    agreed: tuple[LedgerFact, ...] = ()
    forgone: tuple[Action, ...] = ()
    following: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Where an export goes: a folder, or one file in it."""

    folder: str
    """``exports/…`` below the library, or a full path; as paths of the journal are written."""
    real: str
    """The folder's full path."""
    name: str | None = None
    """The file's name, where the export is one file."""

    def at(self, name: str) -> str:
        """The path of a file in the folder."""
        return f"{self.folder.rstrip('/')}/{name}"


class Planner:
    """Compares what is to stand somewhere with what does."""

    def __init__(
        self, session: Session, files: LibraryFiles, target: Target, *, partly: bool
    ) -> None:
        """``partly``: other playlists are in the export, too, and stay as they are."""
        self._files, self._written = files, session.store.exports.written()
        self._target, self._partly = target, partly
        self._manifest = target.at(MANIFEST)
        self._library = library_ids(session)
        self._spool = session.closing.enter_context(Spool(session.config.state_dir))
        self.warnings: list[str] = []
        self._noted = self._read_manifest() if target.name is None else {}
        self.actions: list[Export] = []
        self.refused: list[NotDone] = []

    def plan(self, contents: dict[str, Content]) -> None:
        """Fills ``actions`` and ``refused``."""
        stand: dict[str, str] = {}
        for path, content in contents.items():
            if (sha256 := self._write(path, content)) is not None:
                stand[path] = sha256
        if self._target.name is not None:
            return
        for path in sorted(self._noted.keys() - contents.keys()):
            if self._partly or not self._take_away(path):
                stand[path] = self._noted[path]
        self._note(stand)

    def _write(self, path: str, content: Content) -> str | None:
        """The sha256 of what will stand there; None where something else does."""
        at, size, sha256 = self._made(content)
        if (here := self._files.hash_of_export(path)) == sha256:
            self._spool.cut(at)
            return sha256
        if here is not None and not self._is_ours(path, here):
            self._refuse(path)
            self.actions.append(_step(path, partial(_kept_as_it_is, path), sha256, None))
            return None
        self.actions.append(_step(path, partial(self._spool.blocks, at, size), sha256, here))
        return sha256

    def _made(self, content: Content) -> tuple[int, int, str]:
        """Where the content is in the spool, its bytes and its sha256."""
        digest, size, at = hashlib.sha256(), 0, self._spool.add(b"")
        for block in content():
            digest.update(block)
            self._spool.add(block)
            size += len(block)
        return at, size, digest.hexdigest()

    def _take_away(self, path: str) -> bool:
        """Whether it goes, or is gone; one that somebody wrote to since stays, and is theirs."""
        here = self._files.hash_of_export(path)
        if here is not None and not self._is_ours(path, here):
            self.warnings.append(_not_ours(path))
        elif here is not None:
            why = Because.NO_LONGER_EXPORTED
            self.actions.append(Export(LibPath(path), why, sha256=None, old=here))
        return True

    def _is_ours(self, path: str, sha256: str) -> bool:
        return self._noted.get(path) == sha256 or sha256 in self._written.get(path, ())

    def _refuse(self, path: str) -> None:
        self.refused.append(NotDone("export", LibPath(path), _not_ours(path), _NOT_OURS))

    def _note(self, stand: dict[str, str]) -> None:
        """The manifest, if it is to be another."""
        head = len(self._target.at(""))
        noted = {path[head:]: sha256 for path, sha256 in sorted(stand.items())}
        document = {
            "schema": "strandline.export-manifest/1",
            "library": self._library[0],
            "files": noted,
        }
        text = json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"
        here = self._files.hash_of_export(self._manifest)
        if here != (sha256 := hashlib.sha256(text).hexdigest()):
            self.actions.append(_step(self._manifest, partial(iter, (text,)), sha256, here))

    def _read_manifest(self) -> dict[str, str]:
        """What an export wrote here before, by path; nothing from a file that is no manifest."""
        if stick := _stick_around(self._target.real):
            raise _of_a_stick(stick)
        try:
            document = json.loads(Path(self._target.real, MANIFEST).read_bytes())
            if document.get("library", self._library[0]) not in self._library:
                raise _of_another_library(self._target.real)
            noted = document["files"]
            return {
                self._target.at(name): str(sha256)
                for name, sha256 in noted.items()
                if _is_export_name(name)
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}


def library_ids(session: Session) -> tuple[str, ...]:
    """This library's id, then its former ones."""
    marker = read_marker(session.config.library)
    return (marker.id, *marker.former) if marker else ("",)


def _of_another_library(folder: str) -> SafetyStopError:
    return SafetyStopError(
        f"{folder} holds an export of another library.",
        hint="Choose another folder with --to; that export would be taken away.",
        code="other_library",
    )


def _stick_around(folder: str) -> str | None:
    """The folder of an `export usb` that ``folder`` is, or is kept by: its music or playlists."""
    for stick in (Path(folder), *Path(folder).parents):
        inside = Path(folder).relative_to(stick).parts
        if inside and inside[0] not in (MUSIC, PLAYLISTS):
            continue
        with suppress(OSError, ValueError, AttributeError):
            if json.loads((stick / MANIFEST).read_bytes()).get("format") == "usb":
                return str(stick)
    return None


def _of_a_stick(folder: str) -> UsageError:
    return UsageError(
        f"{folder} is kept by `export usb`.",
        hint="Choose another place with --to; the stick has its playlists as M3U8 already.",
        code="other_export",
    )


def _is_export_name(name: str) -> bool:
    """Whether strandline may have written a file of that name; a manifest may be forged."""
    parts = name.split("/")
    return name.endswith((".m3u8", ".crate")) and not {"", ".", ".."} & set(parts)


def _kept_as_it_is(path: str) -> Iterable[bytes]:
    """The content of what is not written: the run tells it as a step that failed."""
    raise ItemError(_not_ours(path), hint=ELSEWHERE, code=_NOT_OURS)


def _step(path: str, content: Content, sha256: str, old: str | None) -> Export:
    why = Because.LIBRARY_CHANGED
    return Export(LibPath(path), why, content=content, sha256=sha256, old=old)


def moves_copies(session: Session, files: LibraryFiles) -> tuple[list[Export], list[str]]:
    """Steps that copy the moves of primaries into ``exports/``; what stands there and is not ours.

    None where nothing ever moved.
    """
    learn_moves(files, session.store)
    rows = session.store.moves
    if next(rows.all(), None) is None:
        return [], []
    library = os.path.realpath(session.config.library)
    if link := not_a_folder(library, EXPORTS):
        return [], [f"{link} is no folder, so the list of moves is not copied into it."]
    planner = Planner(session, files, Target(EXPORTS, "", "moves"), partly=False)
    planner.plan(
        {
            f"{EXPORTS}/moves.json": lambda: moves_json(rows.all()),
            f"{EXPORTS}/moves.csv": lambda: moves_csv(rows.all()),
        }
    )
    refused = {it.path for it in planner.refused}
    actions = [it for it in planner.actions if it.path not in refused]
    return actions, [it.error for it in planner.refused]


def require_own(session: Session, path: str, here: str | None, sha256: str) -> None:
    """Raises UsageError unless what stands at ``path`` (its sha256 ``here``) may give way."""
    every = session.store.exports.written()
    written = every.get(path, set()) | every.get(os.path.realpath(path), set())
    if here is not None and here != sha256 and here not in written:
        raise UsageError(_not_ours(path), hint=ELSEWHERE, code=_NOT_OURS)


def _not_ours(path: str) -> str:
    return f"{path}: the file there is not as strandline wrote it, so it stays"
