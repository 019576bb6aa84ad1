"""Hostile names, end to end on a real disk: as playlist, as artist and as title (I4, I14).

Every name of the corpus and random ones stand side by side, so that all that can collide do. Then
the tree is harmless, a second run finds nothing to do, and no command prints an escape.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import pytest

from strandline.core.names import collision_key, free_name
from tests.cli.terminal import Terminal
from tests.core.test_names import assert_safe
from tests.faults.corpus import corpus, random_names
from tests.faults.size import runs, seed
from tests.faults.tally import tally

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
COMMANDS = (
    ("sync-check", "-v"),
    ("sync-execute", "--yes", "-v"),
    ("sync-check", "-v"),
    ("sync-status",),
    ("dedupe-report",),
    ("verify", "--quick"),
    ("history",),
    ("sync-check", "--playlist", "no such"),
)


@pytest.fixture
def t(fresh: Terminal) -> Terminal:
    return fresh.logged_in()


def names() -> list[str]:
    return [*corpus(), *random_names(runs("names", 100), seed())]


def everything_goes_well(t: Terminal) -> None:
    """No output obeys a name, nothing lies where it should not, a second run is idle."""
    for words in COMMANDS:
        said = t(*words)
        assert said.code in (0, 2), (words, said.err)
        for text in (said.out, said.err):
            assert OBEYED.search(text) is None, (words, OBEYED.search(text))
    assert t("sync-check", "--json").json["in_sync"]
    assert sorted(os.listdir(t.library)) == [".strandline", "mp3"]
    assert os.listdir(t.library / "mp3") == ["Playlists"]
    folders = os.listdir(t.playlists)
    harmless(folders)
    for folder in folders:
        harmless(os.listdir(t.playlists / folder))


def harmless(found: Sequence[str]) -> None:
    for name in found:
        assert_safe(name)
    assert len(set(map(collision_key, found))) == len(found)


def test_playlists_with_hostile_names(t: Terminal) -> None:
    shared, hostile = t.track("Song"), names()
    for name in hostile:
        t.account.playlist(name, [shared])
    everything_goes_well(t)
    assert len(os.listdir(t.playlists)) == len(hostile)  # one without a name is "Untitled [...]"
    tally("hostile names").count(len(hostile))


def test_artists_and_titles_with_hostile_names(t: Terminal) -> None:
    hostile = names()
    turned = [*hostile[300:], *hostile[:300]]
    tracks = [
        t.account.track(title, artist, audio_id=1, album="Album")
        for artist, title in zip(hostile, turned, strict=True)
    ]
    t.account.playlist("Hostile", tracks)
    everything_goes_well(t)
    assert len(os.listdir(t.playlists / "Hostile")) == len(tracks)  # "Untitled [id]" among them
    tally("hostile names").count(2 * len(tracks))


def test_random_names_side_by_side() -> None:
    """Of those that are new in one folder, no two are one name to any file system."""
    taken: set[str] = set()
    count = runs("random_names", 10_000)
    for number, text in enumerate(random_names(count, seed())):
        name = free_name(text, ".flac", str(number), taken)
        if number % 10 == 0:
            assert_safe(name)
        assert collision_key(name) not in taken
        taken.add(collision_key(name))
    tally("random names").count(count)
