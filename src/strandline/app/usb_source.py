"""Files of the library on their way to a stick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.errors import ItemError
from strandline.library.hashing.sha256 import sha256_file

if TYPE_CHECKING:
    from strandline.core.players import PlayerFormat


def heard_in(path: str) -> PlayerFormat:
    """What the file's headers say of its audio. ItemError."""
    from strandline.library.audio.player_headers import read_player_format

    try:
        return read_player_format(path)
    except OSError as error:
        raise unreadable(path, error) from error


def sha256_of(path: str) -> str:
    """Of the file's content. ItemError."""
    try:
        return sha256_file(path)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: str, error: OSError) -> ItemError:
    """What the system reports of it."""
    return ItemError(f"{path}: cannot be read: {error.strerror}.", code="cannot_be_read")
