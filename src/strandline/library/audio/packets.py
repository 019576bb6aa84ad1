"""The encoded sound of a file, packet by packet, and a hash of it that is blind to tags."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Final

from fastcrc import crc16, crc64

from strandline.errors import DownloadError
from strandline.library.audio.containers import Container
from strandline.library.audio.mpeg import before_tags, find_frames, mapped
from strandline.library.audio.probe import codec_of, container_at, opened

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.packet import Packet

DIGEST_SIZE: Final = 32  # bytes
_PAYLOAD: Final = struct.Struct("<QQ")
RUBBISH: Final = 4096  # bytes behind the sound that harm nothing


class PacketHash:
    """Of the size and CRC-64 of each payload, in order: the same in every container.

    A BLAKE2b of all bytes would take as long as all other checks of a download together.
    """

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=DIGEST_SIZE)

    def update(self, payload: bytes | Packet[AudioStream]) -> None:
        """One more; empty ones do not count."""
        if data := bytes(payload):
            self._digest.update(_PAYLOAD.pack(len(data), crc64.xz(data)))

    def hexdigest(self) -> str:
        """64 hexadecimal digits."""
        return self._digest.hexdigest()


def sound_end(path: str | Path) -> int:
    """Where tags behind the sound begin, which a demuxer may take for a part of it."""
    with mapped(path) as data:
        return before_tags(data)


def sound_of(packet: Packet[AudioStream], end: int, *, flac: bool) -> bytes | Packet[AudioStream]:
    """The packet, without what of it lies behind ``end`` or, of FLAC, behind its last frame."""
    at = packet.pos
    if at is None or at < 0 or not packet.size or at + packet.size < end:
        return packet
    kept = bytes(packet)[: max(end - at, 0)]
    return (_without_rubbish(kept) if flac else None) or kept


_SYNC: Final = (b"\xff\xf8", b"\xff\xf9")
"""What a frame begins with (RFC 9639, 9.1), so that a hole of zeros, whose CRC is 0, is none."""


def flac_frame(frame: bytes) -> bool:
    """Whether it is one, and its checksum holds."""
    return frame[:2] in _SYNC and not crc16.umts(frame)


def _without_rubbish(frame: bytes) -> bytes | None:
    """The last frame of a file, without zeros or up to 4 KiB of anything else that follow it."""
    if frame[:2] not in _SYNC or not crc16.umts(frame):
        return None
    bare = frame.rstrip(b"\0") + b"\0\0"
    start = max(len(bare) - RUBBISH, 0)
    crc = crc16.umts(frame[:start])
    for at in range(start, min(len(bare), len(frame))):
        if not (crc := crc16.umts(frame[at : at + 1], crc)):
            return frame[: at + 1]
    return None


def packets_hash(path: str | Path) -> str:
    """A hash of the encoded audio, in hex, blind to tags, covers, padding and the container.

    Equal for two copies of which one was retagged. Of an MP3 only frames count. Raises OSError, or
    DownloadError as check_audio does.
    """
    digest = PacketHash()
    if container_at(path) is Container.MP3 and _hash_frames(path, digest):
        return digest.hexdigest()
    with opened(path) as (container, stream):
        end, flac = sound_end(path), codec_of(stream) == "flac"
        for packet in container.demux(stream):
            if packet.size:
                digest.update(sound_of(packet, end, flac=flac))
    return digest.hexdigest()


def _hash_frames(path: str | Path, digest: PacketHash) -> bool:
    """False where no frame is found."""
    with mapped(path) as data:
        found = find_frames(data)
        for start, size in zip(found.starts, found.sizes, strict=True):
            digest.update(data[start : start + size])
    return bool(found.starts)


def packets_or_none(path: str | Path) -> str:
    """The same; empty where there is no such sound or it cannot be read."""
    try:
        return packets_hash(path)
    except (OSError, DownloadError):
        return ""
