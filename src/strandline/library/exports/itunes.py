"""iTunes' Library.xml, which most programs read: a property list, written as it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from hashlib import blake2b
from itertools import chain

from strandline.core.exports import ExportTrack, Handover, Node, tree_of
from strandline.core.ids import TrackId
from strandline.library.exports.text import address, attribute, encoded

_KINDS = {
    "mp3": "MPEG audio file", "m4a": "AAC audio file", "aac": "AAC audio file",
    "flac": "FLAC audio file", "wav": "WAV audio file", "aiff": "AIFF audio file",
    "aif": "AIFF audio file",
}  # fmt: skip
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" \
"http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
\t<key>Major Version</key><integer>1</integer>
\t<key>Minor Version</key><integer>1</integer>
\t<key>Application Version</key><string>12.12</string>
\t<key>Show Content Ratings</key><true/>
"""


def unfit(_: ExportTrack) -> str | None:
    """Every path can be written, percent-encoded."""
    return None


def itunes_xml(handover: Handover) -> Iterator[bytes]:
    """The document."""
    return encoded(_document(handover))


def persistent_id(kind: str, id: str) -> str:
    """Sixteen hex digits, the same for the same thing in every export."""
    return blake2b(f"{kind} {id}".encode(), digest_size=8).hexdigest().upper()


def _document(handover: Handover) -> Iterator[str]:
    yield _HEAD
    yield "\t<key>Tracks</key>\n\t<dict>\n"
    for track in handover.tracks.values():
        yield _track(track)
    yield "\t</dict>\n\t<key>Playlists</key>\n\t<array>\n"
    number = iter(range(1, 1 << 31))
    for node in tree_of(handover):
        yield from _node(node, None, number)
    yield "\t</array>\n</dict>\n</plist>\n"


def _track(track: ExportTrack) -> str:
    told: dict[str, str | int | date | None] = {
        "Track ID": int(track.id),
        "Size": track.size,
        "Total Time": None if track.duration is None else track.duration * 1000,
        "Disc Number": track.disc,
        "Track Number": track.number,
        "Year": track.year,
        "BPM": None if track.bpm is None else round(track.bpm),
        "Date Added": track.added,
        "Persistent ID": persistent_id("track", track.id),
        "Track Type": "File",
        "Name": track.title,
        "Artist": track.artist,
        "Album Artist": track.album_artist,
        "Album": track.album,
        "Genre": track.genre,
        "Kind": _KINDS.get(track.path.rpartition(".")[2].casefold(), "Audio file"),
        "Comments": f"ISRC {track.isrc}" if track.isrc else None,
        "Location": f"file://{address(track.path)}",
    }
    return f"\t\t<key>{track.id}</key>\n\t\t<dict>\n{_pairs(told, 3)}\t\t</dict>\n"


def _pairs(told: Mapping[str, str | int | date | bool | None], depth: int) -> str:
    indent = "\t" * depth
    return "".join(
        f"{indent}<key>{name}</key>{_value(value)}\n"
        for name, value in told.items()
        if value is not None
    )


def _value(value: str | int | date | bool) -> str:
    if isinstance(value, bool):
        return "<true/>" if value else "<false/>"
    if isinstance(value, int):
        return f"<integer>{value}</integer>"
    if isinstance(value, date):
        return f"<date>{value.isoformat()}T00:00:00Z</date>"
    return f"<string>{attribute(value)}</string>"


def _node(node: Node, parent: str | None, number: Iterator[int]) -> Iterator[str]:
    own = persistent_id("node", node.id)
    told: dict[str, str | int | date | bool | None] = {
        "Name": node.name,
        "Playlist ID": next(number),
        "Playlist Persistent ID": own,
        "Parent Persistent ID": parent,
        "All Items": True,
        "Folder": True if node.playlist is None else None,
    }
    yield f"\t\t<dict>\n{_pairs(told, 3)}"
    inside = _below(node)
    if (first := next(inside, None)) is not None:
        yield "\t\t\t<key>Playlist Items</key>\n\t\t\t<array>\n"
        for track in chain((first,), inside):
            yield f"\t\t\t\t<dict><key>Track ID</key><integer>{track}</integer></dict>\n"
        yield "\t\t\t</array>\n"
    yield "\t\t</dict>\n"
    for child in node.children:
        yield from _node(child, own, number)


def _below(node: Node) -> Iterator[TrackId]:
    """All that is in a folder, as iTunes lists it there, too."""
    if node.playlist is not None:
        yield from node.playlist.tracks
    for child in node.children:
        yield from _below(child)
