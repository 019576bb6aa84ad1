"""What an export may hold: playlists in scope, and the one file of each of their tracks."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.scope import playlists_named, policy_for
from strandline.core.exports import (
    ROOT,
    ExportFolder,
    ExportPlaylist,
    ExportTrack,
    Handover,
    NotExported,
    Unfit,
)
from strandline.core.ids import PlaylistId
from strandline.core.names import collision_key, full_title, safe_name
from strandline.core.safety_stops import Alarm, alarm_of_missing, alarms_of_exports
from strandline.core.states import WantedTrack
from strandline.errors import SafetyStopError
from strandline.library.exports.places import OnDisk, Places
from strandline.library.exports.spool import Spool, SpooledTracks

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.core.ids import LibPath, TrackId
    from strandline.core.policy import Policy
    from strandline.db.exports import KnownPlaylist, KnownTrack

MISSING = "missing_on_disk"
"""The database knows a file that is not there."""


class Caution(NamedTuple):
    """What a person should know of the export, and is no failure."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to hand over, and what is not."""

    handover: Handover
    left_out: tuple[NotExported, ...]
    warnings: tuple[Caution, ...]


def find(
    session: Session,
    wishes: Collection[str],
    exported: Container[TrackId] = (),
    unfit: Unfit = lambda _: None,
) -> Found:
    """The playlists of ``wishes`` (none: all) that the settings do not leave out.

    ``exported`` tracks are not left out where their file is not there: they have no ``path`` then.
    What is found is in a file, which is closed with the session.

    Raises UsageError for a playlist that nobody knows, SafetyStopError where the last snapshot
    leaves out what no sync would take away unasked, or the music is not there.
    """
    rows = session.store.exports
    known = rows.playlists()
    require_trust(session, len(known))
    named = playlists_named(tuple(wishes), {it.id: it.name for it in known})
    policy = policy_for(session, named)
    chosen = [it for it in known if policy.in_scope(it.id, it.name)]
    ids = [it.id for it in chosen]
    finding = _Finding(rows.versions_of_yours(ids), Places(session.config.mp3_dir), exported, unfit)
    spool = session.closing.enter_context(Spool(session.config.state_dir))
    tracks = SpooledTracks(spool, finding.tracks(rows.tracks(ids)))
    if alarm := alarm_of_missing(finding.missing, finding.held):
        raise _stop(alarm)
    listed = {id: tracks.listed(several) for id, several in rows.positions(ids)}
    tree = session.store.snapshots.folder_tree()
    names = dict(zip(ids, _file_names(chosen), strict=True))
    playlists = [
        ExportPlaylist(
            it.id,
            it.name,
            names[it.id],
            tree.inside.get(it.id, ROOT),
            listed.get(it.id, ()),
        )
        for it in chosen
    ]
    folders = [ExportFolder(id, name, above) for id, (name, above) in tree.folders.items()]
    handover = Handover(tracks, playlists, folders)
    return Found(handover, tuple(finding.all_left_out()), tuple(_excluded(known, policy)))


def require_trust(session: Session, playlists: int) -> None:
    """Raises SafetyStopError where the last snapshot is one that a sync would stop at."""
    planned = session.store.last_plan
    leaving, tracked = planned.leaving(), planned.tracked()
    allowed = session.config.sync_max_removals.of(tracked)
    of = [PlaylistId(it.playlist) if it.playlist else None for it in leaving]
    for alarm in alarms_of_exports(of, tracked, playlists, allowed):
        raise _stop(alarm)


def _stop(alarm: Alarm) -> SafetyStopError:
    return SafetyStopError(alarm.message, hint=alarm.hint, code=alarm.code)


def _excluded(known: Iterable[KnownPlaylist], policy: Policy) -> Iterator[Caution]:
    for it in known:
        if policy.only and it.id in policy.only and policy.excludes(it.id, it.name):
            yield Caution("excluded", f"The settings leave {it.name!r} out, so it is not exported.")


class _Finding:
    """Looks for the file of each track, and notes what has none."""

    def __init__(
        self,
        yours: Mapping[TrackId, LibPath],
        places: Places,
        exported: Container[TrackId],
        unfit: Unfit,
    ) -> None:
        self._yours, self._places, self._exported, self._unfit = yours, places, exported, unfit
        self._left_out: list[NotExported] = []
        self._unfit_ones: list[NotExported] = []
        self.held = self.missing = 0

    def tracks(self, known: Iterable[KnownTrack]) -> Iterator[ExportTrack]:
        """Those that are to be handed over."""
        for it in known:
            if (track := self._track(it)) is None:
                continue
            if because := self._unfit(track):
                self._unfit_ones.append(NotExported(it.id, because, f"{it.artist} - {track.title}"))
            else:
                yield track

    def all_left_out(self) -> Iterator[NotExported]:
        """Those without a file, then those that the format cannot hold, each by id."""
        for several in (self._left_out, self._unfit_ones):
            yield from sorted(several, key=lambda it: (_number(it.track), it.track))

    def _track(self, it: KnownTrack) -> ExportTrack | None:
        paths = (it.path, self._yours.get(it.id))
        at = next((at for path in paths if path and (at := self._places.find(path))), None)
        here = it.status == "downloaded" or it.path
        self.held += bool(here)
        self.missing += bool(here and at is None)
        if at is None and it.id in self._exported:
            at = OnDisk("", 0)
        if at is None:
            because = MISSING if here else it.status
            self._left_out.append(NotExported(it.id, because, f"{it.artist} - {_title(it)}"))
            return None
        return ExportTrack(
            it.id,
            at.path,
            at.size,
            _title(it),
            it.artist,
            it.album,
            it.album_artist,
            it.genre,
            it.year,
            it.duration,
            it.isrc,
            it.number,
            it.disc,
            it.added,
            it.bpm,
            it.key,
        )


def _title(it: KnownTrack) -> str:
    return full_title(WantedTrack(it.id, it.artist, it.title, it.version, 0, None))


def _number(id: TrackId) -> int:
    return int(id) if id.isdecimal() else 0


def _file_names(playlists: Iterable[KnownPlaylist]) -> Iterator[str]:
    """The folder's name, which is unique and stays; else one like it."""
    several = list(playlists)
    taken = {collision_key(it.folder) for it in several if it.folder}
    for it in several:
        name = it.folder or safe_name(it.name)
        if not it.folder and collision_key(name) in taken:
            name = safe_name(it.name, suffix=f" [{_short(it.id)}]")
        taken.add(collision_key(name))
        yield name


def _short(id: PlaylistId) -> str:
    return id[:8]
