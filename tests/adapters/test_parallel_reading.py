"""Reading many files: by threads and by processes, the same facts on each."""

from __future__ import annotations

import hashlib
import os
import signal
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from strandline.core.ids import LibPath
from strandline.events import Silent
from strandline.library.hashing import file_reader, parallel, workers
from strandline.library.hashing.file_reader import BLOCK, FileFacts, FileReader
from strandline.library.hashing.parallel import Answer, reading


class Named(NamedTuple):
    path: LibPath
    size: int | None


def put(folder: Path, *contents: bytes) -> list[Named]:
    for number, data in enumerate(contents):
        (folder / f"{number}.mp3").write_bytes(data)
    return [Named(LibPath(f"{n}.mp3"), len(data)) for n, data in enumerate(contents)]


def facts(folder: Path, files: list[Named], most: int | None = None) -> dict[str, FileFacts | None]:
    def take(batch: list[Named], answer: Answer) -> list[tuple[str, FileFacts | None]]:
        return [(file.path, found) for file, found in zip(batch, answer, strict=True)]

    with reading(str(folder), files, take, Silent(), most=most) as read:
        made = read()
    pairs = [pair for batch in made for pair in batch]
    assert len(pairs) == len(files)  # each file once
    return dict(pairs)


def true_facts(path: Path, most: int | None = None) -> FileFacts:
    at, data = path.stat(), path.read_bytes()[:most]
    return (
        at.st_ino,
        at.st_size,
        at.st_mtime_ns,
        at.st_ctime_ns,
        hashlib.sha256(data).hexdigest(),
    )


@pytest.fixture(params=["threads", "processes"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(workers, "MANY", 1 if request.param == "processes" else 10**9)
    monkeypatch.setattr(workers, "SMALL", 1 << 60)
    return str(request.param)


@pytest.mark.parametrize("most", [None, 1, BLOCK + 1])
def test_every_file_has_the_facts_of_its_bytes(tmp_path: Path, way: str, most: int | None) -> None:
    sizes = [0, 1, 8192, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7]
    files = put(tmp_path, *(os.urandom(size) for size in sizes))
    expected = {file.path: true_facts(tmp_path / file.path, most) for file in files}
    assert facts(tmp_path, files, most) == expected


def test_of_a_large_file_no_more_is_read_than_is_asked_for(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w+b", buffering=0) as file:
        file.write(b"x" * 3 * BLOCK)
        file.seek(0)
        assert (
            FileReader("").sha256(file.fileno(), BLOCK + 5)
            == hashlib.sha256(b"x" * (BLOCK + 5)).hexdigest()
        )
        assert file.tell() == BLOCK + 5


def test_more_files_than_fit_in_a_pipe(tmp_path: Path, way: str) -> None:
    files = put(tmp_path, *(b"%d" % number for number in range(1500)))
    assert facts(tmp_path, files) == {f.path: true_facts(tmp_path / f.path) for f in files}


def test_what_is_no_file_that_can_be_read_has_no_facts(tmp_path: Path, way: str) -> None:
    files = put(tmp_path, b"song", b"target")
    (tmp_path / "link").symlink_to("1.mp3")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    odd = [Named(LibPath(name), 1) for name in ("gone", "link", "folder", "pipe", "0.mp3/x")]
    found = facts(tmp_path, [*files, *odd])
    assert {path for path, seen in found.items() if seen is None} == {file.path for file in odd}


def test_a_folder_that_is_not_there_has_no_facts_either(tmp_path: Path, way: str) -> None:
    assert facts(tmp_path / "gone", [Named(LibPath("x"), 1)]) == {"x": None}


def test_processes_answer_all_that_they_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they do not answer is read here, and nobody would see that they never work."""
    monkeypatch.setattr(workers, "MANY", 1)
    files = put(tmp_path, *(b"%d" % number for number in range(100)))
    monkeypatch.setattr(FileReader, "read", None)
    assert facts(tmp_path, files) == {f.path: true_facts(tmp_path / f.path) for f in files}


@pytest.mark.parametrize("after", [0, 1, 3])
def test_what_a_process_that_is_killed_has_not_answered_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Each process gets that many questions, then it is killed."""
    files = put(tmp_path, *(b"%d" % number for number in range(2000)))
    monkeypatch.setattr(parallel, "_AT_ONCE", 10)
    started: list[Any] = []
    popen = workers.subprocess.Popen

    def start(*words: Any, **options: Any) -> Any:
        started.append(popen(*words, **options))
        return started[-1]

    def send(to: IO[bytes], message: Any, sent: dict[int, int] = {}) -> None:  # noqa: B006
        sent[id(to)] = sent.get(id(to), -1) + 1
        if sent[id(to)] == after:
            process = next(process for process in started if process.stdin is to)
            os.kill(process.pid, signal.SIGKILL)
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        file_reader.send(to, message)

    monkeypatch.setattr(workers.subprocess, "Popen", start)
    monkeypatch.setattr(workers, "send", send)
    assert facts(tmp_path, files) == {f.path: true_facts(tmp_path / f.path) for f in files}
    assert [process.returncode for process in started] == [-signal.SIGKILL] * len(started) != []


def test_without_python_to_start_everything_is_read_here(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "no such program"))
    files = put(tmp_path, b"one", b"two")
    assert facts(tmp_path, files) == {f.path: true_facts(tmp_path / f.path) for f in files}


def test_an_error_of_the_caller_ends_the_reading(tmp_path: Path, way: str) -> None:
    files = put(tmp_path, *(b"%d" % number for number in range(500)))
    with pytest.raises(KeyError), reading(str(tmp_path), files, lambda *_: None, Silent()):
        raise KeyError


def test_an_error_in_taking_reaches_the_caller(tmp_path: Path, way: str) -> None:
    def take(*_: object) -> None:
        raise KeyError

    with (
        reading(str(tmp_path), put(tmp_path, b"x"), take, Silent()) as read,
        pytest.raises(KeyError),
    ):
        read()


def test_progress_hears_of_every_file_and_byte(tmp_path: Path, way: str) -> None:
    heard: list[tuple[int, int]] = []

    class Counts(Silent):
        def advance(self, items: int = 0, *, of_bytes: int = 0) -> None:
            heard.append((items, of_bytes))

    files = put(tmp_path, *(b"x" * number for number in range(300)))
    with reading(str(tmp_path), files, lambda *_: None, Counts()) as read:
        read()
    assert [sum(counts) for counts in zip(*heard, strict=True)] == [300, sum(range(300))]
