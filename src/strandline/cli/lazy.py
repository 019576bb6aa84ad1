"""Commands are imported when they are called: ``--help`` shows a table and imports nothing."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from strandline.cli.options import shared_options


class Lazy(NamedTuple):
    """Where a command is: ``module`` below this package, ``attribute`` in it, and what it does."""

    module: str
    attribute: str
    says: str


class LazyGroup(click.Group):
    """A group whose commands are named in a table, in the order in which help shows them."""

    def __init__(self, *args: Any, table: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table = table
        self.params += shared_options()

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, in the table's order."""
        return list(self.table)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """Import the command; None for an unknown name."""
        found = self.table.get(cmd_name)
        if found is None:
            return None
        command = getattr(import_module(f"strandline.cli.{found.module}"), found.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """The table, with nothing imported."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, found.says) for name, found in self.table.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, but an unknown name is answered with the nearest known one."""
        name = args[0] if args else ""
        if name not in self.table and not ctx.resilient_parsing and not name.startswith("-"):
            from strandline.cli.near import near_commands

            close = " or ".join(map(repr, near_commands(self, name)))
            hint = f" Did you mean {close}?" if close else ""
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)
