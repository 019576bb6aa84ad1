"""tracks: where each track is, in which playlists, how it stands; from the database alone."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.scope import excluded_of, ignored_of, playlists_named, policy_for
from strandline.app.session import open_session
from strandline.core.ids import LibPath, PlaylistId, TrackId
from strandline.core.quality import Quality
from strandline.core.states import Kind
from strandline.db.sqlite.bulk import no_collection
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.config import Config
    from strandline.core.policy import Policy
    from strandline.db.track_search import EntryRow, TrackRow
    from strandline.events import Progress

EXCLUDED, UNAVAILABLE, DOWNLOADED = "excluded", "unavailable", "downloaded"
MISSING = "missing"

_DAMAGED = "The file on disk is damaged"
_NOT_TO_BE_HAD = {
    "placeholder": "TIDAL lists it without a name and without audio",
    "not_allowed": "TIDAL does not allow it to be played",
    "not_ready": "TIDAL does not have its audio ready",
    "refused": "TIDAL refused to give it out",
}


class FoundEntry(NamedTuple):
    """A track in a playlist, as ``tracks --json`` has it."""

    playlist: str | None
    name: str
    positions: tuple[int, ...]
    path: str | None
    kind: str
    status: str
    in_rekordbox: bool
    rekordbox_playlist_id: str | None


class FoundQuality(NamedTuple):
    """What was asked for and what came; null where an earlier version fetched it."""

    asked: str | None = None
    got: str | None = None
    codec: str | None = None


class FoundTrack(NamedTuple):
    """A track, as ``tracks --json`` has it."""

    track: str
    artist: str
    title: str
    status: str
    error: str | None
    path: str | None
    quality: FoundQuality | None
    playlists: tuple[FoundEntry, ...]
    rekordbox_content_id: str | None
    recording: str | None = None
    """The track whose file it shares: both are one recording."""


@dataclass(frozen=True, slots=True)
class TrackQuery:
    """Which tracks are asked for: all of the words, one of the playlists, one of the statuses."""

    words: tuple[str, ...] = ()
    playlists: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()


class TrackSettings(NamedTuple):
    """What the settings leave out, and the policy they make."""

    policy: Policy
    excluded: frozenset[PlaylistId]
    ignored: frozenset[TrackId]
    names: dict[PlaylistId, str]


def tracks(config: Config, query: TrackQuery, progress: Progress | None = None) -> list[FoundTrack]:
    """The tracks asked for, by artist and title. UsageError for an unknown playlist."""
    with open_session(config, progress) as session:
        settings = settings_of(session)
        named = playlists_named(query.playlists, settings.names)
        with no_collection():
            found = found_tracks(session, settings, _candidates(session, query, named))
    return [track for track in found if not query.statuses or track.status in query.statuses]


def is_anything_known(config: Config) -> bool:
    """Whether a check has told of any track."""
    with open_session(config) as session:
        return session.store.track_search.any_known()


def settings_of(session: Session) -> TrackSettings:
    """As they are now."""
    names, policy = session.store.reports.playlist_names(), policy_for(session, None)
    return TrackSettings(policy, excluded_of(session, policy, names), ignored_of(session), names)


def _candidates(
    session: Session, query: TrackQuery, named: Collection[PlaylistId] | None
) -> list[int] | None:
    """Rows that may be meant; None for all."""
    finds, sets = session.store.track_search, []
    if query.words:
        sets.append(finds.matching(query.words))
    if named is not None:
        sets.append(finds.in_playlists(named))
    if query.statuses and EXCLUDED not in query.statuses:
        sets.append(finds.with_statuses(_stored(query.statuses)))
    return sorted(set(sets[0]).intersection(*sets[1:])) if sets else None


def _stored(statuses: Sequence[str]) -> set[str]:
    """What the column may say of tracks with these statuses."""
    stored = set(statuses) - {UNAVAILABLE}
    return stored | (
        {"not_downloaded", "downloading", "error"} if UNAVAILABLE in statuses else set()
    )


def found_tracks(
    session: Session,
    settings: TrackSettings,
    ids: Collection[int] | None,
    *,
    all_known: bool = False,
) -> list[FoundTrack]:
    """Those of the tracks that some playlist lists, or that the disk has; or all that are known."""
    finds = session.store.track_search
    rows, entries, positions = finds.tracks(ids), finds.entries(ids), finds.positions(ids)
    shared = session.store.ledger.shared()
    wanted = [shared.get(TrackId(row.track), TrackId(row.track)) for row in rows if row.path]
    qualities = session.store.qualities.of(wanted)
    damaged = _damaged(session, rows)
    found = []
    for row in rows:
        of_playlists = entries.get(row.id, ())
        listed = [it for it in of_playlists if it.playlist and (it.in_tidal or it.path)]
        local = [it for it in of_playlists if it.playlist is None]
        if all_known or listed or (row.path and local):
            holder = shared.get(TrackId(row.track))
            quality = qualities.get(holder or TrackId(row.track))
            told = Assembled(row, listed + local, settings, quality, row.path in damaged, holder)
            found.append(told.track(positions))
    return found


def _damaged(session: Session, rows: Iterable[TrackRow]) -> set[str]:
    """Where files lie that were found damaged; each is looked at, for it may be gone by now."""
    doubtful = [LibPath(row.path) for row in rows if row.path and row.status != DOWNLOADED]
    found: set[str] = set()
    for seen in session.store.evidence.damaged_at(doubtful) if doubtful else ():
        with suppress(OSError):
            now = os.lstat(session.config.mp3_dir / seen.path)
            if (now.st_ino, now.st_size, mtime_of(now)) == (seen.ino, seen.size, seen.mtime_ns):
                found.add(seen.path)
    return found


@dataclass(frozen=True, slots=True)
class Assembled:
    """A track's rows, on the way to what a person is told of it."""

    row: TrackRow
    entries: list[EntryRow]
    settings: TrackSettings
    quality: Quality | None
    is_damaged: bool = False
    """The file lies there and does not play to its end."""
    holder: TrackId | None = None
    """The track whose file it shares."""

    def track(self, positions: dict[tuple[int, int], list[int]]) -> FoundTrack:
        """What a person is told."""
        row, status = self.row, self.status
        told = tuple(self._entry(entry, positions) for entry in self.entries)
        path = row.path if self._is_there else None
        about = row.track, row.artist, row.full_title, status, self._error(status), path
        return FoundTrack(*about, self._quality, told, row.rekordbox, self.holder)

    @property
    def status(self) -> str:
        """The one of the column, but for what settings and TIDAL withhold."""
        row = self.row
        listing = [entry for entry in self.entries if entry.in_tidal and entry.playlist]
        left_out = bool(listing) and all(self._is_left_out(entry) for entry in listing)
        if left_out or row.track in self.settings.ignored:
            return EXCLUDED
        if not row.available and row.status != DOWNLOADED:
            return UNAVAILABLE
        return row.status

    @property
    def has_file(self) -> bool:
        """Whether the last check believed in a file of the track's."""
        return self.row.path is not None and self.row.status == DOWNLOADED

    @property
    def _is_there(self) -> bool:
        return self.has_file or self.is_damaged

    def _error(self, status: str) -> str | None:
        row = self.row
        refused = row.error or _reason(row.unavailable)
        told = {"error": row.error, UNAVAILABLE: refused}.get(status)
        if self.is_damaged:
            return f"{_DAMAGED}; {told}" if told else _DAMAGED
        return told

    @property
    def _quality(self) -> FoundQuality | None:
        if not self.has_file:
            return None
        if self.quality is None:
            return FoundQuality()
        return FoundQuality(self.quality.asked, self.quality.got, self.quality.codec)

    def _is_left_out(self, entry: EntryRow) -> bool:
        return entry.playlist in self.settings.excluded

    def _entry(self, entry: EntryRow, positions: dict[tuple[int, int], list[int]]) -> FoundEntry:
        kind = self._kind(entry)
        places = sorted(positions.get((self.row.id, entry.playlist_id), ()))
        path = None if kind == MISSING else entry.path
        status = EXCLUDED if self._is_left_out(entry) or self._is_ignored else entry.status
        there = bool(entry.in_rekordbox), entry.rekordbox_playlist
        return FoundEntry(entry.playlist, entry.name, tuple(places), path, kind, status, *there)

    @property
    def _is_ignored(self) -> bool:
        return self.row.track in self.settings.ignored

    def _kind(self, entry: EntryRow) -> str:
        """What stands there, by the last look at the disk."""
        if entry.path is None:
            return MISSING
        if entry.is_primary:
            return Kind.PRIMARY.value if self._is_there else MISSING
        if entry.link_kind == Kind.YOURS.value:
            return entry.link_kind
        return MISSING if entry.valid is None else entry.link_kind or Kind.SYMLINK.value


def _reason(word: str | None) -> str:
    return _NOT_TO_BE_HAD.get(word or "", "TIDAL does not have it now")
