"""help: a command's help, or a topic's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from strandline.cli.lazy import LazyGroup
from strandline.cli.options import Call, command
from strandline.cli.output import clean
from strandline.cli.topics import TOPICS
from strandline.errors import StrandlineError, UsageError

if TYPE_CHECKING:
    from strandline.config import Config


def _complete(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    from strandline.cli.main import cli

    group: click.Command | None = cli
    for word in ctx.params.get("topic") or ():
        group = group.get_command(ctx, word) if isinstance(group, LazyGroup) else None
    names = [(n, c.says) for n, c in group.table.items()] if isinstance(group, LazyGroup) else []
    if group is cli:
        names += [(n, says) for n, (says, _) in TOPICS.items() if n not in cli.table]
    return [CompletionItem(n, help=says) for n, says in names if n.startswith(incomplete)]


@command("help", example="strandline help sync-check\nstrandline help exit-codes")
@click.argument("topic", nargs=-1, metavar="[TOPIC]...", shell_complete=_complete)
@click.pass_context
def help_(ctx: click.Context, call: Call, topic: tuple[str, ...]) -> None:
    """Show the help of a command, or of a topic: config, environment, exit-codes, files, safety."""
    from strandline.cli.main import cli
    from strandline.cli.pager import paged

    root = ctx.find_root()
    if not topic:
        call.output.line(cli.get_help(root))
        return
    name = " ".join(topic)
    text = _command_help(root, topic)
    if text is None and name not in TOPICS:
        raise _unknown(topic)
    with paged(call.output):
        if text is not None:
            call.output.line(text)
        if name in TOPICS:
            call.output.line(f"\n{TOPICS[name][0]}\n" if text else f"{TOPICS[name][0]}\n")
            for line in TOPICS[name][1](_settings(call)):
                call.output.line(clean(line))


def _settings(call: Call) -> Config | None:
    """This person's settings, unless they are broken: then help is needed all the more."""
    try:
        return call.config
    except StrandlineError:
        return None


def _command_help(root: click.Context, words: tuple[str, ...]) -> str | None:
    """What ``--help`` prints; None where there is no such command."""
    command, context = root.command, root
    for word in words:
        found = command.get_command(context, word) if isinstance(command, LazyGroup) else None
        if found is None:
            return None
        command, context = found, click.Context(found, info_name=word, parent=context)
    return command.get_help(context)


def _unknown(words: tuple[str, ...]) -> UsageError:
    import difflib

    from strandline.cli.main import cli
    from strandline.cli.near import near_commands

    name = " ".join(words)
    begun = [topic for topic in TOPICS if topic.startswith(name)]
    close = [*begun, *difflib.get_close_matches(name, TOPICS, n=1), *near_commands(cli, name)]
    named = " or ".join(map(repr, list(dict.fromkeys(close))[:3]))
    near = f" Did you mean {named}?" if close else ""
    return UsageError(
        f"There is no command or topic {name!r}.{near}",
        hint=f"Topics: {', '.join(TOPICS)}. Commands: see `strandline --help`.",
    )
