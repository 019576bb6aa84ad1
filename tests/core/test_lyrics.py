"""Lyrics and loudness: what TIDAL says, and never what it does not."""

from __future__ import annotations

import pytest

from strandline.core.loudness import ReplayGain
from strandline.core.lyrics import Lyrics, lyrics_of, timed_lines
from strandline.tidal.loudness import replay_gain_in


def test_each_line_has_its_time() -> None:
    lrc = "[ti:Song]\n[00:01.5] One\n[01:02.25][00:03.250]Two\n[00:02]\nno time\n[99:99:9"
    assert timed_lines(lrc) == [(1500, "One"), (2000, ""), (3250, "Two"), (62_250, "Two")]


def test_words_alone_and_times_alone_are_lyrics_and_nothing_is_none() -> None:
    assert lyrics_of("a\r\nb", None) == Lyrics("a\nb")
    assert lyrics_of(None, "[00:01.00]a\n[00:02.00]b") == Lyrics("a\nb", "[00:01.00]a\n[00:02.00]b")
    assert lyrics_of("a", "without times") == Lyrics("a")
    assert lyrics_of("", " ") is lyrics_of(None, 7) is lyrics_of(["a"], {}) is None


def test_what_would_break_a_tag_or_a_terminal_is_left_out() -> None:
    found = lyrics_of("a\x1b[31m\0b\ud800\u202e\tc", "")
    assert found is not None
    assert found.text == "a[31mb c"


def test_absent_loudness_stays_absent() -> None:
    assert replay_gain_in({}) is None
    assert replay_gain_in({"trackReplayGain": None, "trackPeakAmplitude": 1.0}) is None
    assert replay_gain_in({"trackReplayGain": -9.0}) == ReplayGain(-9.0)
    assert ReplayGain(-9.0).tags() == {"REPLAYGAIN_TRACK_GAIN": "-9.00 dB"}


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), 1e9, "-9", True, [], {}])
def test_loudness_that_makes_no_sense_is_none(odd: object) -> None:
    assert replay_gain_in({"trackReplayGain": odd, "albumReplayGain": odd}) is None
    both = replay_gain_in({"trackReplayGain": 0, "trackPeakAmplitude": odd})
    assert both == ReplayGain(0.0)
