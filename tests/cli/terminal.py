"""A person at a terminal (or a timer without one): commands in, text and exit code out."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from strandline.cli.main import run
from strandline.demo.model import Playlist, Track
from strandline.demo.server import StandIn
from strandline.tidal.login_store import TokenStore
from strandline.tidal.token import Token


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


class Terminal:
    """Everything below one temporary folder; ``t("sync-check", "--json")`` runs a command."""

    def __init__(
        self,
        folder: Path,
        tidal: StandIn,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        self.folder, self.tidal, self.account = folder, tidal, tidal.account
        self.account.seconds = 1
        self._patch, self._capfd = monkeypatch, capfd
        self.settings = folder / "config.toml"
        self.settings.write_text('[audio]\nformat = "original"\n')
        for name in [name for name in os.environ if name.startswith("STRANDLINE_")]:
            monkeypatch.delenv(name)
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115 - closed by the fixture

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.folder / "home"),
            "STRANDLINE_CONFIG": str(self.settings),
            "STRANDLINE_LIBRARY": str(self.library),
            "STRANDLINE_STATE_DIR": str(self.state),
            "STRANDLINE_TIDAL_URL": self.tidal.url,
        }

    @property
    def library(self) -> Path:
        return self.folder / "library"

    @property
    def playlists(self) -> Path:
        return self.library / "mp3" / "Playlists"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def log(self) -> Path:
        return self.state / "logs" / "strandline.log"

    def __call__(self, *words: str) -> Said:
        """Run a command in this process."""
        self._capfd.readouterr()
        code = run(words)
        said = self._capfd.readouterr()
        return Said(code, said.out, said.err)

    def process(self, *words: str, env: dict[str, str] | None = None) -> Said:
        """Run a command as the shell would, in a process of its own."""
        command = [sys.executable, "-m", "strandline", *words]
        environment = {**os.environ, **self.environment, **(env or {})}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=120
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    def setenv(self, name: str, value: str) -> None:
        """A variable of the environment, until the test ends."""
        self._patch.setenv(name, value)

    def logged_in(self) -> Terminal:
        """With a login that the stand-in has issued."""
        login = self.tidal.logins.issue()
        TokenStore(self.state).save(Token(login.access_token, login.refresh_token, "Bearer"))
        return self

    def track(self, title: str, artist: str = "Ana") -> Track:
        return self.account.track(title, artist)

    def tree(self) -> dict[str, str]:
        """Everything below the library, with times and content: to see that nothing changed."""
        return {str(path): _state(path) for path in sorted(self.library.rglob("*"))}


def _state(path: Path) -> str:
    seen = path.lstat()
    if path.is_symlink():
        return f"link {path.readlink()} {seen.st_mtime_ns}"
    if path.is_dir():
        return f"folder {seen.st_mtime_ns}"
    return f"{hashlib.sha256(path.read_bytes()).hexdigest()} {seen.st_ino} {seen.st_mtime_ns}"


def two_playlists(t: Terminal) -> tuple[Playlist, Playlist]:
    """``Deep House`` with x and y, ``Sunday`` with x; one download each, one link."""
    x, y = t.track("x"), t.track("y")
    return t.account.playlist("Deep House", [x, y]), t.account.playlist("Sunday", [x])
