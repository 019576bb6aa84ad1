"""Renaming playlist folders, also when two of them swap names."""

from __future__ import annotations

from collections.abc import Sequence

from strandline.core.actions import RenameFolder
from strandline.core.ledger_facts import ActionResult
from strandline.errors import ItemError
from strandline.execute.batch import Batch
from strandline.execute.handlers.apply import Applied
from strandline.execute.ports import StopFlag
from strandline.execute.run_log import Refused, RunLog, Step
from strandline.execute.temporary_names import finish_rename, move_aside, roll_back
from strandline.library.files import LibraryFiles, temporary_folder_path


class Renames:
    """Carries out all folder renames of a plan together.

    First those whose new name is free. The others may be in each other's way, so all of them go to
    temporary names and then on to the new ones; if one of them cannot, all of them go back.
    """

    def __init__(self, files: LibraryFiles, run_log: RunLog, stop: StopFlag) -> None:
        self._files = files
        self._run_log = run_log
        self._batch = Batch(files, run_log, stop)

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Raises LibraryError when the run cannot go on; recovery then ends the renames."""
        ready = self._run_log.admit(steps)
        self._run_log.begin(ready)
        free = [step for step in ready if not _rename_of(step).aside]
        aside = [step for step in ready if _rename_of(step).aside]
        self._batch.settle(free, self._rename, whole=True)
        error = self._swap([_rename_of(step) for step in aside])
        stuck = [step for step in aside if error and self._is_parked(step)]
        self._run_log.leave_open([Refused(step, error) for step in stuck if error])

        def outcome(step: Step) -> Applied:
            if error:
                raise error
            return _done(_rename_of(step))

        self._batch.settle([s for s in aside if s not in stuck], outcome, whole=True)

    def _swap(self, actions: Sequence[RenameFolder]) -> ItemError | None:
        """All folders to their new names, or all as they were, and why."""
        try:
            for action in actions:
                move_aside(action, self._files)
            for action in actions:
                here = temporary_folder_path(action.expected.ino)
                self._files.rename_folder(here, action.path, action.expected)
        except ItemError as error:
            roll_back(actions, self._files)
            return error
        return None

    def _rename(self, step: Step) -> Applied:
        action = _rename_of(step)
        try:
            self._files.rename_folder(action.source, action.path, action.expected)
        except ItemError:
            finish_rename(
                action, self._files, onward=False
            )  # a change of case alone parks by itself
            raise
        return _done(action)

    def _is_parked(self, step: Step) -> bool:
        return self._files.see(temporary_folder_path(_rename_of(step).expected.ino)) is not None


def _rename_of(step: Step) -> RenameFolder:
    assert isinstance(step.action, RenameFolder)
    return step.action


def _done(action: RenameFolder) -> Applied:
    return Applied(ActionResult(action.path, ino=action.expected.ino))
