"""Ids and codes as other tools write them: read for messages, and never a reason to take a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sound
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TSRC, TXXX, WOAS, WXXX
from mutagen.mp4 import MP4
from mutagen.wave import WAVE

from strandline.library.audio.headers import read_identity
from strandline.library.tags.marks import Marks, id_in_address, read_marks

CODE = "GBAYE0601498"
TIDAL_DL_NG = "https://tidal.com/browse/track/1234"


def flac(path: Path, **tags: str) -> Path:
    song = sound.flac(path / "a.flac", seconds=1)
    file = FLAC(song)
    for name, value in tags.items():
        file[name] = value
    file.save()
    return song


def m4a(path: Path, tags: dict[str, list[bytes] | list[str]]) -> Path:
    song = sound.m4a(path / "a.m4a", seconds=1)
    file = MP4(song)
    for name, value in tags.items():
        file[name] = value
    file.save()
    return song


def mp3(path: Path, *frames: object) -> Path:
    song = sound.mp3(path / "a.mp3", seconds=1)
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(song)
    return song


def chunk(path: Path, kind: str) -> Path:
    codec = {"wav": "pcm_s16le", "aiff": "pcm_s16be"}[kind]
    song = sound.make(path / f"a.{kind}", codec, seconds=1)
    file = {"wav": WAVE, "aiff": AIFF}[kind](song)
    file.add_tags()
    file.tags.add(TSRC(3, [CODE]))
    file.save()
    return song


def ape(path: Path) -> Path:
    song = sound.mp3(path / "a.mp3", seconds=1)
    items = APEv2()
    items["ISRC"] = CODE
    items.save(song)
    return song


TOOLS: dict[str, tuple[Callable[[Path], Path], Marks]] = {
    "tidal-dl-ng flac": (lambda p: flac(p, URL=TIDAL_DL_NG, ISRC=CODE), Marks("1234", CODE)),
    "tidal-dl-ng m4a": (
        lambda p: m4a(p, {"\xa9url": [TIDAL_DL_NG], "isrc": [CODE]}), Marks("1234", CODE),
    ),
    "tidal-dl-ng mp3": (lambda p: mp3(p, TSRC(3, [CODE]), WOAS(url="")), Marks(None, CODE)),
    "orpheus m4a": (
        lambda p: m4a(p, {"----:com.apple.itunes:ISRC": [CODE.encode()]}), Marks(None, CODE),
    ),
    "streamrip m4a": (
        lambda p: m4a(p, {"----:com.apple.iTunes:ISRC": [CODE.encode()]}), Marks(None, CODE),
    ),
    "soulsync mp3": (lambda p: mp3(p, TXXX(3, "TIDAL_TRACK_ID", ["1234"])), Marks("1234", None)),
    "soulsync flac": (lambda p: flac(p, TIDAL_TRACK_ID="1234"), Marks("1234", None)),
    "soulsync m4a": (
        lambda p: m4a(p, {"----:com.apple.iTunes:TIDAL_TRACK_ID": [b"1234"]}), Marks("1234", None),
    ),
    "an address in mp3": (
        lambda p: mp3(p, WXXX(3, "", url="https://listen.tidal.com/track/1234?u")), Marks("1234"),
    ),
    "spotdl mp3": (
        lambda p: mp3(p, WOAS(url="https://open.spotify.com/track/1234"), TSRC(3, [CODE])),
        Marks(None, CODE),
    ),
    "wav": (lambda p: chunk(p, "wav"), Marks(None, CODE)),
    "aiff": (lambda p: chunk(p, "aiff"), Marks(None, CODE)),
}  # fmt: skip


@pytest.mark.parametrize("tool", list(TOOLS))
def test_what_another_tool_wrote_is_read_and_makes_no_file_ours(tmp_path: Path, tool: str) -> None:
    make, marks = TOOLS[tool]
    song = make(tmp_path)
    assert read_marks(song) == marks
    assert read_identity(song).embedded is None


@pytest.mark.parametrize(
    ("text", "track"),
    [
        ("https://tidal.com/browse/track/1", "1"),
        ("http://www.tidal.com/track/1", "1"),
        ("https://listen.tidal.com/album/7/track/1", "1"),
        ("https://tidal.com/track/1/u", "1"),
        ("https://tidal.com/track/1?u", "1"),
        ("HTTPS://TIDAL.COM/track/1", "1"),
        ("https://tidal.com.example.org/track/1", None),
        ("https://nottidal.com/track/1", None),
        ("https://example.org/?u=https://tidal.com/track/1", None),
        ("https://tidal.com/album/1", None),
        ("https://tidal.com/track/1x", None),
        ("javascript://tidal.com/track/1", None),
        ("tidal.com/track/1", None),
        ("https://[::1/track/1", None),
        ("", None),
    ],
)
def test_only_an_address_of_tidals_names_a_track(text: str, track: str | None) -> None:
    assert id_in_address(text) == track


@pytest.mark.parametrize("data", [b"", b"<html>", b"ID3\x04", bytes(4000)])
def test_what_is_no_audio_has_no_marks(tmp_path: Path, data: bytes) -> None:
    (song := tmp_path / "a.mp3").write_bytes(data)
    assert read_marks(song) == Marks()


def test_a_value_that_cannot_be_one_is_no_mark(tmp_path: Path) -> None:
    song = flac(tmp_path, ISRC="000000000000", TIDAL_TRACK_ID="12x", URL="https://example.org")
    assert read_marks(song) == Marks()
