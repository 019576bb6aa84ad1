"""What an export is made of, kept in a file without a name, so that memory need not hold it."""

from __future__ import annotations

import marshal
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from tempfile import TemporaryFile
from typing import Any, Self

from strandline.core.exports import ExportTrack
from strandline.core.ids import TrackId
from strandline.core.track_list import TrackList, TrackNumbers
from strandline.library.files.errors import error_from_oserror

_BLOCK = 1 << 18


class Spool:
    """Bytes to be added, and read again; all are gone when it is closed.

    Raises DiskStoppedError, ItemError.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """``folder``: on which disk it is."""
        self._folder = os.fspath(folder)
        try:
            self._file = TemporaryFile(dir=folder, buffering=_BLOCK)  # noqa: SIM115
        except OSError as error:
            raise self._told(error) from error
        self._end = 0
        self._waiting = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, data: bytes) -> int:
        """Where it begins."""
        at, self._waiting = self._end, True
        try:
            self._file.write(data)
        except OSError as error:
            raise self._told(error) from error
        self._end += len(data)
        return at

    def cut(self, at: int) -> None:
        """What was added from there on is gone."""
        try:
            self._file.seek(at)
            self._file.truncate()
        except OSError as error:
            raise self._told(error) from error
        self._end = at

    def read(self, at: int, size: int) -> bytes:
        """So many bytes from there on."""
        try:
            if self._waiting:
                self._file.flush()
                self._waiting = False
            return os.pread(self._file.fileno(), size, at)
        except OSError as error:
            raise self._told(error) from error

    def blocks(self, at: int, size: int) -> Iterator[bytes]:
        """The same, piece by piece."""
        for begin in range(at, at + size, _BLOCK):
            yield self.read(begin, min(_BLOCK, at + size - begin))

    def _told(self, error: OSError) -> Exception:
        return error_from_oserror(error, f"a temporary file in {self._folder}")


class SpooledTracks(Mapping[TrackId, ExportTrack]):
    """Tracks in the order of their ids' numbers, in whatever order they came."""

    def __init__(self, spool: Spool, tracks: Iterable[ExportTrack] = ()) -> None:
        self._spool, self._ids = spool, TrackNumbers()
        self._numbers, self._places = array("q"), array("q")
        for track in tracks:
            self._numbers.append(self._ids.number(track.id))
            self._places.append(spool.add(_packed(track)))
        self._places.append(spool.add(b""))
        self._sizes = array("I", map(int.__sub__, self._places[1:], self._places))
        order = sorted(range(len(self._numbers)), key=self._numbers.__getitem__)
        self._numbers = array("q", map(self._numbers.__getitem__, order))
        self._places = array("q", map(self._places.__getitem__, order))
        self._sizes = array("I", map(self._sizes.__getitem__, order))

    def listed(self, ids: Iterable[TrackId]) -> TrackList:
        """Those of ``ids`` that are among these tracks."""
        return TrackList(self._ids, (it for it in ids if it in self))

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[TrackId]:
        return map(self._ids.id, self._numbers)

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self._rank(TrackId(id)) is not None

    def __getitem__(self, id: TrackId) -> ExportTrack:
        if (rank := self._rank(id)) is None:
            raise KeyError(id)
        return _unpacked(self._spool.read(self._places[rank], self._sizes[rank]))

    def _rank(self, id: TrackId) -> int | None:
        number = self._ids.number(id)
        rank = bisect_left(self._numbers, number)
        there = rank < len(self._numbers) and self._numbers[rank] == number
        return rank if there else None


_ADDED = ExportTrack._fields.index("added")


def _packed(track: ExportTrack) -> bytes:
    row: list[Any] = list(track)
    if track.added is not None:
        row[_ADDED] = track.added.toordinal()
    return marshal.dumps(row)


def _unpacked(data: bytes) -> ExportTrack:
    row = marshal.loads(data)  # noqa: S302 - the file is ours alone
    if row[_ADDED] is not None:
        row[_ADDED] = date.fromordinal(row[_ADDED])
    return ExportTrack._make(row)
