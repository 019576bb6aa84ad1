"""A person with a browser: a command that shows a link, the page behind it, what is pasted back."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import termios
import threading
from collections.abc import Callable

import requests

from tests.cli.terminal import Said, Terminal

LINK = re.compile(r"https?://\S+/authorize\?\S+")
Person = Callable[[str], str | None]
"""What is typed, given all that the command has told so far on stderr; None: nothing yet."""


def oops_page(link: str) -> str:
    """The address on which the login at this link ends."""
    answer = requests.get(link, allow_redirects=False, timeout=30)
    return answer.headers["Location"]


def pastes(address: Callable[[str], str] = oops_page) -> Person:
    """A person who opens the link, once, and pastes what ``address`` makes of it."""
    seen: list[str] = []

    def person(told: str) -> str | None:
        link = LINK.search(told)
        if seen or not link or "Paste" not in told:
            return None
        seen.append(link[0])
        return address(link[0])

    return person


def with_person(t: Terminal, *words: str, person: Person, terminal: bool = False) -> Said:
    """Run a command while ``person`` reads stderr and types on a terminal or a pipe."""
    ours, theirs = pty.openpty() if terminal else os.pipe()
    command = [sys.executable, "-m", "strandline", *words]
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    writes, reads = (ours, theirs) if terminal else (theirs, ours)
    with subprocess.Popen(
        command,
        env=environment | t.environment,
        stdin=reads,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        os.close(reads)
        watchdog = threading.Timer(30, running.kill)
        watchdog.start()
        told = _answering(running, writes, person)
        assert running.stdout
        out = running.stdout.read().decode()
        code = running.wait()
        watchdog.cancel()
    return Said(code, out, told)


def _answering(running: subprocess.Popen[bytes], writes: int, person: Person) -> str:
    assert running.stderr
    told = b""
    while part := os.read(running.stderr.fileno(), 4096):
        told += part
        if (answer := person(told.decode())) is not None:
            os.write(writes, f"{answer}\n".encode())
    os.close(writes)
    return told.decode()


def at_terminal(t: Terminal, *words: str, person: Person, **env: str) -> Said:
    """Run a command whose whole input and output is one terminal; all it says is in ``err``."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "strandline", *words]
    environment = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    environment |= {**t.environment, "TERM": "xterm", **env}
    kept = {name: value for name, value in environment.items() if value}
    with subprocess.Popen(
        command, env=kept, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as running:
        os.close(theirs)
        watchdog = threading.Timer(30, running.kill)
        watchdog.start()
        told = b""
        while part := _read_terminal(ours):
            told += part
            if (answer := person(told.decode(errors="replace"))) is not None:
                os.write(ours, answer.encode())
        code = running.wait()
        watchdog.cancel()
    os.close(ours)
    return Said(code, "", told.decode(errors="replace"))


def _read_terminal(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # on Linux, once the last process has closed its side
        return b""


def answers(*script: tuple[str, str | Callable[[str], str]]) -> Person:
    """A person who waits for each of these words in turn and then types what stands beside it.

    What is typed may follow from what was told since the answer before.
    """
    left, seen = list(script), [0]

    def person(told: str) -> str | None:
        if not left or left[0][0] not in told[seen[0] :]:
            return None
        new, (_, answer) = told[seen[0] :], left.pop(0)
        seen[0] = len(told)
        return answer(new) if callable(answer) else answer

    return person


def pastes_back(told: str) -> str:
    """The address on which the login ends, for the link in what was told."""
    link = LINK.search(told)
    assert link
    return f"{oops_page(link[0])}\r"
