"""Which tier of a track to ask for next, by what came of the questions before. Pure.

TIDAL answers a tier with that tier, with a lower one, or with nothing that can be used (a preview,
something encrypted or in 5.1, a description that is not known, a refusal). Its logins differ in
what they get, and releases with a hi-res master may come lossless only when hi-res is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from strandline.core.quality import Tier


class TierAnswer(NamedTuple):
    """A question about one track, and what came of it."""

    asked: Tier
    got: Tier | None
    """None: nothing that can be used."""


class Wish(NamedTuple):
    """What a person wants of a track, and what TIDAL promises of it."""

    tier: Tier
    hires: bool | None = None
    """It has the tag HIRES_LOSSLESS; None where no tags are known."""


def next_tier(wish: Wish, heard: Sequence[TierAnswer], *, hires_first: bool = False) -> Tier | None:
    """What to ask for next; None when it would bring nothing better than what came already.

    ``hires_first``: in this run, HI_RES_LOSSLESS has brought what LOSSLESS did not.
    """
    best = max((it.got.rank for it in heard if it.got), default=-1)
    asked = {it.asked for it in heard}
    if best >= wish.tier.rank:
        return None
    for tier, last_resort in _order(wish, hires_first=hires_first):
        if tier not in asked and tier.rank > best and not (last_resort and best >= 0):
            return tier
    return None


def best_of(heard: Sequence[TierAnswer]) -> int | None:
    """The place of the best that came, the first of equals; None when nothing did."""
    came = [(-it.got.rank, at) for at, it in enumerate(heard) if it.got]
    return min(came)[1] if came else None


def proves_hires_first(heard: Sequence[TierAnswer]) -> bool:
    """LOSSLESS brought something lower, and HI_RES_LOSSLESS what it should have been."""
    got = {it.asked: it.got for it in heard}
    plain, fine = got.get(Tier.LOSSLESS), got.get(Tier.HI_RES_LOSSLESS)
    if plain is None or fine is None:
        return False
    return plain.rank < Tier.LOSSLESS.rank <= fine.rank


def _order(wish: Wish, *, hires_first: bool) -> Iterator[tuple[Tier, bool]]:
    """Tiers in the order of asking; True marks one above the wish, for when nothing else comes."""
    low, high, lossless, hires = Tier
    plain: tuple[Tier, ...]
    match wish.tier:
        case Tier.HI_RES_LOSSLESS:
            plain = (hires, lossless, high, low)
        case Tier.LOSSLESS if wish.hires and hires_first:
            plain = (hires, lossless, high, low)
        case Tier.LOSSLESS if wish.hires is not False:
            plain = (lossless, hires, high, low)
        case Tier.LOSSLESS:
            plain = (lossless, high, low)
        case Tier.HIGH:
            plain = (high, low)
        case _:
            plain = (low,)
    yield from ((tier, False) for tier in plain)
    above = (high, lossless) if wish.tier is low else (lossless,)
    yield from ((tier, True) for tier in above if tier not in plain)
