"""What TIDAL refuses to everybody for a while: a busy account, too many questions, odd pages.

Numbers and texts are those that users of other clients report of the real service.
"""

from __future__ import annotations

import re
import threading
import time
from collections import deque
from collections.abc import Callable

from strandline.demo.http import Answer, Request, refusal

_PLAYBACK = re.compile(r"/v1/tracks/\d+/(playbackinfo|url)\w*")
PRIVILEGES = 4006
_WORDS = {
    PRIVILEGES: "User does not have streaming privileges",
    4005: "Asset is not ready for playback",
    4010: "Monthly stream quota exceeded",
    4032: "Content is not available in your location",
    4033: "Content is not available with your subscription",
    4035: "Content is not available in your location",
}


class Blocks:
    """The blocks of one stand-in; nothing is blocked at first. Change the fields at any time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` in seconds."""
        self.clock = clock
        self.page_size: int | None = None
        """A longer page than this is refused; the text says what would be given."""
        self._lock = threading.Lock()
        self._answer: tuple[int, int] | None = None
        self._until: float | None = None
        self._questions: int | None = None
        self._burst: tuple[int, float, float] | None = None
        self._asked: deque[float] = deque()

    def refuse_playback(
        self,
        number: int = PRIVILEGES,
        *,
        status: int = 401,
        seconds: float | None = None,
        questions: int | None = None,
    ) -> None:
        """No track plays: for ``seconds``, for so many ``questions``, or until ``clear``."""
        with self._lock:
            self._answer = (status, number)
            self._until = None if seconds is None else self.clock() + seconds
            self._questions = questions

    def limit_bursts(self, questions: int = 53, within: float = 3.0, lasting: float = 75.0) -> None:
        """More playback questions in so many seconds: 429 without Retry-After, then 4006."""
        self._burst = (questions, within, lasting)

    def clear(self) -> None:
        """All is well again; bursts stay limited."""
        with self._lock:
            self._answer = None
            self.page_size = None

    def check(self, request: Request) -> Answer | None:
        """Why this request is refused; None if it is not."""
        page = self._too_long(request)
        if page is not None or not _PLAYBACK.fullmatch(request.path):
            return page
        with self._lock:
            return self._blocked() or self._hasty()

    def _too_long(self, request: Request) -> Answer | None:
        size, limit = self.page_size, request.query.get("limit", "")
        own = "offset" in request.query or "cursor" in request.query or "folderId" in request.query
        if size is None or not own or not limit.isdigit() or int(limit) <= size:
            return None
        return refusal(400, 1001, f"Too big page, max page size is [{size}]")

    def _blocked(self) -> Answer | None:
        if self._answer is None or (self._until is not None and self.clock() >= self._until):
            self._answer = None
            return None
        if self._questions is not None:
            if self._questions == 0:
                self._answer = None
                return None
            self._questions -= 1
        status, number = self._answer
        return refusal(status, number, _WORDS.get(number, "No"))

    def _hasty(self) -> Answer | None:
        if self._burst is None:
            return None
        most, within, lasting = self._burst
        now = self.clock()
        self._asked.append(now)
        while self._asked and self._asked[0] < now - within:
            self._asked.popleft()
        if len(self._asked) <= most:
            return None
        self._answer, self._until = (401, PRIVILEGES), now + lasting
        self._questions = None
        self._asked.clear()
        return Answer(429)
