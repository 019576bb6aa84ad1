"""Progress on stderr: bars on a terminal, a line a phase in a pipe, only notes when quiet."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Protocol

from strandline.cli.output import Output, clean, duration, is_colourful, plural
from strandline.core.sizes import size
from strandline.events import Progress, Silent

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

log = logging.getLogger(__name__)

_WORDS = {
    "snapshot": "Reading TIDAL",
    "unavailable": "Asking for unavailable tracks",
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
    "export": "Exporting",
    "read": "Reading headers",
    "listen": "Listening",
    "share": "Linking",
    "reapply": "Making files anew",
    "put_back": "Putting back",
    "lyrics": "Putting lyrics in place",
    "replacements": "Asking for replacements",
    "look_at_stick": "Looking at the stick",
    "copy_to_stick": "Copying to the stick",
    "remove_from_stick": "Removing from the stick",
}


_COUNTED = {
    "snapshot": "playlist",
    "unavailable": "track",
    "replacements": "track",
    "scan": "folder",
    "hash": "file",
    "verify": "file",
    "create_folder": "folder",
    "rename_folder": "folder",
    "remove_folder": "folder",
    "download": "track",
    "move": "file",
    "link": "link",
    "relink": "link",
    "unlink": "link",
    "trash": "file",
    "restore": "file",
    "empty": "file",
    "read": "file",
    "listen": "sound",
    "share": "file",
    "reapply": "file",
    "put_back": "file",
    "lyrics": "file",
    "look_at_stick": "track",
    "remove_from_stick": "file",
}
"""What a phase's total counts."""


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


FIRST_LINE, LONGEST_PAUSE = 60.0, 1800.0
"""Seconds: a run's second line within a phase comes after a minute, the next ones ever later."""
NAMES_SHOWN = 8


class Lines(Notes):
    """One line a phase, for a pipe or a log of a timer; a few more for a phase that takes long."""

    def __init__(self, output: Output, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(output)
        self._clock = clock
        self._phase, self._total, self._items, self._bytes = "", 0, 0, 0
        self._began = self._due = 0.0
        self._names: dict[str, str] = {}

    def phase(self, name: str, *, total: int | None = None) -> None:
        """Show that it begins."""
        count = "" if total is None else f" ({plural(total, _COUNTED.get(name, 'item'))})"
        with self._lock:
            self._phase, self._total, self._items, self._bytes = name, total or 0, 0, 0
            self._began = self._clock()
            self._due = self._began + FIRST_LINE
            self._names.clear()
            self._output.talk(f"{words(name)}{count} …")

    def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
        """Say how far it is, at the times when a line is due."""
        with self._lock:
            self._items += items
            self._bytes += of_bytes
            now = self._clock()
            if self._phase and now >= self._due:
                passed = now - self._began
                self._due = now + min(passed, LONGEST_PAUSE)
                self._output.talk(clean(self._line(passed)))

    def begin(self, item: str, name: str) -> None:
        """To be named in the next line."""
        with self._lock:
            self._names[item] = name

    def end(self, item: str) -> None:
        """No longer."""
        with self._lock:
            self._names.pop(item, None)

    def _line(self, passed: float) -> str:
        of = f" of {self._total:,}" if self._total else ""
        parts = [f"{words(self._phase)}: {self._items:,}{of}"]
        if self._bytes:
            parts.append(f"{size(self._bytes)} at {size(self._bytes / passed)}/s")
        if 0 < self._items < self._total:
            left = passed / self._items * (self._total - self._items)
            parts.append(f"about {duration(left)} left")
        if self._names:
            parts.append(f"now {', '.join(self._names.values())}")
        return ", ".join(parts)


class Bars:
    """A bar with items, bytes, speed and time left, and the current tracks; gone at the end."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._shown: RichProgress | None = None
        self._task: TaskID | None = None
        self._bytes: TaskID | None = None
        self._expected = 0
        self._names: dict[str, str] = {}

    def phase(self, name: str, *, total: int | None = None) -> None:
        """A new bar takes the place of the old one."""
        with self._lock:
            self.close()
            self._expected = 0
            self._shown = _bars(lambda: list(self._names.values()))
            self._task = self._shown.add_task(words(name), total=total)
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

    def begin(self, item: str, name: str) -> None:
        """A line with its name, below the bar."""
        with self._lock:
            self._names = {**self._names, item: clean(name)}

    def end(self, item: str) -> None:
        """The line goes."""
        with self._lock:
            self._names = {key: name for key, name in self._names.items() if key != item}

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
            self._names = {}

    def _byte_task(self) -> TaskID:
        assert self._shown is not None
        if self._bytes is None:
            self._bytes = self._shown.add_task("", total=None, visible=False)
        return self._bytes


def _bars(names: Callable[[], list[str]]) -> RichProgress:
    """One bar, a line of figures, and a line for each name."""
    from rich.console import Console
    from rich.progress import BarColumn, ProgressColumn, TextColumn
    from rich.progress import Progress as Rich
    from rich.progress import Task as RichTask
    from rich.text import Text

    class Counts(ProgressColumn):
        def render(self, task: RichTask) -> Text:
            done = f"{task.completed:,.0f}"
            return Text(done if task.total is None else f"{done} of {task.total:,.0f}")

    class Shown(Rich):
        def get_renderables(self) -> Iterator[RenderableType]:
            yield self.make_tasks_table([task for task in self.tasks if task.visible])
            if figures := _figures(self):
                yield Text(f"  {figures}")
            for name in names()[:NAMES_SHOWN]:
                yield Text(f"  {name}", no_wrap=True, overflow="ellipsis")

    console = Console(file=sys.stderr, no_color=not is_colourful(sys.stderr))
    columns = (TextColumn("{task.description}"), BarColumn(), Counts())
    return Shown(*columns, console=console, transient=True, refresh_per_second=8)


def _figures(shown: RichProgress) -> str:
    """``14.0 MB of 20.1 MB · 1.3 MB/s · 0:12 left``, as far as it is known."""
    items = next((task for task in shown.tasks if task.visible), None)
    moved = next((task for task in shown.tasks if not task.visible), None)
    parts, left = [], items.time_remaining if items else None
    if moved:
        known = moved.total and moved.total >= moved.completed
        of = f" of {size(moved.total)}" if known and moved.total else ""
        parts.append(f"{size(moved.completed)}{of}")
        if moved.speed:
            parts.append(f"{size(moved.speed)}/s")
        left = moved.time_remaining if known else left
    if left:
        parts.append(f"{_clock(left)} left")
    return " · ".join(parts)


def _clock(seconds: float) -> str:
    """``4:05``, ``1:04:05``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
