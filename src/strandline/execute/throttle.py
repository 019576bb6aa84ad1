"""No more than so many bytes a second, over all threads together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Throttle:
    """Tells each thread how long to wait for the bytes it has just taken.

    ``rate`` is in bytes a second; 0 means no limit. Time that nobody used is not saved up.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._free_at = 0.0
        self._lock = threading.Lock()

    def wait_for(self, of_bytes: int) -> float:
        """Seconds from now until these bytes are paid for."""
        if not self._rate:
            return 0.0
        with self._lock:
            now = self._clock()
            self._free_at = max(self._free_at, now) + of_bytes / self._rate
            return self._free_at - now
