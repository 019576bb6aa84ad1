"""init: a few questions, or flags in their place, and a config file."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from strandline.cli.asking import confirmed
from strandline.cli.names import complete_playlist
from strandline.cli.options import Call, command
from strandline.cli.output import clean, is_colourful, plural
from strandline.core.sizes import size
from strandline.errors import LoginError, StrandlineError, UsageError

if TYPE_CHECKING:
    from strandline.app.init import Answers, Offered, Saved
    from strandline.core.selection import Selection

_FORMATS = {
    "mp3": "encoded here: plays everywhere, costs time and some quality",
    "flac": "lossless, three times as large; tracks that come as AAC stay so, and are named",
    "aiff": "lossless like flac, uncompressed, with ID3 tags",
    "original": "the same files as with flac, but tracks that come as AAC are not named",
}
_LISTED = 5
"""Items of a list that are shown."""
_FOLLOWED = "tidal.favorite_playlists"
_LIKES = {
    _FOLLOWED: "Also sync playlists of others that you follow?",
    "tidal.favorite_tracks": "Also sync your favourite tracks, as a playlist?",
    "tidal.favorite_albums": "Also sync your favourite albums, a playlist each?",
}


def _complete_format(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from strandline.config.keys import BY_NAME

    words = BY_NAME["audio.format"].words
    return [CompletionItem(w) for w in words if w.startswith(incomplete)]


@command(
    "init",
    json=True,
    example="strandline init\n"
    "strandline init --library /srv/music --format flac --all-playlists --yes\n"
    'strandline init --playlist "Deep House" --playlist "Peak Time"',
)
@click.option(
    "--format", "format_", metavar="FORMAT", shell_complete=_complete_format,
    help="mp3 (encoded here), flac or original.",
)  # fmt: skip
@click.option("--all-playlists", is_flag=True, help="Every playlist, those made later included.")
@click.option(
    "--playlist",
    "playlists",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_playlist,
    help="Only this playlist; may be given several times.",
)
@click.option(
    "--favorite-playlists/--no-favorite-playlists",
    default=None,
    help="Also playlists of others that you follow, or not.",
)
@click.option(
    "--favorite-tracks/--no-favorite-tracks",
    default=None,
    help="Also your favourite tracks, as a playlist, or not.",
)
@click.option(
    "--favorite-albums/--no-favorite-albums",
    default=None,
    help="Also your favourite albums, a playlist each, or not.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: take the flags, and leave the rest.")
def init(
    call: Call,
    format_: str | None,
    all_playlists: bool,
    playlists: tuple[str, ...],
    yes: bool,
    **likes: bool | None,
) -> int:
    """Set strandline up: login, library, format, which playlists; then a first check.

    Asks what no flag says, and writes the answers into the config file. Run again, it shows today's
    answers, and changes only what you answer otherwise. Without a terminal, or with --yes, it asks
    nothing and does not log in.
    """
    if all_playlists and playlists:
        raise UsageError("--all-playlists and --playlist exclude each other.")
    from strandline.app.init import has_login, next_command, save_answers

    flags = _Flags(call, format_, all_playlists, playlists, likes)
    answers = flags.answers()
    asks = sys.stdin.isatty() and not yes
    try:
        logged_in = _Questions(call, answers).ask() if asks else has_login(call.config)
    except (KeyboardInterrupt, click.Abort) as interrupt:
        done = ", and you are logged in" if has_login(call.config) else ""
        told = f"Aborted: no settings were written{done}. `strandline init` begins again."
        raise KeyboardInterrupt(told) from interrupt
    saved = save_answers(call.config, answers)
    next_ = next_command(call.config) if logged_in else "strandline auth login --pkce"
    _tell(call, saved)
    if call.json:
        from strandline.app.documents import init_document

        document = init_document(saved, logged_in=logged_in, next_command=next_)
        call.output.document("init", document)
    elif asks and logged_in:
        return _first_check(call)
    call.output.talk(f"Next: `{next_}`.")
    return 0


class _Flags:
    """What the command line says already."""

    def __init__(
        self,
        call: Call,
        format_: str | None,
        all_playlists: bool,
        playlists: tuple[str, ...],
        likes: Mapping[str, bool | None],
    ) -> None:
        self._call, self._format, self._all = call, format_, all_playlists
        self._playlists, self._likes = playlists, likes

    def answers(self) -> Answers:
        """As values of the file, checked. UsageError."""
        from strandline.app.init import Answers, library_answer, selection_named
        from strandline.config.keys import BY_NAME
        from strandline.config.writing import toml_value
        from strandline.core.selection import Selection

        answers = Answers()
        if self._call.library_flag:
            answers.values["library"] = library_answer(self._call.library_flag)
        if self._format is not None:
            answers.values["audio.format"] = toml_value(BY_NAME["audio.format"], [self._format])
        given = {name: like for name, like in self._likes.items() if like is not None}
        answers.values |= {f"tidal.{name}": like for name, like in given.items()}
        if self._all:
            answers.select(Selection())
        if self._playlists:
            answers.select(selection_named(self._call.config, self._playlists, self._warn))
        return answers

    def _warn(self, error: UsageError) -> None:
        self._call.output.warn(f"Warning: {clean(error.message)} {clean(error.hint)}")


class _Questions:
    """Asked on a terminal, each with today's answer; what a flag said is not asked."""

    def __init__(self, call: Call, answers: Answers) -> None:
        self._call, self._config, self._answers = call, call.config, answers
        self._say = call.output.warn

    def ask(self) -> bool:
        """Fill in the answers; whether there is a login now. Nothing is written but that."""
        self._call.start_log()
        logged_in = self._log_in()
        self._ask_library()
        self._ask_format()
        self._ask_likes()
        if "sync.include" not in self._answers.values:
            self._ask_playlists(logged_in)
        return logged_in

    def _log_in(self) -> bool:
        from strandline.cli.auth import chosen_way, log_in

        self._title("Login")
        if (kept := self._kept_login()) is not None:
            return kept
        way = chosen_way(self._call, "later")
        if way == "later":
            return False
        try:
            who = log_in(self._call, by_page=way == "pkce", no_browser=False)
        except LoginError as error:
            self._say(f"{clean(error.message)} Going on without; `strandline auth login` later.")
            return False
        self._say(f"Logged in as TIDAL user {who.user_id} ({who.country}).")
        return True

    def _kept_login(self) -> bool | None:
        """Whether the login of today is used; None if there has to be a new one."""
        from strandline.app.init import has_login
        from strandline.app.login import who_is
        from strandline.cli.auth import DEVICE_ADVICE

        if not has_login(self._config):
            return None
        try:
            with self._call.showing() as progress:
                who = who_is(self._config, progress)
        except LoginError as error:
            self._say(clean(error.message))
            return None
        self._say(f"Logged in as TIDAL user {who.user_id} ({who.country}).")
        if who.way != "device":
            return True
        self._say(DEVICE_ADVICE)
        return None if self._confirm("Log in again?", default=False) else True

    def _ask_library(self) -> None:
        from strandline.app.init import library_answer
        from strandline.app.library_folder import free_bytes

        if "library" in self._answers.values:
            return
        self._title("Library")
        self._say("The folder for your music: audio and links go below mp3/Playlists/ in it.")
        default = _tilde(os.fspath(self._config.library))
        while True:
            text = str(click.prompt("Folder", default=default, err=True))
            try:
                self._answers.values["library"] = library_answer(text)
            except StrandlineError as error:
                self._say(f"{clean(error.message)} {clean(error.hint)}")
                continue
            break
        free = free_bytes(Path(os.path.expanduser(text)).absolute())
        if free is not None:
            self._say(f"{size(free)} are free there.")

    def _ask_format(self) -> None:
        from strandline.config.keys import BY_NAME

        if "audio.format" in self._answers.values:
            return
        self._title("Format")
        words = BY_NAME["audio.format"].words
        for word in words:
            self._say(f"{word:8}  {_FORMATS.get(word, '')}")
        chosen = click.prompt(
            "Format", type=click.Choice(words), default=self._config.audio_format, err=True
        )
        self._answers.values["audio.format"] = str(chosen)

    def _ask_likes(self) -> None:
        from strandline.config.keys import BY_NAME

        self._title("Playlists")
        for name, question in _LIKES.items():
            if name in BY_NAME and name not in self._answers.values:
                today = bool(getattr(self._config, BY_NAME[name].attribute))
                wanted = self._confirm(question, default=today)
                if wanted != today or name == _FOLLOWED:
                    self._answers.values[name] = wanted

    def _ask_playlists(self, logged_in: bool) -> None:
        from strandline.app.init import selection_of
        from strandline.cli.ticks import can_tick

        today = selection_of(self._config)
        offered = self._offered() if logged_in else []
        if not offered or not can_tick():
            self._keep(today)
            return
        ticked = self._tick(offered, today)
        names = [one.name for one in offered]
        before = {name for name in names if today.has(name)}
        self._say(f"{len(ticked):,} of {plural(len(names), 'playlist')}.")
        if ticked != before:
            self._answers.select(self._selected(names, ticked, today))

    def _selected(self, names: list[str], ticked: set[str], today: Selection) -> Selection:
        from strandline.core.selection import selected

        most = not today.include and 2 * len(ticked) > len(names)
        new_ones = len(ticked) == len(names) or self._confirm(
            "Also sync playlists that you make later?", default=most
        )
        return selected(names, ticked, today, new_ones=new_ones)

    def _offered(self) -> list[Offered]:
        from strandline.app.init import offered_playlists

        try:
            with self._call.showing() as progress:
                offered = offered_playlists(self._config, progress)
        except StrandlineError as error:
            self._say(f"Your playlists could not be listed: {clean(error.message)}")
            return []
        likes = self._answers.values.get(
            "tidal.favorite_playlists", self._config.tidal_favorite_playlists
        )
        return [one for one in offered if likes or not one.followed]

    def _keep(self, today: Selection) -> None:
        what = "as the settings have it" if today.include or today.exclude else "all of them"
        self._say(f"Playlists: {what}. `strandline init --playlist NAME` chooses some.")

    def _tick(self, offered: list[Offered], today: Selection) -> set[str]:
        from strandline.cli.ticks import Row, tick

        rows = [Row(one.name, _about(one)) for one in offered]
        before = {n for n, one in enumerate(offered) if today.has(one.name)}
        chosen = tick("Which playlists?", rows, before)
        return {offered[number].name for number in chosen}

    def _confirm(self, question: str, *, default: bool) -> bool:
        return confirmed(question, default=default)

    def _title(self, text: str) -> None:
        self._say(f"\n\x1b[1m{text}\x1b[0m" if is_colourful(sys.stderr) else f"\n{text}")


def _about(one: Offered) -> str:
    return f"{plural(one.tracks, 'track')}{', followed' if one.followed else ''}"


def _tilde(path: str) -> str:
    home = os.path.expanduser("~")
    return f"~{path[len(home) :]}" if path.startswith(f"{home}/") else path


def _tell(call: Call, saved: Saved) -> None:
    from strandline.app.settings import as_toml

    for name, value in saved.changed.items():
        call.output.line(f"{name} = {clean(as_toml(_short(value)))}")
    path = clean(str(saved.path))
    changed = saved.created or saved.changed
    call.output.talk(f"{'Saved in' if changed else 'Nothing changed in'} {path}.")
    variable = "STRANDLINE_LIBRARY"
    if "library" in saved.changed and os.environ.get(variable):
        call.output.warn(f"Warning: {variable} is set in the environment and beats the file.")


def _short(value: Any) -> Any:
    """A long list by its beginning; the file has it whole."""
    if not isinstance(value, list) or len(value) <= _LISTED:
        return value
    return [*value[:_LISTED], f"… {len(value) - _LISTED} more"]


def _first_check(call: Call) -> int:
    if not confirmed("Check what a sync would do now?", default=True):
        call.output.talk("Next: `strandline sync-check`.")
        return 0
    from strandline.cli.check import sync_check

    context = click.get_current_context()
    context.obj = call.anew()
    code = context.invoke(sync_check)
    call.output.talk("Next: `strandline sync-execute`.")
    return int(code or 0)
