"""Temporary files, in ``.strandline/tmp``: before they have a name, or on their way out.

What lies there may be left over from a killed run. ``part-…`` is always ours to drop.
``swap-<what>-<what>-…`` names the inodes that may be dropped; any other thing under such a name is
the user's, caught in mid-air by a crash, and goes to the trash instead.
"""

from __future__ import annotations

import logging
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from strandline.core.actions import EntryState
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import changed, error_from_oserror, not_durable
from strandline.library.files.root import OWN, EntryPlace, LibraryRoot, components, entry_place

_LOG = logging.getLogger(__name__)

TMP = (OWN, "tmp")
RESCUED = (OWN, "trash", "rescued")
_READABLE = 0o644


def part_name(suffix: str = "") -> str:
    """A new name in ``.strandline/tmp`` that a sweep may always drop."""
    return f"part-{secrets.token_hex(8)}{suffix}"


_PART_PATH = re.compile(r"[^\s'\"]*\bpart-[0-9a-f]{16}(\.\w+)?")


def without_part_names(text: str, name: str) -> str:
    """A message that calls a temporary file by what it is to become."""
    return _PART_PATH.sub(lambda _: name, text)


def _swap_name(*droppable: EntryState) -> str:
    return "-".join(("swap", *map(_tell, droppable), secrets.token_hex(8)))


def _tell(seen: EntryState) -> str:
    """Inode numbers are used again at once; a link's number must not excuse a file."""
    return f"{seen.type[:2]}{seen.ino}"


def _may_drop(name: str, found: EntryState) -> bool:
    """Whether a leftover was strandline's own, so that nothing of anyone is lost without it."""
    kind, *droppable = name.split("-")
    return kind == "part" or (kind == "swap" and _tell(found) in droppable)


class Temp:
    """A new file without a place. Write through ``fd`` or ``path``; publish it or discard it.

    As a context it is discarded at the end, unless it was published.
    """

    def __init__(self, temp_files: TempFiles, place: EntryPlace, fd: int) -> None:
        self.path: Path = temp_files.root / str(place)
        self.fd = fd
        self.place = place
        self.sealed: EntryState | None = None
        """As it was when its bytes were made durable."""
        self._temp_files = temp_files
        self._open = True

    def seal(self, like: str | None = None) -> EntryState:
        """Make the bytes durable, in whatever thread: publishing then only gives the name.

        With the rights and attributes of the file at ``like``, whose new form it is. Raises
        LibraryError, ChangedMeanwhileError, OSError.
        """
        self.sealed = self._temp_files.seal(self, like)
        return self.sealed

    def discard(self) -> None:
        """Takes the file away, if it still has no place. Raises nothing: a sweep takes it, too."""
        if self._open:
            self._temp_files.drop_temp(self)
            self.close()

    def close(self) -> None:
        """Lets go of the descriptor; after publishing, the file is no longer the temp's."""
        if self._open:
            self._open = False
            self._temp_files.calls.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


class WorkFolder:
    """A private, empty folder for an external program; ``take`` lifts a file out of it."""

    def __init__(self, temp_files: TempFiles, name: str) -> None:
        self.path: Path = temp_files.root.joinpath(*TMP, name)
        self.parts = (*TMP, name)
        self._temp_files = temp_files

    def take(self, name: str) -> Temp:
        """A regular file in it, by bare name, as a Temp. Raises ItemError for anything else."""
        return self._temp_files.adopt(self, name)

    def discard(self) -> None:
        """Takes the folder away with what is left in it. Raises nothing."""
        self._temp_files.drop_work_folder(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


class TempFiles(LibraryRoot):
    """Temps, and entries set aside."""

    def new_temp(self, suffix: str = "") -> Temp:
        """An empty file of mode 0600 on the library's own disk. Raises LibraryError, ItemError."""
        components(f"x{suffix}")
        name = part_name(suffix)
        try:
            with self._folder(TMP, make=True) as tmp:
                return Temp(self, EntryPlace(TMP, name), self.calls.create_file(tmp, name))
        except OSError as error:
            raise error_from_oserror(error, "a temporary file") from error

    def new_work_folder(self) -> WorkFolder:
        """A private, empty folder on the library's own disk."""
        name = part_name()
        try:
            with self._folder((*TMP, name), make=True):
                return WorkFolder(self, name)
        except OSError as error:
            raise error_from_oserror(error, "a temporary folder") from error

    @contextmanager
    def inside(self, work: WorkFolder) -> Iterator[int]:
        """A work folder's descriptor, for the probe of the disk."""
        with self._folder(work.parts) as folder:
            yield folder

    def adopt(self, work: WorkFolder, name: str) -> Temp:
        """A file some program left in its work folder, whatever tricks it played there."""
        place = EntryPlace(work.parts, name)
        try:
            with self._folder(place.folder) as folder:
                fd = self.calls.open_file(folder, components(f"x/{name}")[-1])
            if stat.S_ISREG(self.calls.fstat(fd).st_mode):
                return Temp(self, place, fd)
        except OSError as error:
            raise error_from_oserror(error, name) from error
        self.calls.close(fd)
        raise changed(name, "it is not a regular file")

    def drop_temp(self, temp: Temp) -> None:
        """Unlinks a temp's own name; a leftover is for ``sweep_temps``."""
        try:
            with self._folder(temp.place.folder) as folder:
                self.calls.unlink(folder, temp.place.name)
        except OSError:
            return

    def drop_work_folder(self, work: WorkFolder) -> None:
        """Clears and removes it; a leftover is for ``sweep_temps``."""
        try:
            with self._folder(TMP) as tmp:
                self._clear(tmp, work.parts[-1])
        except OSError:
            return

    def sweep_temps(self) -> int:
        """Clears what killed runs left in ``.strandline/tmp``; the number of entries cleared.

        Only under the library's lock, and after the journal's open intents were settled. One that
        may not be removed (an external downloader made it immutable) is logged and stays: it is in
        nobody's way.
        """
        try:
            with self._folder(TMP) as tmp:
                return sum(self._swept(tmp, name) for name in self.calls.names(tmp))
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise error_from_oserror(error, "/".join(TMP)) from error

    def _swept(self, tmp: int, name: str) -> bool:
        try:
            self._sweep(tmp, name)
        except PermissionError as error:
            _LOG.warning("%s/%s cannot be removed and stays: %s", "/".join(TMP), name, error)
            return False
        return True

    def _sweep(self, tmp: int, name: str) -> None:
        found = self._look(tmp, name)
        if found is None:
            return
        if _may_drop(name, found):
            self._clear(tmp, name)
        else:
            self._shift(EntryPlace(TMP, name), EntryPlace(RESCUED, name), found, "trash")

    def _clear(self, folder: int, name: str) -> None:
        """Removes an entry of ``.strandline`` for good, with everything in it; follows no link."""
        if not stat.S_ISDIR(self.calls.lstat(folder, name).st_mode):
            self.calls.unlink(folder, name)
            return
        below = self.calls.open_folder(folder, name)
        try:
            for inner in self.calls.names(below):
                self._clear(below, inner)
        finally:
            self.calls.close(below)
        self.calls.rmdir(folder, name)

    # ------------------------------------------------------------ links give way

    def _drop_link(self, place: EntryPlace, seen: EntryState) -> None:
        """Takes a link away without ever naming what may be a file by then: aside, look, drop."""
        aside = self._set_aside(place, seen)
        self._drop_aside(aside)

    def _drop_renamed(self, place: EntryPlace, link: EntryState) -> bool:
        """Whether the link, no longer in its place, went from its folder under another name."""
        try:
            with self._folder(place.folder) as folder:
                names = self.calls.names(folder)
                name = next((it for it in names if self._look(folder, it) == link), None)
        except FileNotFoundError:
            return False
        if name is not None:
            self._drop_link(place._replace(name=name), link)
        return name is not None

    def _set_aside(self, place: EntryPlace, seen: EntryState) -> EntryPlace:
        aside = EntryPlace(TMP, _swap_name(seen))
        self._shift(place, aside, seen, "aside")
        return aside

    def _drop_aside(self, aside: EntryPlace) -> None:
        with self._folder(TMP) as tmp:
            self.calls.unlink(tmp, aside.name)
        crash_point("aside.after_drop")

    def _swap_in(self, new: EntryPlace, place: EntryPlace, old: EntryState, point: str) -> None:
        """Puts ``new`` (ours, not yet named) where the link ``old`` stands, in one step.

        The two are exchanged, then what came out is looked at: had the user been quicker, they
        are exchanged back. Where a file system cannot exchange, the link is set aside first.
        """
        with self._folder(place.folder) as folder, self._folder(TMP) as tmp:
            self._require(folder, place, old)
            ready = self._make_ready(tmp, new, old)
            crash_point(f"{point}.before_swap")
            if not self.calls.exchange(tmp, ready.name, folder, place.name):
                self._give_way(tmp, ready, place, old)
                return
            crash_point(f"{point}.after_swap")
            self._touched(folder)
            if self._look(tmp, ready.name) != old:
                self.calls.exchange(tmp, ready.name, folder, place.name)
                raise changed(str(place))
            self.calls.unlink(tmp, ready.name)

    def _make_ready(self, tmp: int, new: EntryPlace, old: EntryState) -> EntryPlace:
        """Renames ``new`` so that a sweep knows which of the two to drop, either way round."""
        with self._folder(new.folder) as folder:
            seen = self._look(folder, new.name)
            if seen is None:
                raise changed(str(new), "the temporary file is gone")
            ready = EntryPlace(TMP, _swap_name(seen, old))
            self.calls.rename_noreplace(folder, new.name, tmp, ready.name)
        return ready

    def _give_way(self, tmp: int, ready: EntryPlace, place: EntryPlace, old: EntryState) -> None:
        aside = self._set_aside(place, old)
        with self._folder(place.folder) as folder:
            try:
                self.calls.rename_noreplace(tmp, ready.name, folder, place.name)
            except OSError:
                self.calls.rename_noreplace(tmp, aside.name, folder, place.name)
                raise
            self._touched(folder)
        self._drop_aside(aside)

    # ------------------------------------------------------------ a temp is ready

    def _liken(self, temp: Temp, path: str) -> None:
        place = entry_place(path)
        with self._folder(place.folder) as folder:
            old = self.calls.open_file(folder, place.name)
            try:
                self.calls.liken(old, temp.fd)
            finally:
                self.calls.close(old)

    def _write_all(self, fd: int, block: bytes) -> None:
        rest = memoryview(block)
        while rest:
            rest = rest[self.calls.write(fd, rest) :]

    def seal(self, temp: Temp, like: str | None = None) -> EntryState:
        """The temp's bytes on the medium, readable for all; its name still leads to it."""
        self.calls.chmod(temp.fd, _READABLE)
        if like is not None:
            self._liken(temp, like)
        try:
            self.calls.fsync(temp.fd)
        except OSError as error:
            raise not_durable(error, str(temp.place)) from error
        with self._folder(temp.place.folder) as folder:
            seen, own = self._look(folder, temp.place.name), self.calls.fstat(temp.fd)
        if seen is None or (seen.dev, seen.ino) != (own.st_dev, own.st_ino):
            raise changed(str(temp.place), "the temporary file was replaced")
        return seen
