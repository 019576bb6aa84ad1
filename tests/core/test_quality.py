"""How good audio is: by the file, never by what was said of it."""

from __future__ import annotations

import pytest

from strandline.core.quality import Quality, Sound, Tier, is_below, is_surround, tier_of

CD = Sound("flac", 44_100, 16, 2)


@pytest.mark.parametrize(
    ("sound", "said", "came"),
    [
        (CD, Tier.LOSSLESS, Tier.LOSSLESS),
        (CD, Tier.HI_RES_LOSSLESS, Tier.LOSSLESS),
        (CD, Tier.LOW, Tier.LOSSLESS),
        (CD._replace(rate=48_000), None, Tier.LOSSLESS),
        (CD._replace(bits=24), Tier.LOSSLESS, Tier.HI_RES_LOSSLESS),
        (CD._replace(rate=96_000), None, Tier.HI_RES_LOSSLESS),
        (Sound("alac", 44_100, 16), None, Tier.LOSSLESS),
        (Sound("pcm_s16le", 44_100, 16), None, Tier.LOSSLESS),
        (Sound("flac"), None, Tier.LOSSLESS),
        (Sound("aac", 44_100), Tier.LOSSLESS, Tier.HIGH),
        (Sound("aac", 44_100), Tier.HI_RES_LOSSLESS, Tier.HIGH),
        (Sound("aac", 44_100), Tier.HIGH, Tier.HIGH),
        (Sound("aac", 44_100), Tier.LOW, Tier.LOW),
        (Sound("aac", 44_100, bitrate=96_000), None, Tier.LOW),
        (Sound("mp3", 44_100, bitrate=320_000), None, Tier.HIGH),
        (Sound("mp3", 44_100), None, Tier.HIGH),
    ],
)
def test_what_came_is_judged_by_the_file(sound: Sound, said: Tier | None, came: Tier) -> None:
    assert tier_of(sound, said) is came


def test_what_is_not_known_is_not_lower() -> None:
    assert not Quality("lossless", None).lower
    assert not Quality("lossless", "lossless").lower
    assert not Quality("lossless", "hires").lower
    assert Quality("lossless", "high").lower
    assert Quality("hires", "lossless").lower


def test_words_and_tiers_are_one_order() -> None:
    words = [tier.word for tier in Tier]
    assert words == ["low", "high", "lossless", "hires"]
    assert [Tier.of_word(word) for word in words] == list(Tier)
    assert all(is_below(a, b) == (words.index(a) < words.index(b)) for a in words for b in words)


@pytest.mark.parametrize(
    ("codec", "mode", "channels", "surround"),
    [
        ("flac", "STEREO", 2, False),
        ("mp4a.40.2", None, None, False),
        ("flac", "MONO", 1, False),
        ("flac", "", 2, False),
        ("flac", "DOLBY_ATMOS", 2, True),
        ("flac", "SONY_360RA", None, True),
        ("ec-3", "STEREO", None, True),
        ("EC-3", None, None, True),
        ("eac3", None, None, True),
        ("ac-4.02.01.00", "STEREO", None, True),
        ("mha1", None, None, True),
        ("flac", "STEREO", 6, True),
    ],
)
def test_another_version_than_the_stereo_track(
    codec: str, mode: str | None, channels: int | None, surround: bool
) -> None:
    assert is_surround(codec, mode, channels) is surround
