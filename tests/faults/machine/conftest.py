"""Disks for the tests that need some of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.machine.mounts import Mounts
from tests.faults.machine.need import need_mounts, why_no_mounts


@pytest.fixture
def mounts(tmp_path: Path) -> Iterator[Mounts]:
    """Mounts that nobody else sees; images lie in memory, so that nothing waits for a disk."""
    need_mounts()
    images = tmp_path / "images"
    found = Mounts(images)
    found.tmpfs(images, "size=900m")
    yield found
    found.end()


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where one may mount; else an ordinary one."""
    folder = tmp_path / "memory"
    folder.mkdir()
    found = Mounts(folder)
    if why_no_mounts() is None:
        found.tmpfs(folder, "size=400m")
    yield folder
    found.end()
