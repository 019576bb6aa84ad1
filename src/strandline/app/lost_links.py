"""Links in the place of a person's files of the same sound: said where they lead nowhere.

They are the person's, so no sync points them elsewhere; the files lie in the trash until then.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from strandline.app.plan_warnings import Warn
from strandline.core.actions import Download, Move, RenameFolder, Trash
from strandline.core.ids import LibPath, folder_of, link_target
from strandline.core.ledger_facts import renamed_path
from strandline.core.run_ids import short_of

if TYPE_CHECKING:
    from strandline.core.plan import Plan
    from strandline.db.links_made import SharedLink
    from strandline.db.store import Store


def lost_links(store: Store, plan: Plan, mp3: str) -> Iterator[Warn]:
    """One for each run whose links lead nowhere, or will once the plan is carried out."""
    for run, links in groupby(store.shared_links(), key=lambda link: link.run):
        from strandline.execute.later_changes import folders_since

        folders = folders_since(run, (), {}, store)
        there = dict(_still_there(links, folders, mp3))
        lost = sorted(place for place in there if not os.path.exists(f"{mp3}/{place}"))
        going = _vacated(plan, {link.source for link in there.values()})
        next_ = sorted(p for p, link in there.items() if link.source in going and p not in lost)
        if lost:
            yield _told(lost, "leads nowhere", "lead nowhere", run)
        if next_:
            yield _told(next_, "would then lead nowhere", "would then lead nowhere", run)


def _still_there(
    links: Iterable[SharedLink], folders: Mapping[str, str], mp3: str
) -> Iterator[tuple[LibPath, SharedLink]]:
    """Those that are as they were made, with the place of each today."""
    for link in links:
        folder = folder_of(link.path)
        place = renamed_path(link.path, folder, folders.get(folder, folder))
        with suppress(OSError):
            if os.readlink(f"{mp3}/{place}") == link_target(link.path, link.source):
                yield place, link


def _vacated(plan: Plan, paths: Collection[LibPath]) -> set[LibPath]:
    """Of these paths, those from which the plan takes the file."""
    gone, come, renamed = set[LibPath](), set[LibPath](), list[str]()
    for action in plan.actions:
        if isinstance(action, Trash):
            gone.add(action.path)
        elif isinstance(action, Move):
            gone.add(action.source)
        elif isinstance(action, RenameFolder):
            renamed.append(f"{action.source}/")
        if isinstance(action, (Download, Move)):
            come.add(action.path)
    moved = {path for path in paths if path.startswith(tuple(renamed))}
    return ((gone & set(paths)) | moved) - come


def _told(paths: list[LibPath], one: str, many: str, run: str) -> Warn:
    more = len(paths) - 1
    which = f"{paths[0]} and {more:,} more {many}" if more else f"{paths[0]} {one}"
    yours = "files of yours" if more else "a file of yours"
    return Warn(
        "link_leads_nowhere",
        f"{which}: run {short_of(run)} put links to the same sound in the place of {yours}."
        f" `strandline undo {short_of(run)}` brings {'them' if more else 'it'} back.",
    )
