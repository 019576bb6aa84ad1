"""A terminal for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from strandline.demo.server import StandIn
from strandline.execute import circuit_breaker
from strandline.tidal.retry import RetryPolicy
from tests.cli.pool import POOL
from tests.cli.stick import Stick
from tests.cli.terminal import Terminal, two_playlists
from tests.faults.direct import direct


@pytest.fixture
def fresh(
    tmp_path: Path,
    tidal: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[Terminal]:
    """Nothing yet: no login, no database, no library. Nobody waits before asking TIDAL again."""
    monkeypatch.setattr(RetryPolicy, "backoff", lambda *_: 0.0)
    monkeypatch.setattr(circuit_breaker, "FIRST_WAIT", 0.0)
    monkeypatch.setattr(circuit_breaker, "LONGEST_ASKED", 0.0)
    terminal = Terminal(tmp_path, tidal, monkeypatch, capfd)
    yield terminal
    sys.stdin.close()


@pytest.fixture
def t(fresh: Terminal) -> Terminal:
    """Logged in, with an empty account."""
    return fresh.logged_in()


@pytest.fixture
def synced(t: Terminal) -> Terminal:
    """Two playlists that share a track, synced."""
    two_playlists(t)
    return _in_sync(t)


@pytest.fixture
def stick(synced: Terminal) -> Stick:
    """An empty one, beside a library of two playlists that share a track."""
    return Stick(synced)


@pytest.fixture
def pooled(t: Terminal) -> Terminal:
    """Two playlists that share a track, synced into the pool."""
    t.settings.write_text(POOL)
    two_playlists(t)
    return _in_sync(t)


def _in_sync(t: Terminal) -> Terminal:
    """The same questions and answers as over the wire, in half the time."""
    with direct(t.tidal):
        said = t("sync-execute", "--yes")
    assert said.code == 0, said.err
    return t
