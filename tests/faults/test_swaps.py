"""Between the check and the step someone else is quicker: at every place, six swaps (I1 I2 I4 I5).

A swap puts something else where a step is about to act: what it finds there is never the user's
loss, nothing outside is touched, and the rest of the run goes on.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from strandline.core.ids import LibPath
from strandline.execute.result import Result
from strandline.library.files import crash
from tests.faults.reference import Reference
from tests.faults.scenes import SCENES
from tests.faults.size import runs, seed
from tests.faults.tally import tally
from tests.stage import Stage

PRECIOUS = b"only the user has this"
PRECIOUS_HASH = hashlib.sha256(PRECIOUS).hexdigest()
Swap = Callable[[Stage, Path], None]


def _aside(stage: Stage, path: Path) -> None:
    """The user moves what is there out of the library; it is theirs, and still there."""
    if os.path.lexists(path):
        path.rename(stage.home / "aside" / f"{len(os.listdir(stage.home / 'aside'))}")


def file_for_entry(stage: Stage, path: Path) -> None:
    _aside(stage, path)
    if path.parent.is_dir():
        path.write_bytes(PRECIOUS)


def link_for_entry(stage: Stage, path: Path) -> None:
    _aside(stage, path)
    if path.parent.is_dir():
        path.symlink_to(stage.home / "outside" / "precious.txt")


def folder_for_entry(stage: Stage, path: Path) -> None:
    _aside(stage, path)
    if path.parent.is_dir():
        path.mkdir()
        (path / "mine.txt").write_bytes(PRECIOUS)


def nothing_for_entry(stage: Stage, path: Path) -> None:
    _aside(stage, path)


def link_for_folder(stage: Stage, path: Path) -> None:
    folder = path if path.parent == stage.shelf else path.parent
    _aside(stage, folder)
    folder.symlink_to(stage.home / "outside")


def other_folder(stage: Stage, path: Path) -> None:
    folder = path if path.parent == stage.shelf else path.parent
    _aside(stage, folder)
    folder.mkdir()
    (folder / path.name).write_bytes(PRECIOUS)


SWAPS: tuple[Swap, ...] = (
    file_for_entry, link_for_entry, folder_for_entry, nothing_for_entry, link_for_folder,
    other_folder,
)  # fmt: skip


@contextmanager
def at_place(number: int, act: Callable[[], None]) -> Iterator[None]:
    """``act`` when a run passes its ``number``-th place (from 0)."""
    passed = 0

    def hook(_: str) -> None:
        nonlocal passed
        passed += 1
        if passed == number + 1:
            act()

    crash.hook = hook
    try:
        yield
    finally:
        crash.hook = None


def places_acted_on(stage: Stage) -> list[LibPath]:
    """Where the coming run will act: its steps' paths, and where files come from."""
    with stage.open() as store:
        stage.snapshot(store)
        actions = stage.plan(store).actions
    sources = [getattr(action, "source", None) for action in actions]
    paths = [action.path for action in actions]
    return sorted({path for path in (*paths, *sources) if path})


@pytest.mark.parametrize("scene", [name for name in SCENES if name != "first run"])
def test_what_was_swapped_in_is_never_lost(scene: str, tmp_path: Path) -> None:
    reference = Reference(scene, tmp_path)
    passed = [name for name in reference.places if name in crash.CRASH_POINTS]
    dice = random.Random(seed())
    targets = places_acted_on(reference.again())
    kinds = [passed.index(name) for name in dict.fromkeys(passed)]
    for _ in range(runs("swaps", 400) // (len(SWAPS) * (len(SCENES) - 1))):
        number = kinds.pop() if kinds else dice.randrange(len(passed))
        for swap in SWAPS:
            swapped(reference.again(), swap, number, dice.choice(targets))
            tally("swaps").count()


def swapped(stage: Stage, swap: Swap, number: int, target: LibPath) -> None:
    for name in ("aside", "outside"):
        (stage.home / name).mkdir()
    (stage.home / "outside" / "precious.txt").write_bytes(PRECIOUS)
    before = stage.contents()
    done: list[set[int]] = []

    def act() -> None:
        swap(stage, stage.shelf / target.removeprefix("Playlists/"))
        done.append(precious(stage))

    what = (swap.__name__, number, target)
    with at_place(number, act):
        results = [stage.sync()]
    assert not done or done[0] <= precious(stage), ("I2", what)
    results.append(stage.sync())  # what stands under a name of ours is a damaged file of ours now
    assert not [item for result in results for item in bugs(result)], what
    aside = Stage(stage.home / "aside-seen")
    (stage.home / "aside").rename(aside.shelf / "aside")
    contents = stage.contents() | aside.contents()
    assert before <= contents, ("I1", what)
    assert not done or not done[0] or PRECIOUS_HASH in contents, ("I1", what)
    assert os.listdir(stage.home / "outside") == ["precious.txt"], ("I4", what)


def bugs(result: Result) -> list[str]:
    return [item.error for item in (*result.failed, *result.skipped) if item.code == "bug"]


def precious(stage: Stage) -> set[int]:
    """The inodes of the user's files that were swapped in and stand among the playlists."""
    files = [path for path in stage.shelf.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path.stat().st_ino for path in files if path.read_bytes() == PRECIOUS}
