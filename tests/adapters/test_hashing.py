"""sha256 of files, by path and by descriptor, and while writing."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from strandline.library.hashing.sha256 import BLOCK, HashingWriter, sha256_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK])
def test_a_file_of_any_size_has_the_hash_of_its_bytes(tmp_path: Path, size: int) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(data := os.urandom(size))

    assert sha256_file(file) == sha256_file(str(file)) == hashlib.sha256(data).hexdigest()


def test_a_descriptor_is_hashed_from_its_start_and_stays_where_it_was(tmp_path: Path) -> None:
    file = tmp_path / "song.mp3"
    file.write_bytes(b"intro and outro")
    fd = os.open(file, os.O_RDONLY)
    try:
        os.lseek(fd, 6, os.SEEK_SET)
        assert sha256_file(fd) == hashlib.sha256(b"intro and outro").hexdigest()
        assert os.lseek(fd, 0, os.SEEK_CUR) == 6
    finally:
        os.close(fd)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sha256_file(tmp_path / "gone.mp3")


def test_writing_counts_and_hashes_every_byte(tmp_path: Path) -> None:
    file = tmp_path / "song.mp3"
    fd = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        writer = HashingWriter(fd)
        for piece in (b"one", bytearray(b"two"), memoryview(b"three"), b""):
            assert writer.write(piece) == len(piece)
    finally:
        os.close(fd)

    assert file.read_bytes() == b"onetwothree"
    assert writer.count == 11
    assert writer.hexdigest() == sha256_file(file)


def test_a_pipe_that_takes_little_at_a_time_still_gets_everything() -> None:
    ends = os.pipe()
    try:
        os.set_blocking(ends[1], False)
        writer = HashingWriter(ends[1])
        with pytest.raises(BlockingIOError):
            writer.write(bytes(1 << 20))
        taken = len(os.read(ends[0], 1 << 20))
    finally:
        os.close(ends[0])
        os.close(ends[1])

    assert writer.count == taken
    assert writer.hexdigest() == hashlib.sha256(bytes(taken)).hexdigest()
