"""Audio files, read: what is whole passes, and what is not is named for what it is."""

from __future__ import annotations

import random
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutagen.flac import FLAC

from strandline.core.ids import TrackId
from strandline.errors import DownloadError, Exit
from strandline.library.audio.check import check_audio, quick_check
from strandline.library.audio.packets import packets_hash
from strandline.library.audio.probe import probe
from strandline.library.tags.write import TrackTags, write_tags

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 2.0
KINDS: dict[str, Callable[[Path], Path]] = {
    "mp3": lambda folder: sound.mp3(folder / "song.mp3"),
    "flac": lambda folder: sound.flac(folder / "song.flac"),
    "hires flac": lambda folder: sound.flac(folder / "hires.flac", bits=24, rate=96_000),
    "m4a": lambda folder: sound.m4a(folder / "song.m4a"),
    "flac segments": lambda folder: sound.segments(folder / "flac.mp4"),
    "aac segments": lambda folder: sound.segments(folder / "aac.mp4", "aac"),
}


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("songs")
    return {kind: make(folder) for kind, make in KINDS.items()}


@pytest.fixture(params=KINDS)
def song(request: pytest.FixtureRequest, songs: dict[str, Path]) -> Path:
    return songs[request.param]


def fault_of(path: Path, *, expected: int | None = None) -> str:
    """The code check_audio gives; "" for a file that passes."""
    try:
        check_audio(path, expected_duration=expected)
    except DownloadError as error:
        return error.code
    return ""


# ---------------------------------------------------------------- whole files


def test_a_whole_file_passes_and_its_length_is_counted(song: Path) -> None:
    checked = check_audio(song, expected_duration=2)

    assert checked.duration == pytest.approx(SECONDS, abs=0.06)
    assert checked.samples > 88_000
    assert checked.packets > 10


def test_the_length_tidal_does_not_know_is_not_compared(song: Path) -> None:
    assert fault_of(song, expected=None) == fault_of(song, expected=0) == ""


def test_a_whole_file_is_playable_without_decoding(song: Path) -> None:
    quick = quick_check(song)

    assert quick.playable
    assert quick.duration == pytest.approx(SECONDS, abs=0.06)


def test_headers_tell_the_format(songs: dict[str, Path]) -> None:
    hires, plain = probe(songs["hires flac"]), probe(songs["flac"])
    mp3, aac = probe(songs["mp3"]), probe(songs["m4a"])

    assert (hires.codec, hires.sample_rate, hires.bits) == ("flac", 96_000, 24)
    assert (plain.container, plain.sample_rate, plain.bits) == ("flac", 44_100, 16)
    assert (mp3.codec, mp3.channels, mp3.bits) == ("mp3", 2, None)
    assert (aac.codec, "mp4" in aac.container) == ("aac", True)
    assert probe(songs["flac segments"]).bits == 16


def test_mono_and_wave_files_are_read(tmp_path: Path) -> None:
    mono = sound.mp3(tmp_path / "mono.mp3", channels=1)
    wave = sound.make(tmp_path / "wave.wav", "pcm_s16le")

    assert probe(mono).channels == 1
    assert (probe(wave).codec, probe(wave).bits) == ("pcm_s16le", 16)
    assert fault_of(mono) == fault_of(wave) == ""


def test_a_length_libav_only_guesses_is_not_held_against_a_file(tmp_path: Path) -> None:
    stream = sound.make(tmp_path / "song.aac", "aac")
    bare = sound.mp3(tmp_path / "song.mp3", options={"write_xing": "0"})
    loud_part = sound.mp3(tmp_path / "loud.mp3", options={"write_xing": "0", "id3v2_version": "0"})
    low = sound.make(
        tmp_path / "low.mp3", "libmp3lame", rate=44_100, bit_rate=32_000,
        options={"write_xing": "0", "id3v2_version": "0"},
    )  # fmt: skip
    (varying := tmp_path / "varying.mp3").write_bytes(low.read_bytes() + loud_part.read_bytes())

    for song in (stream, bare, varying):
        assert fault_of(song) == ""
        assert quick_check(song).playable
    assert quick_check(varying).duration == pytest.approx(4.1, abs=0.1)


# ---------------------------------------------------------------- what servers send instead


def test_a_refusal_names_the_file_and_what_happens_next(tmp_path: Path) -> None:
    (empty := tmp_path / "Artist - Title.flac").touch()
    with pytest.raises(DownloadError) as refusal:
        check_audio(empty, expected_duration=200)

    assert refusal.value.exit is Exit.SOME_FAILED
    assert refusal.value.message == "Artist - Title.flac is empty."
    assert refusal.value.hint == "The next sync downloads it again."


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (empty := tmp_path / "song.flac").touch()

    assert fault_of(empty) == "empty"
    assert not quick_check(empty).playable


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>",
        b'{"status":401,"subStatus":4005,"userMessage":"Asset is not ready for playback"}',
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        b"\n\n  <html>" + b" " * 9000,
        random.Random(1).randbytes(20_000),
        b"\0" * 10_000,
        b"x",
    ],
)
def test_what_is_no_audio_is_said_to_be_none(tmp_path: Path, body: bytes) -> None:
    (page := tmp_path / "song.flac").write_bytes(body)

    assert fault_of(page) == "not_audio"
    assert not quick_check(page).playable
    with pytest.raises(DownloadError):
        packets_hash(page)


def test_a_picture_is_no_audio(tmp_path: Path) -> None:
    (picture := tmp_path / "song.m4a").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(2000))

    assert fault_of(picture) == "not_audio"


def test_a_preview_of_a_long_track_has_the_wrong_duration(tmp_path: Path) -> None:
    preview = sound.flac(tmp_path / "song.flac", seconds=30, rate=8000, channels=1)

    assert fault_of(preview, expected=30) == fault_of(preview, expected=32) == ""
    assert fault_of(preview, expected=33) == "wrong_duration"
    with pytest.raises(DownloadError, match=r"30 s \(a preview\); TIDAL says 215 s"):
        check_audio(preview, expected_duration=215)


def test_a_playlist_dressed_as_audio_opens_no_other_file(songs: dict[str, Path]) -> None:
    song = songs["mp3"]
    trap = song.with_name("trap.mp3")
    trap.write_text(f"#EXTM3U\n#EXTINF:2,\n{song}\n#EXT-X-ENDLIST\n")
    listing = song.with_name("listing.mp3")
    listing.write_text(f"ffconcat version 1.0\nfile '{song.name}'\n")

    assert fault_of(trap) == fault_of(listing) == "not_audio"


def test_a_name_that_looks_like_a_protocol_is_a_file(
    songs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http:song.mp3", "concat:a|b.mp3", "-i.mp3", "%d.mp3", "a?b#c.mp3", "日本 🎧.mp3"):
        shutil.copy(songs["mp3"], tmp_path / name)
        assert fault_of(tmp_path / name) == ""
    monkeypatch.chdir(tmp_path)
    assert check_audio("http:song.mp3", expected_duration=2).codec == "mp3"


@pytest.mark.parametrize("check", [probe, quick_check, packets_hash])
def test_a_missing_file_is_an_os_error(tmp_path: Path, check: Callable[[Path], object]) -> None:
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "gone.mp3")
    with pytest.raises(IsADirectoryError):
        check(tmp_path)


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize("part", [0.02, 0.1, 0.35, 0.5, 0.77, 0.9, 0.95])
def test_a_file_cut_off_anywhere_is_noticed(song: Path, tmp_path: Path, part: float) -> None:
    data = song.read_bytes()
    cut = tmp_path / song.name
    cut.write_bytes(data[: int(len(data) * part)])

    assert fault_of(cut) in ("truncated", "undecodable")


@pytest.mark.parametrize("kind", ["flac", "hires flac", "m4a", "mp3"])
def test_quick_check_notices_a_file_cut_off_in_the_middle(
    songs: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    data = songs[kind].read_bytes()
    cut = tmp_path / songs[kind].name
    for part in (0.05, 0.5, 0.85):
        cut.write_bytes(data[: int(len(data) * part)])
        assert not quick_check(cut).playable


def test_a_stretch_of_zeros_in_the_middle_is_noticed(song: Path, tmp_path: Path) -> None:
    data = bytearray(song.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4096] = bytes(4096)
    (holed := tmp_path / song.name).write_bytes(data)

    assert fault_of(holed) in ("truncated", "undecodable")


@pytest.mark.parametrize("kind", ["flac", "hires flac", "flac segments"])
def test_every_flipped_bit_in_the_sound_of_a_flac_is_noticed(
    songs: dict[str, Path], tmp_path: Path, kind: str
) -> None:
    data = songs[kind].read_bytes()
    numbers = random.Random(3)
    damaged = tmp_path / songs[kind].name
    for _ in range(12):
        bit = numbers.randrange(len(data) * 2, len(data) * 7)
        damaged.write_bytes(sound.flipped(data, bit))
        assert fault_of(damaged) in ("truncated", "undecodable"), f"bit {bit}"


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_damage_raises_anything_but_a_download_error(
    songs: dict[str, Path], tmp_path: Path, data: st.DataObject
) -> None:
    whole = songs[data.draw(st.sampled_from(sorted(songs)))].read_bytes()
    start = data.draw(st.integers(0, len(whole) - 1) | st.integers(0, 600))
    hurt = data.draw(st.binary(min_size=1, max_size=64))
    end = data.draw(st.integers(start + 1, len(whole)) | st.just(len(whole)))
    damaged = tmp_path / "damaged"
    damaged.write_bytes((whole[:start] + hurt + whole[start + len(hurt) :])[:end])

    fault_of(damaged)
    quick_check(damaged)
    for read in (probe, packets_hash):
        with suppress(DownloadError):
            read(damaged)


def test_nothing_is_printed_about_damaged_files(
    songs: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for song in songs.values():
        data = bytearray(song.read_bytes())
        data[len(data) // 2 :] = bytes(len(data) // 3)
        (holed := tmp_path / song.name).write_bytes(data)
        assert fault_of(holed)

    assert capfd.readouterr() == ("", "")


# ---------------------------------------------------------------- the same sound


@pytest.mark.parametrize("song", ["mp3", "flac", "hires flac", "m4a"], indirect=True)
def test_a_retagged_copy_has_the_same_packets(song: Path, tmp_path: Path) -> None:
    copy = tmp_path / song.name
    shutil.copy(song, copy)
    before = packets_hash(copy)
    write_tags(copy, TrackTags(track_id=TrackId("7"), title="New", artist="Name", cover=b"jpg"))

    assert copy.read_bytes() != song.read_bytes()
    assert packets_hash(copy) == before


def test_the_same_packets_in_another_container_are_the_same_sound(songs: dict[str, Path]) -> None:
    assert packets_hash(songs["flac segments"]) == packets_hash(songs["flac"])
    assert packets_hash(songs["aac segments"]) == packets_hash(songs["m4a"])


def test_other_sound_has_other_packets(songs: dict[str, Path]) -> None:
    others = ("mp3", "flac", "hires flac", "m4a")

    assert len({packets_hash(songs[kind]) for kind in others}) == len(others)


def test_tags_of_another_encoding_hide_no_audio(tmp_path: Path) -> None:
    path = sound.flac(tmp_path / "latin.flac")
    tags = FLAC(path)
    tags["title"] = "BYTES!"
    tags.save()
    path.write_bytes(path.read_bytes().replace(b"BYTES!", b"\xff\xe4\xfc!\xfe\xf6"))
    assert probe(path).codec == "flac"
