"""Segments of a stream: their samples are counted as the bytes pass, however they are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streams import Sink

from strandline.demo import music
from strandline.tidal.segments import Segment, samples_in

MADE = music.segments(7, 4)


def passed(data: bytes, cuts: list[int]) -> tuple[Segment, bytes]:
    sink = Sink()
    segment = Segment(sink)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        segment.write(data[start:end])
    return segment, bytes(sink.data)


@given(st.lists(st.integers(0, 1 << 20), max_size=6), st.integers(0, len(MADE.media) - 1))
def test_however_a_segment_is_cut_its_samples_and_its_bytes_are_the_same(
    cuts: list[int], number: int
) -> None:
    data = MADE.media[number]
    segment, came = passed(data, cuts)
    assert came == data
    assert segment.has_sound
    assert segment.samples == passed(data, [])[0].samples


def test_a_segment_that_is_cut_off_is_not_whole() -> None:
    assert not any(passed(media[:-1], [])[0].has_sound for media in MADE.media)


def test_every_real_segment_has_sound_and_an_initialization_has_none() -> None:
    assert all(passed(media, [])[0].has_sound for media in MADE.media)
    assert not passed(MADE.init, [])[0].has_sound


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def moof(samples: int) -> bytes:
    return box(b"moof", box(b"traf", box(b"trun", bytes(4) + samples.to_bytes(4, "big"))))


LONG = b"\0\0\0\1mdat" + (16 + 5).to_bytes(8, "big") + b"music"


@pytest.mark.parametrize(
    ("data", "sound"),
    [
        (b"", False),
        (b"\0", False),
        (moof(3), False),
        (moof(3) + box(b"mdat"), False),
        (moof(0) + box(b"mdat", b"music"), False),
        (box(b"moof") + box(b"mdat", b"music"), False),
        (box(b"mdat", b"music"), False),
        (moof(3) + box(b"mdat", b"music"), True),
        (box(b"styp", b"msdh") + moof(3) + box(b"mdat", b"music"), True),
        (moof(0) + moof(3) + box(b"mdat", b"music"), True),
        (moof(3) + LONG, True),
        (moof(3) + LONG[:-1], False),
        (moof(3) + box(b"mdat", b"music") + b"\0\0", False),
        (moof(3) + b"\0\0\0\0mdatmusic", True),
        (b"<html>not found</html>", False),
    ],
)
def test_only_samples_with_bytes_are_sound(data: bytes, sound: bool) -> None:
    for cuts in ([], list(range(len(data)))):
        segment, came = passed(data, cuts)
        assert (segment.has_sound, came) == (sound, data)


@given(st.binary(max_size=200))
def test_any_bytes_are_passed_on(data: bytes) -> None:
    assert passed(data, [3, 8, 9])[1] == data
    assert samples_in(data) >= 0
