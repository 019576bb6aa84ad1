"""Reading many files on both cores while the caller does something else.

Large files are read by threads (hashing them frees the interpreter), many small ones by processes.
A process that cannot be started or ends too early costs time, never an answer: what it has not
answered is read here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, SimpleQueue
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Generic, Protocol, TypeVar

from strandline.library import hasher
from strandline.library.hasher import Facts, Reader, receive, send

if TYPE_CHECKING:
    from strandline.core.ids import LibPath
    from strandline.events import Progress

WORKERS = 2
MANY = 1000
"""Files for which processes are started; for fewer it takes longer than they save."""
SMALL = 256 << 10
"""Bytes of such a file on average."""
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
    work = _Work(folder, take, progress, most, by)
    for batch in _batches(files):
        work.todo.put(batch)
    total = sum(file.size or 0 for file in files)
    with_processes = len(files) >= MANY and total < SMALL * len(files)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        stack.callback(work.stop)
        shares = [pool.submit(work.share, with_processes) for _ in range(WORKERS)]
        yield lambda: [made for share in shares for made in share.result()]


def _batches(files: Sequence[K]) -> Iterator[list[K]]:
    batch: list[K] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size or 0
        if len(batch) == _AT_ONCE or size >= _LARGE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Work(Generic[K, R]):
    """What is still to be read, for whoever is free."""

    def __init__(
        self,
        folder: str,
        take: Callable[[list[K], Answer], R],
        progress: Progress,
        most: int | None,
        by: Callable[[Reader, K], Facts | None] | None,
    ) -> None:
        self.todo: SimpleQueue[list[K]] = SimpleQueue()
        self._folder, self._take, self._progress = folder, take, progress
        self._most, self._by = most, by

    def stop(self) -> None:
        """Nothing more is begun."""
        for _ in self._batches():
            pass

    def share(self, with_process: bool) -> list[R]:
        """One thread's share of the work."""
        reader = Reader(self._folder)
        made = self._by_process(reader) if with_process else []
        for batch in self._batches():
            made.append(self._take(batch, self._read(reader, batch)))
            self._tell(batch)
        return made

    def _by_process(self, reader: Reader) -> list[R]:
        """Its answers go to a file, so that neither end ever waits for the other to listen."""
        asked: list[list[K]] = []
        with TemporaryFile() as answers:
            with suppress(OSError), _process(self._folder, answers) as questions:
                for batch in self._batches():
                    asked.append(batch)
                    send(questions, ([file.path for file in batch], self._most))
                    self._tell(batch)
            answers.seek(0)
            return [self._take(batch, self._answer(answers, reader, batch)) for batch in asked]

    def _answer(self, answers: IO[bytes], reader: Reader, batch: list[K]) -> Answer:
        try:
            answer: Answer = receive(answers)
        except EOFError:
            return self._read(reader, batch)
        return answer

    def _read(self, reader: Reader, batch: list[K]) -> Answer:
        if self._by is not None:
            return [self._by(reader, file) for file in batch]
        return reader.read((file.path for file in batch), self._most)

    def _tell(self, batch: list[K]) -> None:
        size = sum(file.size or 0 for file in batch)
        self._progress.advance(len(batch), of_bytes=size)

    def _batches(self) -> Iterator[list[K]]:
        with suppress(Empty):
            while True:
                yield self.todo.get_nowait()


@contextmanager
def _process(folder: str, answers: IO[bytes]) -> Iterator[IO[bytes]]:
    """Where its questions go; it has answered all of them when the block is left."""
    words = [sys.executable, "-I", "-S", hasher.__file__, folder]
    with subprocess.Popen(  # noqa: S603 (Python itself, and a script of ours)
        words,
        stdin=subprocess.PIPE,
        stdout=answers,
        stderr=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C is for us to answer
    ) as process:
        assert process.stdin
        yield process.stdin
