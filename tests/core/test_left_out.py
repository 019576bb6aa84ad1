"""A playlist that the settings leave out: nothing is done there, and what stands there is known."""

from __future__ import annotations

import pytest

from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import EntryGone, EntryIs, FolderGone, with_facts
from strandline.core.policy import Policy
from strandline.core.states import Kind, LedgerEntry
from tests.core.memory import Story

X, A, B = TrackId("x"), PlaylistId("A"), PlaylistId("B")
IN_A, IN_B = LibPath("Playlists/A/Artist - x.mp3"), LibPath("Playlists/B/Artist - x.mp3")


def without_b(kind: Kind = Kind.SYMLINK) -> Story:
    """Both playlists are synced; from now on B is left out."""
    story = Story(playlists={"A": ["x"], "B": ["x"]}, policy=Policy(link_kind=kind))
    story.sync()
    story.policy = Policy(link_kind=kind, exclude=("B",))
    return story


@pytest.mark.parametrize(
    ("content", "kind"),
    [("id:x|fetched", Kind.COPY), ("id:x|tagged", Kind.YOURS), ("a recording", Kind.YOURS)],
    ids=["byte for byte", "tagged", "of something else"],
)
def test_a_file_in_a_links_place_is_known_for_what_it_is(content: str, kind: Kind) -> None:
    story = without_b()
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", content)
    mine = story.library.files[IN_B]
    assert story.sync().actions == ()
    assert story.ledger.entries[B, X].kind is kind
    plan = story.check()
    assert (plan.actions, plan.facts) == ((), ())
    assert story.library.files[IN_B] == mine


def test_a_hard_link_in_a_links_place_is_one_and_becomes_a_link_again() -> None:
    story = without_b()
    story.library.delete("B/Artist - x.mp3")
    story.library.files[IN_B] = story.library.files[IN_A]
    assert story.sync().actions == ()
    assert story.ledger.entries[B, X].kind is Kind.HARDLINK
    story.policy = Policy()
    story.sync()
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - x.mp3 -> ../A/Artist - x.mp3"]


def test_a_hard_link_whose_primary_was_saved_anew_is_a_copy_from_then_on() -> None:
    story = without_b(Kind.HARDLINK)
    story.library.put("A/Artist - x.mp3", "id:x|tagged")
    story.sync()
    assert story.ledger.entries[B, X].kind is not Kind.HARDLINK
    plan = story.check()
    assert (plan.actions, plan.facts) == ((), ())


def test_a_link_that_is_gone_holds_its_audio_no_longer_whether_checked_or_not() -> None:
    story = without_b()
    story.playlists["A"] = []
    assert story.sync().actions == ()
    story.library.delete("B/Artist - x.mp3")
    first, plan = story.check(), story.sync()
    assert story.words(first) == story.words(plan)
    assert story.words(plan) == ["trash A/Artist - x.mp3 (left_every_playlist)"]
    assert story.ledger.entries == {}
    assert story.ledger.files == {}


def test_links_lead_to_audio_that_stays_for_them_where_no_playlist_wants_it() -> None:
    story = without_b()
    story.playlists["A"] = []
    story.sync()
    story.library.delete("B/Artist - x.mp3")
    story.library.link("B/Artist - x.mp3", "../Gone/x.mp3")
    plan = story.sync()
    assert story.words(plan) == ["relink B/Artist - x.mp3 (broken_link)"]
    assert (plan.missing, plan.tally.tracks) == (frozenset(), 1)
    assert story.library.tree == ["A/Artist - x.mp3", "B/Artist - x.mp3 -> ../A/Artist - x.mp3"]
    assert story.check().actions == ()


def test_a_link_follows_the_second_file_that_becomes_the_primary_in_one_run() -> None:
    """Hard links in A and C, a symlink in B, which was left out before the links were others."""
    story = Story(playlists={"A": ["x"], "B": ["x"], "C": ["x"]})
    story.sync()
    story.policy = Policy(link_kind=Kind.HARDLINK, exclude=("B",))
    story.sync()
    story.library.delete("A/Artist - x.mp3")
    assert story.words(story.sync()) == [
        "relink B/Artist - x.mp3 (broken_link)",
        "link A/Artist - x.mp3 (missing_on_disk)",
    ]
    assert story.ledger.files[X].path == "Playlists/C/Artist - x.mp3"
    plan = story.check()
    assert (plan.actions, plan.facts) == ((), ())


def test_audio_moved_out_of_a_playlist_that_is_left_out_is_not_believed_there() -> None:
    story = Story(playlists={"A": ["y"], "B": ["x"]})
    story.sync()
    story.policy = Policy(exclude=("B",))
    story.library.rename("B/Artist - x.mp3", "A/Artist - x.mp3")
    assert story.sync().actions == ()
    assert (B, X) not in story.ledger.entries
    assert X not in story.ledger.files
    story.policy = Policy()
    assert story.words(story.sync()) == ["move B/Artist - x.mp3 (moved_on_disk)"]


def test_a_link_whose_audio_was_moved_where_nobody_wants_it_leads_to_nothing_known() -> None:
    story = Story(playlists={"A": ["y"], "B": ["x"], "C": ["x"]})
    story.sync()
    story.policy = Policy(exclude=("B", "C"))
    story.library.rename("B/Artist - x.mp3", "A/Artist - x.mp3")
    assert story.sync().actions == ()
    assert [track for _, track in story.ledger.entries] == ["y", "x"]
    assert X not in story.ledger.files
    plan = story.check()
    assert (plan.actions, plan.facts, plan.tally.links) == ((), (), 0)


def test_folders_that_changed_places_hold_what_lies_in_them() -> None:
    """The one that is left out is not made right; that it holds another's audio is seen."""
    story = Story(playlists={"A": ["x"], "B": ["y"]})
    story.sync()
    story.policy = Policy(exclude=("B",))
    story.library.rename("B/Artist - y.mp3", "y.mp3")
    story.library.rename("A/Artist - x.mp3", "B/Artist - y.mp3")
    story.library.rename("y.mp3", "A/Artist - x.mp3")
    story.sync()
    for entry in story.ledger.entries.values():
        assert entry.playlist == "A"
        assert story.library.files[entry.path].embedded == entry.track


def test_a_copy_beside_a_link_that_is_gone_is_the_entry() -> None:
    story = without_b()
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/another name.mp3", "id:x|fetched")
    assert story.sync().actions == ()
    entry = story.ledger.entries[B, X]
    assert (entry.path, entry.kind) == ("Playlists/B/another name.mp3", Kind.COPY)
    plan = story.check()
    assert (plan.actions, plan.facts) == ((), ())


def test_a_link_and_its_audio_renamed_in_bulk_are_followed_both() -> None:
    story = without_b()
    story.playlists["A"] = []
    story.sync()
    story.library.rename("A/Artist - x.mp3", "A/Artist_-_x.mp3")
    story.library.rename("B/Artist - x.mp3", "B/Artist_-_x.mp3")
    assert story.words(story.sync()) == ["relink B/Artist_-_x.mp3 (broken_link)"]
    assert story.ledger.entries[B, X].path == "Playlists/B/Artist_-_x.mp3"


@pytest.mark.parametrize("dropped", [True, False])
def test_links_lead_to_audio_that_stays_for_them_under_a_name_of_the_persons(
    dropped: bool,
) -> None:
    story = without_b()
    story.policy = Policy(exclude=("A", "B"))
    if dropped:
        story.policy = Policy(exclude=("B",))
        story.playlists["A"] = []
    story.sync()
    story.library.delete("A/Artist - x.mp3")
    story.library.put("A/Artist_-_x.mp3", "id:x|retagged")
    assert story.words(story.sync()) == ["relink B/Artist - x.mp3 (broken_link)"]
    assert story.library.tree == ["A/Artist_-_x.mp3", "B/Artist - x.mp3 -> ../A/Artist_-_x.mp3"]
    plan = story.sync()
    assert (plan.actions, plan.facts) == ((), ())
    entry = story.ledger.entries[PlaylistId("A"), X]
    assert (entry.path, entry.kind) == ("Playlists/A/Artist_-_x.mp3", Kind.PRIMARY)
    assert story.ledger.files[X].path == entry.path


def test_a_version_of_the_persons_that_is_all_there_is_left_is_noted_once() -> None:
    story = without_b()
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|tagged")
    story.library.delete("A/Artist - x.mp3")
    del story.playlists["A"]
    plan = story.check()
    story.note(plan)
    assert story.check().facts == ()


def deleted_and_kept(story: Story) -> Story:
    story.playlists = {}
    story.policy = Policy(keep_deleted=True)
    return story


def tagged_in_b() -> Story:
    """The person's own version stands in the link's place, and what it led to is gone."""
    story = Story(playlists={"A": ["x"], "B": ["x"]})
    story.sync()
    story.library.delete("A/Artist - x.mp3")
    story.library.delete("B/Artist - x.mp3")
    story.library.put("B/Artist - x.mp3", "id:x|tagged")
    return story


def test_a_version_of_the_persons_that_equals_the_new_primary_is_its_copy() -> None:
    story = deleted_and_kept(tagged_in_b())
    story.library.put("A/copy.mp3", "id:x|tagged")
    plan = story.check()
    story.note(plan)
    assert story.check().facts == ()
    assert story.ledger.entries[B, X].kind is Kind.COPY


def test_a_changed_file_in_a_renamed_folder_is_believed_in_one_place_by_a_run_of_another() -> None:
    """Until all playlists are in scope the ledger is not to hear of the folder's new name."""
    story = Story(playlists={"A": ["x"], "B": ["y"]})
    story.sync()
    library = story.library
    library.folders["mine"] = library.folders.pop("A")
    library.delete("A/Artist - x.mp3")
    library.put("mine/Artist - x.mp3", "id:x|other tags")
    story.playlists["A"] = []
    story.policy = Policy(only=frozenset({B}))
    story.note(story.check())
    assert story.ledger.files[X].path == story.ledger.entries[A, X].path
    story.policy = Policy()
    story.sync()
    assert X not in story.ledger.files, "what went to the trash is believed nowhere"
    assert library.tree == ["A/", "B/Artist - y.mp3"]


def test_of_audio_that_stays_for_links_the_file_itself_is_followed_not_a_copy_of_it() -> None:
    story = without_b()
    story.playlists["A"] = []
    story.sync()
    story.library.rename("A/Artist - x.mp3", "A/renamed.mp3")
    story.library.put(
        "A/a copy.mp3", story.library.files[LibPath("Playlists/A/renamed.mp3")].content
    )
    story.sync()
    assert story.library.links[IN_B][1] == "../A/renamed.mp3"
    assert story.check().actions == ()


def test_a_kept_link_follows_to_the_whole_copy_beside_damaged_audio_that_nobody_lists() -> None:
    story = without_b()
    story.library.put("A/Artist - x.mp3", "id:x|broken")
    story.library.put("A/again.mp3", "id:x|fetched")
    story.playlists["A"] = []
    assert story.words(story.sync()) == [
        "relink B/Artist - x.mp3 (primary_moved)",
        "trash A/Artist - x.mp3 (damaged_on_disk)",
    ]
    assert story.library.tree == ["A/again.mp3", "B/Artist - x.mp3 -> ../A/again.mp3"]
    assert story.ledger.files[X].path == "Playlists/A/again.mp3"
    plan = story.check()
    assert (plan.actions, plan.facts) == ((), ())


def test_a_place_that_an_undo_left_to_a_playlist_left_out_is_the_listing_ones_alone() -> None:
    story = without_b()
    story.library.delete("B/Artist - x.mp3")
    del story.library.folders["B"]
    left = LedgerEntry(B, X, IN_A, Kind.PRIMARY, None)
    story.ledger = with_facts(story.ledger, [EntryGone(A, X), EntryIs(left), FolderGone(B)])
    story.sync()
    assert [entry.playlist for entry in story.ledger.entries.values()] == [A]
    plan = story.check()
    assert (plan.actions, plan.facts) == ((), ())
