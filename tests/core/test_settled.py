"""Which tracks are looked at: none of an unchanged library, each with one thing out of order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from strandline.core.aligned_states import AlignedStates
from strandline.core.changed_tracks import COPY_TOLERANCE_NS, changed_tracks, is_fresh_copy
from strandline.core.folder_state import FolderState
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.policy import Policy
from strandline.core.states import FoundFile, Kind, LedgerFile, Stamp
from tests.core.disk import File
from tests.core.memory import Story

X = TrackId("x")
PRIMARY = LibPath("Playlists/A/Artist - x.mp3")
SECOND = LibPath("Playlists/B/Artist - x.mp3")
ENTRY = PlaylistId("B"), X


def synced(kind: Kind = Kind.SYMLINK) -> Story:
    """``x`` with its audio in A and a second entry in B; ``y`` in A, which nobody touches."""
    story = Story(playlists={"A": ["x", "y"], "B": ["x"]}, policy=Policy(link_kind=kind))
    story.sync()
    return story


def asked(story: Story) -> set[TrackId]:
    """The tracks in question by the rows alone, without reading a file."""
    scan = replace(story.library.scan(story.ledger), evidence={})
    return changed_tracks(AlignedStates(story.snapshot, story.ledger, scan, story.policy))


def entry(story: Story, **fields: Any) -> None:
    entries = dict(story.ledger.entries)
    entries[ENTRY] = entries[ENTRY]._replace(**fields)
    story.ledger = replace(story.ledger, entries=entries)


def known(story: Story, **fields: Any) -> None:
    files = dict(story.ledger.files)
    files[X] = files[X]._replace(**fields)
    story.ledger = replace(story.ledger, files=files)


def rewrite(story: Story, path: LibPath, *, inode: int = 0, later: int = 0, more: str = "") -> None:
    file = story.library.files[path]
    ino, content = file.ino + inode, file.content + more
    story.library.files[path] = File(ino, content, file.mtime_ns + later)


def forget_primary(story: Story) -> None:
    files = {track: file for track, file in story.ledger.files.items() if track != X}
    story.ledger = replace(story.ledger, files=files)


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
def test_nothing_is_asked_of_what_is_as_it_was_left(kind: Kind) -> None:
    assert asked(synced(kind)) == set()


OUT_OF_ORDER: dict[str, Callable[[Story], object]] = {
    "its audio is gone": lambda s: s.library.delete("A/Artist - x.mp3"),
    "its audio is another file": lambda s: rewrite(s, PRIMARY, inode=1000),
    "its audio was written again": lambda s: rewrite(s, PRIMARY, later=1),
    "its audio has another length": lambda s: rewrite(s, PRIMARY, more="!"),
    "its link is gone": lambda s: s.library.delete("B/Artist - x.mp3"),
    "its link leads elsewhere": lambda s: s.library.link("B/Artist - x.mp3", "../A/other.mp3"),
    "it left a playlist": lambda s: s.playlists.update(B=[]),
    "it came to a playlist": lambda s: s.playlists.update(C=["x"]),
    "the playlist is deleted": lambda s: s.playlists.pop("B"),
    "its name changed": lambda s: s.track("x", title="new"),
    "its entry lies in no folder of the playlist": lambda s: entry(
        s, path=LibPath("Playlists/C/x")
    ),
    "its entry has another form": lambda s: entry(s, kind=Kind.COPY),
    "the ledger has no audio for it": forget_primary,
    "the ledger has its audio elsewhere": lambda s: known(s, path=SECOND),
    "its stamp was never known": lambda s: known(s, stamp=None),
}


@pytest.mark.parametrize("what", OUT_OF_ORDER)
def test_a_track_with_one_thing_out_of_order_is_asked_about(what: str) -> None:
    story = synced()
    OUT_OF_ORDER[what](story)
    assert asked(story) == {X}


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (Kind.COPY, lambda s: s.library.delete("B/Artist - x.mp3")),
        (Kind.COPY, lambda s: rewrite(s, SECOND, later=1)),
        (Kind.COPY, lambda s: entry(s, stamp=None)),
        (Kind.HARDLINK, lambda s: s.library.delete("B/Artist - x.mp3")),
        (Kind.HARDLINK, lambda s: rewrite(s, SECOND, inode=1000)),
    ],
    ids=["copy gone", "copy changed", "copy never ours", "hard link gone", "no longer one file"],
)
def test_a_second_file_out_of_order_is_asked_about(
    kind: Kind, what: Callable[[Story], object]
) -> None:
    story = synced(kind)
    what(story)
    assert asked(story) == {X}


@pytest.mark.parametrize("kind", [Kind.COPY, Kind.HARDLINK])
def test_without_a_known_primary_no_second_file_is_settled(kind: Kind) -> None:
    story = synced(kind)
    known(story, stamp=None)
    assert asked(story) == {X}


def test_a_name_the_user_gave_is_settled_whatever_tidal_calls_the_track() -> None:
    story = synced()
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    entry(story, path=LibPath("Playlists/B/mine.mp3"), named_for=None)
    assert asked(story) == set()


def test_links_of_playlists_out_of_scope_keep_their_form() -> None:
    story = synced()
    story.policy = Policy(link_kind=Kind.COPY, only=frozenset({PlaylistId("A")}))
    assert asked(story) == set()
    story.policy = Policy(link_kind=Kind.COPY)
    assert asked(story) == {X}


@pytest.mark.parametrize(
    ("size", "late", "fresh"),
    [(9, 0, True), (8, 0, False), (9, COPY_TOLERANCE_NS, True), (9, COPY_TOLERANCE_NS + 1, False)],
)
def test_a_copy_is_fresh_while_size_and_time_are_its_primarys(
    size: int, late: int, fresh: bool
) -> None:
    primary, copy = (FoundFile(PRIMARY, 1, 1, 9, 10**18, 0), FoundFile(SECOND, 1, 2, size, 0, 0))
    assert is_fresh_copy(copy._replace(mtime_ns=10**18 + late), primary) is fresh
    assert is_fresh_copy(copy._replace(mtime_ns=10**18 - late), primary) is fresh
    assert not is_fresh_copy(copy, None)


@pytest.mark.parametrize(
    ("primary", "copy", "fresh"),
    [
        (1_234_567_891, 1_234_567_891, True),
        (1_234_567_891, 1_234_567_892, False),
        (1_234_567_891, 2_000_000_000, True),
        (1_234_567_891, 1_230_000_000, True),
        (1_234_567_891, 1_220_000_000, False),
        (3_234_567_891, 3_000_000_000, True),
        (3_234_567_891, 2_000_000_000, True),
        (5_234_567_891, 2_000_000_000, False),
    ],
)
def test_times_are_compared_as_finely_as_the_disk_keeps_them(
    primary: int, copy: int, fresh: bool
) -> None:
    one, other = (FoundFile(PRIMARY, 1, ino, 9, at, 0) for ino, at in ((1, primary), (2, copy)))
    assert is_fresh_copy(other, one) is fresh
    assert is_fresh_copy(one, other) is fresh


def shelf(*, settled: bool = True, opened: frozenset[TrackId] = frozenset()) -> FolderState:
    return FolderState(
        PlaylistId("A"),
        "A",
        1,
        {"link.mp3": "../B/file.mp3"},
        {"file.mp3": (1, 2, 3)},
        lambda: {"link.mp3": TrackId("link"), "file.mp3": TrackId("file")},
        opened,
        settled,
    )


@pytest.mark.parametrize(
    ("found", "questions"),
    [
        ({"link.mp3": "../B/file.mp3", "file.mp3": (1, 2, 3)}, set()),
        ({"link.mp3": "../C/file.mp3", "file.mp3": (1, 2, 3)}, {"link"}),
        ({"link.mp3": "../B/file.mp3", "file.mp3": (1, 2, 4)}, {"file"}),
        ({"link.mp3": "../B/file.mp3"}, {"file"}),
        ({"link.mp3": "../B/file.mp3", "file.mp3": (1, 2, 3), "mine.txt": (4, 4, 4)}, set()),
    ],
    ids=["as it was", "link changed", "file changed", "file gone", "a file of the user's"],
)
def test_a_shelf_asks_about_what_differs_in_its_folder(
    found: dict[str, str | tuple[int, int, int]], questions: set[str]
) -> None:
    assert shelf().changed_tracks(found) == questions
    assert shelf(opened=frozenset({TrackId("new")})).changed_tracks(found) == {*questions, "new"}
    assert shelf(settled=False).changed_tracks(found) == {"link", "file"}


def test_what_a_folder_holds_is_its_names_and_the_texts_of_its_links() -> None:
    this = shelf()
    assert this.holds == replace(this, files={"file.mp3": (9, 9, 9)}).holds
    others = [
        replace(this, files={"other.mp3": (1, 2, 3)}),
        replace(this, links={"link.mp3": "../C/file.mp3"}),
        replace(this, links={}, files={"file.mp3": (1, 2, 3), "link.mp3": (1, 1, 1)}),
    ]
    assert len({this.holds, *(other.holds for other in others)}) == 4


def test_an_old_database_without_stamps_is_asked_about_and_believed_by_the_files() -> None:
    story = synced()
    unknown = LedgerFile(X, PRIMARY, None, None, None)
    story.ledger = replace(story.ledger, files={**story.ledger.files, X: unknown})
    assert story.sync().actions == ()
    file = story.library.files[PRIMARY]
    assert story.ledger.files[X].stamp == Stamp(file.ino, len(file.content), file.mtime_ns)
