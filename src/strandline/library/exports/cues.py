"""Cues and beat grids in files of DJ programs, moved to where the sound is in a new file.

The first cue of a track whose sound begins 25 ms later is 25 ms later, too. All else stays byte for
byte.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from strandline.library.exports.markup import rewritten, value_of, with_value
from strandline.library.exports.reading import NotUnderstoodError
from strandline.library.exports.relocate import (
    COLLECTION,
    ENTRY,
    Kind,
    kind_of,
    path_of_location,
    paths_of_nml,
    require_text,
)

Offset = Callable[[str], float | None]
"""A full path -> seconds by which the sound begins later now; None for what is as it was."""

_FEWEST = 3  # decimals


def shifted(data: bytes, offset: Offset) -> bytes:
    """``data`` with the cues of tracks as they are now; ``offset`` is asked for those with cues.

    Raises NotUnderstoodError, also for a crate: Serato keeps cues in the music itself.
    """
    match kind_of(data):
        case Kind.REKORDBOX:
            require_text(data)
            return _Rekordbox(offset).shifted(data)
        case Kind.TRAKTOR:
            require_text(data)
            return _Traktor(offset).shifted(data)
        case Kind.CRATE:
            raise NotUnderstoodError("a crate holds no cues: Serato keeps them in the music itself")
        case _:
            raise NotUnderstoodError("it is not a rekordbox XML or a Traktor NML")


class _Rekordbox:
    """Marks follow in the ``TRACK`` that they are of."""

    def __init__(self, offset: Offset) -> None:
        self._offset = offset
        self._path: str | None = None
        self._seconds = 0.0

    def shifted(self, data: bytes) -> bytes:
        """Seconds, in all of them."""
        tempo, mark = partial(self._of_track, _tempo), partial(self._of_track, _mark)
        return rewritten(data, {b"TRACK": self._track, b"TEMPO": tempo, b"POSITION_MARK": mark})

    def _track(self, above: tuple[bytes, ...], told: bytes) -> bytes:
        self._path = path_of_location(told) if above == COLLECTION else None
        self._seconds = 0.0
        return told

    def _of_track(
        self, later: Callable[[bytes, float], bytes], above: tuple[bytes, ...], told: bytes
    ) -> bytes:
        if above != (*COLLECTION, b"TRACK"):
            return told
        if self._path is not None:
            self._seconds, self._path = self._offset(self._path) or 0.0, None
        return later(told, self._seconds) if self._seconds else told


def _mark(told: bytes, seconds: float) -> bytes:
    for name in ("Start", "End"):
        if (at := value_of(told, name)) is not None:
            told = with_value(told, name, _later(at, seconds))
    return told


def _tempo(told: bytes, seconds: float) -> bytes:
    """A grid that would begin before the sound does begins some beats later."""
    begins, beat, bpm = (value_of(told, name) for name in ("Inizio", "Battito", "Bpm"))
    if begins is None:
        return told
    moved = _number(begins) + seconds
    if moved < 0 and beat and bpm and (length := 60 / (_number(bpm) or 60)):
        beats = math.ceil(-moved / length)
        seconds += beats * length
        count = (int(_number(beat)) - 1 + beats) % _in_a_bar(told) + 1
        told = with_value(told, "Battito", str(count))
    return with_value(told, "Inizio", _later(begins, seconds))


def _in_a_bar(told: bytes) -> int:
    beats = (value_of(told, "Metro") or "").partition("/")[0]
    return int(beats) if beats.isdecimal() and 0 < int(beats) < 100 else 4


class _Entry:
    """What is known of a Traktor entry before its cues are looked at, wherever they stand in it."""

    def __init__(self) -> None:
        self.paths: tuple[str, ...] = ()
        self.bar = 0.0  # seconds
        self.seconds: float | None = None


class _Traktor:
    """Goes through twice: for places and tempos, then for cues."""

    def __init__(self, offset: Offset) -> None:
        self._offset = offset
        self._entries: list[_Entry] = []
        self._at = -1

    def shifted(self, data: bytes) -> bytes:
        """Milliseconds, in all of them."""
        rewritten(data, {b"ENTRY": self._entry, b"LOCATION": self._location, b"TEMPO": self._tempo})
        return rewritten(data, {b"ENTRY": self._next, b"CUE_V2": self._cue})

    def _entry(self, above: tuple[bytes, ...], told: bytes) -> bytes:
        if above == ENTRY[:-1]:
            self._entries.append(_Entry())
        return told

    def _location(self, above: tuple[bytes, ...], told: bytes) -> bytes:
        if above == ENTRY:
            self._entries[-1].paths = tuple(paths_of_nml(told))
        return told

    def _tempo(self, above: tuple[bytes, ...], told: bytes) -> bytes:
        if above == ENTRY and (bpm := value_of(told, "BPM")) and _number(bpm):
            self._entries[-1].bar = 4 * 60 / _number(bpm)
        return told

    def _next(self, above: tuple[bytes, ...], told: bytes) -> bytes:
        self._at += above == ENTRY[:-1]
        return told

    def _cue(self, above: tuple[bytes, ...], told: bytes) -> bytes:
        if above != ENTRY:
            return told
        entry = self._entries[self._at]
        if entry.seconds is None:
            asked = (self._offset(path) for path in entry.paths)
            entry.seconds = next((it for it in asked if it is not None), 0.0)
        return _cue(told, entry.seconds, entry.bar) if entry.seconds else told


def _cue(told: bytes, seconds: float, bar: float) -> bytes:
    """In milliseconds. A grid that would begin before the sound does begins some bars later."""
    begins = value_of(told, "START")
    if begins is None:
        return told
    moved = _number(begins) / 1000 + seconds
    if moved < 0 and bar and value_of(told, "TYPE") == _GRID:
        seconds += math.ceil(-moved / bar) * bar
    return with_value(told, "START", _later(begins, seconds * 1000))


_GRID = "4"


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise NotUnderstoodError(f"a cue stands at {text!r}") from error
    if not math.isfinite(number):
        raise NotUnderstoodError(f"a cue stands at {text!r}")
    return number


def _later(text: str, by: float) -> str:
    """As many decimals as before; never before the beginning."""
    decimals = max(len(text.partition(".")[2]), _FEWEST)
    return f"{max(_number(text) + by, 0):.{decimals}f}"
