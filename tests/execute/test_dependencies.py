"""What one action's fate means for those after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strandline.core.actions import Action
from strandline.execute.dependencies import DependencyTracker, extension_of
from tests.execute.things import (
    at,
    download,
    folder,
    link,
    move,
    relink,
    removes,
    renames,
    trash,
    unlink,
)

NO_AUDIO = "the audio it would lead to did not come"
NOT_CLEARED = "not everything in it could be cleared"
NO_FOLDER = "its folder 'A' could not be prepared"
NO_NAME = "its name is not valid UTF-8"


@pytest.mark.parametrize(
    ("fell", "later", "why"),
    [
        (download("A/x.mp3"), link("B/x.mp3", "A/x.mp3"), NO_AUDIO),
        (download("A/x.mp3"), relink("B/x.mp3", "A/x.mp3"), NO_AUDIO),
        (move("C/x.mp3", "A/x.mp3"), removes("C"), NOT_CLEARED),
        (folder("A"), download("A/x.mp3"), NO_FOLDER),
        (folder("A"), link("A/x.mp3", "B/x.mp3"), NO_FOLDER),
        (unlink("A/x.mp3"), removes("A"), NOT_CLEARED),
        (trash("A/x.mp3"), removes("A"), NOT_CLEARED),
        (unlink("B/x.mp3"), trash("A/x.mp3"), "a link to it could not be removed"),
    ],
)
def test_what_depends_on_something_that_fell_is_not_tried(
    fell: Action, later: Action, why: str
) -> None:
    dependencies = DependencyTracker()
    assert dependencies.obstacle(later) is None
    dependencies.fell(fell)
    assert dependencies.obstacle(later) == why


@pytest.mark.parametrize(
    ("fell", "later"),
    [
        (download("A/x.mp3"), link("B/y.mp3", "A/y.mp3")),
        (download("A/x.mp3"), removes("A")),
        (download("A/x.mp3"), download("A/y.mp3")),
        (move("C/x.mp3", "A/x.mp3"), removes("A")),
        (folder("A"), download("B/x.mp3")),
        (folder("A"), renames("B", "A")),
        (renames("A", "C"), download("A/x.mp3")),
        (removes("A"), download("A/x.mp3")),
        (link("B/x.mp3", "A/x.mp3"), removes("B")),
        (unlink("A/x.mp3"), removes("B")),
        (unlink("B/x.mp3"), trash("A/x.mp3", keeper="C/x.mp3")),
        (replace(unlink("B/x.mp3"), track=None), replace(trash("A/x.mp3"), track=None)),
        (trash("B/x.mp3"), trash("A/x.mp3")),
    ],
)
def test_what_does_not_depend_on_it_goes_on(fell: Action, later: Action) -> None:
    dependencies = DependencyTracker()
    dependencies.fell(fell)
    assert dependencies.obstacle(later) is None


def test_links_follow_audio_that_came_with_another_extension() -> None:
    dependencies = DependencyTracker()
    dependencies.went(download("A/x.mp3"), at("A/x.flac"))
    assert dependencies.followed(link("B/x.mp3", "A/x.mp3")) == link("B/x.flac", "A/x.flac")
    assert dependencies.followed(relink("B/x.mp3", "A/x.mp3")) == relink("B/x.mp3", "A/x.flac")
    assert dependencies.followed(link("B/x.ogg", "A/x.mp3")) == link("B/x.ogg", "A/x.flac")


@pytest.mark.parametrize("action", [link("B/y.mp3", "A/y.mp3"), move("A/x.mp3", "B/x.mp3")])
def test_what_leads_elsewhere_stays_as_planned(action: Action) -> None:
    dependencies = DependencyTracker()
    dependencies.went(download("A/x.mp3"), at("A/x.flac"))
    assert dependencies.followed(action) is action


def test_links_lead_to_audio_that_could_not_be_moved_where_it_still_is() -> None:
    dependencies = DependencyTracker()
    dependencies.fell(move("C/y.mp3", "A/x.mp3"))
    assert dependencies.obstacle(link("B/x.mp3", "A/x.mp3")) is None
    assert dependencies.followed(link("B/x.mp3", "A/x.mp3")) == link("B/x.mp3", "C/y.mp3")
    assert dependencies.followed(relink("B/x.mp3", "A/x.mp3")) == relink("B/x.mp3", "C/y.mp3")
    away = move("A/x.mp3", "D/z.mp3")
    assert dependencies.followed(away) is away, "another track's file that stood there before"


def test_no_link_leads_to_audio_that_lies_beside_the_folders() -> None:
    dependencies = DependencyTracker()
    dependencies.fell(move("x.mp3", "A/x.mp3"))
    assert dependencies.obstacle(link("B/x.mp3", "A/x.mp3")) == NO_AUDIO


def test_what_was_planned_for_a_folder_that_kept_its_name_is_done_there() -> None:
    dependencies = DependencyTracker()
    dependencies.fell(renames("C", "A"))
    assert dependencies.followed(download("A/x.mp3")) == download("C/x.mp3")
    assert dependencies.followed(link("B/x.mp3", "A/x.mp3")) == link("B/x.mp3", "C/x.mp3")
    assert dependencies.followed(move("A/x.mp3", "B/x.mp3")) == move("C/x.mp3", "B/x.mp3")
    assert dependencies.followed(trash("A/x.mp3", keeper="A/y.mp3")) == trash(
        "C/x.mp3", keeper="C/y.mp3"
    )
    dependencies.went(download("A/x.mp3"), at("C/x.flac"))
    assert dependencies.followed(link("B/x.mp3", "A/x.mp3")) == link("B/x.flac", "C/x.flac")
    dependencies.fell(move("A/z.mp3", "D/z.mp3"))
    assert dependencies.followed(relink("B/z.mp3", "D/z.mp3")) == relink("B/z.mp3", "C/z.mp3")


def test_two_playlists_that_could_not_swap_their_names_go_on_under_the_old_ones() -> None:
    dependencies = DependencyTracker()
    dependencies.fell(renames("A", "B"))
    dependencies.fell(renames("B", "A"))
    assert dependencies.followed(link("A/x.mp3", "B/x.mp3")) == link("B/x.mp3", "A/x.mp3")


def test_nothing_is_done_in_a_folder_that_stands_half_way() -> None:
    dependencies = DependencyTracker()
    dependencies.fell(renames("C", "A"))
    dependencies.close(renames("C", "A"))
    assert dependencies.obstacle(download("A/x.mp3")) == NO_FOLDER


def test_audio_that_came_as_planned_changes_no_link() -> None:
    dependencies = DependencyTracker()
    dependencies.went(download("A/x.mp3"), at("A/x.mp3"))
    planned = link("B/x.mp3", "A/x.mp3")
    assert dependencies.followed(planned) is planned


def test_a_name_that_is_no_utf_8_cannot_be_journaled_so_it_is_left_alone() -> None:
    assert DependencyTracker().obstacle(trash("A/\udcff.mp3")) == NO_NAME
    assert DependencyTracker().obstacle(move("A/\udcff.mp3", "A/x.mp3")) == NO_NAME
    assert DependencyTracker().obstacle(trash("A/é.mp3")) is None


@pytest.mark.parametrize(
    ("path", "extension"),
    [
        ("A/x.mp3", ".mp3"),
        ("A/x.y.flac", ".flac"),
        ("A.b/x", ""),
        ("A/.hidden", ""),
        ("A/x.", "."),
    ],
)
def test_the_extension_is_what_follows_the_last_dot_of_the_name(path: str, extension: str) -> None:
    assert extension_of(at(path)) == extension


def test_a_link_follows_a_file_that_stayed_in_a_folder_which_was_renamed_after_it() -> None:
    """As an undo does: what came goes back, then folders get their old names, and last the links.

    Two playlists may swap theirs.
    """
    dependencies = DependencyTracker()
    dependencies.fell(move("B/x.mp3", "A/x.mp3"))
    dependencies.went(renames("B", "C"), at("C"))
    dependencies.went(renames("C", "B"), at("B"))
    assert dependencies.followed(relink("D/x.mp3", "A/x.mp3")) == relink("D/x.mp3", "C/x.mp3")


def test_a_link_follows_a_file_that_stayed_in_a_folder_which_was_renamed_before_it() -> None:
    dependencies = DependencyTracker()
    dependencies.went(renames("B", "C"), at("C"))
    dependencies.went(renames("C", "B"), at("B"))
    dependencies.fell(move("C/x.mp3", "A/x.mp3"))
    assert dependencies.followed(relink("D/x.mp3", "A/x.mp3")) == relink("D/x.mp3", "C/x.mp3")
