"""Accounts of any size, metadata only: their audio is made if somebody asks for it."""

from __future__ import annotations

from itertools import count
from math import gcd
from typing import TYPE_CHECKING

from strandline.demo.account import Account
from strandline.demo.recordings import Clock, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from strandline.demo.model import Album, Track

_MOODS = ("Amber", "Brisk", "Cobalt", "Dusky", "Early", "Faded", "Golden", "Hollow", "Idle")
_PLACES = ("Harbour", "Attic", "Canal", "Depot", "Ferry", "Garage", "Hangar", "Jetty")
_ON_ALBUM = 10


def large_account(
    *, playlists: int, tracks: int, entries: int | None = None, clock: Clock = now
) -> Account:
    """An account in which every track stands somewhere, and none twice in one playlist.

    ``entries`` (by default as many as ``tracks``) are spread evenly, in an order that makes most
    tracks share playlists with ever different neighbours.
    """
    entries = tracks if entries is None else entries
    account = Account(clock=clock)
    pool = list(_albums(account, tracks))
    stride = _stride(tracks)
    ends = [entries * number // playlists for number in range(playlists + 1)]
    for number in range(playlists):
        places = range(ends[number], ends[number + 1])
        items = [pool[_shuffled(place, tracks, stride)] for place in places]
        account.playlist(f"{_name(number)} {number:04d}", items)
    return account


def _albums(account: Account, tracks: int) -> Iterator[Track]:
    """``tracks`` tracks, ten an album."""
    for first in range(0, tracks, _ON_ALBUM):
        names = (f"{_name(first * 7)} {first // _ON_ALBUM % 997:03d}",)
        album: Album | None = None
        for number in range(first, min(first + _ON_ALBUM, tracks)):
            title = f"{_name(number)} {number:06d}"
            track = account.track(title, names, album=album or f"Crate {first}")
            album = track.album
            yield track


def _name(number: int) -> str:
    return f"{_MOODS[number % len(_MOODS)]} {_PLACES[number // len(_MOODS) % len(_PLACES)]}"


def _shuffled(place: int, tracks: int, stride: int) -> int:
    """The first round takes the tracks in order, every later one in strides."""
    turn, at = divmod(place, tracks)
    return at if turn == 0 else (at * stride + turn) % tracks


def _stride(tracks: int) -> int:
    """Near the golden section of ``tracks`` and without a common divisor, so it visits all."""
    return next(step for step in count(max(1, int(tracks * 0.618))) if gcd(step, tracks) == 1)
