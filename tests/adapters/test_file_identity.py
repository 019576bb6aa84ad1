"""Who is this file? Quick answers from headers, and no belief in what they say."""

from __future__ import annotations

import random
import shutil
import struct
import tracemalloc
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.id3 import APIC, ID3, TIT2, TSRC, TXXX

from strandline.core.ids import TrackId
from strandline.library.audio.containers import Container, container_of
from strandline.library.audio.headers import UNREADABLE, FileIdentity, read_identity
from strandline.library.tags.write import TrackTags, write_tags

if TYPE_CHECKING:
    from pathlib import Path

TAGS = TrackTags(
    track_id=TrackId("12345"), title="T", artist="A", isrc="GBAYE0601498", cover=bytes(60_000)
)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("songs")
    made = {
        "mp3": sound.mp3(folder / "a.mp3", seconds=1),
        "flac": sound.flac(folder / "a.flac", seconds=1),
        "m4a": sound.m4a(folder / "a.m4a", seconds=1),
    }
    for song in made.values():
        write_tags(song, TAGS)
    made["wav"] = sound.make(folder / "a.wav", "pcm_s16le", seconds=1)
    made["aiff"] = sound.make(folder / "a.aiff", "pcm_s16be", seconds=1)
    made["aac"] = sound.make(folder / "a.aac", "aac", seconds=1)
    made["opus"] = sound.make(folder / "a.opus", "libopus", seconds=1, rate=48_000)
    made["segments"] = sound.segments(folder / "a.mp4", seconds=1)
    return made


@pytest.mark.parametrize("kind", ["mp3", "flac", "m4a"])
def test_our_own_files_tell_their_track(songs: dict[str, Path], kind: str) -> None:
    found = read_identity(songs[kind])

    assert found[:3] == (Container(kind), "12345", "GBAYE0601498")
    assert found.duration == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("kind", ["wav", "aiff", "aac", "opus", "segments"])
def test_other_kinds_tell_their_length(songs: dict[str, Path], kind: str) -> None:
    found = read_identity(songs[kind])

    assert (found.readable, found.embedded) == (True, None)
    if kind != "segments":  # their index has no length
        assert found.duration == pytest.approx(1.0, abs=0.1)


def test_the_name_does_not_matter(songs: dict[str, Path], tmp_path: Path) -> None:
    misnamed = shutil.copy(songs["flac"], tmp_path / "song.mp3")

    assert read_identity(misnamed).container is Container.FLAC


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("encoding", [0, 1, 2, 3])
def test_ids_written_by_other_taggers_are_read(
    songs: dict[str, Path], tmp_path: Path, version: int, encoding: int
) -> None:
    song = shutil.copy(songs["mp3"], tmp_path / "song.mp3")
    ID3(song).delete(song)
    own = ID3()
    own.add(TIT2(encoding=encoding, text="x" * 9000))
    own.add(APIC(encoding=0, mime="image/png", type=3, desc="", data=bytes(100_000)))
    own.add(TXXX(encoding=encoding, desc="STRANDLINE_TRACK_ID", text="98765"))
    own.add(TSRC(encoding=encoding, text="us-rc1-76-07839"))
    own.save(song, v2_version=version)

    assert read_identity(song)[1:3] == ("98765", "USRC17607839")


@pytest.mark.parametrize("text", ["", "-1", "12x", "1" * 50, "١٢٣", "1\n", "../1"])
def test_an_id_that_is_none_is_not_taken(songs: dict[str, Path], tmp_path: Path, text: str) -> None:
    song = shutil.copy(songs["mp3"], tmp_path / "song.mp3")
    tags = ID3(song)
    tags.setall("TXXX:STRANDLINE_TRACK_ID", [TXXX(3, "STRANDLINE_TRACK_ID", [text])])
    tags.setall("TSRC", [TSRC(3, [text])])
    tags.save(song)

    assert read_identity(song)[1:3] == (None, None)


GARBAGE: list[bytes] = [
    b"",
    b"x",
    b"<html>not found</html>",
    bytes(10_000),
    b"\xff" * 10_000,
    b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(100),
    b"ID3\x04\0\0\0\0\0\x0aTXXX\x7f\x7f\x7f\x7f\0\0",
    b"fLaC\x84\xff\xff\xff" + bytes(20),
    b"\0\0\0\x20ftypM4A " + bytes(100),
    b"\0\0\0\x14ftypM4A \0\0\0\0" + struct.pack(">I4s", 8, b"moov") * 5000,
    b"OggS" + bytes(100),
    b"RIFF\xff\xff\xff\xffWAVE",
    b"FORM\xff\xff\xff\xffAIFF",
    b"\xff\xf1" + bytes(100),
    random.Random(1).randbytes(30_000),
]


@pytest.mark.parametrize("suffix", [".mp3", ".flac", ".m4a", ".aac", ".ogg", ".wav", ".txt"])
def test_rubbish_is_unreadable_and_raises_nothing(tmp_path: Path, suffix: str) -> None:
    for at, body in enumerate(GARBAGE):
        (file := tmp_path / f"{at}{suffix}").write_bytes(body)
        assert not read_identity(file).readable, body[:20]


def test_a_compressed_frame_is_not_unpacked(songs: dict[str, Path], tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(50_000_000))
    size = bytes(len(bomb) + 4 >> shift & 127 for shift in (21, 14, 7, 0))
    frame = b"TXXX" + size + b"\0\x09" + b"\0\0\0\x7f" + bomb
    total = bytes(len(frame) >> shift & 127 for shift in (21, 14, 7, 0))
    song = tmp_path / "bomb.mp3"
    song.write_bytes(b"ID3\x04\0\0" + total + frame + songs["mp3"].read_bytes())

    tracemalloc.start()
    found = read_identity(song)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.embedded == "12345", "by the tag behind it"
    assert peak < 5_000_000


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_identity(tmp_path / "gone.mp3")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_damage_raises(songs: dict[str, Path], tmp_path: Path, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(songs)))
    whole = songs[kind].read_bytes()
    start = data.draw(st.integers(0, min(2000, len(whole) - 1)) | st.integers(0, len(whole) - 1))
    hurt = data.draw(st.binary(min_size=1, max_size=40))
    end = data.draw(st.integers(start + 1, len(whole)) | st.just(len(whole)))
    damaged = tmp_path / songs[kind].name
    damaged.write_bytes((whole[:start] + hurt + whole[start + len(hurt) :])[:end])

    found = read_identity(damaged)

    assert isinstance(found, FileIdentity)
    assert found.readable or found == UNREADABLE


@given(head=st.binary(max_size=64))
def test_any_first_bytes_have_an_answer(head: bytes) -> None:
    found: Any = container_of(head)

    assert found is None or isinstance(found, Container)
