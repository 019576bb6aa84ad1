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
from strandline.library.hashing.file_reader import FileFacts, FileReader
from strandline.library.hashing.workers import WorkerCalls, many_small, working

if TYPE_CHECKING:
    from strandline.core.folder_state import FolderState
    from strandline.core.ids import LibPath
    from strandline.events import Progress

_AT_ONCE = 128  # files of a batch
_LARGE = 16 << 20  # bytes that end a batch, so that progress keeps moving


class SizedFile(Protocol):
    """Something with a file: its path below the folder, and its size as far as that is known."""

    @property
    def path(self) -> LibPath: ...
    @property
    def size(self) -> int | None: ...


K = TypeVar("K", bound=SizedFile)
R = TypeVar("R")
Answer = Sequence["FileFacts | None"]


@contextmanager
def reading(
    folder: str,
    files: Sequence[K],
    take: Callable[[list[K], Answer], R],
    progress: Progress,
    *,
    most: int | None = None,
    by: Callable[[FileReader, K], FileFacts | None] | None = None,
) -> Iterator[Callable[[], list[R]]]:
    """Read ``files`` from now on, up to ``most`` bytes of each, and ``take`` batch by batch.

    The call that is given waits for the end; leaving the block early ends the reading. ``take``
    runs in threads, as does ``by``: another way to read a file whole, where no process does it.
    """

    def to_read(file: K) -> int:
        return min(file.size or 0, most or sys.maxsize)

    def here(reader: FileReader, batch: list[K]) -> Answer:
        if by is not None:
            return [by(reader, file) for file in batch]
        return reader.read((file.path for file in batch), most)

    def tell(batch: list[K]) -> None:
        progress.advance(len(batch), of_bytes=sum(map(to_read, batch)))

    work: WorkerCalls[list[K], Answer, R] = WorkerCalls(
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
    mp3_dir: str, folder_states: Iterable[FolderState], progress: Progress
) -> list[tuple[FolderState, FoundFolder | None]]:
    """Each state with its folder, if that holds what it should to the last byte; by processes.

    The states must have their hashes. Those about which something is open are not looked at.
    """
    others: list[tuple[FolderState, FoundFolder | None]] = []

    def settled() -> Iterator[FolderState]:
        for folder_state in folder_states:
            if folder_state.settled and not folder_state.open:
                yield folder_state
            else:
                others.append((folder_state, None))

    def ask(folder_state: FolderState) -> tuple[Any, ...]:
        place = f"{PLAYLISTS}/{folder_state.folder}"
        return (
            "holds",
            place,
            folder_state.ino,
            folder_state.links,
            folder_state.files,
            folder_state.sha256,
        )

    def here(reader: FileReader, folder_state: FolderState) -> int | None:
        return reader.holds(*ask(folder_state)[1:])

    def take(folder_state: FolderState, dev: int | None) -> tuple[FolderState, FoundFolder | None]:
        if dev is None or folder_state.ino is None:
            return folder_state, None
        return folder_state, FoundFolder(folder_state.folder, dev, folder_state.ino)

    def tell(folder_state: FolderState) -> None:
        size = sum(mark[1] for mark in folder_state.files.values())
        progress.advance(len(folder_state.files), of_bytes=size)

    work: WorkerCalls[FolderState, int | None, tuple[FolderState, FoundFolder | None]] = (
        WorkerCalls(ask, here, take, tell)
    )
    with working(mp3_dir, settled(), work, processes=True) as read:
        return read() + others
