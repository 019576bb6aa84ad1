"""What several of the adapters' tests start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from bare_client import Client
from disk import NoHardLinks, OldKernel
from tidalapi_side import Session, logged_in

from strandline.demo.model import Playlist
from strandline.demo.server import StandIn
from strandline.library.files import LibraryFiles, Syscalls


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


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A library with a track in A, a link to it in B, and a note of the user's."""
    playlists = tmp_path / "library/mp3/Playlists"
    (playlists / "A").mkdir(parents=True)
    (playlists / "B").mkdir()
    (playlists / "A/x.mp3").write_text("audio")
    (playlists / "A/mine.txt").write_text("mine")
    (playlists / "B/x.mp3").symlink_to("../A/x.mp3")
    return tmp_path / "library"


@pytest.fixture(params=[Syscalls, OldKernel, NoHardLinks], ids=lambda kind: kind.__name__)
def files(root: Path, request: pytest.FixtureRequest) -> Iterator[LibraryFiles]:
    """LibraryFiles on each kind of disk."""
    with LibraryFiles(root, request.param()) as opened:
        yield opened
