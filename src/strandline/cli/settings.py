"""config show, path, edit, set, unset."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from strandline.cli.asking import confirmed
from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, command
from strandline.cli.output import clean
from strandline.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from strandline.app.settings import Written

config = LazyGroup(
    name="config",
    help="Show or change the settings. `strandline help config` explains each of them.",
    table={
        "show": Lazy("settings", "show", "Every setting, its value, and where it comes from."),
        "set": Lazy("settings", "set_", "Change one setting in the config file."),
        "unset": Lazy("settings", "unset", "Take a setting out of the config file again."),
        "edit": Lazy("settings", "edit", "Open the config file in your editor."),
        "path": Lazy("settings", "path", "Where the config file is."),
    },
)


def _complete_key(
    _ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from strandline.config.keys import KEYS

    return [CompletionItem(key.name) for key in KEYS if key.name.startswith(incomplete)]


def _complete_value(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from strandline.cli.names import complete_playlist
    from strandline.config.keys import BY_NAME

    key = BY_NAME.get(ctx.params.get("key") or "")
    if key is None:
        return []
    if key.name in ("sync.include", "sync.exclude", "sync.primary_priority"):
        return complete_playlist(ctx, _param, incomplete)
    if key.name == "library":
        return [CompletionItem(incomplete, type="dir")]
    return [CompletionItem(word) for word in key.words if word.startswith(incomplete)]


key_argument = click.argument("key", shell_complete=_complete_key)


@command("show", json=True, example="strandline config show\nstrandline config show audio.format")
@click.argument("keys", metavar="[KEY]...", nargs=-1, shell_complete=_complete_key)
def show(call: Call, keys: tuple[str, ...]) -> None:
    """Show every setting (or these), its value, and where that comes from.

    A section, such as `sync`, stands for all of its settings.
    Of what may hold a password or a token only the beginning is shown.
    """
    from strandline.app.documents import settings_document
    from strandline.app.settings import as_toml, shown
    from strandline.config.text import keys_named

    settings = call.config
    names = {key.name for word in keys for key in keys_named(word)}
    if call.json:
        call.output.document("config-show", settings_document(settings, names))
        return
    for key, value, source in shown(settings):
        if not names or key.name in names:
            call.output.line(f"{key.name} = {clean(as_toml(value))}  # {source}: {key.says}")
    if not names:
        call.output.line(f"# config file: {clean(str(settings.path))}")
        call.output.line(f"# state folder: {clean(str(settings.state_dir))}")


@command(
    "set",
    json=True,
    example="strandline config set audio.format flac\n"
    'strandline config set sync.exclude "Podcast*" "Old, to sort"\n'
    "strandline config set notify.urls - < addresses.txt",
)
@key_argument
@click.argument(
    "values", metavar="VALUE...", nargs=-1, required=True, shell_complete=_complete_value
)
def set_(call: Call, key: str, values: tuple[str, ...]) -> None:
    """Change one setting in the config file; comments and everything else stay as they are.

    A list is several values, or one such as '["A", "B"]'. With - the value is read from stdin, a
    line an item, so that a secret does not get into the history of your shell.
    """
    from strandline.app.settings import set_key

    words = _from_stdin(key) if values == ("-",) else values
    _tell(call, "config-set", set_key(os.environ, call.config_flag, key, words))


@command("unset", json=True, example="strandline config unset audio.format")
@key_argument
def unset(call: Call, key: str) -> None:
    """Take a setting out of the config file, so that its default counts again."""
    from strandline.app.settings import unset_key

    _tell(call, "config-unset", unset_key(os.environ, call.config_flag, key))


def _from_stdin(key: str) -> list[str]:
    from strandline.config.text import key_named

    key_named(key)  # before anybody types a secret
    if sys.stdin.isatty():
        sys.stderr.write(f"{key}, ended by Ctrl-D on a line of its own:\n")
    try:
        lines = [line.strip() for line in sys.stdin]
    except UnicodeDecodeError as error:
        raise UsageError("What was read from stdin is not UTF-8.") from error
    words = [line for line in lines if line]
    return ["\n".join(words)] if words and words[0].startswith("[") else words or [""]


def _tell(call: Call, document: str, written: Written) -> None:
    from strandline.app.documents import written_document
    from strandline.app.settings import as_toml

    if call.json:
        call.output.document(document, written_document(written))
    call.output.line(f"{written.key.name} = {clean(as_toml(written.value))}")
    if written.beaten_by:
        call.output.warn(
            f"Warning: {written.beaten_by} is set in the environment and beats the file."
        )


@command("path", json=True, example="strandline config path")
def path(call: Call) -> None:
    """Print where the config file is, whether or not it exists."""
    from strandline.app.documents import settings_path_document
    from strandline.config import config_path

    where = config_path(os.environ, call.config_flag)
    if call.json:
        call.output.document("config-path", settings_path_document(where))
    call.output.line(str(where))


@command("edit", example="strandline config edit\nEDITOR=nano strandline config edit")
def edit(call: Call) -> None:
    """Open the config file in your editor, made with every setting explained if need be.

    That is $VISUAL, else $EDITOR, else the first of the usual ones that is installed. The file is
    checked afterwards: a mistake is named with its line.
    """
    from strandline.app.settings import edit as edit_file

    def again(error: ConfigError) -> bool:
        if not sys.stdin.isatty():
            return False
        call.output.warn(f"Error: {clean(error.message)}")
        return confirmed("Edit it again?", default=True)

    on_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if not on_terminal and not {"VISUAL", "EDITOR"}.intersection(os.environ):
        raise UsageError(
            "There is no terminal for an editor.",
            hint="`strandline config path` says where the file is, and"
            " `strandline config set KEY VALUE` changes one setting.",
        )
    where = edit_file(os.environ, call.config_flag, again)
    call.output.talk(f"{clean(str(where))} is valid.")
