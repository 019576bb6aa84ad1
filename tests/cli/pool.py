"""A library whose audio lies in the pool, for the tests of it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.terminal import Terminal

POOL = '[audio]\nformat = "original"\n[layout]\naudio = "pool"\n'
X, Y = "Tracks/Ana - x.flac", "Tracks/Ana - y.flac"


def tree(t: Terminal) -> dict[str, str | None]:
    """Every file and link below mp3, with what a link holds."""
    mp3 = t.library / "mp3"
    return {
        str(path.relative_to(mp3)): os.readlink(path) if path.is_symlink() else None
        for path in sorted(mp3.rglob("*"))
        if not path.is_dir() or path.is_symlink()
    }


def pool(t: Terminal) -> Path:
    return t.library / "mp3" / "Tracks"


SYNCED = {
    "Playlists/Deep House/Ana - x.flac": "../../Tracks/Ana - x.flac",
    "Playlists/Deep House/Ana - y.flac": "../../Tracks/Ana - y.flac",
    "Playlists/Sunday/Ana - x.flac": "../../Tracks/Ana - x.flac",
    X: None,
    Y: None,
}


def settle(t: Terminal) -> None:
    """A sync, after which nothing is left to do."""
    said = t("sync-execute", "--yes", "--max-removals", "100%")
    assert said.code == 0, said.err
    again = t("sync-check", "--exit-code")
    assert again.code == 0, again.out
