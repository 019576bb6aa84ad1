"""LibraryFiles makes its work durable: audio before it has a name, each folder once a batch."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from disk import A, at, seen

from strandline.core.ids import LibPath
from strandline.library.files import DiskStoppedError, LibraryFiles, Syscalls


class Recording(Syscalls):
    """Notes which folders were synced."""

    def __init__(self) -> None:
        self.synced: list[str] = []

    def fsync(self, fd: int) -> None:
        here = os.fstat(fd)
        self.synced.append(f"{here.st_dev}:{here.st_ino}")
        super().fsync(fd)


def test_a_batch_syncs_each_touched_folder_once(root: Path) -> None:
    calls = Recording()
    with LibraryFiles(root, calls) as files:
        for number in range(50):
            files.make_link(LibPath(f"Playlists/B/{number}.mp3"), "../A/x.mp3")
        files.to_trash(A, "run1", seen(at(files, A)))
        assert calls.synced == []
        files.flush()
        touched = [at(files, "Playlists/A"), at(files, "Playlists/B"), files.root,
                   *(files.root / ".strandline" / part for part in (
                       ".", "trash", "trash/run1", "trash/run1/Playlists",
                       "trash/run1/Playlists/A"))]  # fmt: skip
        assert sorted(calls.synced) == sorted(
            f"{path.stat().st_dev}:{path.stat().st_ino}" for path in touched
        )
        files.flush()
        assert len(calls.synced) == len(touched)


def test_audio_is_synced_before_it_has_a_name(root: Path) -> None:
    calls = Recording()
    with LibraryFiles(root, calls) as files, files.new_temp() as temp:
        here = os.fstat(temp.fd)
        files.publish(temp, LibPath("Playlists/A/new.mp3"))
        assert calls.synced == [f"{here.st_dev}:{here.st_ino}"]


def test_a_flush_waits_for_what_another_thread_is_still_syncing(root: Path) -> None:
    order: list[str] = []

    class Slow(Syscalls):
        def fsync(self, fd: int) -> None:
            second.start()
            second.join(0.2)  # as long as it takes, were it not to wait
            order.append("synced")

    def flush_too() -> None:
        files.flush()
        order.append("the second returns")

    second = threading.Thread(target=flush_too)
    with LibraryFiles(root, Slow()) as files:
        files.make_link(LibPath("Playlists/B/new.mp3"), "../A/x.mp3")
        files.flush()
        second.join()
    assert order == ["synced", "the second returns"]


def test_a_disk_that_failed_to_keep_something_is_not_believed_again(root: Path) -> None:
    """The system tells of a lost page once; the next fsync would find nothing wrong."""

    class Failing(Syscalls):
        def fsync(self, fd: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

    with LibraryFiles(root, Failing()) as files:
        files.make_link(LibPath("Playlists/B/new.mp3"), "../A/x.mp3")
        for _ in range(2):
            with pytest.raises(DiskStoppedError, match="the disk reports an error"):
                files.flush()
