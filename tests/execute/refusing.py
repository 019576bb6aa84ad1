"""A TIDAL that refuses by rules, and a time that only waiting moves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from strandline.core.ids import TrackId
from strandline.errors import StrandlineError
from strandline.execute.circuit_breaker import Waiting
from strandline.execute.executor import Executor
from strandline.execute.ports import StopFlag
from strandline.execute.result import Result
from strandline.tidal.app_clients import LoginWay
from strandline.tidal.endings import ending
from strandline.tidal.refusals import Asked, RefusedError, refusal_from
from tests.stage import Fetches, Stage, Ticks, audio

Rule = Callable[[str], RefusedError | None]


def refusal(status: int, number: int | None = None, *, track: str = "") -> RefusedError:
    """As TIDAL words it; without a number the body is empty."""
    body: dict[str, Any] | None = number and {"subStatus": number, "userMessage": "No."}
    request = "GET /v1/tracks/*/playbackinfopostpaywall"
    what = f"track {track}"
    return RefusedError(what, refusal_from(status, body), Asked.PLAYBACK, request=request)


@dataclass
class Time:
    """Moves by waiting alone."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@dataclass
class Refusing(Fetches):
    """A source whose ``rule`` says which tracks are refused, and how."""

    rule: Rule = lambda _track: None
    way: LoginWay = LoginWay.PKCE
    offered: bool = True
    questions: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.deliver = self._deliver

    def _deliver(self, track: str) -> bytes:
        if error := self.rule(track):
            raise error
        return audio(track)

    def plays(self, track: TrackId) -> None:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        self.questions.append(track)
        error = self.rule(track)
        with self._lock:
            self.at_once -= 1
        if error:
            raise error

    def offers(self, track: TrackId) -> bool:
        self.questions.append(track)
        return self.offered

    def ending(self, refused: RefusedError) -> StrandlineError:
        return ending(refused, self.way)


def go(stage: Stage, time: Time | None = None, stop: StopFlag | None = None) -> Result:
    """One run in which waiting takes no time."""
    time = time or Time()
    with stage.open() as store, stage.files() as files:
        stage.snapshot(store)
        executor = Executor(
            files,
            store,
            stage.source,
            clock=Ticks(),
            settings=stage.settings,
            stop=stop,
            waiting=Waiting(time.clock, time.sleep),
        )
        return executor.run(stage.plan(store), "sync-execute")


def column(stage: Stage, name: str) -> dict[str, object]:
    """A column of every track, by TIDAL's id."""
    with stage.open() as store:
        query = f"SELECT tidal_id, {name} FROM tracks"
        return dict(store._connection.execute(query).fetchall())


def unmarked(stage: Stage) -> bool:
    """No track is told to have failed, and none to be unavailable."""
    statuses = set(column(stage, "download_status").values())
    available = set(column(stage, "tidal_available").values())
    return (
        statuses <= {"downloaded", "not_downloaded"}
        and available <= {1}
        and set(column(stage, "download_error").values()) == {None}
    )
