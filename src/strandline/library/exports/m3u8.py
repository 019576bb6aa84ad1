"""M3U8: a playlist a file, UTF-8 with LF, read by players and by every DJ program."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from strandline.core.exports import ExportPlaylist, ExportTrack, Handover
from strandline.core.ids import TrackId
from strandline.library.exports.text import one_line

_ENDS_A_LINE = re.compile(r"[\r\n]|\s\Z")


def cannot_hold(tracks: Iterable[ExportTrack]) -> dict[TrackId, str]:
    """A path is a line, and players take blanks from a line's end."""
    return {it.id: "name_not_in_format" for it in tracks if _ENDS_A_LINE.search(it.path)}


def m3u8_files(handover: Handover, folder: str | None) -> Iterator[tuple[str, bytes]]:
    """Each playlist's file name and content.

    Paths are relative to ``folder``, in which the files will lie; with None they are full.
    """
    places = {
        id: track.path if folder is None else relative(track.path, folder)
        for id, track in handover.tracks.items()
    }
    for playlist in handover.playlists:
        lines = (f"{_told(handover.tracks[id])}\n{places[id]}\n" for id in playlist.tracks)
        head = f"#EXTM3U\n#PLAYLIST:{one_line(playlist.name)}\n"
        yield file_name(playlist), (head + "".join(lines)).encode(errors="surrogateescape")


def file_name(playlist: ExportPlaylist) -> str:
    """The name of a playlist's file."""
    return f"{playlist.file_name}.m3u8"


def relative(path: str, folder: str) -> str:
    """A path from ``folder`` on. A line with ``#`` in front would be a comment."""
    found = posixpath.relpath(path, folder)
    return found if found.startswith("../") else f"./{found}"


def _told(track: ExportTrack) -> str:
    seconds = -1 if track.duration is None else track.duration
    return f"#EXTINF:{seconds},{one_line(f'{track.artist} - {track.title}')}"
