"""A track's lyrics in a file beside its audio, under the same name: ``Artist - Title.lrc``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from strandline.core.actions import Action, Because, Lyrics
from strandline.core.ids import LibPath
from strandline.library.files.exports import LYRICS

if TYPE_CHECKING:
    from strandline.core.lyrics import Lyrics as Words


def lyrics_path(audio: LibPath) -> LibPath:
    """Where the lyrics of a file lie."""
    folder, _, name = audio.rpartition("/")
    return LibPath(f"{folder}/{name.rpartition('.')[0] or name}{LYRICS}")


def text_of(words: Words) -> bytes:
    """With times where they are known; players show lines without them, too."""
    return ((words.lrc or words.text).rstrip() + "\n").encode()


def lyrics_step(action: Action, audio: LibPath, words: Words) -> Lyrics:
    """The step that writes them."""
    return written(lyrics_path(audio), action, action.because, text_of(words))


def written(path: LibPath, of: Action | Lyrics, because: Because, data: bytes) -> Lyrics:
    """The step that writes this text for the track of another step."""
    return Lyrics(
        path,
        because,
        of.playlist,
        of.track,
        content=lambda: [data],
        sha256=hashlib.sha256(data).hexdigest(),
    )
