"""What nobody could look at is unknown, not empty; and audio that lies beside the folders."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from strandline.core.actions import Conflict, Download, Trash
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.memory import Story


def synced(**lists: list[str]) -> Story:
    story = Story(playlists=dict(lists))
    story.sync()
    assert story.check().actions == ()
    return story


def cannot_be_read(story: Story, name: str) -> None:
    story.library.unreadable[name] = "Permission denied"


def is_something_else(story: Story, name: str) -> None:
    story.library.no_folders.add(name)


def renamed_and_closed(story: Story, name: str) -> None:
    """The person renamed the folder, and it cannot be read either."""
    library = story.library
    library.folders[f"{name} old"] = library.folders.pop(name)
    for path in [*library.files, *library.links]:
        if path.startswith(f"Playlists/{name}/"):
            entry = path.rpartition("/")[2]
            library.rename(f"{name}/{entry}", f"{name} old/{entry}")
    library.folders.pop(name, None)
    library.unreadable[f"{name} old"] = "Permission denied"


WAYS = [cannot_be_read, is_something_else, renamed_and_closed]
ways = pytest.mark.parametrize("closes", WAYS)
Closes = Callable[[Story, str], None]


def opens(story: Story) -> None:
    story.library.unreadable.clear()
    story.library.no_folders.clear()


def changed(story: Story) -> list[str]:
    plan = story.sync()
    return [word for word in story.words(plan) if not word.startswith("conflict")]


@ways
def test_nothing_that_is_known_to_lie_there_is_fetched_for_other_playlists(closes: Closes) -> None:
    story = synced(A=["x", "y"], B=["x"], C=["x"])
    before, ledger = story.library.tree, story.ledger
    closes(story, "A")
    story.playlists["D"] = ["x", "z"]
    for _night in range(3):
        plan = story.sync()
        assert [a.path for a in plan.actions if isinstance(a, Conflict)]
        assert not [a for a in plan.actions if isinstance(a, Download) and a.track != "z"]
        assert not [a for a in plan.actions if isinstance(a, Trash)]
        assert plan.missing <= {"z"}
        assert plan.tally.tracks == 2 + ("z" not in plan.missing)
    opens(story)
    story.sync()
    assert story.check().actions == ()
    if closes is not renamed_and_closed:
        assert set(before) <= set(story.library.tree)
        assert {*ledger.files.values()} <= {*story.ledger.files.values()}
    assert not story.library.trash


@ways
def test_links_of_tracks_that_left_their_playlists_go_all_the_same(closes: Closes) -> None:
    story = synced(A=["x"], B=["x", "y"])
    closes(story, "A")
    story.playlists["B"] = ["y"]
    assert changed(story) == ["unlink B/Artist - x.mp3 (left_playlist)"]
    opens(story)
    story.sync()
    assert not story.library.trash
    assert story.check().actions == ()


@ways
def test_a_deleted_playlist_is_cleared_once_it_can_be_looked_at(closes: Closes) -> None:
    story = synced(A=["x", "y"], B=["x"])
    closes(story, "A")
    del story.playlists["A"]
    for _night in range(2):
        assert changed(story) == []
    opens(story)
    plan = story.sync()
    assert plan.counts["move"] == 1, "x goes to B"
    assert [file.content for file in story.library.trash] == ["id:y|fetched"]
    assert story.check().actions == ()


@ways
def test_a_playlist_renamed_in_tidal_is_renamed_once_it_can_be_looked_at(closes: Closes) -> None:
    story = synced(A=["x"], B=["x"])
    closes(story, "A")
    story.names["A"] = "Zeta"
    for _night in range(2):
        assert changed(story) == []
    opens(story)
    story.sync()
    assert "Zeta/Artist - x.mp3" in story.library.tree
    assert story.check().actions == ()


@ways
def test_a_copy_that_may_still_be_there_is_waited_for(closes: Closes) -> None:
    story = Story(playlists={"A": ["x"], "B": ["x"]}, policy=Policy(link_kind=Kind.COPY))
    story.sync()
    closes(story, "B")
    story.library.delete("A/Artist - x.mp3")
    assert changed(story) == []
    opens(story)
    assert story.sync().counts["download"] == 0
    assert story.check().actions == ()


def test_a_file_that_was_moved_out_before_is_known_again() -> None:
    story = synced(A=["x"], B=["x"])
    story.library.delete("B/Artist - x.mp3")
    story.library.rename("A/Artist - x.mp3", "B/Artist - x.mp3")
    cannot_be_read(story, "A")
    story.sync()
    assert story.ledger.files["x"].path == "Playlists/B/Artist - x.mp3"  # type: ignore[index]


def test_the_message_names_the_place_and_the_reason() -> None:
    story = synced(A=["x"])
    story.library.unreadable["A"] = "Input/output error: Playlists/A/sub"
    (conflict,) = story.check().actions
    assert isinstance(conflict, Conflict)
    assert conflict.message.startswith(
        "Playlists/A cannot be read (Input/output error: Playlists/A/sub); nothing"
    )


def test_a_place_out_of_scope_is_named_where_audio_of_others_lies_there() -> None:
    story = synced(A=["x"], B=["x"])
    story.policy = Policy(exclude=("A",))
    cannot_be_read(story, "A")
    story.playlists["C"] = ["x"]
    assert changed(story) == ["create_folder C (new_playlist)"]
    assert story.words(story.check()) == ["conflict A (folder_unreadable)"]


# ---------------------------------------------------------------- beside the folders


def beside(story: Story, path: str) -> None:
    """The person drags a file out of its playlist's folder, into ``Playlists`` itself."""
    library = story.library
    file = library.files.pop(f"Playlists/{path}")  # type: ignore[call-overload]
    name = path.rpartition("/")[2]
    library.files[f"Playlists/{name}"] = file  # type: ignore[index]
    library.folders[name] = file.ino
    library.no_folders.add(name)


def test_audio_beside_the_folders_is_moved_home() -> None:
    story = synced(A=["x", "y"], B=["x"])
    beside(story, "A/Artist - x.mp3")
    plan = story.sync()
    assert story.words(plan)[0] == "move A/Artist - x.mp3 (moved_on_disk)"
    assert plan.counts["download"] == plan.counts["conflict"] == 0
    story.library.folders.pop("Artist - x.mp3")
    assert story.check().actions == ()


def test_audio_of_a_stranger_beside_the_folders_is_counted_and_left() -> None:
    story = synced(A=["x"])
    story.library.put("mine.mp3", "whatever")
    story.library.no_folders.add("mine.mp3")
    plan = story.sync()
    assert plan.actions == ()
    assert plan.tally.foreign_files == 1
