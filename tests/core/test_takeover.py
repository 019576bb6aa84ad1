"""Collections of other tools: what they hold is taken over where it lies, not fetched again."""

from __future__ import annotations

from dataclasses import replace

from strandline.core.ids import LibPath
from tests.core.memory import EMPTY, MemoryLibrary, Story


def story_with(*files: str, **playlists: list[str]) -> Story:
    """Files of the recording QZ1, made by another tool; track ``x`` is that recording."""
    library = MemoryLibrary()
    for number, path in enumerate(files):
        library.put(path, f"isrc:QZ1|rip {number}")
    story = Story(library, playlists=playlists)
    story.track("x", isrc="QZ1")
    return story


def test_a_recording_in_a_folder_that_lists_it_is_taken_over_under_its_name() -> None:
    story = story_with("A/01 song.mp3", A=["x"], B=["x"])
    assert story.words(story.sync()) == [
        "create_folder B (new_playlist)",
        "link B/Artist - x.mp3 (new_playlist)",
    ]
    assert story.library.tree == ["A/01 song.mp3", "B/Artist - x.mp3 -> ../A/01 song.mp3"]
    assert story.check().actions == story.check().notes == ()


def test_a_recording_in_a_folder_that_does_not_list_it_is_the_users_own() -> None:
    story = story_with("Inbox/song.mp3", "A/deep/song.mp3", A=["x"])
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "A/deep/song.mp3", "Inbox/song.mp3"]


def test_of_two_files_of_one_recording_the_first_is_taken_and_the_other_stays() -> None:
    story = story_with("A/1.mp3", "A/2.mp3", A=["x"])
    assert story.sync().actions == ()
    assert story.check().actions == story.check().notes == ()
    assert {known.path for known in story.ledger.files.values()} == {"Playlists/A/1.mp3"}


def test_one_file_is_not_the_audio_of_two_tracks() -> None:
    story = story_with("A/song.mp3", A=["x", "y"])
    story.track("y", isrc="QZ1")
    assert story.words(story.sync()) == ["download A/Artist - y.mp3 (new_playlist)"]


def test_where_the_first_file_is_taken_the_next_one_is_the_second_tracks() -> None:
    story = story_with("A/1.mp3", "A/2.mp3", A=["x", "y"])
    story.track("y", isrc="QZ1")
    assert story.sync().actions == ()
    assert sorted(known.path for known in story.ledger.files.values()) == [
        "Playlists/A/1.mp3",
        "Playlists/A/2.mp3",
    ]


def test_links_of_another_tool_to_what_is_taken_over_stand_for_the_track() -> None:
    story = story_with("A/song.mp3", A=["x"], B=["x"])
    story.library.link("B/07 song.mp3", "../A/song.mp3")
    assert story.sync().actions == ()
    assert story.check().actions == story.check().notes == ()


def test_a_link_in_a_sub_folder_stands_for_no_track() -> None:
    story = story_with("A/song.mp3", A=["x"], B=["x"])
    story.library.link("B/deep/song.mp3", "../../A/song.mp3")
    assert story.sync().counts["link"] == 1
    assert "B/deep/song.mp3 -> ../../A/song.mp3" in story.library.tree


def test_a_track_with_audio_of_its_own_takes_no_other_recording() -> None:
    story = story_with("A/song.mp3", A=["x"])
    story.library.put("A/good.mp3", "id:x|its own")
    assert story.sync().actions == ()
    assert {known.path for known in story.ledger.files.values()} == {"Playlists/A/good.mp3"}
    assert story.check().tally.foreign_files == 1


def test_files_known_by_id_and_by_recording_are_taken_over_side_by_side() -> None:
    story = story_with("A/song.mp3", A=["a", "x"])
    story.library.put("A/known.mp3", "id:a|by its id")
    story.track("a", isrc="QZ0")
    assert story.sync().actions == ()
    assert set(story.ledger.files) == {"a", "x"}


def test_a_recording_of_another_length_under_a_new_id_is_another_one() -> None:
    story = Story(playlists={"A": ["1"]})
    story.track("1", title="Song", isrc="QZ1", duration=200)
    story.sync()
    story.track("2", title="Song", isrc="QZ1", duration=300)
    story.playlists = {"A": ["2"]}
    assert story.sync().counts["download"] == 1


def test_a_recording_is_taken_over_by_one_new_id_only() -> None:
    story = Story(playlists={"A": ["1"]})
    story.track("1", title="Song", isrc="QZ1")
    story.sync()
    story.track("2", title="Song", isrc="QZ1")
    story.track("3", title="Song", isrc="QZ1")
    story.playlists = {"A": ["2", "3"]}
    plan = story.sync()
    assert (plan.counts["download"], plan.counts["trash"]) == (1, 0)
    assert story.check().actions == ()


def test_a_recording_still_listed_under_its_old_id_is_not_taken_over() -> None:
    story = Story(playlists={"A": ["1"]})
    story.track("1", title="Song", isrc="QZ1")
    story.sync()
    story.track("2", title="Song", isrc="QZ1")
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
    assert story.check().notes == ()


def test_a_file_the_database_has_outside_of_its_playlists_folder_comes_home() -> None:
    story = Story(playlists={"A": ["x"]})
    story.sync()
    story.library.rename("A/Artist - x.mp3", "Old/x.mp3")
    there = LibPath("Playlists/Old/x.mp3")
    entries = {key: entry._replace(path=there) for key, entry in story.ledger.entries.items()}
    files = {track: file._replace(path=there) for track, file in story.ledger.files.items()}
    story.ledger = replace(story.ledger, entries=entries, files=files)
    assert story.words(story.sync()) == ["move A/x.mp3 (moved_on_disk)"]
