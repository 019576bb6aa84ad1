"""import."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from strandline.cli.asking import confirmed
from strandline.cli.options import Call, Place, command
from strandline.cli.output import Output, clean, plural
from strandline.core.matching.listening import Hearing
from strandline.core.sizes import size
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.app.importing import ImportResult
    from strandline.app.listening import Listened, ToHear

_HEARD = {
    Hearing.SAME: "the same",
    Hearing.DIFFERENT: "another recording",
    Hearing.UNSURE: "not clear",
    Hearing.NOT_HEARD: "not heard",
}
SHOWN = 30
"""Lines of each kind that a person is shown without --verbose."""
_VERBS = {"copy": "Copy", "hardlink": "Hard-link", "move": "Move"}


@command(
    "import",
    json=True,
    example="strandline import ~/Music/Purchases --dry-run\n"
    "strandline import ~/Music/tiddl ~/Downloads --mode hardlink\n"
    "strandline import rekordbox.xml ~/old.m3u8 --dry-run",
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=Place())
@click.option(
    "--mode",
    type=click.Choice(["copy", "hardlink", "move"]),
    default="copy",
    show_default=True,
    help="How a file comes into the library. To another disk, move copies and leaves the original.",
)
@click.option(
    "--listen",
    is_flag=True,
    help="Decide doubtful files by their sound: about a minute of each track that they may be is"
    " fetched from TIDAL and compared. Needs the login and the extra `fingerprint`.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only show what would be taken.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
def import_command(
    call: Call, paths: tuple[str, ...], mode: str, listen: bool, dry_run: bool, yes: bool
) -> int:
    """Take music that you already have into the library, instead of downloading it.

    Files below PATH are compared with the tracks of your playlists, as they were at the last sync
    or check: by ids and ISRC in their tags, by title, version, artist and length. A file is taken
    only where all of that agrees; the rest is listed, and what is doubtful can be decided with
    `strandline review`. No byte of a file is changed, and `strandline undo last` puts all of it
    back.

    With --listen a doubtful file is also taken where it has the very sound of the one track that
    it may be, and let go where it sounds like another recording; what could not be decided so stays
    with `strandline review`. Nothing is fetched twice, and nothing of it comes into the library.
    With --dry-run it listens, too, and decides nothing for later.

    A PATH may be a list of files, too: M3U, rekordbox XML or Traktor NML.
    """
    from strandline.app.own_files import require_there

    require_there(map(Path, paths))
    if not yes and not dry_run and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.",
            hint="Give --yes to go without being asked, or --dry-run to look.",
        )
    from strandline.app.documents import import_document
    from strandline.app.importing import ImportRequest, import_files
    from strandline.cli import run_view
    from strandline.cli.execute import interruptible

    call.start_log()
    with call.showing() as progress:
        request = ImportRequest(
            [Path(path) for path in paths],
            mode,
            dry_run,
            confirm=_consent(call, yes=yes),
            watch=interruptible(call, progress.note),
            listen=listen,
            may_fetch=_listening(call, ask=not (yes or dry_run)),
        )
        ended = import_files(call.config, request, progress)
    if call.json:
        call.output.document("import", import_document(ended))
    if ended.result is None:
        if not ended.declined:
            show(ended, call.output, verbose=call.verbose)
        else:
            call.output.warn("Nothing was done.")
        return ended.exit
    run_view.show(ended.result, call.output)
    if ended.result.done["import"]:
        call.output.line("`strandline undo last` puts everything back.")
    return ended.exit


def _listening(call: Call, *, ask: bool) -> Callable[[ToHear], bool]:
    """Says what is fetched, and asks first unless that was settled by an option."""

    def may_fetch(asked: ToHear) -> bool:
        tracks, files = plural(len(asked.fetch), "track"), plural(asked.files, "doubtful file")
        what = f"the first minute of {tracks} (about {size(asked.bytes)}) for {files}"
        if not ask:
            call.output.talk(f"Listening fetches {what}.")
            return True
        call.hide_progress()
        return confirmed(f"Fetch {what}?")

    return may_fetch


def _consent(call: Call, *, yes: bool) -> Callable[[ImportResult], bool]:
    def confirm(found: ImportResult) -> bool:
        if yes and not call.verbose:
            return True
        call.hide_progress()
        output = Output(on_stderr=True) if call.json else call.output
        show(found, output, verbose=call.verbose)
        if yes:
            return True
        if found.new_library:
            call.output.warn(f"A new library is made in {call.config.library}.")
        files = plural(len(found.taken), "file")
        question = f"{_VERBS[found.mode]} {files} into the library?"
        return confirmed(question)

    return confirm


def show(found: ImportResult, output: Output, *, verbose: bool) -> None:
    """What would be taken and why, what is to be decided, and what is left."""
    most = sys.maxsize if verbose else SHOWN
    matches = found.matches
    few = most if verbose else 5
    _list(
        "To take",
        [
            f"{short(it.match.file.path)}\n"
            f"-> {it.path.removeprefix('Playlists/')}\n{it.match.because}"
            for it in found.taken
        ],
        output,
        most,
    )
    _list(
        f"To decide (`strandline review list`{'' if found.listened else ', or --listen'})",
        [
            f"{_number(found, it.file.path)}  {short(it.file.path)}\n{it.because}"
            for it in matches.doubtful
        ],
        output,
        most,
    )
    _list("Not needed", [_line(it.file, it.because) for it in found.spare], output, few)
    _list(
        "Not in your playlists",
        [_line(it.file.path, it.because) for it in matches.unmatched],
        output,
        few,
    )
    _list("Unreadable", [_line(it.file, it.because) for it in found.unreadable], output, few)
    _list(
        "Streams of TIDAL, without a file",
        [f"{it.track}: {it.because}" for it in found.streams],
        output,
        few,
    )
    if found.listened and found.listened.pairs:
        output.line(_heard(found.listened))
    output.line(
        f"{plural(found.found.total, 'file')}: {len(found.taken):,} to take, "
        f"{len(matches.doubtful):,} to decide, {len(found.spare):,} not needed, "
        f"{len(matches.unmatched):,} not in your playlists, "
        f"{len(found.unreadable):,} unreadable."
    )


def _heard(listened: Listened) -> str:
    """How many tracks were listened to, and what for."""
    kinds = Counter(it.heard.hearing for it in listened.pairs)
    parts = [f"{kinds[kind]:,} {word}" for kind, word in _HEARD.items() if kinds[kind]]
    fetched = f"; fetched {size(listened.bytes)}" if listened.bytes else ""
    return f"Listened: {', '.join(parts)}{fetched}."


def _number(found: ImportResult, file: str) -> str:
    noted = found.noted.get(file)
    return str(noted.number) if noted else "-"


def _line(file: str, because: str) -> str:
    """The file, and below it why; a name's own line breaks do not count."""
    return f"{short(file)}\n{because}"


def short(file: str) -> str:
    """As the person would write the path: from here, or from home."""
    file = file.replace("\n", "\N{SYMBOL FOR NEWLINE}")
    here, home = (os.path.join(top, "") for top in (os.getcwd(), os.path.expanduser("~")))
    if file.startswith(here):
        return file[len(here) :]
    return f"~/{file[len(home) :]}" if file.startswith(home) else file


def _list(heading: str, lines: list[str], output: Output, most: int) -> None:
    if not lines:
        return
    output.line(output.strong(f"{heading}: {len(lines):,}"))
    for line in lines[:most]:
        first, *more = line.split("\n")
        output.line(f"  {clean(first)}")
        for text in more:
            output.line(f"      {clean(text)}")
    if len(lines) > most:
        output.line(f"  and {len(lines) - most:,} more (--verbose shows all)")
