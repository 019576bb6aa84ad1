"""Files in the place of ours that are the person's, damaged, or of a track that nobody wants."""

from __future__ import annotations

from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.memory import Story, settled, synced


def replaced_by_the_user(path: str, **playlists: list[str]) -> Story:
    """A file of the user's own stands where the entry was; then TIDAL changes."""
    story = synced()
    story.library.delete(path)
    story.library.put(path, "a mix of my own")
    story.playlists = playlists
    return story


def test_what_the_user_put_in_place_of_a_link_stays_when_the_track_leaves() -> None:
    story = replaced_by_the_user("B/Artist - x.mp3", A=["x"], B=[])
    assert story.sync().actions == ()
    assert story.ledger.entries.keys() == {("A", "x")}


def test_what_the_user_put_in_place_of_the_audio_stays_when_the_track_leaves() -> None:
    story = replaced_by_the_user("A/Artist - x.mp3", A=[], B=["x"])
    assert story.words(story.sync()) == ["download B/Artist - x.mp3 (missing_on_disk)"]
    assert "A/Artist - x.mp3" in story.library.tree
    assert story.ledger.entries.keys() == {("B", "x")}
    assert settled(story)


def test_what_the_user_put_in_place_of_the_audio_stays_when_all_let_go() -> None:
    story = replaced_by_the_user("A/Artist - x.mp3", A=[], B=[])
    assert story.words(story.sync()) == ["unlink B/Artist - x.mp3 (left_playlist)"]
    assert story.library.tree == ["A/Artist - x.mp3", "B/"]
    assert (story.ledger.entries, story.ledger.files) == ({}, {})
    assert settled(story)


def test_a_check_forgets_no_audio_that_is_still_to_go() -> None:
    story = synced(A=["x", "y"])
    story.playlists["A"] = ["y"]
    assert story.words(story.check()) == ["trash A/Artist - x.mp3 (left_every_playlist)"]
    assert story.check().facts == ()


def test_broken_audio_of_a_playlist_that_lets_go_leaves_once_there_is_a_whole_one() -> None:
    story = synced()
    story.library.put("A/Artist - x.mp3", "broken")
    story.playlists["A"] = []
    assert story.words(story.sync()) == [
        "download B/Artist - x.mp3 (damaged_on_disk)",
        "trash A/Artist - x.mp3 (damaged_on_disk)",
    ]
    assert settled(story)


def test_broken_audio_that_tidal_does_not_offer_stays_and_is_said() -> None:
    story = synced()
    story.library.put("A/Artist - x.mp3", "broken")
    story.track("x", available=False)
    assert story.words(story.sync()) == ["conflict A/Artist - x.mp3 (damaged_on_disk)"]
    story.playlists["A"] = []
    assert story.words(story.sync()) == ["conflict A/Artist - x.mp3 (damaged_on_disk)"]
    assert story.library.tree[0] == "A/Artist - x.mp3"


def test_broken_audio_that_nobody_wants_goes_to_the_trash() -> None:
    story = synced()
    story.library.put("A/Artist - x.mp3", "broken")
    story.playlists = {"A": [], "B": []}
    assert story.sync().counts["trash"] == 1
    assert story.ledger.files == {}


def test_a_check_forgets_nothing_by_which_a_renamed_folder_of_broken_audio_is_known() -> None:
    story = synced(A=["x", "y"])
    story.library.folders["mine"] = story.library.folders.pop("A")
    story.library.rename("A/Artist - x.mp3", "mine/my name.mp3")
    story.library.rename("A/Artist - y.mp3", "mine/Artist - y.mp3")
    story.library.put("mine/Artist - y.mp3", "broken")
    story.playlists = {}
    for _ in range(3):
        plan = story.check()
        assert story.words(plan) == ["trash mine/Artist - y.mp3 (playlist_deleted)"]
        story.note(plan)
    story.sync()
    assert story.library.tree == ["mine/my name.mp3"]
    assert story.ledger.entries == {}


def test_a_name_that_the_user_gave_to_another_track_is_that_tracks() -> None:
    story = synced(A=["x", "y"])
    story.library.delete("A/Artist - x.mp3")
    story.library.rename("A/Artist - y.mp3", "A/Artist - x.mp3")
    story.track("x", available=False)
    assert story.sync().actions == ()
    assert {entry.track for entry in story.ledger.entries.values()} == {"y"}
    assert settled(story)


def test_a_damaged_primary_out_of_scope_is_a_bad_copy_once_another_one_is_primary() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.library.put("A/Artist - x.mp3", "broken")
    story.policy = Policy(exclude=("A",))
    assert story.words(story.sync()) == ["download B/Artist - x.mp3 (damaged_on_disk)"]
    primaries = [e.playlist for e in story.ledger.entries.values() if e.kind is Kind.PRIMARY]
    assert primaries == ["B"]
    assert settled(story)
    story.policy = Policy()
    story.sync()
    assert story.library.tree == [
        "A/Artist - x.mp3 -> ../B/Artist - x.mp3",
        "B/Artist - x.mp3",
    ]
    assert settled(story)
