"""What a person's own file tells of itself, and what its name tells where its tags are silent."""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

from strandline.core.ids import TrackId
from strandline.core.matching.artists import Artists, parse_artists
from strandline.core.matching.text import unbroken
from strandline.core.matching.titles import Title, parse_title


class Maker(str, Enum):
    """A tool whose tags are of one recording and whose sound may be of another."""

    SPOTDL = "spotDL"
    SOULSYNC = "SoulSync"
    YOUTUBE = "a YouTube downloader"


class FileTags(NamedTuple):
    """What is in a file's tags and headers; None for what is not there."""

    own_id: TrackId | None = None
    tidal_id: TrackId | None = None
    """As another tool wrote it."""
    isrc: str | None = None
    title: str | None = None
    version: str | None = None
    artists: tuple[str, ...] = ()
    duration: float | None = None  # seconds
    explicit: bool | None = None
    maker: Maker | None = None
    channels: int | None = None
    cut: bool = False
    """They have room for thirty letters only."""
    lossless: bool = False
    bitrate: int = 0  # bits a second
    sample_rate: int = 0
    bits: int = 0


class OwnFile:
    """A file of the person's as it is compared: its tags, or its name's words in their stead."""

    def __init__(self, path: str, tags: FileTags, mtime_ns: int = 0) -> None:
        self.path, self.tags, self.mtime_ns = path, tags, mtime_ns

    @cached_property
    def title(self) -> Title:
        """The title with its version, taken apart."""
        tags = self.tags
        if tags.title and tags.title.strip():
            text = with_version(_without_number(tags.title), tags.version)
            return parse_title(text, may_be_cut=tags.cut)
        return parse_title(self._named[1])

    @cached_property
    def artists(self) -> Artists:
        """Of its tags, else of its name."""
        guests = self.title.guests
        lines = self.tags.artists
        found = parse_artists(lines, guests)
        if not found.known and not self.tags.title and self._named[0]:
            return parse_artists((self._named[0],), guests)
        return found

    @cached_property
    def _named(self) -> tuple[str, str]:
        """The artist and the title in the file's name."""
        return name_parts(self.path)

    @property
    def quality(self) -> tuple[int, ...]:
        """The more the better; of two alike the older file."""
        tags = self.tags
        good = (tags.lossless, tags.bits, tags.sample_rate) if tags.lossless else (False, 0, 0)
        return (*map(int, good), tags.bitrate, -self.mtime_ns)


_SHOP_NUMBER: Final = re.compile(r"^[0-9]{6,9}_")
_NUMBER: Final = re.compile(
    r"^(?:(?:[0-9]{1,2}[-.])?[0-9]{1,3}\s*(?:[.)]\s+|\s-\s+|-\s*(?=\D))|[A-D][0-9]{1,2}\s*[-.]\s+"
    r"|0[0-9]\s+|0[0-9]_|[0-9]-[0-9]{2}\s+)"
)
_TITLE_NUMBER: Final = re.compile(r"^(?:0[0-9]|[0-9]{2,3})(?:\s-\s+|\.\s+)(?=\S)")


def name_parts(path: str) -> tuple[str, str]:
    """The artist (or nothing) and the title, from ``01 - Artist - Title.mp3`` and its like."""
    stem = path.rpartition("/")[2]
    stem = unbroken(stem.rpartition(".")[0] or stem)
    shop = _SHOP_NUMBER.match(stem)
    if shop or ("_" in stem and " " not in stem):
        stem = stem[shop.end() if shop else 0 :].replace("_", " ")
    stem = _NUMBER.sub("", stem, count=1) if not shop else stem
    stem = stem.strip() or path.rpartition("/")[2]
    artist, dash, title = stem.partition(" - ")
    return (artist, title) if dash and title.strip() else ("", stem)


def with_version(title: str, version: str | None) -> str:
    """The title with a version that it does not already name."""
    version = (version or "").strip()
    if not version or version.casefold() in title.casefold():
        return title
    return f"{title} ({version})"


def _without_number(title: str) -> str:
    """Without the track number that some tools put into the title; "7 Rings" keeps its own."""
    return _TITLE_NUMBER.sub("", title, count=1) or title
