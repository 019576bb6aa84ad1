"""Replicas of TIDAL's that lag: any of its answers may be older than one that was read before.

What TIDAL listed then and lists now stays on disk, whatever a replica says in between (I20); exit 0
is not said where a newer state is known; and once the replicas have caught up, one run heals all.
"""

from __future__ import annotations

import random

import pytest

from strandline.demo.model import Playlist, Track
from strandline.demo.replica import lagging
from tests.cli.terminal import Terminal
from tests.faults.size import runs, seed
from tests.faults.tally import tally

LISTS, FOLDERS = "/v1/users/*/playlistsAndFavoritePlaylists", "/v2/my-collection/playlists/folders"
HEADER, ITEMS = "/v1/playlists/*", "/v1/playlists/*/items"
ENDPOINTS = (LISTS, FOLDERS, HEADER, ITEMS)
SYNC = ("sync-execute", "--yes", "--max-removals", "100%", "--json")
BATTERY = "stale reads"
Held = set[tuple[str, str]]


@pytest.fixture
def t(fresh: Terminal) -> Terminal:
    """Four playlists, one of them another's, that share tracks; synced."""
    terminal = fresh.logged_in()
    tracks = [terminal.track(f"x{number}") for number in range(8)]
    for name in ("A", "B", "C"):
        terminal.account.playlist(name, tracks[:5])
    terminal.account.follow("Theirs", tracks[3:])
    assert terminal(*SYNC).code == 0
    return terminal


def wanted(t: Terminal) -> Held:
    """What TIDAL lists today: playlist and title."""
    return {
        (playlist.title, track.title)
        for playlist in t.account.playlists.values()
        if playlist.collected is not None
        for track in playlist.tracks
    }


def held(t: Terminal) -> Held:
    """What a player finds: links are followed."""
    return {
        (path.parent.name, path.stem.removeprefix("Ana - "))
        for path in t.playlists.glob("*/*")
        if path.exists()
    }


def changed(t: Terminal, dice: random.Random, number: int) -> None:
    """As a person does it: tracks come, go and move; a playlist comes, or goes."""
    account = t.account
    playlists = [one for one in account.playlists.values() if one.collected is not None]
    tracks: list[Track] = sorted(account.tracks.values(), key=lambda track: track.id)
    for _ in range(dice.randint(1, 4)):
        playlist: Playlist = dice.choice(playlists)
        match dice.choice(("add", "remove", "swap", "move")):
            case "add":
                account.add(playlist, dice.choice(tracks))
            case "remove" if len(playlist.entries) > 2:
                account.remove(playlist, dice.randrange(len(playlist.entries)))
            case "swap" if len(playlist.entries) > 2:
                account.remove(playlist, dice.randrange(len(playlist.entries)))
                account.add(playlist, dice.choice(tracks))
            case "move":
                account.move(playlist, 0, len(playlist.entries) - 1)
    if dice.random() < 0.3:
        make = account.follow if dice.random() < 0.5 else account.playlist
        make(f"New {number}", dice.sample(tracks, 3))
    if dice.random() < 0.15 and len(playlists) > 3:
        account.delete(playlists[-1])


def test_an_older_answer_takes_nothing_away(t: Terminal) -> None:
    dice = random.Random(seed())
    for number in range(runs("stale", 30)):
        old = lagging(t.account)
        changed(t, dice, number)
        said = t(*SYNC)
        assert said.code == 0, said
        known = wanted(t)
        if dice.random() < 0.5:
            changed(t, dice, number + 1000)
        both = known & wanted(t)
        endpoints = dice.sample(ENDPOINTS, dice.randint(1, 4))
        for endpoint in endpoints:
            times = dice.choice((1, 2, None))
            t.tidal.faults.on(endpoint, old, nth=dice.randint(1, 2), times=times)
        full = ["--full"] if dice.random() < 0.3 else []
        said = t(*SYNC, *full)
        t.tidal.faults.clear()
        what = f"round {number}, {endpoints}: {said}"
        assert said.code in (0, 4), what
        assert both <= held(t), f"I20: {both - held(t)} went, {what}"
        heals(t, what)
        tally(BATTERY).count()


def heals(t: Terminal, what: str) -> None:
    """The replicas have caught up: one run, and all is as TIDAL lists it."""
    said = t(*SYNC)
    assert said.code == 0, f"after {what}: {said}"
    assert held(t) == wanted(t), what
    assert t("sync-check", "--json").json["in_sync"], what


@pytest.mark.parametrize("endpoints", [ENDPOINTS, (LISTS, FOLDERS), (HEADER, ITEMS), (ITEMS,)])
def test_every_kind_of_lag_in_one_story(t: Terminal, endpoints: tuple[str, ...]) -> None:
    """Two tracks left and one came, and a playlist; then a replica answers as if not."""
    account = t.account
    a = next(iter(account.playlists.values()))
    old = lagging(account)
    account.add(a, t.track("new"))
    late = account.playlist("Late", [t.track("late")])
    assert t(*SYNC).code == 0
    today = wanted(t)
    for endpoint in endpoints:
        t.tidal.faults.on(endpoint, old, times=None)
    said = t(*SYNC, "--full")
    t.tidal.faults.clear()
    assert said.code == (4 if LISTS in endpoints or ITEMS in endpoints else 0), said
    assert today <= held(t), said
    assert all(said.json["counts"][kind] == 0 for kind in ("trash", "unlink", "download")), said
    if set(endpoints) == {LISTS, FOLDERS}:
        (told,) = said.json["tidal"]["incomplete"]
        assert told["playlist"] == late.uuid
        assert "older" in told["reason"]
    heals(t, str(endpoints))
    tally(BATTERY).count()


@pytest.mark.parametrize("own", [True, False])
def test_a_list_from_before_a_playlist_came_tells_of_no_end_of_it(t: Terminal, own: bool) -> None:
    """Nothing else has changed, so nothing in the list shows that it is old."""
    account = t.account
    old = lagging(account)
    make = account.playlist if own else account.follow
    make("Late", [t.track("late")])
    assert t(*SYNC).code == 0
    for endpoint in (LISTS, FOLDERS):
        t.tidal.faults.on(endpoint, old, times=None if own else 1)
    said = t(*SYNC)
    t.tidal.faults.clear()
    assert said.code == (4 if own else 0), said
    assert ("Late", "late") in held(t)
    heals(t, "a list from before")
    tally(BATTERY).count()
