"""demo: the whole story with a made-up account, on this machine alone."""

from __future__ import annotations

from pathlib import Path

import click

from strandline.cli.options import Call, Place, command


@command("demo", example="strandline demo\nstrandline demo --keep /tmp/strandline-demo")
@click.option(
    "--keep",
    metavar="FOLDER",
    type=Place(path_type=Path),
    help="Leave the library in this folder, which must be new or empty.",
)
def demo(call: Call, keep: Path | None) -> None:
    """See it work with a made-up account; needs no login and touches nothing of yours."""
    from strandline.demo.story import run_demo

    run_demo(keep, call.output.line)
