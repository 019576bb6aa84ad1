"""dedupe-report --recordings: the same recording under several of TIDAL's ids; database alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from strandline.app.session import open_session
from strandline.core.names import full_title
from strandline.core.same_recordings import recordings_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from strandline.config import Config
    from strandline.core.ids import LibPath, TrackId
    from strandline.core.same_recordings import Answers
    from strandline.core.states import Ledger, Snapshot
    from strandline.db.reports import DedupeReport
    from strandline.events import Progress


class OneId(NamedTuple):
    """One of the ids."""

    track: TrackId
    artist: str
    title: str
    album: str | None
    path: LibPath | None
    playlists: tuple[str, ...]
    """Their names."""
    shares: TrackId | None
    """The id whose file it has, where they are merged."""


class SameRecording(NamedTuple):
    """Ids of one recording; ``bytes`` is what the audio of all but the primary takes."""

    isrc: str | None
    """None where the codes differ, and a person said that they are the same."""
    primary: TrackId
    because: str
    bytes: int
    tracks: tuple[OneId, ...]
    pinned: bool


class NotTheSame(NamedTuple):
    """Ids with one code that are kept apart."""

    isrc: str
    because: str
    tracks: tuple[OneId, ...]


class RecordingsReport(NamedTuple):
    """What the last snapshot lists."""

    recordings: tuple[SameRecording, ...]
    apart: tuple[NotTheSame, ...]
    dedupe: str
    """The setting: with ``recording`` they are merged."""


def recordings(config: Config, progress: Progress) -> tuple[DedupeReport, RecordingsReport]:
    """What is shared, and which ids are one recording. DatabaseError."""
    with open_session(config, progress) as session:
        snapshot, ledger = session.store.load_snapshot(), session.store.load_ledger()
        answers = session.store.recordings.answers()
        report = _report(snapshot, ledger, answers, config.sync_dedupe)
        return session.store.reports.dedupe(), report


def _report(snapshot: Snapshot, ledger: Ledger, answers: Answers, dedupe: str) -> RecordingsReport:
    same, apart = recordings_in(snapshot.tracks, ledger.files, answers, ledger.shared)
    groups = [*(one.tracks for one in same), *(one.tracks for one in apart)]
    wanted = {id for tracks in groups for id in tracks}
    names: dict[TrackId, list[str]] = {id: [] for id in wanted}
    for playlist in sorted(snapshot.playlists.values(), key=lambda it: it.name.casefold()):
        for track in wanted.intersection(playlist.tracks):
            names[track].append(playlist.name)

    def told(ids: Iterable[TrackId]) -> tuple[OneId, ...]:
        return tuple(_one(id, snapshot, ledger, names[id]) for id in ids)

    return RecordingsReport(
        tuple(
            SameRecording(it.isrc, it.primary, it.because, _size(it.tracks, it.primary, ledger),
                          told(it.tracks), it.pinned)
            for it in same
        ),
        tuple(NotTheSame(it.isrc, it.because, told(it.tracks)) for it in apart),
        dedupe,
    )  # fmt: skip


def _one(id: TrackId, snapshot: Snapshot, ledger: Ledger, playlists: Iterable[str]) -> OneId:
    track, holder = snapshot.tracks[id], ledger.shared.get(id)
    file = ledger.files.get(holder or id)
    path = file.path if file else None
    return OneId(id, track.artist, full_title(track), track.album, path, tuple(playlists), holder)


def _size(ids: Iterable[TrackId], primary: TrackId, ledger: Ledger) -> int:
    files = (ledger.files.get(id) for id in ids if id != primary)
    return sum(file.size or 0 for file in files if file)
