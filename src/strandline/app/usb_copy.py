"""Carrying out what is planned for a stick, so that it may be pulled out at any moment.

A file is written whole and made safe under a name of no meaning. Then the manifest is written, in
which it is strandline's already, and only then it gets its name: whatever stands on the stick under
its name is whole, and known to be ours. The next run takes nameless files away and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.usb_convert import INTERRUPTED, converted, discard
from strandline.app.usb_plan import (
    CONVERT,
    REMOVE,
    WRITE,
    Job,
    StickPlan,
    batches,
)
from strandline.app.usb_source import sha256_of, unreadable
from strandline.core.exports import tree_of
from strandline.core.ids import LibPath
from strandline.core.stick import MUSIC, Names, OnStick, Source, playlist_paths
from strandline.core.stick_manifest import to_text
from strandline.errors import ChangedMeanwhileError, ItemError, LibraryError, StrandlineError
from strandline.execute.result import NotDone, Result
from strandline.library.exports.m3u8 import is_own
from strandline.library.hashing.sha256 import BLOCK
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from strandline.events import Progress
    from strandline.execute.ports import StopFlag
    from strandline.library.files import LibraryFiles, Temp
    from strandline.library.stick import Part, Stick

_ENCODERS = 2


class Written(NamedTuple):
    """A job whose file is on the stick, without its name."""

    job: Job
    part: Part
    source: Source


class StickRun:
    """Brings a stick to where its plan wants it."""

    def __init__(
        self,
        stick: Stick,
        plan: StickPlan,
        files: LibraryFiles,
        result: Result,
        stop: StopFlag,
        progress: Progress,
    ) -> None:
        self._stick, self._plan, self._files = stick, plan, files
        self._result, self._stop, self._progress = result, stop, progress
        self._manifest = plan.manifest
        self._places = {id: plan.manifest.tracks[id].path for id in plan.kept}
        self._names = Names({})
        self._open = {job.track.id: job for job in plan.jobs}
        self._before: dict[str, tuple[str | None, OnStick | None]] = {}

    def carry_out(self) -> None:
        """What went wrong is in the result; the disk's own errors end the run."""
        self._result.failed += self._plan.failed
        try:
            self._stick.sweep()
            self._carry_out()
        except LibraryError as error:
            self._result.stopped = error
            for job in self._open.values():
                self._result.skipped.append(job.failed(error))
        try:
            self._save()
        except StrandlineError as error:
            self._result.stopped = self._result.stopped or error

    def _carry_out(self) -> None:
        plan = self._plan
        if plan.short:
            self._remove()
        self._copy_all()
        if self._stop.is_set():
            self._result.interrupted = bool(self._open)
            for job in self._open.values():
                self._result.skipped.append(job.failed(INTERRUPTED))
            return
        self._write_playlists()
        if not plan.short:
            self._remove()

    def _save(self) -> None:
        """The manifest of what stands there, where it says another thing than the last one."""
        text = to_text(self._manifest)
        if text != self._plan.before:
            self._stick.write_manifest(text)

    # ------------------------------------------------------------ tracks

    def _copy_all(self) -> None:
        jobs = self._plan.jobs
        if not jobs:
            return
        self._progress.phase("copy_to_stick", total=len(jobs))
        self._progress.expect(sum(job.size for job in jobs))
        with ThreadPoolExecutor(_ENCODERS) as pool:
            for batch in batches(jobs):
                if self._stop.is_set():
                    return
                self._copy(batch, pool)

    def _copy(self, batch: list[Job], pool: ThreadPoolExecutor) -> None:
        written: list[Written] = []
        try:
            for it in self._written(batch, pool):
                written.append(it)  # noqa: PERF402 - they stay if the next one fails
        except LibraryError:  # of a full stick what came whole stays
            with suppress(StrandlineError):
                self._publish(written)
            raise
        self._publish(written)

    def _written(self, batch: list[Job], pool: ThreadPoolExecutor) -> Iterator[Written]:
        """Each of a batch as soon as it is on the stick; what fails is told and left out."""
        with ExitStack() as temps:
            made = {
                job.track.id: pool.submit(converted, self._files, job, self._stop)
                for job in batch
                if job.action == CONVERT
            }
            temps.callback(discard, made.values())
            for job in batch:
                if self._stop.is_set():
                    return
                self._progress.begin(job.track.id, f"{job.track.artist} - {job.track.title}")
                try:
                    yield self._write(job, made.get(job.track.id))
                except (LibraryError, OSError):
                    raise
                except StrandlineError as error:
                    self._fail(job, error)
                finally:
                    self._progress.end(job.track.id)

    def _write(self, job: Job, made: Future[Temp] | None) -> Written:
        if made is None:
            part = self._stick.write(_blocks(job.track.path), self._count)
            return Written(job, part, self._source(job, part.sha256))
        part = self._stick.write(_blocks(str(made.result().path)), self._count)
        try:
            return Written(job, part, self._source(job, sha256_of(job.track.path)))
        except StrandlineError:
            self._stick.drop(part)
            raise

    def _source(self, job: Job, sha256: str) -> Source:
        """The library's file, which must be the one that was planned with."""
        at = os.stat(job.track.path)
        if mtime_of(at) != job.mtime_ns:
            raise ChangedMeanwhileError(f"{job.track.path}: was written to meanwhile.")
        return Source(at.st_size, mtime_of(at), sha256)

    def _count(self, of_bytes: int) -> None:
        self._progress.advance(of_bytes=of_bytes)

    def _fail(self, job: Job, error: StrandlineError) -> None:
        if error is INTERRUPTED:
            return
        self._open.pop(job.track.id, None)
        self._result.failed.append(job.failed(error))
        self._progress.advance(1)
        known = self._manifest.tracks.get(job.track.id)
        if known and self._stick.see(known.path):
            self._places[job.track.id] = known.path  # the old one stays

    # ------------------------------------------------------------ names

    def _publish(self, written: list[Written]) -> None:
        """First the manifest, then the names, then what gives way to them."""
        ready: list[tuple[Written, str, bool]] = []
        for it in written:
            try:
                ready.append((it, *self._place(it)))
            except ItemError as error:
                self._stick.drop(it.part)
                self._fail(it.job, error)
        try:
            self._give_names(ready)
        except LibraryError:
            for it, _, _ in ready:  # those that have their names bear another one by now
                self._stick.drop(it.part)
            raise

    def _give_names(self, ready: list[tuple[Written, str, bool]]) -> None:
        olds = [self._note(it, path) for it, path, _ in ready]
        self._stick.write_manifest(to_text(self._manifest))
        for it, path, replaces in ready:
            self._name(it, path, replaces=replaces)
        self._stick.flush()
        for _, path, _ in ready:
            self._manifest.former.pop(path, None)
        for old in filter(None, olds):
            self._take_away(old)

    def _place(self, it: Written) -> tuple[str, bool]:
        """Where it goes, and whether something of ours gives way there."""
        path = it.job.path
        for place in (path, self._names.other(it.job.track.id, path)):
            there = self._stick.see(place)
            if there is None:
                return place, False
            sha256 = self._stick.sha256(place)
            if sha256 is not None and self._manifest.is_ours(place, sha256):
                self._manifest.former[place] = sha256
                return place, True
            if sha256 == it.part.sha256:
                return place, True  # the very same: ours from now on
            if it.job.old == place:
                break
        raise not_ours(path)

    def _note(self, it: Written, path: str) -> str | None:
        """It is ours at ``path`` from now on. The path of the old one, where that was another."""
        job, part, manifest = it.job, it.part, self._manifest
        self._before[path] = manifest.files.get(path), manifest.tracks.get(job.track.id)
        manifest.tracks[job.track.id] = OnStick(
            path, part.sha256, part.size, part.mtime, it.source, job.heard, job.recipe
        )
        manifest.files[path] = part.sha256
        return job.old if job.old != path else None

    def _name(self, it: Written, path: str, *, replaces: bool) -> None:
        job = it.job
        try:
            self._stick.publish(it.part, path, replaces=replaces)
        except ItemError as error:
            self._stick.drop(it.part)
            self._forget(job, path)
            self._fail(job, error)
            return
        del self._open[job.track.id]
        self._places[job.track.id] = path
        self._result.done[job.action] += 1
        self._progress.advance(1)

    def _forget(self, job: Job, path: str) -> None:
        """It did not get its name: the manifest says what it said before."""
        manifest, (sha256, known) = self._manifest, self._before[path]
        del manifest.files[path], manifest.tracks[job.track.id]
        if sha256 is not None:
            manifest.files[path] = sha256
        if known is not None:
            manifest.tracks[job.track.id] = known

    # ------------------------------------------------------------ playlists, and what goes

    def _write_playlists(self) -> None:
        """Those whose content is another; the manifest knows them before they have their names."""
        plan, manifest, stick = self._plan, self._manifest, self._stick
        ready = []
        for path, content in plan.lists(self._places).items():
            part = stick.write([content])
            here = stick.sha256(path)
            if here == part.sha256 or not self._gives_way(path, here):
                stick.drop(part)
                if here == part.sha256:
                    manifest.files[path] = here
                    manifest.former.pop(path, None)
                continue
            if here is not None:
                manifest.former[path] = here
            manifest.files[path] = part.sha256
            ready.append((path, part, here is not None))
        listed = playlist_paths(tree_of(plan.handover))
        manifest.playlists = {it.id: path for path, it in listed.items() if path in manifest.files}
        if ready:
            stick.write_manifest(to_text(manifest))
        for path, part, replaces in ready:
            stick.publish(part, path, replaces=replaces)
            manifest.former.pop(path, None)
            self._result.done[WRITE] += 1
        stick.flush()

    def _gives_way(self, path: str, here: str | None) -> bool:
        """Nothing is there, or what strandline wrote; another file stays, and is told."""
        if here is not None and (self._manifest.is_ours(path, here) or self._is_own_list(path)):
            return True
        if here is None and self._stick.see(path) is None:
            return True
        error = not_ours(path)
        self._result.failed.append(NotDone(WRITE, LibPath(path), error.message, error.code))
        return False

    def _is_own_list(self, path: str) -> bool:
        """One of which the manifest, which may have been lost, says nothing: by its form."""
        if path in self._manifest.files:
            return False
        text = self._stick.read(path)
        return text is not None and is_own(text, "../" * path.count("/") + MUSIC)

    def _remove(self) -> None:
        removals = self._plan.removals
        if not removals:
            return
        self._progress.phase("remove_from_stick", total=len(removals))
        for path in removals:
            if self._stop.is_set():
                return
            self._take_away(path)
            self._progress.advance(1)
        self._stick.flush()

    def _take_away(self, path: str) -> None:
        """A file that is as strandline wrote it; any other is somebody's, and stays."""
        manifest = self._manifest
        try:
            sha256 = self._stick.sha256(path)
            if sha256 is not None and manifest.is_ours(path, sha256):
                self._stick.remove(path)
                self._result.done[REMOVE] += 1
        except ItemError as error:
            self._result.failed.append(NotDone(REMOVE, LibPath(path), error.message, error.code))
            return
        manifest.files.pop(path, None)
        manifest.former.pop(path, None)
        for id in [id for id, it in manifest.tracks.items() if it.path == path]:
            del manifest.tracks[id]


def not_ours(path: str) -> ItemError:
    """A file on the stick that strandline did not put there, or that was written to since."""
    text = f"{path}: the file there is not as strandline wrote it, so it stays"
    return ItemError(text, hint="Move it away, then run again.", code="not_ours")


def _blocks(path: str) -> Iterator[bytes]:
    try:
        with open(path, "rb", buffering=0) as file:
            while block := file.read(BLOCK):
                yield block
    except OSError as error:
        raise unreadable(path, error) from error
