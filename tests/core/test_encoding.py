"""In which form audio is stored: only what the settings ask for changes, nothing lossy grows."""

from __future__ import annotations

import pytest

from strandline.core.encoding import AS_IT_CAME, Encoding, Form, encoding_for, pcm_bytes
from strandline.core.quality import Sound

CD, HIRES = Sound("flac", 44_100, 16, 2), Sound("flac", 192_000, 24, 2)
AAC, ALAC = Sound("aac", 44_100, None, 2), Sound("alac", 48_000, 24, 2)
HOUR = 3600


@pytest.mark.parametrize(
    ("container", "sound", "wanted", "stored"),
    [
        ("flac", CD, Form("flac"), AS_IT_CAME),
        ("flac", HIRES, Form("original"), AS_IT_CAME),
        ("flac", CD, Form("mp3"), Encoding("mp3")),
        ("mp3", Sound("mp3", 44_100, None, 2), Form("mp3"), AS_IT_CAME),
        ("flac", CD, Form("aiff"), Encoding("aiff", 44_100, 16)),
        ("m4a", ALAC, Form("aiff"), Encoding("aiff", 48_000, 24)),
        ("aiff", Sound("pcm_s16be", 44_100, 16, 2), Form("aiff"), AS_IT_CAME),
        ("m4a", AAC, Form("aiff"), AS_IT_CAME),
        ("m4a", AAC, Form("flac", 44_100, 16), AS_IT_CAME),
        ("flac", HIRES, Form("flac", 96_000), Encoding("flac", 96_000, 24)),
        ("flac", HIRES, Form("original", 50_000), Encoding("flac", 48_000, 24)),
        ("flac", Sound("flac", 176_400, 24, 2), Form("flac", 96_000), Encoding("flac", 88_200, 24)),
        ("flac", Sound("flac", 48_000, 16, 2), Form("flac", 44_100), Encoding("flac", 44_100, 16)),
        ("flac", HIRES, Form("aiff", 96_000, 16), Encoding("aiff", 96_000, 16)),
        ("flac", HIRES, Form("flac", 0, 16), Encoding("flac", 192_000, 16)),
        ("flac", CD, Form("flac", 96_000, 24), AS_IT_CAME),
        ("flac", Sound("flac", 44_100, 20, 2), Form("flac", 0, 24), AS_IT_CAME),
        ("m4a", ALAC, Form("flac", 0, 16), Encoding("flac", 48_000, 16)),
    ],
)
def test_only_what_the_settings_ask_for_is_encoded(
    container: str, sound: Sound, wanted: Form, stored: Encoding
) -> None:
    assert encoding_for(container, sound, 300, wanted) == stored


def test_an_aiff_that_could_not_be_is_kept_as_flac() -> None:
    assert encoding_for("flac", HIRES, 2 * HOUR, Form("aiff")) == AS_IT_CAME
    assert encoding_for("m4a", HIRES, 2 * HOUR, Form("aiff")) == Encoding("flac", 192_000, 24)
    assert encoding_for("flac", HIRES, HOUR, Form("aiff", 96_000)) == Encoding("aiff", 96_000, 24)


def test_an_mp3_keeps_below_the_limit() -> None:
    assert Form("mp3").mp3_rates == (32_000, 44_100, 48_000)
    assert Form("mp3", 44_100).mp3_rates == (32_000, 44_100)


def test_the_room_an_aiff_takes_follows_the_limits() -> None:
    assert pcm_bytes("lossless", Form("aiff")) == 176_400
    assert pcm_bytes("hires", Form("aiff")) == 576_000
    assert pcm_bytes("hires", Form("aiff", 48_000, 16)) == 192_000
