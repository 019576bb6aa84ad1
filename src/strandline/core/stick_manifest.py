"""The manifest of a stick as JSON: what a run wrote there, for the runs to come."""

from __future__ import annotations

import json
from typing import Any

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.players import PlayerFormat, Recipe
from strandline.core.stick import MUSIC, PLAYLISTS, Manifest, OnStick, Source

SCHEMA, FORMAT = "strandline.export-manifest/1", "usb"
_NO_NAMES = frozenset(("", ".", ".."))


class OtherManifestError(ValueError):
    """It is whole, and not of a stick that this version can read; the text says what it is."""


def to_text(manifest: Manifest) -> bytes:
    """The same bytes for the same manifest."""
    document = {
        "schema": SCHEMA,
        "format": FORMAT,
        "library": manifest.library,
        "player": manifest.player,
        "files": dict(sorted(manifest.files.items())),
        "former": dict(sorted(manifest.former.items())),
        "tracks": {id: list(it) for id, it in sorted(manifest.tracks.items())},
        "playlists": dict(sorted(manifest.playlists.items())),
    }
    rows = (f" {json.dumps(key)}: {_rows(value)}" for key, value in document.items())
    return ("{\n" + ",\n".join(rows) + "\n}\n").encode()


_json = json.JSONEncoder().encode


def _rows(value: Any) -> str:
    """An object with a line for each of its keys, so that a person can read it."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    lines = (f"  {_json(key)}: {_json(part)}" for key, part in value.items())
    return "{\n" + ",\n".join(lines) + "\n }"


def from_text(text: bytes) -> Manifest:
    """Raises ValueError for what is damaged, OtherManifestError for one of another kind.

    Whatever it says, it names no file outside of ``Music`` and ``Playlists``.
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("not an object")
    if document.get("schema") != SCHEMA:
        raise OtherManifestError("of another version of strandline")
    if document.get("format") != FORMAT:
        raise OtherManifestError("of another export")
    try:
        return Manifest(
            str(document["library"]),
            str(document["player"]),
            {TrackId(id): _on_stick(row) for id, row in document["tracks"].items()},
            {PlaylistId(id): _path(path) for id, path in document["playlists"].items()},
            {_path(path): str(sha256) for path, sha256 in document["files"].items()},
            {_path(path): str(sha256) for path, sha256 in document["former"].items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not as strandline writes it: {error}") from error


def _on_stick(row: Any) -> OnStick:
    path, sha256, size, mtime, source, heard, recipe = row
    stamps = Source(int(source[0]), int(source[1]), str(source[2]))
    return OnStick(
        _path(path),
        str(sha256),
        int(size),
        int(mtime),
        stamps,
        PlayerFormat(*heard),
        Recipe(*recipe),
    )


def _path(path: str) -> str:
    parts = path.split("/")
    if parts[0] not in (MUSIC, PLAYLISTS) or len(parts) < 2 or not _NO_NAMES.isdisjoint(parts):
        raise ValueError(f"{path!r} is no place of strandline's")
    return path
