"""reapply --audio: existing files follow the format, the caps and the quality of today's settings.

What can be made of the file at hand is; the rest is fetched as any download is. Tags go over as
they are, those of other programs byte for byte, and where the sound begins is heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from strandline.app.reapply_files import named_after, obstacle, order_of, path_after
from strandline.app.running import settings_of
from strandline.app.scope import ignored_of
from strandline.core.actions import EntryState
from strandline.core.encoding import Encoding
from strandline.core.ids import LibPath, name_of, stem_of
from strandline.core.quality import STEREO, Sound, Tier, is_lossless
from strandline.core.reapply import Left, Part, Proposal
from strandline.core.remake import AudioFile, Remake, Source, Stays, WantedAudio, remake
from strandline.core.retag import EDITED
from strandline.core.states import Kind
from strandline.errors import DownloadError, ItemError
from strandline.execute.run_actions import Prepared, Reapply, Refetch
from strandline.library.files.errors import changed
from strandline.library.tags.id3_frames import CannotCarryError

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.app.reapply import View
    from strandline.core.ids import TrackId
    from strandline.core.states import FoundFile, LedgerEntry, LedgerFile
    from strandline.execute.ports import DownloadRequest, Fetched, RunSettings
    from strandline.library.audio.containers import Container
    from strandline.library.files import LibraryFiles, Temp

_FLAC_SHARE = 0.65
"""Of the bytes of its samples, about."""
_AAC = 40_000  # bytes a second
_TAGS = 1 << 20
UNREADABLE = "its audio cannot be read"
IGNORED = "it would have to be fetched, and `sync.ignore` names its track"


def propose_audio(view: View) -> Proposal:
    """A step for each file that is to be converted, or fetched in better quality."""
    return _Proposing(view).proposal()


class _Proposing:
    """One look at all files."""

    def __init__(self, view: View) -> None:
        from strandline.library.audio.encode import BITRATES

        self.view, config = view, view.session.config
        self.settings = settings_of(config)
        bitrate = next((b for b in BITRATES if b >= config.audio_bitrate), BITRATES[-1])
        self.wish = WantedAudio(self.settings.form, Tier.of_word(config.tidal_quality), bitrate)
        self.files = sorted(
            (it for it in view.ledger.files.values() if view.in_scope(it.track)),
            key=lambda it: it.path,
        )
        self.qualities = view.session.store.qualities.of(it.track for it in self.files)
        self.written = {
            (track, sha256): settings
            for track, sha256, settings in view.session.store.journal.written()
        }
        self.ignored = ignored_of(view.session)
        self.entries = {
            entry.track: entry
            for entry in view.ledger.entries.values()
            if entry.kind is Kind.PRIMARY
        }

    def proposal(self) -> Proposal:
        """What is to be done, and what stays as it is."""
        view, found = self.view, list[Reapply | Left]()
        imported = {} if view.only is not None else view.session.store.imported()
        view.session.progress.phase("read", total=len(self.files))
        room = 0
        for file in self.files:
            view.session.progress.advance(1)
            there = view.observed.scan.files.get(file.path)
            if there is None and file.path not in view.observed.scan.links:
                continue
            for it, size in self._of(file, there, imported):
                found.append(it)
                room += size
        actions = tuple(it for it in found if isinstance(it, Reapply))
        return Proposal(actions, tuple(it for it in found if isinstance(it, Left)), room)

    def _of(
        self, file: LedgerFile, there: FoundFile | None, imported: dict[TrackId, str]
    ) -> Iterator[tuple[Reapply | Left, int]]:
        """A step with the room that it takes, or why there is none; nothing for what is right."""
        why = obstacle(self.view, file, there, imported)
        request = None if why else order_of(file.track, self.view)
        entry = self.entries.get(file.track)
        if why or there is None:
            yield Left(file.path, file.track, why), 0
            return
        if request is None or entry is None:
            return
        try:
            audio = self._audio(file)
            found = remake(audio, self.wish, self._offered(request))
            if isinstance(found, Remake) and self._may_not_be_fetched(file, found):
                yield Left(file.path, file.track, IGNORED), 0
            elif isinstance(found, Remake):
                self._require_carried(file.path, found)
                yield (
                    self._step(file, there, entry, request, audio, found),
                    _room(audio, found, self),
                )
            elif isinstance(found, Stays):
                yield Left(file.path, file.track, found.because), 0
        except CannotCarryError as error:
            yield Left(file.path, file.track, error.message), 0
        except (OSError, DownloadError):
            yield Left(file.path, file.track, UNREADABLE), 0

    def _may_not_be_fetched(self, file: LedgerFile, found: Remake) -> bool:
        return found.source is Source.TIDAL and file.track in self.ignored

    def _real(self, path: LibPath) -> Path:
        return self.view.session.config.mp3_dir / path

    def _audio(self, file: LedgerFile) -> AudioFile:
        """Raises OSError, DownloadError."""
        from strandline.library.audio.probe import container_at, probe

        path = self._real(file.path)
        heard, kind = probe(path), container_at(path)
        sound = Sound(heard.codec, heard.sample_rate, heard.bits, heard.channels, heard.bitrate)
        came = self.qualities.get(file.track)
        return AudioFile(kind.value if kind else "", sound, heard.duration or 0.0, came)

    def _offered(self, request: DownloadRequest) -> Tier:
        """As TIDAL said when a playlist with the track was read last."""
        track = self.view.observed.snapshot.tracks.get(request.track)
        if track is None or not track.available:
            return Tier.LOW
        if request.hires:
            return Tier.HI_RES_LOSSLESS
        return Tier.LOSSLESS if track.lossless else Tier.HIGH

    def _require_carried(self, path: LibPath, found: Remake) -> None:
        """Raises CannotCarryError where something of others would be lost."""
        from strandline.library.audio.containers import Container
        from strandline.library.tags.carry import cannot, not_carried

        kind = Container(found.container)
        if names := not_carried(self._real(path), kind):
            raise CannotCarryError(cannot(names, kind))

    def _step(
        self,
        file: LedgerFile,
        there: FoundFile,
        entry: LedgerEntry,
        request: DownloadRequest,
        audio: AudioFile,
        found: Remake,
    ) -> Reapply:
        source = path_after(file.path, file.track, self.view)
        same = found.container == audio.container
        assert file.sha256
        job = _Job(found, audio, self.settings, request)
        refetch = Refetch(replace(request, least=found.least), job.from_tidal)
        return Reapply(
            source if same else _with_ending(source, found.container),
            found.because,
            entry.playlist,
            file.track,
            prepare=job.from_file if found.source is Source.FILE else None,
            fetch=refetch if found.source is Source.TIDAL else None,
            part=Part.AUDIO.value,
            source=source,
            expected=EntryState("file", there.dev, there.ino, there.size, there.mtime_ns),
            sha256=file.sha256,
            named_for=named_after(entry, self.view),
            settings=self.written.get((file.track, file.sha256), EDITED),
            changes=found.changes,
        )


def _with_ending(path: LibPath, container: str) -> LibPath:
    folder, _, name = path.rpartition("/")
    return LibPath(f"{folder}/{stem_of(name_of(LibPath(name)))}.{container}")


def _room(audio: AudioFile, found: Remake, by: _Proposing) -> int:
    """About how many bytes the new file has; the old one stays, in the trash."""
    seconds, channels = audio.seconds or 600, min(audio.sound.channels or STEREO, STEREO)
    if found.container == "mp3":
        return int(seconds * by.wish.bitrate * 125) + _TAGS
    if found.container == "m4a":
        return int(seconds * _AAC) + _TAGS
    hires = found.source is Source.TIDAL and by.wish.quality is Tier.HI_RES_LOSSLESS
    rate, bits = found.rate or (96_000 if hires else 44_100), found.bits or (24 if hires else 16)
    share = _FLAC_SHARE if found.container == "flac" else 1
    return int(seconds * rate * bits / 8 * channels * share) + _TAGS


# ---------------------------------------------------------------- making it


@dataclass(frozen=True, slots=True)
class _Job:
    """Makes the new file of one step; called in a thread of its own."""

    found: Remake
    audio: AudioFile
    settings: RunSettings
    request: DownloadRequest

    def from_file(self, action: Reapply, files: LibraryFiles) -> Prepared:
        """Converted from the old file. Raises ItemError, LibraryError."""
        if files.see(action.source) != action.expected:
            raise changed(action.source)
        old, temp = files.root / "mp3" / action.source, files.new_temp()
        try:
            return self._converted(action, old, temp)
        except DownloadError as error:
            temp.discard()
            raise ItemError(
                f"{action.source}: its audio is damaged, so it stays ({error.message})",
                hint="`strandline verify`, then the next sync fetches it again.",
            ) from error
        except BaseException:
            temp.discard()
            raise

    def _converted(self, action: Reapply, old: Path, temp: Temp) -> Prepared:
        from strandline.execute.prepare import encode
        from strandline.library.audio.check import check_audio
        from strandline.library.hashing.sha256 import sha256_file

        check_audio(old, expected_duration=None)
        encoding = Encoding(self.found.container, self.found.rate, self.found.bits)
        encode(old, temp, encoding, self.settings)
        checked = check_audio(temp.path, expected_duration=round(self.audio.seconds))
        self._require_same_samples(action, old, temp)
        offset = self._offset(old, temp.path)
        self._carry(old, temp)
        seen, came = temp.seal(like=action.source), self.audio.came
        sha256 = sha256_file(temp.fd)
        packets = checked.packets_hash
        return Prepared(temp, action.path, seen, sha256, packets, came=came, offset=offset)

    def _require_same_samples(self, action: Reapply, old: Path, temp: Temp) -> None:
        """Another lossless form with the same rate and width has the very same samples."""
        from strandline.library.audio.sound_keys import samples_md5

        sound, found = self.audio.sound, self.found
        if found.container == "mp3" or found.rate != sound.rate or found.bits != sound.bits:
            return
        before = samples_md5(old)
        if before is None or samples_md5(temp.path) != before:
            raise ItemError(f"{action.source}: its sound would not be the same, so it stays.")

    def from_tidal(self, action: Reapply, files: LibraryFiles, fetched: Fetched) -> Prepared:
        """Of what came. Raises DownloadError, ItemError, LibraryError."""
        from strandline.execute.prepare import prepare_with

        old = files.root / "mp3" / action.source

        def tag(temp: Temp, _kind: Container) -> None:
            self._carry(old, temp)

        request = replace(self.request, least=self.found.least)
        ready = prepare_with(tag, request, fetched, files, self.settings)
        try:
            offset = self._offset(old, ready.temp.path)
            seen = ready.temp.seal(like=action.source)
        except BaseException:
            ready.temp.discard()
            raise
        path = _with_ending(action.source, ready.extension.removeprefix("."))
        same = ready.extension == f".{self.audio.container}"
        return Prepared(
            ready.temp,
            action.source if same else path,
            seen,
            ready.sha256,
            ready.packets,
            ready.quality,
            offset=offset,
        )

    def _carry(self, old: Path, temp: Temp) -> None:
        from strandline.library.tags.carry import carry

        carry(old, temp.path, self.request.track)

    def _offset(self, old: Path, new: Path) -> float | None:
        """Nothing need be heard where samples went over as they were."""
        from strandline.library.audio.sound_offset import offset_between

        lossless = self.found.container != "mp3" and is_lossless(self.audio.sound.codec)
        if self.found.source is Source.FILE and lossless:
            return 0.0
        return offset_between(old, new)
