"""What lies in the trash with the right id and the right hash need not be fetched from TIDAL."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

from strandline.core.actions import (
    Action,
    Because,
    Download,
    EntryState,
    Link,
    Relink,
    TakeBack,
)
from strandline.core.ids import LibPath, TrackId
from strandline.core.ledger_facts import IdReplaced
from strandline.core.plan import in_order
from strandline.execute.dependencies import DependencyTracker, extension_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from strandline.core.plan import Plan
    from strandline.db.journal import StepRow
    from strandline.db.store import Store


def from_trash(plan: Plan, store: Store, library: Path) -> Plan:
    """The plan, with downloads of what the trash holds turned into moves out of it.

    The file has to be one that strandline put there for this very track, under the extension that
    a download would have, or be a person's own that lies in the trash of its import; it is read,
    and is what the journal says of it to the byte. A damaged file's successor always comes from
    TIDAL.
    """
    wanted = {
        action.track
        for action in plan.actions
        if isinstance(action, Download) and action.because is not Because.DAMAGED_ON_DISK
    }
    if not wanted:
        return plan
    trash = library / ".strandline" / "trash"
    # the journal learns of an id that was found replaced only with the plan's facts
    numbered = {note.old: note.new for note in plan.facts if isinstance(note, IdReplaced)}
    before = {old for old, new in numbered.items() if new in wanted}
    rows: dict[str | None, list[StepRow]] = {}
    for row in store.journal.trashed(filter(None, wanted | before)):
        track = numbered.get(TrackId(row.track), row.track) if row.track else None
        rows.setdefault(track, []).append(row)
    if not rows:
        return plan
    owners, dependencies = store.imported(), DependencyTracker()
    taken = list(_taken(plan.actions, rows, trash, owners))
    for old, new in zip(plan.actions, taken, strict=True):
        dependencies.went(old, new.path)
    followed = (dependencies.followed(it) if isinstance(it, (Link, Relink)) else it for it in taken)
    return replace(plan, actions=in_order(followed))


def _taken(
    actions: Iterable[Action],
    rows: Mapping[str | None, list[StepRow]],
    trash: Path,
    owners: Mapping[TrackId, str],
) -> Iterable[Action]:
    for action in actions:
        fits = isinstance(action, Download) and action.because is not Because.DAMAGED_ON_DISK
        theirs = owners.get(action.track) if fits and action.track else None
        found = _found(action, rows.get(action.track, ()), trash, theirs) if fits else None
        yield found or action


def _found(
    action: Action, rows: Iterable[StepRow], trash: Path, theirs: str | None
) -> TakeBack | None:
    """``theirs``: the import whose trash holds the person's own file of this track."""
    assert isinstance(action, Download)
    for row in rows:
        place, sha256 = row.trash_path or "", row.sha256 or ""
        own, planned = extension_of(LibPath(place)), extension_of(action.path)
        if own != planned and place.partition("/")[0] != theirs:
            continue
        if (seen := _seen(trash / place, row.size, sha256)) is not None:
            return TakeBack(
                LibPath(action.path.removesuffix(planned) + own),
                Because.IN_TRASH,
                action.playlist,
                action.track,
                place=place,
                expected=seen,
                sha256=sha256,
                named_for=action.named_for,
                replaces=action.replaces if own == planned else None,
            )
    return None


def _seen(path: Path, size: int | None, sha256: str) -> EntryState | None:
    """The file, if it has these very bytes."""
    from strandline.library.hashing.sha256 import sha256_file
    from strandline.library.stamps import mtime_of

    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or size not in (None, found.st_size):
            return None
        if sha256_file(path) != sha256:
            return None
    except OSError:
        return None
    return EntryState("file", found.st_dev, found.st_ino, found.st_size, mtime_of(found))
