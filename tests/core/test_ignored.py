"""A track that the settings ignore: never fetched, never taken away, and its links lead to it."""

from __future__ import annotations

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.memory import Story

X = TrackId("x")
IGNORE = Policy(ignore=frozenset({X}))


def ignored_after(**playlists: list[str]) -> Story:
    """The playlists are synced; from now on x is ignored."""
    story = Story(playlists=playlists)
    story.sync()
    story.policy = IGNORE
    return story


def nothing_is_done(story: Story) -> None:
    plan = story.check()
    assert (story.words(plan), plan.facts) == ([], ())


def test_it_is_not_fetched() -> None:
    story = Story(playlists={"A": ["x", "y"]}, policy=IGNORE)
    story.sync()
    assert story.library.tree == ["A/Artist - y.mp3"]
    nothing_is_done(story)


def test_a_file_that_is_there_stays_and_so_do_its_links() -> None:
    story = ignored_after(A=["x", "y"], B=["x"])
    before = story.library.tree
    nothing_is_done(story)
    for playlists in ({"A": ["y"], "B": ["x"]}, {"A": ["y"], "B": []}):
        story.playlists = playlists
        assert story.words(story.sync()) == []
    assert story.library.tree == before


def test_no_playlist_gets_a_new_link_to_it() -> None:
    story = ignored_after(A=["x"])
    story.playlists["B"] = ["x", "y"]
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - y.mp3"]
    nothing_is_done(story)


def test_of_a_deleted_playlist_it_alone_stays_and_keeps_the_folder() -> None:
    story = ignored_after(A=["x", "y"], B=["z"])
    del story.playlists["A"]
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - z.mp3"]
    nothing_is_done(story)
    story.policy = Policy()
    story.sync()
    assert story.library.tree == ["B/Artist - z.mp3"]
    nothing_is_done(story)


def test_a_new_playlist_does_not_take_over_the_folder_in_which_it_stays() -> None:
    story = ignored_after(A=["x", "y"])
    del story.playlists["A"]
    story.playlists["22222222-b"] = ["z"]
    story.names["22222222-b"] = "A"
    story.sync()
    assert story.library.tree == ["A [22222222]/Artist - z.mp3", "A/Artist - x.mp3"]
    nothing_is_done(story)


def test_it_goes_along_with_a_renamed_playlist_and_its_links_follow() -> None:
    story = ignored_after(A=["x", "y"], B=["x"])
    story.names["A"] = "New"
    story.sync()
    assert story.library.tree == [
        "B/Artist - x.mp3 -> ../New/Artist - x.mp3",
        "New/Artist - x.mp3",
        "New/Artist - y.mp3",
    ]
    nothing_is_done(story)


def test_what_was_deleted_is_not_fetched_again_and_no_link_to_it_is_left() -> None:
    story = ignored_after(A=["x", "y"], B=["x"])
    story.library.delete("A/Artist - x.mp3")
    assert story.words(story.sync()) == ["unlink B/Artist - x.mp3 (broken_link)"]
    assert story.library.tree == ["A/Artist - y.mp3", "B/"]
    nothing_is_done(story)
    story.policy = Policy()
    story.sync()
    assert "A/Artist - x.mp3" in story.library.tree


def test_a_damaged_file_of_it_stays() -> None:
    story = ignored_after(A=["x"], B=["x"])
    story.library.put("A/Artist - x.mp3", "broken")
    before = story.library.tree
    assert story.words(story.sync()) == []
    assert story.library.tree == before
    nothing_is_done(story)


def test_it_is_not_renamed_with_its_title() -> None:
    story = ignored_after(A=["x"])
    story.track("x", title="another")
    nothing_is_done(story)


def test_another_form_of_links_is_for_the_others() -> None:
    story = ignored_after(A=["x", "y"], B=["x", "y"])
    story.policy = Policy(ignore=frozenset({X}), link_kind=Kind.COPY)
    story.sync()
    kinds = {track: entry.kind for (id, track), entry in story.ledger.entries.items() if id == "B"}
    assert kinds == {"x": Kind.SYMLINK, "y": Kind.COPY}
    nothing_is_done(story)


def test_an_id_that_tidal_replaced_is_ignored_under_the_new_one() -> None:
    story = Story(playlists={"A": ["x"]})
    story.track("x", title="Song", isrc="QZAAA2600001")
    story.sync()
    story.policy = IGNORE
    story.playlists["A"] = ["new"]
    story.track("new", title="Song", isrc="QZAAA2600001")
    story.sync()
    assert story.ledger.replaced == {"x": "new"}
    story.library.delete("A/Artist - Song.mp3")
    story.sync()
    assert story.library.tree == ["A/"]


def test_a_run_of_some_playlists_leaves_it_in_the_others() -> None:
    story = ignored_after(A=["x"], B=["x"])
    story.policy = Policy(ignore=frozenset({X}), only=frozenset({PlaylistId("B")}))
    nothing_is_done(story)


def test_a_link_that_a_person_deleted_is_forgotten() -> None:
    story = ignored_after(A=["x"], B=["x"])
    story.library.delete("B/Artist - x.mp3")
    plan = story.sync()
    assert (plan.actions, plan.absent) == ((), frozenset())
    assert (PlaylistId("B"), X) not in story.ledger.entries
    nothing_is_done(story)


def test_the_folder_of_a_deleted_playlist_goes_at_once_where_nothing_ignored_is_left() -> None:
    story = ignored_after(A=["x", "y"], B=["z"])
    story.library.delete("A/Artist - x.mp3")
    del story.playlists["A"]
    story.sync()
    assert story.library.tree == ["B/Artist - z.mp3"]
    nothing_is_done(story)


def test_a_damaged_copy_of_it_stays() -> None:
    copies = Policy(link_kind=Kind.COPY)
    story = Story(playlists={"A": ["x"], "B": ["x"]}, policy=copies)
    story.sync()
    story.policy = Policy(link_kind=Kind.COPY, ignore=frozenset({X}))
    story.library.put("B/Artist - x.mp3", "broken")
    before = story.library.tree
    assert story.words(story.sync()) == []
    assert story.library.tree == before
    nothing_is_done(story)
    story.policy = copies
    assert story.words(story.sync()) != []
