"""Manifests: what TIDAL says about where a track's audio is, as an AudioSource.

Two forms: BTS (JSON, one file) and DASH (XML, an initialization and numbered segments). Both come
from the network and are read as hostile: sizes are capped, the XML may define no entities.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import replace
from typing import Any

from strandline.tidal.dash import read_mpd
from strandline.tidal.source import AudioSource, bad_manifest, encrypted, extension_of

MANIFEST_BYTES = 4 * 1024 * 1024
BTS, DASH = "application/vnd.tidal.bts", "application/dash+xml"


def read_manifest(answer: dict[str, Any]) -> AudioSource:
    """The source in a playback answer. DownloadError: ``bad_manifest``, ``encrypted``."""
    manifest, mime = _decoded(answer.get("manifest")), answer.get("manifestMimeType")
    quality = str(answer.get("audioQuality") or "unknown")
    if mime == BTS:
        source = _bts(manifest, quality)
    elif mime == DASH:
        source = read_mpd(manifest, quality)
    else:
        raise bad_manifest("is of a kind that is not known")
    mode = answer.get("audioMode")
    return replace(source, mode=mode[:30] if isinstance(mode, str) and mode else None)


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
    codec = codec or ("flac" if mime == "audio/flac" else "")
    return AudioSource("bts", (urls[0],), codec, mime, extension_of(mime), quality)
