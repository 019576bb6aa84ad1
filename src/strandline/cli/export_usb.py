"""export usb: real copies for DJ players, on a stick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from strandline.cli.names import complete_playlist
from strandline.cli.options import Call, Place, command
from strandline.cli.output import Output, clean, plural
from strandline.core.sizes import size

if TYPE_CHECKING:
    from strandline.app.usb import StickResult
    from strandline.app.usb_plan import StickPlan

PLAYERS = ("cdj3000", "nxs2", "nxs", "xdj1000mk2", "xdjxz", "rx3", "old")


@command(
    "usb",
    json=True,
    example="strandline export usb --to /media/ana/STICK --player nxs2\n"
    'strandline export usb --to /media/ana/STICK --player old --playlist "Deep House"',
)
@click.option(
    "--to",
    metavar="DIR",
    required=True,
    type=Place(),
    help="The stick, or a folder on it that is there already.",
)
@click.option(
    "--player",
    required=True,
    type=click.Choice(PLAYERS),
    help="What will play it: CDJ-3000, CDJ-2000NXS2, CDJ-2000NXS and others without FLAC,"
    " XDJ-1000MK2, XDJ-XZ, XDJ-RX3, or anything older.",
)
@click.option(
    "--playlist",
    "playlists",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_playlist,
    help="Put this playlist there, by name or uuid; may be given several times. Those that are"
    " there already stay and are brought up to date.",
)
@click.option("--prune", is_flag=True, help="With --playlist: playlists not named go.")
@click.option(
    "--convert-to",
    type=click.Choice(["aiff", "mp3"]),
    default="aiff",
    show_default=True,
    help="What becomes of lossless music that the player does not play as it is.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only tell; exit with 3 if there is work.")
def usb(
    call: Call,
    to: str,
    player: str,
    playlists: tuple[str, ...],
    prune: bool,
    convert_to: str,
    dry_run: bool,
) -> int:
    """Copy the playlists and their music to a stick for DJ players.

    Music goes to Music/ARTIST, as it is where the player plays it, else as AIFF or MP3; the
    playlists go to Playlists, as M3U8. A second run copies only what has changed, and takes away
    what has left the playlists. Nothing is touched that strandline did not put there. Pulled out
    too early, the stick holds whole files only, and the next run goes on.
    """
    if prune and not playlists:
        raise click.UsageError("--prune goes with --playlist.")
    from strandline.app.usb import UsbRequest, export_usb
    from strandline.app.usb_document import usb_document
    from strandline.cli.execute import interruptible

    call.start_log()
    with call.showing() as progress:
        ended = export_usb(
            call.config,
            to,
            UsbRequest(player, playlists, prune, convert_to),
            progress,
            dry_run=dry_run,
            planned=lambda plan: _show_room(call, plan),
            watch=interruptible(call, progress.note),
        )
    if call.json:
        call.output.document("export", usb_document(ended))
    _show(call, ended)
    return ended.exit


def _show_room(call: Call, plan: StickPlan) -> None:
    call.hide_progress()
    call.output.talk(_work_and_room(plan))


def _work_and_room(plan: StickPlan) -> str:
    room = [f"up to {size(plan.needed)} needed"] if plan.needed else []
    room += [f"{size(plan.free)} free"] if plan.free is not None else []
    return f"{_work(plan)}{': ' if room else ''}{', '.join(room)}."


def _work(plan: StickPlan) -> str:
    """``3 tracks to copy, 1 to convert, 2 files to remove``."""
    kinds = [job.action for job in plan.jobs]
    counts = (
        (kinds.count("copy"), "track", "to copy"),
        (kinds.count("convert"), "track", "to convert"),
        (plan.playlists_changed, "playlist", "to write"),
        (len(plan.removals), "file", "to remove"),
    )
    words = [f"{plural(number, thing)} {verb}" for number, thing, verb in counts if number]
    return ", ".join(words) or "Nothing to copy"


def _show(call: Call, ended: StickResult) -> None:
    from strandline.cli import run_view
    from strandline.cli.export import show_left_out

    plan, output = ended.plan, call.output
    if call.quiet and ended.result is None and not ended.dry_run:
        return
    if ended.result is not None and ended.only_noted:
        output.line(f"Run {ended.result.run}: {_noted(plan)}.")
    elif ended.result is not None:
        run_view.show(ended.result, output)
    elif ended.dry_run:
        _show_plan(plan, output, verbose=call.verbose)
    else:
        output.line("Nothing has changed since the last export.")
    contents = ended.contents
    there = f"{plural(contents.playlists, 'playlist')}, {plural(contents.tracks, 'track')}"
    output.line(f"{clean(plan.folder)} for {plan.player.word}: {there}.")
    show_left_out(call, plan.left_out)
    for warning in plan.warnings:
        output.warn(f"Warning: {clean(warning.message)}")


def _noted(plan: StickPlan) -> str:
    """Why there was a run although nothing had to be copied."""
    if plan.former_player not in ("", plan.player.word):
        for_ = f"{plan.player.word} as for {plan.former_player}"
        return f"nothing had to be copied, for what is there is right for {for_}"
    return "nothing had to be copied, and what is noted of the stick is up to date now"


_SHOWN = 60


def _show_plan(plan: StickPlan, output: Output, *, verbose: bool) -> None:
    output.line(_work_and_room(plan))
    lines = [f"  {job.action:<8} {clean(job.path)}" for job in plan.jobs]
    lines += [f"  {'remove':<8} {clean(path)}" for path in plan.removals]
    shown = lines if verbose else lines[:_SHOWN]
    for line in shown:
        output.line(line)
    if len(lines) > len(shown):
        output.line(f"  … and {len(lines) - len(shown):,} more (-v shows them)")
    for item in plan.failed:
        output.warn(f"  cannot be copied: {clean(item.path)}: {clean(item.error)}")
