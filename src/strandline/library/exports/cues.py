"""Cues and beat grids in files of DJ programs, moved to where the sound is in a new file.

The first cue of a track whose sound begins 25 ms later is 25 ms later, too. All else stays byte for
byte.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from strandline.library.exports.reading import NotUnderstoodError
from strandline.library.exports.relocate import (
    Kind,
    kind_of,
    path_of_location,
    paths_of_nml,
    require_text,
)

Offset = Callable[[str], float | None]
"""A full path -> seconds by which the sound begins later now; None for what is as it was."""

_TRACK = re.compile(rb'(<TRACK(?:\s+\w+="[^"]*")*\s*>)(.*?)(</TRACK>)', re.DOTALL)
_ENTRY = re.compile(rb'(<ENTRY(?:\s+\w+="[^"]*")*\s*>)(.*?)(</ENTRY>)', re.DOTALL)
_MARK = re.compile(rb'<(?:TEMPO|POSITION_MARK)\s(?:\s*\w+="[^"]*")*')
_CUE = re.compile(rb'<CUE_V2\s(?:\s*\w+="[^"]*")*')
_BPM = re.compile(rb'<TEMPO\s[^>]*?\bBPM="([^"]+)"')
_VALUE = r'(\b%s=")([^"]*)(")'
_INIZIO, _BEAT = (re.compile((_VALUE % it).encode()) for it in ("Inizio", "Battito"))
_START, _END, _NML_START = (re.compile((_VALUE % it).encode()) for it in ("Start", "End", "START"))
_GRID = b' TYPE="4"'
_FEWEST = 3  # decimals


def shifted(data: bytes, offset: Offset) -> bytes:
    """``data`` with the cues of tracks as they are now; ``offset`` is asked for those with cues.

    Raises NotUnderstoodError, also for a crate: Serato keeps cues in the music itself.
    """
    match kind_of(data):
        case Kind.REKORDBOX:
            require_text(data)
            return _TRACK.sub(lambda found: _rekordbox(found, offset), data)
        case Kind.TRAKTOR:
            require_text(data)
            return _ENTRY.sub(lambda found: _traktor(found, offset), data)
        case Kind.CRATE:
            raise NotUnderstoodError("a crate holds no cues: Serato keeps them in the music itself")
        case _:
            raise NotUnderstoodError("it is no rekordbox XML or Traktor NML")


def _rekordbox(found: re.Match[bytes], offset: Offset) -> bytes:
    path = path_of_location(found[1])
    if path is None or not _MARK.search(found[2]) or not (seconds := offset(path)):
        return found[0]
    return found[1] + _MARK.sub(lambda mark: _mark(mark[0], seconds), found[2]) + found[3]


def _mark(mark: bytes, seconds: float) -> bytes:
    if mark.startswith(b"<TEMPO"):
        return _tempo(mark, seconds)
    for name in (_START, _END):
        mark = name.sub(lambda it: it[1] + _later(it[2], seconds) + it[3], mark)
    return mark


def _tempo(mark: bytes, seconds: float) -> bytes:
    """A grid that would begin before the sound does begins some beats later."""
    begins, beat, bpm = _INIZIO.search(mark), _BEAT.search(mark), re.search(rb'\bBpm="(.*?)"', mark)
    if begins is None:
        return mark
    moved = _number(begins[2]) + seconds
    if moved < 0 and beat and bpm and (length := 60 / (_number(bpm[1]) or 60)):
        beats = math.ceil(-moved / length)
        seconds += beats * length
        count = (int(_number(beat[2])) - 1 + beats) % _in_a_bar(mark) + 1
        mark = _BEAT.sub(lambda it: it[1] + str(count).encode() + it[3], mark)
    return _INIZIO.sub(lambda it: it[1] + _later(it[2], seconds) + it[3], mark)


def _in_a_bar(mark: bytes) -> int:
    found = re.search(rb'\bMetro="([1-9]\d?)/', mark)
    return int(found[1]) if found else 4


def _traktor(found: re.Match[bytes], offset: Offset) -> bytes:
    if not _CUE.search(found[2]):
        return found[0]
    moved = (it for path in paths_of_nml(found[2]) if (it := offset(path)) is not None)
    seconds = next(moved, None)
    if not seconds:
        return found[0]
    tempo = _BPM.search(found[2])
    bar = 4 * 60 / _number(tempo[1]) if tempo and _number(tempo[1]) else 0.0
    return found[1] + _CUE.sub(lambda cue: _cue(cue[0], seconds, bar), found[2]) + found[3]


def _cue(cue: bytes, seconds: float, bar: float) -> bytes:
    """In milliseconds. A grid that would begin before the sound does begins some bars later."""
    begins = _NML_START.search(cue)
    if begins is None:
        return cue
    moved = _number(begins[2]) / 1000 + seconds
    if moved < 0 and bar and _GRID in cue:
        seconds += math.ceil(-moved / bar) * bar
    return _NML_START.sub(lambda it: it[1] + _later(it[2], seconds * 1000) + it[3], cue)


def _number(text: bytes) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise NotUnderstoodError(f"a cue stands at {text.decode(errors='replace')!r}") from error
    if not math.isfinite(number):
        raise NotUnderstoodError(f"a cue stands at {text.decode(errors='replace')!r}")
    return number


def _later(text: bytes, by: float) -> bytes:
    """As many decimals as before; never before the beginning."""
    decimals = max(len(text.partition(b".")[2]), _FEWEST)
    return f"{max(_number(text) + by, 0):.{decimals}f}".encode()
