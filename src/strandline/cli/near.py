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
}
"""Other tools' words, for what is here under another name."""

OPTIONS: Mapping[str, str] = {
    "--dry-run": "`strandline sync-check` shows what a sync would do, and touches nothing.",
    "-n": "`strandline sync-check` shows what a sync would do, and touches nothing.",
    "--force": "Nothing goes past every safety stop; each names the ways on when it comes.",
    "--delete": "Nothing is deleted: what a sync removes goes to the trash (`strandline trash`).",
}
"""Other tools' options, and what takes their place."""


def near_commands(group: LazyGroup, name: str) -> list[str]:
    """At most three commands, nearest first; of the whole program where the group has none."""
    local = _near(name, list(group.table))
    if group.name != "strandline":
        return local
    everywhere = {" ".join(words): command for words, command in commands(group)}
    known = [alias for alias in ALIASES.get(name, ()) if alias in everywhere or alias[0] == "-"]
    below = [words for words in everywhere if words.endswith(f" {name}")]
    return list(dict.fromkeys([*known, *below, *local]))[:3]


def _near(name: str, names: list[str]) -> list[str]:
    begun = [one for one in names if one.startswith(name)] if len(name) > 1 else []
    return list(dict.fromkeys([*begun, *difflib.get_close_matches(name, names, n=2)]))


def option_advice(name: str, group: LazyGroup) -> str:
    """Where an option that this command lacks is to be had; empty where nobody knows it."""
    if name in OPTIONS:
        return OPTIONS[name]
    having = [
        f"`strandline {' '.join(words)}`"
        for words, command in commands(group)
        if any(name in param.opts for param in command.params) and not command.hidden
    ]
    return f"{name} is an option of {', '.join(having)}." if having else ""


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
