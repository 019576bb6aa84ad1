"""verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from strandline.cli.check import playlist_option
from strandline.cli.options import Call, command
from strandline.cli.output import Output, clean, plural

if TYPE_CHECKING:
    from strandline.app.verify import VerifyResult


@command("verify", json=True, example="strandline verify\nstrandline verify --quick")
@playlist_option
@click.option("--quick", is_flag=True, help="Compare sizes and times; read only what differs.")
def verify(call: Call, playlists: tuple[str, ...], quick: bool) -> int:
    """Read every file and link, and find what is damaged.

    What is wrong is marked: the next sync-execute downloads a damaged file again and repairs broken
    links; the old file goes to the trash once the new one is in its place. A file that somebody
    edited and that plays to its end is reported and kept. Exits with 4 when there is something to
    repair.
    """
    from strandline.app.documents import verify_document
    from strandline.app.verify import verify as verify_library

    call.start_log()
    with call.showing() as progress:
        result = verify_library(call.config, playlists, quick=quick, progress=progress)
    if call.json:
        call.output.document("verify", verify_document(result))
    else:
        _show(result, call.output)
    return result.exit


def _show(result: VerifyResult, output: Output) -> None:
    kinds = {
        "damaged": result.corrupt,
        "missing": result.missing,
        "broken link": result.broken_links,
        "unreadable": result.unreadable,
        "edited by somebody, and kept": result.changed,
        "shorter than its header says, and kept": result.odd_headers,
    }
    for words, paths in kinds.items():
        for path in paths:
            output.line(f"{words}: {clean(path)}")
    for step in result.unsettled:
        output.line(f"cut off: {clean(step.said)}")
    output.line(f"{plural(result.checked, 'file')} checked, {result.ok:,} OK.")
    if result.is_only_yours:
        output.talk(
            "A link of yours leads to no audio now: bring the audio back, or remove the link."
        )
    elif result.exit:
        output.talk("Repair it with `strandline sync-execute`.")
