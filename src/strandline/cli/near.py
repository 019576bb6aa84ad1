"""What a person may have meant by a command or an option that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

import click

from strandline.cli.lazy import LazyGroup

ALIASES: Mapping[str, tuple[str, ...]] = {
    "sync": ("sync-check", "sync-execute"),
    "check": ("sync-check",),
    "plan": ("sync-check",),
    "diff": ("sync-check",),
    "dry-run": ("sync-check",),
    "execute": ("sync-execute",),
    "run": ("sync-execute",),
    "pull": ("sync-execute",),
    "download": ("sync-execute",),
    "status": ("sync-status",),
    "playlists": ("sync-status",),
    "dedupe": ("dedupe-report",),
    "duplicates": ("dedupe-report",),
    "setup": ("init",),
    "configure": ("init",),
    "settings": ("config show",),
    "whoami": ("auth status",),
    "ls": ("tracks",),
    "list": ("tracks",),
    "find": ("tracks",),
    "search": ("tracks",),
    "explain": ("why",),
    "filestatus": ("why",),
    "log": ("history",),
    "logs": ("history",),
    "runs": ("history",),
    "snapshots": ("history",),
    "revert": ("undo",),
    "rollback": ("undo",),
    "migrate": ("db upgrade",),
    "cron": ("service install",),
    "schedule": ("service install",),
    "cleanup": ("trash empty",),
    "prune": ("trash empty",),
    "test": ("doctor",),
    "check-health": ("doctor",),
    "version": ("--version",),
    "which": ("why", "tracks"),
    "info": ("why",),
    "apply": ("sync-execute",),
    "update": ("sync-execute",),
    "upgrade": ("db upgrade",),
    "uninstall": ("service remove",),
}
"""Other tools' words, for what is here under another name."""

IN_GROUPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "config": {"get": ("show",), "list": ("show",), "ls": ("show",), "open": ("edit",)},
    "trash": {"ls": ("list",), "show": ("list",), "rm": ("empty",), "clear": ("empty",)},
    "service": {"uninstall": ("remove",), "enable": ("install",), "disable": ("remove",)},
}
"""The same within a group."""

_LOOK = "`strandline sync-check` shows what a sync would do, and touches nothing."
_TRASH = "Nothing is deleted: what a sync removes goes to the trash (`strandline trash`)."
_FORCE = "There is no option that skips all safety stops. When a run stops, it prints how to go on."
_NAMED = 3
_OF_PLAYLISTS = ("sync-check", "sync-execute", "sync-status", "tracks", "verify")
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "--dry-run": {"sync-check": _LOOK, "": _LOOK},
    "--dryrun": {"sync-check": _LOOK, "": _LOOK, "sync-execute": "Did you mean --dry-run?"},
    "-n": {"sync-check": _LOOK, "": _LOOK, "history": "Did you mean --limit?"},
    "--force": {"sync-execute": _FORCE, "sync-check": _FORCE, "": _FORCE},
    "-f": {"sync-execute": _FORCE},
    "--delete": {"sync-execute": _TRASH, "sync-check": _TRASH, "": _TRASH},
    "-p": dict.fromkeys(_OF_PLAYLISTS, "Did you mean --playlist?"),
    "-V": {"": "Did you mean --version?"},
}
"""Other tools' options, and by command (the program itself has no name) what takes their place."""


def near_commands(group: LazyGroup, name: str) -> list[str]:
    """At most three commands, nearest first; of the whole program where the group has none."""
    local = _near(name, list(group.table))
    if name in (aliases := IN_GROUPS.get(group.name or "", {})):
        return [*aliases[name]]
    if group.name != "strandline":
        return local
    everywhere = {" ".join(words): command for words, command in commands(group)}
    known = [alias for alias in ALIASES.get(name, ()) if alias in everywhere or alias[0] == "-"]
    below = [words for words in everywhere if words.endswith(f" {name}")]
    return list(dict.fromkeys([*known, *below, *local]))[:3]


def _near(name: str, names: list[str]) -> list[str]:
    begun = [one for one in names if one.startswith(name)] if len(name) > 1 else []
    return list(dict.fromkeys([*begun, *difflib.get_close_matches(name, names, n=2)]))


def option_advice(name: str, command: str, group: LazyGroup) -> str:
    """Where an option that ``command`` lacks is to be had; empty where nobody knows it."""
    if advice := OPTIONS.get(name, {}).get(command):
        return advice
    having = [
        f"`strandline {' '.join(words)}`"
        for words, command in commands(group)
        if any(name in param.opts for param in command.params) and not command.hidden
    ]
    return f"{name} is an option of {', '.join(having)}." if 0 < len(having) <= _NAMED else ""


def commands(
    group: LazyGroup, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command with its words, groups' own included; all of them are imported."""
    for name in group.table:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        yield (*path, name), command
        if isinstance(command, LazyGroup):
            yield from commands(command, (*path, name))
