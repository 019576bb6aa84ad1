"""Settings: flag beats environment beats ``config.toml`` beats default, in one table of keys."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from strandline.config.keys import KEYS, Limit
from strandline.config.text import parse_config, read_text, require_reachable_floor
from strandline.errors import ConfigError

APP = "strandline"


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
    tidal_favorite_tracks: bool
    tidal_favorite_albums: bool
    tidal_mixes: str
    tidal_full_refresh_days: int
    audio_format: str
    audio_bitrate: int
    audio_max_sample_rate: int
    audio_bit_depth: int
    tags_id3: int
    tags_bpm_and_key: bool
    tags_replaygain: bool
    tags_lyrics: str
    tags_cover: int
    layout_audio: str
    sync_link_mode: str
    sync_max_removals: Limit
    sync_include: tuple[str, ...]
    sync_exclude: tuple[str, ...]
    sync_deleted_playlists: str
    sync_dedupe: str
    sync_ignore: tuple[str, ...]
    sync_trash_keep_days: int
    sync_primary_priority: tuple[str, ...]
    names_track: str
    download_workers: int
    download_limit: int
    download_source: str
    download_command: tuple[str, ...]
    export_after_sync: tuple[str, ...]
    export_m3u8_paths: str
    notify_urls: tuple[str, ...]
    notify_on: tuple[str, ...]
    notify_healthcheck: str
    hooks_after_run: tuple[str, ...]
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
    require_reachable_floor(values, path)
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
