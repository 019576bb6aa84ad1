"""The first frame of an MP3: it holds no sound but says how many frames, bytes and samples follow.

Players take the length from it, and where the true first and last sample are, so that albums play
without seams. Layout: the Xing/Info header (Xing's VBR header, "Info" at a constant bitrate) and
LAME's extension of it (LAME's "MP3 Info Tag revision 0").
"""

from __future__ import annotations

from typing import Final

FRAME: Final = 1152  # samples in a frame of MPEG-1 layer III
ENCODER_DELAY: Final = 576  # samples LAME puts before the first one
INFO_BITRATE: Final = 128  # kbit/s of this one frame: large enough for all its fields
ENCODER: Final = b"LAME3.100"

_RATE_INDEX: Final = {44_100: 0, 48_000: 1, 32_000: 2}
_LAME_RATE: Final = {32_000: 0, 44_100: 1, 48_000: 2}
_HAS_ALL: Final = (0x0F).to_bytes(4, "big")  # frames, bytes, table of contents, quality


class InfoFrame:
    """The Info frame of a file at a constant bitrate (kbit/s), rate (Hz), mono or joint stereo."""

    def __init__(self, rate: int, channels: int, bitrate: int) -> None:
        self._rate, self._channels, self._bitrate = rate, channels, bitrate
        self.size = 144_000 * INFO_BITRATE // rate
        """Bytes: its place in the file, before the sound."""

    def block(self, *, samples: int, audio_bytes: int) -> bytes:
        """The frame, for so many true samples encoded into so many bytes (without this frame's)."""
        frames = round(audio_bytes * self._rate / (144_000 * self._bitrate))
        total = self.size + audio_bytes
        head = self._header() + bytes(32 if self._channels == 2 else 17)
        table = bytes(min(255, 256 * percent // 100) for percent in range(100))
        quality = (58).to_bytes(4, "big")
        counts = frames.to_bytes(4, "big") + total.to_bytes(4, "big")
        block = head + b"Info" + _HAS_ALL + counts + table + quality
        block += self._lame(frames * FRAME - ENCODER_DELAY - samples, total)
        return (block + crc16(block).to_bytes(2, "big")).ljust(self.size, b"\0")

    def _header(self) -> bytes:
        """Sync, MPEG-1 layer III without CRC; 128 kbit/s; joint stereo or mono; original."""
        rate = _RATE_INDEX[self._rate]
        return bytes((0xFF, 0xFB, 0x90 | rate << 2, 0x44 if self._channels == 2 else 0xC4))

    def _lame(self, padding: int, total: int) -> bytes:
        """LAME's extension up to its CRC; ``padding``: samples after the last true one."""
        delays = ENCODER_DELAY << 12 | min(max(padding, 0), 4095)
        stereo = 3 if self._channels == 2 else 0
        return (
            ENCODER
            + bytes((0x01, 0))  # revision 0, constant bitrate; low-pass not told
            + bytes(8)  # no peak, no ReplayGain
            + bytes((0x04 << 4 | 4, min(self._bitrate, 255)))  # noise shaping of LAME's; ATH type
            + delays.to_bytes(3, "big")
            + bytes((_LAME_RATE[self._rate] << 6 | stereo << 2 | 1, 0, 0, 0))
            + total.to_bytes(4, "big")
            + bytes(2)  # the CRC of the sound: not computed
        )


def crc16(data: bytes) -> int:
    """CRC-16 (polynomial 0x8005, bits reflected), as LAME signs its header."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
