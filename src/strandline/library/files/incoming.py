"""A person's own files on their way into the library, and back to where they were."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.errors import ItemError
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import TakenError, changed, error_from_oserror, on_disk
from strandline.library.files.replace import Replacing
from strandline.library.files.root import entry_place
from strandline.library.files.syscalls import NO_HARD_LINKS
from strandline.library.files.temp import Temp

_BLOCK = 1 << 20
COPY, HARDLINK, MOVE = "copy", "hardlink", "move"


class Incoming(Replacing):
    """The one part that reaches outside of the library: only for files that a person named."""

    @on_disk
    def take_in(
        self,
        file: str,
        path: LibPath,
        seen: EntryState,
        mode: str,
        sha256: str,
        replaces: EntryState | None,
    ) -> EntryState:
        """Gives a person's file its place: a copy, a second name, or the file itself.

        ``seen`` and ``sha256`` are what it was when it was recognised; not a byte is changed.
        Nothing is replaced but ``replaces``, our own link. Another disk makes a move a copy, and
        the original stays. Raises ChangedMeanwhileError, TakenError, ItemError.
        """
        if mode != COPY:
            try:
                return self._take_whole(file, path, seen, mode, replaces)
            except OSError as error:
                if mode == HARDLINK and error.errno in {errno.EXDEV, *NO_HARD_LINKS}:
                    raise ItemError(
                        f"{file}: a hard link to it cannot be made in the library",
                        hint="It needs the same disk. Give --mode copy.",
                    ) from error
                if error.errno != errno.EXDEV:
                    raise error_from_oserror(error, file) from error
        with self.new_temp() as temp:
            self._copy_from(file, temp, seen, sha256)
            made, place = temp.seal(), entry_place(path)
            if replaces is not None and self.see(path) is not None:
                self._swap_in(temp.place, place, replaces, "publish")
            else:
                self._shift(temp.place, place, made, "publish")
            temp.close()
            return made

    def _take_whole(
        self, file: str, path: LibPath, seen: EntryState, mode: str, replaces: EntryState | None
    ) -> EntryState:
        place, name = entry_place(path), os.path.basename(file)
        with self._outside(file) as old, self._folder(place.folder) as folder:
            self._require_as_seen(old, name, seen, file)
            if replaces is not None and self._look(folder, place.name) is not None:
                self._drop_link(place, replaces)
            crash_point("import.before_take")
            try:
                if mode == MOVE:
                    self.calls.rename_noreplace(old, name, folder, place.name)
                else:
                    self.calls.link(old, name, folder, place.name)
            except FileExistsError as error:
                raise TakenError(
                    f"{path}: something else stands there", hint="Rename or move it away."
                ) from error
            crash_point("import.after_take")
            self._touched(folder)
            self._touched(old)
            arrived = self._look(folder, place.name)
            if arrived != seen:
                if mode == MOVE:
                    self.calls.rename_noreplace(folder, place.name, old, name)
                elif arrived is not None and self._look(old, name) == arrived:
                    self.calls.unlink(folder, place.name)  # a second name of what stays there
                raise changed(file)
        return seen

    def _copy_from(self, file: str, temp: Temp, seen: EntryState, sha256: str) -> None:
        """Content and modification time, shared with the original where the disk can do that."""
        with self._outside(file) as folder:
            name = os.path.basename(file)
            self._require_as_seen(folder, name, seen, file)
            fd = self.calls.open_file(folder, name)
        try:
            if not stat.S_ISREG(self.calls.fstat(fd).st_mode):
                raise changed(file, "it is not a regular file")
            same = (
                self.calls.sha256(temp.fd) == sha256
                if self.calls.clone(fd, temp.fd)
                else self._copied(fd, temp, file) == sha256
            )
            self.calls.set_mtime(temp.fd, seen.mtime_ns)
        finally:
            self.calls.close(fd)
        if not same:
            raise changed(file, "it was written to since it was recognised")

    def _copied(self, fd: int, temp: Temp, file: str) -> str:
        digest = hashlib.sha256()
        while block := self._block_of(fd, file):
            self._write_all(temp.fd, block)
            digest.update(block)
        return digest.hexdigest()

    def _block_of(self, fd: int, file: str) -> bytes:
        """What a person's disk cannot read concerns that file alone."""
        try:
            return self.calls.read(fd, _BLOCK)
        except OSError as error:
            raise ItemError(f"{file}: cannot be read: {error.strerror}") from error

    @on_disk
    def copy_of(self, path: str, seen: EntryState, sha256: str) -> Temp:
        """A temp with the content of the file ``seen`` at ``path``, its blocks shared where the
        disk can do that. Raises ChangedMeanwhileError unless it has this very content.
        """
        place, temp = entry_place(path), self.new_temp()
        try:
            with self._folder(place.folder) as folder:
                self._require(folder, place, seen)
                fd = self.calls.open_file(folder, place.name)
            try:
                same = (
                    self.calls.sha256(temp.fd) == sha256
                    if self.calls.clone(fd, temp.fd)
                    else self._copied(fd, temp, path) == sha256
                )
            finally:
                self.calls.close(fd)
            if not same:
                raise changed(path, "it was written to since it was looked at")
        except BaseException:
            temp.discard()
            raise
        return temp

    @on_disk
    def give_back(self, path: str, file: str, seen: EntryState) -> None:
        """An imported file goes back to where it was, replacing nothing there.

        Raises ChangedMeanwhileError, TakenError, ItemError.
        """
        place, name = entry_place(path), os.path.basename(file)
        with self._folder(place.folder) as folder, self._outside(file) as old:
            self._require(folder, place, seen)
            crash_point("give_back.before_rename")
            try:
                self.calls.rename_noreplace(folder, place.name, old, name)
            except FileExistsError as error:
                raise TakenError(f"{file}: something else stands there") from error
            crash_point("give_back.after_rename")
            self._touched(folder)
            self._touched(old)

    def has_way_back(self, path: str, file: str) -> bool:
        """Whether ``file``'s folder is there, on the disk of ``path``, and its name is free.

        Else nothing can be put back there without copying, replacing or making folders.
        """
        place = entry_place(path)
        try:
            with self._folder(place.folder) as folder, self._outside(file) as old:
                free = self._look(old, os.path.basename(file)) is None
                return free and self.calls.fstat(old).st_dev == self.calls.fstat(folder).st_dev
        except OSError:
            return False

    def see_outside(self, file: str) -> EntryState | None:
        """What stands at a full path; None when nothing does, or its folder is gone."""
        try:
            with self._outside(file) as folder:
                return self._look(folder, os.path.basename(file))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise error_from_oserror(error, file) from error

    @on_disk
    def require_outside(self, file: str, seen: EntryState) -> None:
        """Raises ChangedMeanwhileError unless ``file`` is what it was: no pipe is waited for."""
        with self._outside(file) as folder:
            self._require_as_seen(folder, os.path.basename(file), seen, file)

    def touch_outside(self, file: str) -> None:
        """The next flush makes durable what an earlier, killed run changed there."""
        try:
            with self._outside(file) as folder:
                self._touched(folder)
        except OSError:
            return

    def _require_as_seen(self, folder: int, name: str, seen: EntryState, file: str) -> None:
        found = self._look(folder, name)
        if found != seen:
            raise changed(file, "it is gone" if found is None else "it was written to, or replaced")

    @contextmanager
    def _outside(self, file: str) -> Iterator[int]:
        """The folder of a full path, which may be reached through links that the person made."""
        fd = self.calls.open_root(os.path.dirname(file) or "/")
        try:
            yield fd
        finally:
            self.calls.close(fd)
