"""review list, accept, reject, forget, export, import."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from strandline.cli.importing import short
from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, Place, command
from strandline.cli.output import clean, plural

if TYPE_CHECKING:
    from strandline.app.review import ToReview

review = LazyGroup(
    name="review",
    help="Say what the files are that import was not sure about.",
    table={
        "list": Lazy("review", "list_command", "Show the files that are to be decided."),
        "accept": Lazy("review", "accept_command", "The file is that track."),
        "reject": Lazy("review", "reject_command", "The file is none of them."),
        "forget": Lazy("review", "forget_command", "Take back what was said of a file."),
        "export": Lazy("review", "export_command", "Write all decisions into a file."),
        "import": Lazy("review", "import_command", "Take over decisions from a file."),
    },
)


@command("list", json=True, example="strandline review list\nstrandline review list --all")
@click.option("--all", "everything", is_flag=True, help="Also the files that were decided.")
def list_command(call: Call, everything: bool) -> None:
    """Show the files that are to be decided, each with the tracks that it may be."""
    from strandline.app.documents import review_document
    from strandline.app.review import reviews

    found = reviews(call.config, everything=everything)
    if call.json:
        call.output.document("review-list", review_document(found))
        return
    for one in found:
        _show(call, one)
    if not found:
        call.output.line("There is nothing to decide.")
    elif any(one.item.open for one in found):
        call.output.talk(
            "`strandline review accept NUMBER TRACK` or `strandline review reject NUMBER`;"
            " what is accepted comes with the next `strandline import`."
        )


def _show(call: Call, one: ToReview) -> None:
    item, output = one.item, call.output
    length = f" ({_length(item.seconds)})" if item.seconds else ""
    output.line(output.strong(f"{item.number}  {clean(short(item.file))}{length}"))
    output.line(f"    {clean(_standing(one))}")
    for candidate in one.candidates:
        artist, title, version = candidate.artist, candidate.title, candidate.version
        name = _described(artist or "?", title or "?", version, candidate.duration)
        output.line(f"    {candidate.track:>12}  {clean(name)}")
        output.line(f"    {'':>12}  {clean(candidate.because)}")


def _standing(one: ToReview) -> str:
    if one.item.open:
        return one.item.because
    by = f" (listened: {one.heard})" if one.heard else ""
    return f"decided: it is track {one.answer}{by}" if one.answer else f"{_NONE}{by}"


_NONE = "decided: it is none of these"


def _described(artist: str, title: str, version: str | None, seconds: int | None) -> str:
    length = f" ({_length(seconds)})" if seconds else ""
    return f"{artist} - {title}{f' ({version})' if version else ''}{length}"


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


@command("accept", json=True, example="strandline review accept 3 77814723")
@click.argument("number", type=click.IntRange(min=1))
@click.argument("track")
def accept_command(call: Call, number: int, track: str) -> None:
    """The file of that NUMBER is that TRACK: the next import takes it, under whatever name."""
    from strandline.app.review import accept

    _answered(call, accept(call.config, number, track))
    call.output.talk("The next `strandline import` of its folder takes it.")


@command("reject", json=True, example="strandline review reject 3")
@click.argument("number", type=click.IntRange(min=1))
def reject_command(call: Call, number: int) -> None:
    """The file of that NUMBER is none of the tracks that came into question."""
    from strandline.app.review import reject

    _answered(call, reject(call.config, number))


@command("forget", json=True, example="strandline review forget 3")
@click.argument("number", type=click.IntRange(min=1))
def forget_command(call: Call, number: int) -> None:
    """Take back what was said of the file of that NUMBER: it is to be decided again."""
    from strandline.app.review import forget

    _answered(call, forget(call.config, number))


def _answered(call: Call, one: ToReview) -> None:
    from strandline.app.documents import review_document

    if call.json:
        call.output.document("review", review_document([one]))
        return
    item = one.item
    call.output.line(f"{item.number}  {clean(short(item.file))}")
    call.output.line(f"    {clean(_standing(one))}")
    for candidate in one.candidates:
        if candidate.track == one.answer:
            artist, title, version = candidate.artist, candidate.title, candidate.version
            name = _described(artist or "?", title or "?", version, candidate.duration)
            call.output.line(f"    {clean(name)}")


@command("export", json=True, example="strandline review export decisions.json")
@click.argument("file", type=Place(path_type=Path))
def export_command(call: Call, file: Path) -> None:
    """Write all decisions into FILE; they are about the sound itself, not about names or tags."""
    from strandline.app.review import export_answers

    _counted(call, "review-export", "written", export_answers(call.config, file))


@command("import", json=True, example="strandline review import decisions.json")
@click.argument("file", type=Place(path_type=Path))
def import_command(call: Call, file: Path) -> None:
    """Take over the decisions in FILE; where both say something of one file, FILE counts."""
    from strandline.app.review import import_answers

    _counted(call, "review-import", "taken over", import_answers(call.config, file))


def _counted(call: Call, schema: str, verb: str, number: int) -> None:
    if call.json:
        call.output.document(schema, {"answers": number})
    call.output.line(f"{plural(number, 'decision')} {verb}.")
