"""The stand-in's audio and pictures, decoded by what strandline decodes with."""

from __future__ import annotations

import base64
import inspect
import io
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import av
import pytest
import requests
from mutagen.flac import FLAC
from mutagen.mp4 import MP4
from tidalapi.media import Stream, StreamManifest

from strandline.demo import music
from strandline.demo.bounded_cache import keep
from strandline.demo.model import RATE, Quality, Track
from strandline.demo.server import StandIn


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def info(tidal: StandIn, http: requests.Session, track: Track, quality: str) -> dict[str, Any]:
    answer = http.get(
        f"{tidal.url}/v1/tracks/{track.id}/playbackinfopostpaywall",
        params={
            "audioquality": quality,
            "playbackmode": "STREAM",
            "assetpresentation": "FULL",
        },
        headers={"Authorization": f"Bearer {tidal.logins.issue().access_token}"},
        timeout=30,
    )
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document


def manifest_of(document: dict[str, Any]) -> StreamManifest:
    return Stream().parse(document).get_stream_manifest()


def samples_in(audio: bytes) -> int:
    with av.open(io.BytesIO(audio), "r") as file:
        return sum(frame.samples for frame in file.decode(audio=0))


@pytest.mark.parametrize(
    ("quality", "codec", "kind"),
    [
        ("LOW", "MP4A", "application/vnd.tidal.bts"),
        ("HIGH", "MP4A", "application/vnd.tidal.bts"),
        ("LOSSLESS", "FLAC", "application/vnd.tidal.bts"),
        ("HI_RES_LOSSLESS", "FLAC", "application/dash+xml"),
    ],
)
def test_each_quality_streams_audio_of_the_right_length(
    tidal: StandIn, http: requests.Session, quality: str, codec: str, kind: str
) -> None:
    track = tidal.account.track("Low Water", duration=3, quality=Quality.HI_RES_LOSSLESS)

    given = info(tidal, http, track, quality)
    manifest = manifest_of(given)
    audio = b"".join(http.get(url, timeout=30).content for url in manifest.urls)

    assert (given["audioQuality"], given["manifestMimeType"]) == (quality, kind)
    assert manifest.codecs == codec
    assert all(url.startswith(tidal.url) for url in manifest.urls)
    assert 0 <= samples_in(audio) - 3 * RATE < 2048  # AAC comes in blocks, with a lead-in
    assert tidal.leaks == []


@pytest.mark.parametrize(
    ("asked", "has", "pays", "given"),
    [
        ("HI_RES_LOSSLESS", Quality.LOSSLESS, Quality.HI_RES_LOSSLESS, "LOSSLESS"),
        ("LOSSLESS", Quality.HIGH, Quality.HI_RES_LOSSLESS, "HIGH"),
        ("LOSSLESS", Quality.HI_RES_LOSSLESS, Quality.HI_RES_LOSSLESS, "LOSSLESS"),
        ("LOSSLESS", Quality.LOSSLESS, Quality.HIGH, "HIGH"),
    ],
)
def test_quality_is_lowered_to_what_there_is(
    tidal: StandIn, http: requests.Session, asked: str, has: Quality, pays: Quality, given: str
) -> None:
    tidal.account.highest_quality = pays
    track = tidal.account.track("Low Water", quality=has)

    assert info(tidal, http, track, asked)["audioQuality"] == given


def test_what_is_on_offer_may_change(tidal: StandIn, http: requests.Session) -> None:
    track = tidal.account.track("x", quality=Quality.HIGH)
    head = {"Authorization": f"Bearer {tidal.logins.issue().access_token}"}
    told = []
    for quality in (Quality.HIGH, Quality.HI_RES_LOSSLESS, Quality.LOSSLESS):
        tidal.account.offers(track, quality)
        assert info(tidal, http, track, "HI_RES_LOSSLESS")["audioQuality"] == quality.value
        answer = http.get(f"{tidal.url}/v1/tracks/{track.id}", headers=head, timeout=30)
        told.append(answer.json()["mediaMetadata"]["tags"])
    assert told == [[], ["LOSSLESS", "HIRES_LOSSLESS"], ["LOSSLESS"]]


def test_plain_url_of_a_hires_track_is_its_lossless_file(
    tidal: StandIn, http: requests.Session
) -> None:
    track = tidal.account.track("Low Water", quality=Quality.HI_RES_LOSSLESS)
    answer = http.get(
        f"{tidal.url}/v1/tracks/{track.id}/urlpostpaywall?audioquality=HI_RES_LOSSLESS",
        headers={"Authorization": f"Bearer {tidal.logins.issue().access_token}"},
        timeout=30,
    )

    (url,) = answer.json()["urls"]
    assert http.get(url, timeout=30).content == music.flac(track.id, track.duration)


def test_bts_manifest_names_one_open_url(tidal: StandIn, http: requests.Session) -> None:
    track = tidal.account.track("Low Water")

    bts = json.loads(base64.b64decode(info(tidal, http, track, "LOSSLESS")["manifest"]))

    assert (bts["mimeType"], bts["codecs"], bts["encryptionType"]) == ("audio/flac", "flac", "NONE")
    assert len(bts["urls"]) == 1
    assert "keyId" not in bts


@pytest.mark.parametrize("seconds", [1, 2, 3, 7])
def test_segments_add_up_to_the_timeline(
    tidal: StandIn, http: requests.Session, seconds: int
) -> None:
    track = tidal.account.track("Low", duration=seconds, quality=Quality.HI_RES_LOSSLESS)

    text = base64.b64decode(info(tidal, http, track, "HI_RES_LOSSLESS")["manifest"]).decode()

    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>")
    lengths = [
        (int(length), int(repeats or 0))
        for length, repeats in re.findall(r'<S d="(\d+)"(?: r="(\d+)")?/>', text)
    ]
    assert sum(length * (repeats + 1) for length, repeats in lengths) == seconds * RATE
    segments = music.segments(track.id, seconds)
    assert sum(repeats + 1 for _, repeats in lengths) == len(segments.media) >= 3
    missing = f"{tidal.url}/mediatracks/{track.id}-HI_RES_LOSSLESS/{len(segments.media) + 1}.mp4"
    assert http.get(missing, timeout=30).status_code == 404


def test_every_track_sounds_different_and_always_the_same() -> None:
    tunes = [music.flac(track_id, 1) for track_id in range(60)]

    assert len(set(tunes)) == 60
    assert inspect.unwrap(music.flac)(7, 1) == tunes[7]


def test_only_so_many_bytes_are_kept_and_the_latest_of_them() -> None:
    made: list[int] = []

    @keep(limit=25, size=bytes.__len__)
    def ten_bytes(number: int) -> bytes:
        made.append(number)
        return bytes(10)

    for number in (1, 2, 1, 3, 1, 2):
        ten_bytes(number)

    assert made == [1, 2, 3, 2]


def test_tracks_may_share_a_recording(tidal: StandIn, http: requests.Session) -> None:
    album = tidal.account.track("Low Water")
    single = tidal.account.track("Low Water", audio_id=album.id)

    one, other = (
        http.get(f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac", timeout=30).content
        for track in (album, single)
    )

    assert one == other


def test_headers_of_the_files_tell_the_truth() -> None:
    flac = FLAC(io.BytesIO(music.flac(5, 3)))
    mp4: Any = MP4(io.BytesIO(music.m4a(5, 3, 96)))

    assert (flac.info.length, flac.info.sample_rate, flac.info.channels) == (3.0, RATE, 2)
    assert flac.info.md5_signature != 0
    assert mp4.info.length == pytest.approx(3, abs=0.05)


def test_a_track_is_made_in_milliseconds() -> None:
    music.flac(0, 2)
    start = time.process_time()
    for track_id in range(1, 31):
        music.flac(track_id, 2)

    assert (time.process_time() - start) / 30 < 0.05


def test_cover_is_a_picture_of_the_size_asked_for(tidal: StandIn, http: requests.Session) -> None:
    track = tidal.account.track("Low Water")
    assert track.album is not None
    assert track.album.cover is not None
    place = f"{tidal.url}/images/{track.album.cover.replace('-', '/')}"

    for name, size in (("320x320", 320), ("1280x1280", 1280), ("origin", 1280)):
        answer = http.get(f"{place}/{name}.jpg", timeout=30)
        assert answer.headers["Content-Type"] == "image/jpeg"
        with av.open(io.BytesIO(answer.content), "r") as picture:
            assert picture.streams.video[0].width == size
    assert http.get(f"{tidal.url}/images/nothing/320x320.jpg", timeout=30).status_code == 404


# ---------------------------------------------------------------- ranges


@pytest.mark.parametrize(
    ("asked", "part", "told"),
    [
        ("bytes=0-99", slice(0, 100), "bytes 0-99/{}"),
        ("bytes=1000-", slice(1000, None), "bytes 1000-{}/{}"),
        ("bytes=-10", slice(-10, None), None),
        ("bytes=10-999999999", slice(10, None), None),
    ],
)
def test_part_of_a_file(
    tidal: StandIn, http: requests.Session, asked: str, part: slice, told: str | None
) -> None:
    track = tidal.account.track("Low Water")
    whole = music.flac(track.id, track.duration)
    url = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"

    answer = http.get(url, headers={"Range": asked}, timeout=30)

    assert (answer.status_code, answer.content) == (206, whole[part])
    size = len(whole)
    if told is not None:
        figures = (size - 1, size) if told.count("{}") == 2 else (size,)
        assert answer.headers["Content-Range"] == told.format(*figures)


def test_part_of_a_file_that_changed_is_all_of_it(tidal: StandIn, http: requests.Session) -> None:
    track = tidal.account.track("Low Water")
    url = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"
    etag = http.head(url, timeout=30).headers["ETag"]
    resume = {"Range": "bytes=1000-", "If-Range": etag}

    assert http.get(url, headers=resume, timeout=30).status_code == 206
    track.audio_id = 4711
    assert http.get(url, headers=resume, timeout=30).content == music.flac(4711, track.duration)


def test_part_beyond_the_end_is_refused(tidal: StandIn, http: requests.Session) -> None:
    track = tidal.account.track("Low Water")
    size = len(music.flac(track.id, track.duration))
    url = f"{tidal.url}/mediatracks/{track.id}-LOSSLESS/0.flac"

    answer = http.get(url, headers={"Range": f"bytes={size}-"}, timeout=30)

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
