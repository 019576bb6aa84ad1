"""What a person does below ``mp3/Playlists``, and what of it must stay as it is."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.faults.person import hash_of

if TYPE_CHECKING:
    from tests.faults.person import Person

TAGGED = (".flac", ".m4a", ".mp3")
OWN = ["mine.txt", "cover.jpg", "notes.md"]
SPOILT = "../Gone/x.flac"
"""The text of a link that a person made in the place of one of strandline's."""
YEAR_NS = 365 * 86_400 * 10**9


class Hands:
    """Each hand says what it did; None for nothing."""

    def __init__(self, home: Person, chance: random.Random) -> None:
        self.home, self.chance = home, chance
        self.own: dict[int, tuple[str, bytes]] = {}
        """By inode: the name and content of files that are the person's alone."""
        self.sounds: dict[str, str] = {}
        """The sha256 of a file that the person made of another one of the same sound."""
        self.hidden: set[str] = set()
        """Content that bears the time of what it was before: only verify can see it."""
        self.damaged: set[str] = set()
        """Content that no longer plays to its end."""
        self._count = 0

    def all(self) -> list[Callable[[], object]]:
        """Every hand, the usual ones more than once."""
        return [
            self.rename_file, self.rename_in_bulk, self.move_file, self.move_file, self.delete_file,
            self.delete_link, self.copy_file, self.copy_folder, self.rename_folder,
            self.rename_folder_in_case, self.delete_folder, self.new_folder_in_its_place,
            self.retag, self.retag_with_time_kept, self.touch, self.link_becomes_file,
            self.move_link, self.spoil_link, self.add_own, self.truncate, self.drag_out,
        ]  # fmt: skip

    # ------------------------------------------------------------ choosing

    def _below(self, keep: Callable[[Path], bool]) -> list[Path]:
        found = sorted(path for top in self.home.music for path in top.rglob("*"))
        return [p for p in found if keep(p) and (p.is_symlink() or p.stat().st_ino not in self.own)]

    def _one(self, keep: Callable[[Path], bool]) -> Path | None:
        found = self._below(keep)
        return self.chance.choice(found) if found else None

    def _file(self) -> Path | None:
        return self._one(lambda p: p.is_file() and not p.is_symlink())

    def _link(self) -> Path | None:
        return self._one(Path.is_symlink)

    def _folder(self) -> Path | None:
        return self._one(lambda p: p.is_dir() and not p.is_symlink())

    def _target(self) -> Path | None:
        """A folder of a playlist, or that of the pool."""
        pool = self.home.music[1:]
        return pool[0] if pool and self.chance.random() < 0.3 else self._folder()

    def _number(self) -> int:
        self._count += 1
        return self._count

    # ------------------------------------------------------------ files

    def rename_file(self) -> str | None:
        path = self._file()
        return path and self._to(path, path.with_name(f"renamed {self._number()}{path.suffix}"))

    def rename_in_bulk(self) -> None:
        for path in self._below(lambda p: not p.is_dir() or p.is_symlink()):
            new = path.with_name(path.name.replace(" ", "_"))
            if not os.path.lexists(new):
                path.rename(new)

    def move_file(self) -> str | None:
        path, folder = self._file(), self._target()
        return self._to(path, folder / path.name) if path and folder else None

    def drag_out(self) -> str | None:
        path = self._file()
        return path and self._to(path, self.home.playlists / path.name)

    def delete_file(self) -> str | None:
        path = self._file()
        if path:
            path.unlink()
        return path and path.name

    def copy_file(self) -> str | None:
        path, folder = self._file(), self._target()
        if not path or not folder:
            return None
        copy = self.chance.choice([shutil.copyfile, shutil.copy2])
        new = folder / f"copy {self._number()}{path.suffix}"
        copy(path, new)
        return f"{path} -> {new}"

    def touch(self) -> str | None:
        path = self._file()
        if path:
            at = path.stat().st_mtime_ns - YEAR_NS
            os.utime(path, ns=(at, at))
        return path and str(path)

    def truncate(self) -> str | None:
        path = self._file()
        if path:
            data = path.read_bytes()
            path.write_bytes(data[: len(data) // 2])
            self.damaged.add(hash_of(path))
        return path and str(path)

    def retag(self) -> str | None:
        return self._retag(keep_time=False)

    def retag_with_time_kept(self) -> str | None:
        return self._retag(keep_time=True)

    def _retag(self, *, keep_time: bool) -> str | None:
        path = self._one(lambda p: p.suffix in TAGGED and not p.is_symlink())
        return path and self._tag(path, keep_time=keep_time)

    def _tag(self, path: Path, *, keep_time: bool) -> str | None:
        from mutagen import MutagenError
        from mutagen.easyid3 import EasyID3
        from mutagen.easymp4 import EasyMP4
        from mutagen.flac import FLAC

        old, before = hash_of(path), path.stat()
        try:
            tags = {".flac": FLAC, ".m4a": EasyMP4, ".mp3": EasyID3}[path.suffix](path)
        except MutagenError:
            return None
        tags["comment" if path.suffix == ".flac" else "album"] = f"mine {self._number()}"
        tags.save()
        if keep_time:
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.sounds[hash_of(path)] = old
        if old in self.damaged:  # other tags mend nothing
            self.damaged.add(hash_of(path))
        if keep_time:
            self.hidden.add(hash_of(path))
        return str(path)

    def add_own(self) -> str | None:
        folder = self._folder()
        path = folder and folder / self.chance.choice(OWN)
        if path is None or os.path.lexists(path):
            return None
        data = os.urandom(9)
        path.write_bytes(data)
        self.own[path.stat().st_ino] = (path.name, data)
        return str(path)

    # ------------------------------------------------------------ links

    def delete_link(self) -> str | None:
        link = self._link()
        if link:
            link.unlink()
        return link and str(link)

    def move_link(self) -> str | None:
        link = self._link()
        return link and self._to(link, link.with_name(f"moved {self._number()}{link.suffix}"))

    def spoil_link(self) -> str | None:
        link = self._link()
        if link:
            link.unlink()
            link.symlink_to(SPOILT)
        return link and str(link)

    def link_becomes_file(self) -> str | None:
        """A tagger writes through a link by making a new file in its place."""
        link = self._link()
        if not link or not link.exists():
            return None
        data = link.read_bytes()
        link.unlink()
        link.write_bytes(data)
        if self.chance.random() < 0.5 and link.suffix in TAGGED:
            self._tag(link, keep_time=False)
        return str(link)

    # ------------------------------------------------------------ folders

    def rename_folder(self) -> str | None:
        folder = self._folder()
        return folder and self._to(folder, folder.with_name(f"user's {self._number()}"))

    def rename_folder_in_case(self) -> str | None:
        folder = self._folder()
        return folder and self._to(folder, folder.with_name(folder.name.swapcase()))

    def copy_folder(self) -> str | None:
        folder = self._folder()
        if folder is None:
            return None
        new = folder.with_name(f"copy of it {self._number()}")
        shutil.copytree(folder, new, symlinks=self.chance.random() < 0.5,
                        ignore_dangling_symlinks=True)  # fmt: skip
        return str(folder)

    def delete_folder(self) -> str | None:
        folder = self._folder()
        if folder:
            self._forget(folder)
            shutil.rmtree(folder)  # noqa: TID251
        return folder and str(folder)

    def new_folder_in_its_place(self) -> str | None:
        """One of the person's own, which may get the same inode number."""
        folder = self._folder()
        if folder is None:
            return None
        self._forget(folder)
        shutil.rmtree(folder)  # noqa: TID251
        mine = folder.with_name(f"My own {self._number()}")
        mine.mkdir()
        data = os.urandom(9)
        (mine / "mine.txt").write_bytes(data)
        self.own[(mine / "mine.txt").stat().st_ino] = ("mine.txt", data)
        return f"{folder} -> {mine}"

    def _forget(self, folder: Path) -> None:
        for path in folder.rglob("*"):
            self.own.pop(path.lstat().st_ino, None)

    def _to(self, path: Path, new: Path) -> str | None:
        if os.path.lexists(new):
            return None
        path.rename(new)
        return f"{path} -> {new}"
