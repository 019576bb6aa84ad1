"""Which audio files follow the settings and TIDAL's offer, and from what they are made anew."""

from __future__ import annotations

import itertools

import pytest

from strandline.core.actions import Because
from strandline.core.encoding import Form
from strandline.core.quality import Quality, Sound, Tier, is_lossless
from strandline.core.remake import AudioFile, Remake, Source, Stays, WantedAudio, remake

LOW, HIGH, CD, HIRES = Tier
FLAC_CD = Sound("flac", 44_100, 16, 2)
FLAC_HIRES = Sound("flac", 96_000, 24, 2)
AAC = Sound("aac", 44_100, None, 2, 256_000)
MP3 = Sound("mp3", 44_100, None, 2, 320_000)
AIFF_CD = Sound("pcm_s16be", 44_100, 16, 2)


def came(got: str, codec: str = "flac", rate: int = 44_100, bits: int | None = 16) -> Quality:
    return Quality("lossless", got, codec, rate, bits)


def wish(form: str = "flac", quality: Tier = CD, bitrate: int = 320, **caps: int) -> WantedAudio:
    return WantedAudio(Form(form, **caps), quality, bitrate)


flac = AudioFile("flac", FLAC_CD, 200, came("lossless"))
hires = AudioFile("flac", FLAC_HIRES, 200, came("hires", rate=96_000, bits=24))
aac = AudioFile("m4a", AAC, 200, came("high", "aac", bits=None))
mp3 = AudioFile("mp3", MP3, 200, came("lossless"))
mp3_of_aac = AudioFile("mp3", MP3, 200, came("high", "aac", bits=None))
aiff = AudioFile("aiff", AIFF_CD, 200, came("lossless"))


def source(found: Remake | Stays | None) -> Source | None:
    assert not isinstance(found, Stays)
    return found.source if found else None


@pytest.mark.parametrize(
    ("file", "form"),
    [(flac, "flac"), (flac, "original"), (aac, "flac"), (aac, "original"), (aac, "aiff"),
     (mp3, "mp3"), (mp3_of_aac, "mp3"), (aiff, "aiff"), (hires, "flac")],
)  # fmt: skip
def test_what_is_as_the_settings_want_it_stays(file: AudioFile, form: str) -> None:
    offered = HIGH if file in (aac, mp3_of_aac) else CD
    assert not isinstance(remake(file, wish(form), offered), Remake)


def test_what_came_lower_and_is_not_on_offer_in_better_is_told() -> None:
    for file in (aac, mp3_of_aac):
        told = remake(file, wish("mp3" if file is mp3_of_aac else "flac"), HIGH)
        assert isinstance(told, Stays)
        assert told.because == "it came in high quality, and TIDAL says that it has no better"
    assert remake(flac, wish("flac"), CD) is None


@pytest.mark.parametrize(
    ("file", "form", "becomes"),
    [(flac, "mp3", "mp3"), (flac, "aiff", "aiff"), (aiff, "flac", "flac"), (aiff, "mp3", "mp3"),
     (aiff, "original", "flac"), (hires, "mp3", "mp3")],
)  # fmt: skip
def test_another_format_is_made_of_lossless_audio_at_hand_and_nothing_is_fetched(
    file: AudioFile, form: str, becomes: str
) -> None:
    found = remake(file, wish(form), HIRES)
    assert isinstance(found, Remake)
    assert found[:4] == (Source.FILE, Because.SETTINGS_CHANGED, becomes, ("format",))


def test_an_mp3_that_was_made_of_lossless_audio_is_fetched_again_as_flac() -> None:
    found = remake(mp3, wish("flac"), CD)
    assert found == Remake(Source.TIDAL, Because.SETTINGS_CHANGED, "flac", ("format",), CD)


def test_what_came_lower_than_asked_is_fetched_once_tidal_has_it() -> None:
    found = remake(aac, wish("flac"), CD)
    changes = ("quality", "format")
    assert found == Remake(Source.TIDAL, Because.BETTER_QUALITY, "flac", changes, CD)
    found = remake(mp3_of_aac, wish("mp3"), CD)
    assert found == Remake(Source.TIDAL, Because.BETTER_QUALITY, "mp3", ("quality",), CD)


def test_a_higher_wish_fetches_what_tidal_has_of_it() -> None:
    assert isinstance(remake(flac, wish("flac", HIRES), CD), Stays)
    found = remake(flac, wish("flac", HIRES), HIRES)
    assert found == Remake(Source.TIDAL, Because.BETTER_QUALITY, "flac", ("quality",), HIRES)


def test_what_hires_would_be_brought_down_to_again_is_not_fetched() -> None:
    assert remake(mp3, wish("mp3", HIRES), HIRES) is None
    assert remake(flac, wish("flac", HIRES, max_sample_rate=48_000, bit_depth=16), HIRES) is None


def test_a_lower_wish_takes_no_quality_away() -> None:
    assert remake(flac, wish("flac", HIGH), CD) is None
    assert remake(hires, wish("original", LOW), HIRES) is None
    assert isinstance(remake(mp3_of_aac, wish("original", LOW), HIRES), Stays)
    assert isinstance(remake(mp3, wish("original", HIGH), HIRES), Stays)
    capped = AudioFile("flac", Sound("flac", 48_000, 24, 2), 200, hires.came)
    assert remake(capped, wish("flac", CD), HIRES) is None


def test_lossy_audio_is_not_encoded_again() -> None:
    found = remake(aac, wish("mp3"), HIGH)
    assert isinstance(found, Stays)
    assert "encoding it again would lose more" in found.because
    assert source(remake(aac, wish("mp3"), CD)) is Source.TIDAL


def test_a_cap_is_met_from_the_file_at_hand() -> None:
    found = remake(hires, wish("flac", HIRES, max_sample_rate=48_000), HIRES)
    made = Remake(Source.FILE, Because.SETTINGS_CHANGED, "flac", ("sample_rate",))
    assert found == made._replace(rate=48_000, bits=24)
    found = remake(hires, wish("flac", HIRES, bit_depth=16), HIRES)
    made = made._replace(changes=("bit_depth",))
    assert found == made._replace(rate=96_000, bits=16)


def test_what_was_made_under_a_cap_that_is_gone_is_fetched_again() -> None:
    capped = AudioFile("flac", Sound("flac", 48_000, 24, 2), 200, hires.came)
    found = remake(capped, wish("flac", HIRES), HIRES)
    assert found == Remake(Source.TIDAL, Because.SETTINGS_CHANGED, "flac", ("sample_rate",), HIRES)
    assert isinstance(remake(capped, wish("flac", HIRES), CD), Stays)


def test_another_bitrate_is_made_of_what_tidal_gives_not_of_the_mp3() -> None:
    found = remake(mp3, wish("mp3", bitrate=192), CD)
    assert found == Remake(Source.TIDAL, Because.SETTINGS_CHANGED, "mp3", ("bitrate",), CD)
    assert remake(mp3._replace(came=None), wish("mp3", bitrate=192), CD) is None


def test_an_mp3_of_which_nothing_is_known_is_not_taken_for_lower() -> None:
    unknown = mp3._replace(came=None)
    assert remake(unknown, wish("mp3", HIRES), HIRES) is None
    assert source(remake(unknown, wish("flac"), CD)) is Source.TIDAL


def test_original_leaves_a_persons_lossless_file_in_the_container_it_has() -> None:
    alac = AudioFile("m4a", Sound("alac", 44_100, 16, 2), 200)
    assert remake(alac, wish("original"), CD) is None
    assert source(remake(alac, wish("flac"), CD)) is Source.FILE


def test_of_all_that_there_can_be_nothing_lossy_is_made_anew_from_itself() -> None:
    files = (flac, hires, aac, mp3, mp3_of_aac, aiff, mp3._replace(came=None))
    forms = ("mp3", "flac", "aiff", "original")
    caps = ({}, {"max_sample_rate": 44_100}, {"bit_depth": 16})
    for file, form, quality, offered, cap in itertools.product(files, forms, Tier, Tier, caps):
        found = remake(file, wish(form, quality, **cap), offered)
        if isinstance(found, Remake) and found.source is Source.FILE:
            assert is_lossless(file.sound.codec)
        if isinstance(found, Remake) and found.source is Source.TIDAL:
            assert found.least is not None
            assert found.least.rank <= min(offered.rank, quality.rank)


def test_what_was_made_anew_is_as_it_should_be() -> None:
    """So a second run finds nothing: the same wish, and what the first one made."""
    files = (flac, hires, aac, mp3, mp3_of_aac, aiff, mp3._replace(came=None))
    forms = ("mp3", "flac", "aiff", "original")
    for file, form, quality, offered in itertools.product(files, forms, Tier, Tier):
        asked = wish(form, quality)
        found = remake(file, asked, offered)
        if isinstance(found, Remake):
            made = _made(file, found, min(quality, offered, key=lambda it: it.rank))
            again = remake(made, asked, offered)
            assert not isinstance(again, Remake), (file, asked, offered, found, made, again)


def _made(file: AudioFile, done: Remake, gives: Tier) -> AudioFile:
    """What comes of it, as TIDAL and the encoders make it."""
    told = file.came
    sound = file.sound
    if done.source is Source.TIDAL:
        sound = {HIRES: FLAC_HIRES, CD: FLAC_CD}.get(gives, AAC)
        told = Quality(gives.word, gives.word, sound.codec, sound.rate, sound.bits)
    if done.container == "mp3":
        rate = sound.rate if sound.rate in (44_100, 48_000) else 48_000
        return AudioFile("mp3", Sound("mp3", rate, None, 2, 320_000), 200, told)
    if done.container == "aiff":
        sound = sound._replace(codec="pcm_s16be")
    elif done.container == "flac":
        sound = sound._replace(codec="flac")
    return AudioFile(done.container, sound, 200, told)
