"""What a person's own file tells of itself, whichever shop or tool wrote its tags.

Reads headers alone and believes nothing: any file may come along here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from strandline.core.ids import TrackId
from strandline.core.matching.files import FileTags, Maker
from strandline.core.recordings import valid_code
from strandline.library.audio.containers import HEAD, Container, kind_of
from strandline.library.tags.write import MUTAGEN_LEAKS, TRACK_ID, TRACK_ID_M4A

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LONGEST: Final = 2_000  # characters of one text
_LOSSLESS: Final = {
    Container.FLAC, Container.WAV, Container.AIFF, Container.APE, Container.WAVPACK,
    Container.TTA, Container.TAK, Container.W64, Container.DSF, Container.DFF,
}  # fmt: skip
_ID: Final = re.compile(r"[0-9]{1,20}")
_TRACK: Final = re.compile(r"/track/([0-9]{1,20})(?:/|$)")
_YOUTUBE: Final = ("youtube.com/", "youtu.be/")

# Every spelling of a field, as taggers write it: ID3, Vorbis comments and APE, M4A.
_FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "own_id": (f"txxx:{TRACK_ID}", TRACK_ID, TRACK_ID_M4A, f"----:com.apple.itunes:{TRACK_ID}"),
    "tidal_id": (
        "txxx:tidal_track_id", "tidal_track_id", "----:com.apple.itunes:tidal_track_id",
    ),
    "url": ("url", "©url", "woas", "woaf", "txxx:url", "wxxx:", "wxxx", "tidal_url", "website"),
    "isrc": ("tsrc", "isrc", "----:com.apple.itunes:isrc"),
    "title": ("tit2", "title", "©nam"),
    "version": (
        "tit3", "version", "subtitle", "mixname", "----:com.apple.itunes:subtitle",
        "----:com.apple.itunes:version",
    ),
    "artists": ("artists", "txxx:artists", "----:com.apple.itunes:artists"),
    "artist": ("tpe1", "artist", "©art"),
    "advisory": ("txxx:itunesadvisory", "itunesadvisory", "rtng", "txxx:rating"),
    "comment": ("comm", "comment", "©cmt", "description"),
}  # fmt: skip
_SPOTDL: Final = ("----:spotdl:woas",)
_SOULSYNC: Final = ("spotify_track_id", "deezer_track_id", "qobuz_track_id", "soulseek")


class NotAudioError(Exception):
    """The file is no sound that can be read; the text says why."""


def read_tags(path: str | Path) -> FileTags:
    """The tags and the length of a file. Raises NotAudioError, and OSError if it cannot be read."""
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if not head:
        raise NotAudioError("it is empty")
    kind = kind_of(path, head)
    if kind is None:
        raise NotAudioError("it is no sound file, whatever its name says")
    try:
        return _read(path, kind)
    except MUTAGEN_LEAKS as error:
        for cause in (*error.args, error.__cause__, error.__context__):
            if isinstance(cause, OSError) and cause.errno:
                raise cause from error
        raise NotAudioError("it is damaged: its headers cannot be read") from error


def _read(path: str | Path, kind: Container) -> FileTags:
    from mutagen import File

    found = File(path)
    if found is None or getattr(found, "info", None) is None:
        raise NotAudioError("it is in a format that cannot be read")
    texts = _Texts(found.tags)
    info = found.info
    length = getattr(info, "length", 0) or 0
    codec = str(getattr(info, "codec", ""))
    return FileTags(
        own_id=_track_id(texts.first("own_id")),
        tidal_id=_track_id(texts.first("tidal_id")) or _id_in_address(texts.all("url")),
        isrc=valid_code(texts.first("isrc")),
        title=texts.first("title"),
        version=texts.first("version"),
        artists=tuple(texts.all("artists") or texts.all("artist")),
        duration=float(length) if 0 < length < 1e7 else None,
        explicit=_explicit(texts.first("advisory")),
        maker=_maker(texts),
        channels=int(getattr(info, "channels", 0) or 0) or None,
        cut=_is_old(found.tags),
        lossless=kind in _LOSSLESS or codec.startswith(("alac", "flac")),
        bitrate=int(getattr(info, "bitrate", 0) or 0),
        sample_rate=int(getattr(info, "sample_rate", 0) or 0),
        bits=int(getattr(info, "bits_per_sample", 0) or getattr(info, "bits_per_raw_sample", 0)),
    )


class _Texts:
    """The texts of a file's tags by their names in small letters."""

    def __init__(self, tags: Any) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in _items(tags):
            key = name.casefold()
            self._values.setdefault(key, []).extend(_texts_of(value))
            if ":" in key and not key.startswith(("txxx:", "----:")):
                self._values.setdefault(key.partition(":")[0], []).extend(_texts_of(value))

    def all(self, field: str) -> list[str]:
        """Under the first of a field's names that has any."""
        for name in _FIELDS[field]:
            if values := self._values.get(name.casefold()):
                return values
        return []

    def first(self, field: str) -> str | None:
        """The first of them."""
        return next(iter(self.all(field)), None)

    @property
    def names(self) -> Mapping[str, list[str]]:
        """Every tag there is."""
        return self._values


def _items(tags: Any) -> Iterator[tuple[str, Any]]:
    if tags is None:
        return
    items = tags.items() if hasattr(tags, "items") else ()
    for name, value in items:
        yield str(name), value


def _texts_of(value: Any) -> list[str]:
    """Of a frame, a comment or an atom."""
    parts = getattr(value, "text", None)
    if parts is None:
        parts = getattr(value, "url", None) or getattr(value, "value", None) or value
    if not isinstance(parts, (list, tuple)):
        parts = [parts]
    found = []
    for part in parts:
        text = bytes(part).decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
        if text := text.strip("\0 \t\r\n")[:LONGEST]:
            found.append(text)
    return found


def _track_id(text: str | None) -> TrackId | None:
    return TrackId(text) if text and _ID.fullmatch(text) else None


def _id_in_address(addresses: list[str]) -> TrackId | None:
    """The id in a TIDAL address, as tidal-dl-ng leaves it."""
    for address in addresses:
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            continue
        at_home = host == "tidal.com" or host.endswith(".tidal.com")
        if at_home and (found := _TRACK.search(parts.path)):
            return TrackId(found[1])
    return None


def _explicit(text: str | None) -> bool | None:
    words = (text or "").strip().casefold()
    if words in {"1", "4", "explicit"}:
        return True
    return False if words in {"2", "clean"} else None


def _maker(texts: _Texts) -> Maker | None:
    """A tool whose sound comes from elsewhere than its tags."""
    names = texts.names
    comments = " ".join(texts.all("comment")).casefold()
    from_youtube = any(host in comments for host in _YOUTUBE)
    urls = " ".join([*texts.all("url"), *names.get(_SPOTDL[0], ())]).casefold()
    if "open.spotify.com" in urls:
        return Maker.SPOTDL
    if any(name.removeprefix("txxx:").rpartition(":")[2] in _SOULSYNC for name in names):
        return Maker.SOULSYNC
    return Maker.YOUTUBE if from_youtube else None


def _is_old(tags: Any) -> bool:
    """Whether all that is known comes from ID3v1, with room for thirty letters."""
    return getattr(tags, "version", None) == (1, 1, 0) or getattr(tags, "version", None) == (1, 1)
