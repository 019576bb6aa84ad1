"""Progress on stderr: bars on a terminal, a line a phase in a pipe, only notes when quiet."""

from __future__ import annotations

import logging
import sys
import threading
from typing import TYPE_CHECKING, Protocol

from strandline.cli.output import Output, clean, is_colourful, plural
from strandline.events import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

log = logging.getLogger(__name__)

_WORDS = {
    "snapshot": "Reading TIDAL",
    "unavailable": "Asking again for unavailable tracks",
    "scan": "Looking at the library",
    "hash": "Reading files",
    "verify": "Verifying",
    "create_folder": "Making folders",
    "rename_folder": "Renaming folders",
    "remove_folder": "Removing folders",
    "download": "Downloading",
    "move": "Moving",
    "link": "Linking",
    "relink": "Linking",
    "unlink": "Removing links",
    "trash": "Moving to the trash",
    "restore": "Restoring",
    "empty": "Emptying the trash",
}


def words(phase: str) -> str:
    """A phase as a person reads it."""
    return _WORDS.get(phase, phase.replace("_", " ").capitalize())


class Shown(Progress, Protocol):
    """Progress that can be taken off the screen."""

    def close(self) -> None:
        """Nothing is shown until the next phase."""


def progress_for(output: Output, *, verbose: bool) -> Shown:
    """The listener that fits where stderr goes."""
    if output.quiet:
        return Notes(output)
    if sys.stderr.isatty():
        return Bars()
    return Lines(output) if verbose or not output.json else Notes(output)


class Notes(Silent):
    """Only what a person should read at any verbosity."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._lock = threading.Lock()

    def note(self, message: str) -> None:
        """Show it."""
        log.info("%s", message)
        with self._lock:
            self._output.warn(clean(message))

    def close(self) -> None:
        """Nothing stays on the screen."""


class Lines(Notes):
    """One line a phase, for a pipe or a log of a timer."""

    def phase(self, name: str, *, total: int | None = None) -> None:
        """Show that it begins."""
        count = "" if total is None else f" ({plural(total, 'item')})"
        with self._lock:
            self._output.talk(f"{words(name)}{count} …")


class Bars:
    """Bars with items, bytes, speed and the time left; gone when the run ends."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._shown: RichProgress | None = None
        self._task: TaskID | None = None
        self._bytes: TaskID | None = None
        self._expected = 0

    def phase(self, name: str, *, total: int | None = None) -> None:
        """A new bar takes the place of the old one."""
        with self._lock:
            self.close()
            self._expected = 0
            self._shown = _bars()
            self._task = self._shown.add_task(words(name), total=total, kind="items")
            self._shown.start()

    def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
        """Move the bars."""
        with self._lock:
            if self._shown is None or self._task is None:
                return
            if items:
                self._shown.advance(self._task, items)
            if of_bytes:
                self._shown.advance(self._byte_task(), of_bytes)

    def expect(self, of_bytes: int) -> None:
        """So many more bytes are to come."""
        with self._lock:
            if self._shown is not None:
                self._expected += of_bytes
                self._shown.update(self._byte_task(), total=self._expected)

    def note(self, message: str) -> None:
        """A line above the bar."""
        log.info("%s", message)
        with self._lock:
            if self._shown is not None:
                self._shown.console.print(clean(message), markup=False, highlight=False)
            else:
                sys.stderr.write(f"{clean(message)}\n")

    def close(self) -> None:
        """Take the bars away; the next phase brings new ones."""
        with self._lock:
            if self._shown is not None:
                self._shown.stop()
            self._shown = self._task = self._bytes = None

    def _byte_task(self) -> TaskID:
        assert self._shown is not None
        if self._bytes is None:
            self._bytes = self._shown.add_task("", total=None, kind="bytes")
        return self._bytes


def _bars() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn
    from rich.progress import Progress as Rich
    from rich.progress import Task as RichTask
    from rich.text import Text

    class Counts(ProgressColumn):
        """Items of a bar of items; bytes, speed and time left of a bar of bytes."""

        def render(self, task: RichTask) -> Text:
            return Text(_counts(task))

    console = Console(file=sys.stderr, no_color=not is_colourful(sys.stderr))
    columns = (TextColumn("{task.description:<24}"), BarColumn(), Counts())
    return Rich(*columns, console=console, transient=True, refresh_per_second=8)


def _counts(task: object) -> str:
    from rich.progress import Task

    from strandline.cli.output import size

    assert isinstance(task, Task)
    if task.fields["kind"] == "items":
        return f"{task.completed:,.0f}" + ("" if task.total is None else f" of {task.total:,.0f}")
    total = f" of {size(task.total)}" if task.total and task.total >= task.completed else ""
    speed = f", {size(task.speed)}/s" if task.speed else ""
    left = task.time_remaining
    minutes = f", {int(left) // 60}:{int(left) % 60:02d} left" if left and total else ""
    return f"{size(task.completed)}{total}{speed}{minutes}"
