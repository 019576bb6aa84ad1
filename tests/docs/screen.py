"""Just enough of a terminal to read what stands on its screen after a command: text, no colours."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence

COLUMNS = 80
PATIENCE = 60
"""Seconds without a sign after which a program is taken to wait for what nobody types."""
_CODE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


def run_in_terminal(
    words: Sequence[str], environment: Mapping[str, str], *, answer: str = "", rows: int = 60
) -> tuple[int, str]:
    """The exit code, and all that the terminal shows afterwards, as if it had no end.

    ``answer`` is typed ahead; it is shown where it was asked for.
    """
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, COLUMNS, 0, 0))
    with subprocess.Popen(
        words, env=environment, stdin=inner, stdout=inner, stderr=inner, close_fds=True
    ) as child:
        os.close(inner)
        os.write(outer, f"{answer}\n".encode() if answer else b"")
        received = b"".join(_blocks(outer))
    os.close(outer)
    text = received.decode()
    if answer:
        text = text.replace(f"{answer}\r\n", "", 1).replace("[y/N]: ", f"[y/N]: {answer}\r\n", 1)
    return child.returncode, shown(text)


def screen_after(
    words: Sequence[str], environment: Mapping[str, str], keys: Sequence[tuple[str, str]]
) -> str:
    """What a program that draws its own screen shows at last; then Ctrl-C ends it.

    ``keys``: for what is waited, and what is typed then. The last one waits only.
    """
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 20, COLUMNS, 0, 0))
    told = ""
    with subprocess.Popen(
        words, env=environment, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
    ) as child:
        os.close(inner)
        for expected, typed in keys:
            while expected not in told:
                told += _soon(outer, child, f"{expected!r} was never shown after:\n{told}")
            frame = told.rpartition("\x1b[H\x1b[2J")[2]
            told = ""
            os.write(outer, (typed or "\x03").encode())
        _blocks(outer)
        child.wait()
    os.close(outer)
    return shown(frame)


def _soon(terminal: int, child: subprocess.Popen[bytes], failure: str) -> str:
    """What comes next. AssertionError when nothing does: the program waits for something else."""
    if not select.select([terminal], [], [], PATIENCE)[0]:
        child.kill()
        raise AssertionError(failure)
    return os.read(terminal, 65536).decode()


def _blocks(terminal: int) -> Sequence[bytes]:
    blocks: list[bytes] = []
    while True:
        try:
            block = os.read(terminal, 65536)
        except OSError:  # its other end is closed
            return blocks
        if not block:
            return blocks
        blocks.append(block)


def shown(text: str) -> str:
    """What stands there once the cursor was moved and lines were erased as ``text`` says."""
    screen = [""]
    row = column = 0
    at = 0
    while at < len(text):
        if match := _CODE.match(text, at):
            row, column = _obey(match[1], match[2], screen, row, column)
            at = match.end()
            continue
        char = text[at]
        at += 1
        if char == "\n":
            row += 1
            screen += [""] * (row + 1 - len(screen))
        elif char == "\r":
            column = 0
        else:
            line = screen[row].ljust(column)
            screen[row] = line[:column] + char + line[column + 1 :]
            column += 1
    return "\n".join(line.rstrip() for line in screen).strip("\n")


def _obey(numbers: str, letter: str, screen: list[str], row: int, column: int) -> tuple[int, int]:
    number = int(numbers) if numbers.isdigit() else 1
    if letter == "A":
        row = max(0, row - number)
    elif letter == "K":
        screen[row] = "" if numbers == "2" else screen[row][:column]
    elif letter == "G":
        column = number - 1
    return row, column
