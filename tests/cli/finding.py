"""What tracks and why say, as the tests read it."""

from __future__ import annotations

from typing import Any

from strandline.demo.model import Playlist
from tests.cli.terminal import Terminal


def find(t: Terminal, *words: str) -> list[dict[str, Any]]:
    said = t("tracks", *words, "--json")
    assert said.code == 0, said.err
    found: list[dict[str, Any]] = said.json["tracks"]
    return found


def titles(t: Terminal, *words: str) -> list[str]:
    return [track["title"] for track in find(t, *words)]


def why(t: Terminal, *words: str) -> dict[str, Any]:
    said = t("why", *words, "--json")
    assert said.code == 0, said.err
    (answer,) = said.json["answers"]
    assert isinstance(answer, dict)
    return answer


def playlist(t: Terminal, name: str) -> Playlist:
    return next(one for one in t.account.playlists.values() if one.title == name)
