"""The folder of all playlists, opened to be read: never through a link."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from strandline.core.ids import PLAYLISTS
from strandline.errors import LibraryError

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def opened_playlists(mp3_dir: Path) -> Iterator[int | None]:
    """``Playlists``, opened; None where there is none. Raises LibraryError."""
    try:
        with being_read(mp3_dir):
            playlists = _open_playlists(mp3_dir)
    except FileNotFoundError:
        yield None
        return
    try:
        yield playlists
    finally:
        os.close(playlists)


@contextmanager
def being_read(mp3_dir: Path) -> Iterator[None]:
    """What keeps the whole of ``Playlists`` from being read, but that it is not there."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LibraryError(
            f"{mp3_dir}/{PLAYLISTS} cannot be read: {error.strerror}",
            hint="It must be a folder you may read, not a link to one.",
        ) from error


def _open_playlists(mp3_dir: Path) -> int:
    mp3 = os.open(mp3_dir, FOLDER)
    try:
        return os.open(PLAYLISTS, FOLDER, dir_fd=mp3)
    finally:
        os.close(mp3)
