"""``config.toml`` changed key by key: comments, order and blank lines stay as they are."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strandline.config.keys import BY_NAME, KEYS, Key
from strandline.config.secrets import holds_secret
from strandline.config.text import check_text, parse_toml, read_text
from strandline.errors import ConfigError

if TYPE_CHECKING:
    from tomlkit.items import Item

_HEADER = re.compile(r"\s*\[\s*([\w.-]+)\s*\]")
_LONG = 80
"""Characters; a longer list gets a line an item."""


def toml_value(key: Key, words: Sequence[str]) -> Any:
    """The value that ``words`` of a command line stand for, as TOML has it, checked. ConfigError.

    A list is several words, or one that is a TOML list; ``25%`` needs no quotes.
    """
    candidates = list(_list_candidates(words) if key.is_list else _candidates(key, words))
    error: ValueError | None = None
    for candidate in candidates:
        try:
            key.check(candidate)
        except ValueError as wrong:
            error = wrong
        else:
            return candidate
    shown = " ".join(words) if not key.secret else "the value"
    raise ConfigError(f"{key.name}: {shown!r} {error}.", hint=f"{key.name}: {key.says}")


def _candidates(key: Key, words: Sequence[str]) -> Iterator[Any]:
    if len(words) != 1:
        raise ConfigError(
            f"{key.name} takes one value, not {len(words)}.", hint="Quote a value with blanks."
        )
    parsed = _parsed(words[0])
    if parsed is not None:
        yield parsed
    yield words[0]


def _list_candidates(words: Sequence[str]) -> Iterator[Any]:
    if len(words) == 1 and (parsed := _parsed(words[0])) is not None:
        yield parsed
    yield [word for word in words if word]


def _parsed(text: str) -> Any:
    """``text`` as a TOML value; None where it is none."""
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text.strip() else None
    except tomllib.TOMLDecodeError:
        return None


def with_values(text: str, values: Mapping[str, Any], path: Path) -> str:
    """``text`` with these TOML values by key name; None takes a key away. ConfigError.

    The result as a whole is a valid file, whatever ``text`` was.
    """
    document = parse_toml(text, path)
    for name, value in values.items():
        table = document.get(name.partition(".")[0]) if "." in name else {}
        if table is not None and not isinstance(table, dict):
            check_text(text, path)  # tells what stands in the table's place
        text = _without(text, name) if value is None else _with(text, name, value)
    check_text(text, path)
    return text


def _with(text: str, name: str, value: Any) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table, _, key = name.rpartition(".")
    place: Any = document if not table else document.get(table)
    if place is None or key not in place:
        below = _below_its_comment(text, table, f"{key} = {_item(value).as_string()}")
        if below is not None:
            return below
    if place is None:
        place = tomlkit.table()
        if text.strip():
            document.add(tomlkit.nl())
        document.add(table, place)
    if key in place and isinstance(value, list) and _changed_in_place(place[key], value):
        return document.as_string()
    if key in place:
        place[key] = _item(value)
    else:
        place.add(key, _item(value))
    return document.as_string()


def _changed_in_place(array: Item, value: list[Any]) -> bool:
    """Whether items could be taken from the list's end or added there, so that comments stay."""
    from tomlkit.items import Array

    if not isinstance(array, Array):
        return False
    kept = [item for item in array.unwrap() if item in value]
    if kept != value[: len(kept)] or len(set(map(str, value))) != len(value):
        return False
    for item in [item for item in array.unwrap() if item not in value]:
        array.remove(item)
    for item in value[len(kept) :]:
        array.append(item)
    return bool(array.unwrap() == value)


def _item(value: Any) -> Any:
    import tomlkit

    item = tomlkit.item(value)
    if isinstance(value, list) and len(item.as_string()) > _LONG:
        item.multiline(multiline=True)
    return item


def _below_its_comment(text: str, table: str, line: str) -> str | None:
    """``text`` with the line below the one that has this key commented out, if there is one."""
    key = line.partition(" = ")[0]
    commented = re.compile(rf"\s*#\s*({re.escape(key)}\s*=.*)")
    current, lines = "", text.splitlines(keepends=True)
    for number, before in enumerate(lines):
        if header := _HEADER.match(before):
            current = header[1]
        elif current == table and (found := commented.match(before)) and _is_toml(found[1]):
            head = "".join(lines[: number + 1])
            new = f"{line}\n" if head.endswith("\n") else f"\n{line}\n"
            return _if_valid(head + new + "".join(lines[number + 1 :]))
    return None


def _is_toml(text: str) -> bool:
    try:
        return bool(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return False


def _if_valid(text: str) -> str | None:
    """The comment may have been within a text of several lines."""
    return text if _is_toml(text) else None


def _without(text: str, name: str) -> str:
    import tomlkit

    document = tomlkit.parse(text)
    table, _, key = name.rpartition(".")
    place: Any = document if not table else document.get(table)
    if place is not None and key in place:
        place.remove(key)
    return document.as_string()


def template(values: Mapping[str, Any]) -> str:
    """A new file: every key with its meaning, and its default commented out; ``values`` set."""
    lines = ["# strandline's settings. Take the # away from a line to change it."]
    table = ""
    for key in KEYS:
        head, _, name = key.name.rpartition(".")
        if head != table:
            lines += ["", f"[{head}]"]
            table = head
        lines += ["", f"# {key.says}", f"# {name} = {_item(key.toml_default).as_string()}"]
    return with_values("\n".join(lines) + "\n", values, Path("config.toml"))


def write_text(path: Path, text: str) -> None:
    """Write the file, at every moment whole, and for its owner alone if it holds a secret.

    A link (as dotfile managers make them) stays one. ConfigError.
    """
    private = holds_secret(BY_NAME, check_text(text, path))
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = 0o600 if private else _mode_of(target)
        _write_new(part, text, mode)
        os.replace(part, target)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ConfigError(
            f"The config file {path} cannot be written: {error.strerror}.",
            hint="Name another one with --config.",
        ) from error


def _mode_of(path: Path) -> int | None:
    """An existing file's permissions; None lets the umask decide."""
    return path.stat().st_mode & 0o777 if path.exists() else None


def _write_new(path: Path, text: str, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    descriptor = os.open(path, flags, 0o666 if mode is None else 0o600)
    with open(descriptor, "w", encoding="utf-8", newline="") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(text)
        file.flush()
        os.fsync(descriptor)


def make_private(path: Path, text: str) -> None:
    """Let only the owner read the file if it holds a secret. ConfigError."""
    if holds_secret(BY_NAME, check_text(text, path)):
        try:
            path.chmod(0o600)
        except OSError as error:
            message = f"{path} holds a secret, and others can read it: {error.strerror}."
            raise ConfigError(message, hint=f"chmod 600 {path}") from error


def readable_by_others(path: Path) -> bool:
    """Whether the file holds a secret that is not its owner's alone. ConfigError, OSError."""
    return bool(path.stat().st_mode & 0o077) and holds_secret(
        BY_NAME, check_text(read_text(path), path)
    )
