"""Which files a part of ``reapply`` may make anew, and where they are by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from strandline.core.actions import Move
from strandline.core.ids import LibPath, TrackId
from strandline.errors import StrandlineError
from strandline.execute.requests import request_for

if TYPE_CHECKING:
    from collections.abc import Container

    from strandline.app.reapply import View
    from strandline.core.states import FoundFile, LedgerEntry, LedgerFile
    from strandline.execute.ports import DownloadRequest

UNSETTLED = "the next sync has something to do with it; run `strandline sync-execute` first"
IMPORTED = "you imported it; name its playlist with --playlist to include it"
UNKNOWN = "its content is not known yet; run `strandline verify` first"
OWN_LINK = "a link of yours stands there"


def obstacle(
    view: View, file: LedgerFile, found: FoundFile | None, imported: Container[TrackId]
) -> str:
    """Why a file stays as it is; empty where it need not."""
    if found is None:
        return OWN_LINK
    if file.track in view.unsettled:
        return UNSETTLED
    if file.track in imported:
        return IMPORTED
    if file.stamp is None or file.sha256 is None:
        return UNKNOWN
    return "" if file.stamp == found.stamp else UNSETTLED


def order_of(track: TrackId, view: View) -> DownloadRequest | None:
    """None for a track that no snapshot ever described."""
    try:
        return request_for(track, view.session.store)
    except StrandlineError:
        return None


def path_after(path: LibPath, track: TrackId, view: View) -> LibPath:
    """Where the file is once the parts before this one are done."""
    moves = (it for it in view.before.actions if isinstance(it, Move) and it.track == track)
    return next((move.path for move in moves if move.source == path), path)


def named_after(entry: LedgerEntry, view: View) -> str | None:
    """What its name is given for then."""
    moves = (it for it in view.before.actions if isinstance(it, Move) and it.track == entry.track)
    return next((move.named_for for move in moves), entry.named_for)
