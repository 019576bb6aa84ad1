"""Files for DJ programs: below ``exports`` in the library, or where a person says.

Each is written whole beside its place, and gets its name in one instant. Only what strandline
itself wrote gives way, told by its content; it is kept in the trash.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from strandline.core.actions import EntryState
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import TakenError, changed, on_disk
from strandline.library.files.replace import Replacing
from strandline.library.files.root import (
    EntryPlace,
    OutsideLibraryError,
    components,
    entry_place,
)
from strandline.library.files.syscalls import Syscalls
from strandline.library.files.temp import part_name
from strandline.library.files.trash import TRASH, TrashPath, numbered, trash_folder, trash_path

EXPORTS = "exports"
LYRICS = ".lrc"
_HIDDEN_PART = ".strandline-"
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_BLOCK = 1 << 20
_READABLE = 0o644


def is_inside(path: str) -> bool:
    """Whether an export lies in the library; else ``path`` is a full one."""
    return not path.startswith("/")


def _inside_place(path: str) -> EntryPlace:
    """Below ``exports``, or of lyrics beside a track. Raises OutsideLibraryError."""
    *parts, name = components(path)
    if parts[:1] == [EXPORTS]:
        return EntryPlace(tuple(parts), name)
    if not name.endswith(LYRICS):
        raise OutsideLibraryError(f"{path!r} is not a place for an export")
    return entry_place(path)


def _digest(blocks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block)
    return digest.hexdigest()


class ExportFiles(Replacing):
    """``path`` is ``exports/…`` (below the library) or a full one that a person named."""

    def __init__(self, root: Path, calls: Syscalls | None = None, *, pool: bool = False) -> None:
        super().__init__(root, calls, pool=pool)
        self._swept_of_parts: set[tuple[int, int]] = set()

    @on_disk
    def write_export(
        self, path: str, content: Iterable[bytes], old: str | None, run: str
    ) -> tuple[EntryState, TrashPath | None]:
        """Writes a file; ``old`` is the sha256 of the one that gives way, None for none.

        What stands there now, and where the old one lies. Raises TakenError, ChangedMeanwhileError.
        """
        with self._export_folder(path, make=True) as (folder, name):
            self._sweep_parts(folder)
            part = _HIDDEN_PART + part_name()
            try:
                self._write_part(folder, part, content)
                kept = None
                if old is not None:
                    seen, kept = self._keep_old(folder, name, path, old, run)
                crash_point("export.before_rename")
                if old is None:
                    self.calls.rename_noreplace(folder, part, folder, name)
                else:
                    self._require(folder, EntryPlace((), name), seen)
                    self.calls.rename(folder, part, folder, name)
            except BaseException:
                self._drop_part(folder, part)
                raise
            crash_point("export.after_rename")
            self._touched(folder)
            made = self._look(folder, name)
        if made is None:
            raise changed(path, "it is gone")
        return made, kept

    @on_disk
    def remove_export(self, path: str, old: str, run: str) -> TrashPath:
        """Takes a file away that strandline wrote; where it lies now. ChangedMeanwhileError."""
        with self._export_folder(path) as (folder, name):
            seen, kept = self._keep_old(folder, name, path, old, run)
            self._require(folder, EntryPlace((), name), seen)
            self.calls.unlink(folder, name)
            self._touched(folder)
        return kept

    @on_disk
    def hash_of_export(self, path: str) -> str | None:
        """The sha256 of the regular file there; None when nothing is, empty for anything else."""
        try:
            with self._export_folder(path) as (folder, name):
                seen = self._look(folder, name)
                if seen is None or seen.type != "file":
                    return None if seen is None else ""
                fd = self.calls.open_file(folder, name)
                try:
                    return self.calls.sha256(fd)
                finally:
                    self.calls.close(fd)
        except OSError as error:
            if error.errno not in _NOTHING_THERE:
                raise
            return None

    @on_disk
    def see_export(self, path: str) -> EntryState | None:
        """What stands there now."""
        try:
            with self._export_folder(path) as (folder, name):
                return self._look(folder, name)
        except OSError as error:
            if error.errno not in _NOTHING_THERE:
                raise
            return None

    @on_disk
    def touch_export(self, path: str) -> None:
        """The next flush makes durable what an earlier, killed run wrote there."""
        with self._export_folder(path) as (folder, _):
            self._touched(folder)

    def kept_export(self, path: str, run: str, sha256: str) -> TrashPath | None:
        """Where a run's trash has the file of this content that was at ``path``."""
        inside = trash_folder(path.lstrip("/"), run)
        for name in numbered(path.rpartition("/")[2]):
            place = trash_path(inside, name)
            if self.see_trashed(place) is None:
                return None
            if _digest(self.read_trashed(place)) == sha256:
                return place
        return None

    def read_trashed(self, trashed: str) -> Iterator[bytes]:
        """The content of a file in the trash, in blocks."""
        *inside, name = components(trashed)
        with self._folder((*TRASH, *inside)) as folder:
            fd = self.calls.open_file(folder, name)
        try:
            while block := self.calls.read(fd, _BLOCK):
                yield block
        finally:
            self.calls.close(fd)

    # ------------------------------------------------------------ steps

    @contextmanager
    def _export_folder(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The folder's descriptor, and the file's bare name."""
        if is_inside(path):
            place = _inside_place(path)
            with self._folder(place.folder, make=make and place.folder[0] == EXPORTS) as folder:
                name = place.name
                yield folder, name
            return
        parent, _, name = path.rpartition("/")
        components(f"x{path}")
        if make:
            os.makedirs(parent or "/", exist_ok=True)
        folder = self.calls.open_root(parent or "/")
        try:
            yield folder, name
        finally:
            self.calls.close(folder)

    def _write_part(self, folder: int, part: str, content: Iterable[bytes]) -> None:
        fd = self.calls.create_file(folder, part)
        try:
            for block in content:
                self._write_all(fd, block)
            self.calls.chmod(fd, _READABLE)
            self.calls.fsync(fd)
        finally:
            self.calls.close(fd)

    def _drop_part(self, folder: int, part: str) -> None:
        try:
            self.calls.unlink(folder, part)
        except OSError:
            return

    def _sweep_parts(self, folder: int) -> None:
        """What a killed run left; nobody else makes such names."""
        here = self.calls.fstat(folder)
        if (here.st_dev, here.st_ino) in self._swept_of_parts:
            return
        self._swept_of_parts.add((here.st_dev, here.st_ino))
        for name in self.calls.names(folder):
            if name.startswith(f"{_HIDDEN_PART}part-"):
                self._drop_part(folder, name)

    def _keep_old(
        self, folder: int, name: str, path: str, old: str, run: str
    ) -> tuple[EntryState, TrashPath]:
        """What stands there, which strandline wrote, and where the trash has a copy of it."""
        seen = self._look(folder, name)
        if seen is None or seen.type != "file":
            raise changed(path, f"a {seen.type} stands there" if seen else "it is gone")
        fd = self.calls.open_file(folder, name)
        try:
            return seen, self._copy_to_trash(fd, path, old, run)
        finally:
            self.calls.close(fd)

    def _copy_to_trash(self, fd: int, path: str, old: str, run: str) -> TrashPath:
        digest = hashlib.sha256()
        with self.new_temp() as temp:
            while block := self.calls.read(fd, _BLOCK):
                self._write_all(temp.fd, block)
                digest.update(block)
            if digest.hexdigest() != old:
                raise changed(path, "it was written to by somebody else")
            kept = self._into_free_place(temp.place, path, run, temp.seal())
            temp.close()
        return kept

    def _into_free_place(
        self, place: EntryPlace, path: str, run: str, seen: EntryState
    ) -> TrashPath:
        inside = trash_folder(path.lstrip("/"), run)
        for name in numbered(path.rpartition("/")[2]):
            try:
                self._shift(place, EntryPlace(inside, name), seen, "trash")
            except FileExistsError:
                continue
            return trash_path(inside, name)
        raise TakenError(f"{path}: the trash of run {run} holds too many files of that name")
