"""What strandline believes after each action, and how its beliefs follow a renamed folder."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    EntryState,
    Move,
    RemoveFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import (
    ActionResult,
    EntryGone,
    FileGone,
    FileIs,
    FolderGone,
    FolderIs,
    LedgerFact,
    facts_of,
    renamed_path,
    with_facts,
)
from strandline.core.states import (
    Kind,
    Ledger,
    LedgerEntry,
    LedgerFile,
    LedgerPlaylist,
    Stamp,
)

A, B, X, Y = PlaylistId("A"), PlaylistId("B"), TrackId("x"), TrackId("y")
IN_A, IN_B = LibPath("Playlists/A/x.mp3"), LibPath("Playlists/B/x.mp3")
SEEN = EntryState("file", 1, 2, 3, 4)
KNOWN = LedgerFile(X, IN_A, Stamp(2, 3, 4), 3, "aa")


def entry(playlist: PlaylistId, track: TrackId, path: str, kind: Kind) -> LedgerEntry:
    return LedgerEntry(playlist, track, LibPath(path), kind, "Artist - x")


def trash(path: LibPath, playlist: PlaylistId | None) -> Trash:
    return Trash(path, Because.SAME_AUDIO, playlist, X, expected=SEEN)


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        (trash(IN_A, A), [EntryGone(A, X), FileGone(X)]),
        (trash(IN_B, B), [EntryGone(B, X)]),
        (trash(IN_B, None), []),
        (trash(IN_A, None), [FileGone(X)]),
        (Unlink(IN_B, Because.LEFT_PLAYLIST, B, X, expected=SEEN), [EntryGone(B, X)]),
        (Unlink(IN_B, Because.MOVED_ON_DISK, None, X, expected=SEEN), []),
        (RemoveFolder(IN_A, Because.PLAYLIST_DELETED, A, expected=SEEN), [FolderGone(A)]),
        (RemoveFolder(IN_A, Because.PLAYLIST_DELETED, None, expected=SEEN), []),
        (CreateFolder(IN_A, Because.NEW_PLAYLIST, None, named_for="A"), []),
    ],
    ids=[
        "the audio of an entry", "a second file", "a file beside the entries", "audio of no entry",
        "a link", "a spare link", "a playlist's folder", "nobody's folder",
        "a folder made for nobody",
    ],
)  # fmt: skip
def test_what_came_or_went_is_believed_and_nothing_else(
    action: Action, changes: list[LedgerFact]
) -> None:
    assert facts_of(action, ActionResult(action.path), KNOWN) == changes


def test_what_goes_of_a_track_without_known_audio_is_only_its_entry() -> None:
    assert facts_of(trash(IN_A, A), ActionResult(IN_A), None) == [EntryGone(A, X)]


@pytest.mark.parametrize("leaves", [None, A])
def test_a_moved_file_keeps_its_hash_and_leaves_the_playlist_it_was_of(
    leaves: PlaylistId | None,
) -> None:
    move = Move(IN_B, Because.LEFT_PRIMARY_PLAYLIST, B, X, source=IN_A, expected=SEEN,
                named_for="n", leaves=leaves)  # fmt: skip
    after = with_facts(
        Ledger({}, {(A, X): entry(A, X, IN_A, Kind.PRIMARY)}, {X: KNOWN}),
        facts_of(move, ActionResult(IN_B, Stamp(2, 3, 4)), KNOWN),
    )
    assert after.files == {X: LedgerFile(X, IN_B, Stamp(2, 3, 4), 3, "aa")}
    assert after.entries[B, X] == LedgerEntry(B, X, IN_B, Kind.PRIMARY, "n")
    assert ((A, X) in after.entries) is (leaves is None)


def test_a_moved_file_that_is_not_the_one_we_knew_has_the_hash_that_the_plan_read() -> None:
    move = Move(IN_B, Because.MOVED_ON_DISK, B, X, source=IN_A, expected=SEEN, named_for="n")
    retagged = ActionResult(IN_B, Stamp(2, 5, 9))
    for read in (None, "bb"):
        _, fact = facts_of(replace(move, sha256=read), retagged, KNOWN)
        assert fact == FileIs(LedgerFile(X, IN_B, Stamp(2, 5, 9), 5, read))


def test_a_renamed_folder_takes_along_what_lies_in_it_and_nothing_else() -> None:
    ledger = Ledger(
        {A: LedgerPlaylist(A, "A", "A"), B: LedgerPlaylist(B, "B", "B")},
        {
            (A, X): entry(A, X, "Playlists/A/x.mp3", Kind.PRIMARY),
            (A, Y): entry(A, Y, "Playlists/A/y.mp3", Kind.SYMLINK),
            (B, Y): entry(B, Y, "Playlists/B/y.mp3", Kind.PRIMARY),
        },
        {X: KNOWN, Y: KNOWN._replace(track=Y, path=LibPath("Playlists/B/y.mp3"))},
    )
    after = with_facts(ledger, [FolderIs(LedgerPlaylist(A, "Z", "Z"))])
    assert [e.path for e in after.entries.values()] == [
        "Playlists/Z/x.mp3",
        "Playlists/Z/y.mp3",
        "Playlists/B/y.mp3",
    ]
    assert [f.path for f in after.files.values()] == ["Playlists/Z/x.mp3", "Playlists/B/y.mp3"]
    assert ledger.entries[A, X].path == "Playlists/A/x.mp3", "the old value stays as it was"


def test_folders_that_swap_their_names_take_along_what_lies_in_them_whoever_it_is_of() -> None:
    """A file of A's in B's folder, as an undo puts it back there."""
    ledger = Ledger(
        {A: LedgerPlaylist(A, "A", "A"), B: LedgerPlaylist(B, "B", "B")},
        {
            (A, X): entry(A, X, "Playlists/B/x.mp3", Kind.PRIMARY),
            (B, Y): entry(B, Y, "Playlists/B/y.mp3", Kind.SYMLINK),
        },
        {X: KNOWN._replace(path=IN_B), Y: KNOWN._replace(track=Y, path=IN_A)},
    )
    swap = [FolderIs(LedgerPlaylist(A, "B", "B")), FolderIs(LedgerPlaylist(B, "A", "A"))]
    after = with_facts(ledger, swap)
    assert after.entries[A, X].path == after.files[X].path == IN_A
    assert after.entries[B, Y].path == "Playlists/A/y.mp3"
    assert after.files[Y].path == IN_B
    there_and_back = [FolderIs(known) for known in ledger.playlists.values()]
    assert with_facts(after, there_and_back) == ledger


def test_a_folder_made_anew_takes_nothing_along_but_what_its_playlist_had() -> None:
    """B's folder is gone. A's was renamed to B and a new one is made under A's old name."""
    ledger = Ledger(
        {A: LedgerPlaylist(A, "A", "A", 1), B: LedgerPlaylist(B, "B", "B", 2)},
        {
            (A, X): entry(A, X, IN_A, Kind.PRIMARY),
            (B, X): entry(B, X, IN_B, Kind.SYMLINK),
            (B, Y): entry(B, Y, "Playlists/B/y.mp3", Kind.PRIMARY),
        },
        {X: KNOWN, Y: KNOWN._replace(track=Y, path=LibPath("Playlists/B/y.mp3"))},
    )
    facts = [FolderIs(LedgerPlaylist(A, "B", "B", 1)), FolderIs(LedgerPlaylist(B, "A", "A", 3))]
    at_once = with_facts(ledger, facts)
    assert with_facts(with_facts(ledger, facts[:1]), facts[1:]) == at_once
    assert at_once.entries[A, X].path == at_once.files[X].path == IN_B
    assert at_once.entries[B, X].path == IN_A
    assert at_once.entries[B, Y].path == at_once.files[Y].path == "Playlists/A/y.mp3"


def test_of_two_playlists_believed_in_one_folder_each_goes_its_way() -> None:
    """A run was cut off while they swapped names, and only one was found under its new one."""
    ledger = Ledger(
        {A: LedgerPlaylist(A, "A", "A", 1), B: LedgerPlaylist(B, "A", "B", 2)},
        {
            (A, X): entry(A, X, IN_A, Kind.PRIMARY),
            (B, X): entry(B, X, "Playlists/A/link.mp3", Kind.SYMLINK),
            (B, Y): entry(B, Y, "Playlists/A/y.mp3", Kind.PRIMARY),
        },
        {X: KNOWN, Y: KNOWN._replace(track=Y, path=LibPath("Playlists/A/y.mp3"))},
    )
    after = with_facts(ledger, [FolderIs(LedgerPlaylist(B, "B", "B", 2))])
    assert after.entries[A, X].path == after.files[X].path == IN_A
    assert after.entries[B, X].path == "Playlists/B/link.mp3"
    assert after.entries[B, Y].path == after.files[Y].path == "Playlists/B/y.mp3"


def test_a_folder_whose_name_begins_like_the_renamed_one_stays() -> None:
    assert renamed_path(LibPath("Playlists/A/x"), "A", "Z") == "Playlists/Z/x"
    assert renamed_path(LibPath("Playlists/A 2/x"), "A", "Z") == "Playlists/A 2/x"
