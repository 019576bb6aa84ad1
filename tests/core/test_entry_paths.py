"""What each entry of a playlist is called: names stay, and never take another's."""

from __future__ import annotations

from strandline.core.ids import LibPath
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.disk import MemoryLibrary
from tests.core.memory import Story, settled


def original(**playlists: list[str]) -> Story:
    """Downloads keep TIDAL's form, so that their extension is only a forecast."""
    return Story(playlists=playlists, policy=Policy(audio_format="original"))


def test_of_one_name_the_first_in_the_playlist_gets_it_and_the_next_one_its_id() -> None:
    story = Story(playlists={"A": ["2", "1", "3"]})
    for track in "123":
        story.track(track, title="Song")
    story.sync()
    assert story.library.tree == [
        "A/Artist - Song [1].mp3",
        "A/Artist - Song [3].mp3",
        "A/Artist - Song.mp3",
    ]
    story.playlists["A"] = ["1", "2", "3"]
    assert settled(story), "another order changes no name"


def test_one_name_is_not_given_twice_whatever_the_extension_will_be() -> None:
    story = original(A=["x", "y"])
    story.track("y", title="x", lossless=False)
    story.sync()
    assert story.library.tree == ["A/Artist - x [y].m4a", "A/Artist - x.flac"]


def test_names_that_differ_in_case_only_are_one_name() -> None:
    story = Story(playlists={"A": ["x", "y"]})
    story.track("y", title="X")
    story.sync()
    assert story.library.tree == ["A/Artist - X [y].mp3", "A/Artist - x.mp3"]


def test_a_link_does_not_take_a_name_of_the_users_with_its_new_extension() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.library.delete("A/Artist - x.mp3")
    story.library.put("A/Artist - x.flac", "id:x|lossless")
    story.library.put("B/Artist - x.flac", "a mix of my own")
    story.sync()
    assert story.library.tree == [
        "A/Artist - x.flac",
        "B/Artist - x [x].flac -> ../A/Artist - x.flac",
        "B/Artist - x.flac",
    ]
    assert not story.library.touched & {LibPath("Playlists/B/Artist - x.flac")}
    assert settled(story)


def test_audio_that_comes_to_a_playlist_takes_the_name_the_user_gave_its_link() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    story.sync()
    story.playlists["A"] = []
    story.sync()
    assert story.library.tree == ["A/", "B/mine.mp3"]
    assert settled(story)


def test_audio_the_user_laid_beside_its_link_stands_for_the_entry() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.library.rename("A/Artist - x.mp3", "B/my name.mp3")
    plan = story.sync()
    assert story.words(plan) == [
        "unlink B/Artist - x.mp3 (moved_on_disk)",
        "link A/Artist - x.mp3 (missing_on_disk)",
    ]
    assert story.library.tree == ["A/Artist - x.mp3 -> ../B/my name.mp3", "B/my name.mp3"]
    assert settled(story)


def test_a_name_of_an_old_collision_is_kept_when_the_other_one_left() -> None:
    story = Story(playlists={"A": ["x", "y"]})
    story.track("y", title="x")
    story.sync()
    story.playlists["A"] = ["y"]
    story.sync()
    assert story.library.tree == ["A/Artist - x [y].mp3"]
    assert settled(story)


def test_a_swap_of_titles_in_tidal_is_followed_without_loss() -> None:
    story = Story(playlists={"A": ["x", "y"], "B": ["x", "y"]})
    story.sync()
    story.track("x", title="y")
    story.track("y", title="x")
    story.sync()
    story.sync()
    assert sorted(file.embedded or "" for file in story.library.files.values()) == ["x", "y"]
    assert settled(story)


def test_a_title_that_differs_only_in_what_no_file_name_holds_renames_nothing() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    before = story.library.tree
    story.track("x", title="x?")
    story.sync()
    assert story.library.tree == before
    assert settled(story)


def test_a_link_the_user_named_and_deleted_comes_back_under_that_name() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    story.sync()
    story.library.delete("B/mine.mp3")
    assert story.words(story.sync()) == ["link B/mine.mp3 (missing_on_disk)"]


def test_a_link_the_user_gave_the_name_of_a_track_that_left_stays() -> None:
    story = Story(playlists={"A": ["x", "y"], "B": ["x", "y"]})
    story.sync()
    story.library.rename("B/Artist - y.mp3", "B/Artist - x.mp3")
    story.playlists["B"] = ["y"]
    assert story.sync().actions == ()
    assert story.library.tree[2:] == ["B/Artist - x.mp3 -> ../A/Artist - y.mp3"]
    assert settled(story)


def test_a_track_out_of_tidal_keeps_its_name_while_its_title_is_a_placeholder() -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.track("x", title="", artist="", available=False)
    story.library.delete("B/Artist - x.mp3")
    assert story.words(story.sync()) == ["link B/Artist - x.mp3 (missing_on_disk)"]


def test_a_file_found_under_the_name_it_would_get_follows_tidals_titles() -> None:
    library = MemoryLibrary()
    library.put("A/Artist - x.mp3", "id:x|of another tool")
    library.put("A/my own name.mp3", "id:y|of another tool")
    story = Story(library, playlists={"A": ["x", "y"]}, policy=Policy(link_kind=Kind.COPY))
    story.sync()
    story.track("x", title="new x")
    story.track("y", title="new y")
    assert story.words(story.sync()) == ["move A/Artist - new x.mp3 (renamed_in_tidal)"]
    assert story.library.tree == ["A/Artist - new x.mp3", "A/my own name.mp3"]


def test_names_of_the_persons_that_differ_in_case_only_stay_both_whether_checked_or_not() -> None:
    """As a disk may have them that tells upper from lower case."""
    story = Story(playlists={"A": ["x", "y"], "B": ["y"]})
    story.sync()
    story.library.rename("A/Artist - x.mp3", "A/song.mp3")
    story.library.rename("A/Artist - y.mp3", "A/Song.mp3")
    first = story.check()
    assert story.words(first) == ["relink B/Artist - y.mp3 (broken_link)"]
    story.note(first)
    assert story.words(story.sync()) == story.words(first)
    assert story.library.tree == [
        "A/Song.mp3",
        "A/song.mp3",
        "B/Artist - y.mp3 -> ../A/Song.mp3",
    ]
    assert settled(story)
