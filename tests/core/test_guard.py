"""Safety stops that a plan can be seen to need."""

from __future__ import annotations

import pytest

from strandline.config import Limit
from strandline.core.guard import alarms
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
    assert codes(story, "100%") == []


def test_copies_that_give_way_to_links_are_no_removals() -> None:
    story = Story()
    for folder in "ABCDEFGH":
        for track in "123":
            story.library.put(f"{folder}/{track}.mp3", f"id:{track}|same")
        story.playlists[folder] = list("123")
    assert story.check().counts["trash"] == 21
    assert codes(story, "0") == []
