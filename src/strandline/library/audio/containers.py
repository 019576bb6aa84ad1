"""What kind of file is this? By its first bytes, for names lie."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

HEAD: Final = 4096  # bytes that are enough for ``container_of``

AUDIO_SUFFIXES: Final = frozenset(
    {
        ".mp3", ".flac", ".m4a", ".mp4", ".aac", ".ogg", ".opus", ".wav", ".aiff", ".aif",
        ".aifc", ".oga", ".m4b", ".wma", ".wv", ".ape", ".dsf", ".dff", ".tta", ".mpc", ".tak",
        ".caf", ".mka", ".ac3", ".ofr", ".w64",
    }
)  # fmt: skip
"""File name endings taken for music, in lower case."""


class Container(str, Enum):
    """How audio is packed in a file; the value is the usual file name ending without its dot."""

    MP3 = "mp3"
    FLAC = "flac"
    M4A = "m4a"
    AAC = "aac"
    OGG = "ogg"
    WAV = "wav"
    AIFF = "aiff"
    WMA = "wma"
    WAVPACK = "wv"
    APE = "ape"
    DSF = "dsf"
    DFF = "dff"
    TTA = "tta"
    MPC = "mpc"
    TAK = "tak"
    CAF = "caf"
    MKA = "mka"
    AC3 = "ac3"
    OFR = "ofr"
    W64 = "w64"


def kind_of(path: str | Path, head: bytes) -> Container | None:
    """The container by a file's first bytes, or what is worth a try by its name.

    An MP3 or AAC stream may start with rubbish, so there the name decides, as it does for the old
    Musepack streams, which begin with nothing to tell them by; text is never audio.
    """
    if found := container_of(head):
        return found
    suffix = os.path.splitext(path)[1].lower()
    hopeless = looks_like_text(head) or not head.strip(b"\0")
    return None if hopeless else _STREAMS.get(suffix)


_STREAMS: Final = {".mp3": Container.MP3, ".aac": Container.AAC, ".mpc": Container.MPC}


def container_of(head: bytes) -> Container | None:
    """The container that the first bytes of a file announce; None if it is no audio we know."""
    head = head[id3_end(head) :] or head[:3]
    match head[:4]:
        case b"RIFF" | b"RF64" | b"BW64" if head[8:12] == b"WAVE":
            return Container.WAV
        case b"FORM" if head[8:12] in (b"AIFF", b"AIFC"):
            return Container.AIFF
        case b"FRM8" if head[12:16] == b"DSD ":
            return Container.DFF
        case word if word in _MAGIC:
            return _MAGIC[word]
    return _by_sync(head)


_MAGIC: Final = {
    b"fLaC": Container.FLAC,
    b"OggS": Container.OGG,
    b"0&\xb2u": Container.WMA,
    b"wvpk": Container.WAVPACK,
    b"MAC ": Container.APE,
    b"DSD ": Container.DSF,
    b"TTA1": Container.TTA,
    b"MPCK": Container.MPC,
    b"tBaK": Container.TAK,
    b"caff": Container.CAF,
    b"\x1aE\xdf\xa3": Container.MKA,
    b"OFR ": Container.OFR,
    b"riff": Container.W64,
}


def _by_sync(head: bytes) -> Container | None:
    if head[4:8] in (b"ftyp", b"moov", b"moof", b"styp"):
        return Container.M4A
    if head[:3] == b"MP+":
        return Container.MPC
    if head[:2] == b"\x0bw":
        return Container.AC3
    if head[:3] == b"ID3":  # a tag longer than the head: MP3 is by far the likeliest
        return Container.MP3
    if len(head) < 2 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return Container.AAC
    return Container.MP3 if head[1] >= 0xE0 and head[1] & 0x06 else None


def id3_end(head: bytes) -> int:
    """The length of a leading ID3v2 tag by its header, 0 without one."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    a, b, c, d = head[6:10]
    footer = 10 if head[5] & 0x10 else 0
    return 10 + footer + ((a & 127) << 21 | (b & 127) << 14 | (c & 127) << 7 | (d & 127))


def has_length_header(path: str | Path) -> bool:
    """Whether an MP3 says how long it is (Xing, Info or VBRI), so that it need not be guessed."""
    with open(path, "rb") as file:
        file.seek(id3_end(file.read(10)))
        start = file.read(HEAD)
    return any(word in start for word in (b"Xing", b"Info", b"VBRI"))


def looks_like_text(head: bytes) -> bool:
    """True for what a server sends instead of audio: an HTML page, a JSON or XML error."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{", b"[")
