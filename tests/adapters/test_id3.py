"""ID3 in every form that taggers leave, read as mutagen reads it."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
import sound
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen import MutagenError
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.id3 import ID3, TIT2, TSRC, TXXX
from mutagen.mp4 import MP4
from mutagen.wave import WAVE

from strandline.library.audio.headers import read_identity
from strandline.library.tags.id3 import texts

TAGS = int(os.environ.get("STRANDLINE_RUNS_TAGS", "3000"))
OURS = "STRANDLINE_TRACK_ID"


def safe(number: int) -> bytes:
    return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))


def unsynchronised(data: bytes) -> bytes:
    """A zero after each 0xFF that would look like sync, or is followed by a zero."""
    out = bytearray()
    for at, byte in enumerate(data):
        out.append(byte)
        following = data[at + 1] if at + 1 < len(data) else 0
        if byte == 0xFF and (following >= 0xE0 or following == 0):
            out.append(0)
    return bytes(out)


ENCODINGS = [("latin-1", b"\0"), ("utf-16", b"\0\0"), ("utf-16-be", b"\0\0"), ("utf-8", b"\0")]


def text(encoding: int, *values: str) -> bytes:
    """A text frame's bytes: the number of its encoding, then the values."""
    name, end = ENCODINGS[encoding]
    return bytes([encoding]) + end.join(value.encode(name) for value in values)


def frame(major: int, name: str, data: bytes, flags: int = 0, *, plain_size: bool = False) -> bytes:
    """A frame with what its flags ask for (v2.4: 1 a length, 2 unsynchronised, 8 compressed)."""
    if major == 2:
        short = {"TXXX": b"TXX", "TSRC": b"TRC", "TIT2": b"TT2", "APIC": b"PIC"}[name]
        return short + len(data).to_bytes(3, "big") + data
    length = len(data)
    packed = flags & (8 if major == 4 else 0x80)
    data = zlib.compress(data) if packed else data
    if major == 4 and flags & 2:
        data = unsynchronised(data)
    if packed or (major == 4 and flags & 1):
        data = (safe(length) if major == 4 else struct.pack(">I", length)) + data
    size = safe(len(data)) if major == 4 and not plain_size else struct.pack(">I", len(data))
    return name.encode() + size + bytes([0, flags]) + data


def tag(
    major: int,
    frames: bytes,
    *,
    unsync: bool = False,
    extended: bool = False,
    footer: bool = False,
    padding: int = 0,
) -> bytes:
    body, flags = frames + bytes(padding), 0
    if extended and major > 2:
        flags |= 0x40
        head = safe(6) + b"\1\0" if major == 4 else struct.pack(">I", 6) + bytes(6)
        body = head + body
    if unsync:
        flags |= 0x80
        body = unsynchronised(body) if major < 4 else body
    if footer and major == 4:
        flags |= 0x10
    rest = bytes([major, 0, flags]) + safe(len(body))
    return b"ID3" + rest + body + (b"3DI" + rest if footer and major == 4 else b"")


def by_mutagen(whole: bytes) -> tuple[str | None, str | None]:
    """Our id and the code, as mutagen has them."""
    try:
        found = ID3(fileobj=io.BytesIO(whole + bytes(64)))
    except (MutagenError, EOFError):
        return None, None
    track, code = found.get(f"TXXX:{OURS}"), found.get("TSRC")
    return (
        str(track.text[0]) if track and track.text else None,
        str(code.text[0]) if code and code.text else None,
    )


words = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), min_size=1, max_size=12)
others = st.one_of(
    st.tuples(st.just("TIT2"), words),
    st.tuples(st.just("APIC"), st.binary(max_size=400)),
    st.tuples(st.just("TXXX"), words),
)


@st.composite
def tags(draw: st.DrawFn) -> bytes:
    """A tag of any version and form, with our id and a code somewhere in it, or not."""
    major = draw(st.sampled_from([2, 3, 4]))
    flags = st.sampled_from({2: [0], 3: [0, 0x80], 4: [0, 1, 2, 3, 9, 11]}[major])
    whole_unsync = draw(st.booleans())
    plain_size = major == 4 and draw(st.booleans())
    made = []
    ids = draw(st.lists(st.sampled_from(["12345", "9", "\u00ff1"]), max_size=2))
    made += [("TXXX", text(draw(st.integers(0, 3)), OURS, value)) for value in ids]
    if draw(st.booleans()):
        made.append(("TSRC", text(draw(st.integers(0, 3)), "GBAYE0601498")))
    for name, value in draw(st.lists(others, max_size=4)):
        encoding = draw(st.integers(0, 3))
        data = text(encoding, "x", value) if name == "TXXX" else None
        data = text(encoding, value) if name == "TIT2" else data
        if data is None:
            assert isinstance(value, bytes)
            data = b"\0image/png\0\3\0" + value if major > 2 else b"\0PNG\3\0" + value
        made.append((name, data))
    frames = b""
    for name, data in draw(st.permutations(made)):
        chosen = draw(flags)
        if major == 4 and whole_unsync:
            chosen |= 2  # the tag's own flag says so of each frame
        frames += frame(major, name, data, chosen, plain_size=plain_size)
    return tag(
        major,
        frames,
        unsync=whole_unsync,
        extended=draw(st.booleans()),
        footer=draw(st.booleans()),
        padding=draw(st.sampled_from([0, 1, 10, 64])),
    )


@settings(max_examples=TAGS, deadline=None, database=None)
@given(whole=tags())
def test_every_form_of_a_tag_is_read_as_mutagen_reads_it(whole: bytes) -> None:
    found = texts(whole)
    assert (found.get(OURS), found.get("TSRC")) == by_mutagen(whole)


@settings(max_examples=TAGS // 3, deadline=None, database=None)
@given(whole=tags(), at=st.integers(0, 200), byte=st.integers(0, 255), cut=st.integers(0, 300))
def test_a_damaged_tag_raises_nothing(whole: bytes, at: int, byte: int, cut: int) -> None:
    hurt = bytearray(whole)
    hurt[min(at, len(hurt) - 1)] = byte
    data = bytes(hurt[: max(10, len(hurt) - cut)])
    assert isinstance(texts(data), dict)


# ---------------------------------------------------------------- in whole files


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of MP3 without any tag."""
    path = sound.mp3(tmp_path_factory.mktemp("mp3") / "a.mp3", seconds=1)
    ID3(path).delete(path) if path.read_bytes()[:3] == b"ID3" else None
    return path.read_bytes()


def ours(major: int = 3, **form: bool) -> bytes:
    return tag(major, frame(major, "TXXX", text(1 if major < 4 else 3, OURS, "777")), **form)


FOREIGN = tag(3, frame(3, "TIT2", text(1, "in front of it")))


@pytest.mark.parametrize(
    "front",
    [
        ours(3, unsync=True),
        ours(2),
        ours(2, unsync=True),
        ours(3, extended=True),
        ours(4, extended=True),
        ours(4, footer=True),
        ours(4, unsync=True),
        tag(4, frame(4, "TXXX", text(3, OURS, "777"), 1)),
        tag(4, frame(4, "TXXX", text(3, OURS, "777"), 3)),
        tag(3, frame(3, "TXXX", text(1, OURS, "777"), 0x80)),
        tag(4, frame(4, "TXXX", text(3, "c" * 300, "x"), plain_size=True)
            + frame(4, "TXXX", text(3, OURS, "777"), plain_size=True)),
        FOREIGN + ours(3),
        FOREIGN + FOREIGN + ours(4, unsync=True),
    ],
)  # fmt: skip
def test_an_id_at_the_front_of_a_file_is_found(tmp_path: Path, audio: bytes, front: bytes) -> None:
    (song := tmp_path / "song.mp3").write_bytes(front + audio)
    found = read_identity(song)
    assert (found.embedded, found.readable) == ("777", True)
    assert found.duration == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("front", [b"", FOREIGN])
@pytest.mark.parametrize("after", [b"", b"TAG" + bytes(125)], ids=["last", "before ID3v1"])
@pytest.mark.parametrize("kind", ["ape", "id3"])
def test_an_id_at_the_end_of_a_file_is_found(
    tmp_path: Path, audio: bytes, front: bytes, after: bytes, kind: str
) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(front + audio + (ours(4, footer=True) if kind == "id3" else b""))
    if kind == "ape":
        items = APEv2()
        items[OURS] = "777"
        items["ISRC"] = "GBAYE0601498"
        items.save(song)
    with song.open("ab") as file:
        file.write(after)
    assert read_identity(song).embedded == "777"


def test_a_large_picture_in_an_unsynchronised_tag_hides_no_id(tmp_path: Path, audio: bytes) -> None:
    picture = frame(3, "APIC", b"\0image/png\0\3\0" + b"\xff\xd8\xff\0" * 100_000)
    whole = tag(3, picture + frame(3, "TXXX", text(1, OURS, "777")), unsync=True)
    (song := tmp_path / "song.mp3").write_bytes(whole + audio)
    assert read_identity(song).embedded == "777"


@pytest.mark.parametrize("kind", ["wav", "aiff"])
def test_an_id_in_the_chunk_of_a_wav_or_aiff_is_found(tmp_path: Path, kind: str) -> None:
    codec = {"wav": "pcm_s16le", "aiff": "pcm_s16be"}[kind]
    song = sound.make(tmp_path / f"a.{kind}", codec, seconds=1)
    file = {"wav": WAVE, "aiff": AIFF}[kind](song)
    file.add_tags()
    file.tags.add(TXXX(3, OURS, ["777"]))
    file.tags.add(TSRC(3, ["GBAYE0601498"]))
    file.tags.add(TIT2(3, ["T"]))
    file.save()
    assert read_identity(song)[1:3] == ("777", "GBAYE0601498")


@pytest.mark.parametrize(
    "name",
    ["----:COM.STRANDLINE:track_id", "----:com.apple.iTunes:STRANDLINE_TRACK_ID",
     "----:com.apple.itunes:strandline_track_id"],
)  # fmt: skip
def test_an_id_under_another_spelling_of_its_name_is_found(tmp_path: Path, name: str) -> None:
    song = sound.m4a(tmp_path / "a.m4a", seconds=1)
    file = MP4(song)
    file[name] = [b"777"]
    file["----:com.apple.itunes:ISRC"] = [b"GBAYE0601498"]
    file.save()
    assert read_identity(song)[1:3] == ("777", "GBAYE0601498")


def test_an_id_in_other_vorbis_comments_is_found(tmp_path: Path) -> None:
    from mutagen.oggopus import OggOpus

    song = sound.make(tmp_path / "a.opus", "libopus", seconds=1, rate=48_000)
    file = OggOpus(song)
    file[OURS] = ["777"]
    file.save()
    assert read_identity(song).embedded == "777"


def test_an_id3_tag_in_front_of_flac_does_not_hide_its_own(tmp_path: Path) -> None:
    song = sound.flac(tmp_path / "a.flac", seconds=1)
    file = FLAC(song)
    file[OURS] = ["777"]
    file.save()
    song.write_bytes(FOREIGN + song.read_bytes())
    assert read_identity(song).embedded == "777"
