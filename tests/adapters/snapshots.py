"""Snapshots of a stand-in account, and the faults its pages may have."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tidal_side import FakeTime, MemoryStore, client_of

from strandline.demo import effects
from strandline.demo.faults import Effect
from strandline.demo.model import Playlist
from strandline.demo.server import StandIn
from strandline.tidal.snapshot import SnapshotReport, TidalSnapshotService

PAGE_2 = {"offset": "100"}


def take(
    tidal: StandIn,
    state: Path,
    store: MemoryStore,
    *,
    full: bool = False,
    followed: bool = True,
    now: datetime | None = None,
) -> SnapshotReport:
    if now is not None:
        store.now = now
    service = TidalSnapshotService(
        client_of(tidal, state, FakeTime()),
        store,
        include_followed=followed,
        now=lambda: store.now,
    )
    return service.take(full)


def crate(tidal: StandIn, name: str, size: int) -> Playlist:
    tracks = [tidal.account.track(f"{name} {number}") for number in range(size)]
    return tidal.account.playlist(name, tracks)


def names(store: MemoryStore) -> set[str]:
    return {playlist.name for playlist in store.headers.values()}


SPOILED_PAGES: dict[str, tuple[Effect, str]] = {
    "503": (effects.status(503), "is having problems"),
    "500 html": (effects.status(500, "html"), "is having problems"),
    "429 for ever": (effects.too_many(None), "rate limited"),
    "403": (effects.status(403), "refused"),
    "404": (effects.status(404), "404|refused"),
    "html": (effects.html(), "not JSON"),
    "empty body": (effects.empty_body(), "not JSON"),
    "reset": (effects.reset(0.5), "reached"),
    "wrong length": (effects.wrong_length(100), "reached"),
    "cut off": (effects.truncated(0.5), "not JSON"),
    "huge": (effects.huge(65 << 20), "MiB"),
    "deep": (effects.deep(), "nested"),
    "short page": (effects.short_page(1), "announced 150 items and delivered 149"),
    "doubled page": (effects.doubled_page(), "twice"),
    "null items": (effects.null_items(), "could not be read|announced"),
    "empty list": (effects.empty_list(150), "announced 150 items and delivered"),
    "no total": (effects.total(None), "how long"),
    "odd total": (effects.total(-1), "how long"),
    "not a page": (effects.instead(effects.json_answer([1, 2])), "promises"),
    "no items": (effects.edit(lambda page: page.pop("items")), "without a list"),
    "redirect": (effects.redirect("http://10.0.0.1/"), "redirected"),
}
