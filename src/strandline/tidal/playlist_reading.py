"""What is wanted of one playlist, and what came of reading it."""

from __future__ import annotations

from dataclasses import dataclass

from strandline.core.remote import (
    ItemKind,
    KnownPlaylist,
    ReadPlaylist,
    RemoteItem,
    RemotePlaylist,
)
from strandline.errors import TidalAnswerError, UnreachableError
from strandline.tidal.endings import answers_changed
from strandline.tidal.refusals import RefusedError, Scope


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """A playlist that is to be read: as it is listed, and as it is known."""

    listed: RemotePlaylist
    known: KnownPlaylist | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """A playlist as it was read, and the error that ended the reading, if one did."""

    read: ReadPlaylist
    failed: UnreachableError | None = None
    refused: RefusedError | None = None
    """Instead of its items."""

    @property
    def outage(self) -> bool:
        """TIDAL was not there, as opposed to: it answered something odd."""
        return self.failed is not None and not isinstance(self.failed, TidalAnswerError)


def refusal_reason(error: RefusedError) -> str:
    """Why a playlist was not read. One that is listed and yet not found is a blip."""
    if error.scope is Scope.PROTOCOL:
        return answers_changed(error).message.removesuffix(".")
    if error.status == 404:
        return "TIDAL lists it but does not find it (HTTP 404)"
    return error.message


def unread_reason(items: tuple[RemoteItem, ...]) -> str | None:
    """Why what was read is not the whole playlist, if some of it is not understood."""
    bad = sum(item.kind is ItemKind.UNKNOWN for item in items)
    return f"{bad} of {len(items)} items could not be read" if bad else None
