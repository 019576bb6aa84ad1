"""export: the playlists as files for DJ programs and players."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from strandline.cli.check import playlist_option
from strandline.cli.lazy import Lazy, LazyGroup
from strandline.cli.options import Call, Place, command
from strandline.cli.output import clean, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from strandline.app.export import ExportResult
    from strandline.app.match import MatchResult
    from strandline.app.moves import Relocation
    from strandline.core.exports import NotExported

export = LazyGroup(
    name="export",
    help="Hand the playlists over to DJ programs and players.\n\n"
    "Every file lists the music itself, never a link, in TIDAL's order.",
    table={
        "m3u8": Lazy("export", "m3u8", "A playlist a file, for players and every DJ program."),
        "rekordbox": Lazy("export", "rekordbox", "rekordbox XML; Engine DJ reads it, too."),
        "traktor": Lazy("export", "traktor", "Traktor NML, a playlist file to import."),
        "serato": Lazy("export", "serato", "Serato crates, below one crate `strandline`."),
        "itunes": Lazy("export", "itunes", "iTunes' Library.xml, which many programs read."),
        "usb": Lazy("export_usb", "usb", "Real copies on a stick, for DJ players."),
        "relocate": Lazy("export", "relocate", "Correct the places in a file of your own."),
        "match": Lazy("export", "match", "Read which tracks and playlists rekordbox has."),
    },
)

_BECAUSE = {
    "not_downloaded": "not downloaded yet",
    "downloading": "not downloaded yet",
    "error": "whose download failed",
    "unavailable": "unavailable in TIDAL",
    "missing_on_disk": "whose file is gone",
    "path_too_long": "with a path longer than the 255 characters that rekordbox reads",
    "name_not_in_format": "with a file name that the format cannot hold",
    "on_another_disk": "on another disk than the _Serato_ folder",
}


def _to_option(what: str) -> Callable[[Any], Any]:
    return click.option("--to", metavar="PATH", type=Place(), help=what)


_FILE = _to_option("The file to write, or a folder for it; default: below LIBRARY/exports.")


@command(
    "m3u8",
    json=True,
    example='strandline export m3u8\nstrandline export m3u8 --playlist "Deep House" --to ~/Lists',
)
@playlist_option
@_to_option("The folder to write into; default: LIBRARY/exports/m3u8.")
def m3u8(call: Call, playlists: tuple[str, ...], to: str | None) -> int:
    """Write each playlist as an M3U8 file.

    Paths are relative to where the files lie, unless `export.m3u8_paths` says "absolute". Files of
    playlists that are gone go, too; files that are not strandline's stay.
    """
    return _export(call, "m3u8", playlists, to)


@command(
    "rekordbox",
    json=True,
    example="strandline export rekordbox\nstrandline export rekordbox --to ~/rekordbox.xml",
)
@playlist_option
@_FILE
def rekordbox(call: Call, playlists: tuple[str, ...], to: str | None) -> int:
    """Write the playlists as rekordbox XML.

    In rekordbox: Preferences > Advanced > rekordbox xml > Imported Library: choose the file. Then
    "rekordbox xml" in the tree: reload, and import playlists from there. Tracks that rekordbox
    knows keep their cues. Engine DJ reads the same file ("rb" in its sidebar).
    """
    return _export(call, "rekordbox", playlists, to)


@command(
    "traktor",
    json=True,
    example="strandline export traktor\nstrandline export traktor --to ~/Desktop",
)
@playlist_option
@_FILE
def traktor(call: Call, playlists: tuple[str, ...], to: str | None) -> int:
    """Write the playlists as a Traktor NML.

    In Traktor: a right click on Playlists > Import. It is a playlist file, not a collection: never
    put it in the place of collection.nml.
    """
    return _export(call, "traktor", playlists, to)


@command(
    "serato",
    json=True,
    example="strandline export serato --to ~/Music/_Serato_",
)
@playlist_option
@_to_option("The _Serato_ folder; needed. One at the top of a disk holds that disk's files.")
def serato(call: Call, playlists: tuple[str, ...], to: str | None) -> int:
    """Write the playlists as Serato crates, below one crate `strandline`.

    Close Serato before; it reads the crates when it starts.
    """
    return _export(call, "serato", playlists, to)


@command(
    "itunes",
    json=True,
    example="strandline export itunes\nstrandline export itunes --to ~/Music/Library.xml",
)
@playlist_option
@_FILE
def itunes(call: Call, playlists: tuple[str, ...], to: str | None) -> int:
    """Write the playlists as iTunes' Library.xml.

    rekordbox, Traktor, Serato, Engine DJ, VirtualDJ, djay, Mixxx and Plex import it.
    """
    return _export(call, "itunes", playlists, to)


@command(
    "relocate",
    json=True,
    example="strandline export relocate --from ~/my-rekordbox.xml --to ~/relocated.xml",
)
@click.option("--from", "source", metavar="FILE", required=True, type=Place(), help="What to read.")
@click.option("--to", metavar="FILE", required=True, type=Place(), help="What to write.")
@click.option(
    "--shift-cues",
    is_flag=True,
    help="Also move cues and grids to where the sound is in tracks that got another file.",
)
def relocate(call: Call, source: str, to: str, shift_cues: bool) -> int:
    """Rewrite where moved tracks are, in a file exported from your DJ program.

    Reads a rekordbox XML, a Traktor NML or a Serato crate, and changes nothing in it but the
    places of tracks that strandline moved: cues and grids stay. To another file: yours stays as
    it is. With --shift-cues nothing is written unless it was measured for each such track.
    """
    from strandline.app.export_documents import relocate_document
    from strandline.app.moves import relocate as correct
    from strandline.cli import run_view
    from strandline.cli.execute import interruptible

    call.start_log()
    with call.showing() as progress:
        watch = interruptible(call, progress.note)
        ended = correct(call.config, source, to, progress, shift_cues=shift_cues, watch=watch)
    if call.json:
        call.output.document("export-relocate", relocate_document(ended))
    if ended.result is not None:
        run_view.show(ended.result, call.output)
    _show_relocation(call, ended, shift_cues=shift_cues)
    return ended.exit


def _show_relocation(call: Call, ended: Relocation, *, shift_cues: bool) -> None:
    output = call.output
    moved = plural(len(ended.moved), "track has", "tracks have")
    written = "" if ended.exit == 0 else " It was not written."
    output.line(f"{clean(ended.file)}: {moved} moved.{written}")
    if shift_cues:
        output.line(f"Cues of {plural(len(ended.shifted), 'track')} were shifted.")
    if ended.unclear:
        places = plural(len(ended.unclear), "place")
        output.warn(f"{places} held several tracks over time, so nothing is changed there:")
        show_named(call, [it.path for it in ended.unclear])
    if ended.missing:
        stay = "stays as the file has it", "stay as the file has them"
        are = plural(len(ended.missing), "file is", "files are")
        output.warn(f"{are} no longer in the library, and {stay[len(ended.missing) > 1]}:")
        show_named(call, ended.missing)
    if ended.in_file and not ended.in_library:
        files = plural(ended.in_file, "file")
        output.warn(f"It names {files}, none of them in {clean(ended.library)}.")


_SHOWN = 10


def show_named(call: Call, names: Sequence[str]) -> None:
    """The first of them, a line each; with ``--verbose`` all."""
    shown = names if call.verbose else names[:_SHOWN]
    for name in shown:
        call.output.warn(f"  {clean(name)}")
    if len(shown) < len(names):
        call.output.warn(f"  … and {len(names) - len(shown):,} more (--verbose shows all)")


@command(
    "match",
    json=True,
    example="strandline export match --from ~/my-rekordbox.xml",
)
@click.option("--from", "source", metavar="FILE", required=True, type=Place(), help="What to read.")
def match(call: Call, source: str) -> int:
    """Read from a rekordbox XML which tracks and playlists rekordbox has.

    In rekordbox: File > Export Collection in xml format. `tracks` then shows rekordbox's ids.
    Nothing but strandline's own database is changed, and never rekordbox's.
    """
    from strandline.app.export_documents import match_document
    from strandline.app.match import match_collection

    call.start_log()
    with call.showing() as progress:
        ended = match_collection(call.config, source, progress)
    if call.json:
        call.output.document("export-match", match_document(ended))
    _show_match(call, ended)
    return 0


def _show_match(call: Call, ended: MatchResult) -> None:
    found, output = ended.matched, call.output
    of_file = f"{ended.in_file:,} in {clean(ended.product)}"
    output.line(f"{plural(len(found.tracks), 'track')} of yours among {of_file}.")
    for row, it in found.playlists.items():
        entries = plural(it.entries, "track")
        output.line(f"{clean(ended.names[row])}: {clean(it.place)}, {entries}.")
    if ended.absent:
        output.line(f"{plural(len(ended.absent), 'track')} on disk, but not in rekordbox.")
    for row in found.ambiguous:
        output.warn(f"Several playlists in rekordbox may be {clean(ended.names[row])}.")
    if ended.moved:
        told = plural(len(ended.moved), "track has", "tracks have")
        output.warn(
            f"{told} moved, and rekordbox looks at the old place:"
            f" `strandline export relocate --from {shlex.quote(clean(ended.file))} --to FILE`."
        )
    if found.twice:
        told = plural(len(found.twice), "track is", "tracks are")
        output.warn(f"{told} in rekordbox more than once.")


def _export(call: Call, form: str, playlists: tuple[str, ...], to: str | None) -> int:
    from strandline.app.export import ExportRequest, Format, export
    from strandline.app.export_documents import export_document
    from strandline.cli.execute import interruptible

    call.start_log()
    with call.showing() as progress:
        watch = interruptible(call, progress.note)
        ended = export(
            call.config, ExportRequest(Format(form), playlists, to), progress, watch=watch
        )
    if call.json:
        call.output.document("export", export_document(ended))
    _show(call, ended)
    return ended.exit


def _show(call: Call, ended: ExportResult) -> None:
    from strandline.cli import run_view

    plan, output = ended.plan, call.output
    if call.quiet and ended.result is None:
        return
    if ended.result is not None:
        run_view.show(ended.result, output)
    else:
        output.line("Nothing has changed since the last export.")
    there = f"{plural(plan.playlists, 'playlist')}, {plural(plan.tracks, 'track')}"
    output.line(f"{_files(ended)}: {there}.")
    show_left_out(call, plan.left_out)
    if plan.moved:
        told = plural(len(plan.moved), "track has", "tracks have")
        output.line(f"{told} moved since the last export (`export relocate` keeps cues).")
    for warning in plan.warnings:
        output.warn(f"Warning: {clean(warning.message)}")


def _files(ended: ExportResult) -> str:
    """What stands now; the rest was named already."""
    every, stand = ended.plan.files, len(ended.files)
    if len(every) == 1:
        return clean(every[0]) + ("" if stand else " was not written")
    return plural(stand, "file") if stand == len(every) else f"{stand:,} of {len(every):,} files"


def show_left_out(call: Call, left_out: Sequence[NotExported]) -> None:
    """Tracks of the playlists that an export does not hold: how many by reason, and which."""
    if not left_out:
        return
    kinds = Counter(map(_because, left_out))
    told = ", ".join(f"{number:,} {why}" for why, number in sorted(kinds.items()))
    call.output.warn(f"{plural(len(left_out), 'track is', 'tracks are')} left out: {told}.")
    several = len(kinds) > 1
    show_named(call, [it.name + (f": {_because(it)}" if several else "") for it in left_out])


def _because(it: NotExported) -> str:
    return _BECAUSE.get(it.because, it.because)
