"""The config file: shown, and made with every key commented out."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from strandline.config import Config, config_path
from strandline.config.keys import KEYS, Key, Limit
from strandline.config.secrets import masked
from strandline.config.text import parse_config, read_text
from strandline.errors import ConfigError


def shown(config: Config) -> list[tuple[Key, Any, str]]:
    """Every key with its value, secrets masked, and where that came from."""
    values = [(key, getattr(config, key.attribute)) for key in KEYS]
    return [(key, masked(key, value), config.sources[key.name]) for key, value in values]


def as_json(value: Any) -> Any:
    """A setting's value as JSON has it."""
    if isinstance(value, (Limit, Path)):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def as_toml(value: Any) -> str:
    """A setting's value as ``config.toml`` has it (JSON's texts and lists are TOML's, too)."""
    return json.dumps(as_json(value), ensure_ascii=False)


def template() -> str:
    """A config file with every key, its meaning and its default, all commented out."""
    lines = ["# strandline's settings. Take the # away from a line to change it."]
    table = ""
    for key in KEYS:
        head, _, name = key.name.rpartition(".")
        if head != table:
            lines += ["", f"[{head}]"]
            table = head
        lines += ["", f"# {key.says}", f"# {name} = {as_toml(key.default)}"]
    return "\n".join(lines) + "\n"


def edit(environ: Mapping[str, str], flag: str | None) -> Path:
    """Open the config file in the person's editor, made first if need be, and check it after.

    Raises ConfigError for what cannot be made, opened or understood.
    """
    path = config_path(environ, flag)
    _make(path)
    _run_editor(environ, path)
    try:
        text = read_text(path)
    except FileNotFoundError as error:
        raise ConfigError(f"The config file {path} is gone.") from error
    parse_config(text, path)
    return path


def _make(path: Path) -> None:
    if path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(template())
    except OSError as error:
        raise ConfigError(
            f"The config file {path} cannot be made: {error.strerror}.",
            hint="Name another one with --config.",
        ) from error


def _run_editor(environ: Mapping[str, str], path: Path) -> None:
    editor = environ.get("VISUAL") or environ.get("EDITOR") or "vi"
    hint = f"Set EDITOR to one that is there, or edit {path} by hand."
    try:
        words = shlex.split(editor)
        ended = subprocess.run([*words, os.fspath(path)], check=False)  # noqa: S603 - theirs
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The editor {editor!r} cannot be started: {error}.", hint=hint
        ) from error
    if ended.returncode:
        raise ConfigError(f"The editor {editor!r} ended with {ended.returncode}.", hint=hint)
