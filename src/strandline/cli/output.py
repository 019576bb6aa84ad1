"""What goes to stdout and stderr: one JSON document, or text that no name can dress up."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

# Control characters, invisible and direction-changing ones, and bytes that are no text: what a name
# could use to move the cursor, colour the screen or look like another name.
_UNSAFE = r"\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff"
_NOT_FOR_A_LINE = re.compile(rf"[\x00-\x1f{_UNSAFE}]")
_NOT_ASCII = re.compile("[^\x00-\x7f]+")
_NOT_FOR_JSON = re.compile(f"[{_UNSAFE}]")  # json escapes the first 32 itself


def clean(text: str) -> str:
    """``text`` on one line, without anything a terminal would obey; each is shown as ``�``."""
    return _NOT_FOR_A_LINE.sub(REPLACEMENT, text)


def plural(count: int, one: str, many: str = "") -> str:
    """``1 track``, ``2 tracks``, ``1,200 tracks``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """``less than a minute``, ``12 min``, ``3 h 20 min``."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02d} min" if hours else f"{minutes} min"


class Encoded(str):
    """JSON already: what a document can hold of what was written in advance."""

    __slots__ = ()


def encoded(values: Sequence[Any]) -> Encoded:
    """A list, as it will stand in a document."""
    return Encoded("".join(_list(values)))


def encode(document: Mapping[str, Any]) -> str:
    """JSON that is readable, and harmless on a terminal: the unsafe is written as ``\\uXXXX``."""
    return "".join(_pieces(document))


def _pieces(document: Mapping[str, Any]) -> Iterator[str]:
    """A line for each item of a list: what is long is made and written bit by bit."""
    before = "{"
    for key, value in document.items():
        yield f"{before}\n  {_json(key)}: "
        if isinstance(value, Encoded):
            yield value
        elif isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
            yield from _list(value)
        else:
            yield _json(_plain(value), indent=2).replace("\n", "\n  ")
        before = ","
    yield "{}" if before == "{" else "\n}"


def _list(values: Sequence[Any]) -> Iterator[str]:
    if not values:
        yield "[]"
        return
    before = "["
    for value in values:
        yield f"{before}\n    {_json(_plain(value))}"
        before = ","
    yield "\n  ]"


_one_line = json.JSONEncoder(ensure_ascii=False).encode


def _json(value: Any, indent: int | None = None) -> str:
    text = json.dumps(value, ensure_ascii=False, indent=indent) if indent else _one_line(value)
    if text.isascii() and "\x7f" not in text:
        return text
    return _NOT_FOR_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _in_ascii(text: str) -> str:
    """JSON for a stream of any encoding."""
    return _NOT_ASCII.sub(lambda match: json.dumps(match[0])[1:-1], text)


def fields_of(record: tuple[Any, ...]) -> dict[str, Any]:
    """A named tuple as an object of JSON; those within it become some when they are written."""
    names: tuple[str, ...] = getattr(record, "_fields", ())
    return dict(zip(names, record, strict=True))


def _plain(value: Any) -> Any:
    if not isinstance(value, (tuple, list)):
        return value
    if isinstance(value, list) or not hasattr(value, "_fields"):
        return [_plain(item) if isinstance(item, (tuple, list)) else item for item in value]
    fields = fields_of(value)
    for name, part in fields.items():
        if isinstance(part, (tuple, list)):
            fields[name] = _plain(part)
    return fields


class Output:
    """stdout for data, stderr for talk. With ``json`` stdout gets one document, nothing else."""

    def __init__(self, *, json: bool = False, quiet: bool = False, on_stderr: bool = False) -> None:
        """``on_stderr``: lines go there, beside a document that has stdout for itself."""
        self.json, self.quiet, self._on_stderr = json, quiet, on_stderr
        self.page: TextIO | None = None
        """Takes the lines instead of the terminal, for a pager (``cli/pager.py``)."""

    @property
    def colours(self) -> bool:
        """Whether lines go to a terminal that wants colours."""
        return is_colourful(self._stream)

    @property
    def on_terminal(self) -> bool:
        """Whether a person reads the lines where they go."""
        return self._stream.isatty()

    @property
    def _stream(self) -> TextIO:
        return sys.stderr if self._on_stderr else sys.stdout

    @property
    def _lines(self) -> TextIO:
        return self.page or self._stream

    def document(self, schema: str, document: Mapping[str, Any]) -> None:
        """The JSON document; ``schema`` is the command's name."""
        pieces = _pieces({"schema": f"strandline.{schema}/1", **document})
        if not is_utf8(sys.stdout):
            pieces = map(_in_ascii, pieces)
        sys.stdout.writelines(pieces)
        sys.stdout.write("\n")

    def line(self, text: str = "") -> None:
        """A line of data, as it is: names in it must have gone through ``clean``."""
        if not self.json:
            self._lines.write(text + "\n")

    def talk(self, text: str) -> None:
        """A line for the person, on stderr."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """A line for the person that even ``--quiet`` shows, after what stdout was given so far."""
        sys.stdout.flush()  # in a log both go to one file
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Drawn on a terminal, tabs between fields in a pipe; ``>name`` is aligned to the right."""
        if self.json or not rows:
            return
        if self.on_terminal:
            _draw(headings, rows, self._lines, colours=self.colours)
            return
        for row in rows:
            self._lines.write("\t".join(map(clean, row)) + "\n")

    def strong(self, text: str, style: str = "1") -> str:
        """``text`` standing out where there are colours; ``style`` is an SGR number (1 bold)."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.colours else text


def is_utf8(stream: TextIO) -> bool:
    """Whether every character comes out as such, and not as an escape or a byte of its own."""
    return (stream.encoding or "utf-8").lower().replace("-", "").replace("_", "") == "utf8"


def is_colourful(stream: TextIO) -> bool:
    """A terminal, and nobody said NO_COLOR."""
    dumb = os.environ.get("TERM") == "dumb"
    return stream.isatty() and not os.environ.get("NO_COLOR") and not dumb


def _draw(
    headings: Sequence[str], rows: Sequence[Sequence[str]], lines: TextIO, *, colours: bool
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE, pad_edge=False)
    for heading in headings:
        right = heading.startswith(">")
        table.add_column(heading.lstrip(">"), justify="right" if right else "left")
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    Console(
        file=lines,
        force_terminal=True,
        width=shutil.get_terminal_size().columns,
        no_color=not colours,
        highlight=False,
    ).print(table)
