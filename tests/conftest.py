"""Fixtures every test may use."""

from __future__ import annotations

import os
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


@pytest.fixture
def tidal() -> Iterator[StandIn]:
    """A stand-in TIDAL with an empty account; point STRANDLINE_TIDAL_URL to ``tidal.url``."""
    with StandIn() as server:
        yield server
