"""Which files are a track's? The strongest evidence wins, and each answer says which it was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from strandline.core.ids import LibPath, TrackId
from strandline.core.states import (
    Evidence,
    FoundFile,
    Identity,
    Kind,
    LedgerEntry,
    LedgerFile,
    Snapshot,
    Stamp,
)

DURATION_TOLERANCE = 2.0
"""Seconds that audio may differ from what TIDAL says."""


class Recognised(NamedTuple):
    """A file that is a track's. ``sha256`` is known where it was needed."""

    file: FoundFile
    identity: Identity
    sha256: str | None
    playable: bool = True


class Recogniser:
    """Answers per track, from indexes over what the scan had to read."""

    def __init__(
        self,
        files: dict[LibPath, FoundFile],
        evidence: dict[LibPath, Evidence],
        ledger_files: dict[TrackId, LedgerFile],
        entries: Collection[LedgerEntry],
        snapshot: Snapshot,
    ) -> None:
        self._files, self._evidence = files, evidence
        self._ledger, self._entries, self._snapshot = ledger_files, entries, snapshot
        self._by_id: dict[TrackId, list[LibPath]] = defaultdict(list)
        self._by_stamp: dict[Stamp, list[LibPath]] = defaultdict(list)
        self._by_sha: dict[str, list[LibPath]] = defaultdict(list)
        for path, seen in sorted(evidence.items()):
            self._index(path, seen)

    def _index(self, path: LibPath, seen: Evidence) -> None:
        if (file := self._files.get(path)) is None:
            return
        self._by_stamp[file.stamp].append(path)
        if seen.embedded:
            self._by_id[seen.embedded].append(path)
        if seen.sha256:
            self._by_sha[seen.sha256].append(path)

    def tracks_with_evidence(self) -> set[TrackId]:
        """Tracks about which something was read, beyond what the ledger explains."""
        tracks = set(self._by_id)
        if self._evidence:
            for track, known in self._ledger.items():
                by_sha = known.sha256 in self._by_sha if known.sha256 else False
                by_stamp = known.stamp in self._by_stamp if known.stamp else False
                if known.path in self._evidence or by_sha or by_stamp:
                    tracks.add(track)
        return tracks

    def recognise(self, track: TrackId) -> list[Recognised]:
        """All files that are this track's, the ledger's own first; damaged ones are marked."""
        found: dict[LibPath, Recognised] = {}
        known = self._ledger.get(track)
        own = self._ledgers_own(known) if known else None
        if own:
            found[own.file.path] = own
        lost = known.sha256 if known and not own else None
        if known and known.stamp:
            self._add(found, self._by_stamp.get(known.stamp, ()), Identity.INODE, track)
        named = [*self._by_id.get(track, ()), *self._versions.get(track, ())]
        self._add(found, named, Identity.EMBEDDED_ID, track)
        for sha256 in [lost, *(copy.sha256 for copy in found.values())]:
            self._add(found, self._by_sha.get(sha256 or "", ()), Identity.CONTENT, track)
        return list(found.values())

    def _add(
        self,
        found: dict[LibPath, Recognised],
        paths: Iterable[LibPath],
        identity: Identity,
        track: TrackId,
    ) -> None:
        for path in paths:
            seen = self._evidence[path]
            owner = self._owners.get(path)
            another = seen.embedded if owner is None else owner
            if path in found or not seen.playable or another not in {None, track}:
                continue
            found[path] = Recognised(self._files[path], identity, seen.sha256)

    def _ledgers_own(self, known: LedgerFile) -> Recognised | None:
        """The file at the ledger's path, unless it has become another one."""
        file = self._files.get(known.path)
        if file is None:
            return None
        seen = self._evidence.get(known.path)
        if seen is None:
            another = known.stamp != file.stamp and self._is_anothers(known)
            return None if another else Recognised(file, Identity.LEDGER, known.sha256)
        sha256 = seen.sha256 or (known.sha256 if known.stamp == file.stamp else None)
        if not seen.playable:
            return Recognised(file, Identity.LEDGER, sha256, playable=False)
        if known.stamp == file.stamp or self._still_ours(known, file, seen):
            return Recognised(file, Identity.LEDGER, sha256)
        return None

    @cached_property
    def _owners(self) -> dict[LibPath, TrackId]:
        """Whose a file is by the ledger, whatever id is in its tags: one file serves one track.

        By its place; where its track's own is lost, by inode and stamp, then by content. Of two
        tracks that lost the same file, it is that one's which a playlist lists.
        """
        owners: dict[LibPath, TrackId] = {}
        lost = []
        for track, known in self._ledger.items():
            here = self._by_stamp.get(known.stamp) if known.stamp else None
            equal = self._by_sha.get(known.sha256) if known.sha256 else None
            if not (here or equal or known.path in self._evidence):
                continue
            if not self._ledgers_own(known):
                lost.append((track, here or [], equal or []))
            elif known.path in self._evidence:
                owners[known.path] = track
        lost.sort(key=lambda it: it[0] not in self._snapshot.tracks)
        for track, here, _ in lost:
            owners = dict.fromkeys(here, track) | owners
        for track, _, equal in lost:
            owners = dict.fromkeys(equal, track) | owners
        return {path: track for track, paths in self._versions.items() for path in paths} | owners

    @cached_property
    def _versions(self) -> dict[TrackId, list[LibPath]]:
        """By track, a person's versions that bear the id of another, whose file it shared once.

        They stand as they were noted, in a playlist that lists the track.
        """
        found: dict[TrackId, list[LibPath]] = defaultdict(list)
        for entry in self._entries:
            if entry.kind is not Kind.YOURS:
                continue
            file, seen = self._files.get(entry.path), self._evidence.get(entry.path)
            if file and seen and seen.embedded and file.stamp == entry.stamp:
                listed = self._snapshot.may_list(entry.playlist, entry.track)
                if listed and self._is_same_recording(entry.track, seen):
                    found[entry.track].append(entry.path)
        return found

    def _is_anothers(self, known: LedgerFile) -> bool:
        """Another track's, or a second file of ours where the first one is gone.

        Of a second file that took the first one's place, no stamp is known yet.
        """
        explained = self._explained.get(known.path, set())
        return bool(explained if known.stamp else explained - {known.track})

    @cached_property
    def _explained(self) -> dict[LibPath, set[TrackId]]:
        """Whose the files are that are, by the ledger, exactly some track's first or second."""
        stamps = [(known.path, known.stamp, known.track) for known in self._ledger.values()]
        stamps += [(e.path, e.stamp, e.track) for e in self._entries if e.kind is Kind.COPY]
        explained: dict[LibPath, set[TrackId]] = defaultdict(set)
        for path, stamp, track in stamps:
            if (file := self._files.get(path)) and file.stamp == stamp:
                explained[path].add(track)
        for entry in self._entries:
            if entry.kind is Kind.HARDLINK:
                explained[entry.path].add(entry.track)
        return explained

    def _still_ours(self, known: LedgerFile, file: FoundFile, seen: Evidence) -> bool:
        """Retagged, or of an older tool: by id, by content, by inode and length."""
        if seen.embedded == known.track or (known.sha256 and known.sha256 == seen.sha256):
            return True
        track = self._snapshot.tracks.get(known.track)
        if seen.embedded is not None:  # another's id: ours only if taken over as the same recording
            return self._is_same_recording(known.track, seen)
        if known.stamp and known.stamp.ino != file.ino:  # a new file of that name, by the user
            return False
        return track is None or same_duration(track.duration, seen.duration)

    def _is_same_recording(self, id: TrackId, seen: Evidence) -> bool:
        track = self._snapshot.tracks.get(id)
        return bool(track and track.isrc and track.isrc == seen.isrc)


def as_second_names(
    found: Iterable[Recognised], entries: Iterable[LedgerEntry]
) -> Iterator[Recognised]:
    """A hard link of ours has the audio's inode, but is not the audio, moved there by a person."""
    second = {entry.path for entry in entries if entry.kind is Kind.HARDLINK}
    for it in found:
        is_second = it.identity is Identity.INODE and it.file.path in second
        yield it._replace(identity=Identity.LEDGER) if is_second else it


def same_duration(wanted: float, found: float | None) -> bool:
    """Whether two lengths in seconds agree, as far as both are known."""
    return not wanted or found is None or abs(wanted - found) <= DURATION_TOLERANCE
