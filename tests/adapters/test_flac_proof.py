"""FLAC proves itself by the checksums of its frames: never where a decoder would object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sound
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strandline.errors import DownloadError
from strandline.library.audio import check
from strandline.library.audio.check import check_audio

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", params=["flac", "hires", "segments"])
def song(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    if request.param == "segments":
        return sound.segments(folder / "song.mp4")
    return sound.flac(folder / "song.flac", bits=24 if request.param == "hires" else 16)


def decoded(path: Path) -> check.Checked | None:
    """What decoding alone says; None for a file that is not whole."""
    try:
        return check._decoded(path)
    except DownloadError:
        return None


def test_whole_flac_is_told_without_decoding_and_just_as_exactly(
    song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_decoding = decoded(song)
    monkeypatch.setattr(check, "_decode", lambda *_: pytest.fail("decoded"))

    assert check_audio(song, expected_duration=2) == by_decoding


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_what_is_proved_decodes_to_as_many_samples(
    song: Path, tmp_path: Path, data: st.DataObject
) -> None:
    """Cut out, doubled, moved, zeroed or overwritten: what passes is what a decoder passes too."""
    whole = song.read_bytes()
    places = st.integers(0, len(whole))
    start, end = sorted((data.draw(places), data.draw(places)))
    part = data.draw(
        st.sampled_from([b"", bytes(end - start), whole[start:end] * 2, whole[end:]])
        | st.binary(max_size=64)
    )
    (damaged := tmp_path / song.name).write_bytes(whole[:start] + part + whole[end:])

    try:
        passed = check_audio(damaged, expected_duration=None)
    except DownloadError:
        assert decoded(damaged) is None
    else:
        assert passed == decoded(damaged)


def test_a_hole_where_a_frame_was_is_noticed(song: Path, tmp_path: Path) -> None:
    """Zeros have the checksum zero, as a sound frame has."""
    data = bytearray(song.read_bytes())
    begin = data.index(b"\xff\xf8", len(data) // 2)
    end = data.index(b"\xff\xf8", begin + 2_000)
    data[begin:end] = bytes(end - begin)
    (holed := tmp_path / song.name).write_bytes(data)

    with pytest.raises(DownloadError):
        check_audio(holed, expected_duration=None)
