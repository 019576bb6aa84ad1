"""Traktor's NML as a playlist file, to be imported; never the collection.nml, which is the library.

Like an export of Traktor's own it describes the tracks it lists. Cues, grids and stripes are not
written: Traktor keeps its own of what it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
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


def unfit(track: ExportTrack) -> str | None:
    """Paths stand in it as they are."""
    return "name_not_in_format" if not is_xml(track.path) or "/:" in track.path else None


def traktor_nml(handover: Handover, system_disk: str = SYSTEM_DISK) -> Iterator[bytes]:
    """The document; ``system_disk`` is the name of the disk that the system runs from."""
    return encoded(_document(handover, system_disk))


def _document(handover: Handover, system_disk: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n<NML VERSION="19">'
    yield '<HEAD COMPANY="www.native-instruments.com" PROGRAM="Traktor"></HEAD>\n'
    yield f'<MUSICFOLDERS></MUSICFOLDERS>\n<COLLECTION ENTRIES="{len(handover.tracks)}">'
    for track in handover.tracks.values():
        yield _entry(track, _place(track.path, system_disk))
    yield '</COLLECTION>\n<SETS ENTRIES="0"></SETS>\n<PLAYLISTS>'
    yield from _folder("$ROOT", tree_of(handover), handover.tracks, system_disk)
    yield "</PLAYLISTS>\n<INDEXING></INDEXING>\n</NML>\n"


def _place(path: str, system_disk: str) -> tuple[str, str, str]:
    """Disk, folder and file."""
    folder, _, name = path.rpartition("/")
    return *_inside(folder, system_disk), name


@lru_cache(4096)  # a folder holds many files
def _inside(folder: str, system_disk: str) -> tuple[str, str]:
    volume = on_volume(f"{folder}/")
    return volume.name or system_disk, volume.inside.replace("/", "/:")


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
    name: str, nodes: Iterable[Node], tracks: Mapping[TrackId, ExportTrack], system_disk: str
) -> Iterator[str]:
    inside = tuple(nodes)
    yield f'<NODE TYPE="FOLDER" NAME="{attribute(name)}"><SUBNODES COUNT="{len(inside)}">\n'
    for node in inside:
        if node.playlist is None:
            yield from _folder(node.name, node.children, tracks, system_disk)
        else:
            paths = (tracks[track].path for track in node.playlist.tracks)
            yield from _playlist(node, len(node.playlist.tracks), paths, system_disk)
    yield "</SUBNODES>\n</NODE>\n"


def _playlist(node: Node, entries: int, paths: Iterable[str], system_disk: str) -> Iterator[str]:
    uuid = blake2b(node.id.encode(), digest_size=16).hexdigest()
    yield f'<NODE TYPE="PLAYLIST" NAME="{attribute(node.name)}">'
    yield f'<PLAYLIST ENTRIES="{entries}" TYPE="LIST" UUID="{uuid}">\n'
    for path in paths:
        key = attribute("".join(_place(path, system_disk)))
        yield f'<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="{key}"></PRIMARYKEY></ENTRY>\n'
    yield "</PLAYLIST>\n</NODE>\n"
