"""Recordings under several ids, in random libraries: one sync mends everything, nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strandline.core.actions import Action, Conflict, RenameFolder
from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import with_facts
from strandline.core.policy import Policy
from strandline.core.same_recordings import Answers, pair
from tests.core.memory import EMPTY, Story
from tests.core.oracles import (
    content_of,
    every_wanted_track_is_there,
    hashes_are_true,
    names_never_collide,
    no_link_is_forgotten,
    statuses_tell_the_plan,
)
from tests.core.test_plan_properties import is_a_hash_learned, shards, steps_of
from tests.core.three_states import dress, edit, edits, everything, worlds

pytestmark = pytest.mark.battery("planner")

TWINS = [(), (("1", "2"),), (("1", "2", "3"),), (("1", "2"), ("3", "4")), (("2", "5"),)]

pairs = st.sampled_from([("1", "2"), ("1", "5"), ("2", "3"), ("3", "4")])
settings_of_recordings = st.fixed_dictionaries(
    {
        "on": st.sampled_from([True, True, False]),
        "twins": st.sampled_from(TWINS),
        "pinned": st.sets(pairs, max_size=1),
        "forbidden": st.sets(pairs, max_size=1),
    }
)


def tell(story: Story, wishes: dict[str, Any]) -> None:
    """Which ids are one recording, and what the person wants of that."""
    for group in wishes["twins"]:
        first = story.tracks.get(group[0])
        for id in group if first else ():
            if id in story.tracks:
                story.track(id, isrc=first.isrc, title=first.title)
    pinned, forbidden = (
        frozenset(pair(TrackId(one), TrackId(other)) for one, other in wishes[key])
        for key in ("pinned", "forbidden")
    )
    answers = Answers(pinned - forbidden, forbidden)
    story.policy = replace(story.policy, recordings=wishes["on"], answers=answers)


def changed(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    lost: bool = False,
) -> tuple[Story, set[LibPath]]:
    story = Story()
    dress(story, first)
    tell(story, before)
    story.policy = everything(story.policy)
    story.sync()
    assert story.check().actions == ()
    own: set[LibPath] = set()
    for what, which, other in hand:
        own |= edit(story, what, which, other)
    if lost:
        story.ledger = EMPTY
        story.library.made.clear()
    dress(story, second)
    tell(story, after)
    return story, own


@shards(12)
@given(
    first=worlds,
    second=worlds,
    hand=edits,
    before=settings_of_recordings,
    after=settings_of_recordings,
    lost=st.sampled_from([False, False, False, True]),
)
def test_one_sync_mends_everything_with_recordings(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    before: dict[str, Any],
    after: dict[str, Any],
    lost: bool,
) -> None:
    story, own = changed(first, second, hand, before, after, lost=lost)
    contents_before = set(story.library.contents)
    owners = {path: story.library.files[path].ino for path in own if path in story.library.files}
    plan = story.sync()
    assert set(story.library.contents) >= contents_before, "a file was lost (I1)"
    inodes = {file.ino for file in story.library.files.values()}
    mine = {ino for ino in owners.values() if "my own" in content_of(story, ino)}
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


@shards(25)
@given(
    first=worlds,
    second=worlds,
    hand=edits,
    before=settings_of_recordings,
    after=settings_of_recordings,
)
def test_a_run_cut_off_with_recordings_is_finished_by_the_next(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    story, _ = changed(first, second | {"only": None}, hand, before, after)
    contents = set(story.library.contents)
    plan = story.check()
    story.ledger = with_facts(story.ledger, (*plan.facts, *plan.agreed))
    steps: list[Action] = [a for a in plan.actions if not isinstance(a, RenameFolder)]
    if len(steps) == len(plan.actions):
        for action in steps[: len(steps) // 2]:
            story.ledger = story.library.do(action, story.ledger)
    story.sync()
    assert set(story.library.contents) >= contents
    again = story.check()
    assert [a for a in again.actions if not isinstance(a, Conflict)] == []
    every_wanted_track_is_there(story)


@shards(25)
@given(
    first=worlds,
    second=worlds,
    hand=edits,
    before=settings_of_recordings,
    after=settings_of_recordings,
    lost=st.sampled_from([False, False, False, True]),
)
def test_a_check_with_recordings_leaves_the_next_plan_as_it_was(
    first: dict[str, Any],
    second: dict[str, Any],
    hand: list[tuple[str, int, int]],
    before: dict[str, Any],
    after: dict[str, Any],
    lost: bool,
) -> None:
    story, _ = changed(first, second, hand, before, after, lost=lost)
    plan = story.check()
    story.ledger = with_facts(story.ledger, plan.facts)
    again = story.check()
    assert steps_of(again) == steps_of(plan), (story.words(plan), story.words(again), plan.facts)
    learned = [note for note in again.facts if not is_a_hash_learned(note, story.ledger)]
    assert learned == [], plan.facts


def test_a_policy_without_recordings_shares_nothing() -> None:
    assert not Policy().recordings
