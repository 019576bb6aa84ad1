"""A library in one format that is to follow another: for the stories of ``reapply --audio``."""

from __future__ import annotations

import os
from typing import Any

from strandline.demo.model import Quality, Track
from tests.cli.terminal import Terminal

SECONDS = 4

AUDIO = "/mediatracks/**"


def song(t: Terminal, title: str = "x", quality: Quality = Quality.LOSSLESS) -> Track:
    return t.account.track(title, "Ana", duration=SECONDS, quality=quality)


def two_lists(t: Terminal, *tracks: Track) -> None:
    """``Deep`` holds the audio, ``Sunday`` links to it."""
    t.account.playlist("Deep", tracks)
    t.account.playlist("Sunday", tracks)


def wants(t: Terminal, form: str, quality: str = "lossless", more: str = "") -> None:
    t.settings.write_text(f'[audio]\nformat = "{form}"\n{more}[tidal]\nquality = "{quality}"\n')


def synced(t: Terminal, form: str, *tracks: Track, quality: str = "lossless") -> None:
    two_lists(t, *(tracks or (song(t),)))
    wants(t, form, quality)
    said = t("sync-execute", "--yes")
    assert said.code == 0, said.err


def names(t: Terminal) -> list[str]:
    return sorted(str(path.relative_to(t.playlists)) for path in t.playlists.glob("*/*"))


def follow(t: Terminal, *more: str, code: int = 0) -> Any:
    t.tidal.requests.clear()
    said = t("reapply", "--audio", "--yes", "--json", *more)
    assert said.code == code, said.err or said.out
    return said.json


def settled(t: Terminal) -> None:
    """Nothing more to do, and no sync has anything against it."""
    assert t("reapply", "--audio", "--dry-run").code == 0
    tree = t.tree()
    assert follow(t)["result"] is None
    assert t.tree() == tree
    checked = t("sync-check", "--exit-code")
    assert checked.code == 0, checked.out
    assert t("verify").code == 0
    for link in t.playlists.glob("Sunday/*"):
        assert link.exists(), f"{link} leads nowhere"


def undone(t: Terminal) -> None:
    said = t("undo", "last", "--yes")
    assert said.code == 0, said.err + said.out


def contents(t: Terminal) -> dict[str, bytes | str]:
    return {
        str(path.relative_to(t.playlists)): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        for path in t.playlists.glob("*/*")
    }
