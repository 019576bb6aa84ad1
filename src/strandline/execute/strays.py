"""Which links that no entry names are strandline's, by what the journal says of their making."""

from __future__ import annotations

from dataclasses import replace

from strandline.core.ids import folder_of
from strandline.core.renamed import lacks_links, strays
from strandline.core.states import FoundLink, Ledger, MadeLink, Scan
from strandline.db.links_made import LinkMade
from strandline.db.store import Store
from strandline.library.stamps import link_stamp


def knowing_strays(ledger: Ledger, scan: Scan, store: Store) -> Ledger:
    """The ledger, with which of the scan's strange links are strandline's."""
    found = strays(ledger, scan)
    rows = store.links_made({link.target for link in found})
    if not rows:
        return ledger
    texts = {(row.playlist, row.text): row.track for row in rows}
    made = texts if lacks_links(ledger, scan) else {}
    return replace(ledger, made=made, ours=_very_ones(found, rows, scan))


def _very_ones(found: list[FoundLink], rows: list[LinkMade], scan: Scan) -> dict[int, MadeLink]:
    """Text and inode alone may be a person's link by now: the number of one that is gone."""
    stamped = {(row.stamp.ino, row.text): row for row in rows if row.stamp}
    ours: dict[int, MadeLink] = {}
    for link in found:
        row = stamped.get((link.ino, link.target))
        if row and link_stamp(f"{scan.root}/{link.path}") == row.stamp:
            ours[link.ino] = MadeLink(row.playlist, row.track, folder_of(row.path))
    return ours
