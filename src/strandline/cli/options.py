"""The options every command has, before and after its name, and what it gets of them."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from strandline.cli.output import Output
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.cli.progress import Shown
    from strandline.config import Config

_META = "strandline."
EMPTY = "Is a variable empty?"


class Call:
    """One call of a command: its settings and where its output goes."""

    def __init__(self, name: str, meta: dict[str, Any]) -> None:
        self.name, self._meta = name, meta
        flags = {key.removeprefix(_META): value for key, value in meta.items()}
        self._flags = flags
        self.json = bool(flags.get("json"))
        self.verbose = bool(flags.get("verbose"))
        self.quiet = bool(flags.get("quiet"))
        self.output = Output(json=self.json, quiet=self.quiet)
        self._shown: Shown | None = None

    @cached_property
    def config(self) -> Config:
        """The settings, read when first asked for. ConfigError."""
        return load(self._flags)

    @property
    def config_flag(self) -> str | None:
        """``--config``, if it was given."""
        return self._flags.get("config")

    @property
    def library_flag(self) -> str | None:
        """``--library``, if it was given."""
        return self._flags.get("library")

    def anew(self) -> Call:
        """The same call with the settings as they are now, ``--library`` forgotten."""
        return Call(self.name, {k: v for k, v in self._meta.items() if k != f"{_META}library"})

    @contextmanager
    def showing(self) -> Iterator[Shown]:
        """What shows a use case's progress on stderr, gone at the end."""
        from strandline.cli.progress import progress_for

        self._shown = progress_for(self.output, verbose=self.verbose)
        try:
            yield self._shown
        finally:
            self.hide_progress()

    def hide_progress(self) -> None:
        """Take a bar away, to show or ask something; the next phase brings a new one."""
        if self._shown is not None:
            self._shown.close()

    def start_log(self) -> None:
        """Everything from here on is logged in the state folder."""
        from strandline.app.command_name import command
        from strandline.app.logs import start_log

        command.set(self.name.removeprefix("strandline "))
        start_log(self.config.state_dir, verbose=self.verbose)
        logging.getLogger(__name__).info("%s began in %s", self.name, self.config.library)


def load(flags: dict[str, Any]) -> Config:
    """The settings by flags, environment and file. ConfigError."""
    from strandline.config import load_config

    return load_config(
        os.environ,
        config=flags.get("config"),
        library=flags.get("library"),
        database_url=flags.get("database_url"),
    )


def flags_of(ctx: click.Context) -> dict[str, Any]:
    """The shared flags as far as they have been read, for completion."""
    return {key.removeprefix(_META): value for key, value in ctx.meta.items()}


class Place(click.Path):
    """A file or folder by name. An empty name is an unset variable, never the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The name as it was given. Raises UsageError where there is none."""
        if not os.fspath(value).strip():
            what = "A file or folder" if param is None else _spelled(param)
            raise UsageError(f"{what} names no place.", hint=EMPTY, code="no_place")
        return super().convert(value, param, ctx)


def _spelled(param: click.Parameter) -> str:
    return param.opts[0] if param.opts[0].startswith("-") else param.human_readable_name


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """The later one counts: what stands after a command's name beats what stands before it."""
    if value:
        ctx.meta[f"{_META}{param.name}"] = value
    return value


def shared_options() -> list[click.Parameter]:
    """Fresh ones for each command; their values go to the context's ``meta``."""

    def option(*names: str, **how: Any) -> click.Parameter:
        return click.Option(names, expose_value=False, callback=_keep, is_eager=True, **how)

    return [
        option("--config", metavar="FILE", help="The config file.", type=Place()),
        option("--library", metavar="FOLDER", help="The folder with mp3/.", type=Place()),
        option(
            "--database-url", metavar="URL", help="sqlite:/// and a path, or a path.", type=Place()
        ),
        option("-v", "--verbose", is_flag=True, help="Show every line of a plan, log more."),
        option("-q", "--quiet", is_flag=True, help="Only results and problems, no progress."),
    ]


class SharedCommand(click.Command):
    """A command with the shared options, and an example in its help."""

    def __init__(self, *args: Any, example: str = "", json: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example
        if json:
            help_text = "Print one JSON document on stdout."
            self.params.append(
                click.Option(
                    ("--json",), is_flag=True, expose_value=False, callback=_keep, help=help_text
                )
            )
        self.params += shared_options()

    def invoke(self, ctx: click.Context) -> Any:
        """Call the command with its ``Call``."""
        meta = {key: value for key, value in ctx.meta.items() if key.startswith(_META)}
        ctx.obj = Call(ctx.command_path, meta)
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example, line by line as written."""
        super().format_epilog(ctx, formatter)
        if self.example:
            with formatter.section("Example"):
                for line in self.example.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


def command(
    name: str, *, example: str, json: bool = False
) -> Callable[[Callable[..., Any]], SharedCommand]:
    """Make a function ``(call, …) -> exit code or None`` a command. Its docstring is the help."""

    def make(function: Callable[..., Any]) -> SharedCommand:
        made = click.command(name, cls=SharedCommand, example=example, json=json)
        return made(click.pass_obj(function))

    return make
