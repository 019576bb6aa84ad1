"""export: the playlists as files that DJ programs and players read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from strandline.app.exporting import (
    ELSEWHERE,
    Content,
    Exporting,
    Planner,
    Target,
    as_written,
    moves_copies,
    not_a_folder,
    place_of,
    require_folder,
)
from strandline.app.handover import Caution, find
from strandline.app.moves import moved_since
from strandline.app.running import Watch, executor_for, held_library, unwatched
from strandline.core.actions import Action
from strandline.core.exports import Handover, MovedPlace, NotExported, Unfit
from strandline.core.ids import LibPath
from strandline.db.store import utc_now
from strandline.errors import Exit, SafetyStopError, UsageError
from strandline.execute.ports import StopFlag
from strandline.execute.result import NotDone, Result
from strandline.execute.run_actions import Export
from strandline.library.exports import itunes, m3u8, rekordbox, serato, traktor

if TYPE_CHECKING:
    from strandline.app.session import Clock, Session
    from strandline.config import Config
    from strandline.events import Progress
    from strandline.library.files import LibraryFiles


class Format(str, Enum):
    """What can be written."""

    M3U8 = "m3u8"
    REKORDBOX = "rekordbox"
    TRAKTOR = "traktor"
    SERATO = "serato"
    ITUNES = "itunes"

    @property
    def is_folder(self) -> bool:
        """It is several files in a folder; else one file."""
        return self in (Format.M3U8, Format.SERATO)


_FILES = {
    Format.REKORDBOX: "rekordbox.xml",
    Format.TRAKTOR: "traktor.nml",
    Format.ITUNES: "itunes.xml",
}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export, and where to."""

    format: Format
    playlists: tuple[str, ...] = ()
    to: str | None = None
    """As the person wrote it; None for below ``<library>/exports``."""


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """What is to be written and taken away, and what cannot be."""

    format: Format
    files: tuple[str, ...]
    """All files of the export, those included that stay as they are."""
    playlists: int
    tracks: int
    left_out: tuple[NotExported, ...]
    warnings: tuple[Caution, ...]
    moved: tuple[MovedPlace, ...] = ()
    """Since the export before."""
    actions: tuple[Export, ...] = ()
    refused: tuple[NotDone, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What was planned, and what became of it; no ``result`` where nothing had changed."""

    plan: ExportPlan
    result: Result | None

    @property
    def files(self) -> list[str]:
        """All files of the export that stand now as they should."""
        undone = (*self.result.failed, *self.result.skipped) if self.result else ()
        missing = {str(it.path) for it in undone}
        return [it for it in self.plan.files if it not in missing]

    @property
    def exit(self) -> Exit:
        """The run's own exit code; what is left out is no failure."""
        return self.result.exit if self.result else Exit.DONE


def export(
    config: Config,
    request: ExportRequest,
    progress: Progress | None = None,
    *,
    watch: Watch = unwatched,
    now: Clock = utc_now,
) -> ExportResult:
    """Write an export, as a run of its own; nothing is written where nothing has changed.

    Raises UsageError (an unknown playlist, a place that is no place for it, a file there that is
    not strandline's), BusyError, SafetyStopError, LibraryError.
    """
    with held_library(config, progress, now) as (session, files):
        plan = plan_export(session, files, request)
        if plan.refused and not request.format.is_folder:
            raise UsageError(plan.refused[0].error, hint=ELSEWHERE, code=plan.refused[0].code)
        if not plan.actions:
            return ExportResult(plan, None)
        stop = StopFlag()
        with watch(stop):
            result = executor_for(session, files, stop).run(
                Exporting(plan.actions), f"export {request.format.value}"
            )
        return ExportResult(plan, result)


@dataclass(slots=True)
class AfterSync:
    """The exports of ``export.after_sync``, planned once a run has done its work."""

    session: Session
    files: LibraryFiles
    refused: list[NotDone] = field(default_factory=list)

    def __call__(self) -> list[Action]:
        """The steps; an export that has no place at all is in ``refused``."""
        actions: list[Action] = []
        for word in self.session.config.export_after_sync:
            try:
                actions += plan_export(
                    self.session, self.files, ExportRequest(Format(word))
                ).actions
            except (UsageError, SafetyStopError) as error:
                path = LibPath(f"exports/{_FILES.get(Format(word), word)}")
                self.refused.append(NotDone("export", path, error.message, error.code))
        return actions


def plan_export(session: Session, files: LibraryFiles, request: ExportRequest) -> ExportPlan:
    """What ``wish`` comes to, by what stands there now. Changes nothing."""
    target = _target(session.config, request)
    found = find(session, request.playlists, unfit=_unfit(request.format, target))
    handover = found.handover
    contents = _contents(session.config, request.format, handover, target)
    planner = Planner(session, files, target, partly=bool(request.playlists))
    planner.plan(contents)
    copies, not_ours = moves_copies(session, files)
    actions = (*planner.actions, *copies)
    return ExportPlan(
        request.format,
        tuple(contents),
        len(handover.playlists),
        len(handover.tracks),
        found.left_out,
        (*found.warnings, *(Caution("not_ours", it) for it in (*planner.warnings, *not_ours))),
        tuple(_moved(session, files, planner.actions, handover)),
        actions,
        tuple(planner.refused),
    )


def _moved(
    session: Session, files: LibraryFiles, actions: Iterable[Export], handover: Handover
) -> list[MovedPlace]:
    """By the files that are to give way."""
    library = os.path.realpath(session.config.library)
    old = [os.path.join(library, action.path) for action in actions if action.old]
    return moved_since(session, files, old, handover.tracks)


# ---------------------------------------------------------------- where to


def _target(config: Config, request: ExportRequest) -> Target:
    """Raises UsageError for a place that cannot be one."""
    library = os.path.realpath(config.library)
    name = _FILES.get(request.format)
    if request.to is None:
        if request.format is Format.SERATO:
            raise UsageError(
                "Serato reads crates from a folder of its own: say which.",
                hint="Such as --to ~/Music/_Serato_, or _Serato_ at the top of an external disk.",
                code="to_needed",
            )
        inside = "exports" if name else "exports/m3u8"
        _require_real(library, inside)
        return Target(inside, f"{library}/{inside}", name)
    place = place_of(request.to)
    if request.format is Format.SERATO and os.path.basename(place) == "Subcrates":
        place = os.path.dirname(place)
    if name is None:
        if os.path.isfile(place):
            raise UsageError(
                f"{place} is a file, and {request.format.value} writes several into a folder.",
                hint="Name a folder with --to; one that is not there is made.",
                code="no_folder",
            )
        return Target(as_written(place, library), place)
    if os.path.isdir(place) or request.to.endswith("/"):
        require_folder(place)
        return Target(as_written(place, library), place, name)
    folder, name = os.path.split(place)
    require_folder(folder)
    return Target(as_written(folder, library), folder, name)


def _require_real(library: str, inside: str) -> None:
    """Raises UsageError where a link or a file is in the place of a folder of exports."""
    if path := not_a_folder(library, inside):
        what = "a link" if os.path.islink(path) else "a file"
        raise UsageError(
            f"{path} is {what}, where exports need a folder.",
            hint="Make it a folder, or choose a place with --to.",
            code="no_folder",
        )


# ---------------------------------------------------------------- what to write


def _unfit(form: Format, target: Target) -> Unfit:
    match form:
        case Format.M3U8:
            return m3u8.unfit
        case Format.REKORDBOX:
            return rekordbox.unfit
        case Format.TRAKTOR:
            return traktor.unfit
        case Format.SERATO:
            by_name, by_disk = serato.unfit(target.real), _elsewhere(target.real)
            return lambda track: by_name(track) or by_disk(track)
        case Format.ITUNES:
            return itunes.unfit


def _elsewhere(home: str) -> Unfit:
    """Files on another file system than ``home``, or the folder that it will be in."""
    here = home
    while not os.path.isdir(here):
        here = os.path.dirname(here)
    disk = _device(here)

    @lru_cache(4096)
    def is_elsewhere(folder: str) -> bool:
        return os.path.exists(folder) and _device(folder) != disk

    return lambda it: "on_another_disk" if is_elsewhere(os.path.dirname(it.path)) else None


def _device(folder: str) -> int:
    return os.stat(folder).st_dev


def _contents(
    config: Config, form: Format, handover: Handover, target: Target
) -> dict[str, Content]:
    """What is to stand at each path, as the journal writes paths."""
    if form is Format.M3U8:
        base = target.real if config.export_m3u8_paths == "relative" else None
        return {target.at(name): make for name, make in m3u8.m3u8_files(handover, base)}
    if form is Format.SERATO:
        return {target.at(name): make for name, make in serato.serato_crates(handover)}
    write: Content = {
        Format.REKORDBOX: partial(rekordbox.rekordbox_xml, handover),
        Format.TRAKTOR: partial(traktor.traktor_nml, handover, system_disk()),
        Format.ITUNES: partial(itunes.itunes_xml, handover),
    }[form]
    return {target.at(target.name or ""): write}


def system_disk() -> str:
    """What macOS calls the disk that it runs from; Traktor's usual word elsewhere."""
    try:
        with os.scandir("/Volumes") as volumes:
            for volume in volumes:
                if volume.is_symlink() and os.path.realpath(volume.path) == "/":
                    return volume.name
    except OSError:
        pass
    return traktor.SYSTEM_DISK
