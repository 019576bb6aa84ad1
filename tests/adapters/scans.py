"""Scans of a library of short MP3s, with the evidence of earlier ones in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import sound
from mutagen.id3 import ID3, TSRC, TXXX

from strandline.core.ids import LibPath
from strandline.core.states import CachedEvidence, Ledger, Scan, Snapshot
from strandline.library.scan.service import FilesystemScanService

NOTHING = Ledger({}, {}, {})
NO_WISHES = Snapshot({}, {})
X = LibPath("Playlists/A/x.mp3")


class Cache:
    """Keeps evidence in memory, and counts how often it was asked to save."""

    def __init__(self) -> None:
        self.rows: dict[LibPath, CachedEvidence] = {}
        self.saved: list[LibPath] = []
        self.sounds: dict[str, str] = {}

    def load(self) -> dict[LibPath, CachedEvidence]:
        return dict(self.rows)

    def save(self, rows: Iterable[CachedEvidence]) -> None:
        for row in rows:
            self.rows[row.path] = row
            self.saved.append(row.path)

    def packets(self, contents: Iterable[str]) -> dict[str, str]:
        return {sha256: self.sounds[sha256] for sha256 in contents if sha256 in self.sounds}

    def learn_packets(self, pairs: Mapping[str, str]) -> None:
        self.sounds.update(pairs)

    def forget(self, paths: Iterable[LibPath]) -> None:
        for path in paths:
            self.rows.pop(path, None)


def scan(
    mp3: Path,
    ledger: Ledger = NOTHING,
    snapshot: Snapshot = NO_WISHES,
    cache: Cache | None = None,
) -> Scan:
    return FilesystemScanService(mp3, cache or Cache()).scan(ledger, snapshot)


def write(mp3: Path, path: LibPath, content: bytes) -> LibPath:
    (mp3 / path).parent.mkdir(parents=True, exist_ok=True)
    (mp3 / path).write_bytes(content)
    return path


@cache
def song(seconds: float) -> bytes:
    """A short MP3 without tags."""
    with TemporaryDirectory() as folder:
        return sound.mp3(Path(folder) / "x.mp3", seconds=seconds).read_bytes()


def tagged(track: str | None = None, isrc: str | None = None, seconds: float = 0.3) -> bytes:
    """A short MP3 with our id in it, as strandline writes it."""
    tags = ID3()
    if track:
        tags.add(TXXX(encoding=3, desc="STRANDLINE_TRACK_ID", text=[track]))
    if isrc:
        tags.add(TSRC(encoding=3, text=[isrc]))
    file = BytesIO(song(seconds))
    tags.save(file)
    return file.getvalue()
