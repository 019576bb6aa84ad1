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

TRACKS = "Tracks"
"""The folder beside it that holds all audio in the pool layout."""

POOL_FOLDER = f"../{TRACKS}"
"""Its name among the folders of playlists: relative to ``Playlists``, as links lead there."""


def in_pool(path: str) -> bool:
    """Whether a LibPath is of the pool's folder, or the folder itself."""
    return path.startswith(f"{TRACKS}/") or path == TRACKS


def folder_path(folder: str) -> LibPath:
    """The LibPath of a playlist folder, from its bare name, or of the pool's."""
    return LibPath(TRACKS if folder == POOL_FOLDER else f"{PLAYLISTS}/{folder}")


def entry_path(folder: str, name: str) -> LibPath:
    """The LibPath of an entry, from its folder's and its own bare name."""
    return LibPath(f"{folder_path(folder)}/{name}")


def folder_of(path: LibPath) -> str:
    """The bare folder name below ``Playlists`` in which ``path`` lies, or ``POOL_FOLDER``."""
    return POOL_FOLDER if in_pool(path) else path.split("/")[1]


def is_entry(path: LibPath) -> bool:
    """Whether it lies directly in a playlist's folder, or in the pool's."""
    return path.count("/") == (1 if in_pool(path) else 2)


def name_of(path: LibPath) -> str:
    """The last component."""
    return path.rpartition("/")[2]


def is_beside(path: str) -> bool:
    """Whether it lies beside the playlists' folders, in ``Playlists`` itself."""
    return path.count("/") < 2 and not in_pool(path)


def stem_of(name: str) -> str:
    """The name without its extension."""
    return name.rpartition(".")[0] or name


def link_target(link: LibPath, primary: LibPath) -> str:
    """The relative text a link holds: ``../Deep House/Artist - Title.mp3``.

    Links stand directly in a playlist folder, so one ``..`` always reaches ``Playlists``.
    """
    folder = folder_of(primary)
    if folder_of(link) == folder:
        return primary[len(folder_path(folder)) + 1 :]
    return link_from_elsewhere(primary)


def link_from_elsewhere(primary: LibPath) -> str:
    """The text of a link in any other folder than the primary's."""
    return f"../../{primary}" if in_pool(primary) else f"..{primary[len(PLAYLISTS) :]}"


def resolve(link: LibPath, target: str, root: str = "") -> LibPath | None:
    """What a link's text leads to, from where it stands; None outside ``Playlists`` and the pool.

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
    deep = {PLAYLISTS: 3, TRACKS: 2}.get(parts[0]) if parts else None
    return LibPath("/".join(parts)) if deep and len(parts) >= deep else None
