"""A home for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from strandline.demo.server import StandIn
from tests.scenarios.home import Home


@pytest.fixture
def home(tmp_path: Path, tidal: StandIn) -> Home:
    """Logged in, with an empty account and no library yet."""
    return Home(tmp_path, tidal)
