"""The stand-in's answers about audio: manifests, and the bytes they lead to."""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from strandline.demo import entitlements
from strandline.demo.http import Answer, Request, json_answer, refusal
from strandline.demo.model import RATE, Availability, Blemish, Quality

if TYPE_CHECKING:
    from strandline.demo.account import Account
    from strandline.demo.model import Track
    from strandline.demo.music import Segments

_KBPS = {Quality.LOW: 96, Quality.HIGH: 160}
_BITS = {Quality.LOSSLESS: 16, Quality.HI_RES_LOSSLESS: 24}
_SEGMENTED = {"LOSSLESS_DASH": 16, "HI_RES_LOSSLESS": 24}
"""What comes as DASH, with its bits a sample."""
_SHELL = bytes.fromhex("0000002c6d6f6f66000000247472616600000014746668640002000000000001") + (
    bytes.fromhex("00000008") + b"free" + bytes.fromhex("00000008") + b"mdat"
)
"""A segment with an index of no samples: ``moof`` (``traf`` with ``tfhd`` alone), ``mdat``."""
_TYPES = {"flac": "audio/flac", "mp4": "audio/mp4"}

_MPD = """\
<?xml version='1.0' encoding='UTF-8'?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-main:2011" \
type="static" minBufferTime="PT3.993S" mediaPresentationDuration="PT{seconds}.000S">\
<Period id="0"><AdaptationSet id="0" contentType="audio" mimeType="audio/mp4" \
segmentAlignment="true"><Representation id="{name}" codecs="flac" \
bandwidth="1100000" audioSamplingRate="{rate}">\
<SegmentTemplate timescale="{rate}" initialization="{base}/0.mp4?{query}" \
media="{base}/$Number$.mp4?{query}" startNumber="1">\
<SegmentTimeline><S d="{length}" r="{repeats}"/><S d="{last}"/></SegmentTimeline>\
</SegmentTemplate></Representation></AdaptationSet></Period></MPD>"""


# ---------------------------------------------------------------- where the audio is


def info(account: Account, request: Request, track_id: str) -> Answer:
    """``playbackinfopostpaywall``: what one gets, and the manifest that says where."""
    track = account.tracks.get(int(track_id))
    if track is None or track.availability is Availability.GONE:
        return refusal(404, 2001, f"Track [{track_id}] not found")
    refused = entitlements.refused(account, track, request)
    if refused is not None:
        return refused
    blemish = track.blemishes.get(Quality(request.query.get("audioquality", "LOW")))
    if entitlements.is_atmos(track, request):
        return json_answer(_atmos(track, request.origin))
    quality = entitlements.given(account, track, request)
    dash = entitlements.is_dash(account, quality, request) and blemish is not Blemish.SURROUND
    mime, manifest = _manifest(Media(track, quality, dash, blemish), request.origin)
    return json_answer(_blemished(_info(track, quality, mime, manifest.encode()), blemish))


def _atmos(track: Track, origin: str) -> dict[str, object]:
    """Whatever was asked: E-AC-3 in 5.1, which counts as LOW."""
    bts = {
        "mimeType": "audio/mp4",
        "codecs": "eac3",
        "encryptionType": "NONE",
        "urls": [f"{origin}/mediatracks/{track.id}-ATMOS/0.mp4?token={_token(track)}"],
    }
    answer = _info(track, Quality.LOW, "application/vnd.tidal.bts", json.dumps(bts).encode())
    return answer | {"audioMode": "DOLBY_ATMOS"}


def _blemished(answer: dict[str, object], blemish: Blemish | None) -> dict[str, object]:
    """What is wrong with the answer itself."""
    match blemish:
        case Blemish.PREVIEW:
            return answer | {"assetPresentation": "PREVIEW"}
        case Blemish.UNKNOWN_MANIFEST:
            return answer | {"manifestMimeType": "application/vnd.tidal.emu"}
        case Blemish.OTHER_TRACK:
            return answer | {"trackId": 1}
        case _:
            return answer


def url(account: Account, request: Request, track_id: str) -> Answer:
    """``urlpostpaywall``: a plain URL; there is none for what only DASH carries."""
    track = account.tracks.get(int(track_id))
    if track is None or track.availability is not Availability.AVAILABLE:
        return refusal(401, 4005, "Asset is not ready for playback")
    if (refused := entitlements.refused(account, track, request)) is not None:
        return refused
    quality = entitlements.given(account, track, request)
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


def _info(track: Track, quality: Quality, mime: str, manifest: bytes) -> dict[str, object]:
    about: dict[str, object] = {
        "trackId": track.id,
        "assetPresentation": "FULL",
        "audioMode": "STEREO",
        "audioQuality": quality.value,
        "manifestMimeType": mime,
        "manifestHash": base64.b64encode(sha256(manifest).digest()).decode(),
        "manifest": base64.b64encode(manifest).decode(),
    }
    if track.gain is not None:
        about |= {
            "albumReplayGain": track.gain,
            "albumPeakAmplitude": track.peak,
            "trackReplayGain": track.gain,
            "trackPeakAmplitude": track.peak,
        }
    if quality.rank >= Quality.LOSSLESS.rank:
        depth = 24 if quality is Quality.HI_RES_LOSSLESS else 16
        about |= {"bitDepth": depth, "sampleRate": _rate(track, quality)}
    return about


def _rate(track: Track, quality: Quality) -> int:
    return track.hires_rate if quality is Quality.HI_RES_LOSSLESS else RATE


def lyrics(account: Account, _request: Request, track_id: str) -> Answer:
    """The words of a track; 404 where there are none, as for most."""
    track = account.tracks.get(int(track_id))
    if track is None or not (track.lyrics or track.subtitles):
        return refusal(404, 2001, f"Lyrics for track [{track_id}] not found")
    return json_answer(
        {
            "trackId": track.id,
            "lyricsProvider": "MUSIXMATCH",
            "providerCommontrackId": str(track.id),
            "providerLyricsId": str(track.id),
            "lyrics": track.lyrics,
            "subtitles": track.subtitles or "",
            "isRightToLeft": False,
        }
    )


class Media(NamedTuple):
    """One form of a track's audio."""

    track: Track
    quality: Quality
    dash: bool
    blemish: Blemish | None = None

    @property
    def kind(self) -> str:
        """As its address has it."""
        plain = self.quality is Quality.LOSSLESS and self.dash
        return "LOSSLESS_DASH" if plain else self.quality.value

    @property
    def query(self) -> str:
        """Of its addresses: like the signature in a CDN's, it opens this one file, and no API."""
        signed = f"token={_token(self.track)}"
        return signed if self.blemish is None else f"{signed}&amp;as={self.blemish.value}"


def _manifest(media: Media, origin: str) -> tuple[str, str]:
    if media.dash:
        return "application/dash+xml", _mpd(media, origin)
    return "application/vnd.tidal.bts", json.dumps(_bts(media, origin))


def _bts(media: Media, origin: str) -> dict[str, object]:
    lossless = media.quality is Quality.LOSSLESS
    query = media.query.replace("&amp;", "&")
    name = "0.flac" if lossless else "0.mp4"
    bts: dict[str, object] = {
        "mimeType": "audio/flac" if lossless else "audio/mp4",
        "codecs": "mp4a.40.2" if media.quality in _KBPS else "flac",
        "encryptionType": "NONE",
        "urls": [f"{origin}/mediatracks/{media.track.id}-{media.kind}/{name}?{query}"],
    }
    locked = {"encryptionType": "OLD_AES", "keyId": "c3RhbmQtaW4="}
    return bts | locked if media.blemish is Blemish.ENCRYPTED else bts


def _place(track: Track, quality: Quality, origin: str) -> str:
    name = "0.flac" if quality is Quality.LOSSLESS else "0.mp4"
    return f"{origin}/mediatracks/{track.id}-{quality.value}/{name}?token={_token(track)}"


def _mpd(media: Media, origin: str) -> str:
    from strandline.demo import music

    track, bits = media.track, _BITS[media.quality]
    rate = _rate(track, media.quality)
    samples = music.segments(track.tune, track.duration, bits, rate).samples
    text = _MPD.format(
        name=f"FLAC{'_HIRES' if bits > 16 else ''},{rate},{bits}",
        seconds=track.duration,
        rate=rate,
        base=f"{origin}/mediatracks/{track.id}-{media.kind}",
        query=media.query,
        length=samples[0],
        repeats=len(samples) - 2,
        last=samples[-1],
    )
    if media.blemish is Blemish.ENCRYPTED:
        return text.replace("<SegmentTemplate", "<ContentProtection/><SegmentTemplate", 1)
    return text


def _token(track: Track) -> str:
    """Like the signature in a CDN's URL: it opens this one file, and no API."""
    return sha256(f"signed {track.id}".encode()).hexdigest()[:16]


# ---------------------------------------------------------------- the audio itself


def audio(account: Account, request: Request, track_id: str, quality: str, name: str) -> Answer:
    """A whole file, or a segment of one."""
    track = account.tracks.get(int(track_id))
    blemish = request.query.get("as")
    body = _audio(track, quality, name, Blemish(blemish) if blemish else None) if track else None
    if body is None:
        return Answer(404)
    return file(request, body, _TYPES[name.rpartition(".")[2]])


def _audio(track: Track, kind: str, name: str, blemish: Blemish | None) -> bytes | None:
    from strandline.demo import music

    seconds = max(1, track.duration // 2) if blemish is Blemish.SHORT else track.duration
    if kind == "ATMOS" or blemish is Blemish.SURROUND:
        return music.surround(seconds)
    if kind in _SEGMENTED:
        rate = RATE if kind == "LOSSLESS_DASH" else track.hires_rate
        made = music.segments(track.tune, seconds, _SEGMENTED[kind], rate)
        return _segment(made, name, blemish)
    if kind not in Quality.__members__ or name != ("0.flac" if kind == "LOSSLESS" else "0.mp4"):
        return None
    if kind == "LOSSLESS" and blemish is not Blemish.LOSSY:
        whole = music.flac(track.tune, seconds)
    else:
        whole = music.m4a(track.tune, seconds, _KBPS.get(Quality(kind), _KBPS[Quality.HIGH]))
    return whole[: len(whole) * 2 // 3] if blemish is Blemish.CUT_OFF else whole


def _segment(made: Segments, name: str, blemish: Blemish | None) -> bytes | None:
    segment = re.fullmatch(r"(\d{1,6})\.mp4", name)
    parts = (made.init, *made.media)
    number = int(segment[1]) if segment else len(parts)
    if number >= len(parts):
        return None
    last = number == len(parts) - 1
    match blemish:
        case Blemish.EMPTY_SEGMENT | Blemish.CUT_OFF if last:
            return b""
        case Blemish.SHELL_SEGMENT if last:
            return _SHELL
        case Blemish.INIT_ONLY if number:
            return b""
        case _:
            return parts[number]


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
