"""A plan's order, its counts, and what it says of the library."""

from __future__ import annotations

import pytest

from strandline.core.actions import (
    Action,
    Because,
    Conflict,
    CreateFolder,
    Download,
    EntryState,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath
from strandline.core.plan import Plan, Tally, in_order, is_removal
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.disk import MemoryLibrary
from tests.core.memory import Story

AT, FROM, SEEN = LibPath("Playlists/A/x"), LibPath("Playlists/B/x"), EntryState("file", 1, 2)


def rename(*, parked: bool) -> RenameFolder:
    return RenameFolder(AT, Because.RENAMED_IN_TIDAL, source=FROM, expected=SEEN, named_for="A",
                        aside=parked)  # fmt: skip


def trash(because: Because) -> Trash:
    return Trash(AT, because, expected=SEEN)


def unlink(because: Because) -> Unlink:
    return Unlink(AT, because, expected=SEEN)


NEW = Because.NEW_IN_PLAYLIST
ORDERED: list[tuple[str, Action]] = [
    ("folders get their names", rename(parked=False)),
    ("those that stepped aside come in", rename(parked=True)),
    ("new folders are made", CreateFolder(AT, NEW, named_for="A")),
    ("audio moves", Move(AT, NEW, source=FROM, expected=SEEN, named_for="x")),
    ("audio is fetched", Download(AT, NEW, named_for="x")),
    (
        "links are turned to it",
        Relink(AT, NEW, source=FROM, kind=Kind.SYMLINK, named_for="x", expected=SEEN),
    ),
    ("links that are no more go", unlink(Because.LEFT_PLAYLIST)),
    ("what is broken goes", trash(Because.DAMAGED_ON_DISK)),
    ("links are made in their place", Link(AT, NEW, source=FROM, kind=Kind.SYMLINK, named_for="x")),
    ("audio nobody links to goes", trash(Because.LEFT_EVERY_PLAYLIST)),
    ("empty folders go", RemoveFolder(AT, Because.PLAYLIST_DELETED, expected=SEEN)),
    ("what needs a word is said", Conflict(AT, Because.FOLDER_IN_THE_WAY, message="")),
]


@pytest.mark.parametrize("at", range(len(ORDERED) - 1), ids=lambda at: ORDERED[at][0])
def test_each_step_comes_before_the_next_whatever_the_paths(at: int) -> None:
    first, second = ORDERED[at][1], ORDERED[at + 1][1]
    assert in_order([second, first]) == (first, second)


@pytest.mark.parametrize("because", [Because.SAME_AUDIO, Because.LINK_MODE, Because.STALE_COPY])
def test_every_copy_that_gives_way_goes_before_its_link_is_made(because: Because) -> None:
    link = dict(ORDERED)["links are made in their place"]
    assert in_order([link, trash(because)])[0].name == "trash"


def test_within_a_step_the_path_decides() -> None:
    first, second = (CreateFolder(LibPath(f"Playlists/{n}"), NEW, named_for=n) for n in "AB")
    assert in_order([second, first]) == (first, second)


@pytest.mark.parametrize(
    ("action", "removal"),
    [
        (unlink(Because.LEFT_PLAYLIST), True),
        (unlink(Because.PLAYLIST_DELETED), True),
        (unlink(Because.BROKEN_LINK), False),
        (unlink(Because.RENAMED_IN_TIDAL), False),
        (trash(Because.LEFT_EVERY_PLAYLIST), True),
        (trash(Because.LEFT_PLAYLIST), True),
        (trash(Because.PLAYLIST_DELETED), True),
        (trash(Because.DAMAGED_ON_DISK), True),
        (
            Relink(
                AT,
                Because.DAMAGED_ON_DISK,
                source=FROM,
                kind=Kind.COPY,
                named_for="x",
                expected=SEEN,
            ),
            True,
        ),
        (trash(Because.SAME_AUDIO), False),
        (trash(Because.LINK_MODE), False),
        (trash(Because.STALE_COPY), False),
        (Download(AT, Because.LEFT_PLAYLIST, named_for="x"), False),
    ],
)
def test_a_removal_is_what_takes_an_entry_out_of_the_library(
    action: Action, *, removal: bool
) -> None:
    assert is_removal(action) is removal


def test_every_kind_of_action_is_counted_zeros_included() -> None:
    plan = Plan((unlink(Because.LEFT_PLAYLIST), unlink(Because.LEFT_PLAYLIST)))
    assert plan.counts == {
        "create_folder": 0, "rename_folder": 0, "remove_folder": 0, "download": 0, "move": 0,
        "link": 0, "relink": 0, "unlink": 2, "trash": 0, "conflict": 0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.COPY])
def test_the_library_is_told_as_it_is_now_not_as_it_will_be(kind: Kind) -> None:
    story = Story(playlists={"A": ["x", "y", "z"], "B": ["x"]}, policy=Policy(link_kind=kind))
    assert story.check().tally == Tally(0, 0, 0, 0)
    story.sync()
    assert story.check().tally == Tally(2, 3, 1, 0)
    story.library.put("A/mine.wav", "mine")
    story.library.put("Inbox/x.mp3", "mine, too")
    story.library.put("A/Artist - y.mp3", "broken")
    story.library.delete("A/Artist - z.mp3")
    story.playlists["C"] = ["new"]
    story.track("x", title="another")
    assert story.check().tally == Tally(2, 1, 1, 2)


def test_what_is_about_to_go_is_there_until_it_is_gone() -> None:
    story = Story(playlists={"A": ["x", "y"], "B": ["x", "z"]})
    story.sync()
    del story.playlists["A"]
    story.playlists["B"] = ["x"]
    assert story.check().tally == Tally(2, 3, 1, 0)
    story.sync()
    assert story.check().tally == Tally(1, 1, 0, 0)


def test_a_playlist_counts_once_its_folder_is_there_under_any_name() -> None:
    story = Story(playlists={"A": ["x"]})
    story.sync()
    story.names["A"] = "Z"
    assert story.check().tally.playlists == 1


def test_a_link_or_file_in_a_folders_place_is_no_playlist() -> None:
    library = MemoryLibrary()
    library.folder("A")
    library.no_folders.add("A")
    assert Story(library, playlists={"A": ["x"]}).check().tally == Tally(0, 0, 0, 0)
