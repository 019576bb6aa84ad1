"""What the tests of the TIDAL side share: a client of the stand-in whose waiting takes no time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from strandline.core.ids import PlaylistId, TrackId
from strandline.core.remote import (
    FolderTree,
    KnownPlaylist,
    ReadPlaylist,
    RemoteItem,
    RemotePlaylist,
)
from strandline.demo import effects
from strandline.demo.server import StandIn
from strandline.tidal.auth import DeviceLink
from strandline.tidal.client import TidalClient
from strandline.tidal.http import HttpSession
from strandline.tidal.login_store import TokenStore
from strandline.tidal.retry import RateLimiter, RetryPolicy
from strandline.tidal.token import Token

SESSIONS = "/v1/sessions"
TOKENS = "/v1/oauth2/token"
FLAT = "/v1/users/*/playlistsAndFavoritePlaylists"
FOLDERS = "/v2/my-collection/playlists/folders"
ITEMS = "/v1/playlists/*/items"
INFO = "/v1/tracks/*/playbackinfopostpaywall"
AUDIO = "/mediatracks/**"
EXPIRED = effects.status(401, sub_status=11003)
TOKEN = Token(
    "access-planted-0001",
    "refresh-planted-0001",
    "Bearer",
    datetime.fromisoformat("2026-11-01"),
    datetime.fromisoformat("2026-11-02"),
    "1001",
    "DE",
    "session-planted-0001",
)


@dataclass
class FakeTime:
    """A clock that only waiting moves."""

    seconds: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        return datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(seconds=self.seconds - 1000.0)


def wire_to(
    tidal: StandIn, time: FakeTime | None = None, policy: RetryPolicy | None = None
) -> HttpSession:
    time = time or FakeTime()
    pace = RateLimiter(time.clock, time.sleep, lambda: 0.5)
    return HttpSession(origin=tidal.url, policy=policy or RetryPolicy(), limiter=pace, now=time.now)


def issued(tidal: StandIn) -> Token:
    login = tidal.logins.issue()
    return Token(login.access_token, login.refresh_token, "Bearer")


def client_of(
    tidal: StandIn,
    state: Path,
    time: FakeTime | None = None,
    policy: RetryPolicy | None = None,
) -> TidalClient:
    """A client that is logged in."""
    store = TokenStore(state)
    if store.load() is None:
        store.save(issued(tidal))
    return TidalClient(TokenStore(state), wire_to(tidal, time, policy))


def log_in(
    tidal: StandIn, state: Path, time: FakeTime | None = None
) -> tuple[TidalClient, list[DeviceLink]]:
    """A client that has logged in by a link, and the links it showed."""
    shown: list[DeviceLink] = []
    client = TidalClient(TokenStore(state), wire_to(tidal, time))
    client.log_in(shown.append)
    return client, shown


def ask(tidal: StandIn, state: Path, time: FakeTime | None = None) -> dict[str, object]:
    """What TIDAL says of the session."""
    return client_of(tidal, state, time).get("sessions", what="the account").document


@dataclass
class MemoryStore:
    """A SnapshotStore as the database's should behave, in a dict."""

    now: datetime = field(default_factory=lambda: datetime.fromisoformat("2026-11-01"))
    known: dict[PlaylistId, KnownPlaylist] = field(default_factory=dict)
    items: dict[PlaylistId, tuple[RemoteItem, ...]] = field(default_factory=dict)
    headers: dict[PlaylistId, RemotePlaylist] = field(default_factory=dict)
    reasons: dict[PlaylistId, str] = field(default_factory=dict)
    unchanged: list[PlaylistId] = field(default_factory=list)
    saves: list[list[str]] = field(default_factory=list)
    """The names in each commit."""
    user: str = ""
    complete: bool | None = None
    reason: str = ""
    seen: set[PlaylistId] = field(default_factory=set)
    hollow: dict[PlaylistId, str] = field(default_factory=dict)
    tree: FolderTree | None = None

    def known_playlists(self) -> dict[PlaylistId, KnownPlaylist]:
        return dict(self.known)

    def tracks_of(self, playlist: PlaylistId) -> list[TrackId]:
        return [item.track.tidal_id for item in self.items.get(playlist, ()) if item.track]

    def begin_snapshot(self, user_id: str) -> None:
        self.user, self.complete = user_id, None
        self.unchanged, self.reasons = [], {}

    def save_playlist_unchanged(self, ids: list[PlaylistId]) -> None:
        self.unchanged += ids

    def save_playlists(self, read: Sequence[ReadPlaylist]) -> None:
        self.saves.append([one.playlist.name for one in read])
        for one in read:
            id_ = one.playlist.tidal_id
            if one.as_known:
                self.reasons[id_] = one.incomplete or ""
                old = self.known[id_]
                self.known[id_] = replace(old, complete=False)
                continue
            self._remember(one.playlist, one.incomplete)
            if one.adds:
                held = {item.track for item in self.items.get(id_, ())}
                new = tuple(item for item in one.items or () if item.track not in held)
                self.items[id_] = self.items.get(id_, ()) + new
            elif one.items is not None and (one.incomplete is None or id_ not in self.items):
                self.items[id_] = one.items

    def finish_snapshot(
        self,
        *,
        complete: bool,
        reason: str,
        seen: set[PlaylistId],
        hollow: dict[PlaylistId, str],
        tree: FolderTree | None,
    ) -> None:
        self.tree = tree or self.tree
        self.complete, self.reason, self.seen = complete, reason, set(seen)
        self.hollow = dict(hollow)

    def _remember(self, playlist: RemotePlaylist, incomplete: str | None) -> None:
        if incomplete is not None:
            self.reasons[playlist.tidal_id] = incomplete
        self.headers[playlist.tidal_id] = playlist
        self.known[playlist.tidal_id] = KnownPlaylist(
            playlist.last_updated,
            playlist.num_tracks,
            playlist.num_videos,
            playlist.name,
            incomplete is None,
            self.now if incomplete is None else None,
            playlist.origin,
        )

    def titles(self, name: str) -> list[str]:
        """The titles stored for the playlist of that name."""
        found = next(key for key, playlist in self.headers.items() if playlist.name == name)
        return [item.track.title if item.track else item.kind.value for item in self.items[found]]
