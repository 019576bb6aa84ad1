"""The entry point: the table of commands, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from strandline import __version__
from strandline.cli import streams
from strandline.cli.lazy import Lazy, LazyGroup
from strandline.errors import Exit, StrandlineError

COMMANDS = {
    "init": Lazy("init", "init", "Set up: login, library, format, playlists."),
    "auth": Lazy("auth", "auth", "Log in to TIDAL, out, or see who is."),
    "sync-check": Lazy("check", "sync_check", "Show what a sync would do; touch nothing."),
    "sync-execute": Lazy("execute", "sync_execute", "Make the library mirror TIDAL."),
    "sync-status": Lazy("reports", "sync_status", "How things stood at the last check, instantly."),
    "tracks": Lazy("find", "tracks", "Where tracks are, and how they stand."),
    "why": Lazy("find", "why", "Explain where a track is, and what was done with it."),
    "dedupe-report": Lazy("reports", "dedupe_report", "Tracks in several playlists, space saved."),
    "verify": Lazy("verify", "verify", "Read every file and link, and find what is damaged."),
    "export": Lazy("export", "export", "Hand the playlists over to DJ programs and players."),
    "history": Lazy("history", "history", "The runs so far."),
    "undo": Lazy("history", "undo", "Take back what a run did."),
    "import": Lazy("importing", "import_command", "Take in music that you already have."),
    "review": Lazy("review", "review", "Say what the files are that import was not sure about."),
    "recordings": Lazy(
        "recordings", "recordings", "Say which track ids are one recording, and which never are."
    ),
    "reapply": Lazy("reapply", "reapply", "Let existing files follow today's settings."),
    "trash": Lazy("trash", "trash", "Files removed by earlier syncs: list, restore, empty."),
    "db": Lazy("database", "db", "The database: its version, bring it up to date."),
    "doctor": Lazy("doctor", "doctor", "Check login, folders, disk and database."),
    "config": Lazy("settings", "config", "Show or change the settings."),
    "service": Lazy("service", "service", "Sync every night by itself: install, status, remove."),
    "demo": Lazy("demo", "demo", "See it work with a made-up account; needs no login."),
    "completion": Lazy("completion", "completion", "Print the completion script of your shell."),
    "help": Lazy("help", "help_", "The help of a command, or of a topic such as exit-codes."),
}

_HELP = """Mirrors your TIDAL playlists into a music collection on disk.

Each track is downloaded once; every other playlist that has it holds a link. Begin with
`strandline init`, look with `strandline sync-check`, go with `strandline sync-execute`.
"""

cli = LazyGroup(
    name="strandline",
    table=COMMANDS,
    help=_HELP,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    from strandline.cli.options import flags_of

    click.echo(f"strandline, version {__version__}")
    if flags_of(ctx).get("verbose"):
        from strandline.app.versions import versions

        for name, version in list(versions().items())[1:]:
            click.echo(f"{name} {version}")
    ctx.exit()


cli.params.insert(
    0,
    click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        callback=_show_version,
        help="Show the version and exit; with -v also those of the libraries it uses.",
    ),
)


def main() -> None:
    """What the ``strandline`` command runs."""
    streams.use_utf8()
    streams.prepare()
    out, _ = streams.keep_going()
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.exit(_code(code, out.failed))


def _code(code: int, failed: OSError | None) -> int:
    """A reader who has gone (`| head`) asked for no more; anything else is an output that lacks."""
    if failed is None or isinstance(failed, BrokenPipeError):
        return code
    sys.stderr.write(f"Error: the output could not be written completely: {failed.strerror}.\n")
    return int(Exit.SOME_FAILED) if code in (Exit.DONE, Exit.CHANGES_PENDING) else code


def run(arguments: Sequence[str]) -> int:
    """Run one command; its exit code. Nothing but SystemExit of a killed process gets out."""
    from strandline.cli import failure

    json = "--json" in arguments
    flags = _flags(arguments)
    if "_STRANDLINE_COMPLETE" in os.environ:
        from strandline.cli.completion import register

        register()
    try:
        code = cli.main(list(arguments), prog_name="strandline", standalone_mode=False)
        sys.stdout.flush()
        failure.note_end(int(code or 0))
        return int(code or 0)
    except StrandlineError as error:
        return failure.fail(error, json=json)
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{error.format_message()}\n")
        return int(Exit.USAGE)
    except click.ClickException as error:
        return failure.fail_usage(error, json=json)
    except (KeyboardInterrupt, click.Abort) as error:
        return failure.fail_interrupted(error, json=json)
    except Exception as error:  # noqa: BLE001 - the last resort: no traceback reaches a person
        return failure.fail_bug(error, flags, json=json)
    finally:
        _close_log()


def _flags(arguments: Sequence[str]) -> dict[str, str]:
    """The settings on the command line, read roughly, to find the log when all else failed."""
    names = {"--config": "config", "--library": "library", "--database-url": "database_url"}
    return {names[name]: value for name, value in pairwise(arguments) if name in names}


def _close_log() -> None:
    if "strandline.app.logs" in sys.modules:
        from strandline.app.logs import stop_log

        stop_log()
