"""The encoded sound of a file, packet by packet, and a hash of it that is blind to tags."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from strandline.library.audio import container_at, opened
from strandline.library.mpeg import before_tags, find_frames, mapped
from strandline.library.sniff import Container

if TYPE_CHECKING:
    from pathlib import Path

    from av.audio.stream import AudioStream
    from av.packet import Packet

DIGEST_SIZE: Final = 32  # bytes


class PacketHash:
    """BLAKE2b of the payloads, one after the other: the same in every container."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=DIGEST_SIZE)
        self.update = self._digest.update

    def hexdigest(self) -> str:
        """64 hexadecimal digits."""
        return self._digest.hexdigest()


def sound_end(path: str | Path) -> int:
    """Where tags behind the sound begin, which a demuxer may take for a part of it."""
    with mapped(path) as data:
        return before_tags(data)


def without_tail(packet: Packet[AudioStream], end: int) -> bytes | Packet[AudioStream]:
    """The packet, without what of it lies behind ``end``."""
    at = packet.pos
    if at is None or at < 0 or at + packet.size <= end:
        return packet
    return bytes(packet)[: max(end - at, 0)]


def packets_hash(path: str | Path) -> str:
    """A hash of the encoded audio, in hex, blind to tags, covers, padding and the container.

    Equal for two copies of which one was retagged. Of an MP3 only frames count. Raises OSError, or
    DownloadError as check_audio does.
    """
    digest = PacketHash()
    if container_at(path) is Container.MP3 and _hash_frames(path, digest):
        return digest.hexdigest()
    with opened(path) as (container, stream):
        end = sound_end(path)
        for packet in container.demux(stream):
            if packet.size:
                digest.update(without_tail(packet, end))
    return digest.hexdigest()


def _hash_frames(path: str | Path, digest: PacketHash) -> bool:
    """False where no frame is found."""
    with mapped(path) as data:
        found = find_frames(data)
        for start, size in zip(found.starts, found.sizes, strict=True):
            digest.update(data[start : start + size])
    return bool(found.starts)
