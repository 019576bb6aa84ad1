"""The same recording under several ids is one file, where the person wants that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import with_facts
from strandline.core.policy import Policy
from strandline.core.same_recordings import Answers, pair
from strandline.core.states import Kind
from tests.core.memory import EMPTY, Story

CODE = "QZABC2600123"
ON = Policy(recordings=True)


def twins(story: Story, *keys: str, **fields: Any) -> None:
    """TIDAL has one recording under each of these ids."""
    for key in keys:
        story.track(key, title="Song", isrc=CODE, album=f"Album {key}", **fields)


def story_of(policy: Policy = ON, **playlists: list[str]) -> Story:
    story = Story(playlists=playlists, policy=policy)
    twins(story, "1", "2")
    return story


def settled(story: Story) -> bool:
    plan = story.check()
    return plan.actions == plan.facts == ()


def merge(**playlists: list[str]) -> Story:
    """Two files of one recording, before the person switches the setting on."""
    story = story_of(Policy(), **playlists)
    story.sync()
    assert settled(story)
    story.policy = ON
    return story


def test_a_recording_under_two_ids_is_fetched_once() -> None:
    story = story_of(A=["1"], B=["2"])
    plan = story.sync()
    assert story.words(plan)[2:] == [
        "download A/Artist - Song.mp3 (new_playlist)",
        "link B/Artist - Song.mp3 (new_playlist)",
    ]
    assert story.ledger.shared == {"2": "1"}
    assert settled(story)


def test_a_playlist_with_both_ids_has_both_entries() -> None:
    story = story_of(A=["1", "2"])
    story.sync()
    assert story.library.tree == [
        "A/Artist - Song [2].mp3 -> Artist - Song.mp3",
        "A/Artist - Song.mp3",
    ]
    assert settled(story)


def test_without_the_setting_each_id_has_its_file() -> None:
    story = story_of(Policy(), A=["1"], B=["2"])
    story.sync()
    assert story.library.tree == ["A/Artist - Song.mp3", "B/Artist - Song.mp3"]


def test_switching_it_on_puts_the_second_file_into_the_trash_as_a_removal() -> None:
    from strandline.core.plan import is_removal

    story = merge(A=["1"], B=["2"], C=["2"])
    plan = story.sync()
    assert story.words(plan) == [
        "relink C/Artist - Song.mp3 (primary_moved)",
        "trash B/Artist - Song.mp3 (same_recording)",
        "link B/Artist - Song.mp3 (same_recording)",
    ]
    assert sum(map(is_removal, plan.actions)) == 1
    assert story.library.tree == [
        "A/Artist - Song.mp3",
        "B/Artist - Song.mp3 -> ../A/Artist - Song.mp3",
        "C/Artist - Song.mp3 -> ../A/Artist - Song.mp3",
    ]
    assert settled(story)


def test_a_check_of_what_would_merge_changes_nothing_of_the_plan() -> None:
    story = merge(A=["1"], B=["2"])
    first = story.check()
    story.note(first)
    assert story.check() == first


def test_switching_it_off_fetches_what_has_no_file_of_its_own() -> None:
    story = story_of(A=["1"], B=["2"], C=["2"])
    story.sync()
    story.policy = Policy()
    plan = story.sync()
    assert story.words(plan) == [
        "download B/Artist - Song.mp3 (missing_on_disk)",
        "relink C/Artist - Song.mp3 (primary_moved)",
    ]
    assert story.library.tree == [
        "A/Artist - Song.mp3",
        "B/Artist - Song.mp3",
        "C/Artist - Song.mp3 -> ../B/Artist - Song.mp3",
    ]
    assert story.ledger.shared == {}
    assert settled(story)


def test_what_tidal_does_not_offer_keeps_its_link_when_the_setting_goes_off() -> None:
    story = story_of(A=["1"], B=["2"])
    story.sync()
    story.track("2", available=False)
    story.policy = Policy()
    assert settled(story)


def test_what_tidal_does_not_offer_has_the_audio_of_its_twin() -> None:
    story = story_of(A=["1"], B=["2"])
    story.track("1", available=False)
    story.sync()
    assert story.library.tree == [
        "A/Artist - Song.mp3 -> ../B/Artist - Song.mp3",
        "B/Artist - Song.mp3",
    ]
    assert settled(story)


def test_one_id_leaves_tidal_and_the_other_has_the_file() -> None:
    story = story_of(A=["1", "x"], B=["2"])
    story.sync()
    story.playlists["A"] = ["x"]
    plan = story.sync()
    assert story.words(plan) == ["move B/Artist - Song.mp3 (left_primary_playlist)"]
    assert settled(story)
    story.playlists["A"] = ["x", "1"]
    story.sync()
    assert "A/Artist - Song.mp3 -> ../B/Artist - Song.mp3" in story.library.tree
    assert settled(story)


def test_the_audio_moves_and_the_other_ids_links_follow() -> None:
    story = story_of(A=["1"], B=["1"], C=["2"])
    story.sync()
    story.playlists["A"] = []
    plan = story.sync()
    assert story.words(plan) == [
        "move B/Artist - Song.mp3 (left_primary_playlist)",
        "relink C/Artist - Song.mp3 (primary_moved)",
    ]
    assert settled(story)


@pytest.mark.parametrize(
    "apart",
    [
        {"explicit": True},
        {"mode": "DOLBY_ATMOS"},
        {"version": "Live"},
        {"version": "Remaster"},
        {"duration": 203},
        {"duration": 0},
        {"artist": "Somebody else"},
    ],
)
def test_what_differs_stays_apart(apart: dict[str, Any]) -> None:
    story = story_of(A=["1"], B=["2"])
    story.track("2", **apart)
    story.sync()
    assert len(story.library.files) == 2


def test_a_burnt_code_proves_nothing() -> None:
    story = story_of(A=["1"], B=["2"], C=["3"])
    story.track("3", title="Another Song", isrc=CODE)
    story.sync()
    assert len(story.library.files) == 3


def test_a_person_says_that_two_are_the_same_or_never_are() -> None:
    story = story_of(A=["1"], B=["2"], C=["3"])
    story.track("3", title="Another Song")
    one, two, three = map(TrackId, "123")
    answers = Answers(frozenset({pair(one, three)}), frozenset({pair(one, two)}))
    story.policy = replace(ON, answers=answers)
    story.sync()
    assert story.ledger.shared == {"3": "1"}
    assert sorted(story.library.files) == [
        "Playlists/A/Artist - Song.mp3",
        "Playlists/B/Artist - Song.mp3",
    ]


def test_a_file_is_given_up_only_once_the_other_stands_there() -> None:
    story = merge(A=["1"], B=["2"])
    story.library.delete("A/Artist - Song.mp3")
    plan = story.sync()
    assert story.words(plan) == ["link A/Artist - Song.mp3 (missing_on_disk)"]
    assert settled(story)


def test_a_damaged_file_gives_way_to_the_twin_that_is_whole() -> None:
    story = merge(A=["1"], B=["2"])
    story.library.put("A/Artist - Song.mp3", "broken")
    story.sync()
    assert "A/Artist - Song.mp3 -> ../B/Artist - Song.mp3" in story.library.tree
    assert settled(story)


def test_what_the_settings_leave_out_keeps_its_file() -> None:
    story = merge(A=["1"], B=["2"])
    story.policy = replace(ON, exclude=("B",))
    assert story.check().actions == ()


def test_a_persons_version_in_the_place_of_a_link_stays() -> None:
    story = story_of(A=["1"], B=["2"])
    story.sync()
    story.library.delete("B/Artist - Song.mp3")
    story.library.put("B/Artist - Song.mp3", "id:1|retagged")
    story.sync()
    assert LibPath("Playlists/B/Artist - Song.mp3") in story.library.files
    assert story.ledger.entries[PlaylistId("B"), TrackId("2")].kind is Kind.YOURS
    assert settled(story)


def test_a_lost_database_is_made_anew_and_one_of_the_files_gives_way() -> None:
    story = merge(A=["1"], B=["2"])
    story.ledger = EMPTY
    story.library.made.clear()
    story.sync()
    assert len(story.library.files) == 1
    assert settled(story)


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_copies_and_hard_links_serve_as_well(kind: Kind) -> None:
    policy = replace(ON, link_kind=kind)
    story = story_of(policy, A=["1"], B=["2"])
    story.sync()
    assert settled(story)
    assert len({file.content for file in story.library.files.values()}) == 1
    story.playlists["A"] = []
    story.sync()
    assert settled(story)
    assert sorted(story.library.files) == ["Playlists/B/Artist - Song.mp3"]


def test_three_ids_are_one_file() -> None:
    story = story_of(A=["1"], B=["2"], C=["3"])
    twins(story, "3")
    story.sync()
    assert story.ledger.shared == {"2": "1", "3": "1"}
    story.playlists["A"] = []
    story.sync()
    assert story.ledger.shared == {"3": "2"}
    assert settled(story)


def test_facts_about_sharing_end_with_a_file_of_its_own() -> None:
    story = story_of(A=["1"], B=["2"])
    story.sync()
    known = story.ledger.files[TrackId("1")]._replace(track=TrackId("2"))
    from strandline.core.ledger_facts import FileIs

    assert with_facts(story.ledger, [FileIs(known)]).shared == {}
