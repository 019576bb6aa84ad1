"""What several of the adapters' tests start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from bare_client import Client
from tidalapi_side import Session, logged_in

from strandline.demo.server import StandIn
from strandline.demo.things import Playlist


@pytest.fixture
def mp3(tmp_path: Path) -> Path:
    """Where the playlists of a library lie; there is one, and it is empty."""
    (tmp_path / "mp3/Playlists/A").mkdir(parents=True)
    return tmp_path / "mp3"


@pytest.fixture
def session(tidal: StandIn) -> Iterator[Session]:
    """The real tidalapi, logged in to the empty account; tests fill it afterwards."""
    with logged_in(tidal) as session:
        yield session


@pytest.fixture
def client(tidal: StandIn) -> Iterator[Client]:
    """A bare client of the stand-in."""
    with requests.Session() as http:
        yield Client(tidal, http)


@pytest.fixture
def playlist(tidal: StandIn) -> Playlist:
    """Six tracks, named a to f."""
    return tidal.account.playlist("Set", [tidal.account.track(name) for name in "abcdef"])
