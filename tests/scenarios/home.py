"""A person's computer for one test: settings, login, library, and a TIDAL to sync with.

``home.sync()`` runs all of ``sync-execute`` in this process: the real client over HTTP, real audio,
real files, real SQLite. ``home.tree`` is the library as a DJ would draw it.
"""

from __future__ import annotations

import hashlib
import os
from functools import cached_property
from pathlib import Path

from strandline.app.check import CheckOptions, CheckResult, check
from strandline.app.execute import ExecuteResult, SyncRequest, execute
from strandline.app.login import log_in
from strandline.config import Config, load_config
from strandline.demo.server import StandIn
from strandline.events import Silent


class Home:
    """Everything below one temporary folder."""

    def __init__(self, folder: Path, tidal: StandIn, settings: str = "") -> None:
        self.folder, self.tidal = folder, tidal
        self.account = tidal.account
        self.account.seconds = 1
        self.settings = folder / "config.toml"
        self.configure('[audio]\nformat = "original"\n' + settings)
        log_in(self.config, lambda _link: None, Silent())

    def configure(self, settings: str) -> None:
        """Write ``config.toml``."""
        self.settings.write_text(settings)
        self.__dict__.pop("config", None)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "STRANDLINE_CONFIG": str(self.settings),
            "STRANDLINE_LIBRARY": str(self.folder / "library"),
            "STRANDLINE_STATE_DIR": str(self.folder / "state"),
            "STRANDLINE_TIDAL_URL": self.tidal.url,
            "PATH": os.environ["PATH"],
        }

    @cached_property
    def config(self) -> Config:
        """Read once, until ``configure`` writes another."""
        return load_config(self.environment)

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def playlists(self) -> Path:
        return self.library / "mp3" / "Playlists"

    def check(self, *names: str, full: bool = False, offline: bool = False) -> CheckResult:
        """All of ``sync-check``."""
        return check(self.config, CheckOptions(names, full=full, offline=offline))

    def sync(self, *names: str, full: bool = False) -> ExecuteResult:
        """All of ``sync-execute --yes``; every item must have succeeded."""
        done = execute(self.config, SyncRequest(CheckOptions(names, full=full)))
        assert done.result is None or not done.result.failed, done.result
        return done

    def words(self, found: CheckResult | ExecuteResult) -> list[str]:
        """``download A/Artist - x.flac (new_playlist)`` …"""
        plan = found.plan if isinstance(found, CheckResult) else found.checked.plan
        return [
            f"{a.name} {a.path.removeprefix('Playlists/')} ({a.because.value})"
            for a in plan.actions
        ]

    @property
    def tree(self) -> list[str]:
        """``A/x.flac`` is a file, ``B/x.flac -> ../A/x.flac`` a link, ``C/`` an empty folder."""
        lines = []
        for path in sorted(self.playlists.rglob("*")):
            name = path.relative_to(self.playlists).as_posix()
            if path.is_symlink():
                lines.append(f"{name} -> {path.readlink()}")
            elif path.is_file():
                lines.append(name)
            elif not any(path.iterdir()):
                lines.append(f"{name}/")
        return lines

    @property
    def contents(self) -> set[str]:
        """The hashes of all regular files of the library, trash included (C of I1)."""
        return {
            hashlib.sha256(path.read_bytes()).hexdigest()
            for path in self.library.rglob("*")
            if path.is_file() and not path.is_symlink()
            and path.name not in ("library.json", "moves.json")
            and "tmp" not in path.relative_to(self.library).parts[:2]
        }  # fmt: skip

    @property
    def trash(self) -> list[str]:
        """What is in the trash, without the names of the runs."""
        root = self.library / ".strandline" / "trash"
        return sorted(
            "/".join(path.relative_to(root).parts[1:]) for path in root.rglob("*") if path.is_file()
        )

    def fingerprint(self) -> dict[str, tuple[int, int, int]]:
        """Every path below the library with inode, size and times: to see that nothing changed."""
        found = {}
        for folder, folders, names in os.walk(self.library):
            for path in (os.path.join(folder, name) for name in (*folders, *names)):
                seen = os.lstat(path)
                found[path] = (seen.st_ino, seen.st_mtime_ns, seen.st_size)
        return found
