"""Renaming playlist folders, also when two of them swap names."""

from __future__ import annotations

from collections.abc import Sequence

from strandline.core.actions import Action, RenameFolder
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.execute.batch import Batch
from strandline.execute.book import Book, Step
from strandline.execute.deeds import Deed, Deeds
from strandline.execute.parking import park, unpark
from strandline.execute.ports import StopFlag
from strandline.library.files import LibraryFiles


class Renames:
    """Carries out all folder renames of a plan together.

    Folders whose new name is still in use first go to temporary names, all of them. Then the others
    take their new names, which are free, and last those. One that cannot goes back to its old name.
    """

    def __init__(self, files: LibraryFiles, book: Book, stop: StopFlag) -> None:
        self._files = files
        self._book = book
        self._batch = Batch(files, book, stop)
        self._deeds = Deeds(files, book.result.run)
        self._parked: dict[int, LibPath] = {}
        self._refused: dict[int, ItemError] = {}

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Raises LibraryError when the run cannot go on; recovery then ends what is parked."""
        ready = sorted(self._book.admit(steps), key=lambda step: _is_parked(step.action))
        self._book.begin(ready)
        for step in ready:
            self._park(step)
        self._batch.settle(ready, self._rename, whole=True)

    def _park(self, step: Step) -> None:
        action = step.action
        assert isinstance(action, RenameFolder)
        if not action.parked:
            return
        try:
            self._parked[step.seq] = park(action, self._files)
        except ItemError as error:
            self._refused[step.seq] = error

    def _rename(self, step: Step) -> Deed:
        action = step.action
        assert isinstance(action, RenameFolder)
        if step.seq in self._refused:
            raise self._refused[step.seq]
        try:
            return self._deeds.rename_folder(action, self._parked.get(step.seq, action.source))
        except ItemError:
            unpark(action, self._files, onward=False)
            raise


def _is_parked(action: Action) -> bool:
    return isinstance(action, RenameFolder) and action.parked
