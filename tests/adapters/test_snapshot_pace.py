"""Snapshots and time: how much is asked at once, how often, and what an interrupted one leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from stored import open_store
from tidal_side import ITEMS, FakeTime, MemoryStore, client_of, issued

from strandline.core.ids import PlaylistId
from strandline.core.remote import KnownPlaylist, RemotePlaylist
from strandline.demo import effects
from strandline.demo.http import Answer, Request
from strandline.demo.model import Playlist
from strandline.demo.server import StandIn
from strandline.errors import LoginError, UnreachableError
from strandline.tidal import snapshot
from strandline.tidal.login_store import TokenStore
from strandline.tidal.retry import RetryPolicy
from strandline.tidal.snapshot import SnapshotReport, TidalSnapshotService, is_unchanged


def crates(tidal: StandIn, count: int, size: int = 1) -> list[Playlist]:
    return [
        tidal.account.playlist(
            f"Crate {number:03d}", [tidal.account.track(f"{number}-{n}") for n in range(size)]
        )
        for number in range(count)
    ]


def take(
    tidal: StandIn, state: Path, store: MemoryStore, time: FakeTime | None = None, **more: int
) -> SnapshotReport:
    client = client_of(tidal, state, time or FakeTime())
    return TidalSnapshotService(client, store, now=lambda: store.now, **more).take()


class InFlight:
    """How many requests the stand-in answers at a time; it holds them until ``together`` are."""

    def __init__(self, together: int) -> None:
        self.now = self.most = 0
        self._together, self._met = threading.Barrier(together), False
        self._lock = threading.Lock()

    def arrives(self) -> None:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        if not self._met:
            self._together.wait(timeout=30)
            self._met = True

    def leaves(self, _request: Request, answer: Answer) -> Answer:
        with self._lock:
            self.now -= 1
        return answer


# ---------------------------------------------------------------- at once


def test_eight_playlists_are_read_at_a_time_and_never_more(tidal: StandIn, tmp_path: Path) -> None:
    crates(tidal, 40)
    flight = InFlight(8)
    tidal.faults.on(ITEMS, flight.leaves, before=flight.arrives, times=None)
    assert take(tidal, tmp_path, MemoryStore()).complete
    assert flight.most == 8


def test_the_pages_of_a_long_playlist_are_read_side_by_side_and_stay_in_order(
    tidal: StandIn, tmp_path: Path
) -> None:
    (long,) = crates(tidal, 1, 1_250)
    flight = InFlight(4)
    later = [{"offset": str(offset)} for offset in range(100, 1_250, 100)]
    for query in later:
        tidal.faults.on(ITEMS, flight.leaves, before=flight.arrives, query=query, times=None)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Crate 000") == [track.title for track in long.tracks]
    assert len(tidal.asked(ITEMS)) == 13
    assert flight.most == 4


@pytest.fixture
def opened(tidal: StandIn, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """A connection each that was made to the stand-in."""
    made: list[object] = []
    serve = tidal._wire.process_request

    def count(request: object, address: object) -> None:
        made.append(address)
        serve(request, address)

    monkeypatch.setattr(tidal._wire, "process_request", count)
    return made


def test_long_playlists_together_keep_to_the_same_number(
    tidal: StandIn, tmp_path: Path, opened: list[object]
) -> None:
    crates(tidal, 24, 450)
    flight = InFlight(8)
    tidal.faults.on(ITEMS, flight.leaves, before=flight.arrives, times=None)
    assert take(tidal, tmp_path, MemoryStore()).complete
    assert flight.most == 8
    assert len(opened) <= 8


def test_connections_are_used_again(tidal: StandIn, tmp_path: Path, opened: list[object]) -> None:
    crates(tidal, 150)
    report = take(tidal, tmp_path, MemoryStore())
    assert report.requests == len(tidal.requests) > 150
    assert len(opened) <= 8


# ---------------------------------------------------------------- when TIDAL asks to go slower


class Obeying(FakeTime):
    """Holds, from the refusal on, whatever is on its way, until somebody waits for that refusal."""

    def __init__(self) -> None:
        super().__init__()
        self._refused: int | None = None
        self._obeyed = threading.Event()

    def refuses(self) -> None:
        self._refused = threading.get_ident()

    def held_until_obeyed(self) -> None:
        if self._refused not in (None, threading.get_ident()):
            self._obeyed.wait(timeout=30)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._obeyed.set()


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_one_429_is_obeyed_by_all(tidal: StandIn, tmp_path: Path, form: str) -> None:
    crates(tidal, 60)
    time, arrived = Obeying(), []
    until = format_datetime(time.now() + timedelta(seconds=20), usegmt=True)
    header = "20" if form == "seconds" else until

    def arrives() -> None:
        arrived.append(time.seconds)
        time.held_until_obeyed()

    refused = tidal.faults.on(ITEMS, effects.too_many(header), before=time.refuses, nth=10)
    tidal.faults.on(ITEMS, before=arrives, times=None)
    began = time.seconds
    assert take(tidal, tmp_path, MemoryStore(), time).complete
    early = sum(moment < began + 19 for moment in arrived)
    assert refused.hits == 1
    assert 10 <= early <= 10 + 7, "only what was on its way already"
    assert len(arrived) == 61
    assert max(time.waits) <= 20 + 60 * 0.05


@pytest.mark.parametrize("header", ["86400", "9" * 40, "Fri, 01 Jan 2100 00:00:00 GMT"])
def test_an_absurd_429_does_not_stop_a_snapshot_for_a_day(
    tidal: StandIn, tmp_path: Path, header: str
) -> None:
    crates(tidal, 20)
    time = FakeTime()
    tidal.faults.on(ITEMS, effects.too_many(header), nth=5)
    assert take(tidal, tmp_path, MemoryStore(), time).complete
    assert max(time.waits) <= RetryPolicy().longest_wait + 2


def test_429_for_ever_ends_with_what_is_there(tidal: StandIn, tmp_path: Path) -> None:
    crates(tidal, 100)
    tidal.faults.on(ITEMS, effects.too_many("30"), nth=31, times=None)
    store = MemoryStore()
    report = take(tidal, tmp_path, store, FakeTime())
    assert not report.complete
    assert 60 <= len(report.incomplete) <= 70
    assert len(tidal.asked(ITEMS)) <= 30 + 16 * RetryPolicy().tries
    assert len(store.items) == 100 - len(report.incomplete)


# ---------------------------------------------------------------- commits


def test_playlists_are_stored_many_at_a_time(
    tidal: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "COMMIT_ITEMS", 30)
    crates(tidal, 50, 3)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    assert [len(names) for names in store.saves] == [10] * 5


def test_what_was_read_is_stored_after_a_second_however_little_it_is(
    tidal: StandIn, tmp_path: Path
) -> None:
    crates(tidal, 6)
    time, store = FakeTime(), MemoryStore()

    def later() -> None:
        time.seconds += 1

    tidal.faults.on(ITEMS, before=later, times=None)
    take(tidal, tmp_path, store, time, workers=1)
    assert len(store.saves) >= 3
    assert sorted(name for names in store.saves for name in names) == [
        f"Crate {number:03d}" for number in range(6)
    ]


def test_what_was_read_before_the_login_ended_is_stored(tidal: StandIn, tmp_path: Path) -> None:
    crates(tidal, 40)
    tidal.faults.on(ITEMS, before=tidal.logins.revoke, nth=30)
    store = MemoryStore()
    with pytest.raises(LoginError):
        take(tidal, tmp_path, store)
    assert 20 <= len(store.items) < 30
    assert store.complete is None


# ---------------------------------------------------------------- cut off

CHILD = """
import sys
from pathlib import Path
from strandline.db.store import Store
from strandline.tidal import contents, snapshot
from strandline.tidal.client import TidalClient
from strandline.tidal.http import HttpSession
from strandline.tidal.login_store import TokenStore
url, folder = sys.argv[1], Path(sys.argv[2])
snapshot.COMMIT_ITEMS = contents.MOST_AHEAD = 1
with Store.open(folder / "strandline.db", folder) as store:
    client = TidalClient(TokenStore(folder), HttpSession(origin=url))
    snapshot.TidalSnapshotService(client, store.snapshots, workers=1).take()
"""


@pytest.fixture
def home(tidal: StandIn, tmp_path: Path) -> Path:
    TokenStore(tmp_path).save(issued(tidal))
    open_store(tmp_path).close()
    return tmp_path


def test_a_snapshot_that_was_killed_goes_on_where_it_stopped(tidal: StandIn, home: Path) -> None:
    playlists = crates(tidal, 40)
    words = [sys.executable, "-c", CHILD, tidal.url, str(home)]
    started = threading.Event()

    def kill() -> None:
        started.wait()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()

    tidal.faults.on(ITEMS, before=kill, nth=30)
    child = subprocess.Popen(words, stderr=subprocess.DEVNULL)
    started.set()
    assert child.wait() == -signal.SIGKILL
    asked = len(tidal.asked(ITEMS))
    assert asked == 30
    with open_store(home) as store:
        assert len(store.snapshots.known_playlists()) == 29
        assert not store.load_snapshot().complete, "nothing may be removed yet"
        client = client_of(tidal, home)
        report = TidalSnapshotService(client, store.snapshots, now=store.snapshots._clock).take()
        wanted = store.load_snapshot()
    assert report.complete
    assert report.skipped_unchanged == 29
    assert len(tidal.asked(ITEMS)) - asked == 11
    assert wanted.complete
    assert {id_: len(one.tracks) for id_, one in wanted.playlists.items()} == {
        playlist.uuid: 1 for playlist in playlists
    }


def test_a_snapshot_that_the_service_broke_off_goes_on_where_it_stopped(
    tidal: StandIn, tmp_path: Path
) -> None:
    crates(tidal, 60)
    tidal.faults.on(ITEMS, effects.status(503), nth=31, times=None)
    store = MemoryStore()
    first = take(tidal, tmp_path, store)
    assert len(store.items) == 30
    tidal.faults.clear()
    asked = len(tidal.asked(ITEMS))
    second = take(tidal, tmp_path, store)
    assert (first.complete, second.complete) == (False, True)
    assert second.skipped_unchanged == 30
    assert len(tidal.asked(ITEMS)) - asked == 30
    assert len(store.items) == 60


def test_a_service_gone_before_the_list_is_read_leaves_everything_as_it_was(
    tidal: StandIn, tmp_path: Path
) -> None:
    crates(tidal, 3)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    saves = list(store.saves)
    tidal.faults.on("/v*/**", effects.reset(0), times=None)
    with pytest.raises(UnreachableError):
        take(tidal, tmp_path, store)
    assert store.saves == saves


# ---------------------------------------------------------------- what seems unchanged


@pytest.mark.parametrize("days", [1, 7, 30])
def test_nightly_runs_read_every_playlist_in_time_and_never_most_of_them_in_one_night(
    days: int,
) -> None:
    began = MemoryStore().now
    lists = [RemotePlaylist(PlaylistId(f"{n:04d}"), "x", last_updated=began) for n in range(500)]
    read = dict.fromkeys((one.tidal_id for one in lists), began)
    nights = []
    for night in range(1, 8 * days + 1):
        now = began + timedelta(days=night, minutes=(night * 37) % 20 - 10)
        due = [
            one.tidal_id
            for one in lists
            if not is_unchanged(
                one,
                KnownPlaylist(began, 0, 0, "x", True, read[one.tidal_id]),
                now,
                timedelta(days=days),
            )
        ]
        assert all(now - then < timedelta(days=days, hours=1) for then in read.values())
        read |= dict.fromkeys(due, now)
        nights.append(len(due))
    if days > 1:
        assert max(nights) < 500 / 2
        assert sum(nights) < 8 * 500 * 1.6, "nor much more often than asked for"
