"""Sources of audio that fail in their ways, and what a progress bar is told."""

from __future__ import annotations

from typing import Any

from strandline.errors import DownloadError
from strandline.events import Silent
from strandline.execute.executor import Executor
from strandline.execute.result import Result
from tests.stage import Fetches, Stage, Ticks, audio


def column(stage: Stage, track: str, name: str) -> object:
    with stage.open() as store:
        query = f"SELECT {name} FROM tracks WHERE tidal_id = ?"
        return store._connection.execute(query, (track,)).fetchone()[0]


def fails_with(code: str, *tracks: str) -> Fetches:
    """A source that has these tracks not."""

    def deliver(track: str) -> bytes:
        if track in tracks:
            raise DownloadError(f"Track {track} cannot be had.", code=code)
        return audio(track)

    return Fetches(deliver)


class Told(Silent):
    """What a progress bar was told."""

    def __init__(self) -> None:
        self.items = self.bytes = 0
        self.phases: list[tuple[str, int | None]] = []
        self.notes: list[str] = []
        self.names: dict[str, str] = {}

    def begin(self, item: str, name: str) -> None:
        self.names[item] = name

    def end(self, item: str) -> None:
        self.names.pop(item, None)

    def phase(self, name: str, *, total: int | None = None) -> None:
        self.phases.append((name, total))

    def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
        self.items += items
        self.bytes += of_bytes

    def note(self, message: str) -> None:
        self.notes.append(message)


def run(stage: Stage, **more: Any) -> Result:
    """One run with settings of the executor that ``Stage.sync`` does not have."""
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        executor = Executor(
            files, store, stage.source, clock=Ticks(), settings=stage.settings, **more
        )
        return executor.run(stage.plan(store), "sync-execute")
