"""Renaming playlist folders, also when two of them swap names."""

from __future__ import annotations

from collections.abc import Sequence

from strandline.core.actions import RenameFolder
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.execute.batch import Batch
from strandline.execute.book import Book, Step
from strandline.execute.deeds import Deed, Deeds
from strandline.execute.ports import StopFlag
from strandline.execute.recovery import unpark
from strandline.library.files import LibraryFiles, parking_path


class Renames:
    """Carries out all folder renames of a plan together.

    Folders whose new name is still in use first go to temporary names, all of them, and then
    every folder to its new name. One that cannot have its new name goes back to its old one.
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
        ready = self._book.admit(steps)
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
            place = parking_path(action.seen.ino)
            self._files.rename_folder(action.source, place, action.seen)
            self._parked[step.seq] = place
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
            unpark(action, self._files)
            raise
