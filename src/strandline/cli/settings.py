"""config show, path, edit."""

from __future__ import annotations

import os

from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, command
from strandline.cli.output import clean

config = LazyGroup(
    name="config",
    help="Show or edit the settings.",
    table={
        "show": Lazy("settings", "show", "Every setting, its value, and where it comes from."),
        "path": Lazy("settings", "path", "Where the config file is."),
        "edit": Lazy("settings", "edit", "Open the config file in your editor."),
    },
)


@command("show", json=True, example="strandline config show")
def show(call: Call) -> None:
    """Show every setting, its value, and whether a flag, the environment or a file set it."""
    from strandline.app.documents import settings_document
    from strandline.app.settings import as_toml, shown

    settings = call.config
    if call.json:
        call.output.document("config-show", settings_document(settings))
        return
    for key, value, source in shown(settings):
        call.output.line(f"{key.name} = {clean(as_toml(value))}  # {source}: {key.says}")
    call.output.line(f"# config file: {clean(str(settings.path))}")
    call.output.line(f"# state folder: {clean(str(settings.state_dir))}")


@command("path", json=True, example="strandline config path")
def path(call: Call) -> None:
    """Print where the config file is, whether or not it exists."""
    from strandline.app.documents import settings_path_document
    from strandline.config import config_path

    where = config_path(os.environ, call.config_flag)
    if call.json:
        call.output.document("config-path", settings_path_document(where))
    call.output.line(str(where))


@command("edit", example="EDITOR=nano strandline config edit")
def edit(call: Call) -> None:
    """Open the config file in $VISUAL or $EDITOR, made with every setting explained if need be.

    It is checked afterwards: a mistake is told with its line.
    """
    from strandline.app.settings import edit as edit_file

    where = edit_file(os.environ, call.config_flag)
    call.output.talk(f"{clean(str(where))} is fine.")
