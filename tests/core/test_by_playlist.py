"""A plan by playlist: nothing of it is hidden, and the numbers of a row mean what they say."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from strandline.core.actions import Because, Move, Relink
from strandline.core.by_playlist import REPAIRS, PlaylistRow, by_playlist, path_changes, row_of
from strandline.core.ids import PlaylistId
from strandline.core.plan import is_removal
from tests.core.memory import Story
from tests.core.three_states import edits, perturbed, worlds


def rows(story: Story) -> dict[str, PlaylistRow]:
    names = {PlaylistId(key): story.names.get(key, key) for key in story.playlists}
    groups = by_playlist(story.check(), story.ledger, names)
    return {group.name: row_of(group, story.ledger) for group in groups}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(first=worlds, second=worlds, hand=edits)
def test_every_action_is_in_one_playlist_and_every_playlist_says_something(
    first: dict[str, object], second: dict[str, object], hand: list[tuple[str, int, int]]
) -> None:
    story, _ = perturbed(first, second, hand)
    plan = story.check()
    groups = list(by_playlist(plan, story.ledger, {}))
    told = [action for group in groups for action in group.actions]
    assert sorted(map(id, told)) == sorted(map(id, plan.actions))
    moves = {id(action) for action in plan.actions if isinstance(action, Move)}
    assert {id(move) for group in groups for move in group.leaving} <= moves
    for group in groups:
        row = row_of(group, story.ledger)
        assert any(row[1:6]) or row.what, group
        removed = [a for a in group.actions if is_removal(a) and a.because not in REPAIRS]
        assert row.gone == len({a.track or a.path for a in removed})
    changed = path_changes(plan, story.ledger)
    assert {a.track for a in plan.actions if isinstance(a, Move)} <= changed


def shared() -> Story:
    story = Story()
    story.playlists = {"A": ["1", "2"], "B": ["1"]}
    story.sync()
    return story


def test_a_track_that_moves_on_counts_as_moved_and_as_gone_nowhere() -> None:
    story = shared()
    story.playlists["A"] = ["2"]
    found = rows(story)
    assert found["A"][1:6] == (0, 0, 1, 0, 0)
    assert found["B"][1:6] == (0, 0, 1, 0, 0)
    assert found["A"].changes_paths
    assert found["B"].changes_paths


def test_a_track_that_moves_to_a_playlist_that_did_not_have_it_is_new_there() -> None:
    story = shared()
    story.playlists = {"A": ["1"], "B": ["1"], "C": ["2"]}
    found = rows(story)
    assert found["A"][1:6] == (0, 0, 1, 0, 0)
    assert found["C"][1:6] == (1, 0, 1, 0, 0)


def test_a_renamed_playlist_changes_the_paths_of_what_it_holds_alone() -> None:
    story = shared()
    story.names["A"] = "Z"
    found = rows(story)
    assert found["Z"].what == ("renamed from 'A'",)
    assert len(path_changes(story.check(), story.ledger)) == 2
    story.names = {"B": "Y"}
    assert rows(story)["Y"].what == ("renamed from 'B'",)
    assert path_changes(story.check(), story.ledger) == frozenset()


def test_two_playlists_that_swap_names_stay_apart() -> None:
    story = shared()
    story.names = {"A": "B", "B": "A"}
    found = rows(story)
    assert found["A"].what == ("renamed from 'B'",)
    assert found["B"].what == ("renamed from 'A'",)
    relinks = [a for a in story.check().actions if isinstance(a, Relink)]
    assert [a.because for a in relinks] == [Because.PRIMARY_MOVED], "no link is broken today"


def test_links_of_a_moved_file_count_as_links() -> None:
    story = shared()
    story.playlists["C"] = ["1"]
    story.sync()
    story.playlists["A"] = ["2"]
    assert rows(story)["C"][1:6] == (0, 0, 0, 1, 0)
