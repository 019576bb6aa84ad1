"""A person who does something while a command reads or works, and a kill while it works.

The moments are those that a run passes in its main thread: what it tells of its progress, and the
places between two system calls. Which of them it is comes from the life's seed.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from strandline.app.check import EVERYTHING, CheckOptions, check
from strandline.app.execute import SyncRequest, execute
from strandline.app.history import history
from strandline.app.undo import undo
from strandline.app.verify import verify
from strandline.errors import Exit, StrandlineError
from strandline.events import Silent
from strandline.library.files import crash
from tests.faults.hands import Hands
from tests.faults.oracles import Oracles
from tests.faults.person import Person

SOON, LATEST = 15, 45
"""A quiet check passes some 14 moments, a run that works 40."""


class Moments(Silent):
    """Listens to a run; at one of the moments a person does something, once."""

    def __init__(self, at: int, deed: Callable[[], None]) -> None:
        self.passed, self._at, self._deed = 0, at, deed

    def phase(self, name: str, *, total: int | None = None) -> None:
        self._pass(name)

    def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
        self._pass("advance")

    def _pass(self, _: str) -> None:
        if threading.current_thread() is threading.main_thread():
            self.passed += 1
            if self.passed == self._at:
                self._deed()

    @contextmanager
    def all_along(self) -> Iterator[None]:
        """The places between two system calls are moments, too."""
        crash.hook = self._pass
        try:
            yield
        finally:
            crash.hook = None


class Meddling:
    """What is done in the midst of commands, and that nothing is lost by it.

    What such a command shows and says is not compared with anything: it saw half of a deed. The
    next one that nobody disturbs has to find its way, and every word is compared then.
    """

    def __init__(self, home: Person, chance: random.Random, hands: Hands, oracles: Oracles) -> None:
        self.home, self.chance, self.hands, self.oracles = home, chance, hands, oracles

    def meddle(self) -> str:
        """A hand acts while a command reads or works."""
        what = self.chance.choice([self._check, self._execute, self._execute, self._undo,
                                   self._verify])  # fmt: skip
        hand, told = self.chance.choice(self.hands.all()), ["nothing"]
        at = self.chance.randrange(1, self.chance.choice([SOON, LATEST]))
        gone: set[str] = set()

        def deed() -> None:
            before = self.home.contents
            told[:] = [hand.__name__, str(hand())]
            gone.update(before - self.home.contents)

        moments = Moments(at, deed)
        self.oracles.calm = False
        with self.oracles.of_run(gone), moments.all_along():
            said = _in_words(lambda: what(moments))
        return f"{what.__name__} at {at} of {moments.passed}: {': '.join(told)} = {said}"

    def _check(self, moments: Moments) -> object:
        return check(self.home.config, self._look(), moments, now=self.home.next_second()).exit

    def _execute(self, moments: Moments) -> object:
        done = execute(
            self.home.config,
            SyncRequest(self._look(), max_removals=EVERYTHING),
            moments,
            now=self.home.next_second(),
        )
        self.oracles.note_fetched(done)
        assert done.exit in (Exit.DONE, Exit.SOME_FAILED), done
        return done.exit

    def _undo(self, moments: Moments) -> object:
        runs = [
            run
            for run in history(self.home.config, 3)
            if run.command == "sync-execute" and run.planned
        ]
        return (
            undo(self.home.config, runs[0].id, moments, now=self.home.next_second()) and "undone"
            if runs
            else None
        )

    def _verify(self, moments: Moments) -> object:
        return verify(self.home.config, progress=moments, now=self.home.next_second()).exit

    def _look(self) -> CheckOptions:
        return CheckOptions(full=self.chance.random() < 0.5)

    def kill(self) -> str:
        """A run is killed at a place between two system calls or commits."""
        at = self.chance.randrange(1, LATEST)
        self.oracles.calm = False
        with self.oracles.of_run():
            self.oracles.close()  # no connection of SQLite's may be carried into another process
            killed = self.home.run_killed(at)
            self.oracles.open()
        return f"at {at}" if killed else "it came to its end"


def _in_words(act: Callable[[], object]) -> str:
    """What strandline may say of a world that changes: its own errors, but no bug."""
    try:
        return str(act())
    except StrandlineError as error:
        if error.exit in (Exit.DONE, Exit.BUG):
            raise
        return error.message
