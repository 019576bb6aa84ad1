"""Names that have broken programs: put together here from their kinds, some 900 of them.

Each kind is a way to leave a folder, fool an eye, a shell, a terminal, a database or a disk.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from itertools import product

_WORDS = ("Song", "Ana", "café", "Blüte", "夜", "שיר", "ليل")
_DEVICES = ("con", "prn", "aux", "nul", "com1", "com9", "lpt1", "lpt9", "com¹", "conin$", "clock$")
_PATHS = (
    "..", ".", "/", "//", "\\", "../", "..\\", "/etc/passwd", "C:\\Windows", "\\\\host\\share",
    "../../../../outside/x", "a/../../b", "./x", "~", "~root", "file:///etc/passwd", "..%2f..%2f",
    "%2e%2e/", "．．／", "‥", "∕etc∕passwd", "．", "a\x00/b", ".strandline", ".strandline/trash",
    "mp3/Playlists", "../../.strandline/library.json", ".strandline-1", "library.json", "tmp",
)  # fmt: skip
_CONTROLS = [chr(code) for code in (*range(32), *range(127, 160))]
_UNSEEN = list(
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029"
    "\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2066\u2067\u2068\u2069\u206a\u2800\u3164\ufe0f"
    "\ufeff\uffa0\ufff9\ufffc\U000e0001\U000e0041\U000e0100\u00a0\u2003\u202f\u205f\u3000"
)
_TERMINAL = (
    "\x1b[31mred\x1b[0m", "\x1b[2J", "\x1b]0;title\x07", "\x1b]8;;http://x\x1b\\link", "\x9b31m",
    "\r50 %", "a\bb", "\x1bc", "\x1b[6n", "\x1bP$q\x1b\\", "\x0e\x0f", "\x07", "\x1b[1A\x1b[2K",
    "\x1b]52;c;eA==\x07",
)  # fmt: skip
_SHELL = (
    "$(touch x)", "`touch x`", "; rm -rf ~", "| cat", "&& true", "> x", "< x", "-rf", "--help",
    "--", "-", "$HOME", "${IFS}", "*", "?", "[a-z]", "{a,b}", "!!", "#", "'", '"', "''", "\\n",
    "%s", "%n", "%00", "{0}", "{artist}", "{title.__class__}", "{{}}", "%(x)s", "$1", "\\0",
)  # fmt: skip
_DATABASE = (
    "%", "_", "%%", "a_b", "A%", "'; DROP TABLE tracks; --", "' OR '1'='1", '"', "\\", "\\%",
    "NULL", "None", "null", "0", "-1", "1e309", "NaN", "true", "[]", "{}", "x'00'", "GLOB", "?1",
)  # fmt: skip
_LETTERS = (
    "ß", "ẞ", "İ", "ı", "ſ", "K", "Å", "ﬁ", "ﬀ", "ŉ", "ǆ", "Σς", "ΐ", "e\u0301", "é", "A\u030a",
    "\u1e9b\u0323", "q\u0307\u0323", "각", "각", "が", "か\u3099", "\ufb1d", "ｆｕｌｌ", "①", "½",
    "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "e" + "\u0301" * 40, "\u0301", "𝒳",
    "\ud800", "\udfff", "a\udc41b", "\uffff", "\U0010ffff",
    "\ue000", "\u0378", "...", "…", "....", " ", "  ", "\t", "", "-", "untitled", "Untitled",
    "Unknown Artist", "Unavailable",
)  # fmt: skip


def _devices() -> Iterator[str]:
    for device, case in product(_DEVICES, (str.lower, str.upper, str.title)):
        yield from (case(device), f"{case(device)}.mp3", f"{case(device)} .x", f" {case(device)}")


def _edges() -> Iterator[str]:
    for word in _WORDS:
        yield from (f"{word}.", f"{word} ", f" {word}", f".{word}", f"{word}..", f"{word}. .")
        yield from (f"{word}.mp3", f"{word}.flac", f"{word}.exe", f"{word}.part", f"-{word}")
        yield from (word.upper(), word.lower(), word.title(), f"{word} [1]", f"{word} (2)")
        yield from (unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKD"))


def _long() -> Iterator[str]:
    for letter, size in product(("x", "é", "夜", "🎛", "e\u0301"), (59, 60, 79, 80, 119, 120, 240)):
        yield from (letter * size, f"{letter * size}.")
    yield from (f"{'x' * size}/{'y' * size}" for size in (100, 255))


def _inside() -> Iterator[str]:
    for sign in (*_CONTROLS, *_UNSEEN, *'/\\:*?"<>|'):
        yield from (f"a{sign}b", f"{sign}a", f"a{sign}", sign)


def corpus() -> list[str]:
    """Every name once, always in the same order."""
    plain = (*_PATHS, *_TERMINAL, *_SHELL, *_DATABASE, *_LETTERS, *_WORDS)
    return list(dict.fromkeys([*plain, *_devices(), *_edges(), *_long(), *_inside()]))


def random_names(count: int, seed: int) -> Iterator[str]:
    """Text of any letters, and pieces of the corpus glued together."""
    dice, known = random.Random(seed), corpus()
    for _ in range(count):
        if dice.random() < 0.5:
            yield "".join(dice.choices(known, k=dice.randint(1, 3)))
        else:
            size = dice.randint(0, 40)
            yield "".join(chr(dice.choice((0x7F, 0x2FFF, 0x10FFFF, 0x17F))) if dice.random() < 0.1
                          else chr(dice.randrange(0x20, 0xD7FF)) for _ in range(size))  # fmt: skip
