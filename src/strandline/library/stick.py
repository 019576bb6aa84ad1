"""A stick's folder: each file is written whole beside its place, and gets its name in one instant.

Nothing here follows a link below the folder, and a stick that is pulled out at any moment holds
whole files under their names and, besides, only what ``sweep`` takes away.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple, Self

from strandline.core.players import LARGEST
from strandline.core.stick import MUSIC, PLAYLISTS
from strandline.errors import ItemError
from strandline.library.files.errors import DiskStoppedError, TakenError, error_from_oserror
from strandline.library.files.root import kind_of
from strandline.library.files.syscalls import Syscalls
from strandline.library.stamps import mtime_of

MANIFEST = ".strandline-export.json"
_NEW_MANIFEST = f"{MANIFEST}.new"
_PART = ".strandline-part-"
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_ONE_MODE = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.ENOTSUP)
_READABLE = 0o644
_SECOND = 1_000_000_000
_MOST_LIST = 1 << 26
"""Bytes; far more than a playlist of all tracks can need."""
_MOST_MANIFEST = 1 << 28
"""Bytes; far more than the largest stick can need."""


class Part(NamedTuple):
    """A file that is written and safe on the stick, and has no name yet."""

    name: str
    sha256: str
    size: int  # bytes
    mtime: int  # seconds


class There(NamedTuple):
    """What stands under a name: ``file``, ``link``, ``folder`` or ``other``."""

    type: str
    size: int  # bytes
    mtime: int  # seconds


class Stick:
    """An open folder. Paths are from it on, with ``/``. Every method may raise

    DiskStoppedError (full, read-only, broken, pulled out) and ItemError (about one file).
    """

    def __init__(self, folder: str, calls: Syscalls | None = None) -> None:
        """``folder``: in full. Raises OSError."""
        self.folder, self.calls = folder, calls or Syscalls()
        self._root = self.calls.open_root(folder)
        self._touched: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.close(self._root)

    @property
    def root(self) -> int:
        """The folder's descriptor."""
        return self._root

    def room(self) -> tuple[int | None, int]:
        """Bytes that are free (None where nothing tells), and how large pieces they come in."""
        with self._telling(""):
            return self.calls.free_bytes(self._root), os.fstatvfs(self._root).f_frsize or 1

    # ------------------------------------------------------------ looking

    def see(self, path: str) -> There | None:
        """What stands at ``path``; None for nothing."""
        with self._telling(path):
            try:
                with self._folder_of(path) as (folder, name):
                    found = self.calls.lstat(folder, name)
            except OSError as error:
                if error.errno in _NOTHING_THERE and self._is_there():
                    return None
                raise
        return There(kind_of(found.st_mode), found.st_size, mtime_of(found) // _SECOND)

    def survey(self) -> dict[str, There]:
        """All files in ``Music`` and ``Playlists``, whoever put them there, each looked at once."""
        found: dict[str, There] = {}
        for top in (MUSIC, PLAYLISTS):
            with self._telling(top), suppress(FileNotFoundError, NotADirectoryError):
                self._survey(top, found)
        return found

    def _survey(self, path: str, found: dict[str, There]) -> None:
        below = []
        with self._folder(path) as folder, os.scandir(folder) as entries:
            for entry in entries:
                name = unicodedata.normalize("NFC", entry.name)  # HFS+ spells names its own way
                if entry.is_dir(follow_symlinks=False):
                    below.append(f"{path}/{name}")
                elif entry.is_file(follow_symlinks=False):
                    at = entry.stat(follow_symlinks=False)
                    found[f"{path}/{name}"] = There("file", at.st_size, mtime_of(at) // _SECOND)
        for inside in below:
            self._survey(inside, found)

    def sha256(self, path: str) -> str | None:
        """Of the regular file there; None for anything else."""
        with self._opened(path) as fd:
            return None if fd is None else self.calls.sha256(fd)

    def read(self, path: str) -> bytes | None:
        """The content of a small regular file; None for anything else."""
        with self._opened(path) as fd:
            if fd is None or self.calls.fstat(fd).st_size > _MOST_LIST:
                return None
            return b"".join(iter(lambda: self.calls.read(fd, _MOST_LIST), b""))

    @contextmanager
    def _opened(self, path: str) -> Iterator[int | None]:
        here = self.see(path)
        if here is None or here.type != "file":
            yield None
            return
        with self._telling(path), self._folder_of(path) as (folder, name):
            fd = self.calls.open_file(folder, name)
            try:
                yield fd
            finally:
                self.calls.close(fd)

    def manifests(self) -> Iterator[bytes]:
        """The manifest, and one that a run was about to put in its place."""
        for name in (MANIFEST, _NEW_MANIFEST):
            with self._telling(name), suppress(FileNotFoundError):
                fd = self.calls.open_file(self._root, name)
                with os.fdopen(fd, "rb") as file:
                    yield file.read(_MOST_MANIFEST)

    def leftovers(self) -> list[str]:
        """The names of files that a run which was cut off left without a place."""
        with self._telling(""):
            names = self.calls.names(self._root)
            return [name for name in names if name.startswith(_PART) and self._is_file(name)]

    # ------------------------------------------------------------ writing

    def sweep(self) -> None:
        """Takes leftovers away, and tries whether anything can be written."""
        for name in self.leftovers():
            with self._telling(name):
                self.calls.unlink(self._root, name)
        self.drop(self.write([b""]))

    def write(self, content: Iterable[bytes], tell: Callable[[int], None] | None = None) -> Part:
        """A file without a name, safe on the medium. What ``content`` raises goes through."""
        name = _PART + secrets.token_hex(8)
        with self._telling(""):
            fd = self.calls.create_file(self._root, name)
        whole = False
        try:
            size, digest = self._fill(fd, content, tell)
            with self._telling(""):
                self._make_readable(fd)
                self.calls.fsync(fd)
                mtime = mtime_of(self.calls.fstat(fd)) // _SECOND
            whole = True
        finally:
            self.calls.close(fd)
            if not whole:  # only now is its room free again
                self._drop(name)
        return Part(name, digest, size, mtime)

    def _make_readable(self, fd: int) -> None:
        """FAT has one mode for all, and says in one way or another that it keeps no other."""
        try:
            self.calls.chmod(fd, _READABLE)
        except OSError as error:
            if error.errno not in _ONE_MODE:
                raise

    def _fill(
        self, fd: int, content: Iterable[bytes], tell: Callable[[int], None] | None
    ) -> tuple[int, str]:
        size, digest = 0, hashlib.sha256()
        for block in content:
            size += len(block)
            if size > LARGEST:
                raise ItemError("A stick holds no file of 4 GiB or more.", code="too_large")
            with self._telling(""):
                rest = memoryview(block)
                while rest:
                    rest = rest[self.calls.write(fd, rest) :]
            digest.update(block)
            if tell:
                tell(len(block))
        return size, digest.hexdigest()

    def drop(self, part: Part) -> None:
        """Takes it away again."""
        self._drop(part.name)

    def _drop(self, name: str) -> None:
        with suppress(OSError):
            self.calls.unlink(self._root, name)

    def publish(self, part: Part, path: str, *, replaces: bool) -> None:
        """Gives it its name; what stands there gives way only with ``replaces``. TakenError."""
        with self._telling(path), self._folder_of(path, make=True) as (folder, name):
            rename = self.calls.rename if replaces else self.calls.rename_noreplace
            rename(self._root, part.name, folder, name)
        self._touched.add(path.rpartition("/")[0])

    def remove(self, path: str) -> None:
        """Takes a file away, and its folder if that is empty then."""
        with self._telling(path), self._folder_of(path) as (folder, name):
            self.calls.unlink(folder, name)
        above = path.rpartition("/")[0]
        self._touched.add(above)
        while "/" in above:
            with suppress(OSError), self._folder_of(above) as (folder, name):
                self.calls.rmdir(folder, name)
                self._touched.discard(above)
            above = above.rpartition("/")[0]
            self._touched.add(above)

    def write_manifest(self, text: bytes) -> None:
        """Puts it in the place of the old one; one of both is whole at any moment."""
        self._drop(_NEW_MANIFEST)
        part = self.write([text])
        with self._telling(MANIFEST):
            self.calls.rename(self._root, part.name, self._root, _NEW_MANIFEST)
            self.calls.fsync_folder(self._root)
            self.calls.rename(self._root, _NEW_MANIFEST, self._root, MANIFEST)
            self.calls.fsync_folder(self._root)

    def flush(self) -> None:
        """Until here every name is on the medium."""
        touched, self._touched = sorted(self._touched), set()
        for path in touched:
            with self._telling(path), suppress(FileNotFoundError), self._folder(path) as folder:
                self.calls.fsync_folder(folder)
        with self._telling(""):
            self.calls.fsync_folder(self._root)

    # ------------------------------------------------------------ folders and errors

    @contextmanager
    def _folder_of(self, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        above, _, name = path.rpartition("/")
        with self._folder(above, make=make) as folder:
            yield folder, name

    @contextmanager
    def _folder(self, path: str, *, make: bool = False) -> Iterator[int]:
        """Step by step, through no link."""
        fd = self.calls.duplicate(self._root)
        try:
            for name in filter(None, path.split("/")):
                below = self._step(fd, name, make=make)
                self.calls.close(fd)
                fd = below
            yield fd
        finally:
            self.calls.close(fd)

    def _step(self, fd: int, name: str, *, make: bool) -> int:
        try:
            return self.calls.open_folder(fd, name)
        except FileNotFoundError:
            if not make:
                raise
        with suppress(FileExistsError):
            self.calls.mkdir(fd, name)
        self.calls.fsync_folder(fd)
        return self.calls.open_folder(fd, name)

    def _is_file(self, name: str) -> bool:
        return kind_of(self.calls.lstat(self._root, name).st_mode) == "file"

    def _is_there(self) -> bool:
        """Whether the path still leads to the folder that was opened."""
        try:
            now, then = os.stat(self.folder), self.calls.fstat(self._root)
        except OSError:
            return False
        return (now.st_dev, now.st_ino) == (then.st_dev, then.st_ino)

    @contextmanager
    def _telling(self, path: str) -> Iterator[None]:
        """What the system reports, in words about ``path``."""
        try:
            yield
        except FileExistsError as error:
            raise TakenError(
                f"{path}: something else is there", hint="Rename or move it away."
            ) from error
        except OSError as error:
            if not self._is_there():
                raise gone(self.folder) from error
            raise error_from_oserror(error, f"{self.folder}/{path}".rstrip("/")) from error


def gone(folder: str) -> DiskStoppedError:
    """It was pulled out, or removed."""
    return DiskStoppedError(
        f"{folder}: the folder is no longer there",
        hint="Plug the stick in and run again: it goes on where it was.",
        code="disk_gone",
    )
