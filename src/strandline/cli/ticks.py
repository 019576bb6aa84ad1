"""A list to tick on a terminal: arrow keys move, space ticks, typing filters."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from strandline.cli.output import clean, is_colourful

_KEYS = re.compile(r"\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Za-z]|.", re.DOTALL)
_MOVES = {
    "\x1b[A": -1, "\x1bOA": -1, "\x10": -1,  # up, Ctrl-P
    "\x1b[B": 1, "\x1bOB": 1, "\x0e": 1,  # down, Ctrl-N
}  # fmt: skip
_PAGES = {"\x1b[5~": -1, "\x1b[6~": 1}
_ENDS = {"\x1b[H": 0, "\x1bOH": 0, "\x1b[1~": 0, "\x1b[F": -1, "\x1bOF": -1, "\x1b[4~": -1}
_CUT_OFF = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
"""A character that is not there to its last byte."""
_DELETE, _ESCAPE, _ALL, _CLEAR = ("\x7f", "\x08"), "\x1b", "\x01", "\x15"
_FRAME = 5
"""Lines around the list: title, filter, two blank ones and the keys."""
_HELP = "space: tick   ctrl-a: all shown   type: filter   esc: clear   enter: done"


class Row(NamedTuple):
    """One thing to tick, and a few words about it."""

    name: str
    about: str = ""


def folded(text: str) -> str:
    """What a filter compares: without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@dataclass
class TickList:
    """The state of a list that is being ticked. Touches no terminal."""

    rows: Sequence[Row]
    ticked: set[int]
    filter: str = ""
    cursor: int = 0
    """Into what is shown."""
    page: int = 10
    message: str = ""
    top: int = 0
    _folded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._folded = [folded(row.name) for row in self.rows]

    @property
    def shown(self) -> list[int]:
        """The rows whose names hold the filter."""
        wanted = folded(self.filter)
        return [number for number, name in enumerate(self._folded) if wanted in name]

    def press(self, key: str) -> bool:
        """Take one key; True for Enter."""
        self.message = ""
        if key in ("\r", "\n"):
            return self._is_something_ticked()
        if key == " ":
            self._toggle(self.shown[self.cursor : self.cursor + 1])
        elif key == _ALL:
            self._tick_all(self.shown)
        elif key in _MOVES:
            self._move(self.cursor + _MOVES[key])
        elif key in _PAGES:
            self._move(self.cursor + _PAGES[key] * self.page)
        elif key in _ENDS:
            self._move(_ENDS[key] % max(1, len(self.shown)))
        elif key in _DELETE:
            self._narrow(self.filter[:-1])
        elif key in (_ESCAPE, _CLEAR):
            self._narrow("")
        elif key.isprintable():
            self._narrow(self.filter + key)
        return False

    def _is_something_ticked(self) -> bool:
        if not self.ticked:
            self.message = "Tick at least one."
        return bool(self.ticked)

    def _toggle(self, rows: Sequence[int]) -> None:
        self.ticked ^= set(rows)

    def _tick_all(self, rows: Sequence[int]) -> None:
        """All that is shown; where all of that is ticked, none of it."""
        if self.ticked.issuperset(rows):
            self.ticked.difference_update(rows)
        else:
            self.ticked.update(rows)

    def _move(self, to: int) -> None:
        self.cursor = max(0, min(to, len(self.shown) - 1))

    def _narrow(self, to: str) -> None:
        self.filter, self.cursor, self.top = to, 0, 0

    def lines(self, title: str, width: int, height: int) -> list[str]:
        """The screen; the row with the cursor begins with ``>``."""
        from rich.cells import set_cell_size

        shown = self.shown
        self.page = max(1, height - _FRAME)
        self.top = max(min(self.top, self.cursor), self.cursor - self.page + 1)
        listed = list(self._listed(shown)) or ["  Nothing matches; esc clears the filter."]
        head = f"{title}  {len(self.ticked)} of {len(self.rows)} ticked"
        some = f"   {len(shown)} shown" if self.filter else ""
        text = [head, f"Filter: {self.filter}{some}", "", *listed, "", self.message or _HELP]
        return [set_cell_size(line, width - 1).rstrip() for line in text]

    def _listed(self, shown: Sequence[int]) -> Iterator[str]:
        for place, row in enumerate(shown[self.top : self.top + self.page], self.top):
            pointer = ">" if place == self.cursor else " "
            mark = "x" if row in self.ticked else " "
            about = f"   {self.rows[row].about}" if self.rows[row].about else ""
            yield f"{pointer} [{mark}] {clean(self.rows[row].name)}{about}"


def can_tick() -> bool:
    """Whether there is a terminal on which a list can be drawn."""
    drawable = os.environ.get("TERM", "dumb") not in ("dumb", "")
    return sys.stdin.isatty() and sys.stderr.isatty() and drawable


def tick(title: str, rows: Sequence[Row], ticked: set[int]) -> set[int]:
    """Let the person tick rows, on a screen of its own that is gone afterwards.

    KeyboardInterrupt for Ctrl-C.
    """
    state = TickList(rows, set(ticked))
    with _own_screen(), _resizes() as resized:
        while True:
            _draw(state, title)
            ready, _, _ = select.select([sys.stdin.fileno(), resized], [], [])
            if resized in ready:
                os.read(resized, 4096)
            if sys.stdin.fileno() in ready and any(state.press(key) for key in _keys()):
                return state.ticked


@contextmanager
def _resizes() -> Iterator[int]:
    """A descriptor that can be read once the window has another size."""
    there, here = os.pipe()
    for end in (there, here):
        os.set_blocking(end, False)
    handler = signal.signal(signal.SIGWINCH, lambda *_: None)
    woken = signal.set_wakeup_fd(here, warn_on_full_buffer=False)
    try:
        yield there
    finally:
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGWINCH, handler)
        os.close(there)
        os.close(here)


@contextmanager
def _own_screen() -> Iterator[None]:
    """Every key is read as it is typed, from before the first drawing on: none gets lost."""
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    tty.setraw(terminal, termios.TCSADRAIN)
    sys.stderr.write("\x1b[?1049h\x1b[?25l")
    try:
        yield
    finally:
        sys.stderr.write("\x1b[?25h\x1b[?1049l")
        sys.stderr.flush()
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _keys() -> Iterator[str]:
    """The keys that came together; pasted text is many. KeyboardInterrupt."""
    data = os.read(sys.stdin.fileno(), 4096)
    while _CUT_OFF.search(data[-4:]):
        data += os.read(sys.stdin.fileno(), 1)
    if not data:
        raise KeyboardInterrupt  # the terminal is gone
    for key in _KEYS.findall(data.decode(errors="replace")):
        if key in ("\x03", "\x04"):
            raise KeyboardInterrupt
        yield key


def _draw(state: TickList, title: str) -> None:
    width, height = os.get_terminal_size(sys.stderr.fileno())
    lines = state.lines(title, width or 80, height or 24)
    if is_colourful(sys.stderr):
        lines = [f"\x1b[7m{line}\x1b[0m" if line.startswith("> [") else line for line in lines]
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
    sys.stderr.write("\x1b[H\x1b[2J" + "\r\n".join(lines))
    sys.stderr.flush()
