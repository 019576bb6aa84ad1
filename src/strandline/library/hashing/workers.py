"""Two threads that do one job after another, each in a process of its own where that is faster.

A process that cannot be started or ends too early costs time, never an answer: what it has not
answered is done here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO, Any, Generic, NamedTuple, TypeVar

from strandline.library.hashing import file_reader
from strandline.library.hashing.file_reader import FileReader, receive, send

WORKERS = 2
MANY = 1000
"""Files for which processes are started; for fewer it takes longer than they save."""
SMALL = 256 << 10
"""Bytes of such a file on average."""

_SOURCE = str(Path(file_reader.__file__).parents[3])
_START = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from strandline.library.hashing.file_reader import main
main()
"""

J = TypeVar("J")
A = TypeVar("A")
R = TypeVar("R")


def many_small(files: int, of_bytes: int) -> bool:
    """Whether reading these in processes is faster."""
    return files >= MANY and of_bytes < SMALL * files


class WorkerCalls(NamedTuple, Generic[J, A, R]):
    """How a job is done; all of it may be called in any of the threads."""

    ask: Callable[[J], tuple[Any, ...]]
    """The method of a Reader and its arguments, for a process; marshal must know them."""
    here: Callable[[FileReader, J], A]
    """The same in this process."""
    take: Callable[[J, A], R]
    tell: Callable[[J], None]
    """Of progress."""


@contextmanager
def working(
    folder: str, jobs: Iterable[J], work: WorkerCalls[J, A, R], *, processes: bool
) -> Iterator[Callable[[], list[R]]]:
    """Do the jobs from now on, below ``folder``; they are made one by one, as they are begun.

    The call that is given waits for the end; leaving the block early begins no more.
    """
    shared = _Shared(jobs)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(WORKERS))
        stack.callback(shared.stop)
        share = _share if processes else _share_here
        shares = [pool.submit(share, folder, shared, work) for _ in range(WORKERS)]
        yield lambda: [made for share in shares for made in share.result()]


class _Shared(Generic[J]):
    """What is still to be done, for whoever is free."""

    def __init__(self, jobs: Iterable[J]) -> None:
        self._jobs, self._lock, self._stopped = iter(jobs), Lock(), False

    def __iter__(self) -> Iterator[J]:
        return self

    def __next__(self) -> J:
        with self._lock:
            if self._stopped:
                raise StopIteration
            return next(self._jobs)

    def stop(self) -> None:
        self._stopped = True


def _share_here(folder: str, jobs: Iterable[J], work: WorkerCalls[J, A, R]) -> list[R]:
    reader, made = FileReader(folder), []
    for job in jobs:
        made.append(work.take(job, work.here(reader, job)))
        work.tell(job)
    return made


def _share(folder: str, jobs: Iterable[J], work: WorkerCalls[J, A, R]) -> list[R]:
    """The answers go to a file, so that neither end ever waits for the other to listen."""
    asked: list[J] = []
    with TemporaryFile() as answers:
        with suppress(OSError), _process(folder, answers) as questions:
            for job in jobs:
                asked.append(job)
                send(questions, work.ask(job))
                work.tell(job)
        answers.seek(0)
        reader = FileReader(folder)
        made = [work.take(job, _answer(answers, reader, job, work)) for job in asked]
    return made + _share_here(folder, jobs, work)


def _answer(answers: IO[bytes], reader: FileReader, job: J, work: WorkerCalls[J, A, R]) -> A:
    try:
        answer: A = receive(answers)
    except EOFError:
        return work.here(reader, job)
    return answer


@contextmanager
def _process(folder: str, answers: IO[bytes]) -> Iterator[IO[bytes]]:
    """Where its questions go; it has answered all of them when the block is left."""
    words = [sys.executable, "-I", "-S", "-c", _START, _SOURCE, folder]
    with subprocess.Popen(  # noqa: S603 (Python itself, and a script of ours)
        words,
        stdin=subprocess.PIPE,
        stdout=answers,
        stderr=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C is for us to answer
    ) as process:
        assert process.stdin
        yield process.stdin
