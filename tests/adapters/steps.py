"""Every step LibraryFiles can take, each from the same small library, for sweeps over faults."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from disk import FOLDER, A, B, seen

from strandline.core.actions import EntryState
from strandline.core.ids import LibPath
from strandline.library.files import LibraryFiles, crash

NEW = LibPath("Playlists/B/new.mp3")
COPY = LibPath("Playlists/B/copy.mp3")
EMPTY = LibPath("Playlists/Empty")
EXPORT = "exports/old.xml"
EXPORTED = hashlib.sha256(b"export").hexdigest()

Sight = dict[LibPath, EntryState]


def build(root: Path) -> Sight:
    """A track in A, a link and a stale copy in B, an empty folder, a note; what a scan sees."""
    playlists = root / "mp3/Playlists"
    for folder in ("A", "B", "Empty"):
        (playlists / folder).mkdir(parents=True)
    (playlists / "A/x.mp3").write_text("audio")
    (playlists / "A/mine.txt").write_text("mine")
    (playlists / "B/x.mp3").symlink_to("../A/x.mp3")
    (playlists / "B/copy.mp3").write_text("stale copy")
    trashed = root / ".strandline/trash/run0/Playlists/B"
    trashed.mkdir(parents=True)
    (trashed / "old.mp3").write_text("trashed")
    (root / ".strandline/tmp").mkdir()
    (root / "exports").mkdir()
    (root / EXPORT).write_text("export")
    (root / "mine").mkdir()
    (root / "mine/own.mp3").write_text("own")
    return {path: seen(root / "mp3" / path) for path in (A, B, COPY, FOLDER, EMPTY)}


@dataclass(frozen=True)
class Step:
    """One call, and the path it takes something away from (None: it only adds)."""

    name: str
    do: Callable[[LibraryFiles, Sight], object]
    takes: LibPath | None = None


def _publish(files: LibraryFiles, path: LibPath, replaces: EntryState | None = None) -> None:
    with files.new_temp(".mp3") as temp:
        os.write(temp.fd, b"downloaded")
        files.publish(temp, path, replaces, "run1")


def _take_in(
    files: LibraryFiles, path: LibPath, mode: str, replaces: EntryState | None = None
) -> None:
    own, sha256 = files.root / "mine/own.mp3", hashlib.sha256(b"own").hexdigest()
    files.take_in(str(own), path, seen(own), mode, sha256, replaces)


NEED_HARD_LINKS = ("make_hardlink", "import_hardlink")
STEPS = [
    Step("make_folder", lambda f, s: f.make_folder(LibPath("Playlists/C"))),
    Step("rename_folder", lambda f, s: f.rename_folder(FOLDER, LibPath("Playlists/C"), s[FOLDER]),
         FOLDER),
    Step("remove_folder", lambda f, s: f.remove_folder(EMPTY, s[EMPTY]), EMPTY),
    Step("publish", lambda f, s: _publish(f, NEW)),
    Step("publish_over_link", lambda f, s: _publish(f, B, s[B]), B),
    Step("publish_over_damaged", lambda f, s: _publish(f, COPY, s[COPY]), COPY),
    Step("move_over_damaged", lambda f, s: f.move(A, COPY, s[A], s[COPY], "run1"), A),
    Step("move", lambda f, s: f.move(A, NEW, s[A]), A),
    Step("move_over_link", lambda f, s: f.move(A, B, s[A], s[B]), B),
    Step("make_link", lambda f, s: f.make_link(NEW, "../A/x.mp3")),
    Step("replace_link", lambda f, s: f.replace_link(B, "copy.mp3", s[B]), B),
    Step("remove_link", lambda f, s: f.remove_link(B, s[B]), B),
    Step("make_hardlink", lambda f, s: f.make_hardlink(NEW, A)),
    Step("make_copy", lambda f, s: f.make_copy(NEW, A)),
    Step("replace_copy", lambda f, s: f.replace_copy(COPY, A, s[COPY], "run1"), COPY),
    Step("to_trash", lambda f, s: f.to_trash(A, "run1", s[A]), A),
    Step("write_export", lambda f, s: f.write_export("exports/m/n", [b"downloaded"], None, "run1")),
    Step("replace_export", lambda f, s: f.write_export(EXPORT, [b"downloaded"], EXPORTED, "run1")),
    Step("remove_export", lambda f, s: f.remove_export(EXPORT, EXPORTED, "run1")),
    Step("restore", lambda f, s: f.restore("run0/Playlists/B/old.mp3", LibPath(NEW))),
    Step("import_copy", lambda f, s: _take_in(f, NEW, "copy")),
    Step("import_copy_over_link", lambda f, s: _take_in(f, B, "copy", s[B]), B),
    Step("import_hardlink", lambda f, s: _take_in(f, NEW, "hardlink")),
    Step("import_move", lambda f, s: _take_in(f, NEW, "move")),
    Step("import_move_over_link", lambda f, s: _take_in(f, B, "move", s[B]), B),
    Step("give_back", lambda f, s: f.give_back(A, f"{f.root}/mine/back.mp3", s[A]), A),
]  # fmt: skip


@contextmanager
def at_crash_point(hook: Callable[[str], None]) -> Iterator[None]:
    """Calls ``hook`` between the system calls, for as long as the context lasts."""
    crash.hook = hook
    try:
        yield
    finally:
        crash.hook = None


def passed(step: Step, root: Path, files: LibraryFiles, sight: Sight) -> list[str]:
    """The crash points a step passes, in order, the flush included."""
    names: list[str] = []
    with at_crash_point(names.append):
        step.do(files, sight)
        files.flush()
    return names
