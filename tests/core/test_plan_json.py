"""A plan goes out as JSON and comes back as an untrusted selection."""

from __future__ import annotations

import json
import re

import pytest

from strandline.core.plan_json import (
    ActionKey,
    PlanFileError,
    key_of,
    parse_plan,
    plan_to_json,
    select,
)
from tests.core.memory import Story


def planned() -> Story:
    return Story(playlists={"A": ["x"], "B": ["x", "y"]})


def test_a_plan_survives_the_journey_through_json() -> None:
    plan = planned().check()
    text = json.dumps(plan_to_json(plan))
    chosen, vain = select(plan, parse_plan(text).actions)
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
    chosen, vain = select(plan, parse_plan(json.dumps(document)).actions)
    assert [key_of(action) for action in chosen] == [key_of(plan.actions[0])]
    assert [key.path for key in vain] == ["Playlists/../../etc"]


def test_a_plan_is_about_the_files_it_was_made_for() -> None:
    story = planned()
    story.sync()
    story.playlists = {"A": []}
    saved = parse_plan(json.dumps(plan_to_json(story.check()))).actions
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


def test_a_conflict_says_what_is_in_the_way() -> None:
    story = planned()
    story.library.folder("A")
    story.library.no_folders.add("A")
    items = plan_to_json(story.check())["actions"]
    assert [item["action"] for item in items if "message" in item] == ["conflict"]
    assert "where the folder of a playlist belongs" in str(items[-1]["message"])


ACTION = '{"action": "trash", "path": "a"}'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 99_999, "not JSON"),
        ("[]", "no list of actions"),
        ("{}", "no list of actions"),
        ('{"actions": {}}', "no list of actions"),
        ('{"actions": [1]}', "action 1 is not an object"),
        (f'{{"actions": [{ACTION}, "x"]}}', "action 2 is not an object"),
        ('{"actions": [{"action": "rm"}]}', "action 1 is of no known kind: 'rm'"),
        ('{"actions": [{"action": []}]}', "action 1 is of no known kind: []"),
        ('{"actions": [{"action": "trash", "path": 3}]}', "action 1 has no path"),
        ('{"actions": [{"action": "trash"}]}', "action 1 has no path"),
        ('{"actions": [{"action": "trash", "path": "a", "track": 5}]}', "other than texts"),
        ('{"actions": [{"action": "trash", "path": "a", "seen": []}]}', "other than texts"),
    ],
)
def test_what_is_no_plan_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(PlanFileError, match=re.escape(why)):
        parse_plan(text)


def test_what_is_larger_than_any_plan_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f'{{"actions": [{ACTION}]}}'
    monkeypatch.setattr("strandline.core.plan_json.MAX_PLAN_BYTES", len(text))
    assert len(parse_plan(text).actions) == 1
    with pytest.raises(PlanFileError, match="larger than any plan"):
        parse_plan(f"{text} ")


def test_what_a_saved_plan_names_in_vain_is_told_in_order_and_once() -> None:
    keys = [ActionKey("trash", path, None, None, None) for path in ("b", "a", "b")]
    assert select(planned().check(), keys) == ([], [keys[1], keys[0]])


def test_links_and_folders_are_told_by_what_was_seen_of_them_too() -> None:
    story = planned()
    story.sync()
    story.playlists = {"A": []}
    seen = {key_of(action).action: str(key_of(action).seen) for action in story.check().actions}
    assert seen["trash"].startswith("file ")
    assert seen["unlink"].endswith(" ../A/Artist - x.mp3")
    assert seen["remove_folder"] == f"folder {story.library.folders['B']} 0 0"
