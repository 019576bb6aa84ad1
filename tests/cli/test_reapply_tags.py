"""reapply --tags: files that are there follow the settings, and what others wrote stays in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from strandline.demo.things import Quality
from strandline.library.packets import packets_hash
from tests.cli.terminal import Terminal
from tests.cli.test_new_tags import WORDS, ffprobe, needs_ffprobe, song

KINDS = ("mp3", "flac", "aiff", "aac")


NONE = {"bpm_and_key": "false", "replaygain": "false", "cover": "0"}
ALL = {"lyrics": '"embed"'}


def wants(t: Terminal, kind: str, **tags: str) -> None:
    """The settings of [tags] from now on."""
    form = "flac" if kind == "aac" else kind
    lines = "".join(f"{key} = {value}\n" for key, value in tags.items())
    t.settings.write_text(f'[audio]\nformat = "{form}"\n[tags]\n{lines}')


def fetched(t: Terminal, kind: str, **tags: str) -> Path:
    """The one file of a first sync with these settings."""
    song(t, Quality.HIGH if kind == "aac" else Quality.LOSSLESS)
    wants(t, kind, **tags)
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err
    (path,) = (t.playlists / "Deep").iterdir()
    return path


def follow(t: Terminal, *more: str) -> Any:
    said = t("reapply", "--tags", "--yes", "--json", *more)
    assert said.code == 0, said.err or said.out
    return said.json


def settled(t: Terminal) -> None:
    """Nothing more to do, and the sync has nothing against it."""
    assert t("reapply", "--tags", "--dry-run").code == 0
    tree = t.tree()
    assert follow(t)["result"] is None
    assert t.tree() == tree
    assert t("sync-check", "--exit-code").code == 0
    assert t("verify").code == 0


@needs_ffprobe
@pytest.mark.parametrize("kind", KINDS)
def test_files_get_the_tags_that_are_wanted_today(t: Terminal, kind: str) -> None:
    path = fetched(t, kind, **NONE)
    wants(t, kind, **ALL)
    sound, ino = packets_hash(path), path.stat().st_ino
    before = path.read_bytes()
    looked = t("reapply", "--tags", "--dry-run", "--json")
    assert looked.code == 3
    (action,) = looked.json["actions"]
    assert set(action["changes"]) == {"bpm", "key", "replaygain", "lyrics", "cover"}
    document = follow(t)
    assert document["result"]["done"] == {"reapply": 1}
    assert packets_hash(path) == sound
    assert path.stat().st_ino != ino
    tags = ffprobe(path)
    assert tags["replaygain_track_gain"] == "-9.62 dB"
    assert "F#m" in tags.values()
    assert WORDS in tags.values()
    settled(t)
    assert t("undo", "last", "--yes").code == 0
    assert path.read_bytes() == before
    assert path.stat().st_ino == ino
    assert t("sync-check", "--exit-code").code == 0


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_wanted_any_more_goes(t: Terminal, kind: str) -> None:
    path = fetched(t, kind, **ALL)
    wants(t, kind, **NONE)
    (action,) = t("reapply", "--tags", "--dry-run", "--json").json["actions"]
    assert set(action["changes"]) == {"bpm", "key", "replaygain", "lyrics", "cover"}
    follow(t)
    with pytest.raises((KeyError, AssertionError)):
        assert "F#m" in ffprobe(path).values()
    assert "replaygain_track_gain" not in ffprobe(path)
    settled(t)
