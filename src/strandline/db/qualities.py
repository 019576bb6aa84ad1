"""In which quality the audio of the tracks came, and what was asked for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.ids import LibPath, TrackId
from strandline.core.quality import Quality, Tier
from strandline.db.ours import ours
from strandline.db.sqlite.connection import stored
from strandline.db.sqlite.writing import relaxed, writing

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable
    from datetime import datetime

Came = tuple[TrackId, str, str, Quality]
"""Track, sha256 and extension (with its dot) of the file made of it, quality as it came."""


class UnknownFile(NamedTuple):
    """A file in the library of which it is not known in which quality it came."""

    track: TrackId
    path: LibPath
    sha256: str


class NamedFile(NamedTuple):
    """A file in the library, and what TIDAL calls its track."""

    track: TrackId
    artist: str
    title: str
    version: str | None
    album: str | None
    isrc: str | None
    path: LibPath


class QualityCounts(NamedTuple):
    """Of the tracks whose audio is in the library."""

    known: int
    unknown: int
    """Fetched by an earlier version, or a person's own file."""
    lower: int
    """Came in lower quality than was asked for."""
    better: int
    """Of the lower ones, those of which TIDAL says that it has what was asked for."""


class QualityRows:
    """Facts about contents (``audio_qualities``): a row whose content is nowhere harms nothing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def save(self, came: Iterable[Came], now: datetime) -> None:
        """Before the files get their names, so that a run that is killed leaves no doubt."""
        rows = [
            (track, sha256, extension.removeprefix("."), *quality, stored(now))
            for track, sha256, extension, quality in came
        ]
        with relaxed(self._db), writing(self._db) as db:
            db.executemany(_SAVE, rows)

    def of(self, tracks: Iterable[TrackId]) -> dict[TrackId, Quality]:
        """Of those among ``tracks`` that are in the library and were fetched by this version."""
        rows = self._db.execute(_OF, (json.dumps(list(tracks)),))
        return {TrackId(track): Quality(*quality) for track, *quality in rows}

    def unknown(self, most: int) -> list[UnknownFile]:
        """Files whose own codec tells it, which that of an MP3 made here does not."""
        return [UnknownFile(*row) for row in self._db.execute(_UNKNOWN, (most,))]

    def in_other_format(self, wanted: str) -> int:
        """Files that would be in another format if they were fetched now.

        AAC stays as it comes, unless MP3 is wanted, and FLAC and ALAC do where AIFF is not.
        """
        others = {"mp3": _NOT_MP3, "aiff": _MP3_OR_FLAC}.get(wanted, _MP3_OR_AIFF)
        return int(self._db.execute(_IN_FORMAT.format(others=others)).fetchone()[0])

    def asked_for_less(self, wanted: str) -> int:
        """Files for which nothing but lower qualities than ``wanted`` was ever asked."""
        words = json.dumps([tier.word for tier in Tier if tier.rank < Tier.of_word(wanted).rank])
        if not self._db.execute(_ANY_ASKED, (words,)).fetchone()[0]:
            return 0
        return int(self._db.execute(_ASKED_FOR_LESS, (words,)).fetchone()[0])

    def in_other_bitrate(self, wanted: int) -> int:
        """MP3 files that were made here and are of quite another size than ``wanted`` kbit/s makes.

        What lasts less than two minutes is not judged: its cover and tags weigh too much.
        """
        values = {"wanted": wanted, "more": _COVER}
        return int(self._db.execute(_OTHER_BITRATE, values).fetchone()[0])

    def named(self, most: int) -> list[NamedFile]:
        """The files that have been there longest, with what their names are made of."""
        return [NamedFile(*row) for row in self._db.execute(_NAMED, (most,))]

    def counts(self) -> QualityCounts:
        """In one statement, whatever the number of tracks."""
        row = self._db.execute(_COUNTS).fetchone()
        return QualityCounts(*(int(number or 0) for number in row))


_SAVE = "INSERT OR REPLACE INTO audio_qualities VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

_HAS_FILE = ours()

# A file that was retagged has another content, and still its format; a person's own file has
# neither, as a rule.
_CURRENT_OF = f"""
    SELECT tidal_id, asked, got, codec, rate, bits, mode FROM (
        SELECT tracks.tidal_id, quality.asked, quality.got, quality.codec, quality.rate,
            quality.bits, quality.mode, row_number() OVER (
                PARTITION BY tracks.tidal_id
                ORDER BY quality.sha256 IS tracks.file_hash DESC, quality.fetched_at DESC
            ) AS place
        FROM audio_qualities AS quality JOIN tracks ON tracks.tidal_id = quality.tidal_id
        WHERE {_HAS_FILE} AND {{which}}
            AND (quality.sha256 IS tracks.file_hash OR quality.format = tracks.file_format))
    WHERE place = 1
"""  # noqa: S608

_CURRENT = _CURRENT_OF.format(which="1")
_OF = _CURRENT_OF.format(which="quality.tidal_id IN (SELECT value FROM json_each(?))")

_UNKNOWN = f"""
    SELECT tidal_id, file_path, file_hash FROM tracks
    WHERE {_HAS_FILE} AND file_hash IS NOT NULL AND file_format IN ('flac', 'm4a')
        AND tidal_id NOT IN (SELECT tidal_id FROM ({_CURRENT})) LIMIT ?
"""  # noqa: S608

_IN_FORMAT = f"SELECT count(*) FROM tracks WHERE {_HAS_FILE} AND ({{others}})"  # noqa: S608
_NOT_MP3 = "file_path NOT LIKE '%.mp3'"
_MP3_OR_FLAC = "file_path LIKE '%.mp3' OR file_path LIKE '%.flac'"
_MP3_OR_AIFF = "file_path LIKE '%.mp3' OR file_path LIKE '%.aiff'"
_ANY_ASKED = """
    SELECT EXISTS (SELECT 1 FROM audio_qualities
                   WHERE asked IN (SELECT value FROM json_each(?)))
"""
_ASKED_FOR_LESS = f"""
    WITH asked AS (
        SELECT tidal_id FROM audio_qualities GROUP BY tidal_id
        HAVING min(asked IN (SELECT value FROM json_each(?))))
    SELECT count(*) FROM tracks WHERE {_HAS_FILE} AND tidal_id IN asked
"""  # noqa: S608

_COVER = 500_000
"""Bytes that cover and tags may take."""
_OTHER_BITRATE = f"""
    SELECT count(*) FROM tracks
    WHERE {_HAS_FILE} AND file_path LIKE '%.mp3' AND duration >= 120
        AND (file_size_bytes < duration * 125 * :wanted * 0.9
            OR file_size_bytes - :more > duration * 125 * :wanted * 1.1)
        AND tidal_id IN (SELECT tidal_id FROM audio_qualities WHERE format = 'mp3')
"""  # noqa: S608
_NAMED = f"""
    SELECT tidal_id, artist, title, version, album, isrc, file_path FROM tracks
    WHERE {_HAS_FILE} AND tidal_id IS NOT NULL ORDER BY id LIMIT ?
"""  # noqa: S608

_RANK = " ".join(f"WHEN '{tier.word}' THEN {tier.rank}" for tier in Tier)
_LOWER = f"CASE got {_RANK} END < CASE asked {_RANK} END"
_OFFERED = """
    CASE asked WHEN 'hires' THEN instr(tags, 'HIRES_LOSSLESS') > 0
        ELSE instr(tags, 'LOSSLESS') > 0 END
"""
_COUNTS = f"""
    WITH current AS ({_CURRENT})
    SELECT count(current.tidal_id), count(*) - count(current.tidal_id),
        sum({_LOWER}), sum({_LOWER} AND {_OFFERED})
    FROM tracks
    LEFT JOIN current ON current.tidal_id = tracks.tidal_id
    LEFT JOIN track_tags ON track_tags.tidal_id = tracks.tidal_id
    WHERE {_HAS_FILE}
"""  # noqa: S608
