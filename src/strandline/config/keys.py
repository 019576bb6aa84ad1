"""The table of all settings: name, check, default, meaning, and whether it may hold a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from strandline.core.names import check_template


@dataclass(frozen=True, slots=True)
class Limit:
    """``max_removals``: a share of the tracked entries, or a number of them."""

    amount: int
    percent: bool

    @classmethod
    def parse(cls, text: str) -> Limit:
        """``25%`` or ``40``; ValueError otherwise."""
        match = re.fullmatch(r"\s*(\d{1,9})\s*(%?)\s*", text)
        if not match or (match[2] and int(match[1]) > 100):
            raise ValueError(f"{text!r} is neither a number nor a percentage such as 25%")
        return cls(int(match[1]), bool(match[2]))

    def of(self, total: int) -> int:
        """How many of ``total`` entries may go."""
        return total * self.amount // 100 if self.percent else self.amount

    def __str__(self) -> str:
        return f"{self.amount}{'%' if self.percent else ''}"


Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a string that is not empty")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


@dataclass(frozen=True, slots=True)
class Choice:
    """A check: one of these words."""

    allowed: tuple[str, ...]

    def __call__(self, value: Any) -> str:
        """The word; ValueError for any other."""
        if value not in self.allowed:
            raise ValueError(f"must be one of {', '.join(self.allowed)}")
        return str(value)


def _choice(*allowed: str) -> Check:
    return Choice(allowed)


def _number(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return check


@dataclass(frozen=True, slots=True)
class OneOf:
    """A check: one of these numbers."""

    allowed: tuple[int, ...]

    def __call__(self, value: Any) -> int:
        """The number; ValueError for any other."""
        if value.__class__ is not int or value not in self.allowed:
            raise ValueError(f"must be one of {', '.join(map(str, self.allowed))}")
        return int(value)


def _zero_or(low: int, high: int) -> Check:
    within = _number(low, high)

    def check(value: Any) -> int:
        if value == 0 and value.__class__ is int:
            return 0
        try:
            return int(within(value))
        except ValueError:
            raise ValueError(f"must be 0, or a whole number from {low} to {high}") from None

    return check


_SLOWEST_RATE = 128 << 10
"""Shared by 16 downloads, each is still faster than one that is taken for broken."""


def _rate(value: Any) -> int:
    """Bytes a second: a number, or one with K, M or G (of 1024)."""
    match = re.fullmatch(r"(\d{1,12})([KMG]?)", str(value))
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not match:
        raise ValueError('must be a number of bytes, or a string such as "4M"')
    rate = int(match[1]) << 10 * " KMG".index(match[2] or " ")
    if 0 < rate < _SLOWEST_RATE:
        raise ValueError('must be 0 (no limit) or at least "128K"')
    return rate


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _track_ids(value: Any) -> tuple[str, ...]:
    """TIDAL's numbers, as strings."""
    if not isinstance(value, list) or not all(
        isinstance(item, str) and re.fullmatch(r"[0-9]{1,20}", item) for item in value
    ):
        raise ValueError('must be a list of track ids, such as ["251380837"]')
    return tuple(value)


def _some_of(*allowed: str) -> Check:
    def check(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or any(item not in allowed for item in value):
            example = f'["{allowed[0]}", "{allowed[1]}"]'
            listed = ", ".join(allowed)
            raise ValueError(f"must be a list, such as {example}, with some of {listed}")
        return tuple(value)

    return check


def _addresses(value: Any) -> tuple[str, ...]:
    """Apprise's: a scheme, and what that service needs."""
    if not isinstance(value, list) or not all(
        isinstance(item, str) and re.match(r"[A-Za-z][\w+.-]*://\S", item) for item in value
    ):
        raise ValueError('must be a list of addresses, such as ["ntfy://ntfy.sh/topic"]')
    return tuple(value)


def _web_address(value: Any) -> str:
    if value != "" and not (isinstance(value, str) and re.match(r"https?://[^/\s]+\S*$", value)):
        raise ValueError("must begin with https:// or http://")
    return str(value)


def _limit(value: Any) -> Limit:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise ValueError('must be a number or a percentage such as "25%"')
    return Limit.parse(str(value))


def _template(value: Any) -> str:
    return check_template(_text(value))


@dataclass(frozen=True, slots=True)
class Key:
    """One key of ``config.toml``; ``name`` is dotted where it stands in a table."""

    name: str
    check: Check
    default: Any
    says: str
    environment: str | None = None
    secret: bool = False
    """Its value may hold a password or a token: it is masked wherever it is shown."""

    @property
    def attribute(self) -> str:
        """The field of Config it fills."""
        return self.name.replace(".", "_")

    @property
    def is_list(self) -> bool:
        """Whether its value is a list of strings."""
        return isinstance(self.default, tuple)

    @property
    def toml_default(self) -> Any:
        """The default as TOML can hold it."""
        if isinstance(self.default, Limit):
            return str(self.default)
        return list(self.default) if self.is_list else self.default

    @property
    def words(self) -> tuple[str, ...]:
        """All values it can have, where they can be counted; for completion."""
        if isinstance(self.check, Choice):
            return self.check.allowed
        if isinstance(self.check, OneOf):
            return tuple(map(str, self.check.allowed))
        return ("true", "false") if isinstance(self.default, bool) else ()


KEYS: tuple[Key, ...] = (
    Key("library", _text, "~/Music/strandline", "the folder that holds mp3/", "STRANDLINE_LIBRARY"),
    Key("database_url", _text, "", "sqlite:///… ; default: strandline.db in the state folder",
        "STRANDLINE_DATABASE_URL"),
    Key("tidal.quality", _choice("low", "high", "lossless", "hires"), "lossless",
        "the best quality to ask TIDAL for: low, high, lossless or hires"),
    Key("tidal.quality_floor", _choice("low", "high", "lossless", "hires"), "low",
        "the least that is stored; a track that comes below it has failed"),
    Key("tidal.favorite_playlists", _flag, True, "also playlists of others that you follow"),
    Key("tidal.favorite_tracks", _flag, False,
        "also your favourite tracks, as the playlist Favourite tracks"),
    Key("tidal.favorite_albums", _flag, False, "also your favourite albums, each as a playlist"),
    Key("tidal.mixes", _choice("off", "mirror", "dated", "collect"), "off",
        "also your mixes: mirror follows each, dated keeps each day's, collect only adds"),
    Key("tidal.full_refresh_days", _number(1, 365), 7,
        "a playlist that seems unchanged is read in full again at least every so many days"),
    Key("audio.format", _choice("mp3", "aiff", "flac", "original"), "mp3",
        "mp3 encodes; aiff makes PCM of lossless audio; flac and original keep what TIDAL sends"),
    Key("audio.bitrate", _number(32, 320), 320, "kbit/s of an encoded mp3"),
    Key("audio.max_sample_rate", _zero_or(44_100, 384_000), 0,
        "no new file has more Hz than this, such as 48000; 0: as it comes"),
    Key("audio.bit_depth", OneOf((0, 16, 24)), 0,
        "no new lossless file has more bits than this: 16 or 24; 0: as it comes"),
    Key("tags.id3", OneOf((3, 4)), 3,
        "version of the ID3v2 tags of new MP3 and AIFF files: 3 or 4"),
    Key("tags.bpm_and_key", _flag, True, "TIDAL's tempo and key into the tags of new files"),
    Key("tags.replaygain", _flag, True, "TIDAL's loudness into the tags of new files"),
    Key("tags.lyrics", _choice("off", "embed", "file"), "off",
        "embed: lyrics into the tags of new files; file: into an .lrc file beside each"),
    Key("tags.cover", _zero_or(80, 3000), 1000,
        "pixels a side, at most, of the cover in new files, from 80 to 3000; 0 for no cover"),
    Key("layout.audio", _choice("playlist", "pool"), "playlist",
        "of a new library: playlist keeps audio in the playlists' folders, pool all in mp3/Tracks"),
    Key("sync.link_mode", _choice("auto", "symlink", "hardlink", "copy"), "auto",
        "auto: symlinks where the file system has them, else copies"),
    Key("sync.max_removals", _limit, Limit(25, percent=True),
        "stop when more files and links than this would be removed: a number or a percentage"),
    Key("sync.include", _texts, (), "only playlists whose name matches one of these patterns"),
    Key("sync.exclude", _texts, (), "playlists to leave exactly as they are, by their names"),
    Key("sync.deleted_playlists", _choice("clear", "keep"), "clear",
        "playlists deleted in TIDAL: clear their folders, or keep them as they are"),
    Key("sync.ignore", _track_ids, (),
        "track ids that are never downloaded; a file that is there already stays"),
    Key("sync.dedupe", _choice("track", "recording"), "track",
        "recording: the same recording under several track ids is one file"),
    Key("sync.trash_keep_days", _number(0, 36500), 0,
        "empty the trash of runs that ended more than so many days ago; 0 keeps it for ever"),
    Key("sync.primary_priority", _texts, (),
        "playlists that hold the audio, the first that has the track; otherwise alphabetical"),
    Key("names.track", _template, "{artist} - {title}",
        "file name; fields: artist, title, album, isrc, id"),
    Key("download.workers", _number(1, 16), 4, "downloads at a time"),
    Key("download.limit", _rate, 0,
        'bytes a second over all downloads, such as "4M" or "500K"; 0 for no limit'),
    Key("download.source", _choice("tidal", "command"), "tidal",
        "tidal, or command: an external downloader"),
    Key("download.command", _texts, (),
        "its words; {track_id} {url} {directory} {quality} are filled in"),
    Key("export.after_sync", _some_of("m3u8", "rekordbox", "traktor", "itunes"), (),
        "what to export after each sync that changed something: m3u8, rekordbox, traktor, itunes"),
    Key("export.m3u8_paths", _choice("relative", "absolute"), "relative",
        "how M3U8 files name the music: from where they lie, or in full"),
    Key("notify.urls", _addresses, (),
        "where to send a message, in the form of apprise (extra: notify)", secret=True),
    Key("notify.on", _some_of("failure", "recovery", "changes"), ("failure",),
        "failure: when runs begin to fail, fail for another reason, and when they succeed again;"
        " recovery: the last of these alone; changes: also after each run that changed something"),
    Key("notify.healthcheck", _web_address, "",
        "an address that is asked after each run, with /fail after one that failed", secret=True),
    Key("hooks.after_run", _texts, (),
        "a command that is run after each sync, with the JSON result on stdin"),
)  # fmt: skip

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}
