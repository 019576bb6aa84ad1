"""A home for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strandline.demo.server import StandIn
from tests.faults.direct import direct
from tests.faults.person import impatient
from tests.scenarios.home import Home


@pytest.fixture
def home(tmp_path: Path, tidal: StandIn) -> Iterator[Home]:
    """Logged in, with an empty account and no library yet. Nobody waits for a socket, or to ask
    TIDAL again."""
    with impatient(), direct(tidal):
        yield Home(tmp_path, tidal)
