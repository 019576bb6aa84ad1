"""doctor: every part looked at on its own, so that one broken part hides no other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec
from shutil import which
from typing import TYPE_CHECKING

from strandline.errors import BusyError, LoginError, StrandlineError

if TYPE_CHECKING:
    from strandline.config import Config
    from strandline.library.volume import Capabilities

LITTLE_ROOM = 2 << 30  # bytes
FULL_QUALITY = "`strandline auth login --pkce` is the way to full quality."

_SAID = {
    "ready": "is this database's library",
    "new": "is not marked yet; the first sync-execute does that",
    "take_over": "was another database's; the next sync-execute takes over what is there",
    "finish": "is half marked; the next sync-execute ends that",
}


class Health(str, Enum):
    """How a part is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the answer."""

    name: str
    health: Health
    message: str
    hint: str = ""


def examine(config: Config, *, offline: bool = False) -> Iterator[Part]:
    """Every part in turn, worst news included; raises nothing of strandline's own."""
    for name, look in _PARTS.items():
        if name == "login" and offline:
            continue
        yield from _guarded(name, look, config)


def _guarded(name: str, look: Callable[[Config], Iterator[Part]], config: Config) -> Iterator[Part]:
    try:
        yield from look(config)
    except BusyError as error:
        yield Part(name, Health.WARN, error.message, error.hint)
    except StrandlineError as error:
        yield Part(name, Health.FAIL, error.message, error.hint)
    except OSError as error:
        yield Part(name, Health.FAIL, f"{error.strerror or error} ({error.filename})")


def _versions(_: Config) -> Iterator[Part]:
    from strandline.app.versions import versions

    yield Part("versions", Health.OK, ", ".join(map(" ".join, versions().items())))


def _settings(config: Config) -> Iterator[Part]:
    from strandline.config.writing import readable_by_others

    there = config.path.exists()
    text = f"{config.path}" if there else f"{config.path} does not exist; defaults are used"
    yield Part("config", Health.OK, text)
    if there and readable_by_others(config.path):
        hint = f"chmod 600 {config.path}"
        yield Part("config", Health.WARN, "it holds a secret, and others can read it", hint)
    if config.download_source == "command" and not config.download_command:
        yield Part(
            "config",
            Health.FAIL,
            'download.source is "command", but download.command is empty',
            "`strandline config edit`",
        )
    if config.notify_urls and find_spec("apprise") is None:
        hint = "`pipx inject strandline apprise`, or install strandline[notify]"
        yield Part("config", Health.WARN, "notify.urls needs apprise, which is not there", hint)
    if config.hooks_after_run and which(os.path.expanduser(config.hooks_after_run[0])) is None:
        what = f"the command {config.hooks_after_run[0]!r} of hooks.after_run is not there"
        yield Part("config", Health.WARN, what, "Give its full path: a timer has a short PATH.")


def _state(config: Config) -> Iterator[Part]:
    from strandline.library.lock import lock_state

    with lock_state(config.state_dir, "doctor"):
        yield Part("state", Health.OK, f"{config.state_dir} is private and free of other runs")


def _database(config: Config) -> Iterator[Part]:
    from strandline.app.database import database_state

    state = database_state(config)
    if not state.exists:
        yield Part("database", Health.OK, f"{state.path} does not exist yet; it will be created")
    elif state.up_to_date:
        yield Part("database", Health.OK, f"{state.path} is up to date ({state.current})")
    else:
        yield Part(
            "database",
            Health.WARN,
            f"{state.path} has version {state.current or 'unknown'}",
            "The next command upgrades it, after making a copy.",
        )


def _database_and_journal(config: Config) -> Iterator[Part]:
    yield from _database(config)
    yield from _guarded("database", _journal, config)


def _journal(config: Config) -> Iterator[Part]:
    """Runs that were cut off, and steps that nobody can settle. Silent while a run goes on."""
    from strandline.app.database import database_state
    from strandline.app.unfinished_steps import cut_off_runs, unfinished_steps
    from strandline.db.store import Store
    from strandline.library.lock import lock_state

    if not database_state(config).up_to_date:
        return
    with (
        lock_state(config.state_dir, "doctor"),
        Store.open(config.database_url, config.library) as store,
    ):
        cut_off, steps = cut_off_runs(store), unfinished_steps(store)
    for run in cut_off:
        open_steps = sum(step.run == run and step.is_open for step in steps)
        yield Part(
            "database",
            Health.WARN,
            f"Run {run} was cut off with {open_steps} steps open",
            "`strandline sync-execute` settles them first, by what is on disk.",
        )
    for step in [step for step in steps if not step.is_open or step.run not in cut_off]:
        hint = f"`strandline history {step.run}` shows the run; look at what is there now."
        yield Part("database", Health.WARN, step.said, hint)
    if not cut_off and not steps:
        yield Part("database", Health.OK, "every run ended, and every step is settled")


def _login(config: Config) -> Iterator[Part]:
    from strandline.app.login import who_is
    from strandline.events import Silent

    who = who_is(config, Silent())
    by_page = who.way == "pkce"
    way = "on TIDAL's web page" if by_page else "by a short code"
    text = f"TIDAL user {who.user_id} ({who.country}), logged in {way}"
    helps = not by_page and config.tidal_quality in ("lossless", "hires")
    advice = (
        f"TIDAL sends this login most tracks as AAC, or not at all. {FULL_QUALITY}" if helps else ""
    )
    yield Part("login", Health.OK, text, advice)
    _require_account(config, who.user_id)


def _require_account(config: Config, user: str) -> None:
    from strandline.app.database import database_state
    from strandline.app.library_folder import require_account
    from strandline.db.store import Store

    if database_state(config).up_to_date:
        with Store.open(config.database_url, config.library) as store:
            require_account(store, user)


def _quality(config: Config) -> Iterator[Part]:
    """Advice: lower quality is no fault of this machine."""
    from strandline.app.database import database_state
    from strandline.db.store import Store

    if not database_state(config).up_to_date:
        return
    with Store.open(config.database_url, config.library) as store:
        found = store.qualities.counts()
    if not found.known and not found.unknown:
        return
    text = f"{found.lower:,} of {found.known:,} tracks came in lower quality than asked"
    if found.unknown:
        text += f"; of {found.unknown:,} it is not known"
    advice = ""
    if found.better:
        advice = f"TIDAL has {found.better:,} of them as asked. {_way_to_better(config)}"
    yield Part("quality", Health.OK, text, advice)


def _way_to_better(config: Config) -> str:
    """Another login; with the best one, what a sync does not do by itself."""
    from strandline.tidal.app_clients import LoginWay
    from strandline.tidal.keyring_vault import open_token_store

    try:
        token = open_token_store(config.state_dir).load()
    except LoginError:  # told where the login is looked at
        token = None
    if token is not None and token.way is LoginWay.PKCE:
        return "A sync replaces nothing; `strandline reapply --audio` does."
    return FULL_QUALITY


def _library(config: Config) -> Iterator[Part]:
    from strandline.app.library_folder import require_folder

    require_folder(config.library)
    if config.library.exists() and not os.access(config.library, os.W_OK | os.X_OK):
        yield Part("library", Health.FAIL, f"{config.library} cannot be written to")
        return
    yield from _marker(config)


def _marker(config: Config) -> Iterator[Part]:
    from strandline.app.database import database_state
    from strandline.app.layout import layout_said
    from strandline.app.library_folder import require_library
    from strandline.db.store import Store

    said, layout = "", None
    if database_state(config).up_to_date:
        with Store.open(config.database_url, config.library) as store:
            said = _SAID[require_library(config.library, store).verdict.value]
            layout = layout_said(config, store)
    if not config.library.exists():
        said = "does not exist yet; the first sync-execute creates it"
    yield Part("library", Health.OK, f"{config.library} {said}".rstrip())
    if layout:
        yield Part("library", Health.OK, "its layout is not the one in the settings", layout)


def _disk(config: Config) -> Iterator[Part]:
    from strandline.app.library_folder import free_bytes

    free = free_bytes(config.library)
    if free is None:
        yield Part("disk", Health.WARN, "its free space cannot be read")
        return
    health = Health.OK if free >= LITTLE_ROOM else Health.WARN
    yield Part("disk", health, f"{free / 1e9:.1f} GB free")
    if not config.library.exists():
        return
    if not (config.library / ".strandline").is_dir():
        yield Part("disk", Health.OK, "links and names are tested when the library is created")
        return
    yield from _abilities(config, _tried(config))


def _tried(config: Config) -> Capabilities:
    from strandline.library.files import LibraryFiles
    from strandline.library.lock import lock_library
    from strandline.library.volume import probe

    with lock_library(config.library), LibraryFiles(config.library) as files:
        return probe(files)


def _abilities(config: Config, disk: Capabilities) -> Iterator[Part]:
    mode = config.sync_link_mode
    lacks = (mode == "symlink" and not disk.symlinks) or (mode == "hardlink" and not disk.hardlinks)
    if lacks:
        yield Part("disk", Health.FAIL, f"no {mode}s supported", 'Set link_mode = "auto".')
    elif disk.symlinks:
        yield Part("disk", Health.OK, "symlinks supported")
    else:
        yield Part("disk", Health.WARN, "no symlinks here: shared tracks become copies")
    cased = "case-sensitive" if disk.case_sensitive else "not case-sensitive"
    yield Part("disk", Health.OK, f"file names are {cased}")
    if not disk.noreplace:
        text = "a rename may replace a file that another program creates in the same moment"
        yield Part("disk", Health.WARN, text)


def _codecs(_: Config) -> Iterator[Part]:
    from strandline.library.audio.codecs import codecs_tried

    tried = codecs_tried()
    faults = {name: fault for name, fault in tried.items() if fault}
    for name, fault in faults.items():
        hint = "Install a wheel of `av` that has them all."
        yield Part("codecs", Health.FAIL, f"{name} does not work: {fault}", hint)
    if not faults:
        yield Part("codecs", Health.OK, f"tested: {', '.join(sorted(tried))}")


_PARTS: dict[str, Callable[[Config], Iterator[Part]]] = {
    "versions": _versions,
    "config": _settings,
    "state": _state,
    "database": _database_and_journal,
    "library": _library,
    "disk": _disk,
    "codecs": _codecs,
    "quality": _quality,
    "login": _login,
}
