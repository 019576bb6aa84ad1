"""Audio that arrives whole: resumed, begun anew, or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streams import Sink, get, id_of, seconds_of
from tidal_side import AUDIO, INFO, client_of

from strandline.demo import effects
from strandline.demo.model import Quality
from strandline.demo.server import StandIn
from strandline.errors import DownloadError, InterruptedRunError, StrandlineError
from strandline.tidal.media import FileSink
from strandline.tidal.playback import PlaybackRequest
from strandline.tidal.stream import AudioStreams


@pytest.mark.parametrize("quality", ["lossless", "hires"])
def test_a_connection_that_breaks_is_taken_up_where_it_broke(
    tidal: StandIn, tmp_path: Path, quality: str
) -> None:
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    whole = bytes(get(tidal, tmp_path, track, quality)[0].data)
    tidal.faults.on(AUDIO, effects.reset(0.5), nth=1)
    tidal.faults.on(AUDIO, effects.reset(0.5), nth=3)
    sink, _ = get(tidal, tmp_path, track, quality)
    assert bytes(sink.data) == whole
    assert sink.restarts == 0
    assert any("range" in request.headers for request in tidal.asked(AUDIO))


def test_audio_that_changed_meanwhile_begins_anew(tidal: StandIn, tmp_path: Path) -> None:
    track, other = tidal.account.track("Song"), tidal.account.track("Other")
    want = bytes(get(tidal, tmp_path, other)[0].data)

    def change() -> None:
        track.audio_id = other.id

    tidal.faults.on(AUDIO, effects.reset(0.5))
    tidal.faults.on(AUDIO, nth=2, before=change)
    sink, _ = get(tidal, tmp_path, track)
    assert sink.restarts == 1
    assert bytes(sink.data) == want


def test_audio_that_cannot_be_resumed_begins_anew(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song")

    def forget_etag(_request: object, answer: object) -> object:
        answer.headers.pop("ETag")
        return answer

    tidal.faults.on(AUDIO, forget_etag, effects.reset(0.5))
    sink, _ = get(tidal, tmp_path, track)
    assert sink.restarts == 1
    assert seconds_of(sink.data) == pytest.approx(track.duration, abs=0.1)


BAD_AUDIO = {
    "reset": (effects.reset(0.5), "truncated"),
    "reset at once": (effects.reset(0), "truncated"),
    "longer than said": (effects.wrong_length(+50), "truncated"),
    "html": (effects.html(), "not_audio"),
    "html as flac": (
        effects.instead(effects.Answer(200, {"Content-Type": "audio/flac"}, effects.HTML)),
        "not_audio",
    ),
    "json": (effects.instead(effects.json_answer({"error": 1})), "not_audio"),
    "empty": (effects.instead(effects.Answer(200, {"Content-Type": "audio/flac"})), "empty"),
    "403": (effects.status(403, "empty"), "gone"),
    "404": (effects.status(404, "html"), "gone"),
    "418": (effects.status(418, "html"), "refused"),
}


@pytest.mark.parametrize("kind", BAD_AUDIO)
def test_audio_that_stays_bad_is_a_failed_track(tidal: StandIn, tmp_path: Path, kind: str) -> None:
    effect, code = BAD_AUDIO[kind]
    tidal.faults.on(AUDIO, effect, times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, tidal.account.track("Song"))
    assert caught.value.code == code
    assert caught.value.message
    assert len(tidal.asked(AUDIO)) < 20


@pytest.mark.parametrize("code", [500, 503, 429])
def test_a_delivery_host_with_a_fault_is_asked_again(
    tidal: StandIn, tmp_path: Path, code: int
) -> None:
    tidal.faults.on(AUDIO, effects.status(code, "html"), times=3)
    assert get(tidal, tmp_path, tidal.account.track("Song"))[0].data
    tidal.faults.on(AUDIO, effects.status(code, "html"), times=None)
    with pytest.raises(StrandlineError):
        get(tidal, tmp_path, tidal.account.track("Song"))


def test_an_address_that_expired_is_asked_for_anew(tidal: StandIn, tmp_path: Path) -> None:
    tidal.faults.on(AUDIO, effects.status(403, "empty"), times=1)
    sink, _ = get(tidal, tmp_path, tidal.account.track("Song"))
    assert sink.data
    assert len(tidal.asked(INFO)) == 2


def test_a_missing_segment_fails_the_track(tidal: StandIn, tmp_path: Path) -> None:
    track = tidal.account.track("Song", quality=Quality.HI_RES_LOSSLESS, duration=9)
    tidal.faults.on("/mediatracks/*/2.mp4", effects.status(404, "empty"), times=None)
    with pytest.raises(DownloadError) as caught:
        get(tidal, tmp_path, track, "hires")
    assert caught.value.code == "gone"


def test_more_than_a_track_can_be_is_not_taken(
    tidal: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strandline.tidal.stream.LEAST_CAP", 1000)
    monkeypatch.setattr("strandline.tidal.stream.MOST_BYTES_PER_SECOND", 1000)
    sink = Sink()
    streams = AudioStreams(client_of(tidal, tmp_path))
    track = tidal.account.track("Song")
    with pytest.raises(DownloadError) as caught:
        streams.fetch(PlaybackRequest(id_of(track), "lossless"), lambda _source: sink, duration=2)
    assert caught.value.code == "too_large"
    assert len(sink.data) <= 2000


def test_the_bytes_are_counted_as_they_come(tidal: StandIn, tmp_path: Path) -> None:
    streams, sink, counts = AudioStreams(client_of(tidal, tmp_path)), Sink(), []
    track = tidal.account.track("Song")
    source = streams.source(PlaybackRequest(id_of(track), "lossless"))
    total = streams.download(source, sink, count=counts.append)
    assert total == sum(counts) == len(sink.data)


def test_counting_may_break_off(tidal: StandIn, tmp_path: Path) -> None:
    def stop(_bytes: int) -> None:
        raise InterruptedRunError("stop")

    streams = AudioStreams(client_of(tidal, tmp_path))
    source = streams.source(PlaybackRequest(id_of(tidal.account.track("Song")), "lossless"))
    with pytest.raises(InterruptedRunError):
        streams.download(source, Sink(), count=stop)


def test_a_full_disk_is_not_a_fault_of_tidals(tidal: StandIn, tmp_path: Path) -> None:
    class Full(Sink):
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

    streams = AudioStreams(client_of(tidal, tmp_path))
    source = streams.source(PlaybackRequest(id_of(tidal.account.track("Song")), "lossless"))
    with pytest.raises(OSError, match="No space"):
        streams.download(source, Full())
    assert len(tidal.asked(AUDIO)) == 1


def test_a_file_takes_audio_and_begins_anew(tmp_path: Path) -> None:
    handle = os.open(tmp_path / "x", os.O_RDWR | os.O_CREAT)
    sink = FileSink(handle)
    sink.write(b"first, and longer")
    sink.restart()
    sink.write(b"second")
    os.close(handle)
    assert (tmp_path / "x").read_bytes() == b"second"
