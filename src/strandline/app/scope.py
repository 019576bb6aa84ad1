"""Which playlists a run is about, and the policy the settings make."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

from strandline.app.layout import layout_of
from strandline.core.favorites import FavoriteSettings
from strandline.core.ids import PlaylistId, TrackId
from strandline.core.names import collision_key, safe_name
from strandline.core.policy import Policy
from strandline.core.states import Kind
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.app.session import Session
    from strandline.config import Config

Names = Mapping[PlaylistId, str]


def playlists_named(wishes: Sequence[str], known: Names) -> frozenset[PlaylistId] | None:
    """The playlists meant by ``--playlist``, names in any case or uuids; None for no wish.

    Raises UsageError with the nearest names for one that nobody knows.
    """
    if not wishes:
        return None
    found: set[PlaylistId] = set()
    for wish in wishes:
        found |= _meant(wish, known) or _raise_unknown(wish, known)
    return frozenset(found)


def _meant(wish: str, known: Names) -> set[PlaylistId]:
    """By the exact name where there is one, else in any case, with or without blanks at its ends.

    Last by the name of its folder, which is the playlist's made safe for every disk.
    """
    exact = {id for id, name in known.items() if wish in (name, id)}
    folded = _folded(wish)
    alike = {id for id, name in known.items() if folded in (_folded(name), id.casefold())}
    named = {id for id, name in known.items() if folded == _folded(safe_name(name))}
    return exact or alike or named


def _folded(name: str) -> str:
    return collision_key(name.strip())


def _raise_unknown(wish: str, known: Names) -> NoReturn:
    if close := near_names(wish, known.values())[:3]:
        hint = f"Did you mean {', '.join(map(repr, close))}?"
    else:
        hint = (
            "`strandline sync-status` lists the playlists. For one that is new in TIDAL, run"
            " `strandline sync-check` first."
        )
    raise UsageError(f"There is no playlist {wish!r}.", hint=hint, code="unknown_playlist")


def near_names(wish: str, names: Iterable[str]) -> list[str]:
    """Those that hold all of its words, then those that are written most alike."""
    folded: dict[str, list[str]] = {}
    for name in sorted(names):
        folded.setdefault(name.casefold(), []).append(name)
    holding = [name for name in folded if holds_words(name, wish)]
    alike = difflib.get_close_matches(wish.casefold(), folded, n=3)
    return [name for near in dict.fromkeys([*holding, *alike]) for name in folded[near]]


def holds_words(name: str, wish: str) -> bool:
    """Whether ``name`` has all words of ``wish``, in any case."""
    words = wish.casefold().split()
    return bool(words) and all(word in name.casefold() for word in words)


def policy_for(session: Session, only: Collection[PlaylistId] | None) -> Policy:
    """What the settings, and what the library's disk can do, mean for deciding."""
    config = session.config
    return Policy(
        link_kind=link_kind(config, session.store.library.capabilities()),
        audio_format=config.audio_format,
        lossless=config.tidal_quality in ("lossless", "hires"),
        track_template=config.names_track,
        primary_priority=config.sync_primary_priority,
        include=config.sync_include,
        exclude=config.sync_exclude,
        left_out=_left_out(session),
        keep_deleted=config.sync_deleted_playlists == "keep",
        ignore=frozenset(map(TrackId, config.sync_ignore)),
        recordings=config.sync_dedupe == "recording",
        answers=session.store.recordings.answers(),
        pool=layout_of(session).is_pool,
        only=None if only is None else frozenset(only),
    )


def _left_out(session: Session) -> frozenset[PlaylistId]:
    reports, wishes = session.store.reports, wishes_of(session.config)
    unwanted = {id for id in reports.favorites() if wishes.leave_out(id)}
    if not session.config.tidal_favorite_playlists:
        unwanted |= reports.followed()
    return frozenset(unwanted)


def wishes_of(config: Config) -> FavoriteSettings:
    """Which favourites and mixes the settings want."""
    return FavoriteSettings(
        config.tidal_favorite_tracks, config.tidal_favorite_albums, config.tidal_mixes
    )


def excluded_of(session: Session, policy: Policy, names: Names) -> frozenset[PlaylistId]:
    """The playlists that the settings leave out, or keep although TIDAL has them no more."""
    if not policy.is_scoped:
        return frozenset()
    reports = session.store.reports
    excluded = {id for id, name in names.items() if policy.excludes(id, name)}
    return frozenset(excluded | reports.removed() if policy.keep_deleted else excluded)


def ignored_of(session: Session) -> frozenset[TrackId]:
    """The tracks that the settings ignore: whatever is known of them, their status is excluded."""
    return session.store.reports.under_new_ids([TrackId(id) for id in session.config.sync_ignore])


def link_kind(config: Config, capabilities: str | None) -> Kind:
    """The form of links. A disk that was not tried yet is taken for what its file system has."""
    from strandline.library.volume import LINKLESS, disk_of, from_json

    if config.sync_link_mode != "auto":
        return Kind(config.sync_link_mode)
    known, disk = from_json(capabilities) if capabilities else None, disk_of(config.library)
    has_links = known.symlinks if known and known.disk == disk else disk not in LINKLESS
    return Kind.SYMLINK if has_links else Kind.COPY


def scope_of(policy: Policy, known: Names) -> frozenset[PlaylistId] | None:
    """The playlists that a run with this policy looks at; None for all."""
    if not policy.is_scoped:
        return None
    return frozenset(id for id, name in known.items() if policy.in_scope(id, name))
