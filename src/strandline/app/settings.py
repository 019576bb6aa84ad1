"""The config file: shown with secrets masked, changed key by key, opened in an editor."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from strandline.config import Config, config_path
from strandline.config.keys import KEYS, Key, Limit
from strandline.config.secrets import masked
from strandline.config.text import check_text, key_named, read_text
from strandline.config.writing import make_private, template, toml_value, with_values, write_text
from strandline.errors import ConfigError

EDITORS = ("sensible-editor", "editor", "nano", "vim", "vi", "emacs")
"""Tried in this order where neither VISUAL nor EDITOR names one."""


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
    """A setting's value as ``config.toml`` has it (JSON's strings and lists are TOML's, too)."""
    return json.dumps(as_json(value), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Written:
    """A key of the config file after a change."""

    path: Path
    key: Key
    value: Any
    """Masked; the default's where the key was taken away."""
    beaten_by: str | None
    """The environment variable that is set, and counts more than the file."""


def set_key(
    environ: Mapping[str, str], flag: str | None, name: str, words: Sequence[str]
) -> Written:
    """Write one key into the config file; what else stands there stays. ConfigError."""
    key = key_named(name)
    value = toml_value(key, words)
    if key.name == "library":
        value = absolute(value)
    return _write(environ, flag, key, value)


def unset_key(environ: Mapping[str, str], flag: str | None, name: str) -> Written:
    """Take a key out of the config file, so that its default counts. ConfigError."""
    return _write(environ, flag, key_named(name), None)


def _write(environ: Mapping[str, str], flag: str | None, key: Key, value: Any) -> Written:
    path = config_path(environ, flag)
    save(path, {key.name: value})
    beaten_by = key.environment if key.environment and environ.get(key.environment) else None
    now = key.toml_default if value is None else value
    return Written(path, key, masked(key, now), beaten_by)


def save(path: Path, values: Mapping[str, Any]) -> None:
    """Write TOML values by key name (None takes one away) into a new or existing file. ConfigError.

    A file that would stay as it is is not written.
    """
    try:
        before = read_text(path)
        text = with_values(before, values, path)
    except FileNotFoundError:
        before, text = None, template({k: v for k, v in values.items() if v is not None})
    if text != before:
        write_text(path, text)


def absolute(folder: str) -> str:
    """A folder that means the same wherever a command is started; ``~`` stays."""
    return folder if folder.startswith("~") else os.path.abspath(folder)


def edit(
    environ: Mapping[str, str], flag: str | None, again: Callable[[ConfigError], bool]
) -> Path:
    """Open the config file in the person's editor, made first if need be, and check it after.

    Opened ``again`` after a mistake if that says so. ConfigError for what cannot be made, opened
    or understood.
    """
    path = config_path(environ, flag)
    if not path.exists():
        write_text(path, template({}))
    while True:
        _run_editor(environ, path)
        try:
            _check(path)
        except ConfigError as error:
            if not again(error):
                raise
        else:
            return path


def _check(path: Path) -> None:
    try:
        text = read_text(path)
    except FileNotFoundError as error:
        raise ConfigError(f"The config file {path} is gone.") from error
    check_text(text, path)
    make_private(path, text)


def editor_of(environ: Mapping[str, str]) -> str:
    """The command line of the person's editor, else of one that is there. ConfigError."""
    chosen = environ.get("VISUAL") or environ.get("EDITOR")
    if chosen:
        return chosen
    search = environ.get("PATH")
    found = (shutil.which(name, path=search) for name in EDITORS)
    editor = next(filter(None, found), None)
    if editor is None:
        raise ConfigError("There is no editor here.", hint="Name one in VISUAL or EDITOR.")
    return shlex.quote(editor)


def _run_editor(environ: Mapping[str, str], path: Path) -> None:
    editor = editor_of(environ)
    hint = f"Set EDITOR to another one, edit {path} by hand, or use `strandline config set`."
    try:
        words = shlex.split(editor)
        ended = subprocess.run([*words, os.fspath(path)], check=False)  # noqa: S603 - theirs
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"The editor {editor!r} cannot be started: {error}.", hint=hint
        ) from error
    if ended.returncode:
        raise ConfigError(f"The editor {editor!r} ended with {ended.returncode}.", hint=hint)
