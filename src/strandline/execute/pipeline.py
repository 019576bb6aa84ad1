"""Two stages side by side: some threads wait for the network while others use the processors.

A fixed number of jobs is inside at any time, so memory, temporary files and open connections stay
bounded however long the list is. Results come out in the order in which they are ready.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, NamedTuple, Self, TypeVar

J = TypeVar("J")
F = TypeVar("F")
R = TypeVar("R")


class JobResult(NamedTuple, Generic[J, R]):
    """What became of a job: a result, or the error that ended it."""

    job: J
    result: R | None
    error: Exception | None


class Pipeline(Generic[J, F, R]):
    """``fetch`` waits for the network, ``prepare`` computes. Both run in threads of their own.

    As a context: at the end, ``cancelled`` tells running stages to give up, all threads are waited
    for, and ``discard`` gets every result that nobody took.
    """

    def __init__(
        self,
        fetch: Callable[[J], F],
        prepare: Callable[[J, F], R],
        discard: Callable[[R], None],
        *,
        workers: int,
        encoders: int,
    ) -> None:
        self._fetch, self._prepare, self._discard = fetch, prepare, discard
        self._fetching = ThreadPoolExecutor(workers, "fetch")
        self._preparing = ThreadPoolExecutor(encoders, "prepare")
        self._ready: SimpleQueue[JobResult[J, R]] = SimpleQueue()
        self._room = workers + 2 * encoders
        self._inside = 0
        self.cancelled = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancelled.set()
        self._fetching.shutdown()
        self._preparing.shutdown()
        while self._inside:
            self._inside -= 1
            outcome = self._ready.get()
            if outcome.result is not None:
                self._discard(outcome.result)

    def results(self, jobs: Iterator[J]) -> Iterator[JobResult[J, R]]:
        """Takes the next job whenever there is room for it; ends when all have come out."""
        self._fill(jobs)
        while self._inside:
            outcome = self._ready.get()
            self._inside -= 1
            self._fill(jobs)
            yield outcome

    def also_ready(self) -> Iterator[JobResult[J, R]]:
        """What else has come out by now; waits for nothing."""
        while not self._ready.empty():
            self._inside -= 1
            yield self._ready.get()

    @property
    def inside(self) -> int:
        """Jobs that have not come out yet."""
        return self._inside

    def submit(self, job: J) -> None:
        """One more job, beside those of the list (a second try)."""
        self._inside += 1
        self._fetching.submit(self._first, job)

    def _fill(self, jobs: Iterator[J]) -> None:
        while self._inside < self._room:
            job = next(jobs, None)
            if job is None:
                return
            self.submit(job)

    def _first(self, job: J) -> None:
        try:
            fetched = self._fetch(job)
        except Exception as error:  # noqa: BLE001 - carried over to the thread that reports
            self._ready.put(JobResult(job, None, error))
        else:
            self._preparing.submit(self._second, job, fetched)

    def _second(self, job: J, fetched: F) -> None:
        try:
            self._ready.put(JobResult(job, self._prepare(job, fetched), None))
        except Exception as error:  # noqa: BLE001 - carried over to the thread that reports
            self._ready.put(JobResult(job, None, error))
