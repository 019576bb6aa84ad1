"""M3U8: a playlist a file, UTF-8 with LF, read by players and by every DJ program."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial

from strandline.core.exports import ExportPlaylist, ExportTrack, Handover
from strandline.core.ids import TrackId
from strandline.library.exports.text import encoded, one_line

_HEAD = re.compile(r"#EXTM3U\n#PLAYLIST:[^\r\n]*\n")
_ENTRY = re.compile(r"^#EXTINF:-?\d+,[^\r\n]*\n", re.MULTILINE)
_ENDS_A_LINE = re.compile(r"[\r\n]|\s\Z")


def unfit(track: ExportTrack) -> str | None:
    """A path is a line, and players take blanks from a line's end."""
    return "name_not_in_format" if _ENDS_A_LINE.search(track.path) else None


def m3u8_files(
    handover: Handover, folder: str | None
) -> Iterator[tuple[str, Callable[[], Iterator[bytes]]]]:
    """Each playlist's file name and how to make its content.

    Paths are relative to ``folder``, in which the files will lie; with None they are full.
    """
    for playlist in handover.playlists:
        yield file_name(playlist), partial(m3u8, playlist, handover.tracks, folder)


def m3u8(
    playlist: ExportPlaylist, tracks: Mapping[TrackId, ExportTrack], folder: str | None = None
) -> Iterator[bytes]:
    """The content of one playlist's file."""
    return encoded(_lines(playlist, tracks, folder))


def _lines(
    playlist: ExportPlaylist, tracks: Mapping[TrackId, ExportTrack], folder: str | None
) -> Iterator[str]:
    yield f"#EXTM3U\n#PLAYLIST:{one_line(playlist.name)}\n"
    for track in map(tracks.__getitem__, playlist.tracks):
        path = track.path if folder is None else relative(track.path, folder)
        yield f"{_told(track)}\n{path}\n"


def is_own(content: bytes, inside: str) -> bool:
    """Whether it has the form that ``m3u8`` gives it, and lists files below ``inside`` alone.

    Lists of other programs differ: in their heads, their ends of lines or their paths.
    """
    head, *entries = _ENTRY.split(content.decode(errors="surrogateescape"))
    listed = re.compile(rf"{re.escape(inside)}/[^\r\n]+\n")
    return bool(_HEAD.fullmatch(head)) and all(map(listed.fullmatch, entries))


def file_name(playlist: ExportPlaylist) -> str:
    """The name of a playlist's file."""
    return f"{playlist.file_name}.m3u8"


def relative(path: str, folder: str) -> str:
    """A path from ``folder`` on. A line with ``#`` in front would be a comment."""
    above, _, name = path.rpartition("/")
    return f"{_way(above or '/', folder)}/{name}"


@lru_cache(4096)  # a folder holds many files
def _way(above: str, folder: str) -> str:
    found = posixpath.relpath(above, folder)
    return found if found == "." or found.split("/")[0] == ".." else f"./{found}"


def _told(track: ExportTrack) -> str:
    seconds = -1 if track.duration is None else track.duration
    return f"#EXTINF:{seconds},{one_line(f'{track.artist} - {track.title}')}"
