"""What is to be copied to a stick, and what goes, by what is there and what the playlists list."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.handover import Caution, find
from strandline.app.usb_recognise import recognised
from strandline.app.usb_source import heard_in, sha256_of, unreadable
from strandline.core.exports import ExportTrack, Handover, NotExported, tree_of
from strandline.core.ids import LibPath, TrackId, name_of, stem_of
from strandline.core.players import PLAYERS, Player, PlayerFormat, Recipe, recipe_for
from strandline.core.stick import (
    Manifest,
    Names,
    OnStick,
    peak,
    playlist_paths,
    same_time,
)
from strandline.core.stick_manifest import to_text
from strandline.errors import StrandlineError
from strandline.execute.result import NotDone
from strandline.library.exports.m3u8 import m3u8
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.library.stick import Stick, There

COPY, CONVERT, REMOVE, WRITE = "copy", "convert", "remove", "write_playlist"
"""What is done with files on a stick, as words of the report."""
_BATCH, _BATCH_BYTES = 16, 512 << 20
"""Files and bytes that get their names together, after one writing of the manifest."""
_MARGIN = 1 << 20
"""Bytes for the manifest and for folders."""


class UsbRequest(NamedTuple):
    """What is to be on the stick."""

    player: str
    playlists: tuple[str, ...] = ()
    """None: all."""
    prune: bool = False
    """Playlists that are on the stick and not named go."""
    lossless_as: str = "aiff"
    """What becomes of lossless audio that the player does not play: ``aiff`` or ``mp3``."""


class Job(NamedTuple):
    """A track that is to be copied or converted."""

    track: ExportTrack
    mtime_ns: int
    heard: PlayerFormat
    recipe: Recipe
    path: str
    size: int
    """About how many bytes it will have."""
    old: str | None = None
    """The path of our file that gives way, its own path perhaps."""
    old_size: int = 0  # bytes

    @property
    def action(self) -> str:
        """Its word in the report."""
        return COPY if self.recipe.form == "copy" else CONVERT

    def failed(self, error: StrandlineError) -> NotDone:
        """The report of what befell it."""
        return NotDone(self.action, LibPath(self.path), error.message, error.code, self.track.id)


@dataclass(slots=True)
class StickPlan:
    """All of it. ``manifest`` is what the stick is known to hold; steps bring it up to date."""

    folder: str
    player: Player
    handover: Handover
    manifest: Manifest
    left_out: tuple[NotExported, ...] = ()
    warnings: list[Caution] = field(default_factory=list)
    kept: set[TrackId] = field(default_factory=set)
    jobs: list[Job] = field(default_factory=list)
    removals: dict[str, int] = field(default_factory=dict)
    """Our files that no playlist needs any more, with their bytes."""
    failed: list[NotDone] = field(default_factory=list)
    needed: int = 0
    """Bytes beyond what the stick holds now, at the most at any moment."""
    free: int | None = 0
    """Bytes; None of a disk that does not tell."""
    playlists_changed: int = 0
    before: bytes = b""
    """The manifest as it was found."""
    former_player: str = ""
    """For which the stick was, by its word; empty of a new one."""
    leftovers: bool = False
    """A run was cut off and left files without a place."""

    @property
    def unchanged(self) -> bool:
        """There is nothing to do on the stick."""
        steps = self.jobs or self.removals or self.playlists_changed or self.failed
        return not (steps or self.renewed or self.leftovers)

    @property
    def renewed(self) -> bool:
        """The manifest is to be another, if only for the times of files."""
        return to_text(self.manifest) != self.before

    @property
    def here(self) -> dict[TrackId, str]:
        """The path of each track that is on the stick, or is to be."""
        kept = {id: self.manifest.tracks[id].path for id in self.kept}
        return kept | {job.track.id: job.path for job in self.jobs}

    def lists(self, places: Mapping[TrackId, str]) -> dict[str, bytes]:
        """The playlists' files, of the tracks that have a place, by path."""
        return dict(_lists(self.handover, places))

    @property
    def short(self) -> bool:
        """Nothing has room before something has gone."""
        return self.free is not None and self.needed > self.free

    @property
    def freed(self) -> int:
        """Bytes that what goes gives back."""
        return sum(self.removals.values())


def plan_stick(
    session: Session, stick: Stick, manifest: Manifest, request: UsbRequest, before: bytes
) -> StickPlan:
    """Reads the stick and the library, and changes neither. UsageError for unknown playlists."""
    found = find(session, _chosen(session, manifest, request), manifest.tracks.keys())
    player = PLAYERS[request.player]
    plan = StickPlan(stick.folder, player, found.handover, manifest, found.left_out, before=before)
    plan.warnings += found.warnings
    plan.leftovers = bool(stick.leftovers())
    _Planning(session, stick, plan, request).all()
    return plan


def _chosen(session: Session, manifest: Manifest, request: UsbRequest) -> tuple[str, ...]:
    """The named playlists, and those that the stick has and TIDAL still knows."""
    if not request.playlists or request.prune:
        return request.playlists
    known = {it.id for it in session.store.exports.playlists()}
    return (*request.playlists, *(id for id in manifest.playlists if id in known))


class _Planning:
    """Compares track by track."""

    def __init__(
        self, session: Session, stick: Stick, plan: StickPlan, request: UsbRequest
    ) -> None:
        self._session, self._stick, self._plan, self._request = session, stick, plan, request
        self._there = stick.survey()
        self._known = dict(plan.manifest.tracks)
        self._noted_at = {it.path: it for it in self._known.values()}
        self._names = Names(
            {id: it for id, it in self._known.items() if id in plan.handover.tracks}
        )

    def all(self) -> None:
        plan, progress = self._plan, self._session.progress
        progress.phase("look_at_stick", total=len(plan.handover.tracks))
        for track in plan.handover.tracks.values():
            try:
                self._one(track)
            except StrandlineError as error:
                path = LibPath(track.path)
                plan.failed.append(NotDone(COPY, path, error.message, error.code, track.id))
                if track.id in self._known and self._seen(self._known[track.id].path):
                    plan.kept.add(track.id)
            progress.advance(1)
        contents = plan.lists(plan.here)
        if plan.handover.playlists or not plan.manifest.tracks:
            plan.playlists_changed = sum(self._differs(*it) for it in contents.items())
        self._leavers(contents)
        self._room(contents)

    # ------------------------------------------------------------ a track

    def _one(self, track: ExportTrack) -> None:
        known = self._known.get(track.id)
        known = known and self._as_there(track.id, known)
        if not track.path:  # its audio is not in the library just now, but on the stick
            if known is not None:
                self._keep_without_source(track, known)
            return
        try:
            at = os.stat(track.path)
        except OSError as error:
            raise unreadable(track.path, error) from error
        known = known and self._by_source(track, known, at)
        heard = known.heard if known else heard_in(track.path)
        recipe = self._recipe(heard, at.st_size)
        named = (track.artist, stem_of(name_of(LibPath(track.path))), recipe.ending(heard))
        if track.id not in self._known:
            known = self._unknown(track, at, heard, recipe, self._names.places(track.id, *named))
        path = self._names.for_track(track.id, *named)
        if known and known.recipe == recipe and known.path == path:
            self._plan.kept.add(track.id)
            return
        old = self._known.get(track.id)
        self._plan.jobs.append(
            Job(
                track,
                mtime_of(at),
                heard,
                recipe,
                path,
                recipe.size(at.st_size, heard),
                old.path if old else None,
                there.size if old and (there := self._seen(old.path)) else 0,
            )
        )

    def _unknown(
        self,
        track: ExportTrack,
        at: os.stat_result,
        heard: PlayerFormat,
        recipe: Recipe,
        places: Iterable[str],
    ) -> OnStick | None:
        """What stands there although the manifest, which may have been lost, knows nothing of it.

        It is strandline's from now on.
        """
        for path in places:
            there = self._seen(path)
            if there is None or there.type != "file":
                continue
            found = recognised(self._stick, track, at, heard, recipe, path, there)
            if found is not None:
                self._names.keep(track.id, path)
                self._plan.manifest.files[path] = found.sha256
                return self._noted(track.id, found)
        return None

    def _keep_without_source(self, track: ExportTrack, known: OnStick) -> None:
        """Nothing better can be made of it; it is named where this player may not play it."""
        self._plan.kept.add(track.id)
        if self._recipe(known.heard, known.source.size) != known.recipe:
            message = (
                f"{known.path} stays as it is, which {self._plan.player.models} may not play: the"
                " file that it was made of is missing from the library."
            )
            self._plan.warnings.append(Caution("missing_on_disk", message))

    def _recipe(self, heard: PlayerFormat, size: int) -> Recipe:
        return recipe_for(
            heard,
            size,
            self._plan.player,
            lossless_as=self._request.lossless_as,
            bitrate=self._session.config.audio_bitrate,
        )

    def _as_there(self, id: TrackId, known: OnStick) -> OnStick | None:
        """What is known of a track's file, if it still is as it was written, or is theirs now."""
        there = self._seen(known.path)
        if there is None:
            return None
        former = self._plan.manifest.former
        same = there.size == known.size and same_time(known.mtime, there.mtime)
        if same and known.path not in former:
            return known
        found = self._stick.sha256(known.path)
        if found == known.sha256:
            former.pop(known.path, None)
            return self._noted(id, known._replace(size=there.size, mtime=there.mtime))
        if found is not None and found == former.get(known.path):
            return None  # a run was cut off just before this one gave way
        self._warn_of(known.path)
        return known

    def _by_source(self, track: ExportTrack, known: OnStick, at: os.stat_result) -> OnStick | None:
        """The same, if the library's file is the one that it was made of."""
        source = known.source
        if (at.st_size, mtime_of(at)) == (source.size, source.mtime_ns):
            return known
        if at.st_size != source.size or sha256_of(track.path) != source.sha256:
            return None
        return self._noted(track.id, known._replace(source=source._replace(mtime_ns=mtime_of(at))))

    def _noted(self, id: TrackId, known: OnStick) -> OnStick:
        self._plan.manifest.tracks[id] = known
        return known

    def _seen(self, path: str) -> There | None:
        return self._there.get(path) or self._stick.see(path)

    def _warn_of(self, path: str) -> None:
        message = f"{path} was changed on the stick, so it stays as it is."
        self._plan.warnings.append(Caution("changed_on_stick", message))

    # ------------------------------------------------------------ all the rest

    def _differs(self, path: str, content: bytes) -> bool:
        from hashlib import sha256

        there = self._seen(path)
        if there is None or there.size != len(content):
            return True
        return self._stick.sha256(path) != sha256(content).hexdigest()

    def _leavers(self, lists: Mapping[str, bytes]) -> None:
        plan = self._plan
        wanted = set(plan.here.values()) | lists.keys()
        replaced = {job.old for job in plan.jobs}
        for path in sorted(plan.manifest.files.keys() - wanted - replaced):
            there = self._seen(path)
            if there is None:
                _forget(plan.manifest, path)
            elif self._is_as_written(path, there):
                plan.removals[path] = there.size
            else:  # it is theirs from now on
                self._warn_of(path)
                _forget(plan.manifest, path)

    def _is_as_written(self, path: str, there: There) -> bool:
        """By size and time where these are known; what is removed is hashed once more."""
        noted = self._noted_at.get(path)
        if noted and there.size == noted.size and same_time(noted.mtime, there.mtime):
            return True
        sha256 = self._stick.sha256(path)
        return sha256 is not None and self._plan.manifest.is_ours(path, sha256)

    def _room(self, contents: Mapping[str, bytes]) -> None:
        plan = self._plan
        plan.free, piece = self._stick.room()
        sizes = (
            [(_whole(job.size, piece), job.old_size) for job in batch]
            for batch in batches(plan.jobs)
        )
        lists = sum(_whole(len(it), piece) for it in contents.values())
        if plan.jobs or plan.playlists_changed:
            plan.needed = peak(sizes) + lists + _MARGIN


def _forget(manifest: Manifest, path: str) -> None:
    manifest.files.pop(path, None)
    manifest.former.pop(path, None)
    for id in [id for id, it in manifest.tracks.items() if it.path == path]:
        del manifest.tracks[id]
    for playlist in [id for id, it in manifest.playlists.items() if it == path]:
        del manifest.playlists[playlist]


def _whole(size: int, piece: int) -> int:
    """What a file takes on a disk that gives room out in pieces."""
    return -(-size // piece) * piece


def batches(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """In order, so many at a time as get their names together."""
    batch: list[Job] = []
    size = 0
    for job in jobs:
        if batch and (len(batch) == _BATCH or size + job.size > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(job)
        size += job.size
    if batch:
        yield batch


def _lists(handover: Handover, places: Mapping[TrackId, str]) -> Iterator[tuple[str, bytes]]:
    """Paths in a list lead from its folder to the top of the stick, and down again."""
    for path, playlist in playlist_paths(tree_of(handover)).items():
        up = "../" * path.count("/")
        mine = playlist._replace(tracks=tuple(it for it in playlist.tracks if it in places))
        listed = {it: handover.tracks[it]._replace(path=up + places[it]) for it in mine.tracks}
        yield path, b"".join(m3u8(mine, listed))
