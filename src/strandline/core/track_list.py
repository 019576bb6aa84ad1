"""Ids of tracks by the hundred thousand, in little room: TIDAL's are numbers."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from strandline.core.ids import TrackId

_MOST = 18
"""Digits that surely fit into 64 bits."""


class TrackNumbers:
    """Ids as numbers and back; one that is no number gets a negative one of its own."""

    def __init__(self) -> None:
        self._odd: list[TrackId] = []
        self._numbers: dict[TrackId, int] = {}

    def number(self, id: TrackId) -> int:
        """The same for the same id."""
        if id.isascii() and id.isdecimal() and id[0] != "0" and len(id) <= _MOST:
            return int(id)
        if id not in self._numbers:
            self._odd.append(id)
            self._numbers[id] = -len(self._odd)
        return self._numbers[id]

    def id(self, number: int) -> TrackId:
        """The id of a number that was given out."""
        return TrackId(str(number)) if number >= 0 else self._odd[-number - 1]


class TrackList(Sequence[TrackId]):
    """Ids in an order, repeated ones repeated."""

    def __init__(self, numbers: TrackNumbers, ids: Iterable[TrackId] = ()) -> None:
        self._numbers, self._packed = numbers, array("q", map(numbers.number, ids))

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[TrackId]:
        return map(self._numbers.id, self._packed)

    @overload
    def __getitem__(self, at: int) -> TrackId: ...
    @overload
    def __getitem__(self, at: slice) -> list[TrackId]: ...
    def __getitem__(self, at: int | slice) -> TrackId | list[TrackId]:
        if isinstance(at, slice):
            return [self._numbers.id(it) for it in self._packed[at]]
        return self._numbers.id(self._packed[at])
