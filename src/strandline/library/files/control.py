"""Control files, in ``.strandline`` itself: the marker, a claim to it, the moves, the lock."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from typing import Literal

from strandline.errors import LibraryError
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import error_from_oserror
from strandline.library.files.root import OWN, EntryPlace
from strandline.library.files.temp import TempFiles

OwnFile = Literal["library.json", "claim.json", "moves.json"]
_MOST = 64 << 10  # bytes of a marker; a larger one is not ours
_BLOCK = 1 << 20


class ControlFiles(TempFiles):
    """Read whole, written whole, durable when the call returns."""

    def read_own(self, name: OwnFile, most: int | None = _MOST) -> bytes | None:
        """Its bytes (``most``, None: all); None when it is not there. Raises LibraryError."""
        try:
            with self._folder((OWN,)) as own:
                fd = self.calls.open_file(own, name)
                try:
                    if most is not None:
                        return self.calls.read(fd, most)
                    return b"".join(iter(lambda: self.calls.read(fd, _BLOCK), b""))
                finally:
                    self.calls.close(fd)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(name, error) from error

    def write_own(self, name: OwnFile, content: Iterable[bytes]) -> None:
        """Writes it anew in one instant, from blocks. Raises LibraryError."""
        try:
            with self.new_temp() as temp:
                for block in content:
                    self._write_all(temp.fd, block)
                crash_point("publish.begin")
                temp.seal()
                self._rename_own(temp.place, name)
                temp.close()
        except OSError as error:
            raise self._unusable(name, error) from error

    def rename_own(self, name: OwnFile, new: OwnFile) -> None:
        """Gives one the name of another, which it replaces. Raises LibraryError."""
        try:
            self._rename_own(EntryPlace((OWN,), name), new)
        except OSError as error:
            raise self._unusable(name, error) from error

    def _rename_own(self, place: EntryPlace, new: OwnFile) -> None:
        with self._folder(place.folder) as folder, self._folder((OWN,)) as own:
            self.calls.rename(folder, place.name, own, new)
            self._touched(own)
        self.flush()

    def open_lock(self) -> int:
        """A descriptor of ``.strandline/lock``, made if missing, never through a symlink."""
        try:
            with self._folder((OWN,), make=True) as own:
                fd = self.calls.open_lock(own, "lock")
                if stat.S_ISREG(self.calls.fstat(fd).st_mode):
                    return fd
        except OSError as error:
            raise self._unusable("lock", error) from error
        self.calls.close(fd)
        raise LibraryError(f"{self.root}/{OWN}/lock is not a regular file", hint="Remove it.")

    def _unusable(self, name: str, error: OSError) -> LibraryError:
        known = error_from_oserror(error, str(self.root / OWN / name))
        if isinstance(known, LibraryError):
            return known
        return LibraryError(
            known.message, hint="Look at this file; only strandline should write there."
        )
