"""Files as shops, rips and other tools leave them, with music of the stand-in's own."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path

import av
from mutagen.flac import FLAC
from mutagen.id3 import ID3, Frame
from mutagen.mp4 import MP4, MP4FreeForm

from strandline.demo import music


def flac(path: Path, sound: int = 77, seconds: int = 1, **tags: str | list[str]) -> Path:
    """A FLAC file with just these Vorbis comments."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(music.flac(sound, seconds))
    file = FLAC(path)
    file.delete()
    for name, value in tags.items():
        file[name] = value
    file.save()
    return path


def m4a(path: Path, atoms: dict[str, str], sound: int = 77, seconds: int = 1) -> Path:
    """An M4A file with just these atoms."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(music.m4a(sound, seconds, 96))
    file = MP4(path)
    for name, value in atoms.items():
        freeform = name.startswith("----")
        file[name] = [MP4FreeForm(value.encode()) if freeform else value]
    file.save()
    return path


def mp3(path: Path, frames: list[Frame], sound: int = 77, seconds: int = 1, v2: int = 4) -> Path:
    """An MP3 file with just these ID3 frames, in version 2.3 or 2.4."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_mp3(sound, seconds))
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(path, v2_version=v2)
    return path


@lru_cache(maxsize=64)
def _mp3(sound: int, seconds: int) -> bytes:
    """Without tags."""
    made = io.BytesIO()
    with (
        av.open(io.BytesIO(music.flac(sound, seconds))) as source,
        av.open(made, "w", format="mp3") as target,
    ):
        stream = target.add_stream("libmp3lame", rate=44_100, layout="stereo")
        stream.bit_rate = 320_000
        resampler = av.AudioResampler("fltp", "stereo", 44_100)
        for frame in [*source.decode(audio=0), None]:
            for part in resampler.resample(frame):
                target.mux(stream.encode(part))
        target.mux(stream.encode(None))
    return made.getvalue()


def tags_of(data: bytes) -> dict[str, list[str]]:
    """The Vorbis comments of a FLAC file."""
    return dict(FLAC(io.BytesIO(data)).tags or {})
