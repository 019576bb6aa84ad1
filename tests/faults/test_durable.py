"""I13: nothing is called done before the disk was told to keep it.

Every fsync of a run is noted; when the database commits "done", the folder of each step, and that
in the trash, must have been synced since the step's intent.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from strandline.db.journal import Finished, StepRow
from strandline.db.store import Store
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES
from tests.faults.tally import tally
from tests.stage import Stage


class Synced:
    """The inodes that were synced since the last intent."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage, self.inodes, self.paths = stage, set[int](), dict[int, str | None]()
        self.real = os.fsync
        monkeypatch.setattr(os, "fsync", self.fsync)

    def fsync(self, fd: int) -> None:
        self.inodes.add(os.fstat(fd).st_ino)
        self.real(fd)

    def watch(self, store: Store) -> None:
        self.before(store, "intent", self.begin)
        self.before(store, "done", self.check)

    def before(self, store: Store, method: str, act: Callable[..., None]) -> None:
        real = getattr(store.journal, method)

        def wrapped(*args: Any) -> Any:
            told = list(args[0]) if method == "intent" else args[0]
            act(told, *args[1:])
            return real(told, *args[1:])

        setattr(store.journal, method, wrapped)

    def begin(self, steps: list[StepRow], *_: object) -> None:
        self.inodes.clear()
        self.paths |= {step.seq: step.path for step in steps}

    def check(self, run: str, finished: list[Finished], *_: object) -> None:
        for row in finished:
            path = row.path or self.paths[row.seq]
            assert path
            folder = (self.stage.root / "mp3" / path).parent
            gone_as_a_whole = not folder.exists()
            assert gone_as_a_whole or folder.stat().st_ino in self.inodes, path
            if row.trash_path:
                trash = self.stage.root / ".strandline" / "trash" / row.trash_path
                assert trash.parent.stat().st_ino in self.inodes, row.trash_path
            tally("synced before done").count()


@pytest.mark.parametrize("scene", SCENES)
def test_done_is_said_when_the_disk_has_it(
    scene: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Reference(scene, tmp_path).again()
    assert stage.sync(watch=Synced(stage, monkeypatch).watch).done
