"""``.strandline/trash/<run>/…``: what was taken away, under its old relative path.

Things get there and back by renaming on the same disk. Emptying it is the one act that loses
audio, and only the command for it does that.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from typing import NewType

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.library.files.control import ControlFiles
from strandline.library.files.errors import TakenError, changed, error_from_oserror, on_disk
from strandline.library.files.root import OWN, EntryPlace, any_place, components

TRASH = (OWN, "trash")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

TrashPath = NewType("TrashPath", str)
"""Relative to ``.strandline/trash``: ``<run>/Playlists/Deep House/Artist - Title.mp3``."""


def _run_folder(run: str) -> tuple[str, ...]:
    if not _RUN.fullmatch(run):
        raise ItemError(f"{run!r} is not the name of a run")
    return (*TRASH, run)


def trash_folder(path: str, run: str) -> tuple[str, ...]:
    """Where a run's trash keeps what was at ``path``, from the root down."""
    return (*_run_folder(run), *path.split("/")[:-1])


def trash_path(folder: tuple[str, ...], name: str) -> TrashPath:
    """The same as a path in the trash."""
    return TrashPath("/".join((*folder[len(TRASH) :], name)))


def trash_place(path: str) -> EntryPlace:
    """Of a file in the trash. Raises ItemError for what is no path of one."""
    run, *rest = components(path)
    if not rest:
        raise ItemError(f"{path!r} is not a file in the trash")
    return EntryPlace((*_run_folder(run), *rest[:-1]), rest[-1])


def numbered(name: str) -> Iterator[str]:
    """``x.mp3``, then ``x~2.mp3``, ``x~3.mp3`` … up to 999."""
    yield name
    stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    for number in range(2, 1000):
        yield f"{stem}~{number}{dot}{extension}"


class TrashFolder(ControlFiles):
    """Into the trash, out of it, and for ever."""

    @on_disk
    def to_trash(self, path: str, run: str, seen: EntryState) -> TrashPath:
        """Takes a file away; where it lies now.

        Raises ChangedMeanwhileError unless ``seen`` still stands at ``path``, ItemError,
        DiskStoppedError.
        """
        return self._into_trash(any_place(path), path, run, seen)

    def _into_trash(self, source: EntryPlace, path: str, run: str, seen: EntryState) -> TrashPath:
        """``path``: what it was called; ``source``: where it is."""
        folder = trash_folder(path, run)
        for name in numbered(path.rpartition("/")[2]):
            try:
                self._shift(source, EntryPlace(folder, name), seen, "trash")
            except FileExistsError:
                continue
            return trash_path(folder, name)
        raise TakenError(f"{path}: the trash of run {run} holds too many files of that name")

    @on_disk
    def restore(self, trashed: str, path: LibPath) -> EntryState:
        """Puts a file back; its playlist folder must be there.

        Raises TakenError when something stands at ``path``, ChangedMeanwhileError when the trash
        no longer holds it.
        """
        source = trash_place(trashed)
        with self._folder(source.folder) as folder:
            seen = self._look(folder, source.name)
        if seen is None or seen.type == "folder":
            raise changed(trashed, "the trash does not hold such a file")
        try:
            self._shift(source, any_place(path), seen, "restore")
        except FileExistsError as error:
            raise TakenError(
                f"{path}: something else is there", hint="Move it away, then restore again."
            ) from error
        return seen

    def see_trashed(self, trashed: str) -> EntryState | None:
        """What the trash holds under that path; None when nothing."""
        place = trash_place(trashed)
        try:
            with self._folder(place.folder) as folder:
                return self._look(folder, place.name)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise error_from_oserror(error, trashed) from error

    def trash_runs(self) -> list[str]:
        """The runs the trash holds files of, sorted by name."""
        try:
            with self._folder(TRASH) as trash:
                names = sorted(name for name in self.calls.names(trash) if _RUN.fullmatch(name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise error_from_oserror(error, "/".join(TRASH)) from error
        return [name for name in names if self.trash_files(name)]

    @on_disk
    def touch_trashed(self, trashed: str) -> None:
        """The next flush makes durable what an earlier, killed run put there."""
        place = trash_place(trashed)
        for depth in range(len(place.folder)):
            self._touch(place.folder[: depth + 1])

    @on_disk
    def trash_files(self, run: str) -> dict[TrashPath, EntryState]:
        """Everything but folders that a run put into the trash, by path; empty for no such run."""
        try:
            with self._folder(_run_folder(run)) as folder:
                return dict(self._walk(folder, run))
        except FileNotFoundError:
            return {}

    def _walk(self, folder: int, prefix: str) -> Iterator[tuple[TrashPath, EntryState]]:
        for name in sorted(self.calls.names(folder)):
            path, seen = f"{prefix}/{name}", self._look(folder, name)
            if seen is not None and seen.type != "folder":
                yield TrashPath(path), seen
            elif seen is not None:
                below = self.calls.open_folder(folder, name)
                try:
                    yield from self._walk(below, path)
                finally:
                    self.calls.close(below)

    @on_disk
    def empty_file(self, trashed: str, seen: EntryState) -> None:
        """Removes one file for good, and the folders of its run that are empty then.

        Raises ChangedMeanwhileError unless it is still ``seen``.
        """
        place = trash_place(trashed)
        with self._folder(place.folder) as folder:
            found = self._look(folder, place.name)
            if found is None or found._replace(dev=0) != seen._replace(dev=0):
                raise changed(trashed, "what lay in the trash has changed")
            self.calls.unlink(folder, place.name)
            self._touched(folder)
        for depth in range(len(place.folder), len(TRASH), -1):
            above, name = place.folder[: depth - 1], place.folder[depth - 1]
            with self._folder(above) as folder:
                try:
                    self.calls.rmdir(folder, name)
                except OSError as error:
                    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
                        return
                    raise
                self._touched(folder)

    @on_disk
    def empty_trash(self, run: str) -> int:
        """Removes for good what a run put into the trash; the bytes that were freed."""
        size = sum(seen.size for seen in self.trash_files(run).values())
        place = EntryPlace(TRASH, _run_folder(run)[-1])
        try:
            with self._folder(place.folder) as trash:
                self._clear(trash, place.name)
                self._touched(trash)
        except FileNotFoundError:
            return 0
        return size
