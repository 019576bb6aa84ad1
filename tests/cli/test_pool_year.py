"""A year of a collection in the pool: whatever becomes of playlists, no audio is moved."""

from __future__ import annotations

import json
import random

import pytest

from tests.cli.terminal import Terminal
from tests.cli.test_year import MONTHS, NAMES, Year

POOL = '[audio]\nformat = "original"\n[layout]\naudio = "pool"\n'


class PoolYear(Year):
    """Nobody's hand is in the pool; folders and links of playlists are fair game."""

    def happens(self) -> None:
        self.chance.choice(
            [self.new_playlist, self.rename, self.swap, self.delete_playlist, self.add, self.add,
             self.remove, self.remove, self.drag, self.rename_folder, self.rename_link,
             self.delete_link, self.undo]
        )()  # fmt: skip

    def rename_link(self) -> None:
        if links := sorted(path for path in self.t.playlists.rglob("*") if path.is_symlink()):
            self.count += 1
            path = self.chance.choice(links)
            path.rename(path.with_name(f"mine #{self.count}.flac"))

    def delete_link(self) -> None:
        if links := sorted(path for path in self.t.playlists.rglob("*") if path.is_symlink()):
            self.chance.choice(links).unlink()


@pytest.mark.parametrize("seed", range(3))
def test_no_primary_moves_in_a_year_of_the_pool(t: Terminal, seed: int) -> None:
    t.settings.write_text(POOL)
    year = PoolYear(t, random.Random(seed), iter(NAMES))
    for _ in range(4):
        year.new_playlist()
    year.settle()
    stood, seen = year.places(), 0
    for _ in range(MONTHS):
        for _ in range(3):
            year.happens()
        year.settle()
        places = year.places()
        both = stood.keys() & places.keys()
        seen += len(both)
        assert {it: places[it] for it in both} == {it: stood[it] for it in both}
        assert all("/mp3/Tracks/" in place for place in places.values())
        stood |= places
    assert seen > MONTHS
    listed = t.library / ".strandline" / "moves.json"
    assert not listed.exists() or json.loads(listed.read_text())["moves"] == []
