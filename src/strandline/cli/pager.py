"""A pager for what is longer than the screen, chosen as git does; only on a terminal."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from strandline.cli.output import Output

DEFAULT = "less"
_LESS = "FRX"
"""Ends by itself at one screen, shows colours, leaves the text on the screen."""
_COLOURS = "-R"
"""Before what the person's own LESS says, which may do without colours."""


@dataclass(slots=True)
class Paged:
    """How lines were shown, known once all of them were."""

    by_pager: bool = False


@contextmanager
def paged(output: Output) -> Iterator[Paged]:
    """Lines within are shown by a pager if they do not fit the screen, else as they are."""
    shown = Paged()
    command = pager_command(os.environ)
    if output.json or output.page or not command or not _both_ends_are_a_terminal(output):
        yield shown
        return
    page = output.page = io.StringIO()
    try:
        yield shown
    finally:
        output.page = None
        shown.by_pager = _show(page.getvalue(), command, output)


def pager_command(environment: Mapping[str, str]) -> str:
    """A line for the shell; empty where no pager is wanted (``PAGER=``, ``PAGER=cat``)."""
    if environment.get("TERM", "dumb") == "dumb":
        return ""
    command = environment.get("STRANDLINE_PAGER", environment.get("PAGER", DEFAULT)).strip()
    return "" if command == "cat" else command


def environment_for_pager(environment: Mapping[str, str]) -> dict[str, str]:
    """The person's own, with what makes a pager show colours instead of their codes."""
    own = environment.get("LESS")
    less = _LESS if own is None else f"{_COLOURS} {own}".rstrip()
    return {"LV": "-c", **environment, "LESS": less}


def height_of(text: str, columns: int) -> int:
    """Lines that ``text`` takes on a screen of so many columns."""
    from rich.text import Text

    lengths = [Text.from_ansi(line).cell_len for line in text.splitlines()]
    return sum(max(1, -(-length // columns)) for length in lengths)


def _both_ends_are_a_terminal(output: Output) -> bool:
    return output.on_terminal and sys.stdin.isatty()


def _show(text: str, command: str, output: Output) -> bool:
    """Whether a pager showed it."""
    screen = shutil.get_terminal_size()
    if height_of(text, screen.columns) >= screen.lines and _run(command, text):
        return True
    for line in text.splitlines():
        output.line(line)
    return False


def _run(command: str, text: str) -> bool:
    """Whether the pager could be started; that it was left early is no matter."""
    environment = environment_for_pager(os.environ)
    sys.stdout.flush()
    with subprocess.Popen(  # noqa: S603 - the person's own setting
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        env=environment,
    ) as pager:
        while True:
            try:
                pager.communicate(text.encode("utf-8", "backslashreplace"))
            except KeyboardInterrupt:  # is the pager's to answer
                continue
            except BrokenPipeError:
                pager.wait()
            break
    return pager.returncode not in (126, 127)
