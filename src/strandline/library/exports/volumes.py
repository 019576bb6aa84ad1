"""Which disk a path is on, by its name: Traktor and Serato keep paths by disk."""

from __future__ import annotations

import re
from typing import NamedTuple

_MOUNTED = re.compile(r"(/Volumes/([^/]+)|/(?:run/)?media/[^/]+/([^/]+)|/mnt/([^/]+))(?=/|$)")


class OnVolume(NamedTuple):
    """A disk and a path on it."""

    name: str
    """Of the disk, as the system shows it; empty for the one that the system runs from."""
    inside: str
    """The path from the top of the disk, with a leading ``/``."""


def on_volume(path: str) -> OnVolume:
    """The disk of a full path: where removable disks are mounted, or the system's own."""
    found = _MOUNTED.match(path)
    if found is None:
        return OnVolume("", path)
    return OnVolume(next(filter(None, found.groups()[1:])), path[found.end() :] or "/")
