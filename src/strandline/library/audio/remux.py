"""The same packets in another container: what TIDAL streams as MP4 segments becomes a file.

Nothing is encoded anew. A FLAC stream comes out as ``.flac`` whose STREAMINFO counts its samples
and carries the MD5 of its sound, so that players and ``flac -t`` can verify it: libav's muxer
copies what the MP4 said there, which in a stream may be nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import av
from av.audio.codeccontext import AudioCodecContext

from strandline.library.audio.probe import STRICT, codec_of, opened, wrong
from strandline.library.audio.writer import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

STREAMINFO_AT: Final = 8  # bytes into a .flac: after "fLaC" and the block's own header
STREAMINFO_SIZE: Final = 34  # bytes


def remux_segments(source: str | Path, target: str | Path | int) -> str:
    """Concatenated MP4 segments (or any MP4) as a proper file; returns the ending it should have.

    ``flac`` for a FLAC stream, ``m4a`` for anything else. Errors as ``remux_to_flac``.
    """
    with opened(source) as (_, stream):
        flac = codec_of(stream) == "flac"
    if flac:
        remux_to_flac(source, target)
        return "flac"
    remux_to_m4a(source, target)
    return "m4a"


def remux_to_flac(source: str | Path, target: str | Path | int) -> None:
    """FLAC in an MP4 as a ``.flac``, decoded on the way to fill in its STREAMINFO.

    ``target``: a path, or an empty file open for writing. Not synced to disk. Raises OSError, and
    DownloadError: ``undecodable`` for damaged packets, else as ``check_audio``.
    """
    with opened(source) as (container, stream), writing(target) as file:
        if codec_of(stream) != "flac":
            raise wrong("not_audio", source, "holds no FLAC")
        info = _StreamInfo(stream)
        with av.open(file, "w", format="flac") as out:
            copy = out.add_stream_from_template(stream)
            for packet in _packets(source, container, stream, info):
                packet.stream = copy
                out.mux(packet)
        file.seek(STREAMINFO_AT)
        file.write(info.block())


def remux_to_m4a(source: str | Path, target: str | Path | int) -> None:
    """The audio of an MP4, fragmented or not, as an ``.m4a`` with one index for all of it.

    ``target``: a path, or an empty file open for writing. Not synced to disk. Raises OSError, and
    DownloadError as ``check_audio``.
    """
    with opened(source) as (container, stream), writing(target) as file:
        apple = codec_of(stream) in ("aac", "alac")
        with av.open(file, "w", format="ipod" if apple else "mp4") as out:
            copy = out.add_stream_from_template(stream)
            for packet in container.demux(stream):
                if packet.size:
                    packet.stream = copy
                    out.mux(packet)


def _packets(
    source: str | Path, container: InputContainer, stream: AudioStream, info: _StreamInfo
) -> Iterator[Packet[AudioStream]]:
    """The packets of a FLAC stream, each decoded into ``info`` first."""
    stream.codec_context.options = STRICT
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            raise wrong("undecodable", source, "is damaged: it does not decode") from error
        info.add(packet.size, frames)
        if packet.size:
            yield packet


class _StreamInfo:
    """FLAC's first metadata block, as the packets and their sound have it.

    Layout (RFC 9639, 8.2): smallest and largest block (samples, 16 bit each), smallest and largest
    frame (bytes, 24 bit each), then rate, channels, bits and sample count in 64 bit, then the MD5.
    """

    def __init__(self, stream: AudioStream) -> None:
        self._given = (stream.codec_context.extradata or b"").ljust(STREAMINFO_SIZE, b"\0")
        self._blocks: list[int] = []
        self._sizes: list[int] = []
        self._sound = _SoundDigest(((self._given[12] & 1) << 4 | self._given[13] >> 4) + 1)

    def add(self, size: int, frames: list[AudioFrame]) -> None:
        """A packet of ``size`` bytes that decoded to ``frames``."""
        if size:
            self._sizes.append(size)
        for frame in frames:
            self._blocks.append(frame.samples)
            self._sound.update(frame)

    def block(self) -> bytes:
        """The 34 bytes."""
        format_bits = int.from_bytes(self._given[10:18], "big") >> 36
        blocks = self._blocks[:-1] or self._blocks or [0]  # the last one may be shorter
        return (
            min(blocks).to_bytes(2, "big")
            + max(self._blocks, default=0).to_bytes(2, "big")
            + min(self._sizes, default=0).to_bytes(3, "big")
            + max(self._sizes, default=0).to_bytes(3, "big")
            + (format_bits << 36 | sum(self._blocks)).to_bytes(8, "big")
            + self._sound.digest()
        )


class _SoundDigest:
    """The MD5 of decoded samples, little-endian and interleaved, as FLAC defines it."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._narrow: AudioCodecContext | None = None

    def update(self, frame: AudioFrame) -> None:
        if self._bits == 16:
            self._md5.update(
                memoryview(frame.planes[0])[: frame.samples * len(frame.layout.channels) * 2]
            )
        elif self._bits == 24:
            for packet in self._to_24(frame):
                self._md5.update(packet)

    def _to_24(self, frame: AudioFrame) -> list[Packet[AudioStream]]:
        """libav decodes 24 bits into the upper three bytes of 32; its PCM encoder keeps those."""
        if self._narrow is None:
            self._narrow = AudioCodecContext.create("pcm_s24le", "w")
            self._narrow.format, self._narrow.layout = frame.format, frame.layout
            self._narrow.sample_rate = frame.sample_rate
        return self._narrow.encode(frame)

    def digest(self) -> bytes:
        """Sixteen zero bytes (FLAC's word for unknown) for the rare widths but 16 and 24 bits."""
        return self._md5.digest() if self._bits in (16, 24) else bytes(16)
