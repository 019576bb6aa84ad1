"""Types that name the thing, so that four meanings of ``str`` cannot be mixed up."""

from __future__ import annotations

from typing import NewType

TrackId = NewType("TrackId", str)
"""TIDAL's track id, decimal digits."""

PlaylistId = NewType("PlaylistId", str)
"""TIDAL's playlist uuid."""

LibPath = NewType("LibPath", str)
"""A path relative to ``<library>/mp3`` with ``/``: ``Playlists/Deep House/Artist - Title.mp3``."""

PLAYLISTS = "Playlists"


def folder_path(folder: str) -> LibPath:
    """The LibPath of a playlist folder, from its bare name."""
    return LibPath(f"{PLAYLISTS}/{folder}")


def entry_path(folder: str, name: str) -> LibPath:
    """The LibPath of an entry, from its folder's and its own bare name."""
    return LibPath(f"{PLAYLISTS}/{folder}/{name}")


def folder_of(path: LibPath) -> str:
    """The bare folder name below ``Playlists`` in which ``path`` lies."""
    return path.split("/")[1]


def name_of(path: LibPath) -> str:
    """The last component."""
    return path.rpartition("/")[2]


def stem_of(name: str) -> str:
    """The name without its extension."""
    return name.rpartition(".")[0] or name


def link_target(link: LibPath, primary: LibPath) -> str:
    """The relative text a link holds: ``../Deep House/Artist - Title.mp3``.

    Links stand directly in a playlist folder, so one ``..`` always reaches ``Playlists``.
    """
    folder, name = folder_of(primary), primary.split("/", 2)[2]
    return name if folder_of(link) == folder else f"../{folder}/{name}"


def resolve(link: LibPath, target: str, root: str = "") -> LibPath | None:
    """What a link's text leads to, from where it stands; None when that is not in ``Playlists``.

    ``root`` is the full path of ``<library>/mp3``, for links that older tools made with full paths.
    """
    parts = link.split("/")[:-1]
    if target.startswith("/"):
        if not root or not target.startswith(f"{root}/"):
            return None
        parts, target = [], target[len(root) + 1 :]
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return LibPath("/".join(parts)) if parts[:1] == [PLAYLISTS] and len(parts) > 2 else None
