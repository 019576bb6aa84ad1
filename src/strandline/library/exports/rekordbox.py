"""rekordbox's XML ("DJ_PLAYLISTS" 1.0.0).

Cues and beat grids are never written: an import would put them in the place of the person's own.
"""

from __future__ import annotations

from collections.abc import Iterator

from strandline import __version__
from strandline.core.exports import ExportTrack, Handover, Node, tree_of
from strandline.library.exports.text import address, attribute, encoded

LONGEST_PATH = 255
"""Characters; rekordbox imports no file with a longer path."""
_KINDS = {
    "mp3": "MP3 File", "m4a": "M4A File", "aac": "M4A File", "flac": "FLAC File",
    "wav": "WAV File", "aiff": "AIFF File", "aif": "AIFF File",
}  # fmt: skip


def unfit(track: ExportTrack) -> str | None:
    """Every path can be written, percent-encoded; rekordbox reads none that is too long."""
    return "path_too_long" if len(track.path) > LONGEST_PATH else None


def rekordbox_xml(handover: Handover) -> Iterator[bytes]:
    """The document."""
    return encoded(_document(handover))


def _document(handover: Handover) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<DJ_PLAYLISTS Version="1.0.0">\n'
    yield f'  <PRODUCT Name="strandline" Version="{__version__}" Company=""/>\n'
    yield f'  <COLLECTION Entries="{len(handover.tracks)}">\n'
    for track in handover.tracks.values():
        yield _track(track)
    yield "  </COLLECTION>\n  <PLAYLISTS>\n"
    top = tree_of(handover)
    yield f'    <NODE Type="0" Name="ROOT" Count="{len(top)}">\n'
    for node in top:
        yield from _node(node, "      ")
    yield "    </NODE>\n  </PLAYLISTS>\n</DJ_PLAYLISTS>\n"


def _track(track: ExportTrack) -> str:
    told = {
        "TrackID": track.id,
        "Name": track.title,
        "Artist": track.artist,
        "Album": track.album,
        "Genre": track.genre,
        "Kind": _KINDS.get(track.path.rpartition(".")[2].casefold()),
        "Size": track.size,
        "TotalTime": track.duration,
        "DiscNumber": track.disc,
        "TrackNumber": track.number,
        "Year": track.year,
        "AverageBpm": None if track.bpm is None else f"{track.bpm:.2f}",
        "DateAdded": track.added,
        "Comments": f"ISRC {track.isrc}" if track.isrc else None,
        "Location": f"file://localhost{address(track.path)}",
        "Tonality": track.key,
    }
    words = " ".join(
        f'{name}="{attribute(str(value))}"' for name, value in told.items() if value is not None
    )
    return f"    <TRACK {words}/>\n"


def _node(node: Node, indent: str) -> Iterator[str]:
    name = attribute(node.name)
    if node.playlist is None:
        yield f'{indent}<NODE Type="0" Name="{name}" Count="{len(node.children)}">\n'
        for child in node.children:
            yield from _node(child, f"{indent}  ")
    else:
        keys = node.playlist.tracks
        yield f'{indent}<NODE Type="1" Name="{name}" KeyType="0" Entries="{len(keys)}">\n'
        for key in keys:
            yield f'{indent}  <TRACK Key="{key}"/>\n'
    yield f"{indent}</NODE>\n"
