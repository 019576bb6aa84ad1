"""Sound prints: as Chromaprint's own program makes them, and what two of them tell."""

from __future__ import annotations

import shutil
import subprocess
import tracemalloc
from pathlib import Path

import pytest
from tests.adapters.sounds import (
    Sound,
    faster,
    filtered,
    silence,
    song,
    stretched,
    sung,
    without,
    written,
)

from strandline.core.matching.listening import Heard, Hearing, listen
from strandline.core.matching.sound import SILENT, SoundPrint, compare
from strandline.errors import DownloadError
from strandline.library.audio.sound_print import beginning_prints, sound_print

np = pytest.importorskip("numpy")
LONG = 75.0  # seconds
SAME, DIFFERENT, UNSURE = Hearing.SAME, Hearing.DIFFERENT, Hearing.UNSURE


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture(scope="module")
def original() -> Sound:
    return song(1, LONG, voice=1)


@pytest.fixture(scope="module")
def begins(folder: Path, original: Sound) -> tuple[SoundPrint, ...]:
    """How the track begins, in TIDAL's lowest quality."""
    return beginning_prints(written(folder / "low.m4a", original, "aac", kbps=96), 60)


def heard(
    folder: Path, begins: tuple[SoundPrint, ...], sound: Sound, track_seconds: float = LONG
) -> Heard:
    return listen(sound_print(written(folder / "file.flac", sound)), begins, track_seconds)


# ---------------------------------------------------------------- the same recording


@pytest.mark.parametrize(
    ("codec", "suffix", "kbps", "rate", "stereo"),
    [
        ("flac", ".flac", 0, 44_100, True),
        ("flac", ".flac", 0, 96_000, True),
        ("flac", ".flac", 0, 48_000, False),
        ("alac", ".m4a", 0, 44_100, True),
        ("pcm_s16le", ".wav", 0, 32_000, True),
        ("pcm_s16be", ".aiff", 0, 44_100, True),
        ("libmp3lame", ".mp3", 320, 44_100, True),
        ("libmp3lame", ".mp3", 128, 48_000, True),
        ("libmp3lame", ".mp3", 96, 44_100, False),
        ("aac", ".m4a", 128, 44_100, True),
        ("libopus", ".opus", 96, 48_000, True),
    ],
)
def test_one_sound_is_the_same_in_every_codec_rate_and_number_of_channels(
    tmp_path: Path, original: Sound, begins: tuple[SoundPrint, ...],
    codec: str, suffix: str, kbps: int, rate: int, stereo: bool,
) -> None:  # fmt: skip
    file = written(tmp_path / f"x{suffix}", original, codec, kbps=kbps, rate=rate, stereo=stereo)
    found = listen(sound_print(file), begins, LONG)
    assert found.hearing is SAME, found


@pytest.mark.parametrize("gain", [0.05, 0.5, 3.0])
def test_how_loud_it_is_does_not_count(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...], gain: float
) -> None:
    assert heard(folder, begins, original * gain).hearing is SAME


@pytest.mark.parametrize("lead", [0.03, 0.06, 0.5, 1.9, 4.0])
def test_a_little_silence_in_front_does_not_count(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...], lead: float
) -> None:
    found = heard(folder, begins, np.concatenate([silence(lead), original]))
    assert found.hearing is SAME, found
    assert found.likeness
    assert found.likeness.offset == pytest.approx(lead, abs=0.04)


# ---------------------------------------------------------------- something is different


@pytest.mark.parametrize("seconds", [0.4, 1.0, 2.5])
def test_muted_words_are_heard_and_where_is_said(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...], seconds: float
) -> None:
    found = heard(folder, begins, without(original, 30, seconds))
    assert found.hearing is UNSURE
    assert "sounds the same but for 0:" in found.because
    assert found.likeness
    assert found.likeness.bursts[0] == pytest.approx(30, abs=2)


def test_words_played_backwards_are_heard(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...]
) -> None:
    for seconds in (1.0, 2.0):
        found = heard(folder, begins, without(original, 30, seconds, backwards=True))
        assert found.hearing is UNSURE


def test_another_voice_or_none_is_not_the_same(
    folder: Path, begins: tuple[SoundPrint, ...]
) -> None:
    for other in (song(1, LONG), song(1, LONG, voice=2), song(1, LONG) + 0.3 * sung(1, LONG)):
        assert heard(folder, begins, other).hearing is not SAME


def test_a_guest_who_sings_in_the_second_half_of_the_minute_is_not_the_same(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...]
) -> None:
    guest = np.concatenate([silence(40), sung(3, LONG - 40)])
    assert heard(folder, begins, original + guest[: len(original)]).hearing is not SAME


@pytest.mark.parametrize("times", [1.005, 1.03, 0.97])
def test_another_speed_or_tempo_is_not_the_same(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...], times: float
) -> None:
    assert heard(folder, begins, faster(original, times)).hearing is not SAME
    assert heard(folder, begins, stretched(original, times)).hearing is not SAME


def test_another_pitch_is_not_the_same(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...]
) -> None:
    semitone = 2 ** (1 / 12)
    higher = stretched(faster(original, semitone), 1 / semitone)
    assert heard(folder, begins, higher).hearing is not SAME


def test_another_master_is_for_a_person_to_decide(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...]
) -> None:
    for master in (
        filtered(original, ("bass", "g=9"), ("treble", "g=-9")),
        filtered(original, ("acompressor", "threshold=0.02:ratio=12:makeup=6")),
    ):
        assert heard(folder, begins, master).hearing in (SAME, UNSURE)


def test_a_live_version_is_another_recording(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...]
) -> None:
    hall = filtered(faster(original, 1.02), ("aecho", "0.8:0.7:60|110:0.5|0.4"))
    crowd = np.random.default_rng(5).normal(0, 0.05, len(hall))
    assert heard(folder, begins, hall + crowd).hearing is not SAME


@pytest.mark.parametrize("seed", range(2, 8))
def test_another_song_is_another_recording(
    folder: Path, begins: tuple[SoundPrint, ...], seed: int
) -> None:
    found = heard(folder, begins, song(seed, LONG, voice=seed))
    assert found.hearing is DIFFERENT, found
    assert found.because == "it sounds like another recording"


# ---------------------------------------------------------------- other lengths


def test_a_radio_edit_is_told_from_the_whole(folder: Path) -> None:
    whole = song(9, 150, voice=9)
    begins = beginning_prints(written(folder / "low.m4a", whole, "aac", kbps=96), 60)
    edit = np.concatenate([whole[: 50 * 44_100], whole[100 * 44_100 :]])
    assert heard(folder, begins, edit, 150).hearing is not SAME
    cut = heard(folder, begins, whole[: 100 * 44_100], 150)
    assert (cut.hearing, cut.because) == (
        DIFFERENT, "it sounds like another version: it is 50 s shorter",
    )  # fmt: skip
    longer = heard(folder, begins, np.concatenate([song(10, 32), whole]), 150)
    assert (longer.hearing, longer.because) == (
        DIFFERENT, "it sounds like another version: 32 s come before that",
    )  # fmt: skip


def test_a_few_seconds_more_or_less_are_for_a_person(
    folder: Path, original: Sound, begins: tuple[SoundPrint, ...]
) -> None:
    longer = heard(folder, begins, np.concatenate([original, song(3, 4)]))
    assert (longer.hearing, longer.because) == (
        UNSURE, "it begins the same, but is 4 s longer at its end",
    )  # fmt: skip
    cut = heard(folder, begins, original[3 * 44_100 :])
    assert (cut.hearing, cut.because) == (
        UNSURE, "it begins the same, but the first 3 s are missing",
    )  # fmt: skip
    assert heard(folder, begins, original, 0).hearing is UNSURE


# ---------------------------------------------------------------- too little to tell


def test_short_sounds_and_silence_tell_nothing(folder: Path) -> None:
    for sound in (song(4, 12), silence(70), np.concatenate([silence(60), song(4, 12)])):
        length = len(sound) / 44_100
        begins = beginning_prints(written(folder / "low.m4a", sound, "aac", kbps=96), 60)
        found = heard(folder, begins, sound, length)
        assert found.hearing is UNSURE, found
        assert "too little sound" in found.because


def test_two_drones_are_not_the_same(folder: Path) -> None:
    time = np.arange(70 * 44_100) / 44_100
    drones = [0.3 * np.sin(2 * np.pi * pitch * time) for pitch in (220.0, 221.0)]
    begins = beginning_prints(written(folder / "low.m4a", drones[0], "aac", kbps=96), 60)
    for drone in drones:
        found = heard(folder, begins, drone, 70)
        assert (found.hearing, "too even" in found.because) == (UNSURE, True)


def test_a_file_of_nothing_or_of_a_moment_is_no_error(folder: Path) -> None:
    moment = sound_print(written(folder / "moment.flac", song(1, 0.2)))
    assert (moment.items, moment.seconds) == (b"", pytest.approx(0.2, abs=0.01))
    assert compare(moment, moment) is None
    (folder / "none.flac").write_bytes(b"")
    with pytest.raises(DownloadError):
        sound_print(folder / "none.flac")


def test_a_file_that_breaks_off_is_heard_as_far_as_it_goes(folder: Path, original: Sound) -> None:
    whole = written(folder / "whole.mp3", original, "libmp3lame", kbps=128)
    data = whole.read_bytes()
    (folder / "part.mp3").write_bytes(data[: len(data) // 2])
    part = sound_print(folder / "part.mp3")
    assert part.seconds == pytest.approx(LONG / 2, abs=1)
    assert sound_print(whole).items.startswith(part.items[: len(part.items) - 400])


# ---------------------------------------------------------------- the recipe


def test_silence_has_one_item(folder: Path) -> None:
    made = sound_print(written(folder / "silent.wav", silence(10), "pcm_s16le"))
    assert made.items == SILENT * made.length


def test_memory_does_not_grow_with_the_length(folder: Path) -> None:
    peaks = []
    for seconds in (60, 300):
        file = written(folder / "long.flac", np.tile(song(1, 30), seconds // 30))
        tracemalloc.start()
        sound_print(file)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 4_000_000


@pytest.mark.skipif(not shutil.which("fpcalc"), reason="Chromaprint's fpcalc is not installed")
def test_chromaprints_own_program_makes_the_same_print(folder: Path, original: Sound) -> None:
    for codec, name in (
        ("flac", "x.flac"), ("libmp3lame", "x.mp3"), ("libopus", "x.opus"),
    ):  # fmt: skip
        rate = 48_000 if codec == "libopus" else 44_100
        file = written(folder / name, original, codec, rate=rate)
        command = ["fpcalc", "-raw", "-plain", "-length", "0", str(file)]
        said = subprocess.run(command, capture_output=True, text=True).stdout
        theirs = b"".join((int(item) % 2**32).to_bytes(4, "big") for item in said.split(","))
        ours = sound_print(file).items
        assert len(ours) == len(theirs)
        apart = (int.from_bytes(ours, "big") ^ int.from_bytes(theirs, "big")).bit_count()
        assert apart / (len(ours) * 8) < 0.002


def test_music_made_of_loops_is_laid_on_its_own_beginning(folder: Path) -> None:
    loops = np.tile(song(6, 8), 20)
    begins = beginning_prints(written(folder / "low.m4a", loops, "aac", kbps=96), 60)
    for lead in (0.0, 1.3):
        found = heard(folder, begins, np.concatenate([silence(lead), loops]), 160)
        assert found.hearing is SAME, found
        assert found.likeness
        assert found.likeness.offset == pytest.approx(lead, abs=0.06)
