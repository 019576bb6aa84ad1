"""Which setting leaves a track or a playlist out, and the command that takes it in again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.favorites import FAVORITE_TRACKS, album_of, is_mix
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.policy import literal, matches

if TYPE_CHECKING:
    from strandline.app.find import FoundTrack, TrackSettings
    from strandline.app.session import Session


class LeftOut(NamedTuple):
    """A setting that leaves something out."""

    setting: str
    undo: str
    """The command that changes just that."""
    playlist: str | None = None
    """The name of the playlist that it leaves out; None where it is about the track itself."""


def of_track(session: Session, settings: TrackSettings, track: FoundTrack) -> tuple[LeftOut, ...]:
    """What has to change for the track to be wanted again; the ignore list alone if it is there."""
    if track.track in settings.ignored:
        return (_ignored(session, TrackId(track.track)),)
    listed = (
        (PlaylistId(entry.playlist), entry.name)
        for entry in track.playlists
        if entry.positions and entry.playlist
    )
    return tuple(_of_playlists(settings, listed))


def of_playlist(settings: TrackSettings, playlist: PlaylistId, name: str) -> LeftOut | None:
    """The setting that leaves a playlist out, if any does."""
    if playlist not in settings.excluded:
        return None
    policy = settings.policy
    if playlist in policy.left_out:
        return _of_another_kind(playlist, name)
    if matches(name, policy.exclude):
        others = [pattern for pattern in policy.exclude if not matches(name, (pattern,))]
        return LeftOut("sync.exclude", _list_command("sync.exclude", others), name)
    if policy.excludes(playlist, name):
        wanted = [*policy.include, literal(name)]
        return LeftOut("sync.include", _list_command("sync.include", wanted), name)
    key = "sync.deleted_playlists"
    return LeftOut(key, f"strandline config unset {key}", name)


def _of_playlists(
    settings: TrackSettings, playlists: Iterable[tuple[PlaylistId, str]]
) -> Iterator[LeftOut]:
    for playlist, name in playlists:
        if found := of_playlist(settings, playlist, name):
            yield found


def _of_another_kind(playlist: PlaylistId, name: str) -> LeftOut:
    """Playlists of others, favourites and mixes are wanted by a setting of their own."""
    key, value = "tidal.favorite_playlists", "true"
    if playlist == FAVORITE_TRACKS:
        key = "tidal.favorite_tracks"
    elif album_of(playlist):
        key = "tidal.favorite_albums"
    elif is_mix(playlist):
        key, value = "tidal.mixes", "mirror"
    return LeftOut(key, f"strandline config set {key} {value}", name)


def _ignored(session: Session, track: TrackId) -> LeftOut:
    """Also where the list has an earlier id of it."""
    reports, listed = session.store.reports, session.config.sync_ignore
    others = [id for id in listed if track not in reports.under_new_ids([TrackId(id)])]
    return LeftOut("sync.ignore", _list_command("sync.ignore", others))


def _list_command(key: str, values: Sequence[str]) -> str:
    if not values:
        return f"strandline config unset {key}"
    return f"strandline config set {key} {shlex.quote(json.dumps(values, ensure_ascii=False))}"
