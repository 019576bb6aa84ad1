"""Renaming playlist folders, also when two of them swap names."""

from __future__ import annotations

from collections.abc import Sequence

from strandline.core.actions import RenameFolder
from strandline.core.ledger import Outcome
from strandline.errors import ItemError
from strandline.execute.batch import Batch
from strandline.execute.book import Book, Refused, Step
from strandline.execute.deeds import Deed
from strandline.execute.parking import park, roll_back, unpark
from strandline.execute.ports import StopFlag
from strandline.library.files import LibraryFiles, parking_path


class Renames:
    """Carries out all folder renames of a plan together.

    First those whose new name is free. The others may be in each other's way, so all of them go to
    temporary names and then on to the new ones; if one of them cannot, all of them go back.
    """

    def __init__(self, files: LibraryFiles, book: Book, stop: StopFlag) -> None:
        self._files = files
        self._book = book
        self._batch = Batch(files, book, stop)

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Raises LibraryError when the run cannot go on; recovery then ends what is parked."""
        ready = self._book.admit(steps)
        self._book.begin(ready)
        free = [step for step in ready if not _rename_of(step).parked]
        parked = [step for step in ready if _rename_of(step).parked]
        self._batch.settle(free, self._rename, whole=True)
        error = self._swap([_rename_of(step) for step in parked])
        stuck = [step for step in parked if error and self._is_parked(step)]
        self._book.doubt([Refused(step, error) for step in stuck if error])

        def outcome(step: Step) -> Deed:
            if error:
                raise error
            return _done(_rename_of(step))

        self._batch.settle([s for s in parked if s not in stuck], outcome, whole=True)

    def _swap(self, actions: Sequence[RenameFolder]) -> ItemError | None:
        """All folders to their new names, or all as they were, and why."""
        try:
            for action in actions:
                park(action, self._files)
            for action in actions:
                here = parking_path(action.seen.ino)
                self._files.rename_folder(here, action.path, action.seen)
        except ItemError as error:
            roll_back(actions, self._files)
            return error
        return None

    def _rename(self, step: Step) -> Deed:
        action = _rename_of(step)
        try:
            self._files.rename_folder(action.source, action.path, action.seen)
        except ItemError:
            unpark(action, self._files, onward=False)  # a change of case alone parks by itself
            raise
        return _done(action)

    def _is_parked(self, step: Step) -> bool:
        return self._files.see(parking_path(_rename_of(step).seen.ino)) is not None


def _rename_of(step: Step) -> RenameFolder:
    assert isinstance(step.action, RenameFolder)
    return step.action


def _done(action: RenameFolder) -> Deed:
    return Deed(Outcome(action.path, ino=action.seen.ino))
