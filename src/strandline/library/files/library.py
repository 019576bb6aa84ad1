"""LibraryFiles: every change strandline can make below a library, one method each."""

from __future__ import annotations

import errno
import hashlib
import stat

from strandline.core.actions import EntryState
from strandline.core.ids import PLAYLISTS, TRACKS, LibPath
from strandline.core.states import Stamp
from strandline.errors import ItemError, StrandlineError
from strandline.library.files.crash import crash_point
from strandline.library.files.errors import TakenError, changed, on_disk
from strandline.library.files.exports import ExportFiles
from strandline.library.files.incoming import Incoming
from strandline.library.files.root import (
    EntryPlace,
    OutsideLibraryError,
    any_place,
    entry_place,
)
from strandline.library.files.temp import TMP, Temp, part_name
from strandline.library.stamps import stamp_of_link

_BLOCK = 1 << 20
_NOTHING_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


def temporary_folder_path(ino: int) -> LibPath:
    """Where a playlist folder waits while its new name is still in use.

    Beside the others, so that links from and to it hold, and a scan recognises what is in it even
    if the run is killed and its database lost.
    """
    return LibPath(f"{PLAYLISTS}/.strandline-{ino}")


def _folder_place(path: str) -> EntryPlace:
    place = any_place(path)
    if len(place.folder) != 2 and path != TRACKS:
        raise OutsideLibraryError(f"{path!r} is not a playlist folder")
    return place


class LibraryFiles(ExportFiles, Incoming):
    """The only way to change a library.

    Paths are LibPaths. A step that takes something away gets what the scan saw of it and raises
    ChangedMeanwhileError when that is no longer so (I5). Nothing replaces a regular file (I2) but
    a damaged one or an export of ours, which are kept in the trash (I22); nothing leaves
    ``.strandline``, ``mp3/Playlists``, the pool and ``exports`` (I4), but exports to where a person
    says.
    ItemError is about one item; after a LibraryError (DiskStoppedError) the run ends. A change is
    durable after ``flush``.
    """

    @on_disk
    def touch(self, path: str) -> None:
        """The next flush makes durable what an earlier, killed run changed at ``path``."""
        self._touch(any_place(path).folder)

    # ------------------------------------------------------------ folders

    @on_disk
    def make_folder(self, path: str) -> EntryState:
        """A playlist folder; one that is there already will do. Raises TakenError."""
        place = _folder_place(path)
        self._require_own((*place.folder, place.name))
        with self._folder(place.folder, make=True) as folder:
            self._make(folder, place.name)
            seen = self._look(folder, place.name)
        if seen is None or seen.type != "folder":
            raise TakenError(f"{path}: something else is there", hint="Move it away.")
        return seen

    @on_disk
    def rename_folder(self, source: str, path: LibPath, seen: EntryState) -> EntryState:
        """Renames a playlist folder as a whole. Raises TakenError, ChangedMeanwhileError.

        Where the old and the new name mean the same folder to the disk (case, accents), it goes
        by way of its ``temporary_folder_path``; a run killed half way finds it there.
        """
        old, new = _folder_place(source), _folder_place(path)
        try:
            self._shift(old, new, seen, "rename_folder")
        except FileExistsError:
            if self.see(path) != seen:
                raise TakenError(
                    f"{path}: something else is there", hint="Rename or move it away."
                ) from None
            temporary = _folder_place(temporary_folder_path(seen.ino))
            self._shift(old, temporary, seen, "park_folder")
            self._shift(temporary, new, seen, "rename_folder")
        return seen

    @on_disk
    def remove_folder(self, path: str, seen: EntryState) -> bool:
        """Removes an empty playlist folder; False, and nothing done, when it is not empty."""
        place = _folder_place(path)
        self._require_own((*place.folder, place.name))
        with self._folder(place.folder) as folder:
            self._require(folder, place, seen)
            crash_point("folder.before_remove")
            try:
                self.calls.rmdir(folder, place.name)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                return False
            crash_point("folder.after_remove")
            self._touched(folder)
        return True

    # ------------------------------------------------------------ audio

    def publish(
        self, temp: Temp, path: LibPath, replaces: EntryState | None = None, run: str = ""
    ) -> EntryState:
        """Gives a temp its place, its bytes durable first; what stands there now.

        ``replaces`` is our own link, which gives way in the same instant, or a damaged file, which
        goes to the trash of ``run``. If nothing stands there any more, that is as good; a link
        that was renamed meanwhile gives way under its new name. Raises TakenError,
        ChangedMeanwhileError.
        """
        return self._publish(path, temp, replaces, run)

    @on_disk
    def _publish(self, path: str, temp: Temp, replaces: EntryState | None, run: str) -> EntryState:
        place = entry_place(path)
        crash_point("publish.begin")
        seen = temp.sealed or temp.seal()
        if replaces is None or self._is_free(place, path, replaces):
            self._shift(temp.place, place, seen, "publish")
        elif replaces.type == "file":
            self._replace(temp.place, path, seen, replaces, run)
        else:
            with self._folder(temp.place.folder) as folder:
                self._require(folder, temp.place, seen)
            self._swap_in(temp.place, place, replaces, "publish")
        temp.close()
        return seen

    @on_disk
    def move(
        self,
        source: str,
        path: LibPath,
        seen: EntryState,
        replaces: EntryState | None = None,
        run: str = "",
    ) -> EntryState:
        """Renames one of our files. ``replaces`` is our own link at ``path``, which goes first, or
        a damaged file, which goes to the trash of ``run``. A renamed link: as with ``publish``.

        Killed in between, the link is gone and the file still at ``source``: do it again.
        Raises TakenError, ChangedMeanwhileError.
        """
        old, new = any_place(source), entry_place(path)  # audio may lie beside the folders
        with self._folder(old.folder) as folder:
            self._require(folder, old, seen)
        if replaces is None or self._is_free(new, path, replaces):
            self._shift_or_respell(old, new, seen)
        elif replaces.type == "file":
            self._replace(old, path, seen, replaces, run)
        else:
            self._move_over(old, new, seen, replaces)
        return seen

    def _shift_or_respell(self, old: EntryPlace, new: EntryPlace, seen: EntryState) -> None:
        """Where the disk takes both names for one, the file gets the new spelling of it."""
        try:
            self._shift(old, new, seen, "move")
        except FileExistsError:
            if old.folder != new.folder:
                raise
            with self._folder(old.folder) as folder:
                if self._look(folder, new.name) != seen or new.name in self.calls.names(folder):
                    raise
                self.calls.rename(folder, old.name, folder, new.name)
                self._touched(folder)

    def _is_free(self, place: EntryPlace, path: str, replaces: EntryState) -> bool:
        """Whether nothing stands there; if a link did, it is gone from its folder, too."""
        if self.see(path) is not None:
            return False
        if replaces.type == "link":
            self._drop_renamed(place, replaces)
        return True

    def _move_over(
        self, old: EntryPlace, new: EntryPlace, seen: EntryState, link: EntryState
    ) -> None:
        aside = self._set_aside(new, link)
        try:
            self._shift(old, new, seen, "move")
        except (OSError, StrandlineError):
            self._shift(aside, new, link, "aside")
            raise
        self._drop_aside(aside)

    @on_disk
    def verify_file(self, path: str, size: int, sha256: str) -> EntryState | None:
        """The regular file at ``path`` if it has this size and content, read now; else None.

        For I3 the caller also compares the inodes.
        """
        place = entry_place(path)
        try:
            with self._folder(place.folder) as folder:
                fd = self.calls.open_file(folder, place.name)
                try:
                    same = self._is_whole(fd, size) and self.calls.sha256(fd) == sha256
                finally:
                    self.calls.close(fd)
                return self._look(folder, place.name) if same else None
        except OSError as error:
            if error.errno not in _NOTHING_THERE:
                raise
            return None

    def _is_whole(self, fd: int, size: int) -> bool:
        found = self.calls.fstat(fd)
        return stat.S_ISREG(found.st_mode) and found.st_size == size

    # ------------------------------------------------------------ links and copies

    @on_disk
    def make_link(self, path: str, target: str) -> Stamp | None:
        """A symlink holding ``target``, where nothing stands. Raises TakenError.

        Returns what tells it from others; None if it is gone from there already.
        """
        folder, name = self._folder_of_link(path)
        crash_point("link.before_make")
        self.calls.symlink(target, folder.fd, name)
        crash_point("link.after_make")
        self._unsynced.add(folder.dev, folder.ino, folder.fd)
        return self._stamp_of_link(folder.fd, name)

    @on_disk
    def replace_link(self, path: str, target: str, seen: EntryState) -> Stamp | None:
        """Our link at ``path`` holds ``target`` from one instant to the next; as ``make_link``.

        If nothing stands there any more, that is as good; renamed meanwhile, it goes. Raises
        ChangedMeanwhileError if anything but exactly the link ``seen`` stands there.
        """
        place = entry_place(path)
        if seen.type != "link":
            raise changed(path, "it is not a link")
        if self._is_free(place, path, seen):
            return self.make_link(path, target)
        new = EntryPlace(TMP, part_name())
        with self._folder(TMP, make=True) as tmp:
            self.calls.symlink(target, tmp, new.name)
            made = self._stamp_of_link(tmp, new.name)
        self._swap_in(new, place, seen, "relink")
        return made

    def _stamp_of_link(self, folder: int, name: str) -> Stamp | None:
        """A person may be quicker than this look."""
        try:
            return stamp_of_link(self.calls.lstat(folder, name))
        except FileNotFoundError:
            return None

    @on_disk
    def remove_link(self, path: str, seen: EntryState) -> None:
        """Takes our symlink away, also under another name that it was given meanwhile.

        Raises ChangedMeanwhileError unless it still is that link.
        """
        place = entry_place(path)
        if seen.type != "link":
            raise changed(path, "it is not a link")
        if self.see(path) is not None or not self._drop_renamed(place, seen):
            self._drop_link(place, seen)

    @on_disk
    def make_hardlink(self, path: str, primary: LibPath) -> EntryState:
        """A second name for the primary's file, where nothing stands. Raises TakenError."""
        place, source = entry_place(path), entry_place(primary)
        with self._folder(source.folder) as old, self._folder(place.folder) as folder:
            seen = self._look(old, source.name)
            if seen is None or seen.type != "file":
                raise changed(primary, "it is not a regular file")
            crash_point("hardlink.before_make")
            self.calls.link(old, source.name, folder, place.name)
            crash_point("hardlink.after_make")
            self._touched(folder)
        return seen

    @on_disk
    def make_copy(self, path: str, primary: LibPath, sha256: str | None = None) -> EntryState:
        """A byte-equal copy of the primary, durable, where nothing stands.

        With ``sha256`` a primary that has gone bad is not copied. Raises TakenError, ItemError.
        """
        with self.new_temp() as temp:
            self._copy_into(temp, primary, sha256)
            return self.publish(temp, LibPath(path))

    @on_disk
    def replace_copy(
        self, path: str, primary: LibPath, seen: EntryState, run: str, sha256: str | None = None
    ) -> EntryState:
        """A fresh copy for a stale one, which goes to the trash, unless it is gone already."""
        with self.new_temp() as temp:
            self._copy_into(temp, primary, sha256)
            if self.see(path) is not None:
                self.to_trash(path, run, seen)
            return self.publish(temp, LibPath(path))

    def _copy_into(self, temp: Temp, primary: LibPath, sha256: str | None) -> None:
        """Content and modification time: by both, a copy is known to be up to date."""
        source, digest = entry_place(primary), hashlib.sha256()
        with self._folder(source.folder) as folder:
            fd = self.calls.open_file(folder, source.name)
        try:
            before = self.calls.fstat(fd)
            if not stat.S_ISREG(before.st_mode):
                raise changed(primary, "it is not a regular file")
            while block := self.calls.read(fd, _BLOCK):
                self._write_all(temp.fd, block)
                digest.update(block)
            self.calls.set_mtime(temp.fd, before.st_mtime_ns)
        finally:
            self.calls.close(fd)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise ItemError(
                f"{primary}: its content is not what was stored, so it was not copied",
                hint="Run `strandline verify`; the next sync then downloads it again.",
            )
