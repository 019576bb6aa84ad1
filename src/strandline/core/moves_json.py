"""``moves.json``, a line a move, and the same as CSV; a file that is read back is not trusted."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from strandline.core.ids import LibPath, TrackId
from strandline.core.moves import PrimaryMove

SCHEMA = "strandline.moves/1"
COLUMNS = ("track", "from", "to", "run", "at", "offset")
_A_BLOCK = 1000  # lines


class NotMovesError(ValueError):
    """The text is no ``moves.json`` of this version."""


def moves_json(moves: Iterable[PrimaryMove]) -> Iterator[bytes]:
    """The document, the oldest move first."""
    yield f'{{"schema": "{SCHEMA}",\n "moves": ['.encode()
    lines = (json.dumps(_told(move), ensure_ascii=False) for move in moves)
    yield from _blocks(f"{',' if number else ''}\n  {line}" for number, line in enumerate(lines))
    yield b"\n ]}\n"


def moves_csv(moves: Iterable[PrimaryMove]) -> Iterator[bytes]:
    """The same as a table, with the names of the columns first."""
    line = csv.writer(_Line(), lineterminator="\n").writerow
    rows = chain((COLUMNS,), (_told(move).values() for move in moves))
    return _blocks(str(line("" if it is None else it for it in row)) for row in rows)


def read_moves(text: bytes) -> list[PrimaryMove]:
    """What ``moves_json`` wrote. Raises NotMovesError."""
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise NotMovesError(f"its schema is {document['schema']}")
        return [_move(item) for item in document["moves"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, NotMovesError):
            raise
        raise NotMovesError("it is damaged") from error


def _told(move: PrimaryMove) -> dict[str, Any]:
    at = f"{move.at.isoformat(timespec='seconds')}Z"
    values = (move.track, move.old, move.new, move.run, at, move.offset)
    return dict(zip(COLUMNS, values, strict=True))


def _move(item: dict[str, Any]) -> PrimaryMove:
    track, old, new = (item[name] for name in COLUMNS[:3])
    run, offset = item["run"], item["offset"]
    if not all(isinstance(it, str) for it in (track, old, new, run or "")):
        raise NotMovesError("it is damaged")
    at = datetime.fromisoformat(item["at"]).astimezone(UTC).replace(tzinfo=None)
    seconds = None if offset is None else float(offset)
    return PrimaryMove(TrackId(track), LibPath(old), LibPath(new), run, at, seconds)


class _Line:
    """What ``csv`` writes to: a row's line is what writing it returns."""

    def write(self, line: str) -> str:
        return line


def _blocks(lines: Iterable[str]) -> Iterator[bytes]:
    waiting: list[str] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) >= _A_BLOCK:
            yield "".join(waiting).encode()
            waiting = []
    yield "".join(waiting).encode()
