"""From a track in the database to a request for its audio."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from strandline.core.ids import TrackId
from strandline.db.store import Store
from strandline.db.tracks import TrackDetails
from strandline.errors import DownloadError, StrandlineError
from strandline.execute.ports import DownloadRequest
from strandline.library.files import without_part_names


def request_for(track: TrackId, store: Store) -> DownloadRequest:
    """Raises DownloadError for what is no track of TIDAL's."""
    if not (track.isascii() and track.isdigit()):
        raise DownloadError(f"{track!r} is not the id of a TIDAL track.", code="unknown_track")
    details = store.tracks.details(track)
    if details is None:
        raise DownloadError(
            f"The database does not describe track {track}.",
            hint="Run sync-execute --full once.",
            code="unknown_track",
        )
    return _order(details)


def _order(details: TrackDetails) -> DownloadRequest:
    from strandline.library.tags.write import TrackTags

    explicit = None if details.explicit is None else bool(details.explicit)
    tags = TrackTags(
        track_id=details.tidal_id,
        title=details.title,
        artist=details.artist,
        album=details.album,
        album_artist=details.album_artist,
        track_number=details.track_number,
        volume_number=details.volume_number,
        year=details.year,
        isrc=details.isrc,
        version=details.version,
        copyright=details.copyright,
        genre=details.genre,
        explicit=explicit,
        bpm=details.bpm,
        key=details.key,
    )
    hires = None if details.hires is None else bool(details.hires)
    return DownloadRequest(tags, details.duration, details.album_cover_url, hires)


@contextmanager
def named_by_track(request: DownloadRequest) -> Iterator[None]:
    """What goes wrong with a temporary file is told with the name of its track."""
    try:
        yield
    except StrandlineError as error:
        error.message = without_part_names(error.message, request.name)
        raise
