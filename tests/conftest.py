"""Fixtures every test may use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from strandline.demo.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ("tests.faults.tally",)


@pytest.fixture
def tidal() -> Iterator[StandIn]:
    """A stand-in TIDAL with an empty account; point STRANDLINE_TIDAL_URL to ``tidal.url``."""
    with StandIn() as server:
        yield server
