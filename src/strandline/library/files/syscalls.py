"""The system calls that change the library, each on a folder's descriptor, none following links.

Everything goes through one object, so that a test can record the calls or make one of them fail.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import stat
import sys
from contextlib import suppress
from typing import Any

from strandline.library.hashing.sha256 import sha256_file

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
NO_HARD_LINKS = _UNSUPPORTED | {errno.EPERM}
_FICLONE = 0x40049409  # <linux/fs.h>
_NO_FSYNC = _UNSUPPORTED | {errno.EBADF}

# Linux: <linux/fs.h>, macOS: <sys/stdio.h>
_NOREPLACE, _EXCHANGE = (0x4, 0x2) if sys.platform == "darwin" else (0x1, 0x2)


def _find_rename() -> Any:
    """The C library's rename with flags; None where it has none."""
    name = "renameatx_np" if sys.platform == "darwin" else "renameat2"
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None)
    if function is not None:
        text, number = ctypes.c_char_p, ctypes.c_int
        function.argtypes = [number, text, number, text, ctypes.c_uint]
        function.restype = number
    return function


_rename_with_flags = _find_rename()


class Syscalls:
    """The real ones. Names are bare; ``folder`` is a descriptor; every error is an OSError."""

    def open_root(self, path: str) -> int:
        """The library's root, which may be reached through links the user made."""
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def open_folder(self, folder: int, name: str) -> int:
        """A folder that is one: a symlink to a folder is refused (ENOTDIR or ELOOP)."""
        return os.open(name, _FOLDER, dir_fd=folder)

    def open_file(self, folder: int, name: str) -> int:
        """An existing file for reading; not through a symlink, and not waiting for a pipe."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(name, flags, dir_fd=folder)

    def create_file(self, folder: int, name: str) -> int:
        """A new file, 0600, for reading and writing; EEXIST when the name is taken."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o600, dir_fd=folder)

    def open_lock(self, folder: int, name: str) -> int:
        """A file that is made if missing and never cut short; not through a symlink."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        return os.open(name, flags, 0o644, dir_fd=folder)

    def duplicate(self, fd: int) -> int:
        """A second descriptor of the same open folder."""
        return os.dup(fd)

    def close(self, fd: int) -> None:
        """Never fails: what must last was fsynced before, and the descriptor is gone anyway."""
        try:  # noqa: SIM105  # suppress() would take longer than the call
            os.close(fd)
        except OSError:
            pass

    def read(self, fd: int, size: int) -> bytes:
        return os.read(fd, size)

    def write(self, fd: int, block: bytes | memoryview) -> int:
        return os.write(fd, block)

    def sha256(self, fd: int) -> str:
        """Of the whole file, in hex, wherever the descriptor stands."""
        return sha256_file(fd)

    def clone(self, source: int, fd: int) -> bool:
        """A file that shares its blocks with another; False where the file system cannot."""
        if not sys.platform.startswith("linux"):
            return False
        try:
            fcntl.ioctl(fd, _FICLONE, source)
        except OSError:
            return False
        return True

    def chmod(self, fd: int, mode: int) -> None:
        os.fchmod(fd, mode)

    def liken(self, source: int, fd: int) -> None:
        """Give a new form of a file the rights and extended attributes of the old one.

        As far as the file system, and the rights of who runs this, allow.
        """
        old = os.fstat(source)
        with suppress(OSError):
            os.fchown(fd, old.st_uid, old.st_gid)
        os.fchmod(fd, stat.S_IMODE(old.st_mode) & 0o777)
        if sys.platform.startswith("linux"):
            names: list[str] = []
            with suppress(OSError):
                names = [it for it in os.listxattr(source) if it.startswith("user.")]
            for name in names:
                with suppress(OSError):  # one that is too large for the disk, say
                    os.setxattr(fd, name, os.getxattr(source, name))

    def set_mtime(self, fd: int, mtime_ns: int) -> None:
        """When the content was last changed, in ns; the access time goes with it."""
        os.utime(fd, ns=(mtime_ns, mtime_ns))

    def lstat(self, folder: int, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def fstat(self, fd: int) -> os.stat_result:
        return os.fstat(fd)

    def readlink(self, folder: int, name: str) -> str:
        return os.readlink(name, dir_fd=folder)

    def names(self, folder: int) -> list[str]:
        """What is in a folder, opened anew: Btrfs shows a descriptor what was there before it."""
        fd = self.open_folder(folder, ".")
        try:
            return os.listdir(fd)
        finally:
            self.close(fd)

    def free_bytes(self, folder: int) -> int | None:
        """Bytes an ordinary user may still write; None of a disk that tells no size at all."""
        room = os.fstatvfs(folder)
        return room.f_bavail * room.f_frsize if room.f_blocks else None

    def max_name_bytes(self, folder: int) -> int:
        return os.fstatvfs(folder).f_namemax

    def mkdir(self, folder: int, name: str) -> None:
        os.mkdir(name, 0o755, dir_fd=folder)

    def rmdir(self, folder: int, name: str) -> None:
        os.rmdir(name, dir_fd=folder)

    def symlink(self, target: str, folder: int, name: str) -> None:
        os.symlink(target, name, dir_fd=folder)

    def link(self, source: int, name: str, folder: int, new: str) -> None:
        """A hard link; of a symlink itself, should there be one."""
        os.link(name, new, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)

    def unlink(self, folder: int, name: str) -> None:
        os.unlink(name, dir_fd=folder)  # noqa: TID251  # the one place

    def rename(self, source: int, name: str, folder: int, new: str) -> None:
        """Replaces what is there: for our own small files only, and where nothing better exists."""
        os.rename(name, new, src_dir_fd=source, dst_dir_fd=folder)

    def fsync(self, fd: int) -> None:
        """Until the bytes are on the medium (macOS: past the drive's own cache, too)."""
        if sys.platform == "darwin":
            try:
                fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
            except OSError as error:
                if error.errno not in _UNSUPPORTED:
                    raise
            else:
                return
        os.fsync(fd)

    def fsync_folder(self, fd: int) -> None:
        """The same for a folder, where the file system has such a thing."""
        try:
            self.fsync(fd)
        except OSError as error:
            if error.errno not in _NO_FSYNC:
                raise

    def rename_noreplace(self, source: int, name: str, folder: int, new: str) -> None:
        """Renames; EEXIST when ``new`` is taken, whatever stands there."""
        if not self.rename_in_kernel(source, name, folder, new):
            self._rename_carefully(source, name, folder, new)

    def rename_in_kernel(self, source: int, name: str, folder: int, new: str) -> bool:
        """The same by the kernel alone; False where the file system cannot."""
        return _flagged(source, name, folder, new, _NOREPLACE)

    def exchange(self, source: int, name: str, folder: int, new: str) -> bool:
        """Swaps two entries in one instant; False where the file system cannot."""
        return _flagged(source, name, folder, new, _EXCHANGE)

    def _rename_carefully(self, source: int, name: str, folder: int, new: str) -> None:
        """Without the kernel's help. A folder never replaces more than an empty folder anyway."""
        here = self.lstat(source, name)
        if stat.S_ISDIR(here.st_mode) or not self._link_over(source, name, folder, new):
            self._require_free(folder, new)
            self.rename(source, name, folder, new)
        elif self.lstat(source, name).st_ino == here.st_ino:
            self.unlink(source, name)

    def _link_over(self, source: int, name: str, folder: int, new: str) -> bool:
        """A second name for the file, which fails when taken; False without hard links."""
        try:
            self.link(source, name, folder, new)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
            return False
        return True

    def _require_free(self, folder: int, name: str) -> None:
        try:
            self.lstat(folder, name)
        except FileNotFoundError:
            return
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)


def _flagged(source: int, name: str, folder: int, new: str, flags: int) -> bool:
    """False when system or file system do not know the flags."""
    if _rename_with_flags is None:
        return False
    if _rename_with_flags(source, os.fsencode(name), folder, os.fsencode(new), flags) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), name)
