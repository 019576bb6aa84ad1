"""Reading folder by folder: a folder counts as whole only if all of it is as it was left."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from strandline.core.folder_state import FolderState
from strandline.core.ids import PlaylistId, TrackId
from strandline.events import Silent
from strandline.library.hashing import workers
from strandline.library.hashing.parallel import read_whole


def stamp(path: Path) -> tuple[int, int, int]:
    at = path.lstat()
    return at.st_ino, at.st_size, at.st_mtime_ns


def shelve(mp3: Path, name: str = "A", **contents: bytes) -> FolderState:
    """A folder with these files and a link, and the shelf that says so."""
    folder = mp3 / "Playlists" / name
    folder.mkdir(parents=True)
    for file, data in contents.items():
        (folder / file).write_bytes(data)
    (folder / "link").symlink_to("../B/x")
    return FolderState(
        PlaylistId(name),
        name,
        folder.stat().st_ino,
        {"link": "../B/x"},
        {file: stamp(folder / file) for file in contents},
        dict,
        sha256={file: hashlib.sha256(data).hexdigest() for file, data in contents.items()},
    )


def whole(mp3: Path, *states: FolderState) -> list[str]:
    """The names of the folders that are; each shelf is answered once."""
    answers = read_whole(str(mp3), states, Silent())
    assert sorted(shelf.folder for shelf, _ in answers) == sorted(s.folder for s in states)
    for shelf, found in answers:
        if found is not None:
            at = (mp3 / "Playlists" / shelf.folder).stat()
            assert found == (shelf.folder, at.st_dev, at.st_ino, True)
    return sorted(found.name for _, found in answers if found is not None)


@pytest.fixture(params=["processes", "no processes"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "no processes":
        monkeypatch.setattr("sys.executable", "/no/such/program")


def test_a_folder_as_it_was_left_is_whole(tmp_path: Path, way: None) -> None:
    assert whole(tmp_path, shelve(tmp_path, x=b"one", y=b"", z=b"z" * 600_000)) == ["A"]


def rot(file: Path) -> None:
    at = file.stat()
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))


def as_link(file: Path) -> None:
    file.rename(file.parent.parent / "elsewhere")
    file.symlink_to("../elsewhere")


def as_copy(file: Path) -> None:
    """Another inode with the same bytes, size and time."""
    at, data = file.stat(), file.read_bytes()
    file.rename(file.parent.parent / "elsewhere")
    file.write_bytes(data)
    os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))


def relink(file: Path, to: str) -> None:
    link = file.with_name("link")
    link.unlink()
    link.symlink_to(to)


def link_as_file(file: Path) -> None:
    link = file.with_name("link")
    link.unlink()
    link.write_bytes(b"../B/x")


def folder_as_link(file: Path) -> None:
    file.parent.rename(file.parent.with_name("real"))
    file.parent.symlink_to("real")


def another_folder(file: Path) -> None:
    old = file.parent.rename(file.parent.with_name("old"))
    file.parent.mkdir()
    for one in old.iterdir():
        one.rename(file.with_name(one.name))


def renamed(file: Path) -> None:
    file.rename(file.with_name("other"))


HANDS: dict[str, Callable[[Path], object]] = {
    "a bit flips": rot,
    "written to": lambda file: file.write_bytes(b"two"),
    "touched": lambda file: os.utime(file, ns=(1, 1)),
    "cut off": lambda file: os.truncate(file, 1),
    "gone": Path.unlink,
    "renamed": renamed,
    "a link in its place": as_link,
    "a copy in its place": as_copy,
    "a folder in its place": lambda file: (file.unlink(), file.mkdir()),
    "a pipe in its place": lambda file: (file.unlink(), os.mkfifo(file)),
    "another link": lambda file: relink(file, "../C/x"),
    "a file in place of the link": link_as_file,
    "no link": lambda file: file.with_name("link").unlink(),
    "a file more": lambda file: file.with_name("more").write_bytes(b""),
    "a link more": lambda file: file.with_name("more").symlink_to("../B/x"),
    "a folder more": lambda file: file.with_name("more").mkdir(),
    "another folder with the same in it": another_folder,
    "the folder a link": folder_as_link,
}


@pytest.mark.parametrize("hand", HANDS)
def test_a_folder_in_which_one_thing_differs_is_not_whole(tmp_path: Path, hand: str) -> None:
    shelf = shelve(tmp_path, x=b"one", y=b"two")
    other = shelve(tmp_path, "Z", x=b"other")
    assert whole(tmp_path, shelf, other) == ["A", "Z"]
    HANDS[hand](tmp_path / "Playlists" / "A" / "x")
    assert whole(tmp_path, shelf, other) == ["Z"]


def test_a_file_of_which_no_hash_is_known_is_for_others_to_judge(tmp_path: Path) -> None:
    shelf = shelve(tmp_path, x=b"one")
    unknown = FolderState(
        *(getattr(shelf, name) for name in FolderState.__slots__[:-1]), {"x": None}
    )
    assert whole(tmp_path, unknown) == []


def test_where_something_is_open_nothing_is_read(tmp_path: Path) -> None:
    shelf = shelve(tmp_path, x=b"one")
    fields = [getattr(shelf, name) for name in FolderState.__slots__[:6]]
    unsettled = FolderState(*fields, frozenset(), settled=False, sha256=shelf.sha256)
    to_do = FolderState(*fields, frozenset({TrackId("1")}), sha256=shelf.sha256)
    assert whole(tmp_path, unsettled) == whole(tmp_path, to_do) == []


def test_processes_that_are_killed_cost_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    states = [shelve(tmp_path, f"{n:03}", x=b"%d" % n, y=b"y" * n) for n in range(200)]
    rot(tmp_path / "Playlists" / "100" / "x")
    started: list[workers.subprocess.Popen[bytes]] = []
    popen = workers.subprocess.Popen

    def start(*words: Any, **options: Any) -> workers.subprocess.Popen[bytes]:
        started.append(popen(*words, **options))
        return started[-1]

    def killing() -> Iterator[FolderState]:
        for number, shelf in enumerate(states):
            if number == 50:
                for process in started:
                    process.kill()
            yield shelf

    monkeypatch.setattr(workers.subprocess, "Popen", start)
    answers = read_whole(str(tmp_path), killing(), Silent())
    assert started
    assert [shelf.folder for shelf, found in answers if found is None] == ["100"]
    assert len(answers) == 200


def test_an_error_while_the_shelves_are_read_reaches_the_caller(tmp_path: Path) -> None:
    def broken() -> Iterator[FolderState]:
        yield shelve(tmp_path, x=b"one")
        raise KeyError

    with pytest.raises(KeyError):
        read_whole(str(tmp_path), broken(), Silent())
