"""Recordings under several ids, when much happens at once: files lost, moved, damaged, retagged."""

from __future__ import annotations

from dataclasses import replace

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.states import Kind
from tests.core.test_recordings_shared import ON, merge, settled, story_of

OFF = replace(ON, recordings=False)


def test_of_several_without_a_file_the_one_that_can_be_fetched_has_it_for_all() -> None:
    story = story_of(A=["1"], B=["2"])
    story.sync()
    story.track("1", available=False)
    story.library.delete("A/Artist - Song.mp3")
    story.sync()
    assert "A/Artist - Song.mp3 -> ../B/Artist - Song.mp3" in story.library.tree
    assert settled(story)


def test_damage_in_all_places_is_mended_by_one_download() -> None:
    story = story_of(replace(ON, link_kind=Kind.COPY), A=["1"], B=["2"])
    story.sync()
    for place in ("A", "B"):
        story.library.put(f"{place}/Artist - Song.mp3", "broken")
    plan = story.sync()
    assert [it.name for it in plan.actions].count("download") == 1
    assert settled(story)


def test_a_persons_version_stays_when_the_id_in_its_tags_leaves() -> None:
    story = story_of(replace(ON, link_kind=Kind.COPY), A=["1"], B=["2"], C=["2"])
    story.sync()
    story.library.put("B/Artist - Song.mp3", f"id:1|isrc:{story.tracks['1'].isrc}|retagged")
    story.playlists["A"] = []
    story.sync()
    assert story.ledger.entries[PlaylistId("B"), TrackId("2")].kind is Kind.YOURS
    assert "B/Artist - Song.mp3" in story.library.tree
    assert settled(story)


def test_the_file_that_a_person_moved_to_the_others_place_is_still_the_firsts() -> None:
    story = story_of(A=["1"], B=["2"])
    story.sync()
    story.policy = OFF
    story.library.delete("B/Artist - Song.mp3")
    story.library.rename("A/Artist - Song.mp3", "B/Artist - Song.mp3")
    story.sync()
    files = {id: it.path for id, it in story.ledger.files.items()}
    assert len(set(files.values())) == len(files) == 2
    assert settled(story)


def test_a_file_that_lies_in_a_folder_left_out_merges_in_one_run() -> None:
    story = merge(A=["1"], B=["2"], C=[])
    story.policy = replace(ON, exclude=("C",))
    story.library.rename("B/Artist - Song.mp3", "C/Artist - Song.mp3")
    story.sync()
    assert story.ledger.shared == {"2": "1"}
    assert settled(story)
