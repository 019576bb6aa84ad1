"""Links of ours that the person gave another name, found although little leads to them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import (
    EntryGone,
    EntryIs,
    FileGone,
    FileIs,
    FolderGone,
    FolderIs,
    with_facts,
)
from strandline.core.policy import Policy
from strandline.core.states import MadeLink
from tests.core.memory import Story, settled

X, A, B = TrackId("x"), PlaylistId("A"), PlaylistId("B")


def synced() -> Story:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    return story


def test_a_link_that_missed_the_new_name_of_a_folder_is_found_under_its_own_new_name() -> None:
    """A run of one playlist believed the person's name; the link still leads to the old one."""
    story = synced()
    story.library.folders["Mine"] = story.library.folders.pop("A")
    story.library.rename("A/Artist - x.mp3", "Mine/Artist - x.mp3")
    followed = story.ledger.playlists[A]._replace(folder="Mine")
    story.ledger = with_facts(story.ledger, [FolderIs(followed)])
    story.library.rename("B/Artist - x.mp3", "B/Artist_-_x.mp3")
    story.sync()
    assert story.check().actions == ()
    assert story.library.tree == [
        "B/Artist_-_x.mp3 -> ../Mine/Artist - x.mp3",
        "Mine/Artist - x.mp3",
    ]


def test_a_renamed_link_beside_the_file_at_its_old_name_is_cleared() -> None:
    story = synced()
    story.library.rename("B/Artist - x.mp3", "B/Artist_-_x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|fetched")
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - x.mp3 -> ../A/Artist - x.mp3"]
    assert story.check().actions == ()


@pytest.mark.parametrize("name", ["Artist - x.mp3", "Artist_-_x.mp3"])
def test_a_folder_is_known_by_a_link_whose_audio_is_lost(name: str) -> None:
    """An undo took the audio away and failed at the link; then the person renamed the folder."""
    story = synced()
    story.playlists = {"B": ["x"]}
    story.track("x", available=False)
    story.policy = Policy(exclude=("B",))
    story.library.delete("A/Artist - x.mp3")
    del story.library.folders["A"]
    story.ledger = with_facts(story.ledger, [EntryGone(A, X), FolderGone(A), FileGone(X)])
    story.library.folders["Mine"] = story.library.folders.pop("B")
    story.library.rename("B/Artist - x.mp3", f"Mine/{name}")
    assert story.sync().actions == ()
    assert story.ledger.entries[B, X].path == f"Playlists/Mine/{name}"


def test_a_renamed_link_that_leads_to_where_its_track_had_an_entry_is_found() -> None:
    """The ledger knows the audio elsewhere by now, and its entry in A still there."""
    story = synced()
    story.library.rename("A/Artist - x.mp3", "B/mine.mp3")
    story.library.rename("B/Artist - x.mp3", "B/moved.mp3")
    file = story.ledger.files[X]._replace(path=LibPath("Playlists/B/mine.mp3"))
    story.ledger = with_facts(story.ledger, [FileIs(file)])
    story.sync()
    assert "B/moved.mp3 -> ../A/Artist - x.mp3" not in story.library.tree
    assert story.check().actions == ()


def test_a_renamed_link_that_leads_to_nothing_is_found_by_the_name_of_what_it_led_to() -> None:
    """Its audio was moved in a run that did not reach the link; the folder is still there."""
    story = Story(playlists={"A": ["x", "y"], "B": ["x"]})
    story.sync()
    story.library.rename("A/Artist - x.mp3", "A/mine.mp3")
    story.library.rename("B/Artist - x.mp3", "B/moved.mp3")
    file = story.ledger.files[X]._replace(path=LibPath("Playlists/A/mine.mp3"))
    entry = story.ledger.entries[A, X]._replace(path=file.path, named_for=None)
    story.ledger = with_facts(story.ledger, [FileIs(file), EntryIs(entry)])
    story.sync()
    assert "B/moved.mp3 -> ../A/mine.mp3" in story.library.tree
    assert not [line for line in story.library.tree if line.startswith("B/Artist")]
    assert story.check().actions == ()


def test_a_dangling_link_of_a_track_that_left_goes_once() -> None:
    """Beside it the other track's link became a file, and its audio bears the same name."""
    story = Story(playlists={"B": ["2", "1"], "C": ["1", "2"]})
    for track in ("1", "2"):
        story.track(track, title="Song")
    story.sync()
    story.library.delete("B/Artist - Song.mp3")
    story.library.delete("C/Artist - Song.mp3")
    story.library.put("C/Artist - Song.mp3", "id:1|retagged")
    story.playlists = {"C": ["1"]}
    paths = [action.path for action in story.check().actions]
    assert len(paths) == len({*paths})


def test_a_link_is_known_by_its_text_whatever_its_name_and_the_fate_of_its_audio() -> None:
    story = synced()
    story.library.rename("B/Artist - x.mp3", "B/odd.mp3")
    story.sync()
    story.library.delete("A/Artist - x.mp3")
    story.library.rename("B/odd.mp3", "B/mine.mp3")
    made = {(B, "../A/Artist - x.mp3"): X}
    story.ledger = replace(with_facts(story.ledger, [EntryGone(A, X), FileGone(X)]), made=made)
    story.sync()
    assert story.check().actions == ()
    assert story.library.tree == ["A/Artist - x.mp3", "B/mine.mp3 -> ../A/Artist - x.mp3"]


def with_a_link_of_nobody(name: str) -> Story:
    """A run that was cut off left a link of ours in a folder; x is no longer listed in B."""
    story = Story(playlists={"A": ["x"], "B": ["y", "x"], "C": ["y"]})
    story.sync()
    story.library.rename("B/Artist - x.mp3", name)
    story.playlists["B"] = ["y"]
    ino, _ = story.library.links[LibPath(f"Playlists/{name}")]
    story.ledger = replace(
        with_facts(story.ledger, [EntryGone(B, X)]), ours={ino: MadeLink(B, X, "B")}
    )
    return story


def test_a_link_of_ours_that_stands_for_nothing_goes() -> None:
    story = with_a_link_of_nobody("B/odd.mp3")
    assert story.words(story.sync()) == ["unlink B/odd.mp3 (moved_on_disk)"]
    assert story.check().actions == ()


def test_it_goes_under_the_id_that_tidal_lists_now_whether_checked_before_or_not() -> None:
    story = with_a_link_of_nobody("B/odd.mp3")
    story.track("x", isrc="QZAAA2600001")
    story.track("new", title="x", isrc="QZAAA2600001")
    story.playlists["A"] = ["new"]
    first = story.check()
    assert [action.track for action in first.actions] == ["new"]
    story.note(first)
    assert story.check().actions == first.actions


def test_it_stays_where_the_person_took_it() -> None:
    assert with_a_link_of_nobody("C/odd.mp3").check().actions == ()
    assert with_a_link_of_nobody("B/best/odd.mp3").check().actions == ()


def test_it_stays_where_nothing_is_to_be_done() -> None:
    for policy in (Policy(exclude=("B",)), Policy(ignore=frozenset({X})), Policy(only=frozenset())):
        story = with_a_link_of_nobody("B/odd.mp3")
        story.policy = policy
        assert story.check().actions == ()
    story = with_a_link_of_nobody("B/odd.mp3")
    story.incomplete["B"] = "a page failed"
    assert story.check().actions == ()


def test_it_goes_from_the_folder_of_a_playlist_that_was_deleted_long_ago() -> None:
    """The folder holds something of the person's, so it was left to them."""
    story = with_a_link_of_nobody("B/odd.mp3")
    story.playlists = {"A": ["x"], "C": ["y"]}
    gone = [EntryGone(B, TrackId("y")), FolderGone(B)]
    story.ledger = with_facts(story.ledger, gone)
    story.library.delete("B/Artist - y.mp3")
    story.complete = False
    assert story.check().actions == ()
    story.complete = True
    assert story.words(story.sync()) == ["unlink B/odd.mp3 (moved_on_disk)"]


@pytest.mark.parametrize("before", ["nothing", "a check", "a run that got no audio"])
def test_in_a_folder_that_is_taken_over_it_is_ours_though_what_it_led_to_is_gone(
    before: str,
) -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"], "C": ["x"]})
    story.sync()
    story.library.delete("A/Artist - x.mp3")
    del story.library.folders["A"]
    story.names = {"A": "B"}
    del story.playlists["B"]
    plan = story.check()
    if before != "nothing":
        story.note(plan)
    if before == "a run that got no audio":
        story.ledger = with_facts(story.ledger, plan.agreed)
    assert story.words(story.sync()) == [
        "download B/Artist - x.mp3 (missing_on_disk)",
        "relink C/Artist - x.mp3 (broken_link)",
    ]
    assert story.library.tree == ["B/Artist - x.mp3", "C/Artist - x.mp3 -> ../B/Artist - x.mp3"]
    assert settled(story)
