"""sync-status and dedupe-report: from the database alone, but for ``--content``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from strandline.cli.check import playlist_option
from strandline.cli.moments import local
from strandline.cli.options import Call, command
from strandline.cli.output import Output, clean, encoded, fields_of, plural
from strandline.core.sizes import size

if TYPE_CHECKING:
    from strandline.app.content import ContentReport
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


def _show_status(report: StatusReport, output: Output, first: str) -> None:
    headings = ("playlist", "status", ">tracks", ">downloaded", ">errors", "last synced")
    output.table(headings, [_row(item) for item in report.items])
    for what, counts in (("Playlists", report.playlists), ("Tracks", report.tracks)):
        rest = [
            f"{count:,} {name.replace('_', ' ')}"
            for name, count in counts.items()
            if count and name != "total"
        ]
        output.line(f"{what}: {counts['total']:,}" + (f" ({', '.join(rest)})" if rest else ""))
    saved = report.dedupe
    if saved.links:
        output.line(f"{plural(saved.links, 'link saves', 'links save')} {size(saved.bytes_saved)}.")
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
    example="strandline dedupe-report\nstrandline dedupe-report --content",
)
@click.option(
    "--content",
    is_flag=True,
    help="Also read the files, and name those with the same content, your own among them.",
)
def dedupe_report(call: Call, content: bool) -> None:
    """Show which tracks are in several playlists, and what sharing one file saves."""
    if content:
        _report_content(call)
        return
    from strandline.app.reports import dedupe

    with call.showing() as progress:
        report = dedupe(call.config, progress)
    if call.json:
        call.output.document("dedupe-report", fields_of(report))
    else:
        _show_dedupe(report, call.output, verbose=call.verbose)


def _report_content(call: Call) -> None:
    from strandline.app.content import same_content

    with call.showing() as progress, same_content(call.config, progress) as (report, compared):
        document = fields_of(report)
        if call.json:
            document["groups"] = encoded(report.groups)  # while files are read
        found = compared()
    if call.json:
        call.output.document("dedupe-report", {**document, **fields_of(found)})
        return
    _show_dedupe(report, call.output, verbose=call.verbose)
    _show_content(found, call.output)


def _show_content(found: ContentReport, output: Output) -> None:
    for group in found.same_content:
        output.line(f"The same {size(group.bytes)} in {plural(len(group.paths), 'file')}:")
        for path in group.paths:
            output.line(f"    {clean(path)}")
    if found.same_content:
        output.line(f"Copies take {size(found.bytes_wasted)}.")
    else:
        output.line("No two files hold the same content.")


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
