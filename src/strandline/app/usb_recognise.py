"""Files on a stick that its manifest does not know, for it was lost: told by what is in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from strandline.app.usb_source import heard_in, sha256_of
from strandline.core.stick import OnStick, Source
from strandline.errors import StrandlineError
from strandline.library.stamps import mtime_of

if TYPE_CHECKING:
    from strandline.core.exports import ExportTrack
    from strandline.core.players import PlayerFormat, Recipe
    from strandline.library.stick import Stick, There

_FAR_OFF = 26 * 3600
"""Seconds by which FAT's local time and the library's may differ."""
_SHORTER = 0.5  # seconds


def recognised(
    stick: Stick,
    track: ExportTrack,
    at: os.stat_result,
    heard: PlayerFormat,
    recipe: Recipe,
    path: str,
    there: There,
) -> OnStick | None:
    """The track's file as strandline would put it there; None where another one stands at ``path``.

    ``at`` and ``heard`` are of the library's file. Raises LibraryError, ItemError.
    """
    if recipe.form == "copy":
        if there.size != at.st_size:
            return None
        sha256 = source = sha256_of(track.path)
    elif _is_made_of(stick, track, at, heard, recipe, path, there):
        sha256, source = stick.sha256(path) or "", sha256_of(track.path)
    else:
        return None
    if stick.sha256(path) != sha256:
        return None
    stamps = Source(at.st_size, mtime_of(at), source)
    return OnStick(path, sha256, there.size, there.mtime, stamps, heard, recipe)


def _is_made_of(
    stick: Stick,
    track: ExportTrack,
    at: os.stat_result,
    heard: PlayerFormat,
    recipe: Recipe,
    path: str,
    there: There,
) -> bool:
    """A converted one bears the track's tags and no others, and is as long and as large.

    Cues that a program wrote into its tags make it the person's.
    """
    from strandline.library.tags.carried_tags import bears_tags

    if there.mtime + _FAR_OFF < at.st_mtime or there.size > recipe.size(at.st_size, heard):
        return False
    file = os.path.join(stick.folder, path)
    try:
        made = heard_in(file)
    except StrandlineError:  # no music, perhaps
        return False
    alike = recipe.makes(made) and _as_long(made, heard)
    return alike and bears_tags(file, track.path, recipe.form)


def _as_long(made: PlayerFormat, heard: PlayerFormat) -> bool:
    if made.seconds is None or heard.seconds is None:
        return False
    return abs(made.seconds - heard.seconds) < _SHORTER
