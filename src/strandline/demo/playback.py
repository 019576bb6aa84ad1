"""The stand-in's answers about audio: manifests, and the bytes they lead to."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING

from strandline.demo.things import RATE, Availability, Quality
from strandline.demo.wire import Answer, Request, json_answer, refusal

if TYPE_CHECKING:
    from strandline.demo.account import Account
    from strandline.demo.things import Track

_KBPS = {Quality.LOW: 96, Quality.HIGH: 160}
_TYPES = {"flac": "audio/flac", "mp4": "audio/mp4"}

_MPD = """\
<?xml version='1.0' encoding='UTF-8'?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:2011" \
type="static" minBufferTime="PT3.993S" mediaPresentationDuration="PT{seconds}.000S">\
<Period id="0"><AdaptationSet id="0" contentType="audio" mimeType="audio/mp4" \
segmentAlignment="true"><Representation id="FLAC_HIRES,44100,24" codecs="flac" \
bandwidth="1100000" audioSamplingRate="{rate}">\
<SegmentTemplate timescale="{rate}" initialization="{base}/0.mp4?token={token}" \
media="{base}/$Number$.mp4?token={token}" startNumber="1">\
<SegmentTimeline><S d="{length}" r="{repeats}"/><S d="{last}"/></SegmentTimeline>\
</SegmentTemplate></Representation></AdaptationSet></Period></MPD>"""


# ---------------------------------------------------------------- where the audio is


def info(account: Account, request: Request, track_id: str) -> Answer:
    """``playbackinfopostpaywall``: what one gets, and the manifest that says where."""
    track = account.tracks.get(int(track_id))
    if track is None or track.availability is Availability.GONE:
        return refusal(404, 2001, f"Track [{track_id}] not found")
    quality = _given(account, track, request.query.get("audioquality", "LOW"))
    if quality is None:
        return refusal(400, 1002, "audioquality is not one of LOW, HIGH, LOSSLESS")
    if track.availability is not Availability.AVAILABLE:
        return refusal(401, 4005, "Asset is not ready for playback")
    mime, manifest = _manifest(track, quality, request.origin)
    return json_answer(_info(track, quality, mime, manifest.encode()))


def url(account: Account, request: Request, track_id: str) -> Answer:
    """``urlpostpaywall``: a plain URL; there is none for what only DASH carries."""
    track = account.tracks.get(int(track_id))
    if track is None or track.availability is not Availability.AVAILABLE:
        return refusal(401, 4005, "Asset is not ready for playback")
    quality = _given(account, track, request.query.get("audioquality", "LOW")) or Quality.LOW
    plain = min(quality, Quality.LOSSLESS, key=lambda q: q.rank)
    return json_answer(
        {
            "urls": [_place(track, plain, request.origin)],
            "trackId": track.id,
            "assetPresentation": "FULL",
            "audioQuality": plain.value,
            "audioMode": "STEREO",
            "codec": "FLAC" if plain is Quality.LOSSLESS else "AAC",
        }
    )


def _given(account: Account, track: Track, asked: str) -> Quality | None:
    """The least of what was asked, what the track has, and what the user pays for."""
    if asked not in Quality.__members__:
        return None
    return min(Quality(asked), track.quality, account.highest_quality, key=lambda q: q.rank)


def _info(track: Track, quality: Quality, mime: str, manifest: bytes) -> dict[str, object]:
    about: dict[str, object] = {
        "trackId": track.id,
        "assetPresentation": "FULL",
        "audioMode": "STEREO",
        "audioQuality": quality.value,
        "manifestMimeType": mime,
        "manifestHash": base64.b64encode(sha256(manifest).digest()).decode(),
        "manifest": base64.b64encode(manifest).decode(),
        "albumReplayGain": -8.4,
        "albumPeakAmplitude": 0.98,
        "trackReplayGain": -8.4,
        "trackPeakAmplitude": 0.97,
    }
    if quality.rank >= Quality.LOSSLESS.rank:
        depth = 24 if quality is Quality.HI_RES_LOSSLESS else 16
        about |= {"bitDepth": depth, "sampleRate": RATE}
    return about


def _manifest(track: Track, quality: Quality, origin: str) -> tuple[str, str]:
    if quality is Quality.HI_RES_LOSSLESS:
        return "application/dash+xml", _mpd(track, origin)
    return "application/vnd.tidal.bts", json.dumps(_bts(track, quality, origin))


def _bts(track: Track, quality: Quality, origin: str) -> dict[str, object]:
    lossless = quality is Quality.LOSSLESS
    return {
        "mimeType": "audio/flac" if lossless else "audio/mp4",
        "codecs": "flac" if lossless else "mp4a.40.2",
        "encryptionType": "NONE",
        "urls": [_place(track, quality, origin)],
    }


def _place(track: Track, quality: Quality, origin: str) -> str:
    name = "0.flac" if quality is Quality.LOSSLESS else "0.mp4"
    return f"{origin}/mediatracks/{track.id}-{quality.value}/{name}?token={_token(track)}"


def _mpd(track: Track, origin: str) -> str:
    from strandline.demo import music

    samples = music.segments(track.tune, track.duration).samples
    return _MPD.format(
        seconds=track.duration,
        rate=RATE,
        base=f"{origin}/mediatracks/{track.id}-{Quality.HI_RES_LOSSLESS.value}",
        token=_token(track),
        length=samples[0],
        repeats=len(samples) - 2,
        last=samples[-1],
    )


def _token(track: Track) -> str:
    """Like the signature in a CDN's URL: it opens this one file, and no API."""
    return sha256(f"signed {track.id}".encode()).hexdigest()[:16]


# ---------------------------------------------------------------- the audio itself


def audio(account: Account, request: Request, track_id: str, quality: str, name: str) -> Answer:
    """A whole file, or a segment of one."""
    track = account.tracks.get(int(track_id))
    if track is None or quality not in Quality.__members__:
        return Answer(404)
    body = _audio(track, Quality(quality), name)
    if body is None:
        return Answer(404)
    return file(request, body, _TYPES[name.rpartition(".")[2]])


def _audio(track: Track, quality: Quality, name: str) -> bytes | None:
    from strandline.demo import music

    if quality is Quality.HI_RES_LOSSLESS:
        made = music.segments(track.tune, track.duration)
        segment = re.fullmatch(r"(\d{1,6})\.mp4", name)
        parts = (made.init, *made.media)
        number = int(segment[1]) if segment else len(parts)
        return parts[number] if number < len(parts) else None
    if quality is Quality.LOSSLESS:
        return music.flac(track.tune, track.duration) if name == "0.flac" else None
    return music.m4a(track.tune, track.duration, _KBPS[quality]) if name == "0.mp4" else None


def file(request: Request, body: bytes, mime: str) -> Answer:
    """Bytes as a CDN gives them: with an ETag, whole or in one range."""
    etag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"Content-Type": mime, "Accept-Ranges": "bytes", "ETag": etag}
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", etag) != etag:
        return Answer(200, headers, body)
    start, end = _range(asked[1], asked[2], len(body))
    if start >= end:
        return Answer(416, headers | {"Content-Range": f"bytes */{len(body)}"})
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(body)}"
    return Answer(206, headers, body[start:end])


def _range(first: str, last: str, length: int) -> tuple[int, int]:
    """The half-open part that ``first-last`` means; without ``first``, so many bytes at the end."""
    if not first:
        return max(0, length - int(last or 0)), length
    return int(first), min(int(last) + 1, length) if last else length


def image(
    _account: Account, request: Request, cover: str, width: str = "1280", height: str = "1280"
) -> Answer:
    """A cover, at the size asked for; any uuid has one."""
    if max(int(width), int(height)) > 3000:
        return Answer(403)
    from strandline.demo.pictures import jpeg

    return file(request, jpeg(cover, int(width), int(height)), "image/jpeg")
