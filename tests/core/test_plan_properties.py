"""Whatever happened to the account, the library and the ledger: one sync mends it, for good.

A random person's library is synced, then perturbed in all three states at once, then synced again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from strandline.core.actions import Action, Conflict, Move, RenameFolder
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.ledger_facts import FileIs, LedgerFact, with_facts
from strandline.core.plan import Plan
from strandline.core.policy import Policy
from strandline.core.states import Kind, Ledger
from tests.core.disk import placed
from tests.core.memory import Story
from tests.core.oracles import (
    content_of,
    every_wanted_track_is_there,
    hashes_are_true,
    names_never_collide,
    no_link_is_forgotten,
    playlists_hold_links_alone,
    statuses_tell_the_plan,
)
from tests.core.three_states import KEYS, edits, ignored, perturbed, worlds
from tests.faults.tally import tally

pytestmark = pytest.mark.battery("planner")

EXAMPLES = int(os.environ.get("STRANDLINE_TEST_EXAMPLES", "10000"))
SEED = int(os.environ.get("STRANDLINE_SEED", "1"))
SHARDS = 8
ways_to_change = st.sampled_from([(False, True), (True, False)])
"""From one layout to the other; True is the pool."""


def shards(share: int) -> Callable[[Callable[..., None]], Callable[[int], None]]:
    """Makes a property a test that runs in parts, side by side; each part has its own seed."""

    def decorate(check: Callable[..., None]) -> Callable[[int], None]:
        checked = settings(
            max_examples=max(1, EXAMPLES // (SHARDS * share)),
            deadline=None,
            database=None,
            phases=[phase for phase in settings.default.phases if phase is not Phase.explain],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )(check)

        def part(shard: int) -> None:
            tally("planner").count(EXAMPLES // (SHARDS * share))
            seed(SEED * 1000 + shard)(checked)()

        part.__name__ = check.__name__
        return pytest.mark.parametrize("shard", range(SHARDS))(part)

    return decorate


@shards(1)
@given(first=worlds, second=worlds, hand=edits, lost=st.sampled_from([False, False, False, True]))
def test_one_sync_mends_everything_and_the_next_finds_nothing(
    first: dict[str, object],
    second: dict[str, object],
    hand: list[tuple[str, int, int]],
    lost: bool,
) -> None:
    mends_everything(first, second, hand, lost=lost)


@shards(5)
@given(first=worlds, second=worlds, hand=edits, ignore=ignored)
def test_the_same_holds_with_tracks_that_are_ignored(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    ignore: frozenset[TrackId],
) -> None:
    second = {**second, "policy": replace(second["policy"], ignore=ignore)}
    mends_everything(first, second, hand, lost=False)


@shards(5)
@given(first=worlds, second=worlds, hand=edits, lost=st.sampled_from([False, False, False, True]))
def test_the_same_holds_in_the_pool_and_no_primary_moves(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    lost: bool,
) -> None:
    mends_everything(in_pool(first), in_pool(second), hand, lost=lost)


def in_pool(world: dict[str, Any]) -> dict[str, Any]:
    """The same with the pool layout."""
    return {**world, "policy": replace(world["policy"], pool=True)}


def mends_everything(
    first: dict[str, Any], second: dict[str, Any], hand: list[tuple[str, int, int]], *, lost: bool
) -> None:
    """One sync, and the next check finds nothing."""
    story, own = perturbed(first, second, hand, lost=lost)
    contents_before = set(story.library.contents)
    owners = {path: story.library.files[path].ino for path in own if path in story.library.files}

    statuses_tell_the_plan(story)
    plan = story.sync()

    assert set(story.library.contents) >= contents_before, "a file was lost (I1)"
    inodes = {file.ino for file in story.library.files.values()}
    mine = {ino for path, ino in owners.items() if "my own" in content_of(story, ino)}
    assert mine <= inodes, "a file of the user's was taken away"
    again = story.check()
    assert [action for action in again.actions if not isinstance(action, Conflict)] == [], (
        story.words(plan),
        story.words(again),
    )
    story.ledger = with_facts(story.ledger, again.facts)
    settled = story.check()
    assert settled.facts == (), "what was recognised stays recognised"
    assert settled.actions == again.actions
    every_wanted_track_is_there(story)
    names_never_collide(story)
    hashes_are_true(story)
    no_link_is_forgotten(story)
    statuses_tell_the_plan(story)
    if story.policy.pool:
        playlists_hold_links_alone(story, plan)


@shards(10)
@given(first=worlds, second=worlds, hand=edits)
def test_a_run_cut_off_after_any_step_is_finished_by_the_next(
    first: dict[str, Any], second: dict[str, Any], hand: list[tuple[str, int, int]]
) -> None:
    finished_after_any_step(first, second, hand)


def finished_after_any_step(
    first: dict[str, Any], second: dict[str, Any], hand: list[tuple[str, int, int]]
) -> None:
    """Half of a run, then a whole one."""
    story, _ = perturbed(first, second | {"only": None}, hand)
    before = set(story.library.contents)
    plan = story.check()
    story.ledger = with_facts(story.ledger, (*plan.facts, *plan.agreed))
    steps: list[Action] = [a for a in plan.actions if not isinstance(a, RenameFolder)]
    if len(steps) == len(plan.actions):
        for action in steps[: len(steps) // 2]:
            story.ledger = story.library.do(action, story.ledger)
    story.sync()
    assert set(story.library.contents) >= before
    again = story.check()
    assert [a for a in again.actions if not isinstance(a, Conflict)] == []
    every_wanted_track_is_there(story)


def steps_of(plan: Plan) -> list[Action]:
    """Without the hash of what moves: a file is read once it is known to be ours."""
    return [replace(a, sha256=None) if isinstance(a, Move) else a for a in plan.actions]


@shards(10)
@given(first=worlds, second=worlds, hand=edits)
def test_a_run_of_the_pool_cut_off_after_any_step_is_finished_by_the_next(
    first: dict[str, Any], second: dict[str, Any], hand: list[tuple[str, int, int]]
) -> None:
    finished_after_any_step(in_pool(first), in_pool(second), hand)


@shards(10)
@given(
    first=worlds,
    second=worlds,
    hand=edits,
    ways=ways_to_change,
    ignore=st.just(frozenset()) | ignored,
)
def test_a_library_whose_layout_changes_is_mended_alike(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    ways: tuple[bool, bool],
    ignore: frozenset[TrackId],
) -> None:
    before, after = (
        {**world, "policy": replace(world["policy"], pool=pool)}
        for world, pool in zip((first, second), ways, strict=True)
    )
    after["policy"] = replace(after["policy"], ignore=ignore)
    mends_everything(before, after, hand, lost=False)


@shards(10)
@given(
    first=worlds, second=worlds, hand=edits, ways=st.sampled_from([(False, True), (True, False)])
)
def test_a_change_of_layout_cut_off_after_any_step_is_finished_by_the_next(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    ways: tuple[bool, bool],
) -> None:
    before, after = (
        {**world, "policy": replace(world["policy"], pool=pool)}
        for world, pool in zip((first, second), ways, strict=True)
    )
    finished_after_any_step(before, after, hand)


@shards(5)
@given(first=worlds, second=worlds, hand=edits, lost=st.sampled_from([False, False, False, True]))
def test_a_check_of_the_pool_leaves_the_next_plan_as_it_was(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    lost: bool,
) -> None:
    leaves_the_next_plan(in_pool(first), in_pool(second), hand, lost=lost)


@shards(5)
@given(first=worlds, second=worlds, hand=edits, lost=st.sampled_from([False, False, False, True]))
def test_a_check_leaves_the_next_plan_as_it_was(
    first: dict[str, object],
    second: dict[str, object],
    hand: list[tuple[str, int, int]],
    lost: bool,
) -> None:
    leaves_the_next_plan(first, second, hand, lost=lost)


def leaves_the_next_plan(
    first: dict[str, Any], second: dict[str, Any], hand: list[tuple[str, int, int]], *, lost: bool
) -> None:
    """I21: what a check saves presupposes nothing that was not done."""
    story, _ = perturbed(first, second, hand, lost=lost)
    plan = story.check()
    story.ledger = with_facts(story.ledger, plan.facts)
    again = story.check()
    assert steps_of(again) == steps_of(plan), (story.words(plan), story.words(again), plan.facts)
    learned = [note for note in again.facts if not is_a_hash_learned(note, story.ledger)]
    assert learned == [], plan.facts


def is_a_hash_learned(note: LedgerFact, ledger: Ledger) -> bool:
    """A file is read once it is known to be ours: what it holds is noted by the check after."""
    if not isinstance(note, FileIs):
        return False
    return ledger.files.get(note.file.track) == note.file._replace(sha256=None)


def story_of(playlists: dict[str, list[str]], names: dict[str, str]) -> Story:
    """Synced once; every track is called Song."""
    story = Story()
    story.playlists, story.names = playlists, names
    for track in {track for tracks in playlists.values() for track in tracks}:
        story.track(track, title="Song")
    story.sync()
    return story


def test_damage_in_a_folder_that_the_next_playlist_takes_over_gives_way_to_the_download() -> None:
    story = story_of(
        {"11111111-a": [], "22222222-b": ["1"]}, {"11111111-a": "B", "22222222-b": "A"}
    )
    story.library.put("A/Artist - Song.mp3", "broken")
    story.playlists = {"11111111-a": [], "33333333-c": ["1"]}
    story.names = {"11111111-a": "A", "33333333-c": "A"}
    story.sync()
    assert story.library.tree == ["A [11111111]/", "A/Artist - Song.mp3"]
    assert "broken" in {file.content for file in story.library.trash}
    assert story.check().actions == ()


def test_a_link_renamed_in_a_playlist_left_out_is_known_by_its_new_name() -> None:
    story = story_of(
        {"11111111-a": ["1"], "22222222-b": ["1"]}, {"11111111-a": "A", "22222222-b": "B"}
    )
    story.library.delete("A/Artist - Song.mp3")
    story.library.rename("B/Artist - Song.mp3", "B/mine.mp3")
    story.policy = replace(story.policy, exclude=("A", "B"))
    story.sync()
    no_link_is_forgotten(story)


def test_an_incomplete_playlist_forgets_no_track_whose_old_name_another_one_gets() -> None:
    """I6, while its folder is renamed and the person renamed the file."""
    story = Story()
    story.playlists, story.names = {"33333333-c": ["1", "5"]}, {"33333333-c": "B"}
    story.track("1", title="Song")
    story.track("5", title="So/ng")
    story.sync()
    story.library.rename("B/Artist - So-ng.mp3", "B/mine.mp3")
    story.track("1", title="So/ng")
    story.track("5", title="Song")
    story.names = dict.fromkeys(KEYS, "A")
    story.playlists = {"11111111-a": [], "22222222-b": ["5"], "33333333-c": []}
    story.incomplete = {"33333333-c": "short page"}
    story.sync()
    assert (PlaylistId("33333333-c"), TrackId("5")) in story.ledger.entries
    assert story.check().actions == ()


def test_a_hard_link_in_a_playlist_left_out_is_not_the_audio_beside_that_of_the_pool() -> None:
    """Whatever names the person gave both, and the one of the pool other tags."""
    story = story_of({"11111111-a": []}, {"11111111-a": "A"})
    story.policy = Policy(link_kind=Kind.HARDLINK, pool=True)
    story.playlists["11111111-a"] = ["1"]
    story.sync()
    story.library.rename("../Tracks/Artist - 1.mp3", "../Tracks/renamed.mp3")
    story.library.put("../Tracks/renamed.mp3", "id:1|fetched, retagged")
    story.library.folders["mine"] = story.library.folders.pop("A")
    story.library.rename("A/Artist - 1.mp3", "mine/Artist - 1.mp3")
    story.policy = Policy(exclude=("A",), pool=True)
    story.playlists, story.names = {"44444444-d": ["1"]}, {"44444444-d": "B"}
    story.sync()
    assert story.library.links[placed("B/Artist - 1.mp3")][1] == "../../Tracks/renamed.mp3"
    assert story.check().actions == ()


def test_the_pool_takes_a_copy_that_is_free_before_one_that_a_playlist_out_of_scope_keeps() -> None:
    """What that one holds is the person's version once its equal has gone to the trash."""
    story = Story(playlists={"A": ["1"], "B": ["1"]}, policy=Policy(pool=True))
    story.sync()
    story.library.put("../Tracks/Artist - 1.mp3", "broken")
    for name in ("A/copy.mp3", "B/Artist - 1.mp3"):
        story.library.links.pop(placed(name), None)
        story.library.put(name, "id:1|retagged")
    story.playlists.pop("B")
    story.complete = False
    assert "move Tracks/Artist - 1.mp3 (moved_on_disk)" in story.words(story.sync())
    assert story.library.files[placed("../Tracks/Artist - 1.mp3")].content == "id:1|retagged"
    assert story.check().actions == ()
