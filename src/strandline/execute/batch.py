"""A batch of alike steps: all intents in one commit, each act, one fsync a folder, one commit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from strandline.errors import ItemError, LibraryError
from strandline.execute.book import Book, Refused, Step
from strandline.execute.deeds import Deed, Deeds
from strandline.execute.ports import StopFlag
from strandline.execute.recovery import judge
from strandline.library.files import LibraryFiles

log = logging.getLogger(__name__)

Act = Callable[[Step], Deed]


class Batch:
    """Carries out steps that share their commits."""

    def __init__(self, files: LibraryFiles, book: Book, stop: StopFlag) -> None:
        self._files = files
        self._book = book
        self._stop = stop
        self._deeds = Deeds(files, book.result.run)

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Do what can be done. Raises LibraryError when no further step of the run can succeed.

        What was acted on before that is made durable and committed. A step whose act was cut off
        keeps its intent open: only the disk can tell, and the next start asks it.
        """
        ready = self._book.admit(steps)
        self._book.begin(ready)
        self.settle(ready, lambda step: self._deeds.do(step.action))

    def settle(self, ready: Sequence[Step], act: Act, *, whole: bool = False) -> list[Refused]:
        """Act on steps whose intents are committed, then commit what became of them.

        Returns the refused ones. ``whole``: Ctrl-C comes too late for any of them.
        """
        acted: list[tuple[Step, Deed]] = []
        refused: list[Refused] = []
        halt: LibraryError | None = None
        tried = 0
        for step in ready:
            if self._stop.is_set() and not whole:
                break
            tried += 1
            try:
                acted.append((step, self._attempt(step, act)))
            except LibraryError as error:
                halt = error
                break
            except Exception as error:  # noqa: BLE001 - one item never stops another
                refused.append(Refused(step, _logged(step, error)))
        self._files.flush()
        self._book.finish(acted)
        self._book.refuse(refused)
        self._book.drop(ready[tried:], "not done: the run ended before")
        if halt:
            raise halt
        return refused

    def _attempt(self, step: Step, act: Act) -> Deed:
        """An act that reports an error after the deed was done is done."""
        try:
            return act(step)
        except ItemError:
            settled = judge(step.action, self._files, self._book.result.run)
            if isinstance(settled, Deed):
                return settled
            raise


def _logged(step: Step, error: Exception) -> Exception:
    if not isinstance(error, ItemError):
        log.error("%s %s failed", step.action.name, step.action.path, exc_info=error)
    return error
