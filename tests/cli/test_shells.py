"""Completion in the real shells: what is typed, and the words that the shell then makes of it."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

NAMES = (
    "Deep House",
    "Mix [2020]",
    "Mix: old & new, 100%",
    "Rock 'n' \"Roll\" $5",
    "Ōkawa Nights",
    "warm-up",
)
ARGS = {
    "bash": "args() { printf 'got<%s>\\n' \"$@\"; }",
    "zsh": "args() { printf 'got<%s>\\n' \"$@\"; }",
    "fish": "function args; printf 'got<%s>\\n' $argv; end",
}
START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--private", "-i"],
}
SETUP = {
    "bash": "bind 'set bell-style none'; source {script}",
    "zsh": "autoload -U compinit; compinit -u -D; bindkey -e; source {script}",
    "fish": "source {script}",
}
SECONDS = 20


@dataclass
class Shell:
    """A shell with its completion script loaded, on a terminal."""

    name: str
    terminal: int
    heard: str = ""

    def type(self, text: str) -> None:
        os.write(self.terminal, text.encode())

    def wait(self, pattern: str) -> re.Match[str]:
        """What is shown next that fits the pattern."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            if found := re.search(pattern, self.heard):
                self.heard = self.heard[found.end() :]
                return found
            if select.select([self.terminal], [], [], 0.2)[0]:
                part = os.read(self.terminal, 65536).decode(errors="replace")
                self.heard += part
                self._answer(part)
        raise AssertionError(f"{self.name}: no {pattern!r} in {self.heard!r}")

    def _answer(self, part: str) -> None:
        """fish asks the terminal what it can do, and waits for it."""
        if "\x1b[c" in part or "\x1b[0c" in part:
            self.type("\x1b[?62;c")

    def run(self, line: str) -> None:
        """A whole line, until it has ended."""
        self.type(f"{line}; echo do''ne\r")
        self.wait(r"done\r?\n")


OWN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""A shell controls its jobs by the terminal on stdin; without that fish does not start."""


@pytest.fixture(params=START)
def shell(
    request: pytest.FixtureRequest, t: Terminal, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    name = request.param
    if not shutil.which(name):
        pytest.skip(f"needs {name}")
    for number, playlist in enumerate(NAMES):
        t.account.playlist(playlist, [t.track(f"x{number}")])
    assert t("sync-check").code == 0
    script = t.folder / f"completion.{name}"
    script.write_text(t("completion", name).out)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 200))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    home = t.folder / "home"
    home.mkdir(exist_ok=True)
    spared = Path(t.environment["HOME"], ".local/share/fish/generated_completions")
    spared.mkdir(parents=True)  # else fish reads all pages of the manual, beside all other tests
    environment = {**os.environ, **t.environment, "PATH": path, "TERM": "xterm", "PS1": "$ "}
    environment["LC_ALL"] = "C.UTF-8"
    command = [sys.executable, "-c", OWN_TERMINAL, *START[name]]
    with subprocess.Popen(
        command, env=environment, cwd=home, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        shell = Shell(name, ours)
        shell.run(SETUP[name].format(script=script))
        shell.run(ARGS[name])
        yield shell
        process.kill()
    os.close(ours)


def completed(shell: Shell, typed: str, shown: str) -> list[str]:
    """The words of the line, after a tab that showed ``shown``."""
    shell.type(f"{typed}\t")
    shell.wait(shown)
    shell.type("END\x01args \r")
    words = []
    while not words or not words[-1].endswith("END"):
        words.append(shell.wait(r"got<([^>\n]*)>\r?\n")[1])
    words[-1] = words[-1].removesuffix("END")
    return [word for word in words if word]


@pytest.mark.parametrize(
    ("typed", "shown", "words"),
    [
        ("strandline sync-ch", "eck", ["sync-check"]),
        ("strandline config se", "t", ["config", "set"]),
        ("strandline sync-check --off", "line", ["sync-check", "--offline"]),
        ("strandline config set audio.fo", "rmat", ["config", "set", "audio.format"]),
        ("strandline config set audio.format fl", "ac", ["config", "set", "audio.format", "flac"]),
        ("strandline verify --playlist dee", "House", ["verify", "--playlist", "Deep House"]),
        ("strandline verify --playlist Deep\\ ", "House", ["verify", "--playlist", "Deep House"]),
        ("strandline verify --playlist 'Deep H", "ouse", ["verify", "--playlist", "Deep House"]),
        ('strandline verify --playlist "Deep H', "ouse", ["verify", "--playlist", "Deep House"]),
        ("strandline verify --playlist Ōk", "Nights", ["verify", "--playlist", "Ōkawa Nights"]),
        ("strandline verify --playlist Mix\\ ", "2020", ["verify", "--playlist", "Mix [2020]"]),
        ("strandline verify --playlist Mix:", "100", ["verify", "--playlist", NAMES[2]]),
        ("strandline verify --playlist 'Mix:", "100", ["verify", "--playlist", NAMES[2]]),
        ("strandline verify --playlist Rock", "5", ["verify", "--playlist", NAMES[3]]),
        ('strandline verify --playlist "Rock', "5", ["verify", "--playlist", NAMES[3]]),
        ("strandline verify --playlist=war", "up", ["verify", "--playlist=warm-up"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_tab_completes_to_one_word(
    shell: Shell, typed: str, shown: str, words: list[str]
) -> None:
    assert completed(shell, typed, shown) == ["strandline", *words]


def test_names_in_another_case_are_offered_and_what_was_typed_stays(
    shell: Shell, t: Terminal
) -> None:
    t.account.playlist("deep space", [t.track("other")])
    assert t("sync-check").code == 0
    shell.type("strandline why De\t\t")
    shell.wait("(?i)deep.{1,2}space")
    shell.type("END\x01args \r")
    words = []
    while not words or not words[-1].endswith("END"):
        words.append(shell.wait(r"got<([^>\n]*)>\r?\n")[1])
    assert words[2].casefold().startswith("de")
