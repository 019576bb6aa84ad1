"""Faults of the stand-in's playback: previews, manifests that lead astray, damaged audio."""

from __future__ import annotations

import io
import json
from contextlib import suppress

import av
import mutagen.flac
import pytest
from bare_client import Client
from tidal_side import AUDIO, INFO

from strandline.demo import effects
from strandline.demo.model import RATE, Quality
from strandline.demo.server import StandIn


def decoded_samples(audio: bytes) -> int:
    """As many as can be had before the decoder gives up."""
    samples = 0
    with av.open(io.BytesIO(audio), "r") as file, suppress(av.FFmpegError):
        for frame in file.decode(audio=0):
            samples += frame.samples
    return samples


def test_preview(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water")
    tidal.faults.on(INFO, effects.preview())

    info = client.get(f"/v1/tracks/{track.id}/playbackinfopostpaywall?audioquality=LOW").json()

    assert info["assetPresentation"] == "PREVIEW"


def test_encrypted_manifest(tidal: StandIn, client: Client) -> None:
    tidal.faults.on(INFO, effects.encrypted())

    manifest = json.loads(client.manifest(tidal.account.track("Low Water")))

    assert manifest["encryptionType"] == "OLD_AES"
    assert manifest["keyId"]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://10.0.0.1/0.flac", "http://127.0.0.1:9/0.flac"]
)
def test_manifest_that_leads_elsewhere(tidal: StandIn, client: Client, url: str) -> None:
    tidal.faults.on(INFO, effects.manifest_url(url))

    assert json.loads(client.manifest(tidal.account.track("Low Water")))["urls"] == [url]


def test_segments_that_lead_elsewhere(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water", quality=Quality.HI_RES_LOSSLESS)
    tidal.faults.on(INFO, effects.manifest_text(lambda mpd: mpd.replace(tidal.url, "file://")))

    assert 'media="file:///mediatracks/' in client.manifest(track, "HI_RES_LOSSLESS")


def test_segment_that_is_missing(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water", quality=Quality.HI_RES_LOSSLESS)
    tidal.faults.on("/mediatracks/*/2.mp4", effects.status(404, "empty"), times=None)
    place = f"/mediatracks/{track.id}-HI_RES_LOSSLESS"

    found = [client.get(f"{place}/{number}.mp4").status_code for number in range(4)]

    assert found == [200, 200, 404, 200]


def test_truncated_audio_is_shorter_than_it_says(tidal: StandIn, client: Client) -> None:
    track = tidal.account.track("Low Water", duration=3)
    tidal.faults.on(AUDIO, effects.truncated(0.4))

    audio = client.get(f"/mediatracks/{track.id}-LOSSLESS/0.flac").content

    assert mutagen.flac.FLAC(io.BytesIO(audio)).info.length == 3
    assert decoded_samples(audio) < 2 * RATE


def test_damaged_audio_differs_in_one_byte(tidal: StandIn, client: Client) -> None:
    path = f"/mediatracks/{tidal.account.track('Low Water').id}-LOSSLESS/0.flac"
    tidal.faults.on(AUDIO, effects.flipped())

    damaged, whole = client.get(path).content, client.get(path).content

    assert sum(one != other for one, other in zip(damaged, whole, strict=True)) == 1
