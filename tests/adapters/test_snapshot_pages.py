"""Snapshots: a spoiled page makes its playlist incomplete; unknown is not empty."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from snapshots import PAGE_2, SPOILED_PAGES, crate, take
from tidal_side import ITEMS, MemoryStore

from strandline.demo import effects
from strandline.demo.server import StandIn


@pytest.mark.parametrize("query", [{"offset": "0"}, PAGE_2], ids=["first page", "second page"])
@pytest.mark.parametrize("kind", SPOILED_PAGES)
def test_a_spoiled_page_makes_its_playlist_incomplete_and_no_other(
    tidal: StandIn, tmp_path: Path, kind: str, query: dict[str, str]
) -> None:
    effect, words = SPOILED_PAGES[kind]
    spoiled = crate(tidal, "Spoiled", 150)
    crate(tidal, "Sound", 120)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    path = f"/v1/playlists/{spoiled.uuid}/items"
    tidal.faults.on(path, effect, query=query, times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert not report.complete
    assert [one.name for one in report.incomplete] == ["Spoiled"]
    assert re.search(words, report.incomplete[0].reason), report.incomplete[0].reason
    assert store.reasons.keys() == {spoiled.uuid}
    assert len(store.titles("Spoiled")) == 150, "what was known stays"
    assert store.complete is True, "the list itself was whole"
    assert spoiled.uuid in store.seen


@pytest.mark.parametrize("kind", SPOILED_PAGES)
def test_a_page_that_is_spoiled_for_a_moment_only_is_no_matter_or_is_told(
    tidal: StandIn, tmp_path: Path, kind: str
) -> None:
    crate(tidal, "Spoiled", 150)
    tidal.faults.on(ITEMS, SPOILED_PAGES[kind][0], query=PAGE_2, times=1)
    store = MemoryStore()
    report = take(tidal, tmp_path, store)
    assert report.complete == (store.titles("Spoiled")[-1] == "Spoiled 149")
    assert report.complete == (not store.reasons)
    tidal.faults.clear()
    assert take(tidal, tmp_path, store).complete, "and is read again by itself"
    assert len(store.titles("Spoiled")) == 150


def test_an_empty_answer_for_a_full_playlist_is_not_believed(
    tidal: StandIn, tmp_path: Path
) -> None:
    crate(tidal, "Full", 40)
    tidal.faults.on(ITEMS, effects.empty_list(), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert report.incomplete[0].reason == "TIDAL announced 40 items and delivered 0"


def test_a_server_that_ignores_the_offset_is_noticed(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Long", 250)
    tidal.faults.on(ITEMS, ask=effects.first_page, times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert not report.complete
    assert "twice" in report.incomplete[0].reason


def test_a_server_that_gives_fewer_at_a_time_is_followed(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Long", 130)

    def fewer(request: object) -> object:
        return request._replace(query=request.query | {"limit": "40"})

    tidal.faults.on(ITEMS, ask=fewer, times=None)
    store = MemoryStore()
    assert take(tidal, tmp_path, store).complete
    assert store.titles("Long") == [track.title for track in playlist.tracks]


def test_an_absurd_total_ends(tidal: StandIn, tmp_path: Path) -> None:
    crate(tidal, "Endless", 5)
    tidal.faults.on(ITEMS, effects.total(10**12), times=None)
    report = take(tidal, tmp_path, MemoryStore())
    assert "delivered 5" in report.incomplete[0].reason
    assert len(tidal.asked(ITEMS)) < 10


def test_a_listed_playlist_that_is_not_found_is_a_blip(tidal: StandIn, tmp_path: Path) -> None:
    playlist = crate(tidal, "Here", 3)
    store = MemoryStore()
    take(tidal, tmp_path, store)
    tidal.faults.on(ITEMS, effects.status(404), times=None)
    report = take(tidal, tmp_path, store, full=True)
    assert "404" in report.incomplete[0].reason
    assert playlist.uuid in store.seen
    assert len(store.titles("Here")) == 3
