"""kill -9 at random moments, again and again: the end is the tree of a run that nobody killed.

A forked child, which has everything imported, does all of ``sync-execute``; the parent kills it
after a random time. Two hundred such lives of one library, each going on where the last one died.
"""

from __future__ import annotations

import os
import random
import select
import signal
import sys
import time
from pathlib import Path

import pytest

from strandline.demo.server import StandIn
from strandline.errors import Exit
from tests.faults.person import Person, hash_of, warmed_up
from tests.faults.size import runs, seed
from tests.faults.tally import tally

LONGEST = 0.25
"""Seconds until the first kill at the latest; then as many as the last whole sync took."""
SHARDS = 2


class Copies:
    """Two people with the same account: one is killed over and over, the other never."""

    def __init__(self, folder: Path, tidal: StandIn) -> None:
        self.killed = self._person(folder / "killed", tidal)
        self.spared = self._person(folder / "spared", tidal)
        self.account = tidal.account
        tracks = [self.account.track(f"x{number}", "Ana") for number in range(8)]
        self.lists = [self.account.playlist(name, tracks[at:]) for at, name in enumerate("ABCD")]
        self.tracks = tracks

    def _person(self, folder: Path, tidal: StandIn) -> Person:
        folder.mkdir()
        return Person(folder, tidal)

    def change(self, dice: random.Random) -> None:
        """Something for both to do: tracks come and go, lists swap names or vanish."""
        playlist = dice.choice(self.lists)
        match dice.randrange(5):
            case 0:
                other = dice.choice(self.lists)
                old, new = playlist.title, other.title
                self.account.rename(playlist, new)
                self.account.rename(other, old if other is not playlist else f"{old}'")
            case 1:
                self.account.clear(playlist)
            case 2:
                self.account.add(playlist, self.account.track(f"new {dice.random()}", "Ana"))
            case _:
                self.account.remove(playlist, dice.choice(self.tracks))
                self.account.add(playlist, *dice.sample(self.tracks, 3))


def tree_of(person: Person) -> dict[str, str]:
    """Every entry below the playlists, byte for byte."""
    found = {}
    for path in person.playlists.rglob("*"):
        name = str(path.relative_to(person.playlists))
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        else:
            found[name] = hash_of(path) if path.is_file() else "folder"
    return found


def killed_after(seconds: float, person: Person) -> bool:
    """A sync in a child, killed so long after its beginning; False when it was done before."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        code = 1
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
            code = int(person.run().exit)
        finally:
            os._exit(code)
    os.close(writer)
    select.select([reader], [], [], seconds)  # readable as soon as the child has ended
    os.close(reader)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0, "a run by itself failed"
    return False


@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_random_the_tree_ends_as_if_never_killed(
    tmp_path: Path, tidal: StandIn, shard: int
) -> None:
    warmed_up()
    dice = random.Random(seed() * 100 + shard)
    both, longest = Copies(tmp_path, tidal), LONGEST
    left = -(-runs("random_kills", 200) // SHARDS)
    while left > 0:
        both.change(dice)
        before = both.killed.contents
        for _ in range(dice.randint(1, 4)):
            left -= killed_after(dice.uniform(0.005, longest), both.killed)
            assert before <= both.killed.contents, "I1"
        assert both.killed.run().exit is Exit.DONE
        began = time.monotonic()
        assert both.spared.run().exit is Exit.DONE
        longest = max(time.monotonic() - began, 0.01)
        assert tree_of(both.killed) == tree_of(both.spared), "I9"
        both.killed.check_inside()
    both.killed.check_settled()
    tally("random kills").count(-(-runs("random_kills", 200) // SHARDS) - left)
