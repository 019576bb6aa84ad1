"""A file in the place of another, which goes to the trash: the one exception to replacing nothing.

At every moment the path leads to the old file or to the new one. The new one waits in the old
one's place in the trash, and the two are exchanged. Where a file system cannot, the old one gets a
second name in the trash before the new one is renamed over it. A disk that can do neither leaves a
gap for a moment, which recovery closes.
"""

from __future__ import annotations

import errno

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.errors import StrandlineError
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import TakenError, changed, on_disk
from strandline.library.files.root import (
    EntryPlace,
    OutsideLibraryError,
    any_place,
    entry_place,
)
from strandline.library.files.syscalls import NO_HARD_LINKS
from strandline.library.files.temp import TMP, part_name
from strandline.library.files.trash import (
    TRASH,
    TrashFolder,
    TrashPath,
    numbered,
    trash_folder,
    trash_path,
    trash_place,
)

_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Replacing(TrashFolder):
    """Old files out, new ones in."""

    @on_disk
    def see(self, path: str) -> EntryState | None:
        """What stands at ``path`` now; None when nothing does, or a link is in the way."""
        place = any_place(path)
        try:
            with self._folder(place.folder) as folder:
                return self._look(folder, place.name)
        except OutsideLibraryError:  # the pool of a library that has none
            return None
        except OSError as error:
            if error.errno not in _NOTHING_THERE:
                raise
            return None

    def _replace(
        self, new: EntryPlace, path: str, seen: EntryState, old: EntryState, run: str
    ) -> TrashPath:
        """Puts ``new``, which is ``seen``, where ``old`` stands; where the old one lies now.

        Raises ChangedMeanwhileError unless both are still there, TakenError, OSError.
        """
        place = entry_place(path)
        with self._folder(trash_folder(path, run), make=True):
            pass  # before anything moves: a full disk is noticed here
        if new.folder == TMP and (kept := self._exchange(new, place, path, seen, old, run)):
            return kept
        if kept := self._second_name(place, path, old, run):
            self._rename_over(new, place, seen, old, kept)
            return kept
        return self._by_a_gap(new, path, seen, old, run)

    def _exchange(
        self,
        new: EntryPlace,
        place: EntryPlace,
        path: str,
        seen: EntryState,
        old: EntryState,
        run: str,
    ) -> TrashPath | None:
        """Where the old file lies now; None, and nothing done, where the disk cannot."""
        with self._folder(place.folder) as folder:
            self._require(folder, place, old)
        waiting = self._into_trash(new, path, run, seen)
        *inside, name = waiting.split("/")
        with self._folder((*TRASH, *inside)) as trash, self._folder(place.folder) as folder:
            try:
                self._require(folder, place, old)
                crash_point("replace.before_swap")
                swapped = self.calls.exchange(trash, name, folder, place.name)
            except (OSError, StrandlineError):
                self._back_to_temp(waiting, new)
                raise
            if not swapped:
                self._back_to_temp(waiting, new)
                return None
            crash_point("replace.after_swap")
            self._touched(folder)
            self._touched(trash)
            if self._look(trash, name) != old:
                self.calls.exchange(trash, name, folder, place.name)
                self._back_to_temp(waiting, new)
                raise changed(str(place))
        return waiting

    def _back_to_temp(self, waiting: TrashPath, new: EntryPlace) -> None:
        *inside, name = waiting.split("/")
        with self._folder((*TRASH, *inside)) as trash, self._folder(TMP, make=True) as tmp:
            self.calls.rename_noreplace(trash, name, tmp, new.name)

    @on_disk
    def replace_by_link(self, path: str, target: str, seen: EntryState, run: str) -> TrashPath:
        """A link that holds ``target`` for the file ``seen``; where that lies in the trash now.

        Raises ChangedMeanwhileError unless it stands there still. Without hard links there is a gap
        for a moment, which recovery closes.
        """
        place, new = entry_place(path), EntryPlace(TMP, part_name())
        with self._folder(trash_folder(path, run), make=True):
            pass
        with self._folder(TMP, make=True) as tmp:
            self.calls.symlink(target, tmp, new.name)
            link = self._look(tmp, new.name)
        assert link is not None
        crash_point("share.before")
        if kept := self._second_name(place, path, seen, run):
            self._rename_over(new, place, link, seen, kept)
        else:
            kept = self._by_a_gap(new, path, link, seen, run)
        crash_point("share.after")
        return kept

    @on_disk
    def exchange_trashed(
        self, trashed: str, path: str, seen: EntryState, old: EntryState, run: str
    ) -> TrashPath:
        """A file from the trash in the place of ``old``; where that lies now.

        Raises ChangedMeanwhileError unless both are still there, TakenError.
        """
        return self._replace(trash_place(trashed), path, seen, old, run)

    def _second_name(
        self, place: EntryPlace, path: str, old: EntryState, run: str
    ) -> TrashPath | None:
        """The old file's name in the trash, on the medium; None without hard links."""
        parts = trash_folder(path, run)
        with self._folder(place.folder) as folder, self._folder(parts) as trash:
            self._require(folder, place, old)
            for name in numbered(place.name):
                try:
                    self.calls.link(folder, place.name, trash, name)
                except FileExistsError:
                    continue
                except OSError as error:
                    if error.errno in NO_HARD_LINKS:
                        return None
                    raise
                crash_point("replace.after_link")
                self._touched(trash)
                self.flush()
                return trash_path(parts, name)
        raise TakenError(f"{path}: the trash of run {run} holds too many files of that name")

    def _rename_over(
        self, new: EntryPlace, place: EntryPlace, seen: EntryState, old: EntryState, kept: TrashPath
    ) -> None:
        try:
            with self._folder(new.folder) as source, self._folder(place.folder) as folder:
                self._require(source, new, seen)
                self._require(folder, place, old)
                self.calls.rename(source, new.name, folder, place.name)
                crash_point("replace.after_rename")
                self._touched(source)
                self._touched(folder)
        except (OSError, StrandlineError):
            self.drop_second_name(kept, LibPath("/".join((*place.folder[1:], place.name))))
            raise

    def _by_a_gap(
        self, new: EntryPlace, path: str, seen: EntryState, old: EntryState, run: str
    ) -> TrashPath:
        kept = self.to_trash(path, run, old)
        crash_point("replace.in_the_gap")
        try:
            self._shift(new, entry_place(path), seen, "replace")
        except (OSError, StrandlineError):
            self.restore(kept, LibPath(path))
            raise
        return kept

    # ------------------------------------------------------------ after a crash

    @on_disk
    def drop_second_name(self, trashed: str, path: LibPath) -> None:
        """Takes the name in the trash away from a file that stands at ``path``, too."""
        here, kept = self.see(path), self.see_trashed(trashed)
        if here is None or here != kept:
            return
        *folder, name = trashed.split("/")
        with self._folder((*TRASH, *folder)) as trash:
            self.calls.unlink(trash, name)
            self._touched(trash)

    @on_disk
    def drop_waiting(self, path: str, run: str, new: EntryState) -> None:
        """Takes a new file that still waits in the trash to the temporary ones, which go."""
        inside = trash_path(trash_folder(path, run), "")
        for trashed, found in self.trash_files(run).items():
            same = found.type == "file" and (found.ino, found.size) == (new.ino, new.size)
            if same and trashed.startswith(inside):
                self._back_to_temp(trashed, EntryPlace(TMP, part_name()))

    @on_disk
    def unpublish(self, path: str, new: EntryState) -> None:
        """Takes a new file whose old one cannot leave to the temporary ones, which go."""
        self._shift(entry_place(path), EntryPlace(TMP, part_name()), new, "aside")
