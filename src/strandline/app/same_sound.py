"""dedupe-report --content: which files hold the same sound, whoever put them there; links instead.

A person's files are replaced in folders that they named, and only in the playlist folders of the
library. Of strandline's own two tracks with one sound become one recording, where the settings have
one file for each recording: else the next sync would fetch the second one again. What goes lies in
the trash, and ``undo`` brings it back.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from strandline.app.content import ContentReport, report_of
from strandline.app.listening import require_ears
from strandline.app.running import Watch, held_library, unwatched
from strandline.app.scope import policy_for
from strandline.app.session import Clock, open_session
from strandline.app.sound_links import linked
from strandline.app.sounds_alike import Alike, sounds_alike
from strandline.core.ids import LibPath
from strandline.core.same_recordings import Pair, pair
from strandline.core.same_sound import Criterion, Groups, Owner, Same, SoundFile, alike, near
from strandline.core.states import Kind
from strandline.db.store import utc_now
from strandline.errors import DownloadError, Exit, UsageError
from strandline.library.audio.packets import packets_hash
from strandline.library.audio.sound_keys import SoundFacts, samples_md5, sound_facts
from strandline.library.hashing.duplicates import comparing
from strandline.library.hashing.sha256 import sha256_file
from strandline.library.scan.service import walk
from strandline.library.sound_files import is_sound, sound_files
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.app.session import Session
    from strandline.config import Config
    from strandline.core.states import FoundFile, Ledger
    from strandline.db.reports import DedupeReport
    from strandline.events import Progress
    from strandline.execute.result import Result

NEAR = 0.05
"""Seconds by which the headers of one sound may differ."""


@dataclass(frozen=True, slots=True)
class SoundReport:
    """What was found, and what became of it."""

    shared: DedupeReport
    content: ContentReport
    groups: tuple[Same, ...]
    replaceable: frozenset[str]
    """Paths that ``--apply`` replaces by links."""
    alike: tuple[Alike, ...] = ()
    """Pairs that sound alike, with ``fingerprint``; never replaced."""
    pairs: tuple[Pair, ...] = ()
    """Tracks of one sound in two files of strandline's: ``--apply`` makes one recording of them."""
    merges: bool = False
    """Whether the settings let two tracks have one file."""
    applied: bool = False
    declined: bool = False
    result: Result | None = None

    @property
    def exit(self) -> Exit:
        """Of the run, if there was one."""
        return self.result.exit if self.result else Exit.DONE


def _agreed(_: SoundReport) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class SoundOrder:
    """What the person asked for."""

    folders: Sequence[Path] = ()
    lossless: bool = False
    """Decode lossless files whose containers differ."""
    apply: bool = False
    confirm: Callable[[SoundReport], bool] = _agreed
    watch: Watch = unwatched
    fingerprint: bool = False
    """Compare how files sound, across codecs."""


def same_sound(
    config: Config, order: SoundOrder, progress: Progress | None = None, *, now: Clock = utc_now
) -> SoundReport:
    """Compare all files of the library and of the folders named, and link what may be linked.

    Raises UsageError (no such folder, a library without links), BusyError, SafetyStopError,
    LibraryError, DatabaseError.
    """
    if order.fingerprint:
        require_ears()
    with ExitStack() as stack:
        if not order.apply:
            session = stack.enter_context(open_session(config, progress))
            return _Comparing(session, order).look()
        session, files = stack.enter_context(held_library(config, progress, now))
        if policy_for(session, None).link_kind is not Kind.SYMLINK:
            raise UsageError(
                "Nothing can be linked: this library has no symlinks.",
                hint="`sync.link_mode`, or the disk, makes copies or hard links here.",
            )
        found = _Comparing(session, order).look()
        if not found.replaceable and not (found.pairs and found.merges):
            return replace(found, applied=True)
        if not order.confirm(found):
            return replace(found, declined=True)
        return replace(found, applied=True, result=linked(found, session, files, order.watch))


# ---------------------------------------------------------------- looking


@dataclass(slots=True)
class _Comparing:
    """One comparison with its session open."""

    session: Session
    order: SoundOrder
    files: dict[str, SoundFile] = field(default_factory=dict)
    _facts: dict[str, SoundFacts] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)
    """Hashes of packets that the database has, by path."""

    def look(self) -> SoundReport:
        """Everything there is, by every criterion."""
        from strandline.app.layout import layout_of
        from strandline.app.library_folder import require_library

        config, progress = self.session.config, self.session.progress
        require_library(config.library, self.session.store)
        outside = list(self._outside())
        pool = layout_of(self.session).has_pool
        found = walk(config.mp3_dir, progress, files_only=True, pool=pool).files
        ledger = self.session.store.load_ledger()
        self._collect(found, ledger, outside)
        groups = Groups()
        with comparing(config.mp3_dir, found, progress) as compared:
            same = compared()
        self._by_bytes(same, groups)
        self._read_facts(groups)
        self._by_headers(groups)
        self._by_packets(groups)
        if self.order.lossless:
            self._by_samples(groups)
        alike = self._by_prints(groups) if self.order.fingerprint else []
        told = tuple(groups.found(self.files))
        content = report_of(found, same)
        may_go = frozenset(self._replaceable(told))
        pairs = tuple(self._pairs(told, ledger))
        merges = config.sync_dedupe == "recording"
        shared = self.session.store.reports.dedupe()
        return SoundReport(shared, content, told, may_go, tuple(alike), pairs, merges)

    def _outside(self) -> Iterator[str]:
        """Files below the folders named that are in no playlist folder."""
        mp3 = os.path.realpath(self.session.config.mp3_dir) + os.sep
        own = os.path.realpath(self.session.config.library / ".strandline")
        for folder in self.order.folders:
            top = os.path.realpath(folder)
            if not os.path.isdir(top):
                raise UsageError(f"There is no folder {folder}.", code="no_such_path")
            if (top + os.sep).startswith(own + os.sep):
                raise UsageError(f"{folder} is strandline's own folder.")
            yield from (path for path in sound_files(top) if not path.startswith(mp3))

    def _collect(
        self, found: Mapping[LibPath, FoundFile], ledger: Ledger, outside: Sequence[str]
    ) -> None:
        """Every file once, whatever its names; strandline's own name comes before another."""
        made = _made(ledger)
        inodes: set[tuple[int, int]] = set()
        for path in sorted(found, key=lambda path: (path not in made, path)):
            file = found[path]
            if (file.dev, file.ino) in inodes or not is_sound(path) or not file.size:
                continue
            inodes.add((file.dev, file.ino))
            owner = Owner.STRANDLINE if path in made else Owner.YOURS
            self.files[path] = SoundFile(path, owner, file.size, file.mtime_ns)
        for name in outside:
            try:
                name.encode()
                at = os.lstat(name)
            except (OSError, UnicodeEncodeError):
                continue
            if stat.S_ISREG(at.st_mode) and at.st_size and (at.st_dev, at.st_ino) not in inodes:
                inodes.add((at.st_dev, at.st_ino))
                self.files[name] = SoundFile(name, Owner.OUTSIDE, at.st_size, mtime_of(at))
        self._known = self._packets_known(found, ledger)

    def _packets_known(self, found: Mapping[LibPath, FoundFile], ledger: Ledger) -> dict[str, str]:
        """Of files that are as strandline left them."""
        hashes = {
            file.path: file.sha256
            for file in ledger.files.values()
            if file.sha256 and file.path in found and found[file.path].stamp == file.stamp
        }
        packets = self.session.store.packets.of(hashes.values())
        return {path: packets[sha] for path, sha in hashes.items() if sha in packets}

    def _real(self, path: str) -> str:
        return path if os.path.isabs(path) else f"{self.session.config.mp3_dir}/{path}"

    # ------------------------------------------------------------ by each criterion

    def _by_bytes(self, same: Sequence[Sequence[LibPath]], groups: Groups) -> None:
        for paths in same:
            if len(known := [path for path in paths if path in self.files]) > 1:
                groups.join(known, Criterion.BYTES)
        sized = alike((file.size, path) for path, file in self.files.items())
        for group in sized:
            if any(self.files[path].owner is Owner.OUTSIDE for path in group):
                for equal in alike(self._keyed(group, sha256_file)):
                    groups.join(equal, Criterion.BYTES)

    def _keyed(
        self, paths: Sequence[str], key: Callable[[str], str | None]
    ) -> Iterator[tuple[str, str]]:
        """Each path by its key; what cannot be read has none."""
        for path in paths:
            try:
                found = key(self._real(path))
            except (OSError, DownloadError):
                found = None
            if found:
                yield found, path

    def _read_facts(self, groups: Groups) -> None:
        tops = [path for path in self.files if groups.top(path) == path]
        self.session.progress.phase("read", total=len(tops))
        for path in tops:
            if facts := sound_facts(self._real(path)):
                self._facts[path] = facts
            self.session.progress.advance(1)

    def _by_headers(self, groups: Groups) -> None:
        keys = (
            ((it.rate, it.channels, it.bits, it.flac_md5), path)
            for path, it in self._facts.items()
            if it.flac_md5
        )
        for group in alike(keys):
            groups.join(group, Criterion.FLAC_MD5)

    def _by_packets(self, groups: Groups) -> None:
        """A FLAC with its sum was told by that."""
        lengths = (
            ((it.codec, it.rate), it.seconds, path)
            for path, it in self._facts.items()
            if it.seconds is not None and not it.flac_md5
        )
        for group in near(lengths, NEAR):
            for same in alike(self._keyed(group, self._packets)):
                groups.join(same, Criterion.PACKETS)

    def _packets(self, real: str) -> str:
        mp3 = f"{self.session.config.mp3_dir}/"
        return self._known.get(real.removeprefix(mp3)) or packets_hash(real)

    def _by_samples(self, groups: Groups) -> None:
        tops = {path: it for path, it in self._facts.items() if groups.top(path) == path}
        lengths = (
            ((it.rate, it.channels, it.bits), it.seconds, path)
            for path, it in tops.items()
            if it.seconds is not None and it.bits and it.is_lossless
        )
        for group in near(lengths, NEAR):
            summed = [(it.flac_md5, p) for p in group if (it := tops[p]).flac_md5]
            rest = [path for path in group if not tops[path].flac_md5]
            for same in alike([*summed, *self._keyed(rest, samples_md5)]):
                groups.join(same, Criterion.SAMPLES)

    def _by_prints(self, groups: Groups) -> list[Alike]:
        """Of each group one file is enough."""
        tops = {path: it for path, it in self._facts.items() if groups.top(path) == path}
        lengths = {path: it.seconds for path, it in tops.items() if it.seconds is not None}

        def hash_of(path: str) -> str | None:
            return next((key for key, _ in self._keyed([path], self._packets)), None)

        rows, progress = self.session.store.sound_prints, self.session.progress
        return sounds_alike(lengths, hash_of, self._real, rows, progress)

    # ------------------------------------------------------------ what may go

    def _replaceable(self, found: Sequence[Same]) -> Iterator[str]:
        """A person's files in the folders named; tracks of TIDAL's stay as their playlists say."""
        named = [os.path.realpath(folder) + os.sep for folder in self.order.folders]
        mp3 = os.path.realpath(self.session.config.mp3_dir)
        for group in found:
            if not _in_playlist(group.winner.path):
                continue
            for file in group.others:
                inside = any(f"{mp3}/{file.path}".startswith(folder) for folder in named)
                if inside and file.owner is Owner.YOURS and _in_playlist(file.path):
                    yield file.path

    def _pairs(self, found: Sequence[Same], ledger: Ledger) -> Iterator[Pair]:
        """Each further track of strandline's with the first one of its sound.

        Not those of which the person said something already.
        """
        tracks = {str(file.path): file.track for file in ledger.files.values()}
        said = self.session.store.recordings.answers()
        for group in found:
            paths = (file.path for file in (group.winner, *group.others))
            several = [tracks[path] for path in paths if path in tracks]
            for other in several[1:]:
                both = pair(several[0], other)
                if both not in said.pinned | said.forbidden:
                    yield both


def _made(ledger: Ledger) -> set[LibPath]:
    """The files that strandline made."""
    kinds = (Kind.SYMLINK, Kind.YOURS)
    made = {entry.path for entry in ledger.entries.values() if entry.kind not in kinds}
    return made | {file.path for file in ledger.files.values()}


def _in_playlist(path: str) -> bool:
    return path.startswith("Playlists/") and path.count("/") == 2
