"""Where tracks were that lie elsewhere now: told with exports, mended in a person's own files."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.exporting import (
    Exporting,
    as_written,
    place_of,
    require_folder,
    require_own,
)
from strandline.app.running import Watch, executor_for, held_library, unwatched
from strandline.core.actions import Because
from strandline.core.exports import MovedPlace
from strandline.core.ids import LibPath, TrackId
from strandline.core.moves import Arrival, arrivals, changed_in_place, places_of, shared_places
from strandline.core.names import nfc
from strandline.db.store import utc_now
from strandline.errors import Exit, UsageError
from strandline.execute.moves_file import learn_moves
from strandline.execute.ports import StopFlag
from strandline.execute.run_actions import Export
from strandline.library.exports.cues import shifted
from strandline.library.exports.reading import NotUnderstoodError, parse_xml
from strandline.library.exports.relocate import Kind, kind_of, places_in, relocated
from strandline.library.exports.volumes import on_volume

if TYPE_CHECKING:
    from strandline.app.session import Clock, Session
    from strandline.config import Config
    from strandline.events import Progress
    from strandline.execute.result import Result
    from strandline.library.files import LibraryFiles

_COMMAND = "export relocate"
_NAMED = 3
_LARGEST = 1 << 30
"""Bytes of a file that is read whole to be rewritten."""


class Moves:
    """Earlier and present places of the tracks' audio, as full paths."""

    def __init__(self, session: Session, files: LibraryFiles) -> None:
        learn_moves(files, session.store)
        self._root = os.path.realpath(session.config.mp3_dir)
        self._moves = list(session.store.moves.all())
        self._now = dict(session.store.moves.file_paths())

    @property
    def root(self) -> str:
        """The full path below which all places are."""
        return self._root

    def all(self) -> dict[str, Arrival]:
        """Each full path that audio has left -> where it is now, as far as that is certain.

        There, the path is a full one, too.
        """
        return {
            self._full(old): it._replace(path=LibPath(self._full(it.path)))
            for old, it in self.left().items()
        }

    def left(self) -> dict[LibPath, Arrival]:
        """The same, with paths as the database has them."""
        return arrivals(self._moves, self._now)

    def shared(self) -> dict[str, tuple[TrackId, ...]]:
        """Full paths at which the audio of several tracks was, with those tracks."""
        found = shared_places(self._moves, self._now)
        return {self._full(place): tracks for place, tracks in found.items()}

    def changed_in_place(self) -> set[str]:
        """Full paths at which another file came for the same track."""
        return {self._full(it) for it in changed_in_place(self._moves)}

    def _full(self, path: LibPath) -> str:
        return f"{self._root}/{path}"


def moved_since(
    session: Session, files: LibraryFiles, written: Iterable[str], tracks: Iterable[TrackId]
) -> list[MovedPlace]:
    """What moved since the files ``written`` (full paths) were written by exports."""
    learn_moves(files, session.store)
    rows, root = session.store.moves, os.path.realpath(session.config.mp3_dir)
    places = places_of(rows.all())
    if not places:
        return []
    now = {track: path for track, path in rows.file_paths() if track in places}
    told = {f"{root}/{it}" for track, here in now.items() for it in (here, *places[track])}
    named = {path for file in written for path in _places_in(file) if path in told}
    return [
        MovedPlace(place, now[track])
        for track in tracks
        if track in now and f"{root}/{now[track]}" not in named
        for place in places[track]
        if f"{root}/{place}" in named
    ]


def _places_in(path: str) -> Iterator[str]:
    """Those in a file that strandline wrote; none where it is not as it wrote it."""
    with suppress(OSError, NotUnderstoodError), Path(path).open("rb") as file:
        yield from places_in(file, os.path.dirname(path))


class Shift(NamedTuple):
    """A track whose cues are elsewhere now: its place, and by how many seconds they are later."""

    path: str
    offset: float


class Unclear(NamedTuple):
    """A place in a person's file at which the audio of several tracks was: it stays as it is."""

    path: str
    tracks: tuple[TrackId, ...]


@dataclass(frozen=True, slots=True)
class Relocation:
    """What became of a file of the person's; no ``result`` where there was nothing to write."""

    file: str
    moved: tuple[MovedPlace, ...]
    result: Result | None
    shifted: tuple[Shift, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    missing: tuple[str, ...] = ()
    """Places in the library where nothing is, and nothing is known to have gone elsewhere."""
    in_file: int = 0
    """Places of files that it names."""
    in_library: int = 0
    """Those of them that are, or were, in the library."""
    library: str = ""
    """Below which full path that is."""

    @property
    def exit(self) -> Exit:
        """The run's own exit code."""
        return self.result.exit if self.result else Exit.DONE


def relocate(
    config: Config,
    source: str,
    to: str,
    progress: Progress | None = None,
    *,
    shift_cues: bool = False,
    watch: Watch = unwatched,
    now: Clock = utc_now,
) -> Relocation:
    """Write ``source`` to ``to`` with the places of moved tracks as they are now.

    With ``shift_cues``, cues and grids are where the sound is in tracks that got another file.

    Raises UsageError (what is not understood, a place that is taken), LibraryError, BusyError.
    """
    data, path = _read(source), _target(config, source, to)
    with understood(source):
        kind = kind_of(data)
        if kind in (Kind.REKORDBOX, Kind.TRAKTOR):
            parse_xml(io.BytesIO(data))  # one that is cut off is not passed on
    _require_ending(kind, path)
    with held_library(config, progress, now) as (session, files):
        moves = Moves(session, files)
        places = _Places(moves)
        shifts: tuple[Shift, ...] = ()
        if shift_cues:
            data, shifts = _shifted(source, data, places.arrival, moves.changed_in_place())
        disk = on_volume(os.path.realpath(source)).name
        with understood(source):
            content = relocated(data, places.new, disk)
        here, sha256 = files.hash_of_export(path), hashlib.sha256(content).hexdigest()
        require_own(session, path, here, sha256)
        result = None
        if here != sha256:
            why, blocks = Because.ASKED_FOR, partial(iter, (content,))
            step = Export(LibPath(path), why, content=blocks, sha256=sha256, old=here)
            stop = StopFlag()
            with watch(stop):
                result = executor_for(session, files, stop).run(Exporting((step,)), _COMMAND)
        return Relocation(
            os.path.realpath(os.path.expanduser(to)),
            tuple(MovedPlace(old, new) for old, new in sorted(places.found.items())),
            result,
            shifts,
            tuple(Unclear(path, places.shared[path]) for path in sorted(places.unclear)),
            tuple(places.missing(moves.root)),
            len(places.seen),
            sum(path.startswith(f"{moves.root}/") for path in places.seen),
            moves.root,
        )


class _Places:
    """Looks up where the tracks of a person's file are now, and notes what it was asked."""

    def __init__(self, moves: Moves) -> None:
        self._known, self.shared = moves.all(), moves.shared()
        self._alike = {nfc(path): path for path in self._known}
        self.found: dict[str, str] = {}
        self.unclear: set[str] = set()
        self.seen: set[str] = set()

    def arrival(self, path: str) -> Arrival | None:
        """Also of a name that its disk spells with other accents, unless a file is there."""
        if (found := self._known.get(path)) is not None:
            return found
        alike = self._alike.get(nfc(path))
        return self._known[alike] if alike and not os.path.lexists(path) else None

    def new(self, path: str) -> str | None:
        """None for what has not moved, or has moved in a way that tells nothing."""
        self.seen.add(path)
        if path in self.shared:
            self.unclear.add(path)
        if (arrival := self.arrival(path)) is None:
            return None
        return self.found.setdefault(path, arrival.path)

    def missing(self, root: str) -> Iterator[str]:
        """Below ``root``: such as those of tracks that have left every playlist."""
        for path in sorted(self.seen - self.found.keys() - self.unclear):
            if path.startswith(f"{root}/") and not os.path.lexists(path):
                yield path


_ENDINGS = {Kind.REKORDBOX: ".xml", Kind.TRAKTOR: ".nml", Kind.CRATE: ".crate"}


def _target(config: Config, source: str, to: str) -> str:
    """Where to write, as the journal has it. Raises UsageError for a place that is none."""
    path = place_of(to)
    if os.path.isdir(path) or to.endswith("/"):
        raise UsageError(
            f"{path} is a folder.",
            hint=f"Name the file to write: --to {os.path.join(to, os.path.basename(source))}",
            code="no_file",
        )
    folder, name = os.path.split(path)
    require_folder(folder)
    return f"{as_written(folder, os.path.realpath(config.library)).rstrip('/')}/{name}"


def _require_ending(kind: Kind, path: str) -> None:
    """Raises UsageError for a name by which another program would take it for its own."""
    ending = os.path.splitext(path)[1].casefold()
    if ending in _ENDINGS.values() and ending != (right := _ENDINGS.get(kind, ending)):
        raise UsageError(
            f"{os.path.basename(path)} would hold what belongs into a file called {right}.",
            hint=f"Give it a name that ends in {right}.",
            code="wrong_ending",
        )


def _shifted(
    source: str,
    data: bytes,
    known: Callable[[str], Arrival | None],
    in_place: Collection[str],
) -> tuple[bytes, tuple[Shift, ...]]:
    """Raises UsageError where it is not known by how much a track's cues are to be shifted."""
    shifts: list[Shift] = []
    unknown: list[str] = []

    def offset(path: str) -> float | None:
        if (arrival := known(path)) is None:
            unknown.extend([path] if path in in_place else [])
            return None
        if arrival.offset is None:
            unknown.append(path)
        elif arrival.offset:
            shifts.append(Shift(arrival.path, arrival.offset))
        return arrival.offset or 0.0

    with understood(source):
        data = shifted(data, offset)
    if unknown:
        first = ", ".join(sorted(unknown)[:_NAMED])
        more = f", and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else ""
        raise UsageError(
            "Nothing was written: where the sound begins in their new files was not measured for"
            f" {first}{more}.",
            hint="Without --shift-cues, places are corrected and cues stay at their times.",
            code="offset_unknown",
        )
    return data, tuple(shifts)


def _read(source: str) -> bytes:
    require_readable(source)
    return Path(source).read_bytes()


def require_readable(source: str) -> None:
    """Raises UsageError for what is no file, cannot be opened, or is larger than any such file."""
    try:
        found = os.stat(source)
        if stat.S_ISREG(found.st_mode):
            Path(source).open("rb").close()
    except OSError as error:
        raise UsageError(
            f"{source} cannot be read: {error.strerror}.", code="cannot_be_read"
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise UsageError(f"{source} is not a file.", code="cannot_be_read")
    if found.st_size > _LARGEST:
        raise UsageError(
            f"{source} is larger than 1 GiB: it is no file of a DJ program.", code="too_large"
        )


@contextmanager
def understood(source: str) -> Iterator[None]:
    """While ``source`` is read: what is not understood comes out as a UsageError."""
    try:
        yield
    except NotUnderstoodError as error:
        raise UsageError(
            f"{source}: {error}.",
            hint="Export it from its program once more.",
            code="not_understood",
        ) from error
