"""kill -9 at a chosen place: the work is done in a child that stops dead between two steps."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from strandline.db.journal import Journal
from strandline.db.store import Store
from strandline.library.files import crash
from tests.stage import Watch

Run = Callable[[Watch], object]
COMMITS = ("begin_run", "intent", "done", "failed", "skipped", "set_aside", "finish_run")


class Places:
    """Counts the places passed, and kills at the ``at``-th one (from 1); 0 never."""

    def __init__(self, at: int = 0) -> None:
        self.at = at
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def _around(journal: Journal, method: str, places: Callable[[str], None]) -> None:
    real = getattr(journal, method)

    def wrapped(*args: object, **kwargs: object) -> object:
        places(f"{method}.before_commit")
        answer = real(*args, **kwargs)
        places(f"{method}.after_commit")
        return answer

    setattr(journal, method, wrapped)


def run_and_kill(run: Run, at: int) -> str | None:
    """Do ``run`` in a child, killed at place ``at``. The place's name, None without a kill."""
    return _in_child(run, Places(at))[-1]


def places_of(run: Run) -> list[str]:
    """Every place a run passes, in order."""
    return [name for name in _in_child(run, Places()) if name]


def _in_child(run: Run, places: Places) -> list[str | None]:
    """The places passed; a last None says that the child came to its end."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _act(run, places, reader, writer)
    os.close(writer)
    with open(reader) as pipe:
        told: list[str | None] = list(pipe.read().splitlines())
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return told
    assert os.WEXITSTATUS(status) == 0, "the child failed by itself; its traceback is on stderr"
    return [*told, None]


def _act(run: Run, places: Places, reader: int, writer: int) -> None:
    """The child's whole life."""
    code = 1
    try:
        os.close(reader)

        def passed(name: str) -> None:
            os.write(writer, f"{name}\n".encode())
            places(name)

        crash.hook = passed
        run(_watch_with(passed))
        code = 0
    except BaseException:  # noqa: BLE001 - told to the parent by the exit code
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _watch_with(passed: Callable[[str], None]) -> Watch:
    def watch(store: Store) -> None:
        for method in COMMITS:
            _around(store.journal, method, passed)

    return watch
