"""A library of eight playlists for the quick look at the disk, and what may happen to it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.stage import Stage

from strandline.app import observe
from strandline.app.observe import Observed
from strandline.events import Silent
from strandline.library.scan.folder_cache import FolderCache
from strandline.library.scan.service import FilesystemScanService
from strandline.library.scan.unchanged import FolderComparison, compare_folders

LISTS = {
    "a": ("Ambient", ("1", "2", "3")),
    "b": ("Breaks", ("3", "4", "5")),
    "c": ("Chill", ("5", "6")),
    "d": ("Dub", ("7", "8", "1")),
    "e": ("Electro", ("9", "8", "2")),
    "f": ("Funk", ("10",)),
    "g": ("Garage", ("11", "12")),
    "h": ("House", ("12", "11")),
}


def synced_stage(folder: Path) -> Stage:
    """In sync; one track stands in two playlists, most folders hold a link."""
    stage = Stage(folder)
    for id, (name, tracks) in LISTS.items():
        stage.lists(id, name, *tracks)
    assert not stage.sync().failed
    return stage


class Seen:
    """Both ways of looking at one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __enter__(self) -> Seen:
        self.store = self._stage.open()
        self._stage.snapshot(self.store)
        mp3 = self._stage.root / "mp3"
        self._session: Any = SimpleNamespace(
            store=self.store, config=SimpleNamespace(mp3_dir=mp3), progress=Silent()
        )
        self._service = FilesystemScanService(mp3, self.store.evidence)
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def part(self, *, anew: bool = False) -> Observed | None:
        return observe._observe_part(
            self._session, self._stage.policy, self._service, Silent(), anew=anew
        )

    def look(self, cache: FolderCache) -> FolderComparison:
        return compare_folders(
            self._stage.root / "mp3", self.store.folder_states.load(), cache, Silent()
        )

    def all(self) -> Observed:
        return observe._observe_all(self._session, self._stage.policy, self._service, None)


def links_of(stage: Stage) -> list[Path]:
    return sorted(path for path in stage.shelf.glob("*/*") if path.is_symlink())


def files_of(stage: Stage) -> list[Path]:
    return sorted(path for path in stage.shelf.glob("*/*") if path.is_file())


def folders_of(stage: Stage) -> list[Path]:
    return sorted(path for path in stage.shelf.iterdir() if path.is_dir() and any(path.iterdir()))


def pick(paths: list[Path], number: int) -> Iterator[Path]:
    yield from paths[number % len(paths) :][:1] if paths else []


def _relist(
    stage: Stage, number: int, change: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> None:
    ids = sorted(stage.playlists)
    if ids:
        name, tracks = stage.playlists[ids[number % len(ids)]]
        stage.lists(ids[number % len(ids)], name, *change(tracks))


def _rename_list(stage: Stage, number: int) -> None:
    for id in sorted(stage.playlists)[number % 8 :][:1]:
        stage.lists(id, f"{stage.playlists[id][0]} again", *stage.playlists[id][1])


def _drop_list(stage: Stage, number: int) -> None:
    for id in sorted(stage.playlists)[number % 8 :][:1]:
        stage.drops(id)


def point(link: Path, target: str) -> None:
    link.unlink()
    link.symlink_to(target)


def _unlink(path: Path) -> None:
    path.unlink()


HANDS: dict[str, Callable[[Stage, int], object]] = {
    "a link goes": lambda s, n: [_unlink(p) for p in pick(links_of(s), n)],
    "a link dangles": lambda s, n: [point(p, "../x/y") for p in pick(links_of(s), n)],
    "a link leads to another file": lambda s, n: [
        point(p, f"../{q.parent.name}/{q.name}")
        for p in pick(links_of(s), n)
        for q in pick(files_of(s), n + 1)
    ],
    "a link is renamed": lambda s, n: [
        p.rename(p.with_name(f"mine {n}")) for p in pick(links_of(s), n)
    ],
    "a file goes": lambda s, n: [_unlink(p) for p in pick(files_of(s), n)],
    "a file is touched": lambda s, n: [os.utime(p, ns=(n, n)) for p in pick(files_of(s), n)],
    "a folder is renamed": lambda s, n: [
        p.rename(p.with_name(f"{p.name} mine")) for p in pick(folders_of(s), n)
    ],
    "a note is put in": lambda s, n: [
        (p / f"notes {n}.txt").write_text("mine") for p in pick(folders_of(s), n)
    ],
    "a folder is added": lambda s, n: (s.shelf / f"Own {n}" / "sub").mkdir(
        parents=True, exist_ok=True
    ),
    "TIDAL drops a track": lambda s, n: _relist(s, n, lambda tracks: tracks[1:]),
    "TIDAL adds a track": lambda s, n: _relist(
        s, n, lambda tracks: tuple(dict.fromkeys([*tracks, str(n % 14 + 1)]))
    ),
    "TIDAL renames a playlist": _rename_list,
    "TIDAL drops a playlist": _drop_list,
}
