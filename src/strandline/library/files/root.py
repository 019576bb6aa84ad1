"""The library's root, held open: folders are reached step by step, changes durable at the end.

Nothing here follows a symlink below the root, and every change of a name goes through one
function that looks before and looks again after.
"""

from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from strandline.core.actions import EntryState
from strandline.core.ids import PLAYLISTS, TRACKS
from strandline.errors import ItemError, LibraryError
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import changed, error_from_oserror
from strandline.library.files.syscalls import Syscalls
from strandline.library.files.unsynced import Unsynced
from strandline.library.stamps import mtime_of

OWN = ".strandline"
MP3 = "mp3"
_PLAYLISTS = (MP3, PLAYLISTS)
_POOL = (MP3, TRACKS)
_NO_NAMES = frozenset(("", ".", ".."))


class EntryPlace(NamedTuple):
    """A name in a folder; ``folder`` holds the components from the root down."""

    folder: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        return "/".join((*self.folder, self.name))


class OpenFolder(NamedTuple):
    """A folder that stays open between steps; ``path`` leads to it from the root."""

    path: str
    fd: int
    dev: int
    ino: int


class OutsideLibraryError(ItemError):
    """A path that leaves the playlists and the pool; only a damaged or forged plan holds one."""

    code = "outside_library"


def components(path: str) -> list[str]:
    """The parts of a relative path that is surely one. Raises OutsideLibraryError."""
    parts = path.split("/")
    if not _NO_NAMES.isdisjoint(parts) or "\0" in path:
        raise OutsideLibraryError(f"{path!r} is not a path below the library")
    return parts


def entry_place(path: str) -> EntryPlace:
    """Of a file or link: ``Playlists/<playlist>/<name>``, or deeper in the user's own folders.

    ``Tracks/<name>`` is one in the pool.
    """
    return _place(path, at_least=3)


def any_place(path: str) -> EntryPlace:
    """Of an entry or of a playlist folder itself."""
    return _place(path, at_least=2)


def _place(path: str, at_least: int) -> EntryPlace:
    parts = components(path)
    depth = len(parts) + (parts[0] == TRACKS)  # the pool has no folders of playlists
    if parts[0] not in (PLAYLISTS, TRACKS) or depth < at_least:
        raise OutsideLibraryError(f"{path!r} is not a place strandline may change")
    return EntryPlace((MP3, *parts[:-1]), parts[-1])


def kind_of(mode: int) -> str:
    """``file``, ``link`` or ``folder``, as in Seen; ``other`` for sockets and the like."""
    kinds = {stat.S_IFREG: "file", stat.S_IFLNK: "link", stat.S_IFDIR: "folder"}
    return kinds.get(stat.S_IFMT(mode), "other")


def make_root(root: Path) -> None:
    """The library's own folder, on the very first run. Raises LibraryError."""
    try:
        os.makedirs(root, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"The library folder {root} cannot be made: {error.strerror}",
            hint="Set `library` to a folder you may write to.",
        ) from error


class LibraryRoot:
    """An open library. Holds one descriptor until ``close``; safe for several threads."""

    def __init__(self, root: Path, calls: Syscalls | None = None, *, pool: bool = False) -> None:
        """Opens; changes nothing. Raises LibraryError when ``root`` is no folder.

        ``pool``: its layout has ``mp3/Tracks``, which is none of strandline's else (I4).
        """
        self.root, self.pool = Path(os.path.realpath(root)), pool
        self.calls = calls or Syscalls()
        self._unsynced = Unsynced(self.calls, str(self.root))
        self._keeping = threading.Lock()
        self._playlists: OpenFolder | None = None
        self._folder_of_links: OpenFolder | None = None
        try:
            self._root = self.calls.open_root(str(self.root))
        except OSError as error:
            raise LibraryError(
                f"{root} is not a folder that can be used: {error.strerror}",
                hint="Mount the disk, or set `library` to the right folder.",
            ) from error

    def close(self) -> None:
        """Lets go of the folder; what was not flushed stays as the system has it."""
        self._unsynced.forget()
        kept = [folder.fd for folder in (self._playlists, self._folder_of_links) if folder]
        for fd in (*kept, self._root):
            self.calls.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def still_there(self) -> bool:
        """Whether the path still leads to the folder that was opened (I7, before each batch)."""
        try:
            now, then = os.stat(self.root), self.calls.fstat(self._root)
        except OSError:
            return False
        return (now.st_dev, now.st_ino) == (then.st_dev, then.st_ino)

    def require_one_disk(self) -> None:
        """Raises LibraryError when the music lies on another disk than ``.strandline``."""
        for music in (_PLAYLISTS, _POOL) if self.pool else (_PLAYLISTS,):
            try:
                with self._folder(music) as folder, self._folder((OWN,)) as own:
                    same = self.calls.fstat(folder).st_dev == self.calls.fstat(own).st_dev
            except FileNotFoundError:
                continue
            if not same:
                raise LibraryError(
                    f"{self.root}/{'/'.join(music)} lies on another disk than {self.root}/{OWN}.",
                    hint="Files are moved by renaming, so both must be on one: set `library` to a "
                    "folder on the disk that holds the music.",
                )

    def free_bytes(self) -> int | None:
        """Room on the library's disk for an ordinary user, in bytes; None where nothing tells."""
        try:
            return self.calls.free_bytes(self._root)
        except OSError as error:
            raise error_from_oserror(error, str(self.root)) from error

    # ------------------------------------------------------------ reaching a folder

    @contextmanager
    def _folder(self, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
        """The descriptor of a folder below the root; each step refuses a symlink."""
        self._require_own(parts)
        start, fd = self._start(parts)
        own = False  # whether fd is to be closed here
        try:
            for depth in range(start, len(parts)):
                below = self._step(fd, parts[: depth + 1], make=make)
                if own:
                    self.calls.close(fd)
                fd, own = below, True
                if parts[: depth + 1] == _PLAYLISTS:
                    self._keep(fd)
            yield fd
        finally:
            if own:
                self.calls.close(fd)

    def _require_own(self, parts: tuple[str, ...]) -> None:
        """Raises OutsideLibraryError for the pool of a library that has none."""
        if parts[:2] == _POOL and not self.pool:
            raise OutsideLibraryError(
                f"mp3/{TRACKS} is not strandline's in the layout that this library has"
            )

    def _start(self, parts: tuple[str, ...]) -> tuple[int, int]:
        """How many parts need no opening, and the descriptor of the last of them.

        ``mp3/Playlists`` stays open between steps, as long as it still is what stands there.
        """
        kept = self._playlists
        if kept and parts[:2] == _PLAYLISTS and self._is_still_there(kept):
            return 2, kept.fd
        return 0, self._root

    def _is_still_there(self, kept: OpenFolder) -> bool:
        try:
            here = self.calls.lstat(self._root, kept.path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return here.st_ino == kept.ino and here.st_dev == kept.dev

    def _keep(self, fd: int) -> None:
        """Playlists, the first time it is opened; another one in its place is never kept."""
        with self._keeping:
            if self._playlists is None:
                self._playlists = self._duplicate(_PLAYLISTS, fd)

    def _duplicate(self, parts: tuple[str, ...], fd: int) -> OpenFolder:
        found = self.calls.fstat(fd)
        return OpenFolder("/".join(parts), self.calls.duplicate(fd), found.st_dev, found.st_ino)

    def _folder_of_link(self, path: str) -> tuple[OpenFolder, str]:
        """An entry's folder, kept open until another is asked for, and the entry's name in it.

        Of many links in a row most go into the folder of the one before; it is opened anew as soon
        as it no longer is what stands there. For the thread that carries out steps alone: the next
        call may close what this one returned.
        """
        folder, _, name = path.rpartition("/")
        kept = self._folder_of_links
        if kept and kept.path == f"{MP3}/{folder}" and self._is_still_there(kept):
            return kept, components(name)[0]
        place = entry_place(path)
        with self._folder(place.folder) as fd:
            self._folder_of_links = self._duplicate(place.folder, fd)
        if kept:
            self.calls.close(kept.fd)
        return self._folder_of_links, place.name

    def _own_or_there(self, place: EntryPlace) -> AbstractContextManager[int]:
        """The folder of ``place``: made if it is one of our own, never one of the playlists'."""
        return self._folder(place.folder, make=place.folder[0] == OWN)

    def _step(self, fd: int, parts: tuple[str, ...], *, make: bool) -> int:
        try:
            return self.calls.open_folder(fd, parts[-1])
        except FileNotFoundError:
            if not make:
                raise
        except OSError as error:
            self._refuse_link_at_the_top(error, parts)
            raise
        self._make(fd, parts[-1])
        return self.calls.open_folder(fd, parts[-1])

    def _refuse_link_at_the_top(self, error: OSError, parts: tuple[str, ...]) -> None:
        top = parts in ((OWN,), (MP3,), _PLAYLISTS, _POOL)
        if top and error.errno in (errno.ENOTDIR, errno.ELOOP):
            raise LibraryError(
                f"{self.root / '/'.join(parts)} is not a folder of its own: {error.strerror}",
                hint="A link or a file is there; set `library` to the folder it leads to.",
            ) from error

    def _make(self, fd: int, name: str) -> None:
        crash_point("folder.before_make")
        try:
            self.calls.mkdir(fd, name)
        except FileExistsError:
            return  # another thread, or the user, was quicker; opening it tells whether it will do
        crash_point("folder.after_make")
        self._touched(fd)

    # ------------------------------------------------------------ looking

    def _look(self, fd: int, name: str) -> EntryState | None:
        """What stands there now; None when nothing does."""
        try:
            found = self.calls.lstat(fd, name)
            kind = kind_of(found.st_mode)
            if kind == "file":
                return EntryState(kind, found.st_dev, found.st_ino, found.st_size, mtime_of(found))
            target = self.calls.readlink(fd, name) if kind == "link" else None
        except FileNotFoundError:
            return None
        return EntryState(kind, found.st_dev, found.st_ino, target=target)

    def _require(self, fd: int, place: EntryPlace, seen: EntryState) -> None:
        """I5: raises ChangedMeanwhileError unless exactly ``seen`` stands there."""
        found = self._look(fd, place.name)
        if found is None:
            raise changed(str(place), "it is gone")
        if found != seen:
            raise changed(str(place), f"another {found.type} is there, or it was written to")

    # ------------------------------------------------------------ the one change of name

    def _shift(self, source: EntryPlace, target: EntryPlace, seen: EntryState, point: str) -> None:
        """Renames what is still ``seen``, replacing nothing.

        Between looking and renaming the user may be quicker. So what arrived is looked at again,
        and anything else than ``seen`` goes straight back to where it was; but not from the
        playlists into ``.strandline``, where only strandline takes and puts.
        """
        with self._folder(source.folder) as old, self._own_or_there(target) as new:
            self._require(old, source, seen)
            crash_point(f"{point}.before_rename")
            self.calls.rename_noreplace(old, source.name, new, target.name)
            crash_point(f"{point}.after_rename")
            self._touched(old)
            self._touched(new)
            if self._look(new, target.name) != seen:
                if source.folder[0] != OWN:
                    self.calls.rename_noreplace(new, target.name, old, source.name)
                raise changed(str(source))

    # ------------------------------------------------------------ durability

    def _touched(self, fd: int) -> None:
        """Remembers a folder for the next flush, by a descriptor that follows its renames."""
        found = self.calls.fstat(fd)
        self._unsynced.add(found.st_dev, found.st_ino, fd)

    def _touch(self, parts: tuple[str, ...]) -> None:
        """The next flush includes this folder, should it be there."""
        try:
            with self._folder(parts) as fd:
                self._touched(fd)
        except (FileNotFoundError, NotADirectoryError):
            return

    def flush(self) -> None:
        """Until here everything is on the disk; commit "done" only after it (I13).

        Raises DiskStoppedError when the disk cannot promise it; nothing done since counts then.
        """
        self._unsynced.flush()
