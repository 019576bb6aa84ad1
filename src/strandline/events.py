"""Progress as events: use cases and shells tell, a front end shows (or stays silent)."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A listener for one run. Calls may come from worker threads; implementations lock."""

    def phase(self, name: str, *, total: int | None = None) -> None:
        """A phase starts (``snapshot``, ``scan``, ``download`` …), of ``total`` items if known."""

    def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
        """Items finished and bytes moved within the current phase."""

    def expect(self, of_bytes: int) -> None:
        """So many more bytes are to come in the current phase."""

    def begin(self, item: str, name: str) -> None:
        """Work on an item begins, again perhaps; ``name`` is what a person calls it."""

    def end(self, item: str) -> None:
        """It is done, or was given up."""

    def note(self, message: str) -> None:
        """A line a person should read at any verbosity (a retry, a fallback, a warning)."""


class Silent:
    """Shows nothing: for tests and for ``--json`` in a pipe."""

    def phase(self, name: str, *, total: int | None = None) -> None: ...
    def advance(self, items: int = 0, *, of_bytes: int = 0) -> None: ...
    def expect(self, of_bytes: int) -> None: ...
    def begin(self, item: str, name: str) -> None: ...
    def end(self, item: str) -> None: ...
    def note(self, message: str) -> None: ...
