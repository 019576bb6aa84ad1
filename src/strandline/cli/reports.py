"""sync-status and dedupe-report: from the database alone, but for ``--content``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from strandline.cli.asking import confirmed
from strandline.cli.check import playlist_option
from strandline.cli.moments import local
from strandline.cli.options import Call, Place, command
from strandline.cli.output import Output, clean, fields_of, plural
from strandline.core.sizes import size
from strandline.errors import UsageError

if TYPE_CHECKING:
    from strandline.app.recordings import OneId
    from strandline.app.same_sound import SoundReport
    from strandline.db.reports import DedupeReport, StatusItem, StatusReport


@command(
    "sync-status",
    json=True,
    example='strandline sync-status\nstrandline sync-status --playlist "Deep House"',
)
@playlist_option
def sync_status(call: Call, playlists: tuple[str, ...]) -> None:
    """Show how things stood at the last check: instantly, without the network."""
    from strandline.app.reports import status

    with call.showing() as progress:
        report = status(call.config, playlists, progress)
    if call.json:
        call.output.document("sync-status", fields_of(report))
    else:
        first = "sync-check" if call.config.path.exists() else "init"
        _show_status(report, call.output, first)


_COUNTED = {
    "needs_download": ("needs a download", "need a download"),
    "needs_update": ("needs an update", "need an update"),
    "needs_removal": ("is to be removed", "are to be removed"),
    "error": ("failed", "failed"),
}


def _show_status(report: StatusReport, output: Output, first: str) -> None:
    headings = ("playlist", "status", ">tracks", ">downloaded", ">errors", "last synced")
    output.table(headings, [_row(item) for item in report.items])
    for what, counts in (("Playlists", report.playlists), ("Tracks", report.tracks)):
        rest = [
            f"{count:,} {_COUNTED.get(name, (name.replace('_', ' '),) * 2)[count != 1]}"
            for name, count in counts.items()
            if count and name != "total"
        ]
        output.line(f"{what}: {counts['total']:,}" + (f" ({', '.join(rest)})" if rest else ""))
    saved = report.dedupe
    if saved.links:
        output.line(f"{plural(saved.links, 'link saves', 'links save')} {size(saved.bytes_saved)}.")
    if report.same_recording:
        shared = plural(report.same_recording, "track shares", "tracks share")
        output.line(f"{shared} the file of the same recording under another id.")
    if not report.items:
        output.talk(f"Nothing is known yet: run `strandline {first}`.")


def _moment(when: str | None) -> str:
    """A document's time, by the clock here."""
    return local(datetime.fromisoformat(when).replace(tzinfo=None)) if when else "never"


def _row(item: StatusItem) -> tuple[str, ...]:
    return (
        item.name,
        item.status.replace("_", " "),
        str(item.tracks),
        str(item.downloaded),
        str(item.errors),
        _moment(item.last_synced_filesystem),
    )


@command(
    "dedupe-report",
    json=True,
    example="strandline dedupe-report\nstrandline dedupe-report --content\n"
    'strandline dedupe-report --content --apply ~/Music/strandline/mp3/Playlists/"Deep House"',
)
@click.argument("folders", metavar="[DIR]...", nargs=-1, type=Place())
@click.option(
    "--recordings",
    is_flag=True,
    help="Also name tracks that are one recording under several ids of TIDAL's.",
)
@click.option(
    "--content",
    is_flag=True,
    help="Also read the files, and name those with the same sound, your own and those in DIR among"
    " them.",
)
@click.option(
    "--lossless", is_flag=True, help="Also decode lossless files whose formats differ: takes long."
)
@click.option(
    "--fingerprint",
    is_flag=True,
    help="Also report pairs that sound alike in other codecs and masters: about a second a file."
    " Needs the extra `fingerprint`.",
)
@click.option(
    "--apply",
    is_flag=True,
    help="Replace files of your own by links to the same sound: only those in a DIR that is named.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask; needed where there is no terminal.")
def dedupe_report(
    call: Call,
    folders: tuple[str, ...],
    recordings: bool,
    content: bool,
    lossless: bool,
    fingerprint: bool,
    apply: bool,
    yes: bool,
) -> int:
    """Show which tracks are in several playlists, and what sharing one file saves.

    With --recordings tracks are named that have the same ISRC and agree in title, version, artist,
    length, explicit words and sound (stereo, Atmos), and those whose ISRC proves nothing.

    With --content the files themselves are compared: by their bytes, by FLAC's sum of the samples,
    by their packets of sound whatever the tags say, and with --lossless sample by sample. --apply
    puts links in place of files of your own that hold the sound of another one, in the playlist
    folders that you name, and with `sync.dedupe = "recording"` in place of further files that
    strandline made of one sound. The old files go to the trash, and `strandline undo last` brings
    them back. Nothing outside the library is changed.

    With --fingerprint files are named, two by two, that hold one recording by how they sound: in
    another codec or bitrate, with silence in front, another master. That is for you to judge;
    --apply leaves them alone.
    """
    if content and recordings:
        raise UsageError("--content and --recordings are two reports.", hint="Run them one by one.")
    if content:
        given = _Given([Path(it) for it in folders], lossless, fingerprint, apply)
        return _content(call, given, yes=yes)
    if folders or lossless or fingerprint or apply:
        named = {"DIR": folders, "--lossless": lossless, "--fingerprint": fingerprint}
        what = next((word for word, is_given in named.items() if is_given), "--apply")
        raise UsageError(
            f"{what} goes with --content.", hint="See `strandline help dedupe-report`."
        )
    if recordings:
        _report_recordings(call)
        return 0
    from strandline.app.reports import dedupe

    with call.showing() as progress:
        report = dedupe(call.config, progress)
    if call.json:
        call.output.document("dedupe-report", fields_of(report))
    else:
        _show_dedupe(report, call.output, verbose=call.verbose)
    return 0


def _report_recordings(call: Call) -> None:
    from strandline.app.recordings import recordings

    with call.showing() as progress:
        shared, found = recordings(call.config, progress)
    if call.json:
        call.output.document("dedupe-report", {**fields_of(shared), **fields_of(found)})
        return
    output = call.output
    for one in found.recordings:
        twice = f" ({size(one.bytes)} more than once)" if one.bytes else ""
        output.line(f"One recording: {one.because}{twice}")
        for track in one.tracks:
            mark = "*" if track.track == one.primary else ">" if track.shares else " "
            output.line(f"    {mark} {_id_line(track)}")
    for apart in found.apart:
        output.line(f"Kept apart, ISRC {apart.isrc}: {apart.because}")
        for track in apart.tracks:
            output.line(f"      {_id_line(track)}")
    output.line(
        f"{plural(len(found.recordings), 'recording')} under several ids, "
        f"{plural(len(found.apart), 'ISRC')} with different recordings."
    )
    if found.recordings and found.dedupe != "recording":
        output.talk(
            "To have one file of each (*), the other ids linking to it: `strandline config set"
            " sync.dedupe recording`; then `strandline sync-check` shows it before it is done."
        )


def _id_line(track: OneId) -> str:
    lists = ", ".join(track.playlists)
    return clean(f"{track.track}  {track.artist} - {track.title} ({track.album}): {lists}")


class _Given(NamedTuple):
    """What the person wants compared."""

    folders: list[Path]
    lossless: bool
    fingerprint: bool
    apply: bool


def _content(call: Call, given: _Given, *, yes: bool) -> int:
    if given.apply and not yes and not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask on.",
            hint="Give --yes to go without being asked, or leave --apply out to look.",
        )
    from strandline.app.same_sound import SoundOrder, same_sound
    from strandline.app.sound_documents import sound_document
    from strandline.cli import run_view
    from strandline.cli.execute import interruptible

    if given.apply:
        call.start_log()
    with call.showing() as progress:
        watch, confirm = interruptible(call, progress.note), _consent(call, yes=yes)
        order = SoundOrder(*given[:2], given.apply, confirm, watch, given.fingerprint)
        found = same_sound(call.config, order, progress)
    if call.json:
        call.output.document("dedupe-report", sound_document(found))
    if found.result is None:
        if found.declined:
            call.output.warn("Nothing was done.")
        else:
            _show_dedupe(found.shared, call.output, verbose=call.verbose)
            _show_sound(found, call.output)
        return found.exit
    run_view.show(found.result, call.output)
    if found.result.done["share"] or found.result.done["trash"]:
        call.output.line("`strandline undo last` brings the files back.")
    return found.exit


def _consent(call: Call, *, yes: bool) -> Callable[[SoundReport], bool]:
    def confirm(found: SoundReport) -> bool:
        if yes and not call.verbose:
            return True
        call.hide_progress()
        _show_sound(found, Output(on_stderr=True) if call.json else call.output)
        if yes:
            return True
        merged = len(found.pairs) if found.merges else 0
        files = plural(len(found.replaceable) + merged, "file")
        return confirmed(f"Replace {files} by links?")

    return confirm


_CRITERIA = {
    "bytes": "the same bytes",
    "flac_md5": "the same samples, by FLAC's own sum",
    "packets": "the same packets of sound under other tags",
    "samples": "the same samples, decoded",
}


def _show_alike(found: SoundReport, output: Output) -> None:
    for pair in found.alike:
        share = f"{pair.difference:.1%} of the print differs"
        output.line(f"{clean(pair.paths[0])}: {pair.because} ({share})")
        output.line(f"       {clean(pair.paths[1])}")
    if found.alike:
        output.line(f"{plural(len(found.alike), 'pair')} of files sound alike; nothing is done.")


def _show_sound(found: SoundReport, output: Output) -> None:
    _show_alike(found, output)
    for group in found.groups:
        why, others = _CRITERIA[group.criterion.value], plural(len(group.others), "file")
        output.line(f"{clean(group.winner.path)}: {others} more with {why} ({size(group.bytes)})")
        for file in group.others:
            mark = "->" if file.path in found.replaceable else "  "
            output.line(f"    {mark} {clean(file.path)}")
    if not found.groups:
        output.line("No two files hold the same sound.")
        return
    saved = size(sum(group.bytes for group in found.groups))
    may_go = f"; --apply makes links of {len(found.replaceable):,} (->)"
    output.line(f"Copies take {saved}{may_go if found.replaceable else ''}.")
    if found.pairs:
        _show_pairs(found, output)
    if not found.applied and not found.replaceable and _holds_own(found):
        output.line("To put links in place of files of yours: `--apply DIR`, with their folder.")
    if found.applied and not found.replaceable and not (found.pairs and found.merges):
        output.line("Nothing to link. Files of your own are replaced only in a DIR that you name.")


def _show_pairs(found: SoundReport, output: Output) -> None:
    several = plural(len(found.pairs), "track has", "tracks have")
    told = f"{several} the sound of another track in a second file"
    if found.merges:
        output.line(f"{told}; --apply makes one recording of them (`strandline recordings list`).")
    else:
        output.line(f'{told}. With `sync.dedupe = "recording"` --apply makes one file of them.')


def _holds_own(found: SoundReport) -> bool:
    """Whether a person's files in playlist folders are among those of one sound."""
    return any(file.owner.value == "yours" for group in found.groups for file in group.others)


_SHOWN = 50


def _show_dedupe(report: DedupeReport, output: Output, *, verbose: bool) -> None:
    groups = sorted(report.groups, key=lambda group: (-group.bytes_saved, group.primary))
    shown = groups if verbose else groups[:_SHOWN]
    for group in shown:
        name = clean(f"{group.artist} - {group.title}")
        output.line(f"{name}: {plural(len(group.links), 'link')}, saves {size(group.bytes_saved)}")
        output.line(f"    {clean(group.primary)}")
        for link in group.links:
            output.line(f"    -> {clean(link)}")
    if len(shown) < len(groups):
        output.line(f"… and {len(groups) - len(shown):,} more tracks (--verbose shows all)")
    output.line(
        f"{plural(report.shared_tracks, 'shared track')}, {plural(report.links, 'link')}, "
        f"{size(report.bytes_saved)} saved."
    )
