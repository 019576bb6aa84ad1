"""More than one file of a track: which stays, which gives way, and which is the user's own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.actions import Because, Trash
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import FileIs, with_facts
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.disk import File, MemoryLibrary
from tests.core.memory import Story, settled, synced

X = TrackId("x")


def of_x(story: Story) -> set[str]:
    """The playlists that have an entry for ``x`` by the ledger."""
    return {playlist for playlist, track in story.ledger.entries if track == X}


# ---------------------------------------------------------------- copies and hard links of ours


@pytest.mark.parametrize(("kind", "why"), [(Kind.COPY, "stale_copy"), (Kind.HARDLINK, "link_mode")])
def test_a_second_file_is_made_anew_under_a_new_title(kind: Kind, why: str) -> None:
    story = synced(kind)
    story.track("x", title="new")
    assert story.words(story.sync()) == [
        "move A/Artist - new.mp3 (renamed_in_tidal)",
        f"trash B/Artist - x.mp3 ({why})",
        f"link B/Artist - new.mp3 ({why})",
    ]
    assert story.library.tree == ["A/Artist - new.mp3", "B/Artist - new.mp3"]
    assert settled(story)


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_a_second_file_takes_the_place_of_audio_that_is_lost(kind: Kind) -> None:
    story = synced(kind)
    story.library.delete("A/Artist - x.mp3")
    plan = story.sync()
    assert plan.counts["download"] == 0
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - x.mp3"]
    assert settled(story)


def test_a_copy_of_audio_that_was_edited_behind_its_stamp_and_renamed_is_made_once() -> None:
    """It holds what the audio holds now, not what the ledger knew of it."""
    story = synced()
    path = LibPath("Playlists/A/Artist - x.mp3")
    file = story.library.files[path]
    story.library.files[path] = replace(file, content=file.content[::-1])
    story.library.rename("A/Artist - x.mp3", "A/mine.mp3")
    story.policy = Policy(link_kind=Kind.COPY)
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (broken_link)"]
    assert settled(story)


def test_a_copy_that_is_lost_with_its_audio_is_forgotten_while_tidal_withholds_the_track() -> None:
    story = synced(Kind.COPY)
    for playlist in ("A", "B"):
        story.library.delete(f"{playlist}/Artist - x.mp3")
    story.playlists = {"B": ["x"]}
    story.track("x", available=False)
    story.sync()
    assert of_x(story) == set()
    assert settled(story)
    story.track("x", available=True)
    assert story.words(story.sync()) == ["download B/Artist - x.mp3 (new_in_playlist)"]


def test_a_copy_in_a_folder_that_another_playlist_takes_over_goes_once() -> None:
    story = synced(Kind.COPY, A=["x"], B=["x"])
    story.library.rename("A/Artist - x.mp3", "B/mine.mp3")
    story.playlists, story.names = {"C": ["x"]}, {"C": "B"}
    story.policy = Policy()
    paths = [action.path for action in story.sync().actions if isinstance(action, Trash)]
    assert paths == ["Playlists/B/Artist - x.mp3"]
    assert story.library.tree == ["B/mine.mp3"]
    assert settled(story)


def test_a_link_in_a_folder_that_another_playlist_takes_over_goes_once() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]}, policy=Policy(audio_format="original"))
    story.sync()
    story.library.delete("A/Artist - x.flac")
    story.policy = Policy(audio_format="mp3")
    story.playlists, story.names = {"A": ["x"], "C": ["x"]}, {"C": "B"}
    assert story.words(story.sync()) == [
        "download A/Artist - x.mp3 (missing_on_disk)",
        "unlink B/Artist - x.flac (renamed_in_tidal)",
        "link B/Artist - x.mp3 (renamed_in_tidal)",
    ]
    assert settled(story)


def test_a_copy_keeps_its_hash_when_the_user_changes_the_file_it_was_made_of() -> None:
    story = synced(Kind.COPY)
    story.library.put("B/again.mp3", "id:x|fetched")
    story.library.put("A/Artist - x.mp3", "id:x|my edit")
    story.playlists, story.policy = {"B": ["x"]}, Policy()
    story.sync()
    assert story.ledger.files[X].sha256 == story.library.files[story.ledger.files[X].path].sha256
    assert settled(story)


def test_a_copy_that_no_longer_plays_is_made_again() -> None:
    story = synced(Kind.COPY)
    story.library.put("B/Artist - x.mp3", "broken")
    assert story.words(story.sync()) == [
        "relink B/Artist - x.mp3 (damaged_on_disk)",
    ]
    assert settled(story)


def test_a_copy_the_user_changed_is_the_users_own() -> None:
    story = synced(Kind.COPY)
    story.library.put("B/Artist - x.mp3", "id:x|my edit")
    assert story.sync().actions == ()
    assert settled(story)


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_a_link_that_becomes_a_file_is_right_and_only_of_the_wrong_form(kind: Kind) -> None:
    story = synced()
    story.policy = Policy(link_kind=kind)
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (link_mode)"]
    assert settled(story)


def test_copies_of_another_tool_made_at_the_same_time_stay_as_they_are() -> None:
    library = MemoryLibrary()
    first = library.files[library.put("A/x.mp3", "id:x|same")]
    library.files[library.put("B/x.mp3", "id:x|same")] = File(9, "id:x|same", first.mtime_ns)
    story = Story(library, playlists={"A": ["x"], "B": ["x"]}, policy=Policy(link_kind=Kind.COPY))
    assert story.sync().actions == ()
    entry = story.ledger.entries[PlaylistId("B"), X]
    assert (entry.kind, entry.stamp) == (Kind.COPY, (9, len(first.content), first.mtime_ns))
    assert settled(story)


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_second_files_stay_as_they_are_when_the_audio_moves_to_another_playlist(kind: Kind) -> None:
    story = synced(kind, A=["x"], B=["x"], C=["x"])
    story.playlists["A"] = []
    plan = story.sync()
    assert {action.path for action in plan.actions if "/C/" in action.path} == set()
    assert story.library.tree == ["A/", "B/Artist - x.mp3", "C/Artist - x.mp3"]
    assert settled(story)


def test_a_copy_edited_behind_its_stamp_stays_when_the_audio_moves_to_another_playlist() -> None:
    story = synced(Kind.COPY, A=["x"], B=["x"], C=["x"])
    path = LibPath("Playlists/C/Artist - x.mp3")
    file = story.library.files[path]
    story.library.files[path] = replace(file, content=file.content[::-1])
    del story.playlists["A"]
    assert story.words(story.sync()) == [
        "trash A/Artist - x.mp3 (playlist_deleted)",
        "remove_folder A (playlist_deleted)",
    ]
    assert settled(story)
    assert story.library.files[path].content == file.content[::-1]


def test_an_old_copy_out_of_scope_is_not_believed_to_hold_what_the_audio_holds_now() -> None:
    story = synced(Kind.COPY)
    path = LibPath("Playlists/A/Artist - x.mp3")
    file = story.library.files[path]
    story.library.files[path] = edited = replace(file, content="id:x|retaken")
    doubted = story.ledger.files[X]._replace(stamp=None, sha256=edited.sha256)
    story.ledger = with_facts(story.ledger, [FileIs(doubted)])
    story.policy = Policy(link_kind=Kind.COPY, only=frozenset({PlaylistId("A")}))
    assert story.sync().actions == ()
    story.policy = Policy(link_kind=Kind.COPY)
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (stale_copy)"]
    assert settled(story)


def test_an_old_copy_in_a_playlist_left_out_is_made_anew_once_that_is_synced_again() -> None:
    story = synced(Kind.COPY)
    path = LibPath("Playlists/A/Artist - x.mp3")
    file = story.library.files[path]
    story.library.files[path] = edited = replace(file, content="id:x|retaken")
    doubted = story.ledger.files[X]._replace(stamp=None, sha256=edited.sha256)
    story.ledger = with_facts(story.ledger, [FileIs(doubted)])
    story.policy = Policy(link_kind=Kind.COPY, exclude=("B",))
    assert story.sync().actions == ()
    assert settled(story)
    story.policy = Policy(link_kind=Kind.COPY)
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (stale_copy)"]
    assert settled(story)


def test_a_copy_leaves_with_its_playlist_and_the_audio_stays() -> None:
    story = synced(Kind.COPY)
    story.playlists["B"] = []
    assert story.words(story.sync()) == ["trash B/Artist - x.mp3 (left_playlist)"]
    assert story.library.tree == ["A/Artist - x.mp3", "B/"]


def test_an_old_copy_leaves_with_its_playlist_even_if_the_audio_is_another_by_now() -> None:
    story = synced(Kind.COPY)
    story.library.put("A/Artist - x.mp3", "id:x|retagged by the user")
    story.playlists["B"] = []
    assert story.words(story.sync()) == ["trash B/Artist - x.mp3 (left_playlist)"]


def test_a_copy_the_user_changed_stays_when_its_playlist_lets_go() -> None:
    story = synced(Kind.COPY)
    story.library.put("B/Artist - x.mp3", "id:x|my edit")
    story.playlists["B"] = []
    assert story.sync().actions == ()
    assert of_x(story) == {"A"}


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_when_the_last_playlist_lets_go_every_file_of_the_track_leaves(kind: Kind) -> None:
    story = synced(kind)
    story.library.put("C/keep.txt", "mine")
    story.playlists = {"A": [], "B": []}
    assert story.sync().counts["trash"] == 2
    assert story.library.tree == ["A/", "B/", "C/keep.txt"]
    assert (story.ledger.entries, story.ledger.files) == ({}, {})


def test_a_hard_link_leaves_also_when_the_user_moved_and_retagged_the_audio() -> None:
    story = synced(Kind.HARDLINK)
    story.library.rename("A/Artist - x.mp3", "Inbox/x.mp3")
    for path, file in story.library.files.items():
        story.library.files[path] = replace(file, content="id:x|retagged", mtime_ns=1)
    story.playlists = {"A": [], "B": []}
    assert story.words(story.sync()) == ["trash B/Artist - x.mp3 (left_every_playlist)"]
    assert story.library.tree == ["A/", "B/", "Inbox/x.mp3"]


def test_the_second_name_of_a_retagged_file_leaves_with_its_playlist() -> None:
    story = synced(Kind.HARDLINK)
    for path, file in story.library.files.items():
        story.library.files[path] = replace(file, content="id:x|retagged", mtime_ns=1)
    story.playlists["B"] = []
    assert story.words(story.sync()) == ["trash B/Artist - x.mp3 (left_playlist)"]
    assert settled(story)


def test_audio_the_user_moved_away_is_said_to_be_moved_whatever_tidal_changed() -> None:
    story = synced()
    story.library.rename("A/Artist - x.mp3", "Inbox/x.mp3")
    story.playlists["A"] = []
    assert story.words(story.sync()) == ["move B/Artist - x.mp3 (moved_on_disk)"]
    assert settled(story)


def test_a_retagged_file_that_moves_is_known_by_its_new_content() -> None:
    story = synced()
    story.library.put("A/Artist - x.mp3", "id:x|retagged by the user")
    story.playlists["A"] = []
    assert story.words(story.sync()) == ["move B/Artist - x.mp3 (left_primary_playlist)"]
    [file] = story.library.files.values()
    assert story.ledger.files[X].sha256 == file.sha256
    assert settled(story)


def test_an_old_copy_goes_without_an_equal_to_be_held_against() -> None:
    story = synced(Kind.COPY)
    story.library.put("A/Artist - x.mp3", "id:x|retagged by the user")
    story.track("x", title="new")
    trashed = [action for action in story.sync().actions if isinstance(action, Trash)]
    assert [(action.because, action.keeper) for action in trashed] == [(Because.STALE_COPY, None)]
    assert settled(story)


def test_a_second_copy_goes_only_for_a_first_one_that_is_named() -> None:
    story = synced()
    story.library.put("B/copy.mp3", "id:x|fetched")
    [action] = story.check().actions
    assert isinstance(action, Trash)
    assert action.keeper == "Playlists/A/Artist - x.mp3"


def test_the_second_name_of_one_file_goes_only_while_the_first_is_there() -> None:
    story = synced(Kind.HARDLINK)
    story.playlists["B"] = []
    [action] = story.check().actions
    assert isinstance(action, Trash)
    assert action.keeper == "Playlists/A/Artist - x.mp3"


def test_a_copy_of_ours_stays_before_one_the_user_laid_beside_it() -> None:
    story = synced(Kind.COPY)
    story.library.put("B/0 copy.mp3", "id:x|fetched")
    assert story.words(story.sync()) == ["trash B/0 copy.mp3 (same_audio)"]
    assert settled(story)


def test_a_file_at_an_entry_of_a_track_without_known_audio_is_not_ours_unseen() -> None:
    story = synced(Kind.HARDLINK)
    story.library.delete("A/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "a mix of my own")
    story.ledger = replace(story.ledger, files={})
    assert story.sync().counts["download"] == 1
    assert "a mix of my own" in {file.content for file in story.library.files.values()}


def test_links_take_the_extension_of_the_audio() -> None:
    story = synced()
    story.library.delete("A/Artist - x.mp3")
    story.library.put("A/Artist - x.flac", "id:x|lossless")
    assert story.sync().counts["download"] == 0
    assert story.library.tree == [
        "A/Artist - x.flac",
        "B/Artist - x.flac -> ../A/Artist - x.flac",
    ]
    assert settled(story)


# ---------------------------------------------------------------- further files of the track


@pytest.mark.parametrize(
    ("extra", "content", "goes"),
    [
        ("A/copy.mp3", "id:x|fetched", True),
        ("B/copy.mp3", "id:x|fetched", True),
        ("A/edit.mp3", "id:x|my edit", False),
        ("A/deep/copy.mp3", "id:x|fetched", False),
        ("Inbox/copy.mp3", "id:x|fetched", False),
    ],
)
def test_a_byte_equal_file_gives_way_only_beside_an_entry_of_its_track(
    extra: str, content: str, goes: bool
) -> None:
    story = synced()
    path = story.library.put(extra, content)
    assert story.words(story.sync()) == ([f"trash {extra} (same_audio)"] if goes else [])
    assert (path in story.library.files) is not goes
    assert settled(story)


def test_a_byte_equal_file_in_a_playlist_out_of_scope_stays() -> None:
    story = synced()
    story.library.put("B/copy.mp3", "id:x|fetched")
    story.policy = replace(story.policy, only=frozenset({PlaylistId("A")}))
    assert story.sync().actions == ()


def test_a_version_of_the_users_own_under_another_name_stands_for_the_entry() -> None:
    story = synced()
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/edit.mp3", "id:x|my edit")
    assert story.sync().actions == ()
    entry = story.ledger.entries[PlaylistId("B"), X]
    assert (entry.kind, entry.path) == (Kind.YOURS, "Playlists/B/edit.mp3")
    assert settled(story)
