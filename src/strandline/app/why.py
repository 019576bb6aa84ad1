"""why: who a track is, why its audio lies where it does, what was done with it, what comes next.

From the database, and one look at the file itself.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.find import EXCLUDED, FoundTrack, TrackSettings, found_tracks, settings_of
from strandline.app.left_out import LeftOut, of_playlist, of_track
from strandline.app.meant import Meant, meant
from strandline.app.session import open_session
from strandline.core.ids import TRACKS, LibPath, PlaylistId, TrackId, in_pool
from strandline.db.reports import StatusItem, UnavailableTrack
from strandline.library.stamps import ctime_of, mtime_of

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.config import Config
    from strandline.db.history import PastStep
    from strandline.db.last_plan import Planned
    from strandline.db.track_search import TrackRow
    from strandline.events import Progress


GONE = "gone"
"""The status of a playlist that TIDAL has no more, and the disk neither."""


class TrackIdentity(NamedTuple):
    """By which evidence the file is the track's; ``by`` is null where there is no file."""

    by: str | None
    """ledger | embedded_id | content | changed (not looked at since it changed) | gone."""
    isrc: str | None
    sha256: str | None
    old_ids: tuple[str, ...]
    """Ids of the track that TIDAL replaced."""
    same_recording: tuple[str, ...]
    """Other ids that are the same recording and have the same file."""


class PrimaryAnswer(NamedTuple):
    """The playlist whose folder holds the audio, and the rule that chose it; none in the pool."""

    playlist: PlaylistId | None
    name: str
    because: str
    """only_playlist | primary_priority | alphabet | holds_audio (it held it when others came) |
    layout (all audio is in the pool)."""


@dataclass(frozen=True, slots=True)
class TrackAnswer:
    """All about one track."""

    track: FoundTrack
    identity: TrackIdentity
    primary: PrimaryAnswer | None
    history: tuple[PastStep, ...]
    next: tuple[Planned, ...]
    checked: datetime | None
    asked_at: datetime | None = None
    """When TIDAL was last asked for an unavailable track."""
    in_trash: PastStep | None = None
    """What took its file to the trash, where that lies now."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """The names of the playlists that have those today."""
    left_out: tuple[LeftOut, ...] = ()
    """The settings that keep it from being wanted."""


@dataclass(frozen=True, slots=True)
class PlaylistAnswer:
    """All about one playlist, but for its tracks."""

    item: StatusItem
    left_out: LeftOut | None
    """The setting that leaves it out."""
    on_disk: int
    """Files and links in its folder, at the last check."""
    history: tuple[PastStep, ...]
    next: tuple[Planned, ...]
    checked: datetime | None
    folders: Mapping[str, str] = field(default_factory=dict)
    incomplete: str | None = None
    """Why it could not be read completely; then nothing is removed from it."""
    unavailable: tuple[UnavailableTrack, ...] = ()
    """Its tracks that TIDAL does not have, and the disk neither."""


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """A file or link in the library that strandline knows no track of."""

    path: LibPath
    next: tuple[Planned, ...]
    checked: datetime | None


Answer = TrackAnswer | PlaylistAnswer | FileAnswer


def why(config: Config, what: str, progress: Progress | None = None) -> list[Answer]:
    """The answers about ``what``. UsageError where nothing is known of it."""
    with open_session(config, progress) as session:
        settings = settings_of(session)
        found = meant(session, settings, what)
        answers: list[Answer] = [*_playlists(session, settings, found.playlists)]
        answers += _tracks(session, settings, found)
        return answers or [_file(session, found)]


# ---------------------------------------------------------------- tracks


def _tracks(session: Session, settings: TrackSettings, found: Meant) -> Iterable[TrackAnswer]:
    if not found.tracks:
        return
    rows = {row.track: row for row in session.store.track_search.tracks(found.tracks)}
    told = found_tracks(session, settings, found.tracks, all_known=True)
    playlists = {entry.playlist for track in told for entry in track.playlists if entry.playlist}
    steps = session.store.history.steps_about(list(rows), playlists)
    planned = session.store.last_plan.of(list(rows))
    checked, folders = session.store.last_plan.checked(), session.store.reports.folders()
    for track in told:
        yield TrackAnswer(
            track,
            _identity(session, rows[track.track]),
            _primary(track, settings),
            tuple(_about(track, steps)),
            tuple(action for action in planned if action.track == track.track),
            _checked(checked, [entry.playlist for entry in track.playlists]),
            session.store.unavailable.when(TrackId(track.track))
            if track.status == "unavailable"
            else None,
            _in_trash(session, track, steps),
            folders,
            of_track(session, settings, track) if track.status == EXCLUDED else (),
        )


def _in_trash(session: Session, track: FoundTrack, steps: Sequence[PastStep]) -> PastStep | None:
    """The newest step, if the file it took away lies in the trash and nothing in its stead."""
    root = session.config.library / ".strandline" / "trash"
    took = [it for it in steps if it.track == track.track and it.trash_path and it.state == "done"]
    if track.path or not took or not os.path.lexists(root / (took[-1].trash_path or "")):
        return None
    return took[-1]


def _about(track: FoundTrack, steps: Sequence[PastStep]) -> Iterable[PastStep]:
    """Its own steps; and the renames of folders it lay in by then."""
    playlists: set[str | None] = set()
    for step in steps:
        if step.track == track.track:
            playlists.add(step.playlist)
            yield step
        elif step.track is None and step.action == "rename_folder" and step.playlist in playlists:
            yield step


def _identity(session: Session, row: TrackRow) -> TrackIdentity:
    old = tuple(session.store.track_search.old_ids(row.track))
    return TrackIdentity(
        _evidence(session, row), row.isrc, row.sha256, old, _twins(session, row.track)
    )


def _twins(session: Session, track: str) -> tuple[str, ...]:
    """The ids that share its file, the one whose file it is first."""
    shared = session.store.ledger.shared()
    holder = shared.get(TrackId(track), TrackId(track))
    twins = [holder, *sorted(it for it, by in shared.items() if by == holder)]
    return tuple(it for it in twins if it != track)


def _evidence(session: Session, row: TrackRow) -> str | None:
    """What tells that the file is the track's, by one look at it."""
    if row.path is None:
        return None
    try:
        seen = os.lstat(session.config.mp3_dir / row.path)
    except OSError:
        return "gone"
    if not stat.S_ISREG(seen.st_mode):
        return "changed"
    if (seen.st_ino, seen.st_size, mtime_of(seen)) == (row.inode, row.size, row.mtime_ns):
        return "ledger"
    read = session.store.evidence.at(LibPath(row.path))
    now = (seen.st_ino, seen.st_size, mtime_of(seen), ctime_of(seen))
    if read is None or now != (read.ino, read.size, read.mtime_ns, read.ctime_ns):
        return "changed"
    if row.sha256 and read.evidence.sha256 == row.sha256:
        return "content"
    return "embedded_id" if read.evidence.embedded == row.track else "changed"


def _primary(track: FoundTrack, settings: TrackSettings) -> PrimaryAnswer | None:
    """Why the audio lies where it does: the rule that would choose this playlist today, if any."""
    holder = next((entry for entry in track.playlists if entry.kind == "primary"), None)
    if holder is None:
        return PrimaryAnswer(None, TRACKS, "layout") if track.path and in_pool(track.path) else None
    policy = settings.policy
    ranks = {
        PlaylistId(entry.playlist): policy.rank(PlaylistId(entry.playlist), entry.name)
        for entry in track.playlists
        if entry.playlist and entry.status != "excluded"
    }
    id_ = PlaylistId(holder.playlist) if holder.playlist else None
    return PrimaryAnswer(id_, holder.name, _rule(id_, ranks, len(policy.primary_priority)))


def _rule(
    holder: PlaylistId | None, ranks: dict[PlaylistId, tuple[int, str, str]], listed: int
) -> str:
    if holder is None or holder not in ranks or min(ranks, key=ranks.__getitem__) != holder:
        return "holds_audio"
    if len(ranks) == 1:
        return "only_playlist"
    return "primary_priority" if ranks[holder][0] < listed else "alphabet"


def _checked(checked: dict[str, datetime], playlists: Iterable[str | None]) -> datetime | None:
    """The last check that decided about one of these."""
    times = [checked.get(""), *(checked.get(playlist or "") for playlist in playlists)]
    return max((at for at in times if at), default=None)


# ---------------------------------------------------------------- playlists and other files


def _playlists(
    session: Session, settings: TrackSettings, playlists: Sequence[PlaylistId]
) -> Iterable[PlaylistAnswer]:
    if not playlists:
        return
    reports = session.store.reports
    report = reports.status(playlists, settings.excluded, settings.ignored)
    checked = session.store.last_plan.checked()
    incomplete = reports.incomplete(playlists)
    gone = set(playlists) - settings.names.keys()
    names = reports.names_so_far() if gone else {}
    nothing = (None, GONE, 0, 0, 0, None, None)
    items = [*report.items, *(StatusItem(id, names[id], *nothing) for id in sorted(gone))]
    for item in items:
        assert item.playlist
        yield PlaylistAnswer(
            item,
            of_playlist(settings, item.playlist, item.name),
            session.store.track_search.on_disk_in(item.playlist),
            tuple(session.store.history.steps_in(item.playlist)),
            tuple(session.store.last_plan.in_playlist(item.playlist)),
            _checked(checked, [item.playlist]),
            reports.folders(),
            incomplete.get(item.playlist),
            reports.unavailable([item.playlist], settings.ignored),
        )


def _file(session: Session, found: Meant) -> FileAnswer:
    assert found.path
    planned = tuple(session.store.last_plan.at(found.path))
    return FileAnswer(found.path, planned, _checked(session.store.last_plan.checked(), ()))
