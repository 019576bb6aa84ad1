"""The steps of an import: folders, the files, and the links to them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from strandline.core.actions import (
    Action,
    Because,
    CreateFolder,
    Download,
    EntryState,
    Link,
    Relink,
    RenameFolder,
    Unlink,
)
from strandline.core.ids import LibPath, TrackId, folder_of
from strandline.execute.dependencies import DependencyTracker
from strandline.execute.run_actions import Import

if TYPE_CHECKING:
    from strandline.app.importing import ImportResult, Taken, View
    from strandline.events import Progress


def import_steps(
    looked: ImportResult, view: View, mode: str, progress: Progress
) -> Iterator[Action]:
    """Of the plan only what brings these tracks: folders, the files, and the links to them."""
    taken = {it.match.track: it for it in looked.taken}
    dependencies, steps = DependencyTracker(), list[Action]()
    progress.phase("hash", total=len(taken))
    for action in view.plan.actions:
        match action:
            case Download() if action.track in taken:
                it = taken[action.track]
                dependencies.went(action, it.path)
                seen = looked.found.seen[it.match.file.path]
                steps += _gives_way(action, it.path)
                steps.append(_import(action, it, seen, mode))
                progress.advance(1)
            case Link() | Relink() if action.track in taken:
                steps.append(dependencies.followed(action))
            case Unlink(because=Because.RENAMED_IN_TIDAL) if action.track in taken:
                steps.append(action)
            case _:
                pass
    steps += _renamed_links(view, dependencies, taken)
    folders = {folder_of(action.path) for action in steps}
    for action in view.plan.actions:
        if isinstance(action, (CreateFolder, RenameFolder)) and folder_of(action.path) in folders:
            yield action
    yield from steps


def _gives_way(action: Download, path: LibPath) -> Iterator[Unlink]:
    """Our own link at the track's place, where the file has another ending than was forecast."""
    if action.replaces and action.replaces.type == "link" and path != action.path:
        at = action.path, Because.RENAMED_IN_TIDAL, action.playlist, action.track
        yield Unlink(*at, expected=action.replaces)


def _import(action: Download, it: Taken, seen: EntryState, mode: str) -> Import:
    from strandline.library.hashing.sha256 import sha256_file

    file = it.match.file.path
    try:
        pipe = not stat.S_ISREG(os.lstat(file).st_mode)  # by now; nobody waits for that
        sha256 = "" if pipe else sha256_file(file)
    except OSError:
        sha256 = ""  # the step itself says what has become of it
    return Import(
        it.path,
        Because.OWN_FILE,
        action.playlist,
        action.track,
        file=file,
        mode=mode,
        expected=seen,
        sha256=sha256,
        named_for=action.named_for,
        replaces=action.replaces if action.path == it.path else None,
    )


def _renamed_links(
    view: View, dependencies: DependencyTracker, taken: Mapping[TrackId, Taken]
) -> Iterator[Action]:
    """Links that stand, and led to the audio under another ending."""
    for link in view.plan.following:
        came = dependencies.came_otherwise(link) if link.track in taken else None
        found = view.scan.links.get(link.path)
        if came is not None and found is not None:
            seen = EntryState("link", found.dev, found.ino, target=found.target)
            at = link.path, Because.RENAMED_IN_TIDAL, link.playlist, link.track
            yield Unlink(*at, expected=seen)
            yield came
