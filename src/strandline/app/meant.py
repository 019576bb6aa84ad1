"""What a person means by a track id, a TIDAL address, a path, a playlist or some words."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.ids import PLAYLISTS, TRACKS, LibPath, PlaylistId, folder_of
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.app.find import TrackSettings
    from strandline.app.session import Session
    from strandline.db.history import PastStep

MOST = 20
"""Tracks that are answered for; where more have the words, a person has to say more."""
_NEAR, _PLAYLISTS = 5, 3
_MUSIC = (f"{PLAYLISTS}/", f"{TRACKS}/")

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)?tidal\.com/(?:[\w-]+/)*(?P<kind>track|playlist)/(?P<id>[\w-]+)"
    r"(?:[/?#].*)?|tidal://(?P<kind2>track|playlist)/(?P<id2>[\w-]+)"
)

_NO_TRACK = re.compile(
    r"(?:(?:https?://)?(?:[\w-]+\.)?tidal\.com/(?:browse/)?|tidal://)"
    r"(?P<kind>album|artist|mix|video)/[\w-]+(?:[/?#](?!track/).*)?$"
)
_ARTICLES = {"album": "an album", "artist": "an artist", "mix": "a mix", "video": "a video"}
_OTHER_ADDRESS = re.compile(r"https?://|tidal:")
_ID = re.compile(r"[0-9]{4,20}")


class Meant(NamedTuple):
    """Rows of tracks and ids of playlists; or a path of which neither is known."""

    tracks: list[int]
    playlists: list[PlaylistId]
    path: LibPath | None = None
    step: PastStep | None = None
    """The last step that had to do with the path."""


def meant(session: Session, settings: TrackSettings, what: str) -> Meant:
    """What ``what`` means. UsageError, with what is written most alike, for nothing known."""
    text = what.strip()
    if other := _NO_TRACK.match(text):
        raise UsageError(
            f"{text!r} is the address of {_ARTICLES[other['kind']]}; `why` explains tracks and"
            " playlists.",
            hint="Give a track of it, or the playlist; `strandline tracks WORD` finds tracks.",
            code="unknown",
        )
    if not text:
        raise UsageError("Give a track, a path, a playlist or some words.", code="unknown")
    if address := _ADDRESS.fullmatch(text):
        kind = address["kind"] or address["kind2"]
        found = _by_id(session, settings, kind, address["id"] or address["id2"])
    else:
        found = (
            _by_path(session, text)
            or _by_id(session, settings, "track", text)
            or _by_playlist(settings, text)
            or _by_words(session, text)
            or _by_past_playlist(session, text)
        )
    if found is None:
        raise _unknown(session, settings, what)
    return found


def _by_id(session: Session, settings: TrackSettings, kind: str, id_: str) -> Meant | None:
    if kind == "playlist":
        return Meant([], [PlaylistId(id_)]) if id_ in settings.names else None
    known = session.store.track_search.known(id_) if id_.isdecimal() else []
    return Meant(known, []) if known else None


def _by_playlist(settings: TrackSettings, text: str) -> Meant | None:
    from strandline.app.scope import playlists_named

    try:
        named = playlists_named([text], settings.names)
    except UsageError:
        return None
    return Meant([], sorted(named or ()))


def _by_past_playlist(session: Session, text: str) -> Meant | None:
    """One that is gone from TIDAL and from the disk."""
    from strandline.app.scope import playlists_named

    try:
        named = playlists_named([text], session.store.reports.names_so_far())
    except UsageError:
        return None
    return Meant([], sorted(named or ()))


def _by_words(session: Session, text: str) -> Meant | None:
    """Also where the words are ``Artist - Title``."""
    words = [word for word in text.split() if word != "-"]
    known = session.store.track_search.matching(words) if words else []
    if len(known) > MOST:
        names = [
            f"{row.artist} - {row.full_title}" for row in session.store.track_search.tracks(known)
        ]
        raise UsageError(
            f"{len(known):,} tracks match {text!r}, among them {_quoted(names[:_NEAR])}.",
            hint="Give more words, or the id; `strandline tracks` lists them all.",
            code="ambiguous",
        )
    return Meant(known, []) if known else None


def _by_path(session: Session, text: str) -> Meant | None:
    path = _in_library(text, session.config.mp3_dir)
    if path is None:
        return None
    finds, past = session.store.track_search, session.store.history
    if path.startswith(_MUSIC):
        if known := finds.at_path(path):
            return Meant(known, [], path)
        if path.startswith(PLAYLISTS) and path.count("/") == 1:
            owners = session.store.reports.playlists_in(folder_of(path))
            return Meant([], owners, path) if owners else None
    step = past.last_step_at(path)
    if step is not None and step.track:
        return Meant(finds.known(step.track), [], path, step)
    exists = path.startswith(_MUSIC) and os.path.lexists(session.config.mp3_dir / path)
    return Meant([], [], path) if exists else None


def _in_library(text: str, mp3_dir: Path) -> LibPath | None:
    """Relative to ``mp3``, or to the trash; None for what is no path of the library."""
    if "/" not in text:
        return None
    plain = text.removeprefix("./").removeprefix("mp3/").rstrip("/")
    trash = os.fspath(mp3_dir.parent / ".strandline" / "trash")
    full = os.path.abspath(os.path.expanduser(text))
    for root in (os.fspath(mp3_dir), os.path.realpath(mp3_dir), trash):
        if full.startswith(f"{root}/"):
            return LibPath(full[len(root) + 1 :])
    if plain.startswith(".strandline/trash/"):
        return LibPath(plain.removeprefix(".strandline/trash/"))
    return LibPath(plain) if plain.startswith(_MUSIC) else None


def _unknown(session: Session, settings: TrackSettings, what: str) -> UsageError:
    from strandline.app.scope import holds_words, near_names

    hint = "`strandline tracks` and `strandline sync-status` list what is known."
    if track := _track_id(what.strip()):
        return UsageError(f"No playlist lists the track {track}.", hint=hint, code="unknown")
    names = near_names(what, settings.names.values())[:_PLAYLISTS]
    holding = [name for name in names if holds_words(name, what)]
    near = holding or names + session.store.track_search.nearest(what, _NEAR)
    if near and not _OTHER_ADDRESS.match(what.strip()):
        hint = f"Did you mean {_quoted(near[:_NEAR])}?"
    return UsageError(
        f"Nothing is known of {what!r}, whether as a track, a path or a playlist.",
        hint=hint,
        code="unknown",
    )


def _track_id(text: str) -> str | None:
    """The id that ``text`` is, or that is in its address; no title is like a number."""
    address = _ADDRESS.fullmatch(text)
    if address and "track" in (address["kind"], address["kind2"]):
        return address["id"] or address["id2"]
    return text if _ID.fullmatch(text) else None


def _quoted(names: list[str]) -> str:
    return ", ".join(f"{name!r}" for name in names)
