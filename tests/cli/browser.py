"""A person with a browser: a command that shows a link, the page behind it, what is pasted back."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
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
        watchdog = threading.Timer(60, running.kill)
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
