"""kill -9 at every place of every scene, then run again: as if it had never been killed.

I1 nothing is lost, I2 nothing of the user's changes, I9 the end is the same and no final name ever
holds a part of a file, I10 a further run finds nothing to do, I13 what the database calls done is
on the disk.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from strandline.errors import Exit
from tests.faults.kill import places_of, run_and_kill
from tests.faults.scenes import SCENES
from tests.stage import Stage, said_of


class Reference:
    """A scene before its change, and what comes of it when nobody kills."""

    def __init__(self, name: str, home: Path) -> None:
        scene = SCENES[name]
        self.start = Stage(home / "start")
        scene.before(self.start)
        self.start.sync()
        scene.change(self.start)
        self._numbers = count()
        self.home = home
        whole = self.again()
        self.result = whole.sync()
        self.tree, self.contents = whole.tree(), whole.contents()
        whole.sync()  # the ledger forgets deleted playlists once their entries are gone
        self.ledger = said_of(whole.ledger())
        watched = self.again()
        self.places = places_of(lambda watch: watched.sync(watch=watch))

    def again(self) -> Stage:
        """The scene before its change, to be hurt."""
        return self.start.clone(self.home / f"{next(self._numbers)}")

    def check_cut_off(self, stage: Stage) -> None:
        """What must hold in the very moment after a kill."""
        known = self.start.contents() | self.contents
        torn = {path for path, said in stage.tree().items() if said[:4] == "file"
                and said[5:] not in known}  # fmt: skip
        assert not torn, "a final name holds a part of a file"
        assert self.start.contents() <= stage.contents(), "I1"

    def check_end(self, stage: Stage) -> None:
        """What must hold after the next run."""
        assert stage.tree() == self.tree
        assert self.start.contents() <= stage.contents(), "I1"
        assert stage.pending().actions == ()
        stage.sync()
        assert said_of(stage.ledger()) == self.ledger
        temps = stage.root / ".strandline" / "tmp"
        assert not temps.exists() or not list(temps.iterdir())


@pytest.fixture(params=SCENES)
def reference(request: pytest.FixtureRequest, tmp_path: Path) -> Reference:
    return Reference(request.param, tmp_path)


def test_killed_anywhere_and_run_again_ends_as_if_never_killed(reference: Reference) -> None:
    assert reference.result.exit is Exit.DONE, reference.result
    assert len(reference.places) > 8
    for at, name in enumerate(reference.places, 1):
        stage = reference.again()
        killed = run_and_kill(lambda watch, stage=stage: stage.sync(watch=watch), at)
        assert killed == name
        reference.check_cut_off(stage)
        result = stage.sync()
        assert result.exit is Exit.DONE, (name, result)
        reference.check_end(stage)
