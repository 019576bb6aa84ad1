"""FilesystemScanService: what is on disk, in one pass over ``mp3/Playlists``.

Changes nothing, follows no link, and enters no folder that is one. The loop runs once for each of
perhaps a hundred thousand entries: one lstat a file, one readlink a link, no pathlib.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Set
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from strandline.core.ids import (
    PLAYLISTS,
    POOL_FOLDER,
    TRACKS,
    LibPath,
    folder_of,
    folder_path,
    resolve,
)
from strandline.core.states import (
    Evidence,
    FoundFile,
    FoundFolder,
    FoundLink,
    Ledger,
    Scan,
    Snapshot,
)
from strandline.events import Progress, Silent
from strandline.library.scan.evidence import gather, unexplained
from strandline.library.scan.evidence_cache import EvidenceCache
from strandline.library.scan.link_targets import follow, judge
from strandline.library.scan.playlists_folder import FOLDER, being_read, opened_playlists
from strandline.library.stamps import ctime_of, mtime_of

_DEEPEST = 32
_NO_FOLDER = (errno.ENOTDIR, errno.ELOOP)
_VANISHED = (errno.ENOENT, errno.EINVAL)  # EINVAL: readlink of what is no link any more


class FilesystemScanService:
    """Scans a library; the cache spares reading files that have not changed since."""

    def __init__(
        self,
        mp3_dir: Path,
        cache: EvidenceCache,
        *,
        progress: Progress | None = None,
        pool: bool = False,
    ) -> None:
        """``pool``: the library has one, which is looked into as well."""
        self._mp3, self._pool = mp3_dir, pool
        self._cache = cache
        self._progress = progress or Silent()

    def scan(self, ledger: Ledger, snapshot: Snapshot) -> Scan:
        """What is there now, with evidence on files that the ledger does not explain.

        Empty when there is no ``Playlists`` folder: whether that may be is the marker's question.
        Raises LibraryError when it cannot be read, or is a link.
        """
        found = self._walked(ledger)
        found.led = follow(self._mp3, found.links, found.files)
        evidence, gone, unread = gather(
            self._mp3, found.files, ledger, snapshot, self._cache, self._progress, found.led
        )
        for path in gone:
            del found.files[path]
        return found.scan(evidence | judge(self._mp3, found.led, self._cache), unread)

    def _walked(self, ledger: Ledger) -> PartialScan:
        """What was seen nowhere may have moved while others were looked at: once more."""
        found = walk(self._mp3, self._progress, pool=self._pool)
        lost = _lost(found, ledger)
        if lost:
            again = walk(self._mp3, self._progress, pool=self._pool)
            if len(_lost(again, ledger)) < len(lost):
                return again
        return found

    def scan_but(self, quiet: Iterable[FoundFolder], ledger: Ledger) -> Scan | None:
        """The same without looking into some folders, in which all is as the ledger has it.

        Of their files only those are in the scan to which a link elsewhere leads. None when there
        is audio that the ledger (which may be of the other folders only) does not explain: it may
        be anyone's, and whose is for ``scan`` to find out.
        """
        folders = {folder.name: folder for folder in quiet}
        found = walk(self._mp3, Silent(), folders.keys(), pool=self._pool)
        if unexplained(found.files, ledger) or _lost(found, ledger, folders.keys()):
            return None
        found.folders |= folders
        _add_targets(self._mp3, found, folders.keys())
        found.led = follow(self._mp3, found.links, found.files)
        return found.scan(judge(self._mp3, found.led, self._cache))


@dataclass(slots=True)
class PartialScan:
    """A Scan in the making, without evidence."""

    folders: dict[str, FoundFolder] = field(default_factory=dict)
    files: dict[LibPath, FoundFile] = field(default_factory=dict)
    links: dict[LibPath, FoundLink] = field(default_factory=dict)
    others: set[LibPath] = field(default_factory=set)
    unreadable: dict[str, str] = field(default_factory=dict)
    unnamed: dict[int, LibPath] = field(default_factory=dict)
    root: str = ""
    led: dict[LibPath, FoundFile] = field(default_factory=dict)
    files_only: bool = False
    """Links are passed over."""

    def scan(
        self, evidence: dict[LibPath, Evidence], unread: dict[LibPath, str] | None = None
    ) -> Scan:
        """The finished one."""
        return Scan(
            folders=self.folders,
            files=self.files,
            links=self.links,
            others=frozenset(self.others),
            evidence=evidence,
            unreadable=self.unreadable,
            unread=unread or {},
            unnamed=self.unnamed,
            root=self.root,
            led=self.led,
        )

    def take(self, more: PartialScan) -> None:
        """Adds a folder that was read to its end."""
        self.files.update(more.files)
        self.links.update(more.links)
        self.others.update(more.others)
        self.unnamed.update(more.unnamed)


def walk(
    mp3_dir: Path,
    progress: Progress,
    but: Set[str] = frozenset(),
    *,
    files_only: bool = False,
    pool: bool = False,
) -> PartialScan:
    """Everything below ``Playlists`` but some folders, and in the ``pool``. Raises LibraryError."""
    found = PartialScan(root=str(mp3_dir), files_only=files_only)
    if pool and POOL_FOLDER not in but:
        _pool(mp3_dir, found)
    with opened_playlists(mp3_dir) as playlists:
        if playlists is None:
            return found
        with being_read(mp3_dir):
            names = sorted(set(os.listdir(playlists)) - but)
        progress.phase("scan", total=len(names))
        for name in names:
            _playlist(playlists, name, found)
            progress.advance(1)
    return found


def _lost(found: PartialScan, ledger: Ledger, but: Set[str] = frozenset()) -> list[LibPath]:
    """What the ledger has and was seen neither in its place nor, by inode, elsewhere."""
    folders = _lost_folders(found, ledger, but)
    files = (file for file in ledger.files.values() if file.path not in found.files)
    lost = [file for file in files if folder_of(file.path) not in but]
    if not lost:
        return folders
    inodes = {file.ino for file in found.files.values()}
    unknown = {name for name, folder in found.folders.items() if not folder.is_folder}
    unknown |= found.unreadable.keys()
    return folders + [
        file.path
        for file in lost
        if folder_of(file.path) not in unknown and not (file.stamp and file.stamp.ino in inodes)
    ]


def _lost_folders(found: PartialScan, ledger: Ledger, but: Set[str]) -> list[LibPath]:
    """Some of the playlists have nothing but links in them."""
    known = ledger.playlists.values()
    lost = [it for it in known if it.folder not in found.folders and it.folder not in but]
    inodes = {folder.ino for folder in found.folders.values()} if lost else set()
    return [folder_path(it.folder) for it in lost if it.ino not in inodes]


def _pool(mp3_dir: Path, found: PartialScan) -> None:
    """The folder of all audio, under the name that it has among those of playlists."""
    try:
        mp3 = os.open(mp3_dir, FOLDER)
    except OSError:  # there is no library, or none that can be read, as is said of Playlists
        return
    try:
        _playlist(mp3, TRACKS, found, POOL_FOLDER)
    finally:
        os.close(mp3)


def _playlist(playlists: int, name: str, found: PartialScan, known_as: str = "") -> None:
    """One entry of ``Playlists``: a folder is read, anything else reported."""
    if not _is_utf8(name):
        found.others.add(_shown(f"{PLAYLISTS}/", name))
        _unnamed_folder(playlists, name, found)
        return
    folder, path = known_as or name, folder_path(known_as or name)
    try:
        here = os.stat(name, dir_fd=playlists, follow_symlinks=False)
    except FileNotFoundError:
        return
    except OSError as error:  # its name is all that is known of it
        found.folders[folder] = FoundFolder(folder, 0, 0)
        found.unreadable[folder] = error.strerror or str(error)
        return
    found.folders[folder] = FoundFolder(folder, here.st_dev, here.st_ino)
    if stat.S_ISREG(here.st_mode) and not known_as:
        _add_file(found, path, here)  # the person's, dragged there; perhaps a track's audio
    try:
        fd = os.open(name, FOLDER, dir_fd=playlists)
    except OSError as error:
        _not_entered(found, folder, error)
        return
    try:
        inside = PartialScan(files_only=found.files_only)
        _list(fd, f"{path}/", inside, 0)
        found.take(inside)
    except OSError as error:
        _not_entered(found, folder, error)
    finally:
        os.close(fd)


def _unnamed_folder(playlists: int, name: str, found: PartialScan) -> None:
    """Files in it may be ours, renamed with their folder; it is no playlist's."""
    inside = PartialScan(files_only=True)
    with suppress(OSError):
        fd = os.open(name, FOLDER, dir_fd=playlists)
        try:
            _list(fd, _shown(f"{PLAYLISTS}/", name) + "/", inside, 0)
        finally:
            os.close(fd)
    found.unnamed |= inside.unnamed | {file.ino: path for path, file in inside.files.items()}


def _not_entered(found: PartialScan, name: str, error: OSError) -> None:
    """A link or file in a folder's place, a folder that vanished, or one that cannot be read."""
    if error.errno in _NO_FOLDER and name not in found.unreadable:
        found.folders[name] = found.folders[name]._replace(is_folder=False)
    elif error.errno == errno.ENOENT:
        del found.folders[name]
    else:
        inside = (
            f": {at}" if (at := str(error.filename or "")).startswith((PLAYLISTS, TRACKS)) else ""
        )
        found.unreadable[name] = (error.strerror or str(error)) + inside


def _list(fd: int, prefix: str, found: PartialScan, depth: int) -> None:
    """The entries of one folder. Raises OSError when they cannot be read to the end."""
    dev = os.fstat(fd).st_dev
    trusted: bool | None = None  # whether the listing's inode numbers are lstat's
    folders = []
    with os.scandir(fd) as entries:
        for entry in entries:
            name = entry.name
            path = LibPath(prefix + name)
            try:
                if not (name.isascii() or _is_utf8(name)):
                    _add_unnamed(found, _shown(prefix, name), entry)
                elif entry.is_symlink():
                    if not found.files_only:
                        trusted = _add_link(found, path, entry, fd, dev, trusted)
                elif entry.is_file(follow_symlinks=False):
                    at = entry.stat(follow_symlinks=False)
                    found.files[path] = FoundFile(
                        path, at.st_dev, at.st_ino, at.st_size, mtime_of(at), ctime_of(at)
                    )
                else:
                    found.others.add(path)
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(name)
            except OSError as error:
                if error.errno not in _VANISHED:
                    raise _at(error, path) from error
    if depth < _DEEPEST:
        _list_below(fd, prefix, folders, found, depth)


def _at(error: OSError, path: str) -> OSError:
    """The same error with the very path it is about."""
    return OSError(error.errno, error.strerror, path)


def _add_file(found: PartialScan, path: LibPath, at: os.stat_result) -> None:
    found.files[path] = FoundFile(
        path, at.st_dev, at.st_ino, at.st_size, mtime_of(at), ctime_of(at)
    )


def _add_unnamed(found: PartialScan, shown: LibPath, entry: os.DirEntry[str]) -> None:
    found.others.add(shown)
    if entry.is_file(follow_symlinks=False):
        found.unnamed[_ino(entry)] = shown


def _add_link(
    found: PartialScan,
    path: LibPath,
    entry: os.DirEntry[str],
    fd: int,
    dev: int,
    trusted: bool | None,
) -> bool:
    """The same ``trusted``, or the answer if there was none yet."""
    target = os.readlink(entry.name, dir_fd=fd)
    if trusted is None:
        trusted = _ino(entry) == entry.inode()
    if _is_utf8(target):
        ino = entry.inode() if trusted else _ino(entry)
        found.links[path] = FoundLink(path, dev, ino, target)
    else:
        found.others.add(path)
    return trusted


def _list_below(fd: int, prefix: str, names: Iterable[str], found: PartialScan, depth: int) -> None:
    """The user's own sub-folders, so that a file of ours moved into one is recognised."""
    for name in names:
        try:
            below = os.open(name, FOLDER, dir_fd=fd)
        except OSError as error:
            if error.errno in (*_VANISHED, *_NO_FOLDER):
                continue
            raise _at(error, f"{prefix}{name}") from error
        try:
            _list(below, f"{prefix}{name}/", found, depth + 1)
        except OSError as error:
            if error.filename:
                raise
            raise _at(error, f"{prefix}{name}") from error
        finally:
            os.close(below)


def _add_targets(mp3_dir: Path, found: PartialScan, quiet: Set[str]) -> None:
    """Files in folders that were not entered, as far as links from elsewhere lead to them."""
    for link in found.links.values():
        path = resolve(link.path, link.target, found.root)
        if path is None or path in found.files or folder_of(path) not in quiet:
            continue
        with suppress(OSError):
            at = os.stat(mp3_dir / path, follow_symlinks=False)
            if stat.S_ISREG(at.st_mode):
                _add_file(found, path, at)


def _ino(entry: os.DirEntry[str]) -> int:
    return entry.stat(follow_symlinks=False).st_ino


def _is_utf8(text: str) -> bool:
    """False for a name in bytes that are no UTF-8 (Python keeps them as lone surrogates)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(prefix: str, name: str) -> LibPath:
    """Such a name in a form that can be printed and stored."""
    return LibPath(prefix + os.fsencode(name).decode("utf-8", "backslashreplace"))
