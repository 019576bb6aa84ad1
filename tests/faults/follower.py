"""A person whose files are to follow today's settings, killed at every place of that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

from strandline.app.reapply import Reapplied, ReapplyRequest, reapply
from strandline.app.undo import undo
from strandline.core.reapply import Part
from strandline.db.store import Store
from strandline.errors import UsageError
from tests.faults.direct import by_wire
from tests.faults.person import Person, _kill_at, in_child

MANY = 200
"""More places than any of these runs has."""


class Follower(Person):
    """Has a synced library; says which ``part`` of it is to follow."""

    part: Part

    def reapply(self) -> Reapplied:
        return reapply(self.config, ReapplyRequest([self.part]), now=self.next_second())

    def undo(self, run: str) -> object:
        return undo(self.config, run, now=self.next_second())

    def killed(self, what: Callable[[], object], at: int) -> bool:
        """Whether it was, before ``what`` was done; no two runs begin alike.

        What a child asks for, TIDAL sees only over the wire.
        """
        with by_wire():
            killed = in_child(lambda: (_kill_at(at), what()))
        self.next_second()  # which the child has taken
        return killed

    def undone_though_killed(self, at: int, check: Check) -> bool:
        """The one run is undone, which is killed and done again; whether it was killed."""
        (run,) = self.runs()
        killed = self.killed(partial(self.undo, run), at)
        check()
        if killed:
            with suppress(UsageError):  # undone already is as good
                self.undo(run)
        check()
        return killed

    def runs(self) -> list[str]:
        """Those that changed something, the newest first."""
        with Store.open(self.state / "strandline.db", self.library) as store:
            runs = store.journal.history()
        return [run.id for run in runs if run.command == "reapply" and run.done]

    def check_settled(self) -> None:
        """Nothing is left to do, and nothing is left behind."""
        temps = self.library / ".strandline" / "tmp"
        assert not temps.exists() or not list(temps.iterdir())
        assert self.reapply().result is None, "a second reapply has something to do"
        done = self.run()
        assert done.result is None, (self.words(done), done.result)


class Check(Protocol):
    """What holds after each half."""

    def __call__(self) -> None: ...
