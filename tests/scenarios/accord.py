"""What every command says of one library, compared with each other and with the disk itself."""

from __future__ import annotations

import os
from pathlib import Path

from strandline.app.reports import dedupe, status
from strandline.app.verify import verify
from strandline.core.ids import LibPath, link_target
from strandline.core.states import Kind
from strandline.db.store import Store
from strandline.events import Silent
from tests.scenarios.home import Home


def everything_agrees(home: Home) -> None:
    """sync-check, sync-status, dedupe-report and verify count what the disk holds (I24).

    Of a library in which nothing is to be done. ``links`` are entries of ours in a primary's
    stead, never a person's; what ``verify`` finds wrong a sync would heal.
    """
    found = home.check(offline=True)
    told, report = status(home.config, (), Silent()), dedupe(home.config, Silent())
    checked = verify(home.config)
    standing = links_on_disk(home)
    assert report.links == len(standing), (report, standing)
    listed = {(group.track, path) for group in report.groups for path in group.links}
    assert listed == standing.keys()
    assert (report.shared_tracks, report.links, report.bytes_saved) == told.dedupe[:3]
    assert report.bytes_saved == sum(standing.values())
    assert found.plan.tally.links == report.links
    assert told.tracks["downloaded"] >= report.shared_tracks
    if found.in_sync:
        wrong = (*checked.missing, *checked.broken_links, *checked.corrupt)
        assert wrong == (), "verify tells of nothing that a sync would not heal"


def links_on_disk(home: Home) -> dict[tuple[str, str], int]:
    """Track and path of each link, hard link or copy of ours that stands there, and what it saves.

    Told from the files alone: an entry of the database is only where to look.
    """
    with Store.open(home.folder / "state" / "strandline.db", home.library) as store:
        ledger = store.load_ledger()
    mp3 = home.library / "mp3"
    found = {}
    for entry in ledger.entries.values():
        known = ledger.files.get(entry.track)
        if known is None or entry.kind in (Kind.PRIMARY, Kind.YOURS):
            continue
        here, primary = mp3 / entry.path, mp3 / known.path
        if not primary.is_file() or not _stands(here, primary, entry.path, known.path):
            continue
        is_copy = not here.is_symlink() and not os.path.samefile(here, primary)
        found[entry.track, entry.path] = 0 if is_copy else primary.stat().st_size
    return found


def _stands(here: Path, primary: Path, path: LibPath, primary_path: LibPath) -> bool:
    """Our link by its text; another name of the primary; or a copy, byte for byte."""
    if here.is_symlink():
        return os.readlink(here) == link_target(path, primary_path)
    return here.is_file() and here.read_bytes() == primary.read_bytes()
