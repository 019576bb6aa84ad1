"""Collections of other tools: what they hold is taken over where it lies, not fetched again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from strandline.app.statuses import exceptions_in
from strandline.core.decide import SyncDecisionEngine
from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import with_facts
from strandline.core.states import WantedTrack
from strandline.db.statuses import PlaylistSyncStatus
from tests.core.disk import MemoryLibrary
from tests.core.memory import EMPTY, Story

CODE = "QZAAA2600001"


def story_with(*files: str, **playlists: list[str]) -> Story:
    """Files with a recording's code, of another tool; track ``x`` is that recording."""
    library = MemoryLibrary()
    for number, path in enumerate(files):
        library.put(path, f"isrc:{CODE}|rip {number}")
    story = Story(library, playlists=playlists)
    story.track("x", isrc=CODE)
    return story


# ---------------------------------------------------------------- a person's own purchase


@pytest.mark.parametrize(
    "place", ["A/Artist - x.mp3", "A/01 song.mp3", "A/deep/x.mp3", "Own/x.mp3"]
)
def test_a_purchase_with_the_recordings_code_is_the_persons(place: str) -> None:
    story = story_with(place, A=["x"], B=["x"])
    mine = story.library.files[LibPath(f"Playlists/{place}")]
    assert story.check().tally.foreign_files == 1
    assert story.sync().counts["download"] == 1
    story.track("x", title="renamed in TIDAL")
    story.sync()
    story.playlists = {"B": ["x"]}
    story.sync()
    story.playlists = {}
    story.sync()
    assert story.library.files[LibPath(f"Playlists/{place}")] == mine
    assert mine not in story.library.trash
    assert LibPath(f"Playlists/{place}") not in story.library.touched


def test_links_of_another_tool_to_a_purchase_stand_for_no_track() -> None:
    story = story_with("A/song.mp3", A=["x"], B=["x"])
    story.library.link("B/07 song.mp3", "../A/song.mp3")
    story.sync()
    assert "B/07 song.mp3 -> ../A/song.mp3" in story.library.tree
    assert "B/Artist - x.mp3 -> ../A/Artist - x.mp3" in story.library.tree
    assert story.check().actions == story.check().facts == ()


def test_a_track_with_audio_of_its_own_takes_no_other_recording() -> None:
    story = story_with("A/song.mp3", A=["x"])
    story.library.put("A/good.mp3", "id:x|its own")
    assert story.sync().actions == ()
    assert {known.path for known in story.ledger.files.values()} == {"Playlists/A/good.mp3"}
    assert story.check().tally.foreign_files == 1


# ---------------------------------------------------------------- a replaced id


def replaced(**words: Any) -> Story:
    """Track 1 is on disk; TIDAL lists 2 in its stead, alike but for ``words``."""
    story = Story(playlists={"A": ["1"], "B": ["1"]})
    told = {"title": "Song", "isrc": CODE, "duration": 200, "album": "LP", "explicit": False}
    story.track("1", **told)
    story.sync()
    story.track("2", **(told | words))
    story.playlists = {"A": ["2"], "B": ["2"]}
    return story


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"duration": 202},
        {"album": "Greatest Hits"},
        {"artist": "ARTIST, Guest"},
        {"title": "Song (feat. Guest)"},
        {"mode": "STEREO"},
        {"isrc": "qz-aaa-26-00001"},
    ],
)
def test_a_replaced_id_takes_over_our_file(words: dict[str, Any]) -> None:
    story = replaced(**words)
    before = {file.ino for file in story.library.files.values()}
    assert story.sync().counts["download"] == 0
    assert {file.ino for file in story.library.files.values()} == before
    assert story.check().actions == story.check().facts == ()


@pytest.mark.parametrize(
    "words",
    [
        {"version": "Extended Mix"},
        {"title": "Song (Live)"},
        {"title": "Song 2"},
        {"explicit": True},
        {"explicit": None},
        {"mode": "DOLBY_ATMOS"},
        {"duration": 203},
        {"duration": 0},
        {"artist": "Somebody Else"},
        {"isrc": "QZAAA2600002"},
        {"isrc": None},
    ],
)
def test_the_same_code_on_other_music_takes_over_nothing(words: dict[str, Any]) -> None:
    story = replaced(**words)
    plan = story.sync()
    assert (plan.counts["download"], plan.counts["trash"]) == (1, 1)
    assert story.check().actions == ()


def test_a_length_that_was_never_known_takes_over_nothing() -> None:
    story = replaced()
    story.track("1", duration=0)
    assert story.sync().counts["download"] == 1


@pytest.mark.parametrize("isrc", ["QZ1", "QZAAA2600000x", "000000000000", "QZAAA0000000"])
def test_a_code_that_is_none_takes_over_nothing(isrc: str) -> None:
    story = replaced(isrc=isrc)
    story.track("1", isrc=isrc)
    assert story.sync().counts["download"] == 1


@pytest.mark.parametrize(
    "third",
    [{"title": "Song", "album": "LP"}, {"title": "Another Song", "album": "Elsewhere"}],
    ids=["on one album", "another title"],
)
def test_a_burnt_code_takes_over_nothing(third: dict[str, Any]) -> None:
    story = replaced()
    story.track("3", isrc=CODE, duration=500, **third)
    story.playlists["C"] = ["3"]
    assert story.sync().counts["download"] == 2
    assert story.check().actions == ()


def test_a_code_that_is_burnt_in_a_part_that_is_not_loaded_takes_over_nothing() -> None:
    story = replaced()
    other = WantedTrack(TrackId("3"), "Artist", "Another Song", None, 200, CODE)
    scan = story.library.scan(story.ledger)
    part = replace(story.snapshot, alike={other.id: other})
    plan = SyncDecisionEngine(story.policy).decide(part, story.ledger, scan)
    assert plan.counts["download"] == 1


@pytest.mark.parametrize("to", ["A/my name.mp3", "Inbox/song.mp3", "B/Artist - Song.mp3"])
@pytest.mark.parametrize("how", ["moved", "copied"])
def test_a_file_taken_over_is_ours_wherever_the_person_puts_it(to: str, how: str) -> None:
    story = replaced()
    story.sync()
    assert story.ledger.files[TrackId("2")].path == "Playlists/A/Artist - Song.mp3"
    story.library.delete(to)
    content = story.library.files[LibPath("Playlists/A/Artist - Song.mp3")].content
    assert content.startswith("id:1|"), "the old id is in its tags"
    if how == "moved":
        story.library.rename("A/Artist - Song.mp3", to)
    else:
        story.library.delete("A/Artist - Song.mp3")
        story.library.put(to, content)
    assert story.sync().counts["download"] == 0
    assert story.check().actions == story.check().facts == ()


@pytest.mark.parametrize("edit", [None, "renamed", "retagged"])
def test_an_old_id_that_comes_back_gets_a_file_of_its_own(edit: str | None) -> None:
    story = replaced()
    story.sync()
    if edit == "renamed":
        story.library.rename("A/Artist - Song.mp3", "A/my name.mp3")
    elif edit == "retagged":
        path = LibPath("Playlists/A/Artist - Song.mp3")
        story.library.files[path] = replace(
            story.library.files[path], content=f"id:1|fetched isrc:{CODE} retagged", mtime_ns=7
        )
    story.track("1", title="Song")
    story.playlists = {"A": ["2", "1"], "B": ["1", "2"]}
    plan = story.sync()
    assert (plan.counts["download"], plan.counts["trash"]) == (1, 0)
    assert len({file.path for file in story.ledger.files.values()}) == 2
    again = story.check()
    assert (again.actions, again.facts) == ((), ())


def test_a_recording_of_another_length_under_a_new_id_is_another_one() -> None:
    story = Story(playlists={"A": ["1"]})
    story.track("1", title="Song", isrc=CODE, duration=200)
    story.sync()
    story.track("2", title="Song", isrc=CODE, duration=300)
    story.playlists = {"A": ["2"]}
    assert story.sync().counts["download"] == 1


def test_a_recording_is_taken_over_by_one_new_id_only() -> None:
    story = Story(playlists={"A": ["1"]})
    story.track("1", title="Song", isrc=CODE)
    story.sync()
    story.track("2", title="Song", isrc=CODE)
    story.track("3", title="Song", isrc=CODE)
    story.playlists = {"A": ["2", "3"]}
    plan = story.sync()
    assert (plan.counts["download"], plan.counts["trash"]) == (1, 0)
    assert story.check().actions == ()


def test_a_recording_still_listed_under_its_old_id_is_not_taken_over() -> None:
    story = Story(playlists={"A": ["1"]})
    story.track("1", title="Song", isrc=CODE)
    story.sync()
    story.track("2", title="Song", isrc=CODE)
    story.playlists = {"A": ["1"], "B": ["2"]}
    assert story.sync().counts["download"] == 1
    assert story.check().actions == ()


def test_without_a_database_links_and_files_are_known_by_where_they_lead() -> None:
    story = Story(playlists={"A": ["x", "y"], "B": ["x"], "C": ["y"]})
    story.sync()
    for old, new in (("B/Artist - x.mp3", "B/1.mp3"), ("C/Artist - y.mp3", "C/2.mp3")):
        story.library.rename(old, new)
    entries, story.ledger = set(story.ledger.entries), EMPTY
    assert story.sync().actions == ()
    assert set(story.ledger.entries) == entries
    assert story.check().facts == ()


def test_a_file_the_database_has_outside_of_its_playlists_folder_comes_home() -> None:
    story = Story(playlists={"A": ["x"]})
    story.sync()
    story.library.rename("A/Artist - x.mp3", "Old/x.mp3")
    there = LibPath("Playlists/Old/x.mp3")
    entries = {key: entry._replace(path=there) for key, entry in story.ledger.entries.items()}
    files = {track: file._replace(path=there) for track, file in story.ledger.files.items()}
    story.ledger = replace(story.ledger, entries=entries, files=files)
    assert story.words(story.sync()) == ["move A/x.mp3 (moved_on_disk)"]


def moves_the_file(story: Story) -> None:
    story.library.rename("A/Artist - Song.mp3", "B/mine.mp3")


def lists_it_elsewhere(story: Story) -> None:
    story.playlists["C"] = ["2"]


def renames_the_folder(story: Story) -> None:
    story.names["A"] = "Zeta"


@pytest.mark.parametrize("hand", [moves_the_file, lists_it_elsewhere, renames_the_folder])
def test_a_replaced_id_takes_over_our_file_however_often_it_was_checked(
    hand: Callable[[Story], None],
) -> None:
    story = replaced()
    hand(story)
    plan = story.check()
    story.ledger = with_facts(story.ledger, plan.facts)
    again = story.check()
    assert again.actions == plan.actions
    assert again.counts["download"] == 0
    story.sync()
    assert story.check().actions == story.check().facts == ()


def test_a_playlist_whose_link_waits_for_audio_under_a_new_id_is_not_in_sync() -> None:
    story = replaced()
    (path,) = story.library.files
    story.library.rename(path.removeprefix("Playlists/"), "Own/x.mp3")
    scan = story.library.scan(story.ledger, story.snapshot)
    plan = story.check()
    assert story.words(plan)[0].startswith("move A/")
    told = exceptions_in(plan, story.snapshot, scan, story.ledger)
    assert set(told.playlists.values()) == {PlaylistSyncStatus.NEEDS_UPDATE}
    assert sorted(told.playlists) == ["A", "B"]
