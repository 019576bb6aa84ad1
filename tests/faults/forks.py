"""Work done in forked processes, so that nothing it does to Python stays."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn, TypeVar

Work = TypeVar("Work")
MEMORY = 4 << 30
"""Bytes of address space that one mutant may take."""


def from_a_fork(work: Callable[[Callable[[object], None]], None]) -> Iterator[Any]:
    """What ``work`` sends from a process of its own, until it returns."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            send = partial(pickle.dump, file=pipe)
            _to_its_end(lambda: (work(send), send(None)), silent=(0, 1))
    os.close(writing)
    ended = False
    try:
        with os.fdopen(reading, "rb") as pipe:
            yield from iter(lambda: pickle.load(pipe), None)
        ended = True
    finally:
        if not ended:
            os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def each_in_a_fork(
    things: Iterable[Work], live: Callable[[Work], bool], jobs: int, until: float
) -> Iterator[tuple[Work, bool]]:
    """What ``live`` says of each; False where its process ended otherwise. None begins too late."""
    waiting = iter(things)
    running: dict[int, tuple[Work, tempfile.TemporaryDirectory[str]]] = {}
    try:
        while True:
            while len(running) < jobs and time.monotonic() < until:
                thing = next(waiting, None)
                if thing is None:
                    break
                folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
                running[_begun(thing, live, folder.name)] = thing, folder
            if not running:
                return
            child, status = os.wait()
            thing, folder = running.pop(child)
            _ended(child, folder)
            yield thing, status == 0
    finally:
        for child, (_, folder) in running.items():
            _ended(child, folder)


def _begun(thing: Work, live: Callable[[Work], bool], folder: str) -> int:
    child = os.fork()
    if not child:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
        _to_its_end(lambda: live(thing) or os._exit(1), silent=(0, 1, 2))
    return child


def _ended(child: int, folder: tempfile.TemporaryDirectory[str]) -> None:
    """With all that it began."""
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    folder.cleanup()


def _to_its_end(work: Callable[[], object], silent: Sequence[int]) -> NoReturn:
    """All that this process still does, with some of its standard streams closed."""
    code = 1
    try:
        null = os.open(os.devnull, os.O_RDWR)
        for fd in silent:
            os.dup2(null, fd)
        work()
        code = 0
    finally:
        if code:
            traceback.print_exc()
        os._exit(code)


def with_limits(seconds: float) -> None:
    """This process ends if its next ``seconds`` of work do not come to an end."""
    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + 5 + 5 * seconds), most))
    signal.alarm(int(60 + 40 * seconds))
