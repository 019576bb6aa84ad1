"""XML rewritten where it stands: the values of some attributes, and not a byte beside them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from strandline.library.exports.text import attribute

Change = Callable[[tuple[bytes, ...], bytes], bytes]
"""The names of the elements above, and an element's attributes as they stand -> as they shall."""

VALUE = r"""(?:"[^"]*"|'[^']*')"""
ATTRIBUTES = rf"""(?:\s+[^\s=<>"'/]+\s*=\s*{VALUE})*"""
NO_ELEMENT = r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
"""What looks like elements in it is text."""
_TAG = re.compile(
    rf"{NO_ELEMENT}|</[^>]*>|<([^\s<>/!?]+)({ATTRIBUTES})\s*(/?)>".encode(), re.DOTALL
)


def rewritten(data: bytes, changes: Mapping[bytes, Change]) -> bytes:
    """``data``, which is whole XML in UTF-8, with ``changes`` made to elements of these names."""
    above: list[bytes] = []

    def tag(found: re.Match[bytes]) -> bytes:
        name, told, empty = found.groups()
        if name is None:
            if above and found[0].startswith(b"</"):
                above.pop()
            return found[0]
        change = changes.get(name)
        new = told if change is None else change(tuple(above), told)
        if not empty:
            above.append(name)
        return found[0] if new == told else found[0].replace(told, new, 1)

    return _TAG.sub(tag, data)


def value_of(told: bytes, name: str) -> str | None:
    """The value of one of an element's attributes; None when it has no such."""
    found = _named(name).match(told)
    return None if found is None else _plain(found[2])


def with_value(told: bytes, name: str, value: str) -> bytes:
    """The same attributes with another value of one that is there, between the same quotes."""
    found = _named(name).match(told)
    if found is None:
        return told
    return told[: found.start(2)] + _quoted(value, found[2][:1]) + told[found.end(2) :]


@lru_cache(32)
def _named(name: str) -> re.Pattern[bytes]:
    before = ATTRIBUTES.removesuffix("*") + "*?"
    return re.compile(rf"({before})\s+{name}\s*=\s*({VALUE})".encode())


def _plain(quoted: bytes) -> str:
    return html.unescape(quoted[1:-1].decode(errors="surrogateescape"))


def _quoted(value: str, quote: bytes) -> bytes:
    text = attribute(value).encode(errors="surrogateescape")
    return quote + (text.replace(b"'", b"&apos;") if quote == b"'" else text) + quote
