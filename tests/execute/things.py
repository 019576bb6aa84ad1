"""Actions on a small library, and runs that are cut off between two commits."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from strandline.core.actions import (
    Because,
    CreateFolder,
    Download,
    EntryState,
    Link,
    Move,
    Relink,
    RemoveFolder,
    RenameFolder,
    Trash,
    Unlink,
)
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.states import Kind
from strandline.db.journal import StepRow
from strandline.db.store import Store
from strandline.library.files import Syscalls
from tests.stage import Stage

A, B, C = PlaylistId("aaaaaaaa-1"), PlaylistId("bbbbbbbb-2"), PlaylistId("cccccccc-3")
ONE = TrackId("1")
RUN = "20261122-153000-cafe"
NEW = Because.NEW_IN_PLAYLIST
FILE = EntryState("file", 0, 12, 345, 678)
LINK = EntryState("link", 0, 12, target="../A/x.mp3")
FOLDER = EntryState("folder", 0, 12)


def at(path: str) -> LibPath:
    """``A/x.mp3`` as a LibPath."""
    return LibPath(f"Playlists/{path}")


def seen(path: Path) -> EntryState:
    """What stands there, looked at independently of the code under test."""
    found = path.lstat()
    if path.is_symlink():
        return EntryState("link", found.st_dev, found.st_ino, target=os.readlink(path))
    if path.is_dir():
        return EntryState("folder", found.st_dev, found.st_ino)
    return EntryState("file", found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def folder(name: str) -> CreateFolder:
    return CreateFolder(at(name), NEW, A, named_for=name)


def renames(
    old: str, new: str, there: EntryState = FOLDER, *, parked: bool = False
) -> RenameFolder:
    return RenameFolder(
        at(new), NEW, A, source=at(old), expected=there, named_for=new, aside=parked
    )


def removes(name: str, there: EntryState = FOLDER) -> RemoveFolder:
    return RemoveFolder(at(name), NEW, A, expected=there)


def download(path: str, replaces: EntryState | None = None) -> Download:
    return Download(at(path), NEW, A, ONE, named_for="name", replaces=replaces)


def move(old: str, new: str, there: EntryState = FILE, **more: Any) -> Move:
    return Move(at(new), NEW, A, ONE, source=at(old), expected=there, named_for="name", **more)


def link(path: str, source: str, kind: Kind = Kind.SYMLINK) -> Link:
    return Link(at(path), NEW, B, ONE, source=at(source), kind=kind, named_for="name")


def relink(path: str, source: str, there: EntryState = LINK, kind: Kind = Kind.SYMLINK) -> Relink:
    return Relink(
        at(path), NEW, B, ONE, source=at(source), kind=kind, named_for="name", expected=there
    )


def unlink(path: str, there: EntryState = LINK) -> Unlink:
    return Unlink(at(path), NEW, B, ONE, expected=there)


def trash(path: str, there: EntryState = FILE, keeper: str | None = None) -> Trash:
    return Trash(at(path), NEW, A, ONE, expected=there, keeper=at(keeper) if keeper else None)


def shared(stage: Stage) -> None:
    """Track 1 is primary in Alpha and linked from the two others."""
    stage.lists(A, "Alpha", "1", "2").lists(B, "Beta", "1", "3").lists(C, "Gamma", "1", "2")


def one_leaves_all(stage: Stage) -> None:
    """No playlist lists track 1 any more."""
    stage.lists(A, "Alpha", "2").lists(B, "Beta", "3").lists(C, "Gamma", "2")


class Watched(Syscalls):
    """Notes which folders were synced to the medium."""

    def __init__(self) -> None:
        self.synced: list[str] = []

    def fsync_folder(self, fd: int) -> None:
        self.synced.append(os.readlink(f"/proc/self/fd/{fd}"))
        super().fsync_folder(fd)


class KilledError(BaseException):
    """Stands for a kill: nothing of strandline's catches it."""


def cut_off(stage: Stage, action: str, *, acted: bool) -> str:
    """A sync that dies with the first intents of that action committed, before or after the act.

    Returns the run.
    """
    with stage.open() as store, stage.files() as files:
        die_at(store, action, acted=acted)
        stage.snapshot(store)
        with pytest.raises(KilledError):
            stage.executor(files, store).run(stage.plan(store), "sync-execute")
        return store.journal.open_intents()[0].run_id


def die_at(store: Store, action: str, *, acted: bool) -> None:
    """The next intents of that action are the last that a run writes down, or acts on."""
    intent, done = store.journal.intent, store.journal.done
    begun: list[StepRow] = []

    def watched(rows: Iterable[StepRow], *rest: Any) -> None:
        begun[:] = rows
        intent(begun, *rest)
        if not acted and action in {row.action for row in begun}:
            raise KilledError

    def finished(*all_: Any) -> None:
        if action in {row.action for row in begun}:
            raise KilledError
        done(*all_)

    store.journal.intent, store.journal.done = watched, finished  # type: ignore[method-assign]


def steps_of(stage: Stage, run: str, action: str) -> list[StepRow]:
    """What the journal says of a run's steps of one kind."""
    with stage.open() as store:
        return [row for row in store.journal.steps(run) if row.action == action]
