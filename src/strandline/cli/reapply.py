"""reapply."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from strandline.cli.asking import confirmed
from strandline.cli.check import playlist_option
from strandline.cli.options import Call, command
from strandline.cli.output import Output
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.app.reapply import Reapplied


@command(
    "reapply",
    json=True,
    example="strandline reapply --tags --dry-run\n"
    'strandline reapply --tags --names --playlist "Deep House"',
)
@click.option("--names", is_flag=True, help="Name files and links by `names.track`.")
@click.option("--tags", is_flag=True, help="Write the tags anew, by the settings in [tags].")
@click.option("--audio", is_flag=True, help="Fetch or convert the audio, by [audio] and [tidal].")
@click.option("--layout", is_flag=True, help="Put the audio where `layout.audio` says.")
@playlist_option
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
def reapply(
    call: Call,
    names: bool,
    tags: bool,
    audio: bool,
    layout: bool,
    playlists: tuple[str, ...],
    dry_run: bool,
    yes: bool,
) -> int:
    """Let files that are there already follow today's settings.

    A sync leaves what it fetched before as it is, whatever you change in the settings since. This
    command makes it follow: say which of names, tags, audio and layout. It shows what it would do,
    and asks. The old files lie in the trash, and `strandline undo last` puts them back.

    What DJ programs and you wrote into the files stays in them. Files that you imported, and your
    own versions, are left alone; with --playlist, imported files of these playlists follow, too.
    """
    from strandline.core.reapply import Part

    flags = {Part.NAMES: names, Part.TAGS: tags, Part.AUDIO: audio, Part.LAYOUT: layout}
    parts = [part for part, wanted in flags.items() if wanted]
    if not parts:
        raise UsageError(
            "Say what is to follow the settings: --names, --tags, --audio or --layout.",
            hint="Several may be given. With --dry-run nothing is changed.",
            code="no_part",
        )
    if not yes and not dry_run and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.",
            hint="Give --yes to go without being asked, or --dry-run to look.",
        )
    from strandline.app.reapply import ReapplyRequest
    from strandline.app.reapply import reapply as carry_out
    from strandline.app.reapply_document import reapply_document
    from strandline.cli.execute import interruptible

    call.start_log()
    with call.showing() as progress:
        request = ReapplyRequest(
            parts,
            playlists,
            dry_run,
            confirm=_consent(call, yes=yes),
            watch=interruptible(call, progress.note),
        )
        ended = carry_out(call.config, request, progress)
    if call.json:
        call.output.document("reapply", reapply_document(ended))
    _report(call, ended)
    return ended.exit


def _consent(call: Call, *, yes: bool) -> Callable[[Reapplied], bool]:
    from strandline.cli import reapply_view

    def confirm(found: Reapplied) -> bool:
        call.hide_progress()
        output = Output(on_stderr=True) if call.json else call.output
        if yes and not call.verbose:
            reapply_view.warn_of_room(found, output)
            return True
        reapply_view.show(found, output, verbose=call.verbose)
        return yes or confirmed("Go ahead?")

    return confirm


def _report(call: Call, ended: Reapplied) -> None:
    from strandline.cli import reapply_view, run_view

    if ended.declined:
        call.output.warn("Nothing was done.")
    elif ended.result is None:
        reapply_view.show(ended, call.output, verbose=call.verbose)
    else:
        run_view.show(ended.result, call.output)
        if ended.result.done:
            call.output.line("`strandline undo last` puts everything back.")
