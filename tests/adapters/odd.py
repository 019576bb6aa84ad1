"""Good audio files as other tools leave them, and containers built by hand."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import sound

STRANGE = b"\x00\xff\x13\x37 nothing that is a frame " * 40
ID3V1 = b"TAG" + bytes(125)


def apev2() -> bytes:
    """A tag with a header, one item and a footer."""
    item = struct.pack("<II", 3, 0) + b"Artist\0Ana"
    size = len(item) + 32
    ends = [
        b"APETAGEX" + struct.pack("<IIII", 2000, size, 1, flags) + bytes(8)
        for flags in (1 << 31 | 1 << 29, 1 << 31)
    ]
    return ends[0] + item + ends[1]


def id3(size: int = 500, *, claims: int | None = None) -> bytes:
    """An ID3v2.3 tag of nothing but padding."""
    told = size if claims is None else claims
    bits = bytes((told >> shift) & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + bits + bytes(size)


def _pcm(folder: Path) -> bytes:
    wave = sound.make(folder / "pcm.wav", "pcm_s16le", seconds=1.0)
    return wave.read_bytes()[-176_400:]


def _chunk(name: bytes, body: bytes, *, padded: bool = True) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2 if padded else 0)


_FMT = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, 44_100, 176_400, 4, 16))


def wave(folder: Path, *chunks: bytes, size: int | None = None, name: bytes = b"RIFF") -> Path:
    """A WAV of these chunks; ``size``: what its header says."""
    body = b"WAVE" + b"".join(chunks)
    path = folder / "song.wav"
    path.write_bytes(name + struct.pack("<I", len(body) if size is None else size) + body)
    return path


def _rf64(folder: Path) -> Path:
    pcm = _pcm(folder)
    sizes = struct.pack("<QQQI", 4 + 36 + len(_FMT) + 8 + len(pcm), len(pcm), len(pcm) // 4, 0)
    data = b"data" + b"\xff" * 4 + pcm
    return wave(folder, _chunk(b"ds64", sizes), _FMT, data, size=0xFFFF_FFFF, name=b"RF64")


def _extensible(folder: Path) -> Path:
    guid = bytes.fromhex("0100000000001000800000aa00389b71")
    shape = struct.pack("<HHIIHHHHI", 0xFFFE, 2, 44_100, 176_400, 4, 16, 22, 16, 3)
    return wave(folder, _chunk(b"fmt ", shape + guid), _chunk(b"data", _pcm(folder)))


def _aifc(folder: Path) -> Path:
    pcm = _pcm(folder)
    rate = struct.pack(">HQ", 16_383 + 15, 44_100 << 48)
    form = struct.pack(">hIh", 2, len(pcm) // 4, 16) + rate + b"sowt" + b"\x00\x00"
    chunks = b"FVER" + struct.pack(">II", 4, 0xA2805140)
    chunks += b"COMM" + struct.pack(">I", len(form)) + form
    chunks += b"SSND" + struct.pack(">III", len(pcm) + 8, 0, 0) + pcm
    (path := folder / "song.aifc").write_bytes(
        b"FORM" + struct.pack(">I", len(chunks) + 4) + b"AIFC" + chunks
    )
    return path


def _dsf(folder: Path) -> Path:
    """Two channels at 2.8 MHz, 64 blocks of 4096 bytes each."""
    blocks = b"\x69" * (4096 * 2 * 64)
    form = struct.pack("<IIIIIIQII", 1, 0, 2, 2, 2_822_400, 1, 4096 * 64 * 8, 4096, 0)
    body = b"fmt " + struct.pack("<Q", 52) + form
    body += b"data" + struct.pack("<Q", len(blocks) + 12) + blocks
    (path := folder / "song.dsf").write_bytes(
        b"DSD " + struct.pack("<QQQ", 28, 28 + len(body), 0) + body
    )
    return path


def _dff(folder: Path) -> Path:
    """Two channels at 2.8 MHz, a fifth of a second."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack(">Q", len(body)) + body + bytes(len(body) % 2)

    properties = b"SND " + chunk(b"FS  ", struct.pack(">I", 2_822_400))
    properties += chunk(b"CHNL", struct.pack(">H", 2) + b"SLFTSRGT")
    properties += chunk(b"CMPR", b"DSD \x0enot compressed\0")
    body = b"DSD " + chunk(b"FVER", b"\x01\x05\0\0") + chunk(b"PROP", properties)
    body += chunk(b"DSD ", b"\x69" * 141_120)
    (path := folder / "song.dff").write_bytes(b"FRM8" + struct.pack(">Q", len(body)) + body)
    return path


def mp3(folder: Path, **shape: object) -> bytes:
    """An MP3 of two seconds without tags, with an Info frame."""
    path = sound.mp3(folder / "bare.mp3", options={"id3v2_version": "0"}, **shape)
    return path.read_bytes()


def _mp3(change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        (path := folder / "song.mp3").write_bytes(change(mp3(folder)))
        return path

    return made


def _with_count(data: bytes, frames: int) -> bytes:
    at = max(data.find(b"Xing"), data.find(b"Info")) + 8
    return data[:at] + frames.to_bytes(4, "big") + data[at + 4 :]


def _vbri(data: bytes, frames: int) -> bytes:
    """The first frame made into one with a VBRI header."""
    head = data[:4] + bytes(32) + b"VBRI" + struct.pack(">HHHII", 1, 0, 75, len(data), frames)
    at = max(data.find(b"Xing"), data.find(b"Info"))
    size = data.find(data[:2], at)
    return head.ljust(size, b"\0") + data[size:]


def _flac(change: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        whole = sound.flac(folder / "bare.flac").read_bytes()
        (path := folder / "song.flac").write_bytes(change(whole))
        return path

    return made


def _made(name: str, codec: str, **muxer: object) -> Callable[[Path], Path]:
    return lambda folder: sound.make(folder / name, codec, **muxer)


WHOLE: dict[str, Callable[[Path], Path]] = {
    "aiff": _made("song.aiff", "pcm_s16be"),
    "aifc": _aifc,
    "wav": _made("song.wav", "pcm_s16le"),
    "rf64": _rf64,
    "broadcast wave": _made("song.wav", "pcm_s16le", options={"write_bext": "1"}),
    "wave extensible": _extensible,
    "wave with an odd chunk": lambda folder: wave(
        folder, _FMT, _chunk(b"LIST", b"INFOodd"), _chunk(b"data", _pcm(folder))
    ),
    "wave with an odd chunk without its padding": lambda folder: wave(
        folder, _FMT, _chunk(b"LIST", b"INFOodd", padded=False), _chunk(b"data", _pcm(folder))
    ),
    "wave with sound of an odd size": lambda folder: wave(
        folder, _FMT, _chunk(b"data", _pcm(folder)[:-1], padded=False)
    ),
    "wave whose sizes were never filled in": lambda folder: wave(
        folder, _FMT, b"data" + b"\xff" * 4 + _pcm(folder), size=0xFFFF_FFFF
    ),
    "wave with a wrong size of its sound": lambda folder: wave(
        folder, _FMT, b"data" + struct.pack("<I", 500_000) + _pcm(folder)
    ),
    "wave with a wrong size of the file": lambda folder: wave(
        folder, _FMT, _chunk(b"data", _pcm(folder)), size=999_999
    ),
    "wave with rubbish behind it": lambda folder: wave(
        folder, _FMT, _chunk(b"data", _pcm(folder)), STRANGE
    ),
    "wave64": _made("song.w64", "pcm_s16le", format="w64"),
    "wma": _made("song.wma", "wmav2", format="asf", bit_rate=128_000),
    "wavpack": _made("song.wv", "wavpack"),
    "tta": _made("song.tta", "tta", seconds=6.0),
    "caf": _made("song.caf", "pcm_s16le", format="caf"),
    "alac": _made("song.m4a", "alac", format="ipod"),
    "aac": _made("song.m4a", "aac", format="ipod"),
    "adts": _made("song.aac", "aac"),
    "opus": _made("song.opus", "libopus", rate=48_000),
    "ogg flac": _made("song.oga", "flac", format="ogg"),
    "dsf": _dsf,
    "dff": _dff,
    "flac": _flac(bytes),
    "flac behind an ID3 tag": _flac(lambda data: id3() + data),
    "flac behind a large ID3 tag": _flac(lambda data: id3(90_000) + data),
    "flac with tails of other tags": _flac(lambda data: data + apev2() + ID3V1),
    "flac with zeros behind it": _flac(lambda data: data + bytes(700)),
    "flac with rubbish behind it": _flac(lambda data: data + STRANGE),
    "mp3": _mp3(bytes),
    "mp3 with tails of other tags": _mp3(lambda data: id3() + data + apev2() + ID3V1),
    "mp3 that promises more frames than it has": _mp3(lambda data: _with_count(data, 9_000)),
    "mp3 that promises fewer": _mp3(lambda data: _with_count(data, 7)),
    "mp3 with a VBRI header that promises more": _mp3(lambda data: _vbri(data, 9_000)),
    "mp3 with rubbish in front": _mp3(lambda data: STRANGE + data),
    "mp3 with rubbish behind": _mp3(lambda data: data + STRANGE),
    "mp3 with zeros behind": _mp3(lambda data: data + bytes(500)),
    "mp3 with a tag that claims too little": _mp3(lambda data: id3(900, claims=400) + data),
    "mp3 with a tag that claims too much": _mp3(lambda data: id3(900, claims=1_500) + data),
    "mp3 with a tag that claims everything": _mp3(lambda data: id3(900, claims=9_999_999) + data),
    "mp3 with two tags in front": _mp3(lambda data: id3(300) + id3(200) + data),
    "mp3 with a tag in the middle": _mp3(lambda data: data + id3(200) + data),
    "mp3 without a header frame": lambda folder: sound.mp3(
        folder / "song.mp3", options={"write_xing": "0"}
    ),
}
