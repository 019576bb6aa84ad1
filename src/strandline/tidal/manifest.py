"""Manifests: what TIDAL says about where a track's audio is, as an AudioSource.

Two forms: BTS (JSON, one file) and DASH (XML, an initialization and numbered segments). Both come
from the network and are read as hostile: sizes are capped, the XML may define no entities.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from strandline.errors import DownloadError

MANIFEST_BYTES = 4 * 1024 * 1024
BTS, DASH = "application/vnd.tidal.bts", "application/dash+xml"


@dataclass(frozen=True, slots=True)
class AudioSource:
    """Where the audio of a track is. The addresses are signed: do not log them."""

    kind: str
    """``bts``: one file. ``dash``: an initialization and segments, to be put in a row."""
    urls: tuple[str, ...]
    codec: str
    """As RFC 6381 has it: ``flac``, ``mp4a.40.2`` …"""
    mime: str
    extension: str
    """``.flac`` or ``.m4a``, by the type alone: nothing of the address gets into a file name."""
    quality: str
    """What TIDAL delivers, which may be less than was asked for: ``LOSSLESS`` …"""
    expected_bytes: int | None = None

    def __repr__(self) -> str:
        return f"AudioSource({self.kind}, {self.codec}, {self.quality}, {len(self.urls)} pieces)"


def bad_manifest(why: str) -> DownloadError:
    """TIDAL's description of the audio makes no sense."""
    return DownloadError(f"TIDAL's description of the audio {why}.", code="bad_manifest")


def encrypted() -> DownloadError:
    """Audio that needs a key is not for this program."""
    return DownloadError(
        "TIDAL delivers this track encrypted; strandline takes only what TIDAL sends in the clear.",
        hint="Try another `quality` in the [tidal] table of the configuration.",
        code="encrypted",
    )


def read_manifest(answer: dict[str, Any]) -> AudioSource:
    """The source in a playback answer. DownloadError: ``bad_manifest``, ``encrypted``."""
    manifest, mime = _decoded(answer.get("manifest")), answer.get("manifestMimeType")
    quality = str(answer.get("audioQuality") or "unknown")
    if mime == BTS:
        return _bts(manifest, quality)
    if mime == DASH:
        from strandline.tidal.dash import read_mpd

        return read_mpd(manifest, quality)
    raise bad_manifest("is of a kind that is not known")


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str) or len(text) > MANIFEST_BYTES * 4 // 3 + 4:
        raise bad_manifest("is missing or too large")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_manifest("is not base64") from error


def _bts(manifest: bytes, quality: str) -> AudioSource:
    try:
        document = json.loads(manifest)
    except (ValueError, RecursionError) as error:
        raise bad_manifest("is not JSON") from error
    if not isinstance(document, dict):
        raise bad_manifest("is not a JSON object")
    if document.get("keyId") or document.get("encryptionType", "NONE") not in ("NONE", None, ""):
        raise encrypted()
    urls = document.get("urls")
    if not isinstance(urls, list) or len(urls) != 1 or not isinstance(urls[0], str):
        raise bad_manifest("does not name one address")
    mime, codec = str(document.get("mimeType") or ""), str(document.get("codecs") or "")
    return AudioSource("bts", (urls[0],), codec, mime, extension_of(mime), quality)


def extension_of(mime: str) -> str:
    """By the type: ``.flac`` or ``.m4a``. DownloadError for anything else."""
    extension = {"audio/flac": ".flac", "audio/mp4": ".m4a", "audio/x-m4a": ".m4a"}.get(mime)
    if extension is None:
        raise bad_manifest("names a type of audio that is not known")
    return extension
