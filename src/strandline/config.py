"""Settings: flag beats environment beats ``config.toml`` beats default, in one table of keys."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from strandline.core.names import check_template
from strandline.core.quality import is_below
from strandline.errors import ConfigError

APP = "strandline"


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


# ---------------------------------------------------------------- the table of keys

Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _choice(*allowed: str) -> Check:
    def check(value: Any) -> str:
        if value not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return str(value)

    return check


def _number(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return value

    return check


_SLOWEST_RATE = 128 << 10
"""Shared by 16 downloads, each is still faster than one that is taken for broken."""


def _rate(value: Any) -> int:
    """Bytes a second: a number, or one with K, M or G (of 1024)."""
    match = re.fullmatch(r"(\d{1,12})([KMG]?)", str(value))
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not match:
        raise ValueError('must be a number of bytes, or a text such as "4M"')
    rate = int(match[1]) << 10 * " KMG".index(match[2] or " ")
    if 0 < rate < _SLOWEST_RATE:
        raise ValueError('must be 0 (no limit) or at least "128K"')
    return rate


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("must be a list of texts")
    return tuple(value)


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

    @property
    def attribute(self) -> str:
        """The field of Config it fills."""
        return self.name.replace(".", "_")


KEYS: tuple[Key, ...] = (
    Key("library", _text, "~/Music/strandline", "the folder that holds mp3/", "STRANDLINE_LIBRARY"),
    Key("database_url", _text, "", "sqlite:///… ; default: strandline.db in the state folder",
        "STRANDLINE_DATABASE_URL"),
    Key("tidal.quality", _choice("low", "high", "lossless", "hires"), "lossless",
        "the best quality to ask TIDAL for: low, high, lossless or hires"),
    Key("tidal.quality_floor", _choice("low", "high", "lossless", "hires"), "low",
        "the least that is stored; a track that comes below it has failed"),
    Key("tidal.favorite_playlists", _flag, True, "also playlists of others that you follow"),
    Key("tidal.full_refresh_days", _number(1, 365), 7,
        "a playlist that seems unchanged is read in full again at least every so many days"),
    Key("audio.format", _choice("mp3", "flac", "original"), "mp3",
        "mp3 encodes; flac and original keep what TIDAL sends"),
    Key("audio.bitrate", _number(32, 320), 320, "kbit/s of an encoded mp3"),
    Key("sync.link_mode", _choice("auto", "symlink", "hardlink", "copy"), "auto",
        "auto: symlinks where the file system has them, else copies"),
    Key("sync.max_removals", _limit, Limit(25, percent=True),
        "stop when more entries than this would go: a number or a percentage"),
    Key("sync.include", _texts, (), "only playlists whose name matches one of these patterns"),
    Key("sync.exclude", _texts, (), "not the playlists whose name matches one of these patterns"),
    Key("sync.deleted_playlists", _choice("clear", "keep"), "clear",
        "playlists deleted in TIDAL: clear their folders, or keep them as they are"),
    Key("sync.primary_priority", _texts, (),
        "playlists that hold the audio before the alphabet decides, first wins"),
    Key("names.track", _template, "{artist} - {title}",
        "file name; fields: artist, title, album, isrc, id"),
    Key("download.workers", _number(1, 16), 4, "downloads at a time"),
    Key("download.limit", _rate, 0,
        'bytes a second over all downloads, such as "4M" or "500K"; 0 for no limit'),
    Key("download.source", _choice("tidal", "command"), "tidal",
        "tidal, or a downloader of your own"),
    Key("download.command", _texts, (),
        "its words; {track_id} {url} {directory} {quality} are filled in"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of a run, checked. Paths are absolute."""

    path: Path
    state_dir: Path
    library: Path
    database_url: str
    tidal_url: str | None
    tidal_quality: str
    tidal_quality_floor: str
    tidal_favorite_playlists: bool
    tidal_full_refresh_days: int
    audio_format: str
    audio_bitrate: int
    sync_link_mode: str
    sync_max_removals: Limit
    sync_include: tuple[str, ...]
    sync_exclude: tuple[str, ...]
    sync_deleted_playlists: str
    sync_primary_priority: tuple[str, ...]
    names_track: str
    download_workers: int
    download_limit: int
    download_source: str
    download_command: tuple[str, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    """Key name -> where its value came from: flag, environment, file or default."""

    @property
    def mp3_dir(self) -> Path:
        """``<library>/mp3``, to which all stored paths are relative."""
        return self.library / "mp3"


def load_config(
    environ: Mapping[str, str],
    *,
    config: str | None = None,
    library: str | None = None,
    database_url: str | None = None,
) -> Config:
    """Read the settings; the keyword arguments are the flags. ConfigError names key and line."""
    import platformdirs

    path = config_path(environ, config)
    # The variable says where the file lives, and it may not be written yet; a flag asks for it now.
    values, sources = _file_values(path, must_exist=bool(config))
    _overlay(values, sources, environ, {"library": library, "database_url": database_url})
    _require_reachable_floor(values, path)
    state = environ.get("STRANDLINE_STATE_DIR") or platformdirs.user_data_dir(APP)
    state_dir = _absolute(state)
    return Config(
        path=path,
        state_dir=state_dir,
        library=_absolute(values.pop("library")),
        database_url=values.pop("database_url") or f"sqlite:///{state_dir / 'strandline.db'}",
        tidal_url=_origin(environ.get("STRANDLINE_TIDAL_URL")),
        sources=sources,
        **{name.replace(".", "_"): value for name, value in values.items()},
    )


def _require_reachable_floor(values: Mapping[str, Any], path: Path) -> None:
    quality, floor = values["tidal.quality"], values["tidal.quality_floor"]
    if is_below(quality, floor):
        raise ConfigError(
            f"{path}: tidal.quality_floor = {floor!r} is above tidal.quality = {quality!r}:"
            " nothing would be stored.",
            hint="Lower the floor, or ask for more.",
        )


def config_path(environ: Mapping[str, str], flag: str | None = None) -> Path:
    """Where ``config.toml`` is, whether or not it exists."""
    import platformdirs

    chosen = flag or environ.get("STRANDLINE_CONFIG")
    return _absolute(chosen) if chosen else Path(platformdirs.user_config_dir(APP), "config.toml")


def _absolute(text: str | os.PathLike[str]) -> Path:
    return Path(os.path.abspath(os.path.expanduser(text)))


def _is_origin(url: str) -> bool:
    try:
        return bool(re.fullmatch(r"https?://[^/?#\s]+/?", url) and urlsplit(url).port != 0)
    except ValueError:  # half an IPv6 address, a port of letters
        return False


def _origin(url: str | None) -> str | None:
    if not url:
        return None
    if not _is_origin(url):
        raise ConfigError(
            f"STRANDLINE_TIDAL_URL is {url!r}, which is not an origin.",
            hint="Give scheme and host only, such as http://127.0.0.1:8080, or unset it.",
        )
    return url.rstrip("/")


def _overlay(
    values: dict[str, Any],
    sources: dict[str, str],
    environ: Mapping[str, str],
    flags: Mapping[str, str | None],
) -> None:
    for key in KEYS:
        flag, variable = flags.get(key.name), key.environment and environ.get(key.environment)
        if flag:
            values[key.name], sources[key.name] = flag, "flag"
        elif variable:
            values[key.name], sources[key.name] = variable, "environment"


def _file_values(path: Path, *, must_exist: bool) -> tuple[dict[str, Any], dict[str, str]]:
    values = {key.name: key.default for key in KEYS}
    sources = {key.name: "default" for key in KEYS}
    try:
        text = read_text(path)
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(
                f"The config file {path} does not exist.",
                hint="Create it (`strandline config edit`), or leave out --config.",
            ) from None
        return values, sources
    for name, value in parse_config(text, path).items():
        values[name], sources[name] = value, "file"
    return values, sources


def read_text(path: Path) -> str:
    """A config file as text. ConfigError for all but FileNotFoundError."""
    try:
        data = path.read_bytes()
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigError(f"The config file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"The config file {path} is not UTF-8 (line {line}).", hint="Save it as UTF-8."
        ) from error


def parse_config(text: str, path: Path) -> dict[str, Any]:
    """Checked values by dotted key name. ConfigError names file, line and key."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}.",
            hint="Mend it with `strandline config edit`.",
        ) from error
    known = {key.name: key for key in KEYS}
    checked: dict[str, Any] = {}
    for name, value in _flatten(document):
        line = line_of(text, name)
        if name not in known:
            raise ConfigError(
                f"{path}, line {line}: there is no setting {name!r}{_did_you_mean(name, known)}.",
                hint="`strandline config show` lists every setting.",
            )
        try:
            checked[name] = known[name].check(value)
        except ValueError as error:
            raise ConfigError(f"{path}, line {line}: {name} = {value!r}: {error}.") from error
    return checked


def _flatten(document: dict[str, Any]) -> list[tuple[str, Any]]:
    tables = {key.name.partition(".")[0] for key in KEYS if "." in key.name}
    flat: list[tuple[str, Any]] = []
    for name, value in document.items():
        if name in tables and isinstance(value, dict):
            flat += [(f"{name}.{inner}", inner_value) for inner, inner_value in value.items()]
        else:
            flat.append((name, value))
    return flat


def line_of(text: str, name: str) -> int:
    """The line (from 1) on which a dotted key stands, 1 if it cannot be found."""
    table, _, key = name.rpartition(".")
    current = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            current = header[1].strip("\"'")
            if current == name:
                return number
        elif found := re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line):
            full = f"{current}.{found[1]}" if current else found[1]
            if full == name or (not current and full == table and key):
                return number
    return 1


def _did_you_mean(name: str, known: Mapping[str, Key]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
