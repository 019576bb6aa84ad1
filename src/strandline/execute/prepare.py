"""From audio as it came to a file fit to be published: checked, converted, tagged, hashed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from strandline.core.actions import Download, EntryState
from strandline.core.encoding import Encoding, encoding_for
from strandline.core.ids import LibPath
from strandline.core.quality import STEREO, Quality, Sound, is_below, tier_of
from strandline.errors import DownloadError, NotBetterError
from strandline.execute.dependencies import extension_of
from strandline.execute.extras import Extras
from strandline.execute.ports import DownloadRequest, Fetched, RunSettings, TagChoice
from strandline.execute.run_actions import Publish
from strandline.library.audio.containers import HEAD, Container, container_of
from strandline.library.files import LibraryFiles, Temp
from strandline.library.files.errors import error_from_oserror
from strandline.library.hashing.sha256 import sha256_file

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.core.lyrics import Lyrics as Words
    from strandline.library.tags.write import TrackTags

_TAGGED = (Container.MP3, Container.AIFF, Container.FLAC, Container.M4A)


@dataclass(frozen=True, slots=True)
class Ready:
    """A finished file without a name; ``extension`` with its dot."""

    temp: Temp
    extension: str
    expected: EntryState
    sha256: str
    quality: Quality
    """Of the audio as it came, before any encoding."""
    packets: str = ""
    """A hash of the sound, whatever its tags (``library.packets``)."""
    lyrics: Words | None = None
    """For a file beside it."""


def arrival(planned: Download, ready: Ready) -> Publish:
    """The download as it came: its extension follows the audio."""
    old = extension_of(planned.path)
    path = LibPath(planned.path[: len(planned.path) - len(old)] + ready.extension)
    return Publish(
        path,
        planned.because,
        planned.playlist,
        planned.track,
        named_for=planned.named_for,
        replaces=planned.replaces if path == planned.path else None,
        expected=ready.expected,
        sha256=ready.sha256,
    )


Tagger = Callable[[Temp, Container], None]
"""Writes the tags of a finished sound."""


def prepare(
    request: DownloadRequest,
    fetched: Fetched,
    extras: Extras,
    files: LibraryFiles,
    settings: RunSettings,
) -> Ready:
    """Check what came and make of it what the settings want; its file is used up either way.

    Raises DownloadError when the audio is not what TIDAL promised or too little (``truncated``,
    ``undecodable``, ``wrong_duration``, ``not_stereo``, ``below_floor``, ``not_better`` …),
    LibraryError when the disk fails.
    """

    def tag(temp: Temp, container: Container) -> None:
        tags = _tags(request, settings.tags, fetched, extras)
        _tag(tags, temp, container, settings.tags.id3)

    ready = prepare_with(tag, request, fetched, files, settings)
    return replace(ready, lyrics=extras.lyrics) if settings.tags.lyrics_file else ready


def prepare_with(
    tag: Tagger,
    request: DownloadRequest,
    fetched: Fetched,
    files: LibraryFiles,
    settings: RunSettings,
) -> Ready:
    """The same with tags from elsewhere."""
    raw = fetched.temp
    from strandline.library.audio.packets import packets_or_none

    with _disk_errors(request), _discarded_after(raw) as keep:
        came, packets = _checked(request, raw)
        sound, seconds = _heard(request, raw)
        quality = _judged(request, sound, fetched, settings)
        encoding = encoding_for(came.value, sound, seconds, settings.form)
        done, container = _converted(raw, came, files, encoding, settings)
        with _discarded_after(done) as keep_done:
            if encoding.form:  # other packets stay as they came
                packets = packets_or_none(done.path)
            tag(done, container)
            ready = _sealed(done, container, quality, packets)
            keep_done()
        if done is raw:
            keep()
        return ready


def below_floor(name: str, got: str, floor: str) -> DownloadError:
    """What is on offer is less than the person wants to keep at all."""
    return DownloadError(
        f"TIDAL gives {name} only in {got} quality; the least that is stored is {floor}"
        " (tidal.quality_floor).",
        hint="`strandline auth login --pkce` is the way to full quality.",
        code="below_floor",
    )


def require_better(request: DownloadRequest, got: str) -> None:
    """Raises NotBetterError for audio that is no more than what is there already."""
    if request.least is not None and is_below(got, request.least.word):
        raise NotBetterError(
            f"{_name(request)}: TIDAL still gives it in {got} quality, so the file stays as it is."
        )


@contextmanager
def _discarded_after(temp: Temp) -> Iterator[Callable[[], None]]:
    """Takes the temp away at the end, unless what it yields was called."""
    kept: list[bool] = []
    try:
        yield lambda: kept.append(True)
    finally:
        if not kept:
            temp.discard()


def _checked(request: DownloadRequest, raw: Temp) -> tuple[Container, str]:
    """What is in it, once all of it was proved or decoded, and the hash of its packets."""
    from strandline.library.audio.check import check_audio

    checked = check_audio(raw.path, expected_duration=request.duration)
    container = container_of(os.pread(raw.fd, HEAD, 0))
    if container is None:
        raise DownloadError(
            f"The audio of {_name(request)} is of an unknown kind.",
            code="not_audio",
        )
    return container, checked.packets_hash


def _heard(request: DownloadRequest, raw: Temp) -> tuple[Sound, float]:
    """What came and how long it is, in seconds, by its own headers."""
    from strandline.library.audio.probe import probe

    heard = probe(raw.path)
    sound = Sound(heard.codec, heard.sample_rate, heard.bits, heard.channels, heard.bitrate)
    return sound, heard.duration or request.duration or 0.0


def _judged(
    request: DownloadRequest, sound: Sound, fetched: Fetched, settings: RunSettings
) -> Quality:
    """What TIDAL said of it decides nothing that its headers show."""
    if (sound.channels or 0) > STEREO:
        raise DownloadError(
            f"{_name(request)} came in {sound.channels} channels, not in stereo.",
            hint="It is another version than the stereo track, so it was not taken.",
            code="not_stereo",
        )
    got = tier_of(sound, fetched.said).word
    require_better(request, got)
    if is_below(got, settings.quality_floor):
        raise below_floor(_name(request), got, settings.quality_floor)
    return Quality(settings.quality, got, sound.codec, sound.rate, sound.bits, fetched.mode)


def _name(request: DownloadRequest) -> str:
    return f"{request.tags.artist} - {request.tags.title}"


def _converted(
    raw: Temp, container: Container, files: LibraryFiles, encoding: Encoding, settings: RunSettings
) -> tuple[Temp, Container]:
    """Encoded where that is wanted; TIDAL's MP4 streams become proper files; the rest stays."""
    from strandline.library.audio.remux import remux_segments

    if not encoding.form and container is not Container.M4A:
        return raw, container
    temp = files.new_temp()
    with _discarded_after(temp) as keep:
        if encoding.form:
            encode(raw.path, temp, encoding, settings)
            container = Container(encoding.form)
        else:
            container = Container(remux_segments(raw.path, temp.fd))
        keep()
    return temp, container


def encode(source: Path, temp: Temp, encoding: Encoding, settings: RunSettings) -> None:
    """The audio of ``source`` in another form. Raises DownloadError, OSError."""
    from strandline.library.audio.encode import encode_mp3
    from strandline.library.audio.lossless import encode_aiff, encode_flac

    match encoding.form:
        case "mp3":
            encode_mp3(source, temp.fd, settings.bitrate, rates=settings.form.mp3_rates)
        case "aiff":
            encode_aiff(source, temp.fd, rate=encoding.rate, bits=encoding.bits)
        case _:
            encode_flac(source, temp.fd, rate=encoding.rate, bits=encoding.bits)


def _tags(
    request: DownloadRequest, wanted: TagChoice, fetched: Fetched, extras: Extras
) -> TrackTags:
    """What is known of the track, as far as it is wanted."""
    tags = request.tags
    if not wanted.bpm_and_key:
        tags = replace(tags, bpm=None, key=None)
    if wanted.replaygain:
        tags = replace(tags, replay_gain=fetched.replay_gain)
    if (cover := extras.cover) is not None:
        tags = replace(tags, cover=cover.data, cover_mime=cover.mime)
    return replace(tags, lyrics=extras.lyrics if wanted.lyrics else None)


def _tag(tags: TrackTags, temp: Temp, container: Container, id3: int) -> None:
    from strandline.library.tags.write import write_tags

    if container in _TAGGED:
        write_tags(temp.path, tags, id3=id3)


def _sealed(temp: Temp, container: Container, quality: Quality, packets: str) -> Ready:
    """Durable and hashed here, in this thread, so that publishing is only a rename."""
    seen, sha256 = temp.seal(), sha256_file(temp.fd)
    return Ready(temp, f".{container.value}", seen, sha256, quality, packets)


@contextmanager
def _disk_errors(request: DownloadRequest) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise error_from_oserror(error, _name(request)) from error
