"""A replica that lags: old answers, whole and consistent in themselves, as TIDAL gives them."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

from strandline.demo.routes import look_up

if TYPE_CHECKING:
    from strandline.demo.account import Account
    from strandline.demo.faults import Effect
    from strandline.demo.http import Answer, Request


def lagging(account: Account) -> Effect:
    """Answers of the account as it is now, however it may change from here on.

    For ``Faults.on``: which paths, and how often, tells which questions reach the old replica.
    """
    old = frozen(account)

    def effect(request: Request, _answer: Answer) -> Answer:
        with old.lock:
            return look_up(old, request)

    return effect


def frozen(account: Account) -> Account:
    """A copy with playlists and folders of its own; tracks are the same ones."""
    with account.lock:
        old = copy.copy(account)
        old.answers, old.still = {}, False
        old.folders = {id: replace(folder) for id, folder in account.folders.items()}
        old.playlists = {
            uuid: replace(playlist, entries=[replace(entry) for entry in playlist.entries])
            for uuid, playlist in account.playlists.items()
        }
    return old
