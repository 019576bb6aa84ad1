"""export usb: the playlists and their music as real files, in a folder on a stick."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from strandline.app.exporting import library_ids, place_of
from strandline.app.handover import Caution
from strandline.app.run_end import kept_end
from strandline.app.running import Watch, held_library, unwatched
from strandline.app.usb_copy import StickRun
from strandline.app.usb_plan import (
    CONVERT,
    COPY,
    REMOVE,
    WRITE,
    StickPlan,
    UsbRequest,
    plan_stick,
)
from strandline.core.exports import tree_of
from strandline.core.players import PLAYERS
from strandline.core.stick import MUSIC, PLAYLISTS, Manifest, playlist_paths
from strandline.core.stick_manifest import OtherManifestError, from_text
from strandline.db.journal import new_run
from strandline.db.store import utc_now
from strandline.errors import Exit, LibraryError, SafetyStopError, StrandlineError, UsageError
from strandline.execute.ports import StopFlag
from strandline.execute.result import Result
from strandline.library.scan.folder_cache import file_system
from strandline.library.stick import MANIFEST, Stick

if TYPE_CHECKING:
    from strandline.app.session import Clock, Session
    from strandline.config import Config
    from strandline.events import Progress

COMMAND = "export usb"
_EXFAT, _UNREADABLE = ("exfat", "fuse.exfat"), ("ntfs", "ntfs3", "apfs", "ext4", "btrfs", "xfs")

__all__ = [
    "CONVERT",
    "COPY",
    "PLAYERS",
    "REMOVE",
    "WRITE",
    "StickResult",
    "UsbRequest",
    "export_usb",
]


class StickContents(NamedTuple):
    """What a stick holds of an export; of a dry run, what it would hold."""

    playlists: int
    tracks: int
    files: tuple[str, ...]
    """From the stick's folder on, in order."""


@dataclass(frozen=True, slots=True)
class StickResult:
    """What was planned, and what became of it; no ``result`` where nothing was to be done."""

    plan: StickPlan
    result: Result | None
    dry_run: bool
    contents: StickContents

    @property
    def only_noted(self) -> bool:
        """Nothing but the manifest was to be another."""
        result = self.result
        return bool(
            result
            and not (result.done or result.failed or result.skipped)
            and not (result.stopped or result.interrupted)
        )

    @property
    def exit(self) -> Exit:
        """Of a dry run, whether there is something to do."""
        if self.dry_run:
            return Exit.DONE if self.plan.unchanged else Exit.CHANGES_PENDING
        return self.result.exit if self.result else Exit.DONE


def export_usb(
    config: Config,
    to: str,
    request: UsbRequest,
    progress: Progress | None = None,
    *,
    dry_run: bool = False,
    planned: Callable[[StickPlan], None] = lambda _: None,
    watch: Watch = unwatched,
    now: Clock = utc_now,
) -> StickResult:
    """Bring the folder ``to`` up to date; ``planned`` hears what is to be done before it begins.

    It is in history, and cannot be undone: the stick may be anywhere by then. Raises UsageError (a
    place that is none, an unknown playlist), SafetyStopError (``no_room``, ``other_library``,
    ``nothing_to_export``), BusyError, LibraryError.
    """
    place = stick_folder(config, to)
    with kept_end(config, COMMAND, now) as end:
        with held_library(config, progress, now) as (session, files), opened(place) as stick:
            plan = _planned(session, stick, request)
            too_full = _no_room(plan)
            if dry_run and too_full:
                text = f"{too_full.message} The run would stop with exit code 5."
                plan.warnings.append(Caution("no_room", text))
            if dry_run or plan.unchanged:
                end.is_run = False
                return StickResult(plan, None, dry_run, _foreseen(plan))
            if too_full:
                raise too_full
            planned(plan)
            result, stop = Result(new_run(now())), StopFlag()
            end.run = result.run
            with watch(stop):
                StickRun(stick, plan, files, result, stop, session.progress).carry_out()
            contents = _standing(stick, plan, result)
        end.by(result, result.exit)
        end.notes.append(_told(result, place))
    return StickResult(plan, result, dry_run, contents)


def _planned(session: Session, stick: Stick, request: UsbRequest) -> StickPlan:
    _require_shape(stick)
    manifest, before, cautions = _manifest(session, stick)
    former, manifest.player = manifest.player, request.player
    plan = plan_stick(session, stick, manifest, request, before)
    plan.former_player = former
    if manifest.tracks and not plan.handover.playlists:
        raise SafetyStopError(
            "No playlist is left to export; the stick would be emptied.",
            hint="If that is what you want, remove its Music and Playlists folders yourself.",
            code="nothing_to_export",
        )
    plan.warnings += [*cautions, *_of_file_system(stick, plan)]
    return plan


def _told(result: Result, place: str) -> str:
    """For history, which knows steps in the library alone."""
    words = {
        COPY: "copied",
        CONVERT: "converted",
        REMOVE: "removed",
        WRITE: "playlist files written",
    }
    done = [f"{number} {words[kind]}" for kind, number in sorted(result.done.items())]
    if result.failed:
        done.append(f"{len(result.failed)} failed")
    nothing = "nothing was done" if result.stopped else "nothing had to be copied"
    return f"{', '.join(done) or nothing} in {place}"


def _foreseen(plan: StickPlan) -> StickContents:
    places = plan.here
    files = {*places.values(), *playlist_paths(tree_of(plan.handover))}
    return StickContents(len(plan.handover.playlists), len(places), tuple(sorted(files)))


def _standing(stick: Stick, plan: StickPlan, result: Result) -> StickContents:
    """By a look at the stick: a run that failed or was cut off did not do what it planned."""
    manifest, handover = plan.manifest, plan.handover
    failed = {str(it.path) for it in result.failed if it.action == WRITE}
    try:
        there = stick.survey()
        places = (it.path for id, it in manifest.tracks.items() if id in handover.tracks)
        tracks = [path for path in places if path in there or stick.see(path)]
        listed = (manifest.playlists.get(it.id) for it in handover.playlists)
        lists = [it for it in listed if it and it not in failed and (it in there or stick.see(it))]
    except StrandlineError:  # it was pulled out
        return StickContents(0, 0, ())
    return StickContents(len(lists), len(tracks), tuple(sorted({*tracks, *lists})))


# ---------------------------------------------------------------- where to


def stick_folder(config: Config, to: str) -> str:
    """The full path of a folder that may be written to. Raises UsageError."""
    place = place_of(to)
    if not os.path.isdir(place):
        what = "no folder" if os.path.lexists(place) else "not there"
        raise UsageError(
            f"{place} is {what}.",
            hint="Plug the stick in, or make the folder first: strandline makes none, so that "
            "nothing is copied to where a stick would have been.",
            code="no_folder",
        )
    _require_outside(config, place)
    _require_no_home(config, place)
    if not os.access(place, os.W_OK | os.X_OK):
        raise UsageError(
            f"{place} cannot be written to.",
            hint="Is it mounted read-only, or another user's?",
            code="not_writable",
        )
    return place


def _require_outside(config: Config, place: str) -> None:
    """Not in the library, by whatever path, but for a folder below ``exports``."""
    library, above = os.path.realpath(config.library), place
    below = ""
    while True:
        if _is_same(above, library):
            if below == "exports":
                return
            raise UsageError(
                f"{place} is where strandline keeps the library.",
                hint="Choose another place with --to.",
                code="to_in_library",
            )
        parent, name = os.path.split(above)
        if parent == above:
            return
        above, below = parent, name


def _require_no_home(config: Config, place: str) -> None:
    """A folder that holds the library, or a person's whole home, is no stick."""
    real = os.path.realpath(place)
    for inside in (os.path.realpath(config.library), os.path.realpath(os.path.expanduser("~"))):
        if os.path.commonpath((real, inside)) == real:
            what = "the library" if inside == os.path.realpath(config.library) else "your home"
            raise UsageError(
                f"{place} is no stick: {what} is in it.",
                hint="Make a folder there, and give it with --to.",
                code="no_stick",
            )


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def opened(place: str) -> Stick:
    """The folder, open. LibraryError."""
    try:
        return Stick(place)
    except OSError as error:
        raise LibraryError(f"{place} cannot be opened: {error.strerror}.") from error


def _of_file_system(stick: Stick, plan: StickPlan) -> list[Caution]:
    """Whether the player can read such a stick at all."""
    kind, player = file_system(stick.root), plan.player
    if kind in _EXFAT and not player.exfat:
        text = f"{stick.folder} is exFAT, which {player.models} cannot read: format it as FAT32."
    elif kind in _UNREADABLE:
        text = f"{stick.folder} is {kind}, which no DJ player reads: copy it to a FAT32 stick."
    else:
        return []
    return [Caution("file_system", text)]


# ---------------------------------------------------------------- before it begins


def _require_shape(stick: Stick) -> None:
    """Links and files where folders are needed are refused, and nothing else where the manifest is.

    Raises UsageError.
    """
    for name, wanted in ((MUSIC, "folder"), (PLAYLISTS, "folder"), (MANIFEST, "file")):
        there = stick.see(name)
        if there is not None and there.type != wanted:
            what = "special file" if there.type == "other" else there.type
            raise UsageError(
                f"{stick.folder}/{name} is a {what}, where a {wanted} is needed.",
                hint="Rename it or move it away, or choose another folder with --to.",
                code="in_the_way",
            )


def _manifest(session: Session, stick: Stick) -> tuple[Manifest, bytes, list[Caution]]:
    """What the stick is known to hold, its text, and what is to be told of it."""
    cautions: list[Caution] = []
    found, before = Manifest(), b""
    for text in stick.manifests():
        try:
            found, before = from_text(text), b"" if cautions else text
            break
        except OtherManifestError as error:
            raise UsageError(
                f"{stick.folder} holds a {MANIFEST} {error}.",
                hint="Choose another folder with --to.",
                code="other_export",
            ) from error
        except ValueError:
            text_ = f"The {MANIFEST} of {stick.folder} was damaged, so it is written again."
            cautions = [Caution("manifest_damaged", text_)]
    return _ours(session, stick, found), before, cautions


def _ours(session: Session, stick: Stick, manifest: Manifest) -> Manifest:
    """It belongs to this library, by its present id or a former one."""
    ids = library_ids(session)
    if manifest.library and manifest.library not in ids:
        raise SafetyStopError(
            f"{stick.folder} holds an export of another library.",
            hint="Choose another folder with --to; that export would be taken away.",
            code="other_library",
        )
    manifest.library = ids[0]
    return manifest


def _no_room(plan: StickPlan) -> SafetyStopError | None:
    """Also without what goes: it goes first where there would be no room otherwise."""
    if plan.free is None or plan.needed <= plan.free + plan.freed:
        return None
    return SafetyStopError(
        f"There is no room in {plan.folder}: {_mb(plan.needed)} are needed,"
        f" {_mb(plan.free + plan.freed)} are free.",
        hint="Free some space there, take a larger stick, or choose playlists with --playlist"
        " (and --prune). --convert-to mp3 needs less.",
        code="no_room",
    )


def _mb(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"
