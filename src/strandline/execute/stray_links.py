"""What is strandline's of that which the ledger does not name, by what the journal says of it."""

from __future__ import annotations

from dataclasses import replace

from strandline.core.ids import folder_of
from strandline.core.names import nfc
from strandline.core.renamed_links import lacks_links, strays
from strandline.core.states import FoundLink, Ledger, MadeLink, Scan
from strandline.db.links_made import LinkMade
from strandline.db.store import Store
from strandline.library.stamps import link_stamp


def knowing_strays(ledger: Ledger, scan: Scan, store: Store) -> Ledger:
    """The ledger, with which of the scan's strange links are strandline's."""
    found = strays(ledger, scan)
    spelled = _spellings(found)
    rows = store.links_made(spelled.keys())
    if not rows:
        return ledger
    texts = {(row.playlist, text): row.track for row in rows for text in spelled[row.text]}
    made = texts if lacks_links(ledger, scan) else {}
    return replace(ledger, made=made, ours=_very_ones(found, rows, scan))


def _spellings(found: list[FoundLink]) -> dict[str, set[str]]:
    """By what strandline may have written: what the links hold, which a Mac spells otherwise."""
    spelled: dict[str, set[str]] = {}
    for link in found:
        for text in (link.target, nfc(link.target)):
            spelled.setdefault(text, set()).add(link.target)
    return spelled


def knowing_fetched(ledger: Ledger, scan: Scan, store: Store) -> Ledger:
    """The ledger, with what was fetched for tracks of which it has no file, where one is found.

    An undo took the file away, while a person's copy of it stands in the stead of a link.
    """
    bearing = {seen.embedded for seen in scan.evidence.values() if seen.embedded}
    lost = {ledger.replaced.get(id, id) for id in bearing} - ledger.files.keys()
    if not lost:
        return ledger
    fetched = store.journal.made(lost).values()
    return replace(ledger, fetched=frozenset().union(*fetched))


def _very_ones(found: list[FoundLink], rows: list[LinkMade], scan: Scan) -> dict[int, MadeLink]:
    """Text and inode alone may be a person's link by now: the number of one that is gone."""
    stamped = {(row.stamp.ino, row.text): row for row in rows if row.stamp}
    ours: dict[int, MadeLink] = {}
    for link in found:
        row = stamped.get((link.ino, link.target))
        if row and link_stamp(f"{scan.root}/{link.path}") == row.stamp:
            ours[link.ino] = MadeLink(row.playlist, row.track, folder_of(row.path))
    return ours
