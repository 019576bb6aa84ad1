"""A stick as the tests look at it."""

from __future__ import annotations

from typing import Any

from tests.cli.terminal import Terminal

MANIFEST = ".strandline-export.json"


class Stick:
    """A folder where a stick would be."""

    def __init__(self, t: Terminal) -> None:
        self.t, self.folder = t, t.folder / "STICK"
        self.folder.mkdir()

    def export(self, player: str = "nxs2", *words: str, code: int = 0) -> Any:
        """The command, and its document."""
        to = ("--to", str(self.folder), "--player", player)
        said = self.t("export", "usb", *to, *words, "--json")
        assert said.code == code, said.out + said.err
        return said.json

    @property
    def tree(self) -> list[str]:
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and path.name != MANIFEST
        )

    @property
    def looks(self) -> dict[str, tuple[int, int, int]]:
        """Every file with what would change if it were written again."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            at = path.lstat()
            if not path.is_dir():
                found[str(path)] = (at.st_ino, at.st_mtime_ns, at.st_size)
        return found

    def lines(self, playlist: str) -> list[str]:
        text = (self.folder / "Playlists" / f"{playlist}.m3u8").read_text()
        return [line for line in text.splitlines() if not line.startswith("#")]


def done(document: Any) -> dict[str, int]:
    counts: dict[str, int] = document["result"]["done"]
    return counts
