"""Whether an audio file is whole: by its container's own rules, its checksums, and a decoder.

"Damaged" has consequences, so no single weak sign says it. Each container is measured by its own
rules (``structure``, ``mpeg``); FLAC proves itself, for each frame ends with a CRC of all its
bytes; whatever does not add up, and every other codec, is decoded. Headers that promise more than
a file has are told of, unless the file is cut off as well.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

import av
from av.audio.codeccontext import AudioCodecContext

from strandline.errors import DownloadError
from strandline.library.audio.containers import Container
from strandline.library.audio.mpeg import Frames, find_frames, mapped
from strandline.library.audio.packets import (
    RUBBISH,
    PacketHash,
    flac_frame,
    sound_end,
    sound_of,
)
from strandline.library.audio.probe import (
    STRICT,
    codec_of,
    container_at,
    declared_duration,
    opened,
    wrong,
)
from strandline.library.audio.structure import fault_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet

    from strandline.library.audio.mpeg import Bytes
    from strandline.library.audio.structure import Fault


class Checked(NamedTuple):
    """A file that is whole from its first to its last sample."""

    duration: float  # seconds, counted
    codec: str
    packets: int
    samples: int
    packets_hash: str
    """As ``packets.packets_hash`` has it."""
    told: str = ""
    """What its header says that is not so, though the file is whole."""


class Quick(NamedTuple):
    """What demuxing alone tells."""

    playable: bool
    duration: float | None = None  # seconds, counted
    packets_hash: str | None = None


UNSUPPORTED: Final = "unsupported"
"""The code of a DownloadError that says nothing of the file, only of what can be read here."""

_SLACK: Final = 0.06  # seconds; two MP3 frames, which encoders count differently
_BY_SAMPLES: Final = frozenset(("wv", "ape", "tta", "tak", "mpc", "mpc8"))
"""libav's names of the containers whose header counts samples and always tells the truth."""


def check_audio(
    path: str | Path, *, expected_duration: int | None, tolerance: float = 2.0
) -> Checked:
    """Read all of the sound, and compare its length with TIDAL's.

    ``expected_duration`` in seconds; None or 0: TIDAL does not say. Raises OSError, or
    DownloadError with one of the codes ``empty``, ``not_audio``, ``truncated``, ``undecodable``,
    ``wrong_duration`` and ``unsupported``.
    """
    checked = (
        _frames_decoded(path, (expected_duration or 0) - tolerance)
        or _proved(path)
        or _decoded(path)
    )
    _require_length(path, checked.duration, expected_duration, tolerance)
    return checked


@contextmanager
def _opened(path: str | Path) -> Iterator[tuple[InputContainer, AudioStream]]:
    """What libav refuses to open is damaged only where the container's own rules say so, too."""
    try:
        with opened(path) as both:
            yield both
    except DownloadError as error:
        if error.code != "truncated" or container_at(path) in _SURE or _fault_in(path):
            raise
        raise wrong(UNSUPPORTED, path, "cannot be read here") from error


# ---------------------------------------------------------------- MP3


def _frames_decoded(path: str | Path, at_least: float) -> Checked | None:
    """An MP3 by its frames; None for anything else. ``at_least``: seconds."""
    if container_at(path) is not Container.MP3:
        return None
    with mapped(path) as data:
        found = find_frames(data)
        if not found.starts:
            return None
        _require_frames(path, found, at_least)
        digest = PacketHash()
        failed = _failing_frames(data, found, digest)
    if found.gaps:
        raise wrong("undecodable", path, f"is damaged: {found.gaps} bytes in it are no sound")
    if failed:
        raise wrong("undecodable", path, f"is damaged: {failed} packets do not decode")
    count = len(found.starts)
    told = f"promises {found.promised} frames and has {count}" if found.missing > 2 else ""
    return Checked(found.seconds, "mp3", count, found.heard, digest.hexdigest(), told)


def _require_frames(path: str | Path, found: Frames, at_least: float = 0.0) -> None:
    """Cut off: the last frame is, or rubbish follows it, and sound is missing as well.

    ``at_least``: seconds that the track lasts; 0 if nobody knows.
    """
    few = found.missing > 2 or found.seconds < at_least
    if few and (found.cut or found.trailing > RUBBISH):
        promised = f" of {found.promised}" if found.promised else ""
        text = f"ends after {len(found.starts)}{promised} frames"
        raise wrong("truncated", path, text)
    if found.trailing > max(RUBBISH, sum(found.sizes) // 4):
        raise wrong("truncated", path, f"ends with {found.trailing} bytes that are no sound")


def _failing_frames(data: Bytes, found: Frames, digest: PacketHash) -> int:
    """How many the decoder refuses, the first ones apart: they may lean on frames before them."""
    decoder = AudioCodecContext.create("mp3", "r")
    decoder.options = STRICT
    failed = 0
    for number, (start, size) in enumerate(zip(found.starts, found.sizes, strict=True)):
        frame = data[start : start + size]
        digest.update(frame)
        try:
            decoder.decode(av.Packet(frame))
        except av.FFmpegError:
            failed += number > 1
    return failed


# ---------------------------------------------------------------- FLAC's own checksums


def _proved(path: str | Path) -> Checked | None:
    """FLAC whose frames are all sound and as long as the headers say; None: not proved."""
    ticks = packets = 0
    digest = PacketHash()
    with _opened(path) as (container, stream):
        promised = declared_duration(container, stream)
        if codec_of(stream) != "flac" or not promised or not stream.time_base:
            return None
        end = sound_end(path)
        try:
            for packet in container.demux(stream):
                if packet.size:
                    frame = bytes(sound_of(packet, end, flac=True))
                    if not flac_frame(frame):
                        return None
                    digest.update(frame)
                    packets += 1
                    ticks += packet.duration or 0
        except av.FFmpegError:
            return None
        seconds, rate = float(ticks * stream.time_base), stream.codec_context.sample_rate
        samples = round(seconds * rate)
        whole = packets >= stream.frames and samples == round(promised * rate)
    whole = whole and _fault_in(path) is None
    return Checked(seconds, "flac", packets, samples, digest.hexdigest()) if whole else None


# ---------------------------------------------------------------- decoding


def _decoded(path: str | Path) -> Checked:
    """Raises DownloadError when the sound is not whole."""
    with _opened(path) as (container, stream):
        promised = _promised(container, stream)
        sound = _decode(path, stream, container)
        codec = codec_of(stream)
    _require_container(path)
    _require_whole(path, sound, promised)
    digest = sound.digest.hexdigest()
    return Checked(sound.seconds, codec, sound.packets, sound.samples, digest)


class _Promise(NamedTuple):
    """What a header says that can be relied on; 0 for nothing."""

    seconds: float = 0.0
    packets: int = 0
    slack: float = _SLACK


def _promised(container: InputContainer, stream: AudioStream) -> _Promise:
    """Lengths that are guessed, or that tools do not keep true, are no promise."""
    name, codec = container.format.name, codec_of(stream)
    if codec == "flac":
        exact = 0.5 / stream.codec_context.sample_rate
        return _Promise(declared_duration(container, stream) or 0.0, slack=exact)
    if name in _BY_SAMPLES:
        return _Promise(declared_duration(container, stream) or 0.0)
    if name.startswith("mov"):
        return _Promise(0.0, 0 if codec.startswith("pcm_") else stream.frames)
    return _Promise()


@dataclass(slots=True)
class _Sound:
    packets: int = 0
    samples: int = 0
    rate: int = 0  # Hz
    failed: int = 0  # packets that do not decode
    end: float = 0.0  # seconds: where the last sample ends by its time stamp
    digest: PacketHash = field(default_factory=PacketHash)

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0


def _decode(path: str | Path, stream: AudioStream, container: InputContainer) -> _Sound:
    stream.codec_context.options = STRICT
    seen, end, flac = _Sound(), sound_end(path), codec_of(stream) == "flac"
    for packet in container.demux(stream):
        kept = sound_of(packet, end, flac=flac)
        if packet.size and not kept:
            continue  # a tag behind the sound
        if flac and packet.size:
            seen.failed += not flac_frame(bytes(kept))
        seen.packets += bool(packet.size)
        seen.digest.update(kept)
        try:
            for frame in _decoded_frames(stream, packet, kept):
                seen.samples += frame.samples
                seen.rate = frame.sample_rate
                seen.end = (frame.time or 0.0) + frame.samples / frame.sample_rate
        except av.FFmpegError:
            seen.failed += 1
    return seen


def _decoded_frames(
    stream: AudioStream, packet: Packet[AudioStream], kept: bytes | Packet[AudioStream]
) -> list[AudioFrame]:
    if kept is packet:
        return packet.decode()
    return stream.codec_context.decode(av.Packet(bytes(kept)))


def _require_container(path: str | Path) -> None:
    if fault := _fault_in(path):
        raise wrong(fault.code, path, fault.what)


def _fault_in(path: str | Path) -> Fault | None:
    kind = container_at(path)
    if kind is None:
        return None
    with mapped(path) as data:
        return fault_in(kind, data)


def _require_whole(path: str | Path, seen: _Sound, promised: _Promise) -> None:
    if not seen.samples:
        _raise_silent(path, seen, promised)
    if seen.seconds < promised.seconds - promised.slack:
        _raise_short(path, seen, promised.seconds)
    if seen.packets < promised.packets:
        raise wrong("truncated", path, f"holds {seen.packets} of {promised.packets} packets")
    if seen.failed:
        raise wrong("undecodable", path, f"is damaged: {seen.failed} packets do not decode")


_SURE: Final = frozenset(
    (Container.MP3, Container.FLAC, Container.M4A, Container.AAC, Container.OGG)
)
"""What is in these, libav always decodes."""


def _raise_silent(path: str | Path, seen: _Sound, promised: _Promise) -> NoReturn:
    if promised.seconds and not seen.packets:
        raise wrong("truncated", path, "is cut off before its sound")
    if container_at(path) in _SURE:
        raise wrong("undecodable", path, "holds no sound that can be decoded")
    raise wrong(UNSUPPORTED, path, "holds no sound that can be decoded here")


def _raise_short(path: str | Path, seen: _Sound, promised: float) -> NoReturn:
    if seen.end < promised - _SLACK:
        text = f"ends after {seen.seconds:.0f} of {promised:.0f} s"
        raise wrong("truncated", path, text)
    missing = promised - seen.seconds
    raise wrong("undecodable", path, f"is damaged: {missing:.1f} s of its sound are missing")


def _require_length(
    path: str | Path, seconds: float, expected: int | None, tolerance: float
) -> None:
    if expected and abs(seconds - expected) > tolerance:
        preview = " (a preview)" if seconds < expected and 28 <= seconds <= 32 else ""
        text = f"lasts {seconds:.0f} s{preview}; TIDAL says {expected} s"
        raise wrong("wrong_duration", path, text)


# ---------------------------------------------------------------- at a glance


def quick_check(path: str | Path) -> Quick:
    """Whether a file demuxes to its end and its container has all it should; decodes nothing.

    Notices what is empty, cut off or no audio, ten times faster than check_audio. Playable is
    also what cannot be read here. Raises OSError.
    """
    try:
        return _frames_counted(path) or _demuxed(path)
    except DownloadError as error:
        return Quick(playable=error.code == UNSUPPORTED)


def _frames_counted(path: str | Path) -> Quick | None:
    """An MP3 by its frames; None for anything else."""
    if container_at(path) is not Container.MP3:
        return None
    digest = PacketHash()
    with mapped(path) as data:
        found = find_frames(data)
        for start, size in zip(found.starts, found.sizes, strict=True):
            digest.update(data[start : start + size])
    if not found.starts:
        return None
    _require_frames(path, found)
    return Quick(True, found.seconds, digest.hexdigest())


def _demuxed(path: str | Path) -> Quick:
    ticks = packets = 0
    digest = PacketHash()
    with _opened(path) as (container, stream):
        promised, end = _promised(container, stream), sound_end(path)
        for packet in container.demux(stream):
            ticks += packet.duration or 0
            packets += bool(packet.size)
            digest.update(sound_of(packet, end, flac=codec_of(stream) == "flac"))
        seconds = float(ticks * stream.time_base) if stream.time_base else 0.0
        told = declared_duration(container, stream)
    _require_container(path)
    least = 1 if promised.seconds or container_at(path) in _SURE else 0
    whole = packets >= max(promised.packets, least) and seconds >= promised.seconds - 0.2
    return Quick(whole, seconds or told, digest.hexdigest())
