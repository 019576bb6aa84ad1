"""Text as XML and addresses want it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from urllib.parse import quote

_BLOCK = 1 << 16  # characters
_SAFE_IN_PATHS = "/:!$'()*,;=@~"
"""What genuine exports leave as it is, so far as it means nothing in an address."""

_ILLEGAL = [*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]
_ATTRIBUTE = dict.fromkeys(_ILLEGAL, None) | {
    ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;",
    9: "&#9;", 10: "&#10;", 13: "&#13;",
}  # fmt: skip
_special = re.compile(f"[{''.join(map(re.escape, map(chr, _ATTRIBUTE)))}]").search
_plain = re.compile(r"[A-Za-z0-9_./:!$'()*,;=@~-]*").fullmatch
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_illegal = frozenset(map(chr, _ILLEGAL))


def attribute(text: str) -> str:
    """``text`` between the quotes of an XML attribute, or as an element's content.

    Characters that XML has no form for are left out.
    """
    return text.translate(_ATTRIBUTE) if _special(text) else text


def is_xml(text: str) -> bool:
    """Whether XML can hold every character of it."""
    return _illegal.isdisjoint(text)


def address(path: str) -> str:
    """A full path as ``file://`` addresses have it: the bytes of the name, percent-encoded."""
    folder, slash, name = path.rpartition("/")
    return _quoted(folder) + slash + _quoted_once(name)


def _quoted_once(text: str) -> str:
    if _plain(text):
        return text
    return quote(text.encode(errors="surrogateescape"), safe=_SAFE_IN_PATHS)


_quoted = lru_cache(4096)(_quoted_once)  # a folder holds many files


def encoded(lines: Iterable[str]) -> Iterator[bytes]:
    """Lines as UTF-8, in blocks of a good size to write."""
    waiting: list[str] = []
    room = _BLOCK
    for line in lines:
        waiting.append(line)
        room -= len(line)
        if room < 0:
            yield "".join(waiting).encode(errors="surrogateescape")
            waiting, room = [], _BLOCK
    if waiting:
        yield "".join(waiting).encode(errors="surrogateescape")


def one_line(text: str) -> str:
    """Without what ends a line, and without other controls, which make a file binary to some."""
    return text if text.isprintable() else _CONTROLS.sub("", " ".join(text.split()))
