"""One sync is enough: nothing is left for the next one, however many things happened at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from strandline.core.actions import Conflict, Unlink
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.ledger_facts import with_facts
from strandline.core.policy import Policy
from strandline.core.states import Kind
from tests.core.memory import Story, synced


def done(story: Story) -> list[str]:
    """What a sync does; the next one finds nothing to do and nothing to note."""
    words = story.words(story.sync())
    again = story.check()
    assert [action for action in again.actions if not isinstance(action, Conflict)] == []
    assert again.facts == ()
    return words


def remove_folder(story: Story, name: str) -> None:
    library = story.library
    for path in [*library.files, *library.links]:
        if path.startswith(f"Playlists/{name}/"):
            library.delete(path.removeprefix("Playlists/"))
    del library.folders[name]


def retag(story: Story, path: str) -> None:
    content = story.library.files[LibPath(f"Playlists/{path}")].content
    story.library.put(path, f"{content} retagged")


def kinds(story: Story, track: str) -> dict[str, Kind]:
    return {playlist: e.kind for (playlist, id), e in story.ledger.entries.items() if id == track}


# ---------------------------------------------------------------- what TIDAL turns out not to have


def audio_gone(story: Story) -> None:
    story.library.delete("A/Artist - x.mp3")


def folder_gone(story: Story) -> None:
    remove_folder(story, "A")


def link_spoiled(story: Story) -> None:
    audio_gone(story)
    story.library.delete("B/Artist - x.mp3")
    story.library.link("B/Artist - x.mp3", "../nowhere/x.mp3")


def link_renamed(story: Story) -> None:
    audio_gone(story)
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")


def playlist_renamed(story: Story) -> None:
    audio_gone(story)
    story.names["B"] = "Bee"


@pytest.mark.parametrize(
    "happens", [audio_gone, folder_gone, link_spoiled, link_renamed, playlist_renamed]
)
def test_a_plan_says_which_links_go_should_tidal_not_have_the_track(
    happens: Callable[[Story], None],
) -> None:
    """The same that a plan says once it is known."""
    story = synced(A=["x", "y"], B=["x"], C=["x"])
    happens(story)
    forgone = story.check().forgone
    story.track("x", available=False)
    known = story.check().actions
    assert len(forgone) == 2
    assert {*forgone} == {action for action in known if isinstance(action, Unlink)}


def test_nothing_is_forgone_of_what_is_there_or_was_never_linked() -> None:
    story = synced(A=["x", "y"], B=["x"])
    assert story.check().forgone == ()
    story.playlists["A"].append("new")
    story.library.delete("A/Artist - y.mp3")
    assert story.check().forgone == ()


def test_links_to_a_damaged_file_are_not_forgone() -> None:
    story = synced(A=["x"], B=["x"])
    story.library.put("A/Artist - x.mp3", "broken")
    assert story.check().forgone == ()


# ---------------------------------------------------------------- damaged, and nothing to be had


def test_links_to_damaged_audio_follow_its_folder_while_tidal_does_not_offer_it() -> None:
    story = synced(A=["x"], B=["x"])
    story.track("x", available=False)
    story.library.put("A/Artist - x.mp3", "broken")
    story.names["A"] = "Ambient"
    assert "relink B/Artist - x.mp3 (primary_moved)" in done(story)
    assert story.library.tree == [
        "Ambient/Artist - x.mp3",
        "B/Artist - x.mp3 -> ../Ambient/Artist - x.mp3",
    ]


def test_a_link_to_damaged_audio_is_known_by_the_name_the_person_gave_it() -> None:
    story = synced(A=["x"], B=["x"])
    story.track("x", available=False)
    story.library.put("A/Artist - x.mp3", "broken")
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    done(story)
    entry = story.ledger.entries[PlaylistId("B"), TrackId("x")]
    assert entry.path == "Playlists/B/mine.mp3"


def test_a_renamed_link_to_nothing_is_taken_away_once() -> None:
    """Of the playlist that would hold the audio: its link stands where no link is to be."""
    story = synced(A=["x"], B=["x"])
    story.track("x", available=False)
    remove_folder(story, "A")
    del story.playlists["A"]
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    assert done(story).count("unlink B/mine.mp3 (broken_link)") == 1
    assert not story.library.links


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
def test_a_damaged_file_gives_way_in_a_folder_that_a_new_playlist_takes_over(kind: Kind) -> None:
    story = synced(kind, A=["x", "y"])
    story.library.put("A/Artist - x.mp3", "broken")
    story.playlists = {"new": ["x", "y"]}
    story.names["new"] = "A"
    assert done(story).count("trash A/Artist - x.mp3 (damaged_on_disk)") == 1
    assert story.library.tree == ["A/Artist - x.mp3", "A/Artist - y.mp3"]
    assert [file.content for file in story.library.trash] == ["broken"]


@pytest.mark.parametrize("kind", [Kind.SYMLINK, Kind.HARDLINK, Kind.COPY])
def test_audio_moved_beside_a_retagged_file_of_its_entry_keeps_out_of_its_way(kind: Kind) -> None:
    """Its name is another track's there, and the one after that is the person's file."""
    story = Story(playlists={"A": ["x"], "B": ["y", "x"]}, policy=Policy(link_kind=kind))
    story.track("y", title="X")
    story.sync()
    mine = story.ledger.entries[PlaylistId("B"), TrackId("x")].path
    assert mine == "Playlists/B/Artist - x [x].mp3"
    story.library.delete("B/Artist - x [x].mp3")
    story.library.put("B/Artist - x [x].mp3", "id:x|mine")
    story.library.rename("A/Artist - x.mp3", "B/Artist - x.mp3")
    done(story)
    assert story.library.files[mine].content == "id:x|mine"
    assert story.library.trash == []


# ---------------------------------------------------------------- copies and hard links


@pytest.mark.parametrize("kind", [Kind.HARDLINK, Kind.COPY])
def test_what_is_made_anew_from_a_second_file_leaves_one_primary(kind: Kind) -> None:
    story = synced(kind, A=["x"], B=["x"])
    story.library.delete("A/Artist - x.mp3")
    done(story)
    assert sorted(kinds(story, "x").values()) == sorted([Kind.PRIMARY, kind])
    story.names["A"] = "Ambient"
    done(story)
    assert story.ledger.files[TrackId("x")].path in story.library.files


@pytest.mark.parametrize("kind", [Kind.HARDLINK, Kind.COPY])
def test_a_link_in_a_playlist_left_out_leads_to_the_second_file_that_became_the_primary(
    kind: Kind,
) -> None:
    story = synced(Kind.SYMLINK, A=["x"], B=["x"], C=["x"])
    story.policy = Policy(link_kind=kind, exclude=("C",))
    done(story)
    story.library.delete("A/Artist - x.mp3")
    done(story)
    assert kinds(story, "x") == {"A": kind, "B": Kind.PRIMARY, "C": Kind.SYMLINK}
    assert "C/Artist - x.mp3 -> ../B/Artist - x.mp3" in story.library.tree


@pytest.mark.parametrize("kind", [Kind.HARDLINK, Kind.COPY])
def test_a_file_made_anew_from_a_retagged_one_has_no_hash_of_the_old(kind: Kind) -> None:
    story = synced(kind, A=["x"], B=["x"])
    retag(story, "B/Artist - x.mp3")
    remove_folder(story, "A")
    done(story)
    known = story.ledger.files[TrackId("x")]
    assert known.sha256 in {None, story.library.files[known.path].sha256}


@pytest.mark.parametrize("kind", [Kind.HARDLINK, Kind.COPY])
def test_audio_moved_beside_a_version_of_the_persons_stays_the_primary(kind: Kind) -> None:
    """What is made anew at its old place is not taken for it."""
    story = synced(kind, A=["x"], B=["x"])
    story.library.put("B/Artist - x.mp3", "id:x|mine")
    done(story)
    story.library.rename("A/Artist - x.mp3", "B/moved.mp3")
    done(story)
    assert story.library.trash == []
    assert story.ledger.files[TrackId("x")].path == "Playlists/B/moved.mp3"
    assert kinds(story, "x") == {"A": kind, "B": Kind.PRIMARY}


# ---------------------------------------------------------------- folders


def test_a_folder_is_known_by_a_link_of_ours_under_another_name() -> None:
    """The person renamed the folder and one link in it, and deleted the other."""
    story = synced(A=["x", "y"], B=["x", "y"])
    library = story.library
    library.folders["Mine"] = library.folders.pop("B")
    library.rename("B/Artist - x.mp3", "Mine/my x.mp3")
    library.delete("B/Artist - y.mp3")
    library.folders.pop("B", None)
    done(story)
    inside = [line for line in library.tree if not line.startswith("A/")]
    assert inside == [
        "B/Artist - y.mp3 -> ../A/Artist - y.mp3",
        "B/my x.mp3 -> ../A/Artist - x.mp3",
    ]


def test_a_folder_that_two_deleted_playlists_had_in_turn_is_removed_once() -> None:
    """The second took over the name while something of the first was still open."""
    story = synced(A=["x"], B=[])
    known = story.ledger.playlists
    second = known[PlaylistId("B")]._replace(
        folder="A", named_for="A", ino=known[PlaylistId("A")].ino
    )
    story.ledger = replace(story.ledger, playlists={**known, PlaylistId("B"): second})
    story.playlists = {"C": ["x"]}
    assert done(story).count("remove_folder A (playlist_deleted)") == 1
    assert story.ledger.playlists.keys() == {PlaylistId("C")}


def test_a_folder_is_known_by_a_link_that_a_run_made_before_it_was_killed() -> None:
    """The audio was moved beside its link; the run had no time to look again."""
    story = synced(A=["x"], B=["x"])
    library = story.library
    library.delete("B/Artist - x.mp3")
    library.rename("A/Artist - x.mp3", "B/moved.mp3")
    plan = story.check()
    story.ledger = with_facts(story.ledger, (*plan.facts, *plan.agreed))
    for action in plan.actions:
        story.ledger = library.do(action, story.ledger)
    library.folders["Mine"] = library.folders.pop("A")
    library.rename("A/Artist - x.mp3", "Mine/Artist - x.mp3")
    library.folders.pop("A", None)
    assert done(story) == ["rename_folder A (renamed_on_disk)"]
    assert library.tree == ["A/Artist - x.mp3 -> ../B/moved.mp3", "B/moved.mp3"]


def test_hard_links_of_a_lost_primary_that_got_a_new_name_have_one_primary() -> None:
    story = synced(Kind.HARDLINK, A=["x"], B=["x"])
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    done(story)
    story.track("x", title="New")
    remove_folder(story, "A")
    done(story)
    assert sorted(kinds(story, "x").values()) == [Kind.HARDLINK, Kind.PRIMARY]
    assert story.ledger.files[TrackId("x")].path in story.library.files


def test_a_renamed_link_beside_the_audio_is_known_to_the_run_after_one_that_was_killed() -> None:
    """The person dragged the audio to the link's old name; the run had agreed to it, no more."""
    story = synced(A=["x"], B=["x"])
    story.library.rename("B/Artist - x.mp3", "B/mine.mp3")
    story.library.rename("A/Artist - x.mp3", "B/Artist - x.mp3")
    plan = story.check()
    story.ledger = with_facts(story.ledger, (*plan.facts, *plan.agreed))
    assert "unlink B/mine.mp3 (moved_on_disk)" in done(story)
    assert story.library.tree == [
        "A/Artist - x.mp3 -> ../B/Artist - x.mp3",
        "B/Artist - x.mp3",
    ]
