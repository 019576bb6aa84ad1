"""A scene, what comes of it when nothing fails, and what must hold when something does."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from strandline.library.files import Syscalls
from tests.faults.kill import places_of
from tests.faults.scenes import SCENES
from tests.stage import Stage, said_of


class Reference:
    """A scene before its change, and what comes of it when nobody kills."""

    def __init__(self, name: str, home: Path, calls: Callable[[], Syscalls] = Syscalls) -> None:
        scene = SCENES[name]
        self.start = Stage(home / "start", calls=calls)
        scene.before(self.start)
        self.start.sync()
        scene.change(self.start)
        self.first = self.start.contents()
        self._numbers = count()
        self.home = home
        whole = self.again()
        self.result = whole.sync()
        self.tree, self.contents = whole.tree(), whole.contents()
        self.heard = whole.heard()
        self.ledger = said_of(whole.ledger())
        watched = self.again()
        self.places = places_of(lambda watch: watched.sync(watch=watch))

    def again(self) -> Stage:
        """The scene before its change, to be hurt."""
        return self.copy_of(self.start)

    def copy_of(self, stage: Stage) -> Stage:
        """A stage as it is now, where none is yet."""
        return stage.clone(self.home / f"{next(self._numbers)}")

    def check_cut_off(self, stage: Stage) -> None:
        """What must hold in the very moment after a kill."""
        known = self.first | self.contents
        torn = {path for path, said in stage.tree().items() if said[:4] == "file"
                and said[5:] not in known}  # fmt: skip
        assert not torn, "a final name holds a part of a file"
        assert self.first <= stage.contents(), "I1"

    def check_end(self, stage: Stage) -> None:
        """What must hold after the next run."""
        assert stage.tree() == self.tree
        assert self.first <= stage.contents(), "I1"
        pending = stage.pending()
        assert (pending.actions, pending.facts) == ((), ())
        assert said_of(stage.ledger()) == self.ledger
        temps = stage.root / ".strandline" / "tmp"
        assert not temps.exists() or not list(temps.iterdir())
