"""Files of lyrics (``tags.lyrics = "file"``) go where their tracks' audio goes.

Which ones are strandline's is told by their content alone: what somebody has written to is theirs,
and so is what stands at a place where one would come.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from strandline.core.actions import (
    Because,
    Download,
    Lyrics,
    Move,
    RenameFolder,
    TakeBack,
    Trash,
)
from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import ActionResult, facts_of, with_facts
from strandline.core.plan import in_order
from strandline.execute.lyrics_files import lyrics_path, written
from strandline.library.files.exports import LYRICS

if TYPE_CHECKING:
    from pathlib import Path

    from strandline.core.plan import Plan
    from strandline.core.states import Ledger, Scan
    from strandline.db.store import Store

LARGEST = 1 << 20
_MOVING = (RenameFolder, Move, Download, TakeBack, Trash)


class LyricsFile(NamedTuple):
    """A file that strandline wrote, as it lies there."""

    path: LibPath
    track: TrackId
    sha256: str
    data: bytes


def without_lyrics(scan: Scan, store: Store, mp3_dir: Path) -> tuple[Scan, tuple[LyricsFile, ...]]:
    """The scan without strandline's own files of lyrics, and those."""
    paths = [path for path, file in scan.files.items()
             if path.endswith(LYRICS) and file.size <= LARGEST]  # fmt: skip
    if not paths:
        return scan, ()
    found = tuple(_ours(paths, store.journal.lyrics(), mp3_dir))
    if not found:
        return scan, ()
    ours = {file.path for file in found}
    files = {path: file for path, file in scan.files.items() if path not in ours}
    return replace(scan, files=files), found


def _ours(
    paths: Iterable[LibPath], written_by: dict[str, TrackId], mp3_dir: Path
) -> Iterator[LyricsFile]:
    for path in sorted(paths):
        try:
            data = (mp3_dir / path).read_bytes()
        except OSError:
            continue
        sha256 = hashlib.sha256(data).hexdigest()
        if (track := written_by.get(sha256)) is not None:
            yield LyricsFile(path, track, sha256, data)


def with_lyrics(plan: Plan, ledger: Ledger, lyrics: Iterable[LyricsFile], scan: Scan) -> Plan:
    """The plan, with what becomes of these files by the end of it."""
    steps = lyrics_steps(plan, ledger, lyrics, scan)
    return replace(plan, actions=in_order([*plan.actions, *steps])) if steps else plan


def lyrics_steps(
    plan: Plan, ledger: Ledger, lyrics: Iterable[LyricsFile], scan: Scan
) -> list[Lyrics]:
    """What becomes of them by the end of a plan; nothing of those that it speaks of itself."""
    told = {action.path for action in plan.actions if isinstance(action, Lyrics)}
    found = [file for file in lyrics if file.path not in told]
    if not found:
        return []
    after = _audio_after(plan, ledger, {file.track for file in found})
    folders = {it.source: it.path for it in plan.actions if isinstance(it, RenameFolder)}
    taken = {_after(path, folders) for path in scan.files}
    return [step for file in found for step in _steps(file, after, folders, taken)]


def _audio_after(plan: Plan, ledger: Ledger, tracks: set[TrackId]) -> dict[TrackId, LibPath]:
    changes = [*plan.facts, *plan.agreed]
    for action in plan.actions:
        if isinstance(action, RenameFolder) or (
            isinstance(action, _MOVING) and action.track in tracks
        ):
            known = ledger.files.get(action.track) if action.track else None
            changes += facts_of(action, ActionResult(action.path), known)
    then = with_facts(ledger, changes)
    return {track: then.files[track].path for track in tracks if track in then.files}


def _after(path: LibPath, folders: dict[LibPath, LibPath]) -> LibPath:
    """Where something lies once the folders have their new names."""
    folder, _, name = path.rpartition("/")
    return LibPath(f"{folders.get(LibPath(folder), LibPath(folder))}/{name}")


def _steps(
    file: LyricsFile,
    after: dict[TrackId, LibPath],
    folders: dict[LibPath, LibPath],
    taken: set[LibPath],
) -> Iterator[Lyrics]:
    """It comes to lie beside its audio, if there is room, and goes from where it was."""
    here, audio = _after(file.path, folders), after.get(file.track)
    there = lyrics_path(audio) if audio else None
    if there == here:
        return
    gone = Lyrics(here, Because.PRIMARY_MOVED, None, file.track, sha256=None, old=file.sha256)
    if there and there not in taken:
        yield written(there, gone, Because.PRIMARY_MOVED, file.data)
    yield gone
