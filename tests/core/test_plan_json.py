"""A plan goes out as JSON and comes back as an untrusted selection."""

from __future__ import annotations

import json

import pytest

from strandline.core.plan_json import PlanFileError, key_of, parse_plan, plan_to_json, select
from tests.core.memory import Story


def planned() -> Story:
    return Story(playlists={"A": ["x"], "B": ["x", "y"]})


def test_a_plan_survives_the_journey_through_json() -> None:
    plan = planned().check()
    text = json.dumps(plan_to_json(plan))
    chosen, vain = select(plan, parse_plan(text))
    assert chosen == list(plan.actions)
    assert vain == []
    assert json.loads(text)["counts"]["download"] == 2


def test_every_item_has_the_keys_of_the_contract() -> None:
    for item in plan_to_json(planned().check())["actions"]:
        assert {"action", "path", "track", "playlist", "because", "source"} <= item.keys()


def test_a_plan_selects_only_what_would_be_decided_anyway() -> None:
    plan = planned().check()
    document = plan_to_json(plan)
    document["actions"] = [
        *document["actions"][:1],
        {"action": "trash", "path": "Playlists/../../etc", "source": None},
    ]
    chosen, vain = select(plan, parse_plan(json.dumps(document)))
    assert [key_of(action) for action in chosen] == [key_of(plan.actions[0])]
    assert [key.path for key in vain] == ["Playlists/../../etc"]


def test_a_plan_is_about_the_files_it_was_made_for() -> None:
    story = planned()
    story.sync()
    story.playlists = {"A": []}
    saved = parse_plan(json.dumps(plan_to_json(story.check())))
    story.library.put("A/Artist - x.mp3", "broken by somebody else")
    _, vain = select(story.check(), saved)
    assert [(key.action, key.path) for key in vain] == [("trash", "Playlists/A/Artist - x.mp3")]


def test_a_plan_without_what_was_seen_is_about_whatever_is_there() -> None:
    story = planned()
    story.sync()
    story.playlists = {}
    keys = [key_of(action)._replace(seen=None) for action in story.check().actions]
    chosen, vain = select(story.check(), keys)
    assert (len(chosen), vain) == (len(keys), [])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"actions": {}}', '{"actions": [1]}', '{"actions": [{"action": "rm"}]}',
     '{"actions": [{"action": "trash", "path": 3}]}', '{"actions": [{"action": []}]}', "[" * 99_999,
     '{"actions": [{"action": "trash", "path": "a", "track": 5}]}'],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(PlanFileError, match=r"."):
        parse_plan(text)
