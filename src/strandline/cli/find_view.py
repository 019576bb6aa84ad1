"""Tracks and answers about them, as a person reads them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from strandline.app.why import GONE, FileAnswer, PlaylistAnswer, TrackAnswer
from strandline.cli.history_view import FolderNames, lines_of, why_words
from strandline.cli.moments import local
from strandline.cli.output import Output, clean, plural
from strandline.core.ids import LibPath, folder_of, name_of
from strandline.core.run_ids import short_of

if TYPE_CHECKING:
    from datetime import datetime

    from strandline.app.find import FoundEntry, FoundQuality, FoundTrack
    from strandline.app.left_out import LeftOut
    from strandline.app.why import Answer
    from strandline.db.history import PastStep
    from strandline.db.last_plan import Planned

SHOWN = 50
"""Tracks shown on a terminal, unless all are asked for."""
STEPS = 20
"""Steps of a history shown, the newest."""

_KINDS = {
    "symlink": "link",
    "hardlink": "hard link",
    "copy": "copy",
    "missing": "not on disk",
    "yours": "your own version",
}
_STATES = {
    "needs_symlink": "link to be made",
    "needs_move": "file to be moved",
    "needs_removal": "to be removed",
    "excluded": "left out by the settings",
}
_COLOURS = {"error": "31", "unavailable": "33", "not_downloaded": "33"}
_RULES = {
    "only_playlist": "it is the only playlist with this track",
    "layout": "all audio is there in the pool layout",
    "primary_priority": "it comes first in primary_priority",
    "alphabet": "it comes first in the alphabet",
    "holds_audio": "it held the file already, and files stay where they are",
}
_EVIDENCE = {
    "ledger": "its file is as strandline left it",
    "embedded_id": "its file has changed; the track id in its tags is this one",
    "content": "its file has the content that strandline stored",
    "changed": "its file has changed since the last check, which will look at it",
    "gone": "its file is not there any more; the next check will notice",
}
_DEEDS = {
    "download": "download it",
    "move": "move it",
    "link": "link it",
    "relink": "update its link",
    "unlink": "remove its link",
    "trash": "move it to the trash",
    "create_folder": "create the folder",
    "rename_folder": "rename the folder",
    "remove_folder": "remove the folder",
    "lyrics": "put its lyrics in place",
    "conflict": "leave it alone",
}


def show_tracks(found: Sequence[FoundTrack], output: Output, *, verbose: bool = False) -> None:
    """A paragraph a track on a terminal; a line of fields each in a pipe."""
    if not sys.stdout.isatty():
        for track in found:
            output.line("\t".join(map(clean, _fields(track))))
        return
    shown = found if verbose else found[:SHOWN]
    for track in shown:
        _show_track(track, output)
    if len(shown) < len(found):
        output.line(f"… and {len(found) - len(shown):,} more (--verbose shows all)")


def _fields(track: FoundTrack) -> tuple[str, ...]:
    names = ", ".join(entry.name for entry in track.playlists)
    name = f"{track.artist} - {track.title}"
    return track.track, track.status, name, track.path or "", names, track.error or ""


def _show_track(track: FoundTrack, output: Output) -> None:
    status = output.strong(track.status.replace("_", " "), _COLOURS.get(track.status, "32"))
    name = output.strong(clean(f"{track.artist} - {track.title}"))
    output.line(f"{name} [{clean(track.track)}] {status}{_quality(track.quality)}")
    if track.rekordbox_content_id:
        output.line(clean(f"    In rekordbox: {track.rekordbox_content_id}"))
    if track.error:
        output.line(clean(f"    {track.error}"))
    if track.recording:
        output.line(clean(f"    The same recording as track {track.recording}: one file"))
    for entry in track.playlists:
        output.line(f"    {_entry(entry)}")


def _quality(quality: FoundQuality | None) -> str:
    if quality is None or quality.got is None:
        return ""
    lower = "" if quality.got == quality.asked else f", {quality.asked} was asked for"
    return f", {quality.got} ({quality.codec}{lower})"


def _entry(entry: FoundEntry) -> str:
    """``Deep House #1, #7: Ana - x.mp3``; what is out of the ordinary stands in brackets."""
    places = ", ".join(f"#{position}" for position in entry.positions)
    told = f"{entry.name} {places}".rstrip()
    notes = [_KINDS[entry.kind]] if entry.kind in _KINDS else []
    if entry.playlist is None:
        notes.append("a local playlist")
    notes += [_STATES[entry.status]] if entry.status in _STATES else []
    notes += ["in rekordbox"] if entry.in_rekordbox else []
    if not entry.positions and entry.playlist and entry.status != "needs_removal":
        notes.append("no longer listed")
    where = f": {name_of(LibPath(entry.path))}" if entry.path else ""
    told += where + (f" ({', '.join(notes)})" if notes else "")
    return clean(told)


# ---------------------------------------------------------------- why


def show_answer(answer: Answer, output: Output, *, verbose: bool = False) -> None:
    """All about one track, playlist or file."""
    match answer:
        case TrackAnswer():
            _show_about_track(answer, output)
        case PlaylistAnswer():
            _show_about_playlist(answer, output)
        case FileAnswer():
            output.line(output.strong(clean(answer.path)))
            output.line("  strandline did not make it: it is yours, and is left alone.")
    _show_next(answer, output)
    if not isinstance(answer, FileAnswer):
        _show_history(answer.history, answer.folders, output, verbose=verbose)


def _show_about_track(answer: TrackAnswer, output: Output) -> None:
    track = answer.track
    _show_track(track, output)
    for line in _reasons(answer):
        output.line(clean(f"  {line}"))


def _reasons(answer: TrackAnswer) -> Iterable[str]:
    """Why it is where it is, or why it is nowhere."""
    track, primary = answer.track, answer.primary
    if track.path:
        yield f"File: mp3/{track.path}"
    if primary:
        yield f"In {primary.name}, because {_RULES[primary.because]}."
    if answer.identity.by and track.path:
        yield f"Known by: {_EVIDENCE[answer.identity.by]}."
    if track.recording:
        yield f"The same recording as track {track.recording}, whose file it shares."
    elif twins := answer.identity.same_recording:
        yield f"The same recording has other ids that share its file: {', '.join(twins)}."
    if answer.identity.old_ids:
        yield f"TIDAL's earlier ids of it: {', '.join(answer.identity.old_ids)}."
    if (took := answer.in_trash) is not None:
        yield f"In the trash: .strandline/trash/{took.trash_path}"
        yield f"`strandline trash restore {short_of(took.run)}` brings back what that run took."
    yield from _absence(answer)


def _absence(answer: TrackAnswer) -> Iterable[str]:
    track = answer.track
    listed = [entry for entry in track.playlists if entry.positions]
    if not listed:
        yield "Why: no playlist lists it any more."
    elif track.status == "excluded":
        yield from map(_left_out, answer.left_out)
    elif track.status == "error":
        yield "Why: its last download failed, see above. Each sync tries again."
    elif track.status == "unavailable":
        asked = f", last {local(answer.asked_at)}" if answer.asked_at else ""
        yield f"Why: TIDAL does not have it, see above. Each sync asks again{asked}."
    elif track.status == "not_downloaded" and not answer.next:
        yield "Why: it is not downloaded yet, and the last check did not plan it."


def _left_out(by: LeftOut) -> str:
    """The setting that holds, and how to undo just that."""
    what = f"{by.setting} leaves out {by.playlist}" if by.playlist else f"it is in {by.setting}"
    return f"Why: {what}. To have it again: `{by.undo}`"


def _show_about_playlist(answer: PlaylistAnswer, output: Output) -> None:
    item = answer.item
    if item.status == GONE:
        output.line(f"{output.strong(clean(item.name))}: gone from TIDAL, and from the disk")
        return
    status, by = item.status.replace("_", " "), answer.left_out
    output.line(f"{output.strong(clean(item.name))}: {clean(status)}")
    kept = by is not None and by.setting == "sync.deleted_playlists"
    if by is not None:
        ending = "To let the next sync take it away" if kept else "To have it again"
        output.line(clean(f"  Left out by the setting {by.setting}. {ending}: `{by.undo}`"))
    output.line(f"  Folder: {clean(item.folder or 'none yet')}")
    if kept:
        what = plural(answer.on_disk, "file or link", "files and links")
        output.line(f"  Gone from TIDAL; kept as it was: {what}.")
        return
    output.line(
        f"  {item.downloaded:,} of {item.tracks:,} tracks downloaded, {item.errors:,} failed."
    )
    for line in _missing_of(answer):
        output.line(clean(f"  {line}"))


def _missing_of(answer: PlaylistAnswer) -> Iterable[str]:
    """What is not there, or not known, and why."""
    if answer.incomplete:
        yield f"It could not be read completely at the last check: {answer.incomplete}"
        yield "Nothing is removed from it until it can."
    missing = answer.unavailable
    if missing:
        yield f"{plural(len(missing), 'track')} that TIDAL does not have:"
    for track in missing[:STEPS]:
        yield f"  {track.artist} - {track.title} [{track.track}]"
    if len(missing) > STEPS:
        yield f"  … and {len(missing) - STEPS:,} more"


def _show_next(answer: Answer, output: Output) -> None:
    checked = f"Last check: {_when(answer.checked)}."
    if not answer.next:
        known = answer.checked and not (isinstance(answer, PlaylistAnswer) and answer.incomplete)
        nothing = "Nothing is to be done about it." if known else ""
        output.line(f"  {checked} {nothing}".rstrip())
        return
    output.line(f"  {checked} The next sync will:")
    for action in answer.next[:STEPS]:
        output.line(clean(f"    {_planned(action)}"))
    if len(answer.next) > STEPS:
        output.line(f"    … and {len(answer.next) - STEPS:,} more")


def _when(checked: datetime | None) -> str:
    return local(checked) if checked else "none so far"


def _planned(action: Planned) -> str:
    deed = _DEEDS.get(action.action, action.action.replace("_", " "))
    where = folder_of(LibPath(action.path)) if action.path.count("/") else action.path
    return f"{deed} in {where}{why_words(action.action, action.because)}" + (
        f": {action.message}" if action.message else ""
    )


def _show_history(
    steps: Sequence[PastStep], folders: Mapping[str, str], output: Output, *, verbose: bool
) -> None:
    if not steps:
        output.line("  Nothing was done with it so far.")
        return
    names, shown = FolderNames(steps, folders), steps if verbose else steps[-STEPS:]
    output.line("  What was done:")
    if len(shown) < len(steps):
        output.line(f"    … {len(steps) - len(shown):,} earlier (--verbose shows all)")
    for step in shown:
        at = local(step.at) if step.at else ""
        for line in lines_of(step, names)[:1]:
            text = f"{at}  {short_of(step.run)}  {line.sign} {line.playlist}: {line.text}"
            output.line(clean(f"    {text}"))
