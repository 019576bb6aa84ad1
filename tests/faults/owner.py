"""A person with music of their own, on the way into the library and back."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from strandline.app.importing import ImportRequest, ImportResult, import_files
from strandline.app.undo import undo
from strandline.demo.model import Playlist, Track
from strandline.demo.server import StandIn
from strandline.errors import StrandlineError, UsageError
from strandline.execute.result import Result
from tests.cli.own_music import flac, m4a
from tests.faults.person import Person, _kill_at, hash_of, in_child

Tree = dict[str, tuple[str, int]]
PLAYLISTS = {"Alpha": "abc", "Beta": "bcd", "Gamma": "a"}
OWNED = "abc"
"""The tracks of which there is a file below ``mine``."""


def account_with_playlists(tidal: StandIn) -> dict[str, Playlist]:
    """Three playlists that share tracks; d alone the person does not have."""
    tidal.account.seconds = 1
    tracks: dict[str, Track] = {title: tidal.account.track(title, "Ana") for title in "abcd"}
    return {
        name: tidal.account.playlist(name, [tracks[title] for title in titles])
        for name, titles in PLAYLISTS.items()
    }


class Owner(Person):
    """Has read the playlists once; three of their tracks lie in ``mine``, beside other things."""

    def __init__(self, folder: Path, tidal: StandIn) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder, tidal)
        self.mine = folder / "mine"
        for number, title in enumerate(OWNED, 41):
            flac(self.mine / "Ana" / f"{title}.flac", number, title=title, artist="Ana")
        m4a(self.mine / "a again.m4a", {"©nam": "a", "©ART": "Ana"}, 41)
        flac(self.mine / "stranger.flac", 77, title="Nothing like it", artist="Somebody")
        (self.mine / "Ana" / "cover.jpg").write_bytes(b"a picture")
        self.check(full=True)
        self.before = self.tree_of(self.mine)

    @staticmethod
    def tree_of(top: Path) -> Tree:
        """Every file with its content and time."""
        files = (p for p in sorted(top.rglob("*")) if p.is_file() and not p.is_symlink())
        return {str(p.relative_to(top)): (hash_of(p), p.stat().st_mtime_ns) for p in files}

    def import_(self, mode: str) -> ImportResult:
        """All of ``import --yes``."""
        return import_files(self.config, ImportRequest([self.mine], mode), now=self.next_second())

    def undo(self, run: str) -> Result | None:
        """All of ``undo``."""
        return undo(self.config, run, now=self.next_second())

    def import_killed(self, mode: str, at: int) -> bool:
        """An import that is killed at the ``at``-th place; False when it came to its end."""
        return in_child(lambda: (_kill_at(at), self.import_(mode)))

    def undo_killed(self, run: str, at: int) -> bool:
        """An undo that is."""
        return in_child(lambda: (_kill_at(at), self.undo(run)))

    def imports(self) -> list[str]:
        """The runs that took something in, the newest first."""
        from strandline.db.store import Store

        with Store.open(self.state / "strandline.db", self.library) as store:
            return [run.id for run in store.journal.history() if run.command == "import"]

    # ------------------------------------------------------------ what must hold

    def check_nothing_lost(self) -> None:
        """I1 with the person's folders, I2 in them, and no part of a file under a final name."""
        known = {sha256 for sha256, _ in self.before.values()}
        self.check_kept()
        if self.playlists.exists():
            for path in self.playlists.rglob("*"):
                whole = path.is_symlink() or path.is_dir() or hash_of(path) in known
                assert whole, f"{path} holds a part of a file"

    def check_kept(self) -> None:
        """I1 and I2 in the person's folder; what is not there is in the library."""
        known = {sha256 for sha256, _ in self.before.values()}
        here = self.tree_of(self.mine)
        inside = self.contents if self.library.exists() else set()
        assert known <= {sha256 for sha256, _ in here.values()} | inside, "I1"
        assert here.items() <= self.before.items(), "I2"

    def check_taken(self, done: ImportResult) -> None:
        """Everything that is owned is in the library; links that are missing come with a sync."""
        assert done.exit == 0, done.result
        for title in OWNED:
            places = self.playlists.glob(f"*/Ana - {title}.flac")
            (file,) = [path for path in places if not path.is_symlink()]
            assert hash_of(file) == self.before[f"Ana/{title}.flac"][0]

    def check_given_back(self) -> None:
        """The old tree byte for byte, with its times; in the library nothing of it."""
        assert self.tree_of(self.mine) == self.before
        theirs = {f"Ana - {title}.flac" for title in OWNED}
        assert not [line for line in self.tree if Path(line.partition(" ->")[0]).name in theirs]
        temps = self.library / ".strandline" / "tmp"
        assert not temps.exists() or not os.listdir(temps)

    @staticmethod
    def somehow(act: Callable[[], object]) -> str:
        """Do it; an error of strandline's own is as good as an answer."""
        try:
            return str(act())
        except StrandlineError as error:
            return error.message

    def undo_again(self, run: str) -> None:
        """Once more, where the killed one had not come to its end."""
        with suppress(UsageError):
            self.undo(run)

    def check_in_sync(self) -> None:
        """I10."""
        before = self.fingerprint()
        done = self.run()
        assert done.result is None, (self.words(done), done.result)
        assert self.fingerprint() == before, "a second run wrote something (I10)"
