"""Faults on request: which answers go wrong. How they go wrong is in ``effects``."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from strandline.demo.http import Answer, Request

Effect = Callable[[Request, Answer], Answer]
Respond = Callable[[Request], Answer]


@dataclass
class Fault:
    """One thing that goes wrong, from its ``nth`` matching request on, ``times`` times."""

    path: re.Pattern[str]
    method: str
    query: dict[str, str]
    nth: int
    times: int | None
    before: Callable[[], object] | None
    ask: Callable[[Request], Request] | None
    effects: tuple[Effect, ...]
    seen: int = field(default=0, init=False)
    """How many requests matched so far."""

    def matches(self, request: Request) -> bool:
        """Whether it is about this request at all."""
        return (
            self.method in ("*", request.method)
            and self.path.fullmatch(request.path) is not None
            and self.query.items() <= request.query.items()
        )

    def is_due(self, request: Request) -> bool:
        """Count this request if it matches, and say whether it is hit."""
        if not self.matches(request):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    @property
    def hits(self) -> int:
        """How many answers went wrong so far."""
        due = max(0, self.seen - self.nth + 1)
        return due if self.times is None else min(due, self.times)


class Faults:
    """The faults of one stand-in."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def on(
        self,
        path: str,
        *effects: Effect,
        method: str = "*",
        query: dict[str, str] | None = None,
        nth: int = 1,
        times: int | None = 1,
        before: Callable[[], object] | None = None,
        ask: Callable[[Request], Request] | None = None,
    ) -> Fault:
        """Let answers go wrong; effects are applied in order.

        ``path`` is a glob (``*`` within a segment, ``**`` across), ``query`` what the query must
        hold. ``before`` runs before the answer is made (an account that changes between two
        pages); ``ask`` changes what is asked (a server that ignores ``offset``). ``times=None``
        is for ever.
        """
        fault = Fault(glob(path), method, query or {}, nth, times, before, ask, effects)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """All is well again."""
        with self._lock:
            self._faults.clear()

    def answer(self, request: Request, respond: Respond) -> Answer:
        """What goes back for this request, with every fault that is due."""
        with self._lock:
            due = [fault for fault in self._faults if fault.is_due(request)]
        for fault in due:
            if fault.before is not None:
                fault.before()
            if fault.ask is not None:
                request = fault.ask(request)
        answer = respond(request)
        for effect in [effect for fault in due for effect in fault.effects]:
            answer = effect(request, answer)
        return answer


def glob(pattern: str) -> re.Pattern[str]:
    """``/v1/playlists/*/items``: ``*`` is anything without a slash, ``**`` anything."""
    parts = re.split(r"(\*\*|\*)", pattern)
    wild = {"*": "[^/]*", "**": ".*"}
    return re.compile("".join(wild.get(part) or re.escape(part) for part in parts))
