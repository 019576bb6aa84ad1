"""What ``strandline help TOPIC`` says about what is no command."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from strandline.errors import Exit

if TYPE_CHECKING:
    from strandline.config import Config

_WIDTH = 72
EXIT_CODES: Mapping[Exit, str] = {
    Exit.DONE: "done, or in sync",
    Exit.BUG: "a bug in strandline",
    Exit.USAGE: "wrong usage or configuration",
    Exit.CHANGES_PENDING: "sync-check --exit-code: changes pending",
    Exit.SOME_FAILED: "finished, but some items failed, or a full or failing disk ended the run;"
    " each item left is named. Also: the output could not be written whole",
    Exit.SAFETY_STOP: "safety stop: nothing was touched; the reason and the way on are printed",
    Exit.LOGIN: "login needed, or no longer valid",
    Exit.BUSY: "another run holds the library",
    Exit.UNREACHABLE: "TIDAL or the network cannot be reached now; try later",
    Exit.INTERRUPTED: "interrupted; the first Ctrl-C finishes the current track",
}

ENVIRONMENT: Mapping[str, str] = {
    "STRANDLINE_CONFIG": "the config file (--config)",
    "STRANDLINE_LIBRARY": "the library folder (--library)",
    "STRANDLINE_DATABASE_URL": "the database (--database-url)",
    "STRANDLINE_STATE_DIR": "the folder of login, database and logs",
    "STRANDLINE_TIDAL_URL": "where all requests to TIDAL go instead, for tests and proxies",
    "NO_COLOR": "no colours",
    "PAGER": "what shows output that does not fit the screen; empty for none",
    "VISUAL, EDITOR": "the editor of `config edit`",
}

SAFETY = """\
strandline never deletes audio: what a sync removes goes to the trash in the library, from where
`strandline trash restore` and `strandline undo` bring it back. Your own files, and files of which
it cannot be told whose they are, are never moved, renamed or overwritten. A playlist that TIDAL
did not send completely may gain tracks, but loses none.

A run stops with exit code 5 before its first step where something looks wrong:
  mass_removal       more than sync.max_removals of the files and links would be removed
  mass_refetch       more than a quarter of the tracks would be downloaded again
  empty_tidal        TIDAL lists no playlists, though there were some
  other_account      the login is another person's
  library_missing    the library folder is not there (a disk that is not mounted?),
                     or, before an export, the music in it
  library_on_other_database   the library belongs to another database
  plan_stale         a saved plan no longer fits

After the plan it names the ways on: --accept-removals, --accept-refetch, sync.exclude, or
sync.deleted_playlists = "keep". No option overrides the others."""


def exit_codes(_config: Config | None) -> Iterator[str]:
    """Each code with its meaning."""
    for code, meaning in EXIT_CODES.items():
        first, *more = textwrap.wrap(meaning, _WIDTH)
        yield f"{int(code):4}  {first}"
        yield from (f"{'':6}{line}" for line in more)


def settings(_config: Config | None) -> Iterator[str]:
    """Each key with its default and meaning."""
    from strandline.app.settings import as_toml
    from strandline.config.keys import KEYS

    yield "A flag beats the environment, that beats config.toml, that beats the default."
    yield "`strandline config set KEY VALUE` changes one, `strandline config show` shows all."
    for key in KEYS:
        yield ""
        variable = f"  ({key.environment})" if key.environment else ""
        yield f"{key.name}  [{as_toml(key.default)}]{variable}"
        yield f"    {key.says}"


def files(config: Config | None) -> Iterator[str]:
    """Where everything is, with this person's folders if the settings can be read."""
    library = str(config.library) if config else "<library>"
    state = str(config.state_dir) if config else "<state folder>"
    yield f"{config.path if config else 'config.toml'}"
    yield "    the settings"
    yield f"{library}/mp3/Playlists/<playlist>/<Artist - Title>.<ext>"
    yield "    audio, or a link to it in another playlist's folder"
    yield f"{library}/.strandline/trash/<run>/"
    yield "    files removed by earlier syncs"
    yield f"{library}/.strandline/library.json"
    yield "    marks the folder as this library"
    yield f"{library}/.strandline/moves.json"
    yield "    where the audio of each track was before, for DJ programs and scripts"
    yield f"{library}/exports/"
    yield "    what `strandline export` writes"
    yield f"{library}/exports/"
    yield "    what `strandline export` writes for DJ programs and players"
    yield f"{config.database_url if config else f'{state}/strandline.db'}"
    yield "    the database: what TIDAL has, what is on disk, every run"
    yield f"{state}/logs/strandline.log"
    yield "    the log"
    yield f"{state}/login.json"
    yield "    the login, where there is no keyring"
    yield ""
    yield "Nothing else is written, but for where you tell an export to write."
    yield "`strandline doctor` looks at all of it."


def environment(_config: Config | None) -> Iterator[str]:
    """Each variable with its meaning."""
    for name, meaning in ENVIRONMENT.items():
        yield f"{name}"
        yield f"    {meaning}"


def safety(_config: Config | None) -> Iterator[str]:
    """What is promised, and each safety stop."""
    yield from SAFETY.splitlines()


TOPICS: Mapping[str, tuple[str, Callable[[Config | None], Iterator[str]]]] = {
    "exit-codes": ("What the exit codes mean.", exit_codes),
    "config": ("Every setting, its default and meaning.", settings),
    "files": ("What is where on the disk.", files),
    "safety": ("What is never done, and when a run stops.", safety),
    "environment": ("The variables that are read.", environment),
}
