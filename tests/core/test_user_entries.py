"""A person's own version or link at a place of ours: it stays, counts, and is nobody else's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.policy import Policy
from strandline.core.states import Kind, LedgerEntry
from tests.core.disk import File
from tests.core.memory import Story, settled

X, A, B, C = TrackId("x"), PlaylistId("A"), PlaylistId("B"), PlaylistId("C")
IN_A, IN_B = LibPath("Playlists/A/Artist - x.mp3"), LibPath("Playlists/B/Artist - x.mp3")
ANNEX = "/annex/objects/K1"
KINDS = [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY]


def synced(kind: Kind = Kind.SYMLINK, *playlists: str) -> Story:
    listed = {name: ["x"] for name in playlists or ("A", "B")}
    story = Story(playlists=listed, policy=Policy(link_kind=kind))
    story.sync()
    return story


def entry(story: Story, playlist: PlaylistId) -> LedgerEntry:
    return story.ledger.entries[playlist, X]


def links(story: Story) -> int:
    return story.check().tally.links


# ---------------------------------------------------------------- a version in a link's place


@pytest.mark.parametrize("kind", KINDS)
def test_a_retagged_file_in_place_of_a_link_is_the_persons(kind: Kind) -> None:
    story = synced(kind)
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|retagged")
    mine = story.library.files[IN_B]
    assert story.sync().actions == ()
    assert entry(story, B) == LedgerEntry(B, X, IN_B, Kind.YOURS, None, entry(story, B).stamp)
    assert entry(story, A).kind is Kind.PRIMARY
    assert links(story) == 0
    assert settled(story)
    assert story.library.files[IN_B] == mine


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("checks", [0, 1, 2])
def test_a_version_of_the_persons_outlives_everything_tidal_does(kind: Kind, checks: int) -> None:
    story = synced(kind, "A", "B", "C")
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|retagged")
    mine = story.library.files[IN_B]
    for _ in range(checks):
        story.note(story.check())
    story.track("x", title="new name")
    story.sync()
    story.playlists["A"] = []
    story.sync()
    assert story.library.files[IN_B] == mine
    story.playlists = {"A": [], "B": [], "C": []}
    story.sync()
    assert story.library.files[IN_B] == mine
    assert mine not in story.library.trash
    assert settled(story)


def test_a_version_that_goes_gives_its_place_to_a_link_named_by_tidal() -> None:
    story = synced()
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/my edit.mp3", "id:x|retagged")
    story.sync()
    story.library.delete("B/my edit.mp3")
    assert story.words(story.sync()) == ["link B/Artist - x.mp3 (missing_on_disk)"]
    assert entry(story, B).kind is Kind.SYMLINK
    assert settled(story)


@pytest.mark.parametrize("before", ["link", "version"])
def test_a_byte_equal_copy_in_a_links_place_gives_way_to_the_link(before: str) -> None:
    story = synced()
    story.library.delete("B/Artist - x.mp3")
    if before == "version":
        story.library.put("B/Artist - x.mp3", "id:x|retagged")
        story.sync()
    story.library.put("B/Artist - x.mp3", "id:x|fetched")
    assert story.words(story.sync()) == [
        "trash B/Artist - x.mp3 (same_audio)",
        "link B/Artist - x.mp3 (same_audio)",
    ]
    assert links(story) == 1
    assert settled(story)


def test_a_copy_of_ours_becomes_primary_before_a_version_of_the_persons() -> None:
    story = synced(Kind.COPY, "A", "B", "C")
    story.library.put("B/Artist - x.mp3", "id:x|retagged")
    story.library.delete("A/Artist - x.mp3")
    assert story.sync().counts["download"] == 0
    assert entry(story, B).kind is Kind.YOURS
    assert (entry(story, A).kind, entry(story, C).kind) == (Kind.COPY, Kind.PRIMARY)
    assert story.library.files[IN_A].content == "id:x|fetched"
    assert settled(story)


def test_a_version_in_a_playlist_out_of_scope_is_seen_and_left() -> None:
    story = synced()
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|retagged")
    story.policy = Policy(only=frozenset({A}))
    assert story.sync().actions == ()
    assert entry(story, B).kind is Kind.YOURS


# ---------------------------------------------------------------- hard links and taggers


@pytest.mark.parametrize("checks", [0, 1, 2])
@pytest.mark.parametrize("stamped", [True, False], ids=["stamped", "of an older ledger"])
def test_a_primary_saved_by_rename_is_linked_to_anew(checks: int, stamped: bool) -> None:
    story = synced(Kind.HARDLINK, "A", "B", "C")
    if not stamped:
        entries = story.ledger.entries
        entries.update({key: it._replace(stamp=None) for key, it in entries.items()})
    old = story.library.files[IN_A]
    story.library.put("A/Artist - x.mp3", "id:x|retagged")
    new = story.library.files[IN_A]
    for _ in range(checks):
        story.note(story.check())
    plan = story.sync()
    assert (plan.counts["trash"], plan.counts["link"], plan.counts["download"]) == (2, 2, 0)
    assert set(story.library.files.values()) == {new}
    assert set(story.library.trash) == {old}
    assert entry(story, A).kind is Kind.PRIMARY
    assert settled(story)


def test_a_hard_link_broken_on_the_other_side_is_the_persons() -> None:
    story = synced(Kind.HARDLINK)
    story.library.put("B/Artist - x.mp3", "id:x|retagged")
    assert story.sync().actions == ()
    assert entry(story, B).kind is Kind.YOURS
    assert settled(story)


def test_audio_written_through_its_hard_link_stays_one_file() -> None:
    story = synced(Kind.HARDLINK)
    file = story.library.files[IN_B]
    changed = File(file.ino, "id:x|written in place", file.mtime_ns + 10**10)
    story.library.files.update({IN_A: changed, IN_B: changed})
    assert story.sync().actions == ()
    assert entry(story, B).kind is Kind.HARDLINK
    assert settled(story)


# ---------------------------------------------------------------- a person's own link


def annexed(story: Story, path: LibPath, content: str | None = "id:x|fetched") -> None:
    """As git-annex does: the file goes elsewhere, a link to it stands in its place."""
    story.library.files.pop(path, None)
    story.library.links[path] = (next(story.library.ids), ANNEX)
    if content is None:
        story.library.outside.pop(ANNEX, None)
    else:
        story.library.outside[ANNEX] = File(4711, content, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_persons_link_to_whole_audio_stands_for_a_primary(kind: Kind) -> None:
    story = synced(kind)
    annexed(story, IN_A)
    before = story.library.links[IN_A]
    assert story.sync().counts["download"] == 0
    assert story.library.links[IN_A] == before
    assert entry(story, A).kind is Kind.YOURS
    assert settled(story)
    assert story.check().missing == frozenset()


def test_other_playlists_links_go_by_way_of_the_persons() -> None:
    story = synced()
    annexed(story, IN_A)
    story.playlists["C"] = ["x"]
    assert story.words(story.sync()) == [
        "create_folder C (new_playlist)",
        "link C/Artist - x.mp3 (new_playlist)",
    ]
    assert story.library.links[LibPath("Playlists/C/Artist - x.mp3")][1] == "../A/Artist - x.mp3"
    assert links(story) == 2
    assert settled(story)


def test_a_dangling_link_at_a_primarys_place_is_kept_and_said_once() -> None:
    story = synced(Kind.SYMLINK, "A", "B", "C")
    annexed(story, IN_A, None)
    for _ in range(2):
        assert story.words(story.sync()) == ["conflict A/Artist - x.mp3 (link_of_yours)"]
    assert story.library.links[IN_A][1] == ANNEX
    assert story.check().missing == {"x"}
    assert links(story) == 0
    annexed(story, IN_A)
    assert story.sync().actions == ()
    assert links(story) == 2
    assert settled(story)


def test_a_file_brought_back_in_place_of_a_persons_link_is_ours_again() -> None:
    story = synced()
    annexed(story, IN_A)
    story.sync()
    del story.library.links[IN_A]
    story.library.put("A/Artist - x.mp3", "id:x|fetched")
    assert story.sync().actions == ()
    assert entry(story, A).kind is Kind.PRIMARY
    assert settled(story)


def test_a_persons_link_that_is_removed_has_the_track_fetched() -> None:
    story = synced()
    annexed(story, IN_A, None)
    story.sync()
    del story.library.links[IN_A]
    assert story.sync().counts["download"] == 1
    assert settled(story)


def test_an_annex_in_the_playlists_folder_is_left_as_it_is() -> None:
    story = synced()
    key = LibPath("Playlists/.git/annex/objects/K1/K1.mp3")
    story.library.folder(".git")
    story.library.files[key] = story.library.files.pop(IN_A)
    story.library.links[IN_A] = (next(story.library.ids), "../.git/annex/objects/K1/K1.mp3")
    assert story.sync().actions == ()
    assert key in story.library.files
    assert entry(story, A).kind is Kind.YOURS
    assert links(story) == 1
    assert settled(story)


@pytest.mark.parametrize("target", [ANNEX, "../Own/song.mp3"])
def test_a_persons_link_from_a_links_place_to_audio_of_theirs_stays(target: str) -> None:
    story = synced()
    story.library.put("Own/song.mp3", "a take of my own")
    story.library.outside[ANNEX] = File(4711, "a take of my own", 1)
    story.library.links[IN_B] = (next(story.library.ids), target)
    assert story.sync().actions == ()
    assert story.library.links[IN_B][1] == target
    assert (entry(story, A).kind, entry(story, B).kind) == (Kind.PRIMARY, Kind.YOURS)
    assert links(story) == 0
    assert settled(story)


@pytest.mark.parametrize("content", [None, "broken"])
def test_a_link_of_ours_that_was_led_to_no_audio_is_made_again(content: str | None) -> None:
    story = synced()
    annexed(story, IN_B, content)
    assert story.sync().counts["relink"] == 1
    assert story.library.links[IN_B][1] == "../A/Artist - x.mp3"
    assert settled(story)


@pytest.mark.parametrize("audio", [True, False])
def test_a_persons_link_is_kept_when_the_track_leaves(audio: bool) -> None:
    story = synced()
    annexed(story, IN_A, "id:x|fetched" if audio else None)
    story.sync()
    story.playlists["A"] = []
    assert story.sync().counts["unlink"] == 0
    assert IN_A in story.library.links
    story.playlists = {}
    story.sync()
    assert IN_A in story.library.links
    assert settled(story)


def test_audio_that_is_elsewhere_too_does_not_replace_a_persons_link() -> None:
    story = synced()
    annexed(story, IN_A, None)
    story.library.put("Inbox/x.mp3", "id:x|fetched")
    story.sync()
    assert story.library.links[IN_A][1] == ANNEX
    assert entry(story, B).kind is Kind.PRIMARY
    assert story.words(story.check()) == ["conflict A/Artist - x.mp3 (link_of_yours)"]


def test_where_a_persons_link_is_let_go_another_of_theirs_stands_for_the_audio() -> None:
    story = synced(Kind.SYMLINK, "A", "B", "C")
    annexed(story, IN_A)
    annexed(story, IN_B)
    story.sync()
    story.playlists["A"] = []
    assert story.sync().counts["download"] == 0
    assert story.library.links[LibPath("Playlists/C/Artist - x.mp3")][1] == "../B/Artist - x.mp3"
    assert IN_A in story.library.links
    assert settled(story)


def test_links_by_way_of_a_persons_follow_names_and_folders() -> None:
    story = synced()
    annexed(story, IN_A)
    story.track("x", title="new")
    story.sync()
    story.names = {"A": "C"}
    story.sync()
    assert story.library.tree == [
        "B/Artist - new.mp3 -> ../C/Artist - x.mp3",
        f"C/Artist - x.mp3 -> {ANNEX}",
    ]
    assert settled(story)


def test_a_full_path_into_the_library_this_one_was_copied_from_is_straightened() -> None:
    story = synced()
    text = "/old disk/music/mp3/Playlists/A/Artist - x.mp3"
    story.library.links[IN_B] = (next(story.library.ids), text)
    story.library.outside[text] = File(4711, "id:x|fetched", 1)
    assert story.sync().counts["relink"] == 1
    assert story.library.links[IN_B][1] == "../A/Artist - x.mp3"
    assert settled(story)


def test_links_of_ours_to_where_an_undo_put_the_audio_back_stay_ours() -> None:
    story = synced()
    story.library.rename("A/Artist - x.mp3", "Mine/Artist - x.mp3")
    there = LibPath("Playlists/Mine/Artist - x.mp3")
    story.library.links[IN_B] = (story.library.links[IN_B][0], f"../{there[10:]}")
    entry_in_a, file = entry(story, A), story.ledger.files[X]
    entries = story.ledger.entries | {(A, X): entry_in_a._replace(path=there)}
    files = {X: file._replace(path=there)}
    story.ledger = replace(story.ledger, entries=entries, files=files)
    assert story.words(story.sync()) == [
        "move A/Artist - x.mp3 (moved_on_disk)",
        "relink B/Artist - x.mp3 (primary_moved)",
    ]
    assert entry(story, B).kind is Kind.SYMLINK
    assert settled(story)
