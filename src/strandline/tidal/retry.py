"""When to ask again: one pace for all threads, a capped number of tries, a bounded wait."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """All in seconds but ``tries``."""

    tries: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    """Also of what a Retry-After may ask for."""
    budget: float = 120.0
    """Within which a request and all its repetitions must have started."""

    def backoff(self, attempt: int, jitter: float) -> float:
        """Before try number ``attempt + 1`` (from 1); ``jitter`` in 0..1 spreads it by a half."""
        wait = self.first_wait * float(2 ** (attempt - 1))
        return min(wait, self.longest_wait) * (0.75 + jitter / 2)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait by a ``Retry-After`` of either form; None when absent or nonsense."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class RateLimiter:
    """One gate for all threads: a 429 met by one of them holds back and then slows all."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """``sleep`` is for tests; without it, waiting ends early when ``stop`` is called."""
        self._stopped = threading.Event()
        self.clock, self.sleep, self.jitter = clock, sleep or self._stopped.wait, jitter
        self._lock = threading.Lock()
        self._next = 0.0
        self._spacing = self._least = 0.0

    def stop(self) -> None:
        """Wake every thread that waits, now and from now on."""
        self._stopped.set()

    def wait(self) -> None:
        """Return when the next request may go."""
        if not self._spacing and not self._next:
            return
        with self._lock:
            now = self.clock()
            start = max(self._next, now)
            self._next = start + self._spacing if self._spacing or start > now else 0.0
        if start > now:
            self.sleep(start - now)

    def hold(self, seconds: float) -> None:
        """TIDAL said 429: nobody asks for ``seconds``, and afterwards more slowly."""
        with self._lock:
            self._next = max(self._next, self.clock() + seconds)
            self._spacing = min(max(self._spacing * 2, 0.05), 2.0)

    def slow_down(self, seconds: float) -> None:
        """From now on at least so long between two requests: TIDAL blocked what came faster."""
        with self._lock:
            self._least = seconds
            self._spacing = max(self._spacing, seconds)

    def ease(self) -> None:
        """An answer came: a little faster again."""
        if self._spacing > self._least:
            with self._lock:
                eased = self._spacing * 0.9 if self._spacing > 0.01 else 0.0
                self._spacing = max(eased, self._least)
