"""Codecs are tried with real sound, so that a broken one is noticed and not only a missing one."""

from __future__ import annotations

import av
import pytest

from strandline.library.audio import codecs, encode

ALL = {"decode flac", "decode aac", "decode alac", "decode mp3", "encode mp3", "encode aiff"}


def test_the_codecs_that_are_needed_work() -> None:
    assert codecs.codecs_tried() == dict.fromkeys(ALL, "")


def test_a_missing_encoder_takes_no_other_codec_along(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise av.codec.codec.UnknownCodecError("libmp3lame")

    monkeypatch.setattr(encode, "_with_pyav", missing)
    monkeypatch.setattr(encode, "lameenc", None)
    tried = codecs.codecs_tried()
    assert {name for name, fault in tried.items() if not fault} == ALL - {
        "encode mp3",
        "decode mp3",
    }
    assert "libmp3lame" in tried["encode mp3"]


def test_a_codec_that_is_there_and_makes_silence_short_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = codecs._tone

    def half() -> object:
        return list(whole())[:5]

    monkeypatch.setattr(codecs, "_tone", half)
    assert "TIDAL says 1 s" in codecs.codecs_tried()["decode flac"]
