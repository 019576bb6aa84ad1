"""Safety stops that a plan can be seen to need."""

from __future__ import annotations

import pytest

from strandline.config.keys import Limit
from strandline.core.safety_stops import alarms
from tests.core.memory import Story


def synced(tracks: int) -> Story:
    story = Story(playlists={"A": [str(n) for n in range(tracks)], "B": ["0"]})
    story.sync()
    return story


def codes(story: Story, limit: str = "25%") -> list[str]:
    allowed = Limit.parse(limit).of(len(story.ledger.entries))
    return [a.code for a in alarms(story.check(), story.snapshot, story.ledger, allowed=allowed)]


@pytest.mark.parametrize(
    ("left", "limit", "stop"),
    [
        (35, "25%", []),
        (29, "25%", ["mass_removal"]),
        (29, "30%", []),
        (29, "11", []),
        (29, "10", ["mass_removal"]),
        (35, "0", []),  # five may always go
        (34, "0", ["mass_removal"]),
    ],
)
def test_more_removals_than_allowed_stop_the_run(left: int, limit: str, stop: list[str]) -> None:
    story = synced(40)
    story.playlists["A"] = story.playlists["A"][:left]
    assert codes(story, limit) == stop


def test_an_account_without_playlists_where_there_were_some_stops_the_run() -> None:
    story = synced(2)
    story.playlists = {}
    assert codes(story) == ["empty_tidal"]
    assert codes(story, "100%") == ["empty_tidal"]  # no limit goes past it


def test_copies_that_give_way_to_links_are_no_removals() -> None:
    story = Story()
    for folder in "ABCDEFGH":
        for track in "123":
            story.library.put(f"{folder}/{track}.mp3", f"id:{track}|same")
        story.playlists[folder] = list("123")
    assert story.check().counts["trash"] == 21
    assert codes(story, "0") == []


@pytest.mark.parametrize(
    ("tracks", "lost", "stop"),
    [
        (40, 20, []),  # twenty may always come
        (40, 21, ["mass_refetch"]),
        (100, 25, []),
        (100, 26, ["mass_refetch"]),
    ],
)
@pytest.mark.parametrize("checks", [0, 2])
def test_many_lost_files_are_not_fetched_again_unasked(
    tracks: int, lost: int, stop: list[str], checks: int
) -> None:
    story = synced(tracks)
    for number in range(lost):
        story.library.delete(f"A/Artist - {number}.mp3")
    for _ in range(checks):
        story.note(story.check())
    assert codes(story, "100%") == stop


def test_new_tracks_are_no_refetch_however_many() -> None:
    story = synced(10)
    story.playlists["C"] = [str(n) for n in range(100, 200)]
    assert codes(story) == []
