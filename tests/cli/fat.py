"""FAT as the system calls show it, where no such file system can be mounted."""

from __future__ import annotations

import errno
import os
import unicodedata
from typing import Any

from strandline.library.files.syscalls import Syscalls

_REFUSED = set('<>:"/\\|?*') | set(map(chr, range(32)))
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789"),
}


def alike(name: str) -> str:
    """Equal for names that are one on FAT."""
    return unicodedata.normalize("NFC", name).casefold()


class Fat(Syscalls):
    """Names are one whatever their case, and refused as Windows does; times are even seconds; there
    are no modes, no links, and no renaming that never replaces."""

    def _name(self, folder: int, name: str) -> str:
        """As it is spelled there, if it is there."""
        if set(name) & _REFUSED or name != name.rstrip(" ."):
            raise OSError(errno.EINVAL, "Invalid argument", name)
        if name.partition(".")[0].casefold() in _DEVICES:
            raise OSError(errno.EINVAL, "Invalid argument", name)
        if len(name.encode("utf-16-le")) > 2 * 255:
            raise OSError(errno.ENAMETOOLONG, "File name too long", name)
        fd = os.open(".", os.O_RDONLY, dir_fd=folder)
        try:
            there = os.listdir(fd)
        finally:
            os.close(fd)
        return next((it for it in there if alike(it) == alike(name)), name)

    def open_folder(self, folder: int, name: str) -> int:
        return super().open_folder(folder, name if name == "." else self._name(folder, name))

    def open_file(self, folder: int, name: str) -> int:
        return super().open_file(folder, self._name(folder, name))

    def create_file(self, folder: int, name: str) -> int:
        return super().create_file(folder, self._name(folder, name))

    def lstat(self, folder: int, name: str) -> os.stat_result:
        return super().lstat(folder, self._name(folder, name))

    def mkdir(self, folder: int, name: str) -> None:
        super().mkdir(folder, self._name(folder, name))

    def rmdir(self, folder: int, name: str) -> None:
        super().rmdir(folder, self._name(folder, name))

    def unlink(self, folder: int, name: str) -> None:
        super().unlink(folder, self._name(folder, name))

    def rename(self, source: int, name: str, folder: int, new: str) -> None:
        old, new = self._name(source, name), self._name(folder, new)
        super().rename(source, old, folder, new)
        even = self.lstat(folder, new).st_mtime_ns // 2_000_000_000 * 2
        os.utime(new, (even, even), dir_fd=folder)

    def rename_in_kernel(self, *_: Any) -> bool:
        return False

    def link(self, *_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def symlink(self, *_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def chmod(self, *_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")
