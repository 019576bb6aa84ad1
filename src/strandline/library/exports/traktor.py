"""Traktor's NML as a playlist file, to be imported; never the collection.nml, which is the library.

Like an export of Traktor's own it describes the tracks it lists. Cues, grids and stripes are not
written: Traktor keeps its own of what it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from hashlib import blake2b

from strandline.core.exports import ExportTrack, Handover, Node, tree_of
from strandline.core.ids import TrackId
from strandline.library.exports.text import attribute, encoded, is_xml
from strandline.library.exports.volumes import on_volume

SYSTEM_DISK = "Macintosh HD"
_MUSICAL_KEYS = {
    name: number
    for number, name in enumerate(
        ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B",
         "Cm", "Dbm", "Dm", "Ebm", "Em", "Fm", "Gbm", "Gm", "Abm", "Am", "Bbm", "Bm"]
    )
}  # fmt: skip
_FLAT = {"C#": "Db", "D#": "Eb", "F#": "Gb", "G#": "Ab", "A#": "Bb"}


def cannot_hold(tracks: Iterable[ExportTrack]) -> dict[TrackId, str]:
    """Paths stand in it as they are."""
    return {it.id: "name_not_in_format" for it in tracks if not is_xml(it.path) or "/:" in it.path}


def traktor_nml(handover: Handover, system_disk: str = SYSTEM_DISK) -> Iterator[bytes]:
    """The document; ``system_disk`` is the name of the disk that the system runs from."""
    return encoded(_document(handover, system_disk))


def _document(handover: Handover, system_disk: str) -> Iterator[str]:
    places = {id: _place(track.path, system_disk) for id, track in handover.tracks.items()}
    yield '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<NML VERSION="19">'
    yield '<HEAD COMPANY="www.native-instruments.com" PROGRAM="Traktor"></HEAD>\n'
    yield f'<MUSICFOLDERS></MUSICFOLDERS>\n<COLLECTION ENTRIES="{len(places)}">'
    for track in handover.tracks.values():
        yield _entry(track, places[track.id])
    yield '</COLLECTION>\n<SETS ENTRIES="0"></SETS>\n<PLAYLISTS>'
    yield from _folder("$ROOT", tree_of(handover), places)
    yield "</PLAYLISTS>\n<INDEXING></INDEXING>\n</NML>\n"


def _place(path: str, system_disk: str) -> tuple[str, str, str]:
    """Disk, folder and file."""
    volume = on_volume(path)
    *folders, name = volume.inside.split("/")[1:]
    inside = "".join(f"/:{folder}" for folder in folders) + "/:"
    return volume.name or system_disk, inside, name


def _entry(track: ExportTrack, place: tuple[str, str, str]) -> str:
    disk, inside, name = place
    day = f"{it.year}/{it.month}/{it.day}" if (it := track.added) else None
    head = {"TITLE": track.title, "ARTIST": track.artist}
    album = {"TITLE": track.album, "TRACK": track.number}
    info = {
        "GENRE": track.genre,
        "COMMENT": f"ISRC {track.isrc}" if track.isrc else None,
        "KEY": track.key,
        "PLAYTIME": track.duration,
        "PLAYTIME_FLOAT": None if track.duration is None else f"{track.duration:.6f}",
        "IMPORT_DATE": day,
        "RELEASE_DATE": None if track.year is None else f"{track.year}/1/1",
        "FILESIZE": -(-track.size // 1024),
    }
    key = musical_key(track.key)
    where = {"DIR": inside, "FILE": name, "VOLUME": disk, "VOLUMEID": disk}
    parts = [
        _element("LOCATION", where),
        _element("ALBUM", album) if track.album else "",
        _element("INFO", info),
        _element("TEMPO", {"BPM": f"{track.bpm:.6f}", "BPM_QUALITY": 100}) if track.bpm else "",
        _element("MUSICAL_KEY", {"VALUE": key}) if key is not None else "",
    ]
    return f"<ENTRY{_told(head)}>{''.join(parts)}</ENTRY>\n"


def musical_key(key: str | None) -> int | None:
    """Traktor's number for a key such as ``F#m``, from 0 (C) to 23 (B minor)."""
    if not key:
        return None
    minor = key.endswith("m")
    note = key[:-1] if minor else key
    return _MUSICAL_KEYS.get(_FLAT.get(note, note) + ("m" if minor else ""))


def _element(name: str, values: Mapping[str, object]) -> str:
    return f"<{name}{_told(values)}></{name}>"


def _told(values: Mapping[str, object]) -> str:
    return "".join(
        f' {name}="{attribute(str(value))}"' for name, value in values.items() if value is not None
    )


def _folder(
    name: str, nodes: Iterable[Node], places: Mapping[TrackId, tuple[str, str, str]]
) -> Iterator[str]:
    inside = tuple(nodes)
    yield f'<NODE TYPE="FOLDER" NAME="{attribute(name)}"><SUBNODES COUNT="{len(inside)}">\n'
    for node in inside:
        write = _folder if node.playlist is None else partial(_playlist, node)
        yield from (write(node.name, node.children, places))
    yield "</SUBNODES>\n</NODE>\n"


def _playlist(
    node: Node, name: str, _: Iterable[Node], places: Mapping[TrackId, tuple[str, str, str]]
) -> Iterator[str]:
    assert node.playlist is not None
    tracks = node.playlist.tracks
    uuid = blake2b(node.id.encode(), digest_size=16).hexdigest()
    yield f'<NODE TYPE="PLAYLIST" NAME="{attribute(name)}">'
    yield f'<PLAYLIST ENTRIES="{len(tracks)}" TYPE="LIST" UUID="{uuid}">\n'
    for track in tracks:
        key = attribute("".join(places[track]))
        yield f'<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="{key}"></PRIMARYKEY></ENTRY>\n'
    yield "</PLAYLIST>\n</NODE>\n"
