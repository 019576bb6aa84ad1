"""A track whose id TIDAL replaced: everything goes over to the new one, and nothing is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import IdReplaced, with_facts
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.memory import Story

OLD, NEW, NEWER = TrackId("1"), TrackId("2"), TrackId("3")
A, B = PlaylistId("A"), PlaylistId("B")
IN_A, IN_B = LibPath("Playlists/A/Artist - Song.mp3"), LibPath("Playlists/B/Artist - Song.mp3")
KINDS = [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY]
WORDS = {"title": "Song", "isrc": "QZAAA2600001", "album": "LP"}


def synced(kind: Kind = Kind.SYMLINK) -> Story:
    """Track 1 in two playlists."""
    story = Story(playlists={"A": ["1"], "B": ["1"]}, policy=Policy(link_kind=kind))
    story.track("1", **WORDS)
    story.sync()
    return story


def give_new_id(story: Story, old: str = "1", new: str = "2") -> None:
    story.track(new, **WORDS)
    story.playlists = {
        key: [new if track == old else track for track in tracks]
        for key, tracks in story.playlists.items()
    }


def retag(story: Story, path: LibPath, word: str = "mine") -> None:
    """A tagger writes a new file; the id it was fetched with stays in its tags."""
    story.library.links.pop(path, None)
    story.library.put(path.removeprefix("Playlists/"), f"id:1|fetched {word}")


def is_settled(story: Story) -> bool:
    plan = story.check()
    return plan.actions == () and plan.facts == ()


def kinds(story: Story) -> dict[tuple[str, str], Kind]:
    return {key: entry.kind for key, entry in story.ledger.entries.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_to_be_done_where_only_the_id_is_new(kind: Kind) -> None:
    story = synced(kind)
    files, links = dict(story.library.files), dict(story.library.links)
    give_new_id(story)
    plan = story.check()
    assert plan.actions == ()
    assert IdReplaced(OLD, NEW) in plan.facts
    story.note(plan)
    assert is_settled(story)
    assert (story.library.files, story.library.links) == (files, links)
    assert kinds(story) == {("A", NEW): Kind.PRIMARY, ("B", NEW): kind}
    assert story.ledger.files.keys() == {NEW}


@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_another_form_of_links_at_the_same_time_leaves_one_entry_at_a_place(
    before: Kind, after: Kind
) -> None:
    story = synced(before)
    give_new_id(story)
    story.policy = Policy(link_kind=after)
    assert story.sync().counts["download"] == 0
    assert is_settled(story)
    assert kinds(story) == {("A", NEW): Kind.PRIMARY, ("B", NEW): after}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("checks", [0, 1, 2])
def test_a_version_of_the_persons_goes_over_with_the_old_id_in_its_tags(
    kind: Kind, checks: int
) -> None:
    story = synced(kind)
    retag(story, IN_B)
    story.sync()
    mine = story.library.files[IN_B]
    give_new_id(story)
    for _ in range(checks):
        story.note(story.check())
    assert story.sync().actions == ()
    assert kinds(story) == {("A", NEW): Kind.PRIMARY, ("B", NEW): Kind.YOURS}
    retag(story, IN_B, "mine again")
    assert story.sync().actions == ()
    assert kinds(story)[B, NEW] is Kind.YOURS
    assert mine not in story.library.trash


def test_a_file_taken_over_is_known_by_its_old_id_wherever_it_was_retagged() -> None:
    story = synced()
    give_new_id(story)
    story.sync()
    story.library.delete("A/Artist - Song.mp3")
    retag(story, LibPath("Playlists/Inbox/song.mp3"))
    assert story.words(story.sync()) == ["move A/Artist - Song.mp3 (moved_on_disk)"]
    assert is_settled(story)


def test_links_stay_while_the_audio_of_a_replaced_id_moves() -> None:
    """Dragged beside the folders in copy mode, before the next sync hears of the new id."""
    story = synced(Kind.COPY)
    library = story.library
    library.files[LibPath("Playlists/Artist - Song.mp3")] = library.files.pop(IN_A)
    give_new_id(story)
    story.sync()
    assert is_settled(story)
    assert sorted(kinds(story).values()) == [Kind.COPY, Kind.PRIMARY]
    assert library.trash == []


def test_an_id_may_be_replaced_again_and_again() -> None:
    story = synced()
    retag(story, IN_B)
    story.sync()
    for old, new in (("1", "2"), ("2", "3")):
        give_new_id(story, old, new)
        assert story.sync().actions == ()
    assert story.ledger.replaced == {OLD: NEWER, NEW: NEWER}
    assert kinds(story) == {("A", NEWER): Kind.PRIMARY, ("B", NEWER): Kind.YOURS}
    give_new_id(story, "3", "1")
    assert story.sync().actions == ()
    assert story.ledger.replaced == {NEW: OLD, NEWER: OLD}


def test_an_old_id_that_is_listed_again_stands_for_no_other() -> None:
    story = synced()
    give_new_id(story)
    story.sync()
    story.playlists["B"].append("1")
    plan = story.sync()
    assert plan.counts["download"] == 1
    assert story.ledger.replaced == {}
    assert is_settled(story)
    assert len({file.path for file in story.ledger.files.values()}) == 2


def test_what_the_new_id_has_already_stays_its_own() -> None:
    """Both were listed; the links of the old one go with its file."""
    story = synced()
    story.track("2", **WORDS)
    story.playlists["B"] = ["1", "2"]
    story.sync()
    story.playlists = {"A": ["2"], "B": ["2"]}
    plan = story.sync()
    assert (plan.counts["download"], plan.counts["trash"]) == (0, 1)
    assert is_settled(story)
    assert {track for _, track in story.ledger.entries} == {NEW}


def test_an_entry_of_the_new_id_that_is_gone_makes_room_for_the_old_ones() -> None:
    story = synced()
    gone = story.ledger.entries[B, OLD]._replace(track=NEW, path=LibPath("Playlists/B/gone.mp3"))
    story.ledger = replace(story.ledger, entries={**story.ledger.entries, (B, NEW): gone})
    give_new_id(story)
    assert story.sync().actions == ()
    assert story.ledger.entries[B, NEW].path == IN_B


def test_what_an_incomplete_playlist_may_still_list_keeps_its_id() -> None:
    """I6: the old id is not replaced as long as it may stand there."""
    story = synced()
    story.playlists["C"] = ["1"]
    story.sync()
    give_new_id(story)
    story.incomplete = {"C": "short page"}
    story.sync()
    assert story.ledger.replaced == {}
    assert {track for _, track in story.ledger.entries} == {OLD, NEW}
    assert is_settled(story)


def test_a_playlist_that_is_no_longer_read_has_its_links_follow_the_new_id() -> None:
    """The person does not follow it any more: what it listed then may have got a new id since."""
    story = synced()
    story.track("2", **WORDS)
    story.playlists["A"] = ["2"]
    story.policy = replace(story.policy, left_out=frozenset({B}))
    story.library.rename("A/Artist - Song.mp3", "A/my name.mp3")
    assert story.words(story.sync()) == ["relink B/Artist - Song.mp3 (broken_link)"]
    assert story.library.tree == ["A/my name.mp3", "B/Artist - Song.mp3 -> ../A/my name.mp3"]
    assert is_settled(story)


@pytest.mark.parametrize("kind", KINDS)
def test_a_check_of_a_new_id_leaves_the_plan_as_it_was(kind: Kind) -> None:
    story = synced(kind)
    story.library.delete("A/Artist - Song.mp3")
    give_new_id(story)
    plan = story.check()
    assert plan.counts["download"] == (1 if kind is Kind.SYMLINK else 0)
    story.ledger = with_facts(story.ledger, plan.facts)
    assert story.check().actions == plan.actions
    story.sync()
    assert is_settled(story)


def test_what_comes_for_the_new_id_is_the_audio_of_a_link_that_was_kept() -> None:
    """The old one's was lost before TIDAL had the new id; the link's playlist is deleted."""
    story = synced()
    story.policy = Policy(keep_deleted=True)
    del story.playlists["B"]
    story.library.delete("A/Artist - Song.mp3")
    story.track("2", **WORDS)
    story.playlists["A"] = ["2"]
    assert story.words(story.sync()) == ["download A/Artist - Song.mp3 (missing_on_disk)"]
    assert kinds(story) == {("A", NEW): Kind.PRIMARY, ("B", NEW): Kind.SYMLINK}
    story.names["A"] = "Z"
    story.sync()
    assert story.library.tree == [
        "B/Artist - Song.mp3 -> ../Z/Artist - Song.mp3",
        "Z/Artist - Song.mp3",
    ]
    assert is_settled(story)
