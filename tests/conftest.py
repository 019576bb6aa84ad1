"""Fixtures every test may use."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from strandline.demo.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ("tests.faults.tally",)

# A change is judged by the same examples each time; the soak, which sets a seed, looks for others.
settings.register_profile("gate", derandomize=True)
if "STRANDLINE_SEED" not in os.environ:
    settings.load_profile("gate")

MEMORY, ROOM = Path("/dev/shm"), 4 << 30


def _put_folders_in_memory() -> None:
    """Most of a test's time is fsync; where memory has room, its folders lie there.

    ``TMPDIR=/tmp ./dev test`` has them on a disk.
    """
    if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK):
        free = os.statvfs(MEMORY)
        if free.f_bavail * free.f_frsize >= ROOM:
            os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


_put_folders_in_memory()


@pytest.fixture
def tidal() -> Iterator[StandIn]:
    """A stand-in TIDAL with an empty account; point STRANDLINE_TIDAL_URL to ``tidal.url``."""
    with StandIn() as server:
        yield server
