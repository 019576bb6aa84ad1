"""The rules of the collection, each as a story: what TIDAL says, what is there, what is done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from strandline.core.ids import PlaylistId
from strandline.core.ledger_facts import with_facts
from strandline.core.policy import Policy
from strandline.core.states import Kind, Ledger
from tests.core.disk import MemoryLibrary
from tests.core.memory import EMPTY, Story


def synced(playlists: dict[str, list[str]], **fields: Any) -> Story:
    story = Story(playlists=playlists, **fields)
    story.sync()
    assert story.check().actions == ()
    return story


def test_a_track_in_two_playlists_is_one_file_and_one_link() -> None:
    story = Story(playlists={"House": ["x"], "Acid": ["x", "y"]})
    plan = story.sync()
    assert story.words(plan) == [
        "create_folder Acid (new_playlist)",
        "create_folder House (new_playlist)",
        "download Acid/Artist - x.mp3 (new_playlist)",
        "download Acid/Artist - y.mp3 (new_playlist)",
        "link House/Artist - x.mp3 (new_playlist)",
    ]
    assert story.library.tree == [
        "Acid/Artist - x.mp3",
        "Acid/Artist - y.mp3",
        "House/Artist - x.mp3 -> ../Acid/Artist - x.mp3",
    ]
    assert story.check().actions == ()
    assert story.check().facts == ()


def test_the_priority_list_comes_before_the_alphabet() -> None:
    policy = Policy(primary_priority=("house",))
    story = synced({"House": ["x"], "Acid": ["x"]}, policy=policy)
    assert "Acid/Artist - x.mp3 -> ../House/Artist - x.mp3" in story.library.tree


def test_a_playlist_that_holds_the_audio_keeps_it() -> None:
    story = synced({"House": ["x"]})
    story.playlists["Acid"] = ["x"]
    story.sync()
    assert story.library.tree == [
        "Acid/Artist - x.mp3 -> ../House/Artist - x.mp3",
        "House/Artist - x.mp3",
    ]


def test_a_track_that_left_its_primary_playlist_is_moved_not_downloaded_again() -> None:
    story = synced({"A": ["x", "z"], "B": ["x"], "C": ["x"]})
    story.playlists["A"] = ["z"]
    plan = story.sync()
    assert story.words(plan) == [
        "move B/Artist - x.mp3 (left_primary_playlist)",
        "relink C/Artist - x.mp3 (primary_moved)",
    ]
    assert story.library.tree == [
        "A/Artist - z.mp3",
        "B/Artist - x.mp3",
        "C/Artist - x.mp3 -> ../B/Artist - x.mp3",
    ]
    assert story.check().actions == ()
    assert (PlaylistId("A"), "x") not in story.ledger.entries


def test_a_track_that_left_every_playlist_goes_to_the_trash_and_its_links_go() -> None:
    story = synced({"A": ["x", "z"], "B": ["x"]})
    story.playlists = {"A": ["z"], "B": []}
    plan = story.sync()
    assert story.words(plan) == [
        "unlink B/Artist - x.mp3 (left_playlist)",
        "trash A/Artist - x.mp3 (left_every_playlist)",
    ]
    assert story.library.tree == ["A/Artist - z.mp3", "B/"]
    assert [file.content for file in story.library.trash] == ["id:x|fetched"]
    assert story.check().actions == ()


def test_a_deleted_playlist_is_cleared_and_what_another_needs_moves_there_first() -> None:
    story = synced({"A": ["x", "y"], "B": ["x"]})
    del story.playlists["A"]
    plan = story.sync()
    assert story.words(plan) == [
        "move B/Artist - x.mp3 (playlist_deleted)",
        "trash A/Artist - y.mp3 (playlist_deleted)",
        "remove_folder A (playlist_deleted)",
    ]
    assert story.library.tree == ["B/Artist - x.mp3"]
    assert story.check().actions == ()


def test_broken_wrong_and_missing_links_are_made_again() -> None:
    story = synced({"A": ["x", "y", "z"], "B": ["x", "y", "z"]})
    story.library.link("B/Artist - x.mp3", "../A/gone.mp3")
    story.library.link("B/Artist - y.mp3", "../A/Artist - z.mp3")
    story.library.delete("B/Artist - z.mp3")
    plan = story.sync()
    assert story.words(plan) == [
        "relink B/Artist - x.mp3 (broken_link)",
        "relink B/Artist - y.mp3 (wrong_link)",
        "link B/Artist - z.mp3 (missing_on_disk)",
    ]
    assert story.check().actions == ()


@pytest.mark.parametrize(
    "way", ["../../Playlists", "./../../Playlists/B/..", "/music/mp3/Playlists"]
)
def test_a_link_that_takes_another_way_to_its_file_is_ours_and_is_straightened(way: str) -> None:
    library = MemoryLibrary()
    library.put("A/Artist - x.mp3", "id:x|audio")
    library.link("B/Artist - x.mp3", f"{way}/A/Artist - x.mp3")
    story = Story(library, playlists={"A": ["x"], "B": ["x"]})
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (wrong_link)"]
    assert story.check().actions == ()


@pytest.mark.parametrize("content", ["", "broken half of a file"])
def test_an_empty_or_truncated_file_is_not_a_downloaded_one(content: str) -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.put("A/Artist - x.mp3", content)
    plan = story.sync()
    assert story.words(plan) == [
        "download A/Artist - x.mp3 (damaged_on_disk)",
        "trash A/Artist - x.mp3 (damaged_on_disk)",
    ]
    assert story.check().actions == ()


def test_a_file_the_user_deleted_comes_back() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.delete("A/Artist - x.mp3")
    plan = story.sync()
    assert story.words(plan)[0] == "download A/Artist - x.mp3 (missing_on_disk)"
    assert story.check().actions == ()


@pytest.mark.parametrize("there", ["", "id:y|fetched"], ids=["nothing", "another track"])
def test_a_link_to_a_lost_file_is_mended_even_by_the_run_after_a_check(there: str) -> None:
    """What a check (or a run that was cut off) forgot of the file must not settle the link."""
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.delete("A/Artist - x.mp3")
    if there:
        story.library.put("A/Artist - x.mp3", there)
    story.playlists["A"] = []
    story.ledger = with_facts(story.ledger, story.check().facts)
    assert story.words(story.check()) == ["download B/Artist - x.mp3 (missing_on_disk)"]


def test_the_users_own_files_stay_and_ours_takes_another_name() -> None:
    library = MemoryLibrary()
    library.put("A/Artist - x.mp3", "a bootleg of mine")
    library.put("A/sub/Artist - x.mp3", "another")
    story = Story(library, playlists={"A": ["x"]})
    story.sync()
    assert story.library.tree == [
        "A/Artist - x [x].mp3",
        "A/Artist - x.mp3",
        "A/sub/Artist - x.mp3",
    ]
    assert not story.library.touched
    assert story.check().actions == ()


@pytest.mark.parametrize(
    ("to", "tree"),
    [
        ("A/07 renamed.mp3", ["A/07 renamed.mp3", "B/Artist - x.mp3 -> ../A/07 renamed.mp3"]),
        ("B/moved.mp3", ["A/Artist - x.mp3 -> ../B/moved.mp3", "B/moved.mp3"]),
    ],
)
def test_a_file_the_user_moved_or_renamed_is_recognised(to: str, tree: list[str]) -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.rename("A/Artist - x.mp3", to)
    plan = story.sync()
    assert plan.counts["download"] == plan.counts["trash"] == 0
    assert story.library.tree == tree
    assert story.check().actions == ()


def test_a_file_moved_to_a_folder_that_is_no_playlists_comes_back_to_its_own() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.rename("A/Artist - x.mp3", "Inbox/y.mp3")
    plan = story.sync()
    assert story.words(plan) == ["move A/Artist - x.mp3 (moved_on_disk)"]
    assert story.check().actions == ()


def test_a_copied_file_with_a_new_inode_is_recognised_by_its_content() -> None:
    story = synced({"A": ["x"]})
    content = story.library.files[next(iter(story.library.files))].content
    story.library.delete("A/Artist - x.mp3")
    story.library.put("A/copy of x.mp3", content)
    assert story.sync().counts["download"] == 0
    assert story.library.tree == ["A/copy of x.mp3"]


def test_the_database_lost_nothing_is_downloaded_again() -> None:
    story = synced({"A": ["x", "y"], "B": ["x"], "C": ["y"]})
    before = story.library.tree
    story.ledger = EMPTY
    plan = story.sync()
    assert plan.actions == ()
    assert story.library.tree == before
    assert story.check().facts == ()


def test_byte_equal_copies_of_older_tools_become_one_file_and_links_in_place() -> None:
    library = MemoryLibrary()
    for path in ("A/01 song.mp3", "B/song.mp3", "C/Artist - x.mp3"):
        library.put(path, "id:x|the same bytes")
    story = Story(library, playlists={"A": ["x"], "B": ["x"], "C": ["x"]})
    plan = story.sync()
    assert plan.counts["download"] == 0
    assert plan.counts["trash"] == plan.counts["link"] == 2
    assert story.library.tree == [
        "A/01 song.mp3",
        "B/song.mp3 -> ../A/01 song.mp3",
        "C/Artist - x.mp3 -> ../A/01 song.mp3",
    ]
    assert story.check().actions == ()


def test_a_version_of_the_users_own_with_the_tracks_id_is_left_alone() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|my edit")
    plan = story.sync()
    assert plan.actions == ()
    assert "B/Artist - x.mp3" in story.library.tree


def test_an_unavailable_track_keeps_its_file_and_is_not_retried() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.track("x", available=False, title="Unavailable", artist="Unknown Artist")
    story.track("y", available=False)
    story.playlists["A"].append("y")
    assert story.sync().actions == ()
    assert story.check().missing == {"y"}


def test_a_file_that_took_the_place_of_a_lost_one_is_not_the_lost_one() -> None:
    story = synced({"A": ["x"]})
    story.library.delete("A/Artist - x.mp3")
    story.track("x", available=False, title="gone")
    story.track("y", title="x")
    story.playlists["A"] = ["x", "y"]
    story.sync()
    plan = story.check()
    assert (plan.actions, plan.facts, plan.missing) == ((), (), {"x"})


def test_a_track_unavailable_and_gone_from_disk_leaves_no_broken_links() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.track("x", available=False)
    story.library.delete("A/Artist - x.mp3")
    assert story.words(story.sync()) == ["unlink B/Artist - x.mp3 (broken_link)"]
    assert story.check().actions == ()


def test_an_incomplete_playlist_may_add_but_never_removes() -> None:
    story = synced({"A": ["x", "y"], "B": ["x"]})
    story.playlists["A"] = ["z"]
    story.incomplete["A"] = "page 2 failed"
    plan = story.sync()
    assert story.words(plan) == ["download A/Artist - z.mp3 (new_in_playlist)"]


def test_an_incomplete_list_of_playlists_removes_none() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    del story.playlists["A"]
    story.complete = False
    assert story.sync().actions == ()


def test_out_of_scope_playlists_are_left_as_they_are() -> None:
    story = synced({"A": ["x"], "B": ["x", "y"]})
    story.policy = replace(story.policy, only=frozenset({PlaylistId("B")}))
    story.playlists = {"A": ["new"], "B": ["x"], "C": ["other"]}
    story.names["A"] = "Renamed"
    plan = story.sync()
    assert story.words(plan) == ["trash B/Artist - y.mp3 (left_every_playlist)"]


def test_audio_that_playlists_out_of_scope_need_waits_until_they_are_looked_at() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.playlists["A"] = []
    story.policy = replace(story.policy, only=frozenset({PlaylistId("A")}))
    assert story.sync().actions == ()
    story.policy = replace(story.policy, only=None)
    assert story.words(story.sync()) == ["move B/Artist - x.mp3 (left_primary_playlist)"]
    assert story.library.tree == ["A/", "B/Artist - x.mp3"]


def test_a_title_that_changed_in_tidal_renames_file_and_links() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.track("x", title="new title")
    plan = story.sync()
    assert plan.counts["download"] == plan.counts["trash"] == 0
    assert story.library.tree == [
        "A/Artist - new title.mp3",
        "B/Artist - new title.mp3 -> ../A/Artist - new title.mp3",
    ]
    assert story.check().actions == ()


def test_a_changed_template_or_collision_does_not_rename_what_has_a_name() -> None:
    story = synced({"A": ["x"]})
    story.policy = Policy(track_template="{title}")
    assert story.sync().actions == ()
    story.track("X", title="x")
    story.playlists["A"].insert(0, "X")
    story.policy = Policy()
    story.sync()
    assert story.library.tree == ["A/Artist - x [X].mp3", "A/Artist - x.mp3"]


def test_versions_of_one_title_are_two_files() -> None:
    story = Story(playlists={"A": ["1", "2", "3"]})
    story.track("1", title="Song", version="Original Mix")
    story.track("2", title="Song", version="Extended Mix")
    story.track("3", title="Song (Extended Mix)", version="Extended Mix")
    story.sync()
    assert story.library.tree == [
        "A/Artist - Song (Extended Mix) [3].mp3",
        "A/Artist - Song (Extended Mix).mp3",
        "A/Artist - Song (Original Mix).mp3",
    ]


def test_a_recording_under_a_new_track_id_is_taken_over_not_downloaded() -> None:
    story = Story(playlists={"A": ["1"], "B": ["1"]})
    story.track("1", title="Song", isrc="QZAAA2600001")
    story.sync()
    story.track("2", title="Song", isrc="QZAAA2600001")
    story.playlists = {"A": ["2"], "B": ["2"]}
    plan = story.sync()
    assert plan.actions == ()
    assert story.check().actions == ()
    assert story.check().facts == ()


def test_the_same_track_twice_in_a_playlist_is_one_entry() -> None:
    story = Story(playlists={"A": ["x", "y", "x"]})
    assert story.sync().counts["download"] == 2


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_where_there_are_no_links_copies_stand_for_them(kind: Kind) -> None:
    story = synced({"A": ["x", "z"], "B": ["x"], "C": ["x"]}, policy=Policy(link_kind=kind))
    assert len(story.library.tree) == 4
    story.playlists["A"] = ["z"]
    story.sync()
    assert story.library.tree == ["A/Artist - z.mp3", "B/Artist - x.mp3", "C/Artist - x.mp3"]
    assert story.check().actions == ()
    story.playlists = {"A": ["z"]}
    story.sync()
    assert story.library.tree == ["A/Artist - z.mp3"]
    assert story.check().actions == ()


@pytest.mark.parametrize("old", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
@pytest.mark.parametrize("new", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
def test_another_link_mode_turns_every_entry_into_its_form(old: Kind, new: Kind) -> None:
    story = synced({"A": ["x"], "B": ["x"]}, policy=Policy(link_kind=old))
    story.policy = Policy(link_kind=new)
    story.sync()
    assert story.check().actions == ()
    assert story.ledger.entries[PlaylistId("B"), story.track("x").id].kind is new


def test_copies_are_refreshed_when_the_primary_changed() -> None:
    story = synced({"A": ["x"], "B": ["x"]}, policy=Policy(link_kind=Kind.COPY))
    story.library.put("A/Artist - x.mp3", "id:x|retagged by the user")
    plan = story.sync()
    assert story.words(plan) == ["relink B/Artist - x.mp3 (stale_copy)"]
    assert len(set(story.library.contents)) == 2
    assert story.check().actions == ()


def test_a_check_leaves_its_arguments_alone() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.names["A"] = "Z"
    before: Ledger = story.ledger
    copies = dict(before.entries), dict(before.files), dict(before.playlists)
    story.check()
    assert (before.entries, before.files, before.playlists) == copies
