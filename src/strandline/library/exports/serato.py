"""Serato's crates: binary records of a four-letter tag, a length, and content.

All of them lie below one crate, ``strandline``, so that they are told from the person's own.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice

from strandline.core.exports import ExportTrack, Handover, Unfit, tree_of, walk
from strandline.core.ids import TrackId
from strandline.core.names import collision_key, safe_name
from strandline.library.exports.volumes import on_volume

PARENT = "strandline"
BELOW = "%%"
"""Stands between the names of a crate and of one in it."""
_VERSION = "1.0/Serato ScratchLive Crate"
_COLUMNS = ("song", "artist", "bpm", "key", "album", "length", "comment")
_BROAD = "％"
_BLOCK = 256  # tracks
_LONGEST = 200  # bytes of a crate's name, those of its folders included


def unfit(home: str) -> Unfit:
    """A ``_Serato_`` folder knows the files of its own disk alone; ``home`` is its full path."""
    disk = on_volume(home).name
    return lambda it: "on_another_disk" if on_volume(it.path).name != disk else None


def serato_crates(handover: Handover) -> Iterator[tuple[str, Callable[[], Iterator[bytes]]]]:
    """Each crate's path below ``_Serato_``, and how to make its content."""
    taken: set[str] = set()
    names: dict[tuple[str, ...], str] = {}
    yield _crate_path(PARENT), partial(crate, (), {})
    for above, node in walk(tree_of(handover)):
        name = _free(names.get(above, PARENT), _readable(node.name), taken)
        names[*above, node.name] = name
        tracks = node.playlist.tracks if node.playlist else ()
        yield _crate_path(name), partial(crate, tracks, handover.tracks)


def _paths(tracks: Iterable[TrackId], known: Mapping[TrackId, ExportTrack]) -> Iterator[str]:
    """From the top of the disk, without a leading slash."""
    return (on_volume(known[track].path).inside[1:] for track in tracks)


def _crate_path(name: str) -> str:
    return f"Subcrates/{name}.crate"


def _readable(name: str) -> str:
    """A crate's name is a file's; two percent signs would begin another crate.

    So would one at its end or beginning, beside those that stand between two names: there, the
    broad percent sign of Chinese and Japanese stands for it.
    """
    while BELOW in name:
        name = name.replace(BELOW, "%")
    return re.sub("^%|%$", _BROAD, safe_name(name))


def _free(parent: str, own: str, taken: set[str]) -> str:
    """A crate that has no room so deep lies in the nearest one above that leaves it some."""
    while len(f"{parent}{BELOW}{own}".encode()) > _LONGEST and parent != PARENT:
        parent = parent.rpartition(BELOW)[0]
    base = f"{parent}{BELOW}{own}".encode()[:_LONGEST].decode(errors="ignore").rstrip("%")
    name, number = base, 1
    while collision_key(name) in taken:
        number += 1
        name = f"{base} ({number})"
    taken.add(collision_key(name))
    return name


def crate(tracks: Iterable[TrackId], known: Mapping[TrackId, ExportTrack]) -> Iterator[bytes]:
    """A crate that shows its tracks in their order."""
    order = _record("osrt", _text("tvcn", "#") + _record("brev", b"\0"))
    columns = b"".join(
        _record("ovct", _text("tvcn", column) + _text("tvcw", "0")) for column in _COLUMNS
    )
    yield _text("vrsn", _VERSION) + order + columns
    records = (_record("otrk", _text("ptrk", path)) for path in _paths(tracks, known))
    while block := b"".join(islice(records, _BLOCK)):
        yield block


def _record(tag: str, content: bytes) -> bytes:
    return tag.encode() + struct.pack(">I", len(content)) + content


def _text(tag: str, text: str) -> bytes:
    return _record(tag, text.encode("utf-16-be", errors="surrogatepass"))
