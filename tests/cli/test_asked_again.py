"""An unavailable track is asked for again by each run, and fetched once it can be had."""

from __future__ import annotations

import re

import pytest

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Availability
from strandline.tidal.retry import RateLimiter
from tests.cli.refused import INFO, many, sync
from tests.cli.terminal import Terminal


def test_a_track_that_is_refused_while_others_play_is_named_and_asked_for_again(
    t: Terminal,
) -> None:
    many(t)
    track = next(iter(t.account.playlists.values())).entries[3].item
    path = f"/v1/tracks/{track.id}/playbackinfopostpaywall"
    t.tidal.faults.on(path, effects.status(401, sub_status=4005), times=None)
    said = sync(t)
    assert said.code == 0, "there is evidence about this very track"
    (told,) = said.json["unavailable"]
    assert (told["track"], told["on_disk"]) == (str(track.id), False)
    for _ in range(2):
        before = len(t.tidal.asked(path))
        check = t("sync-check", "--exit-code", "--json")
        assert (check.code, check.json["in_sync"]) == (0, True)
        assert [one["track"] for one in check.json["unavailable"]] == [str(track.id)]
        assert len(t.tidal.asked(path)) == before + 1
    t.tidal.faults.clear()
    assert t("sync-check", "--exit-code").code == 3
    assert sync(t).json["result"]["done"]["download"] == 1
    assert sync(t).json["unavailable"] == []


@pytest.mark.parametrize("how", list(Availability))
def test_an_upload_that_becomes_playable_is_fetched_by_the_next_run(
    t: Terminal, how: Availability
) -> None:
    if how is Availability.AVAILABLE:
        pytest.skip("it is there")
    many(t, 3)
    track = next(iter(t.account.playlists.values())).entries[1].item
    t.account.withhold(track, how)
    assert sync(t).code == 0
    assert t("sync-check", "--exit-code").code == 0
    updated = [playlist.last_updated for playlist in t.account.playlists.values()]
    track.availability = Availability.AVAILABLE
    assert [playlist.last_updated for playlist in t.account.playlists.values()] == updated
    assert t("sync-check", "--exit-code").code == 3
    assert sync(t).json["result"]["done"]["download"] == 1
    assert len(list(t.playlists.glob("Deep House/*"))) == 3


def test_two_hundred_are_asked_for_in_a_run_and_the_oldest_first(
    t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    from strandline.app import asking

    assert asking.MOST == 200
    monkeypatch.setattr(asking, "MOST", 3)
    many(t, 8)
    for track in list(t.account.tracks.values()):
        t.account.withhold(track, Availability.GREYED_OUT)
    turns = []
    for _ in range(3):
        before = len(t.tidal.requests)
        assert t("sync-check").code == 0
        asked = [request.path for request in t.tidal.requests[before:]]
        turns.append([path for path in asked if re.fullmatch(r"/v1/tracks/\d+", path)])
    assert [len(turn) for turn in turns] == [3, 3, 3]
    assert len({path for turn in turns for path in turn}) == 8, "each before any comes again"


def test_a_block_while_unavailable_tracks_are_asked_for_is_told(t: Terminal) -> None:
    many(t)
    track = next(iter(t.account.playlists.values())).entries[3].item
    path = f"/v1/tracks/{track.id}/playbackinfopostpaywall"
    t.tidal.faults.on(path, effects.status(401, sub_status=4005), times=None)
    assert sync(t).code == 0
    t.tidal.blocks.refuse_playback(4006)
    t.tidal.faults.clear()
    said = sync(t)
    assert said.code == 8
    assert said.json["not_asked"]["error"] == "account_refused"
    assert [one["track"] for one in said.json["unavailable"]] == [str(track.id)]


@pytest.mark.parametrize(
    "odd", [effects.status(410), effects.status(403), effects.status(400, sub_status=1002),
            effects.status(200, "html"), effects.status(500)]
)  # fmt: skip
def test_an_odd_answer_about_an_unavailable_track_is_about_that_one(
    t: Terminal, monkeypatch: pytest.MonkeyPatch, odd: Effect
) -> None:
    """It comes first, and the other one, which can be had again, is asked for all the same."""
    monkeypatch.setattr(RateLimiter, "wait", lambda _: None)
    many(t)
    first, second = (
        f"/v1/tracks/{entry.item.id}/playbackinfopostpaywall"
        for entry in next(iter(t.account.playlists.values())).entries[3:5]
    )
    for path in (first, second):
        t.tidal.faults.on(path, effects.status(401, sub_status=4005), times=None)
    assert len(sync(t).json["unavailable"]) == 2
    t.tidal.faults.clear()
    t.tidal.faults.on(first, odd, times=None)
    said = sync(t)
    assert (said.code, said.json["not_asked"]) == (0, None)
    assert said.json["result"]["done"]["download"] == 1
    assert len(said.json["unavailable"]) == 1
    said = sync(t)
    assert (said.code, said.json["not_asked"]) == (0, None), "one that played tells"


def test_an_odd_answer_about_every_track_is_about_none(t: Terminal) -> None:
    many(t)
    track = next(iter(t.account.playlists.values())).entries[3].item
    path = f"/v1/tracks/{track.id}/playbackinfopostpaywall"
    t.tidal.faults.on(path, effects.status(401, sub_status=4005), times=None)
    assert sync(t).code == 0
    t.tidal.faults.clear()
    t.tidal.faults.on(INFO, effects.status(410), times=None)
    said = sync(t)
    assert (said.code, said.json["not_asked"]["error"]) == (8, "answers_changed")
    assert "newer strandline" in said.json["not_asked"]["hint"]


def test_unavailable_tracks_that_the_disk_has_are_named_as_such(t: Terminal) -> None:
    many(t, 2)
    assert sync(t).code == 0
    for track in list(t.account.tracks.values()):
        t.account.withhold(track, Availability.PLACEHOLDER)
    found = t("sync-check", "--full", "--json")
    assert found.code == 0
    assert [one["on_disk"] for one in found.json["unavailable"]] == [True, True]
    assert "not available" not in t("sync-check").out
