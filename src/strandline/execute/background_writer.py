"""Writing to the database beside the work on the disk, in order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Writer:
    """Makes calls one after the other; once one has failed, no further one is made.

    With ``apart`` on a thread of its own: SQLite and the disk both leave the interpreter free
    while they work. As a context it ends when the last call has, and raises the error of that.
    """

    def __init__(self, *, apart: bool) -> None:
        self._thread = ThreadPoolExecutor(1, "journal") if apart else None
        self._last: Future[Any] = Future()
        self._last.set_result(None)

    def do(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """The call's result, once it has been made; or the error of one before."""
        before = self._last

        def turn() -> R:
            before.result()
            return call(*args, **kwargs)

        self._last = self._thread.submit(turn) if self._thread else _done_at_once(turn)
        return self._last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._thread:
            self._thread.shutdown()
        if kind is None:
            self._last.result()


def _done_at_once(call: Callable[[], R]) -> Future[R]:
    future: Future[R] = Future()
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
        future.set_exception(error)
    return future
