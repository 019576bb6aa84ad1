"""Tags: what is written is what players and taggers find again."""

from __future__ import annotations

import random
import resource
import shutil
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.flac import FLAC
from mutagen.id3 import GEOB, ID3, POPM, PRIV, TIT2, TSOP, TXXX
from mutagen.mp4 import MP4

from strandline.core.ids import TrackId
from strandline.core.loudness import ReplayGain
from strandline.core.lyrics import Lyrics
from strandline.errors import DownloadError
from strandline.library.audio.check import check_audio
from strandline.library.audio.headers import read_identity
from strandline.library.audio.packets import packets_hash
from strandline.library.tags.write import (
    LARGEST_COVER,
    TrackTags,
    clean,
    shown_title,
    write_tags,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COVER = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 80
FULL = TrackTags(
    track_id=TrackId("77646169"),
    title="Your Mind",
    artist="Adam Beyer & Bart Skils",
    artists=("Adam Beyer", "Bart Skils"),
    album="Your Mind EP",
    album_artist="Adam Beyer",
    track_number=2,
    volume_number=1,
    year=2018,
    isrc="SEBGA1800036",
    version='The "12 inch" Mix',
    copyright="℗ 2018 Drumcode",
    genre="Techno",
    explicit=True,
    bpm=127.5,
    key="F#m",
    replay_gain=ReplayGain(-9.624, 0.988312, -9.1, None),
    lyrics=Lyrics("Your mind\nÜber alles", "[00:01.50]Your mind\n[00:03.00]Über alles"),
    cover=COVER,
)
MAKERS: dict[str, Callable[[Path], Path]] = {
    "mp3": lambda folder: sound.mp3(folder / "song.mp3", seconds=0.3),
    "flac": lambda folder: sound.flac(folder / "song.flac", seconds=0.3),
    "m4a": lambda folder: sound.m4a(folder / "song.m4a", seconds=0.3),
    "aiff": lambda folder: sound.make(folder / "song.aiff", "pcm_s16be", seconds=0.3),
}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("plain")
    return {kind: make(folder) for kind, make in MAKERS.items()}


@pytest.fixture(params=MAKERS)
def song(request: pytest.FixtureRequest, plain: dict[str, Path], tmp_path: Path) -> Path:
    return shutil.copy(plain[request.param], tmp_path / f"song.{request.param}")


def shown(path: Path) -> dict[str, Any]:
    """The fields a player shows, whatever the file's kind."""
    match path.suffix:
        case ".mp3" | ".aiff":
            id3: Any = ID3(path) if path.suffix == ".mp3" else AIFF(path).tags
            names = {"title": "TIT2", "artist": "TPE1", "album": "TALB", "version": "TIT3"}
            return {key: str(id3[frame]) for key, frame in names.items() if frame in id3}
        case ".flac":
            tags: Any = FLAC(path)
            names = {"title": "title", "artist": "artist", "album": "album", "version": "version"}
        case _:
            tags = MP4(path)
            names = {"title": "\xa9nam", "artist": "\xa9ART", "album": "\xa9alb",
                     "version": "----:com.apple.iTunes:SUBTITLE"}  # fmt: skip
    found = {key: tags[name][0] for key, name in names.items() if name in tags}
    return {key: v.decode() if isinstance(v, bytes) else v for key, v in found.items()}


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("kind", ["mp3", "aiff"])
def test_every_field_of_an_mp3_or_aiff_is_where_players_look_for_it(
    plain: dict[str, Path], tmp_path: Path, kind: str, version: int
) -> None:
    song = shutil.copy(plain[kind], tmp_path / f"song.{kind}")
    write_tags(song, FULL, id3=version)

    id3 = ID3(song, translate=False) if kind == "mp3" else AIFF(song).tags
    assert id3.version == (2, version, 0)
    others = ("TSSE", "APIC", "USLT", "SYLT", "TDRC", "TYER")
    texts = {k: frame for k, frame in id3.items() if not k.startswith(others)}
    joined = ["Adam Beyer/Bart Skils"] if version == 3 else ["Adam Beyer", "Bart Skils"]
    assert {k: [str(text) for text in frame.text] for k, frame in texts.items()} == {
        "TIT2": ['Your Mind (The "12 inch" Mix)'],
        "TIT3": ['The "12 inch" Mix'],
        "TPE1": ["Adam Beyer & Bart Skils"],
        "TPE2": ["Adam Beyer"],
        "TALB": ["Your Mind EP"],
        "TRCK": ["2"],
        "TPOS": ["1"],
        "TCON": ["Techno"],
        "TCOP": ["℗ 2018 Drumcode"],
        "TSRC": ["SEBGA1800036"],
        "TBPM": ["127.5"],
        "TKEY": ["F#m"],
        "TXXX:REPLAYGAIN_TRACK_GAIN": ["-9.62 dB"],
        "TXXX:REPLAYGAIN_TRACK_PEAK": ["0.988312"],
        "TXXX:REPLAYGAIN_ALBUM_GAIN": ["-9.10 dB"],
        "TXXX:ARTISTS": joined,
        "TXXX:ITUNESADVISORY": ["1"],
        "TXXX:STRANDLINE_TRACK_ID": ["77646169"],
    }
    year = "TYER" if kind == "mp3" and version == 3 else "TDRC"  # mutagen translates AIFF's
    assert [str(text) for text in id3[year].text] == ["2018"]
    assert FULL.lyrics is not None
    assert [frame.text for frame in id3.getall("USLT")] == [FULL.lyrics.text]
    sung = [("Your mind", 1500), ("Über alles", 3000)]
    assert [(frame.text, frame.format) for frame in id3.getall("SYLT")] == [(sung, 2)]
    picture = id3.getall("APIC")[0]
    assert (picture.data, picture.mime, picture.type) == (COVER, "image/jpeg", 3)


def test_every_field_of_a_flac_is_where_players_look_for_it(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    song = shutil.copy(plain["flac"], tmp_path / "song.flac")
    write_tags(song, FULL)

    flac = FLAC(song)
    assert {k.upper(): v for k, v in flac.items() if k.upper() != "ENCODER"} == {
        "TITLE": ['Your Mind (The "12 inch" Mix)'],
        "VERSION": ['The "12 inch" Mix'],
        "SUBTITLE": ['The "12 inch" Mix'],
        "ARTIST": ["Adam Beyer & Bart Skils"],
        "ARTISTS": ["Adam Beyer", "Bart Skils"],
        "ALBUM": ["Your Mind EP"],
        "ALBUMARTIST": ["Adam Beyer"],
        "TRACKNUMBER": ["2"],
        "DISCNUMBER": ["1"],
        "DATE": ["2018"],
        "GENRE": ["Techno"],
        "ISRC": ["SEBGA1800036"],
        "COPYRIGHT": ["℗ 2018 Drumcode"],
        "ITUNESADVISORY": ["1"],
        "BPM": ["127.5"],
        "INITIALKEY": ["F#m"],
        "REPLAYGAIN_TRACK_GAIN": ["-9.62 dB"],
        "REPLAYGAIN_TRACK_PEAK": ["0.988312"],
        "REPLAYGAIN_ALBUM_GAIN": ["-9.10 dB"],
        "UNSYNCEDLYRICS": ["Your mind\nÜber alles"],
        "LYRICS": ["[00:01.50]Your mind\n[00:03.00]Über alles"],
        "STRANDLINE_TRACK_ID": ["77646169"],
    }
    assert [(p.data, p.mime, p.type) for p in flac.pictures] == [(COVER, "image/jpeg", 3)]


def test_every_field_of_an_m4a_is_where_players_look_for_it(
    plain: dict[str, Path], tmp_path: Path
) -> None:
    song = shutil.copy(plain["m4a"], tmp_path / "song.m4a")
    write_tags(song, FULL)

    m4a = MP4(song)
    found = {k: v for k, v in m4a.items() if k not in ("\xa9too", "covr")}
    assert found == {
        "\xa9nam": ['Your Mind (The "12 inch" Mix)'],
        "\xa9ART": ["Adam Beyer & Bart Skils"],
        "\xa9alb": ["Your Mind EP"],
        "aART": ["Adam Beyer"],
        "\xa9day": ["2018"],
        "\xa9gen": ["Techno"],
        "cprt": ["℗ 2018 Drumcode"],
        "trkn": [(2, 0)],
        "disk": [(1, 0)],
        "rtng": [1],
        "tmpo": [128],
        "\xa9lyr": ["Your mind\nÜber alles"],
        "----:com.apple.iTunes:initialkey": [b"F#m"],
        "----:com.apple.iTunes:replaygain_track_gain": [b"-9.62 dB"],
        "----:com.apple.iTunes:replaygain_track_peak": [b"0.988312"],
        "----:com.apple.iTunes:replaygain_album_gain": [b"-9.10 dB"],
        "----:com.apple.iTunes:ARTISTS": [b"Adam Beyer", b"Bart Skils"],
        "----:com.apple.iTunes:ISRC": [b"SEBGA1800036"],
        "----:com.apple.iTunes:SUBTITLE": [b'The "12 inch" Mix'],
        "----:com.strandline:TRACK_ID": [b"77646169"],
    }
    assert bytes(m4a["covr"][0]) == COVER


def test_the_track_is_recognised_again(song: Path) -> None:
    assert read_identity(song).embedded is None
    write_tags(song, FULL)

    found = read_identity(song)
    assert (found.embedded, found.isrc, found.readable) == ("77646169", "SEBGA1800036", True)
    assert found.duration == pytest.approx(0.3, abs=0.06)
    assert found.container is not None
    assert found.container.value == song.suffix[1:]


def test_tags_leave_the_sound_alone(song: Path) -> None:
    before = packets_hash(song)
    for cover in (COVER, COVER * 20, None, b"x"):
        write_tags(song, replace(FULL, cover=cover))

    assert packets_hash(song) == before
    assert check_audio(song, expected_duration=None).samples > 13_000


def test_tagging_twice_is_tagging_once(song: Path) -> None:
    write_tags(song, FULL)
    once = song.read_bytes()
    write_tags(song, FULL)

    assert song.read_bytes() == once


@pytest.mark.parametrize("version", [3, 4])
def test_frames_of_other_programs_stay_in_either_version(
    plain: dict[str, Path], tmp_path: Path, version: int
) -> None:
    song = shutil.copy(plain["mp3"], tmp_path / "song.mp3")
    theirs = ID3()
    theirs.add(GEOB(encoding=0, mime="x", desc="Serato Markers2", data=b"\1\2\0\xff" * 9))
    theirs.add(PRIV(owner="TRAKTOR4", data=b"DMRT\0\xff"))
    theirs.add(POPM(email="dj@example.org", rating=196, count=3))
    theirs.add(TSOP(encoding=3, text=["Beyer, Adam"]))
    theirs.save(song, v2_version=4)
    write_tags(song, FULL, id3=version)

    id3 = ID3(song, translate=False)
    assert id3.getall("GEOB")[0].data == b"\1\2\0\xff" * 9
    assert id3.getall("PRIV")[0].data == b"DMRT\0\xff"
    assert (id3.getall("POPM")[0].rating, id3["TSOP"].text) == (196, ["Beyer, Adam"])


def test_what_is_not_known_is_no_tag(song: Path) -> None:
    write_tags(song, TrackTags(track_id=FULL.track_id, title="T", artist="A"))
    body = song.read_bytes().lower()
    for name in (b"replaygain", b"initialkey", b"tkey", b"tbpm", b"bpm", b"tmpo", b"lyr"):
        assert name not in body


def test_a_new_name_takes_the_place_of_the_old_one_and_the_rest_stays(song: Path) -> None:
    write_tags(song, FULL)
    write_tags(song, TrackTags(track_id=FULL.track_id, title="Other", artist="Someone"))

    assert shown(song) == {
        "title": "Other",
        "artist": "Someone",
        "album": "Your Mind EP",
        "version": 'The "12 inch" Mix',
    }


HOSTILE = [
    "🎧 Dj 👩‍🎤 日本語 Ünï",
    "שלום עולם \u202eevil\u202c",
    "nul\0in the middle",
    "\0",
    "tab\tand\nline\r\nand \x1b[31mred\x1b[0m",
    "lone \ud83d surrogate",
    "\"quotes\" and 'more' \\ / : * ? < > |",
    "=key=value=",
    " " * 50,
    "x" * 100_000,
    "é" * 5_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_can_be_written_and_is_read_back_clean(song: Path, text: str) -> None:
    write_tags(song, replace(FULL, title=text, artist=text, album=text, version=text))

    expected = {key: clean(text) for key in ("title", "artist", "album", "version")}
    assert shown(song) == (
        {key: value for key, value in expected.items() if value} or dict.fromkeys(())
    )
    assert read_identity(song).embedded == "77646169"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=200), kind=st.sampled_from(sorted(MAKERS)), data=st.data())
def test_any_tags_round_trip(
    plain: dict[str, Path], tmp_path: Path, text: str, kind: str, data: st.DataObject
) -> None:
    song = shutil.copy(plain[kind], tmp_path / f"song.{kind}")
    number = st.none() | st.integers(-(2**40), 2**40)
    tags = TrackTags(
        track_id=TrackId("5"), title=text, artist=text, artists=(text, "b", text), isrc=text,
        genre=text, copyright=text, track_number=data.draw(number), year=data.draw(number),
        volume_number=data.draw(number), explicit=data.draw(st.none() | st.booleans()),
        cover=data.draw(st.none() | st.binary(max_size=50)),
    )  # fmt: skip
    write_tags(song, tags)

    assert shown(song).get("title", "") == clean(text)
    assert read_identity(song).embedded == "5"


def test_what_is_shown_carries_the_version_once() -> None:
    assert shown_title("Strobe", "Club Edit") == "Strobe (Club Edit)"
    assert shown_title("Strobe (club edit)", "Club Edit") == "Strobe (club edit)"
    assert shown_title("Strobe", None) == shown_title("Strobe", "  ") == "Strobe"


def test_a_cover_too_large_for_a_tag_is_left_out(song: Path) -> None:
    size = song.stat().st_size
    write_tags(song, replace(FULL, cover=bytes(LARGEST_COVER + 1)))

    assert song.stat().st_size < size + 100_000
    assert read_identity(song).embedded == "77646169"


def test_the_users_own_mp3_fields_stay(plain: dict[str, Path], tmp_path: Path) -> None:
    song = shutil.copy(plain["mp3"], tmp_path / "song.mp3")
    own = ID3()
    own.add(TIT2(encoding=1, text="Old"))
    own.add(TXXX(encoding=1, desc="RATING", text="5 stars"))
    own.save(song, v2_version=3)
    write_tags(song, FULL)

    assert ID3(song)["TXXX:RATING"].text == ["5 stars"]
    assert shown(song)["artist"] == FULL.artist


@pytest.mark.parametrize("body", [b"", b"<html>", bytes(5000), b"fLaC", b"\0\0\0\x20ftypM4A "])
def test_what_cannot_be_tagged_is_a_download_error(tmp_path: Path, body: bytes) -> None:
    (file := tmp_path / "song.flac").write_bytes(body)

    with pytest.raises(DownloadError, match="Adam Beyer & Bart Skils - Your Mind") as refusal:
        write_tags(file, FULL)
    assert refusal.value.code == "untaggable"


def test_a_full_disk_is_an_os_error(song: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (song.stat().st_size, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_tags(song, replace(FULL, cover=bytes(500_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_damaged_file_is_tagged_or_refused_and_nothing_else(song: Path) -> None:
    write_tags(song, FULL)
    data = song.read_bytes()
    numbers = random.Random(11)
    for _ in range(60):
        hurt = sound.flipped(data, numbers.randrange(8 * 1500))
        song.write_bytes(hurt[: numbers.randrange(1, len(hurt))])
        try:
            write_tags(song, FULL)
        except DownloadError as error:
            assert error.code == "untaggable"  # noqa: PT017
