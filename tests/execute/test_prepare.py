"""From audio as it came to a finished file: checked, in the wanted format, tagged, durable."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from strandline.core.ids import TrackId
from strandline.demo import music
from strandline.errors import DownloadError, LibraryError
from strandline.execute import prepare as module
from strandline.execute.extras import NO_EXTRAS, Extras
from strandline.execute.ports import Cover, DownloadRequest, Fetched, RunSettings
from strandline.execute.prepare import Ready, prepare
from strandline.library.audio.check import check_audio
from strandline.library.audio.headers import read_identity
from strandline.library.audio.packets import packets_hash
from strandline.library.audio.probe import probe
from strandline.library.files import LibraryFiles, Temp
from strandline.library.tags.write import TrackTags
from tests.adapters import sound

TAGS = TrackTags(track_id=TrackId("7"), title="T", artist="A")
COVER = Cover(b"\x89PNG\r\n\x1a\n" + bytes(40), "image/png")


@pytest.fixture
def files(tmp_path: Path) -> Iterator[LibraryFiles]:
    (tmp_path / "library" / "mp3").mkdir(parents=True)
    with LibraryFiles(tmp_path / "library") as files:
        yield files


def came(files: LibraryFiles, data: bytes) -> Temp:
    temp = files.new_temp()
    os.write(temp.fd, data)
    return temp


def temps(files: LibraryFiles) -> list[Path]:
    return list((files.root / ".strandline" / "tmp").iterdir())


def made(
    files: LibraryFiles,
    data: bytes,
    form: str,
    *,
    seconds: int | None = 2,
    cover: Cover | None = None,
) -> Ready:
    settings = RunSettings(audio_format=form, bitrate=128)
    return prepare(
        DownloadRequest(TAGS, seconds), Fetched(came(files, data)), Extras(cover), files, settings
    )


def flac(path: Path) -> bytes:
    return music.flac(7, 2)


def m4a(path: Path) -> bytes:
    return music.m4a(7, 2, 96)


def fragments(path: Path) -> bytes:
    return sound.segments(path / "x.mp4").read_bytes()


def mp3(path: Path) -> bytes:
    return sound.mp3(path / "x.mp3").read_bytes()


def wav(path: Path) -> bytes:
    return sound.make(path / "x.wav", "pcm_s16le").read_bytes()


@pytest.mark.parametrize(
    ("source", "form", "extension"),
    [
        (flac, "original", ".flac"),
        (flac, "flac", ".flac"),
        (flac, "mp3", ".mp3"),
        (m4a, "original", ".m4a"),
        (m4a, "flac", ".m4a"),
        (m4a, "mp3", ".mp3"),
        (flac, "aiff", ".aiff"),
        (m4a, "aiff", ".m4a"),
        (mp3, "aiff", ".mp3"),
        (wav, "aiff", ".aiff"),
        (fragments, "aiff", ".aiff"),
        (fragments, "original", ".flac"),
        (fragments, "mp3", ".mp3"),
        (mp3, "mp3", ".mp3"),
        (mp3, "original", ".mp3"),
    ],
)
def test_each_kind_becomes_what_the_settings_want_with_its_tags(
    files: LibraryFiles, tmp_path: Path, source: object, form: str, extension: str
) -> None:
    ready = made(files, source(tmp_path), form)  # type: ignore[operator]
    assert ready.extension == extension
    assert temps(files) == [ready.temp.path], "what came is used up"
    named = tmp_path / f"song{extension}"
    named.write_bytes(ready.temp.path.read_bytes())
    assert read_identity(named).embedded == "7"
    assert check_audio(named, expected_duration=2).duration == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize(("source", "form"), [(flac, "flac"), (mp3, "mp3"), (mp3, "original")])
def test_what_is_in_the_wanted_format_is_not_encoded_again(
    files: LibraryFiles, tmp_path: Path, source: object, form: str
) -> None:
    raw = came(files, source(tmp_path))  # type: ignore[operator]
    assert (
        prepare(
            DownloadRequest(TAGS, 2), Fetched(raw), NO_EXTRAS, files, RunSettings(audio_format=form)
        ).temp
        is raw
    )


@pytest.mark.parametrize("form", ["flac", "original", "aiff", "mp3"])
def test_no_file_is_above_the_limits(files: LibraryFiles, tmp_path: Path, form: str) -> None:
    data = sound.segments(tmp_path / "x.mp4", rate=96_000, bits=24).read_bytes()
    wanted = RunSettings(audio_format=form, bitrate=128, max_sample_rate=44_100, bit_depth=16)
    fetched = Fetched(came(files, data))
    ready = prepare(DownloadRequest(TAGS, 2), fetched, NO_EXTRAS, files, wanted)
    heard = probe(ready.temp.path)
    assert (heard.sample_rate, heard.bits) == (44_100, None if form == "mp3" else 16)
    assert (ready.quality.rate, ready.quality.bits) == (96_000, 24), "that is what came"
    assert ready.packets == packets_hash(ready.temp.path), "of what is published"
    assert check_audio(ready.temp.path, expected_duration=2).duration == pytest.approx(2, abs=0.1)


def test_a_format_whose_tags_we_cannot_write_stays_byte_for_byte(
    files: LibraryFiles, tmp_path: Path
) -> None:
    data = wav(tmp_path)
    ready = made(files, data, "original", cover=COVER)
    assert ready.extension == ".wav"
    assert ready.temp.path.read_bytes() == data


def test_the_picture_and_its_kind_are_in_the_tags(files: LibraryFiles, tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    ready = made(files, flac(tmp_path), "flac", cover=COVER)
    (picture,) = FLAC(ready.temp.path).pictures
    assert (picture.data, picture.mime) == (COVER.data, COVER.mime)


def test_without_a_picture_there_is_none(files: LibraryFiles, tmp_path: Path) -> None:
    from mutagen.flac import FLAC

    assert FLAC(made(files, flac(tmp_path), "flac").temp.path).pictures == []


def test_what_is_ready_is_durable_and_known_by_its_content(
    files: LibraryFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_size), real(fd)))
    ready = made(files, flac(tmp_path), "flac")
    data, there = ready.temp.path.read_bytes(), ready.temp.path.stat()
    assert synced == [len(data)], "synced once all of it is there, tags included"
    assert ready.sha256 == hashlib.sha256(data).hexdigest()
    assert ready.expected == (
        "file", there.st_dev, there.st_ino, len(data), there.st_mtime_ns, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("data", "seconds", "code"),
    [
        (b"", 2, "empty"),
        (b"<html>nothing here</html>", 2, "not_audio"),
        (music.flac(7, 2)[:20_000], 2, "truncated"),
        (music.flac(7, 2), 5, "wrong_duration"),
    ],
)
def test_what_is_not_what_tidal_promised_is_refused_and_leaves_nothing(
    files: LibraryFiles, data: bytes, seconds: int, code: str
) -> None:
    with pytest.raises(DownloadError) as refused:
        made(files, data, "original", seconds=seconds)
    assert refused.value.code == code
    assert temps(files) == []


def test_a_length_that_differs_by_up_to_two_seconds_is_the_same_track(files: LibraryFiles) -> None:
    assert made(files, music.flac(7, 2), "flac", seconds=4).extension == ".flac"
    assert made(files, music.flac(7, 2), "flac", seconds=None).extension == ".flac"


def test_sound_in_a_file_of_an_unknown_kind_is_refused(files: LibraryFiles, tmp_path: Path) -> None:
    data = sound.make(tmp_path / "x.au", "pcm_s16be").read_bytes()
    with pytest.raises(DownloadError) as refused:
        made(files, data, "original")
    assert refused.value.code == "not_audio"
    assert temps(files) == []


@pytest.mark.parametrize("form", ["original", "mp3"])
@pytest.mark.parametrize("step", ["_tag", "_sealed", "_converted"])
def test_a_disk_that_fails_on_the_way_is_told_as_such_and_nothing_is_left(
    files: LibraryFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, form: str
) -> None:
    def failing(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, step, failing)
    with pytest.raises(LibraryError) as failed:
        made(files, flac(tmp_path), form)
    assert failed.value.code == "disk_full"
    assert failed.value.message == "A - T: the disk is full"
    assert temps(files) == []


def test_an_encoder_that_fails_leaves_nothing(
    files: LibraryFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **_options: object) -> None:
        raise DownloadError("It does not encode.")

    monkeypatch.setattr("strandline.library.audio.encode.encode_mp3", failing)
    with pytest.raises(DownloadError, match="does not encode"):
        made(files, flac(tmp_path), "mp3")
    assert temps(files) == []


def test_an_mp3_has_the_bit_rate_of_the_settings(files: LibraryFiles, tmp_path: Path) -> None:
    from mutagen.mp3 import MP3

    ready = made(files, flac(tmp_path), "mp3")
    assert MP3(ready.temp.path).info.bitrate == pytest.approx(128_000, abs=100)
