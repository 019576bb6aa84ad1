"""init: what a person is asked once, and where the answers go."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from strandline.app.completion import stored_playlists
from strandline.app.library_folder import require_folder
from strandline.app.scope import playlists_named
from strandline.app.session import open_tidal
from strandline.app.settings import absolute, save
from strandline.config.text import read_text
from strandline.core.selection import Selection, only
from strandline.errors import LoginError, UsageError

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.events import Progress


@dataclass(frozen=True, slots=True)
class Offered:
    """A playlist of the account, to be ticked or not."""

    name: str
    tracks: int
    followed: bool


@dataclass(slots=True)
class Answers:
    """What the file is to say: TOML values by key name."""

    values: dict[str, Any] = field(default_factory=dict)

    def select(self, selection: Selection) -> None:
        """Which playlists are synced."""
        self.values["sync.include"] = list(selection.include)
        self.values["sync.exclude"] = list(selection.exclude)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the file."""

    path: Path
    created: bool
    changed: Mapping[str, Any]
    """TOML values by key name."""


def selection_of(config: Config) -> Selection:
    """Which playlists today's settings sync."""
    return Selection(config.sync_include, config.sync_exclude)


def offered_playlists(config: Config, progress: Progress) -> list[Offered]:
    """The account's playlists, by name; each name once. LoginError, UnreachableError."""
    from strandline.core.remote import Origin
    from strandline.db.store import utc_now
    from strandline.tidal.absent import list_playlists

    with closing(open_tidal(config, progress)) as client:
        listing = list_playlists(client, client.confirm().user_id, {}, now=utc_now())
    offered: dict[str, Offered] = {}
    for one in listing.playlists.values():
        found = Offered(one.name, one.num_tracks, one.origin is not Origin.OWN)
        offered.setdefault(one.name.casefold(), found)
    return sorted(offered.values(), key=lambda one: one.name.casefold())


def next_command(config: Config) -> str:
    """What a person who has just logged in does next."""
    begun = config.path.exists() or bool(stored_playlists(config))
    return "strandline sync-check" if begun else "strandline init"


def has_login(config: Config) -> bool:
    """Whether a login is kept on this machine; TIDAL is not asked whether it is still good."""
    from strandline.tidal.keyring_vault import open_token_store

    try:
        return open_token_store(config.state_dir).load() is not None
    except LoginError:
        return False


def selection_named(
    config: Config, names: Sequence[str], warn: Callable[[UsageError], None]
) -> Selection:
    """Just the playlists named, spelled as TIDAL does as far as they are known.

    A name that nobody knows is taken as it is, and ``warn`` hears of it: it may be a new one.
    """
    known = stored_playlists(config)
    return only([_spelled(name, known, warn) for name in names], selection_of(config))


def _spelled(name: str, known: Mapping[Any, str], warn: Callable[[UsageError], None]) -> str:
    if not known:
        return name
    try:
        meant = playlists_named([name], known) or ()
    except UsageError as error:
        warn(error)
        return name
    return next((known[id] for id in sorted(meant)), name)


def library_answer(text: str) -> str:
    """A folder as the file has it. LibraryError for what can be no library."""
    require_folder(Path(os.path.abspath(os.path.expanduser(text))))
    return absolute(text)


def save_answers(config: Config, answers: Answers) -> Saved:
    """Write what differs from what the file says now; comments stay. ConfigError."""
    from strandline.config.text import parse_config

    path = config.path
    try:
        now: dict[str, Any] | None = parse_config(read_text(path), path)
    except FileNotFoundError:
        now = None
    changed = {
        name: value for name, value in answers.values.items() if not _says(now or {}, name, value)
    }
    save(path, changed)
    return Saved(path, now is None, changed)


def _says(now: Mapping[str, Any], name: str, value: Any) -> bool:
    """Whether the file says so already; an empty list need not be written."""
    if isinstance(value, list):
        return list(now.get(name, ())) == value
    return name in now and now[name] == value
