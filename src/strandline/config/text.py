"""``config.toml`` as text: read, parsed and checked, with every error naming key and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from strandline.config.keys import BY_NAME, KEYS, Key
from strandline.config.secrets import masked
from strandline.core.quality import is_below
from strandline.errors import ConfigError


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
    checked: dict[str, Any] = {}
    for name, value in _flatten(parse_toml(text, path)):
        line = line_of(text, name)
        key = key_named(name, f"{path}, line {line}: ")
        try:
            checked[name] = key.check(value)
        except ValueError as error:
            shown = masked(key, value)
            raise ConfigError(f"{path}, line {line}: {name} = {shown!r}: {error}.") from error
    return checked


def parse_toml(text: str, path: Path) -> dict[str, Any]:
    """The file as TOML, with nothing checked. ConfigError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"{path} is not valid TOML: {error}.", hint="Fix it with `strandline config edit`."
        ) from error


def key_named(name: str, where: str = "") -> Key:
    """The setting of this dotted name; ConfigError, which begins with ``where``, if none has it."""
    key = BY_NAME.get(name)
    if key is None:
        there = f"{where}there" if where else "There"
        raise ConfigError(
            f"{there} is no setting {name!r}{did_you_mean(name, BY_NAME)}.",
            hint="`strandline config show` lists every setting.",
        )
    return key


def keys_named(name: str) -> list[Key]:
    """All settings of a section, or the one of this dotted name. ConfigError."""
    return [key for key in KEYS if key.name.startswith(f"{name}.")] or [key_named(name)]


def check_text(text: str, path: Path) -> dict[str, Any]:
    """The values of a whole file, each by itself and all together. ConfigError."""
    found = parse_config(text, path)
    require_reachable_floor({key.name: found.get(key.name, key.default) for key in KEYS}, path)
    return found


def require_reachable_floor(values: Mapping[str, Any], path: Path) -> None:
    """ConfigError where the least quality that is stored is above the best that is asked for."""
    quality, floor = values["tidal.quality"], values["tidal.quality_floor"]
    if is_below(quality, floor):
        raise ConfigError(
            f"{path}: tidal.quality_floor = {floor!r} is above tidal.quality = {quality!r}:"
            " nothing would be stored.",
            hint="Lower the floor, or ask for more.",
        )


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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)``, or nothing where no name is near."""
    import difflib

    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
