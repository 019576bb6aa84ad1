"""Reading many files on both cores while the caller does something else.

Large files are read by threads (hashing them frees the interpreter), many small ones by processes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from strandline.core.ids import PLAYLISTS
from strandline.core.states import FoundFolder
from strandline.library.hasher import Facts, Reader
from strandline.library.workers import Work, many_small, working

if TYPE_CHECKING:
    from strandline.core.ids import LibPath
    from strandline.core.shelf import Shelf
    from strandline.events import Progress

_AT_ONCE = 128  # files of a batch
_LARGE = 16 << 20  # bytes that end a batch, so that progress keeps moving


class Named(Protocol):
    """Something with a file: its path below the folder, and its size as far as that is known."""

    @property
    def path(self) -> LibPath: ...
    @property
    def size(self) -> int | None: ...


K = TypeVar("K", bound=Named)
R = TypeVar("R")
Answer = Sequence["Facts | None"]


@contextmanager
def reading(
    folder: str,
    files: Sequence[K],
    take: Callable[[list[K], Answer], R],
    progress: Progress,
    *,
    most: int | None = None,
    by: Callable[[Reader, K], Facts | None] | None = None,
) -> Iterator[Callable[[], list[R]]]:
    """Read ``files`` from now on, up to ``most`` bytes of each, and ``take`` batch by batch.

    The call that is given waits for the end; leaving the block early ends the reading. ``take``
    runs in threads, as does ``by``: another way to read a file whole, where no process does it.
    """

    def to_read(file: K) -> int:
        return min(file.size or 0, most or sys.maxsize)

    def here(reader: Reader, batch: list[K]) -> Answer:
        if by is not None:
            return [by(reader, file) for file in batch]
        return reader.read((file.path for file in batch), most)

    def tell(batch: list[K]) -> None:
        progress.advance(len(batch), of_bytes=sum(map(to_read, batch)))

    work: Work[list[K], Answer, R] = Work(
        lambda batch: ("read", [file.path for file in batch], most), here, take, tell
    )
    processes = many_small(len(files), sum(map(to_read, files)))
    with working(folder, _batches(files, to_read), work, processes=processes) as read:
        yield read


def _batches(files: Sequence[K], to_read: Callable[[K], int]) -> Iterator[list[K]]:
    batch: list[K] = []
    size = 0
    for file in files:
        batch.append(file)
        size += to_read(file)
        if len(batch) == _AT_ONCE or size >= _LARGE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def read_whole(
    mp3_dir: str, shelves: Iterable[Shelf], progress: Progress
) -> list[tuple[Shelf, FoundFolder | None]]:
    """Of each shelf the folder, if it holds what it should to the last byte; by processes.

    The shelves must have their hashes. Those about which something is open are not looked at.
    """
    others: list[tuple[Shelf, FoundFolder | None]] = []

    def settled() -> Iterator[Shelf]:
        for shelf in shelves:
            if shelf.settled and not shelf.open:
                yield shelf
            else:
                others.append((shelf, None))

    def ask(shelf: Shelf) -> tuple[Any, ...]:
        place = f"{PLAYLISTS}/{shelf.folder}"
        return "holds", place, shelf.ino, shelf.links, shelf.files, shelf.sha256

    def here(reader: Reader, shelf: Shelf) -> int | None:
        return reader.holds(*ask(shelf)[1:])

    def take(shelf: Shelf, dev: int | None) -> tuple[Shelf, FoundFolder | None]:
        if dev is None or shelf.ino is None:
            return shelf, None
        return shelf, FoundFolder(shelf.folder, dev, shelf.ino)

    def tell(shelf: Shelf) -> None:
        size = sum(mark[1] for mark in shelf.files.values())
        progress.advance(len(shelf.files), of_bytes=size)

    work: Work[Shelf, int | None, tuple[Shelf, FoundFolder | None]] = Work(ask, here, take, tell)
    with working(mp3_dir, settled(), work, processes=True) as read:
        return read() + others
