"""Two files that the database holds as equal are not: one was changed and its time put back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from mutagen.flac import FLAC

from strandline.errors import Exit
from tests.stage import Stage, copies

A, B, C = "aaaaaaaa-1", "bbbbbbbb-2", "cccccccc-3"
NAME = "Artist 1 - Title 1.flac"


def shared_by_copies(home: Path) -> Stage:
    stage = Stage(home)
    stage.policy = copies(stage.policy)
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2", "3")
    assert stage.sync().exit is Exit.DONE
    return stage


def spoil(path: Path) -> None:
    """Same inode, same size, same time; other bytes."""
    stat, data = path.stat(), bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(byte ^ 0x5A for byte in data[middle : middle + 200])
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("spoilt", ["Alpha", "Beta", "Gamma"])
@pytest.mark.parametrize(
    "change",
    [
        lambda stage: stage.drops(A),
        lambda stage: stage.drops(B),
        lambda stage: stage.lists(A, "Alpha", "2"),
        lambda stage: stage.lists(B, "Beta", "3"),
    ],
    ids=["primary's playlist deleted", "copy's playlist deleted", "leaves it", "leaves the copy's"],
)
def test_a_copy_that_differs_under_an_old_stamp_is_told_once_and_healed_by_the_next_run(
    tmp_path: Path, spoilt: str, change: Callable[[Stage], object]
) -> None:
    stage = shared_by_copies(tmp_path)
    spoil(stage.shelf / spoilt / NAME)
    before = stage.contents()
    change(stage)
    first = stage.sync()
    assert all(f"{NAME}: differs from" in it.error for it in first.skipped if it.track == "1")
    second = stage.sync()
    assert second.exit is Exit.DONE
    assert stage.pending().actions == ()
    assert before <= stage.contents()


def test_copies_of_a_library_that_was_itself_copied_without_times_are_not_made_anew(
    tmp_path: Path,
) -> None:
    """Content decides, in every check from then on; and a primary that is changed tells."""
    stage = shared_by_copies(tmp_path)
    old = stage.root.rename(tmp_path / "old")
    shutil.copytree(old, stage.root, copy_function=shutil.copyfile)
    for _ in range(2):
        assert stage.pending().actions == ()
        result = stage.sync()
        assert (result.exit, sum(result.done.values())) == (Exit.DONE, 0)
    tags = FLAC(stage.shelf / "Alpha" / NAME)
    tags["comment"] = "the person's"
    tags.save()
    assert stage.sync().done["relink"] == 2
    assert stage.pending().actions == ()
