"""The folders of playlists: whose they are, what they are called, and when they are left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from strandline.core.actions import Conflict
from strandline.core.favorites import short_id
from strandline.core.ids import LibPath, PlaylistId, folder_of
from strandline.core.ledger_facts import FolderGone, FolderIs, with_facts
from strandline.core.states import LedgerPlaylist
from tests.core.disk import MemoryLibrary, renames_done
from tests.core.memory import EMPTY, Story


def synced(playlists: dict[str, list[str]], **fields: Any) -> Story:
    story = Story(playlists=playlists, **fields)
    story.sync()
    assert story.check().actions == ()
    return story


def user_renames(story: Story, old: str, new: str) -> None:
    library = story.library
    library.folders[new] = library.folders.pop(old)
    for path in [*library.files, *library.links]:
        if path.startswith(f"Playlists/{old}/"):
            name = path.rpartition("/")[2]
            library.rename(f"{old}/{name}", f"{new}/{name}")


def test_a_renamed_playlist_takes_along_whatever_is_in_its_folder() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.put("A/my notes.txt", "notes")
    story.names["A"] = "Zeta"
    plan = story.sync()
    assert story.words(plan) == [
        "rename_folder Zeta (renamed_in_tidal)",
        "relink B/Artist - x.mp3 (primary_moved)",
    ]
    assert story.library.tree == [
        "B/Artist - x.mp3 -> ../Zeta/Artist - x.mp3",
        "Zeta/Artist - x.mp3",
        "Zeta/my notes.txt",
    ]
    assert story.check().actions == ()


def test_two_playlists_may_swap_their_names() -> None:
    story = synced({"1": ["x"], "2": ["x", "y"]}, names={"1": "A", "2": "B"})
    story.names = {"1": "B", "2": "A"}
    plan = story.sync()
    assert plan.counts["rename_folder"] == 2
    assert plan.counts["download"] == plan.counts["move"] == plan.counts["trash"] == 0
    assert story.library.tree == [
        "A/Artist - x.mp3 -> ../B/Artist - x.mp3",
        "A/Artist - y.mp3",
        "B/Artist - x.mp3",
    ]
    assert story.check().actions == ()


def test_three_playlists_may_rotate_their_names_and_one_change_only_its_case() -> None:
    story = synced({"1": ["x"], "2": ["y"], "3": ["z"]}, names={"1": "A", "2": "B", "3": "C"})
    story.names = {"1": "B", "2": "C", "3": "A"}
    story.sync()
    assert story.library.tree == ["A/Artist - z.mp3", "B/Artist - x.mp3", "C/Artist - y.mp3"]
    story.names["1"] = "b"
    story.sync()
    assert story.library.tree == ["A/Artist - z.mp3", "C/Artist - y.mp3", "b/Artist - x.mp3"]
    assert story.check().actions == ()


def test_a_folder_the_user_renamed_gets_its_name_back_whole() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.folders["A old"] = story.library.folders.pop("A")
    story.library.rename("A/Artist - x.mp3", "A old/Artist - x.mp3")
    plan = story.sync()
    assert story.words(plan)[0] == "rename_folder A (renamed_on_disk)"
    assert plan.counts["download"] == 0
    assert story.check().actions == ()


def test_playlists_of_one_name_get_their_id_and_keep_it() -> None:
    story = Story(playlists={"aaaaaaaa-1": ["x"], "bbbbbbbb-2": ["y"]})
    story.names = {"aaaaaaaa-1": "Mix", "bbbbbbbb-2": "mix"}
    story.sync()
    assert story.library.tree == ["Mix/Artist - x.mp3", "mix [bbbbbbbb]/Artist - y.mp3"]
    story.ledger = EMPTY
    assert story.sync().actions == ()
    del story.playlists["aaaaaaaa-1"]
    story.sync()
    assert story.check().actions == ()


def test_a_new_playlist_of_a_deleted_ones_name_takes_its_folder_over() -> None:
    story = synced({"old": ["x", "y"]}, names={"old": "Set"})
    story.playlists = {"new": ["x", "z"]}
    story.names = {"new": "Set"}
    plan = story.sync()
    assert plan.counts["download"] == 1
    assert story.library.tree == ["Set/Artist - x.mp3", "Set/Artist - z.mp3"]
    assert story.check().actions == ()


def test_the_folder_of_a_deleted_playlist_stays_while_the_user_keeps_files_in_it() -> None:
    story = synced({"A": ["x"], "B": ["y"]})
    story.library.put("A/mixdown.wav", "mine")
    del story.playlists["A"]
    story.sync()
    assert story.library.tree == ["A/mixdown.wav", "B/Artist - y.mp3"]
    assert story.check().actions == ()


def test_a_folder_that_cannot_be_read_is_said_and_nothing_in_it_is_touched() -> None:
    story = synced({"A": ["x"], "B": ["x", "y"]})
    story.library.unreadable["B"] = "Permission denied"
    story.playlists = {"A": ["x", "z"], "B": []}
    plan = story.sync()
    assert story.words(plan) == [
        "download A/Artist - z.mp3 (new_in_playlist)",
        "conflict B (folder_unreadable)",
    ]
    [conflict] = [action for action in plan.actions if isinstance(action, Conflict)]
    assert conflict.playlist == "B"
    assert "Permission denied" in conflict.message
    assert (PlaylistId("B"), "y") in story.ledger.entries


def test_what_stands_where_a_folder_should_be_is_said_and_not_entered() -> None:
    library = MemoryLibrary()
    library.folder("B")
    library.no_folders.add("B")
    story = Story(library, playlists={"A": ["x"], "B": ["x", "y"]})
    plan = story.sync()
    assert story.words(plan)[-1] == "conflict B (folder_in_the_way)"
    assert "B" not in {action.path.split("/")[1] for action in plan.actions[:-1]}
    assert story.library.tree == ["A/Artist - x.mp3", "B/"]


def test_a_folder_of_the_playlists_name_is_taken_over_with_all_that_is_in_it() -> None:
    library = MemoryLibrary()
    library.put("A/notes.txt", "mine")
    story = Story(library, playlists={"A": ["x"]})
    assert story.words(story.sync()) == ["download A/Artist - x.mp3 (new_playlist)"]
    assert story.ledger.playlists[PlaylistId("A")].ino == library.folders["A"]


def test_a_folder_the_user_deleted_is_made_again() -> None:
    story = synced({"A": ["x"]})
    story.library.delete("A/Artist - x.mp3")
    del story.library.folders["A"]
    assert story.words(story.sync()) == [
        "create_folder A (missing_on_disk)",
        "download A/Artist - x.mp3 (missing_on_disk)",
    ]


def test_a_folder_renamed_by_the_user_while_tidal_renamed_the_playlist_gets_tidals_name() -> None:
    story = synced({"A": ["x"]})
    user_renames(story, "A", "mine")
    story.names["A"] = "Z"
    assert story.words(story.sync()) == ["rename_folder Z (renamed_in_tidal)"]
    assert story.library.tree == ["Z/Artist - x.mp3"]
    assert story.check().actions == story.check().facts == ()


def test_two_folders_renamed_by_the_user_at_once_both_get_their_names_back() -> None:
    story = synced({"A": ["x"], "B": ["y"]})
    user_renames(story, "A", "one")
    user_renames(story, "B", "two")
    assert story.sync().counts == {**story.check().counts, "rename_folder": 2}
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - y.mp3"]


def test_a_folder_out_of_scope_that_the_user_renamed_keeps_the_users_name() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    user_renames(story, "A", "mine")
    story.policy = replace(story.policy, only=frozenset({PlaylistId("B")}))
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (broken_link)"]
    assert story.library.tree == [
        "B/Artist - x.mp3 -> ../mine/Artist - x.mp3",
        "mine/Artist - x.mp3",
    ]
    assert story.ledger.playlists[PlaylistId("A")].folder == "mine"
    assert story.check().actions == story.check().facts == ()


@pytest.mark.parametrize("name", ["mine", "deep house"])
def test_a_folder_the_user_renamed_is_renamed_back_however_often_it_was_checked(name: str) -> None:
    story = synced({"Deep House": ["x"], "Z": ["x"]})
    user_renames(story, "Deep House", name)
    plan = story.check()
    assert plan.facts == (), "it is believed where it was until it has its name again"
    assert story.words(plan)[0] == "rename_folder Deep House (renamed_on_disk)"
    story.sync()
    assert story.check().actions == story.check().facts == ()


def test_a_link_with_the_inode_number_of_a_deleted_folder_is_not_that_folder() -> None:
    story = synced({"A": ["x"]})
    story.library.delete("A/Artist - x.mp3")
    story.library.folders["shortcut"] = story.library.folders.pop("A")
    story.library.no_folders.add("shortcut")
    assert story.sync().counts["create_folder"] == 1
    assert story.library.tree == ["A/Artist - x.mp3", "shortcut/"]


def test_another_playlists_folder_with_the_inode_number_of_a_deleted_one_stays_its_own() -> None:
    story = synced({"A": ["x"], "B": ["y"]})
    story.library.delete("A/Artist - x.mp3")
    story.library.folders["B"] = story.library.folders.pop("A")
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - y.mp3"]


def test_a_playlist_keeps_its_folder_when_another_of_its_name_arrives() -> None:
    story = synced({"bbbbbbbb-2": ["x"]}, names={"bbbbbbbb-2": "Mix"})
    story.playlists["aaaaaaaa-1"] = ["y"]
    story.names["aaaaaaaa-1"] = "Mix"
    story.sync()
    assert story.library.tree == ["Mix [aaaaaaaa]/Artist - y.mp3", "Mix/Artist - x.mp3"]
    del story.playlists["bbbbbbbb-2"]
    story.sync()
    assert story.library.tree == ["Mix [aaaaaaaa]/Artist - y.mp3"]


def test_a_new_playlist_does_not_take_a_name_the_user_gave_a_folder_out_of_scope() -> None:
    story = synced({"A": ["x"]})
    user_renames(story, "A", "New")
    story.playlists["New"] = ["y"]
    story.policy = replace(story.policy, only=frozenset({PlaylistId("New")}))
    story.sync()
    assert story.library.tree == ["New [New]/Artist - y.mp3", "New/Artist - x.mp3"]


def test_a_playlist_whose_folder_is_gone_takes_none_that_has_its_name_out_of_scope() -> None:
    """An undo gave it back a name that the playlist it was taken from cannot take any more."""
    story = synced({"A": ["x"], "B": ["y"]})
    story.library.delete("A/Artist - x.mp3")
    del story.library.folders["A"]
    user_renames(story, "B", "A")
    known = story.ledger.playlists
    there = known[PlaylistId("B")]._replace(folder="A", named_for="A")
    story.ledger = replace(story.ledger, playlists=known | {there.id: there})
    story.policy = replace(story.policy, only=frozenset({PlaylistId("A")}))
    story.sync()
    assert story.library.tree == ["A [A]/Artist - x.mp3", "A/Artist - y.mp3"]
    story.policy = replace(story.policy, only=None)
    story.sync()
    assert story.library.tree == ["A [A]/Artist - x.mp3", "B/Artist - y.mp3"]
    assert story.check().actions == story.check().facts == ()


def test_an_entry_of_a_playlist_without_a_known_folder_is_left_alone() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    folders = {id: known for id, known in story.ledger.playlists.items() if id != "B"}
    story.ledger = replace(story.ledger, playlists=folders)
    story.policy = replace(story.policy, only=frozenset({PlaylistId("A")}))
    story.library.rename("A/Artist - x.mp3", "A/mine.mp3")
    story.sync()
    assert "A/mine.mp3" in story.library.tree


def test_a_renamed_playlist_does_not_take_a_folder_of_the_users() -> None:
    story = synced({"A": ["x"]})
    story.library.put("Z/own.wav", "mine")
    story.names["A"] = "Z"
    story.sync()
    assert story.library.tree == ["Z [A]/Artist - x.mp3", "Z/own.wav"]
    assert story.check().actions == ()


def test_a_new_playlist_does_not_take_the_folder_of_one_out_of_scope() -> None:
    story = synced({"aaaaaaaa-1": ["x"]}, names={"aaaaaaaa-1": "Mix"})
    story.playlists["bbbbbbbb-2"] = ["y"]
    story.names["bbbbbbbb-2"] = "Mix"
    story.policy = replace(story.policy, only=frozenset({PlaylistId("bbbbbbbb-2")}))
    story.sync()
    assert story.library.tree == ["Mix [bbbbbbbb]/Artist - y.mp3", "Mix/Artist - x.mp3"]


def test_the_name_of_a_folder_that_leaves_is_free_at_once() -> None:
    story = synced({"1": ["x"]}, names={"1": "A"})
    story.names = {"1": "B", "2": "A"}
    story.playlists["2"] = ["y"]
    story.sync()
    assert story.library.tree == ["A/Artist - y.mp3", "B/Artist - x.mp3"]
    assert story.check().actions == ()


@pytest.mark.parametrize("name", ["", "  ", "\t"])
def test_a_playlist_without_a_name_has_a_folder_all_the_same(name: str) -> None:
    story = synced({"1": ["x"]}, names={"1": name})
    assert story.library.tree == ["Untitled playlist/Artist - x.mp3"]


def test_playlists_of_one_name_are_told_apart_by_the_first_eight_of_their_ids() -> None:
    assert short_id(PlaylistId("01234567-89ab")) == "01234567"


@pytest.mark.parametrize(
    ("folder", "kept"), [("mix", True), ("Mix [aaaaaaaa]", True), ("Mix 2", False)]
)
def test_a_folder_of_an_old_database_keeps_a_name_that_is_the_playlists(
    folder: str, *, kept: bool
) -> None:
    story = synced({"aaaaaaaa-1": ["x"]}, names={"aaaaaaaa-1": "Mix"})
    user_renames(story, "Mix", folder)
    there = LedgerPlaylist(PlaylistId("aaaaaaaa-1"), folder, None)  # as if it had always been so
    story.ledger = with_facts(story.ledger, [FolderIs(there)])
    story.sync()
    assert story.library.tree == [f"{folder if kept else 'Mix'}/Artist - x.mp3"]
    assert story.check().actions == ()


def test_a_folder_without_a_database_keeps_its_marked_name() -> None:
    story = synced({"aaaaaaaa-1": ["x"]}, names={"aaaaaaaa-1": "Mix"})
    user_renames(story, "Mix", "Mix [aaaaaaaa]")
    story.ledger = EMPTY
    assert story.sync().actions == ()
    assert story.library.tree == ["Mix [aaaaaaaa]/Artist - x.mp3"]


def test_the_folder_of_a_deleted_playlist_stays_while_a_folder_of_the_users_is_in_it() -> None:
    story = synced({"A": ["x"], "B": ["y"]})
    story.library.others.add(LibPath("Playlists/A/stems"))
    del story.playlists["A"]
    assert FolderGone(PlaylistId("A")) not in story.check().facts, "it has an entry yet"
    assert story.words(story.sync()) == ["trash A/Artist - x.mp3 (playlist_deleted)"]
    assert story.library.tree == ["A/", "B/Artist - y.mp3"]
    assert "A" not in story.ledger.playlists
    assert story.sync().actions == ()
    assert set(story.ledger.playlists) == {"B"}


def test_the_folder_of_a_deleted_playlist_that_the_user_deleted_too_is_forgotten() -> None:
    story = synced({"A": ["x"], "B": ["y"]})
    del story.playlists["A"]
    story.library.delete("A/Artist - x.mp3")
    del story.library.folders["A"]
    assert story.sync().actions == ()
    assert set(story.ledger.playlists) == {"B"}
    assert story.check().facts == ()


def test_the_folder_of_a_deleted_playlist_stays_while_broken_audio_is_kept_in_it() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.put("A/Artist - x.mp3", "broken")
    story.track("x", available=False)
    del story.playlists["A"]
    assert story.words(story.sync()) == ["conflict A/Artist - x.mp3 (damaged_on_disk)"]


def test_a_folder_that_the_person_renamed_is_not_mixed_up_with_the_one_that_gets_its_old_name() -> (
    None
):
    story = synced({"A": ["x", "y"], "B": ["y"], "C": ["x", "y"]})
    user_renames(story, "B", "mine")
    story.names = {"A": "B", "B": "A"}
    story.sync()
    for (playlist, _), entry in story.ledger.entries.items():
        assert folder_of(entry.path) == story.names.get(playlist, playlist)
        assert entry.path in story.library.files.keys() | story.library.links.keys()
    assert story.check().actions == story.check().facts == ()


def test_a_run_that_is_cut_off_before_it_renames_a_folder_back_leaves_that_to_the_next() -> None:
    story = synced({"A": ["x"], "B": ["x"]})
    user_renames(story, "B", "mine")
    plan = story.check()
    story.ledger = with_facts(story.ledger, (*plan.facts, *plan.agreed))
    assert [action.path for action in story.check().actions] == [it.path for it in plan.actions]
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - x.mp3 -> ../A/Artist - x.mp3"]


def test_two_playlists_of_one_name_are_told_apart_by_their_folders_after_a_run_cut_off() -> None:
    """One's folder was gone, the other got its name, and then the run was killed."""
    story = synced({"A": ["x"], "B": ["x"]})
    story.library.delete("A/Artist - x.mp3")
    del story.library.folders["A"]
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    story.names |= {"A": "B", "B": "A"}
    plan = story.check()
    story.ledger = with_facts(story.ledger, (*plan.facts, *plan.agreed))
    story.ledger = renames_done(story.library, plan.actions, story.ledger)
    again = story.sync()
    assert "rename_folder" not in " ".join(story.words(again))
    assert story.library.tree == ["A/mine.mp3", "B/Artist - x.mp3 -> ../A/mine.mp3"]
    assert story.check().actions == ()
