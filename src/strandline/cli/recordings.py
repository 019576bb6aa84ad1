"""recordings list, pin, forbid, forget, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, Place, command
from strandline.cli.output import clean, plural

if TYPE_CHECKING:
    from strandline.app.recording_answers import Answered, Said

recordings = LazyGroup(
    name="recordings",
    help="Say which track ids are one recording, and which never are.",
    table={
        "list": Lazy("recordings", "list_command", "Show what you said of which tracks."),
        "pin": Lazy("recordings", "pin_command", "These two are one recording."),
        "forbid": Lazy("recordings", "forbid_command", "These two never are."),
        "forget": Lazy("recordings", "forget_command", "Take back what you said of two tracks."),
        "export": Lazy("recordings", "export_command", "Write all of it into a file."),
        "import": Lazy("recordings", "import_command", "Take it over from a file."),
    },
)
_WORDS = {
    "pin": "are one recording: you said so.",
    "forbid": "are never one recording: you said so.",
    None: "are judged by what TIDAL says of them.",
}


@command("list", json=True, example="strandline recordings list")
def list_command(call: Call) -> None:
    """Show which track ids you said are one recording, and which never are.

    `strandline dedupe-report --recordings` shows what follows from that, and from what TIDAL says.
    """
    from strandline.app.recording_answers import listed

    found = listed(call.config)
    _show(call, "recordings-list", found)
    if not found.said and not call.json:
        call.output.line("You said nothing of any two tracks.")


@command("pin", json=True, example="strandline recordings pin 77814723 118765432")
@click.argument("one", metavar="TRACK")
@click.argument("other", metavar="TRACK")
def pin_command(call: Call, one: str, other: str) -> None:
    """The two TRACKs (ids, or addresses of TIDAL's) are one recording, whatever TIDAL says of them.

    With `sync.dedupe = "recording"` the next sync makes them one file: `strandline sync-check`
    shows it first. `strandline recordings forget` takes it back.
    """
    from strandline.app.recording_answers import pin

    _said(call, pin(call.config, one, other))


@command("forbid", json=True, example="strandline recordings forbid 77814723 118765432")
@click.argument("one", metavar="TRACK")
@click.argument("other", metavar="TRACK")
def forbid_command(call: Call, one: str, other: str) -> None:
    """The two TRACKs (ids, or addresses of TIDAL's) are never one recording: each has its file.

    Where they are one file now, the next sync gives the second one its own again, out of the trash
    if it lies there. `strandline recordings forget` takes it back.
    """
    from strandline.app.recording_answers import forbid

    _said(call, forbid(call.config, one, other))


@command("forget", json=True, example="strandline recordings forget 77814723 118765432")
@click.argument("one", metavar="TRACK")
@click.argument("other", metavar="TRACK")
def forget_command(call: Call, one: str, other: str) -> None:
    """Take back what you said of the two TRACKs: they are judged by what TIDAL says of them."""
    from strandline.app.recording_answers import forget

    _said(call, forget(call.config, one, other))


@command("export", json=True, example="strandline recordings export recordings.json")
@click.argument("file", type=Place(path_type=Path))
def export_command(call: Call, file: Path) -> None:
    """Write all that you said into FILE, for another machine or a database that is lost."""
    from strandline.app.recording_answers import export_answers

    _counted(call, "recordings-export", "written", export_answers(call.config, file))


@command("import", json=True, example="strandline recordings import recordings.json")
@click.argument("file", type=Place(path_type=Path))
def import_command(call: Call, file: Path) -> None:
    """Take over what FILE says; where both say something of the same two tracks, FILE counts."""
    from strandline.app.recording_answers import import_answers

    _counted(call, "recordings-import", "taken over", import_answers(call.config, file))


def _said(call: Call, answered: Answered) -> None:
    _show(call, "recordings", answered)
    if answered.merges:
        call.output.talk("`strandline sync-check` shows what the next sync makes of it.")
    else:
        call.output.talk(
            'Tracks are merged only with `sync.dedupe = "recording"`: `strandline config set'
            " sync.dedupe recording`."
        )


def _show(call: Call, schema: str, answered: Answered) -> None:
    from strandline.app.recording_documents import answers_document

    if call.json:
        call.output.document(schema, answers_document(answered))
        return
    for said in answered.said:
        _show_one(call, said)


def _show_one(call: Call, said: Said) -> None:
    one, other = (track.track for track in said.tracks)
    call.output.line(f"{one} and {other} {_WORDS[said.answer]}")
    for track in said.tracks:
        album = f" ({track.album})" if track.album else ""
        name = f"{track.artist} - {track.title}{album}" if track.title else "in no playlist"
        call.output.line(clean(f"    {track.track:>12}  {name}"))


def _counted(call: Call, schema: str, verb: str, number: int) -> None:
    if call.json:
        call.output.document(schema, {"answers": number})
    call.output.line(f"{plural(number, 'decision')} {verb}.")
